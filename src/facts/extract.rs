//! One exchange becomes one [`Fact`]; what can matter keeps a [`Detail`].

use std::borrow::Cow;

use super::detail::{Detail, HeadSeen};
use super::heads::{Head, actor, line, mark_odd, method, request_head, request_lines, response_head};
use super::matters::matters;
use super::record::{Fact, Flags, Line, Media, Outcome};
use super::short::hash;
use super::strings::StrId;
use super::typed::typed;
use super::{Facts, body, issue, names, uses, written};
use crate::auth::url;
use crate::http::{Body, Coding, Exchange, Observed, Seen, Text, Why};
use crate::provider;

/// The record of an exchange.
///
/// Most exchanges are accepted and carry nothing but a credential: for them no line is built, and what was met a moment
/// ago (an Authorization value, a date) is not read again.
pub(crate) fn fact(facts: &mut Facts, x: &Exchange<'_>) -> Fact {
    facts.values.forget_touched();
    let text = x.request.url.lossy();
    let parsed = url::parse_url(&text);
    let method = method(x.request.method.lossy());
    let path = parsed.path();
    let mut scratch = std::mem::take(&mut facts.scratch);
    parsed.origin_into(&mut scratch);
    let origin = facts.strings.id(&scratch);
    scratch.clear();
    scratch.push_str(&method);
    scratch.push(' ');
    url::path_shape_into(path, &mut scratch);
    let route = facts.strings.id(&scratch);
    facts.scratch = scratch;
    let mut fact = Fact {
        id: facts.list.len() as u32,
        at: x.at,
        method: facts.strings.id(&method),
        origin,
        path: facts.strings.id(path),
        route,
        url_hash: hash(text.split('#').next().unwrap_or_default().as_bytes()),
        outcome: outcome(x),
        start: x.request.started,
        duration: x.request.duration.unwrap_or(0).max(0),
        join: x.join.as_ref().map_or(0, |j| hash(&j.decoded())),
        side: x.side,
        origin_of_lines: x.origin,
        ..Fact::default()
    };
    let mut head = Head::default();
    request_head(facts, x, &mut fact, &mut head);
    let told = response_head(facts, x, &mut fact);
    fact.actor = actor(facts, x, &head);
    let bare = parsed.query_at().is_none() && parsed.userinfo_at().is_none() && names::secret_in_path(path).is_none();
    if bare && !told && !matters(facts, x, &fact, path, &[]) {
        return fact;
    }
    let mut url_line =
        Line::new(StrId::default(), "", text.as_bytes(), x.request.url.at(), x.request.url.coding() == Coding::Plain);
    let query = query_fields(facts, &parsed, &mut url_line, &mut fact);
    if !told && !matters(facts, x, &fact, path, &query) {
        return fact;
    }
    let mut d = Detail { url: url_line, query, ..Detail::default() };
    d.request = request_lines(facts, x, head);
    for odd in &x.request.headers.odd {
        let (mut l, _) = line(facts, &Text::default(), odd);
        mark_odd(facts, &mut l);
        d.odd.push(l);
    }
    detail(facts, x, &mut fact, &mut d, &parsed);
    d.secrets = facts.values.take_touched();
    fact.detail = Some(Box::new(d));
    fact
}

fn outcome(x: &Exchange<'_>) -> Outcome {
    match &x.response {
        Some(r) => r.status.filter(|s| *s >= 100).map_or(Outcome::Unknown, Outcome::Status),
        None => Outcome::None,
    }
}

fn query_fields(facts: &mut Facts, parsed: &url::Url<'_>, url: &mut Line, fact: &mut Fact) -> Vec<super::Field> {
    if let Some(info) = parsed.userinfo_at() {
        let secret = url.bytes().get(info.clone()).map(<[u8]>::len).unwrap_or(0);
        let kind = super::Kind::Password;
        if let Some(value) = (secret > 0).then(|| uses::mark(facts, url, info, kind)).flatten() {
            fact.uses.push(super::Use {
                value,
                kind,
                place: super::Place::Userinfo,
                scheme: StrId::default(),
                odd: false,
            });
        }
    }
    if let Some(found) = names::secret_in_path(parsed.path()) {
        uses::path(
            facts,
            parsed.path_at().start + found.start..parsed.path_at().start + found.end,
            url,
            &mut fact.uses,
        );
    }
    let Some(range) = parsed.query_at() else { return Vec::new() };
    let bytes = url.bytes().get(range.clone()).unwrap_or_default().to_vec();
    let at = url.at.start + range.start as u64;
    let text = if url.exact { Text::plain(&bytes, at) } else { Text::made(bytes.clone(), url.at) };
    let mut fields = body::form_fields(facts, &bytes, &text);
    uses::query(facts, &mut fields, url, range.start, &mut fact.uses);
    fields
}

fn detail(facts: &mut Facts, x: &Exchange<'_>, fact: &mut Fact, d: &mut Detail, parsed: &url::Url<'_>) {
    if let Some(range) = parsed.fragment_at() {
        let bytes = d.url.bytes().get(range.clone()).unwrap_or_default().to_vec();
        let text = Text::made(bytes.clone(), d.url.at);
        d.fragment = body::form_fields(facts, &bytes, &text);
        let mut none = super::Uses::new();
        uses::query(facts, &mut d.fragment, &mut d.url, range.start, &mut none);
    }
    d.request_seen = seen(&x.request.headers.seen);
    let declared = declared(&d.request, facts);
    d.body = body::read(facts, &x.request.body, declared.as_deref(), false).map(Box::new);
    d.body_lack = lack(&x.request.body);
    if body::hidden(&x.request.body) {
        facts.redaction.masks = true;
    }
    if let Some(b) = &mut d.body {
        super::signed::hash(facts, &x.request.body, &d.request, &d.query, b);
        let fields = std::mem::take(&mut b.fields);
        uses::fields(facts, &fields, &mut fact.uses);
        b.fields = fields;
    }
    d.typed = x.request.typed.as_ref().map(|t| Box::new(typed(facts, t)));
    d.failure = x.failure.as_ref().map(|f| Box::new(line(facts, &Text::default(), f).0));
    let Some(r) = &x.response else { return };
    d.status_at = r.status_at;
    d.reason = r.reason.lossy().as_ref().into();
    d.response_seen = seen(&r.headers.seen);
    answer(facts, r, fact, d);
}

fn answer(facts: &mut Facts, r: &crate::http::Response<'_>, fact: &mut Fact, d: &mut Detail) {
    let mut issues = Vec::new();
    for h in &r.headers.list {
        let (mut l, lower) = line(facts, &h.name, &h.value);
        issue::header(facts, &mut l, &lower, &mut issues);
        if lower == "www-authenticate" {
            written::text(facts, l.bytes());
        }
        d.response.push(l);
    }
    let declared = declared(&d.response, facts);
    d.answer = body::read(facts, &r.body, declared.as_deref(), true).map(Box::new);
    d.answer_lack = lack(&r.body);
    if let Some(a) = &mut d.answer {
        if matches!(fact.media, Media::Unknown | Media::Text) || a.media == Media::Html {
            fact.media = a.media;
        }
        issue::body(facts, a, &mut issues);
        issue::whole(facts, a, &mut issues);
    }
    d.issues = issues;
    let status = fact.outcome.code();
    if status == 0 || status >= 300 || d.answer.as_ref().is_some_and(|a| a.len < 4096) {
        d.hits = hits(r, d, facts);
    }
}

/// Runs the message table over the challenges and the body.
fn hits(r: &crate::http::Response<'_>, d: &Detail, facts: &Facts) -> Vec<provider::Hit> {
    let mut out = Vec::new();
    let refused = r.status.is_some_and(|s| s >= 400);
    if let Body::Text { text, .. } = &r.body {
        let all = text.decoded();
        let head = all.get(..body::LONGEST).unwrap_or(&all);
        out.extend(provider::scan(&plain_words(head, d), provider::Where::Body));
    }
    // Some servers say it in the status line alone (Proxmox VE: `401 permission denied - invalid PVE ticket`).
    let told = r.reason.lossy();
    let code = r.status.unwrap_or_default();
    if refused && !matches!(code, 407 | 511) && told.split_whitespace().count() >= 3 && out.is_empty() {
        out.extend(provider::scan(&told, provider::Where::Body));
    }
    for l in &d.response {
        let name = facts.strings.get(l.name);
        if matches!(name, "www-authenticate" | "proxy-authenticate") {
            out.extend(provider::scan(&l.text(), provider::Where::Challenge));
        } else if refused || name.starts_with("x-") || name == "retry-after" || name == "location" {
            let shown = format!("{name}: {}", l.text());
            out.extend(provider::scan(&shown, provider::Where::Header));
        }
    }
    out
}

/// JSON texts are matched with their escapes undone, so that quotes within messages do not matter.
fn plain_words<'b>(head: &'b [u8], d: &Detail) -> Cow<'b, str> {
    let json = d.answer.as_ref().is_some_and(|a| a.media == Media::Json);
    if json && memchr::memchr(b'\\', head).is_some() {
        let text = Text::json(head, 0);
        return Cow::Owned(text.lossy().into_owned());
    }
    String::from_utf8_lossy(head)
}

fn seen(s: &Seen) -> HeadSeen {
    match s {
        Seen::All => HeadSeen::All,
        Seen::Named(names) => HeadSeen::Only(names.iter().map(|n| (*n).into()).collect()),
        Seen::Listed(names) => HeadSeen::Only(names.to_vec()),
        Seen::None(why) => HeadSeen::None(Some(*why)),
    }
}

fn lack(b: &Body<'_>) -> Option<Observed<()>> {
    match b {
        Body::Text { .. } if body::hidden(b) => Some(Observed::NotObserved(Why::Redacted)),
        Body::Absent => Some(Observed::Absent),
        Body::NotObserved(why) => Some(Observed::NotObserved(*why)),
        _ => None,
    }
}

fn declared(lines: &[Line], facts: &Facts) -> Option<String> {
    let line = lines.iter().find(|l| facts.strings.get(l.name) == "content-type")?;
    let text = line.text();
    Some(text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
}

impl Flags {
    /// A request that an API client or a script sent, not a page, an image or a script file.
    pub fn api_like(&self) -> bool {
        !self.asset && !self.navigation && (self.script || self.wants_json || !self.browser)
    }
}
