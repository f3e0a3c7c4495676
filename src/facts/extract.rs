//! One exchange becomes one [`Fact`]; what can matter keeps a [`Detail`].

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use aho_corasick::AhoCorasick;

use super::record::{Detail, Fact, Flags, HeadSeen, Line, Media, Outcome, TypedFact};
use super::short::hash;
use super::strings::StrId;
use super::{Facts, Known, body, issue, names, uses, written};
use crate::auth::url;
use crate::http::{Body, Coding, Exchange, Header, Headers, Observed, Seen, Text, Time, Why, parse_http_date};
use crate::provider;

/// Header values longer than this are cut.
const LONGEST_VALUE: usize = 16 * 1024;
/// Plain accepted calls that begin behind this byte keep no typed command: it says what their row says.
const TYPED: u64 = 1 << 20;
/// So many Authorization values are remembered.
const KNOWN: usize = 1024;

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
        header_ids: ids(x),
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

/// Request ids and trace ids of both heads: what a log on the way may show, too.
fn ids(x: &Exchange<'_>) -> Vec<u64> {
    let answered = x.response.iter().flat_map(|r| &r.headers.list);
    let mut out: Vec<u64> = Vec::new();
    for h in x.request.headers.list.iter().chain(answered) {
        let name = h.name.raw();
        let mut buffer = [0; names::LONGEST];
        let Some(name) = names::lowered(name, &mut buffer) else { continue };
        let upto = match name {
            "x-request-id" | "x-correlation-id" | "request-id" | "x-trace-id" | "x-b3-traceid" | "cf-ray"
            | "x-amzn-requestid" | "x-amz-cf-id" | "x-amzn-trace-id" | "x-datadog-trace-id" | "x-varnish" => None,
            "traceparent" => Some(('-', 1)),
            "x-cloud-trace-context" => Some(('/', 0)),
            "uber-trace-id" => Some((':', 0)),
            _ => continue,
        };
        let value = h.value.lossy();
        let value = value.trim();
        let own = upto.map_or(value, |(cut, nth)| value.split(cut).nth(nth).unwrap_or_default());
        let id = hash(own.as_bytes());
        if own.len() >= 6 && !out.contains(&id) {
            out.push(id);
        }
    }
    out
}

fn outcome(x: &Exchange<'_>) -> Outcome {
    match &x.response {
        Some(r) => r.status.filter(|s| *s >= 100).map_or(Outcome::Unknown, Outcome::Status),
        None => Outcome::None,
    }
}

/// The request head, while it is read.
#[derive(Default)]
struct Head<'x> {
    /// Lines that had to be built to find their credentials, by their number.
    lines: Vec<(usize, Line)>,
    agent: Cow<'x, str>,
    forwarded: Cow<'x, str>,
}

fn line(facts: &mut Facts, name: &Text<'_>, value: &Text<'_>) -> (Line, String) {
    let spelled = name.lossy();
    let lower = spelled.to_ascii_lowercase();
    let decoded = value.decoded();
    let kept = decoded.get(..LONGEST_VALUE).unwrap_or(&decoded);
    let exact = value.coding() == Coding::Plain || kept.len() == value.raw().len() && value.coding() != Coding::Made;
    let id = facts.strings.id(&lower);
    (Line::new(id, &spelled, kept, value.at(), exact), lower)
}

fn request_head<'x>(facts: &mut Facts, x: &'x Exchange<'_>, fact: &mut Fact, head: &mut Head<'x>) {
    let headers = &x.request.headers;
    fact.flags.sees_authorization = shows(headers, "authorization");
    fact.flags.sees_cookie = shows(headers, "cookie");
    fact.flags.sees_body = !matches!(x.request.body, Body::NotObserved(_)) && !body::hidden(&x.request.body);
    for (number, h) in headers.list.iter().enumerate() {
        let name = h.name.decoded();
        let mut buffer = [0; names::LONGEST];
        let Some(lower) = names::lowered(&name, &mut buffer) else { continue };
        match lower {
            "authorization" => {
                facts.redaction.saw_authorization = true;
                fact.flags.sees_authorization = true;
                authorization(facts, h, fact);
            }
            "proxy-authorization" | "cookie" | "x-amz-security-token" => carried(facts, h, number, fact, head),
            // Without a query there is nothing to hide.
            "referer" if memchr::memchr2(b'?', b'#', h.value.raw()).is_some() => carried(facts, h, number, fact, head),
            _ if names::credential_header(lower).is_some() => carried(facts, h, number, fact, head),
            _ => flag(facts, lower, &h.value, fact, head),
        }
    }
    let method = method(x.request.method.lossy());
    let asks = headers.get("access-control-request-method").present().is_some();
    fact.flags.preflight = method == "OPTIONS" && asks && headers.get("origin").present().is_some();
    match x.resource.raw() {
        b"document" => fact.flags.navigation = true,
        b"xhr" | b"fetch" => fact.flags.script = true,
        b"image" | b"stylesheet" | b"script" | b"font" | b"media" => fact.flags.asset = true,
        _ => {}
    }
    fact.flags.from_cache = x.from_cache;
    fact.flags.certificate |=
        x.certificate || x.request.typed.as_ref().is_some_and(|t| t.flags.iter().any(certificate));
}

/// Whether an option of a typed command names a certificate to show: `--cert`, `-E` of curl, `--certificate` of wget.
fn certificate(flag: &Text<'_>) -> bool {
    match flag.raw() {
        [b'-', b'-', long @ ..] => {
            matches!(long, b"cert" | b"certificate") || long.starts_with(b"cert=") || long.starts_with(b"certificate=")
        }
        // The last of a bundle: it takes a value.
        [b'-', .., last] => *last == b'E',
        _ => false,
    }
}

/// Whether a Referer names another origin and holds a secret.
fn foreign_secret(facts: &Facts, l: &Line, fact: &Fact) -> bool {
    let secret = l.marks.iter().any(|m| uses::passes_for_login(m.kind));
    secret && url::parse_url(&l.text()).origin() != facts.strings.get(fact.origin)
}

/// The Authorization header: the same value comes again and again, and is read once.
fn authorization(facts: &mut Facts, h: &Header<'_>, fact: &mut Fact) {
    let known = authorization_of(facts, h);
    fact.uses.extend_from_slice(&known.uses);
    if known.masked {
        fact.flags.masked = true;
        facts.redaction.masks = true;
    }
}

fn authorization_of(facts: &mut Facts, h: &Header<'_>) -> Arc<Known> {
    let decoded = h.value.decoded();
    let value = decoded.get(..LONGEST_VALUE).unwrap_or(&decoded);
    if let Some(known) = facts.known.get(value) {
        return known.clone();
    }
    let mut l = Line::new(facts.strings.id("authorization"), "", value, h.value.at(), true);
    let mut known = Known { masked: uses::masked(value), ..Known::default() };
    uses::header(facts, &mut l, "authorization", &mut known.uses);
    known.marks = l.marks;
    if facts.known.len() >= KNOWN {
        facts.known.clear();
    }
    let known = Arc::new(known);
    facts.known.insert(value.into(), known.clone());
    known
}

/// A header that carries a credential of another kind.
fn carried(facts: &mut Facts, h: &Header<'_>, number: usize, fact: &mut Fact, head: &mut Head<'_>) {
    let (mut l, lower) = line(facts, &h.name, &h.value);
    if lower == "cookie" {
        facts.redaction.saw_cookie = true;
        fact.flags.sees_cookie = true;
    }
    if !matches!(&*lower, "proxy-authorization" | "x-amz-security-token" | "referer") && uses::masked(l.bytes()) {
        fact.flags.masked = true;
        facts.redaction.masks = true;
    }
    uses::header(facts, &mut l, &lower, &mut fact.uses);
    fact.flags.secret_referer |= lower == "referer" && foreign_secret(facts, &l, fact);
    head.lines.push((number, l));
}

/// All lines of a request head, their secrets marked.
fn request_lines(facts: &mut Facts, x: &Exchange<'_>, head: Head<'_>) -> Vec<Line> {
    let mut built = head.lines.into_iter().peekable();
    let mut out = Vec::with_capacity(x.request.headers.list.len());
    for (number, h) in x.request.headers.list.iter().enumerate() {
        if let Some((_, l)) = built.next_if(|(n, _)| *n == number) {
            out.push(l);
            continue;
        }
        let (mut l, lower) = line(facts, &h.name, &h.value);
        if lower == "authorization" {
            l.marks.clone_from(&authorization_of(facts, h).marks);
        } else {
            uses::header(facts, &mut l, &lower, &mut Vec::new());
        }
        out.push(l);
    }
    out
}

/// A line without a colon may hold a token: in one that begins with a credential's header every word but a scheme.
fn mark_odd(facts: &mut Facts, l: &mut Line) {
    let bytes = l.bytes().to_vec();
    let first = bytes.split(|b| matches!(b, b' ' | b'=' | b':')).next().unwrap_or_default();
    let name = String::from_utf8_lossy(first).trim_matches(['"', '\'']).to_ascii_lowercase();
    let carries = name == "authorization" || name == "cookie" || names::credential_header(&name).is_some();
    let mut start = 0;
    for word in bytes.split(|b| *b == b' ' || *b == b'=' || *b == b':') {
        let range = start..start + word.len();
        start += word.len() + 1;
        let text = String::from_utf8_lossy(word);
        let behind = range.start > first.len() && word.len() >= 6 && !written::is_scheme(word);
        if carries && behind || crate::auth::token::looks_like_token(text.trim_matches(['"', '\''])) {
            uses::mark(facts, l, range, super::Kind::Token);
        }
    }
}

fn shows(headers: &Headers<'_>, name: &str) -> bool {
    headers.seen.shows(name)
}

/// What one request header says about the exchange and the recorder.
fn flag<'x>(facts: &Facts, lower: &str, value: &'x Text<'_>, fact: &mut Fact, head: &mut Head<'x>) {
    let f = &mut fact.flags;
    match lower {
        "user-agent" => {
            head.agent = value.lossy();
            f.browser |= head.agent.starts_with("Mozilla/");
        }
        "x-forwarded-for" => head.forwarded = value.lossy(),
        "accept" => f.wants_json = value.lossy().contains("json"),
        "origin" => f.cross_origin = !value.lossy().eq_ignore_ascii_case(facts.strings.get(fact.origin)),
        "sec-fetch-mode" => match &*value.decoded() {
            b"navigate" => f.navigation = true,
            b"cors" | b"same-origin" | b"no-cors" => f.script = true,
            _ => {}
        },
        "sec-fetch-dest" => match &*value.decoded() {
            b"image" | b"style" | b"script" | b"font" => f.asset = true,
            _ => {}
        },
        "x-requested-with" => f.script = true,
        "x-forwarded-proto"
        | "x-forwarded-protocol"
        | "x-forwarded-scheme"
        | "x-url-scheme"
        | "cloudfront-forwarded-proto"
        | "forwarded"
        | "cf-visitor" => f.behind_tls |= value.lossy().to_ascii_lowercase().contains("https"),
        "x-forwarded-ssl" | "front-end-https" => f.behind_tls |= value.lossy().eq_ignore_ascii_case("on"),
        "x-arr-ssl" => f.behind_tls = true,
        // What a proxy that ends TLS tells of the client's certificate (Envoy, Azure, nginx, Traefik, ALB, GCP).
        "x-forwarded-client-cert"
        | "x-arr-clientcert"
        | "x-client-cert"
        | "x-client-certificate"
        | "x-ssl-client-cert"
        | "x-ssl-client-s-dn"
        | "x-ssl-client-subject-dn"
        | "x-ssl-client-dn"
        | "ssl-client-cert"
        | "ssl-client-subject-dn"
        | "client-cert"
        | "x-forwarded-tls-client-cert"
        | "x-forwarded-tls-client-cert-info"
        | "x-amzn-mtls-clientcert"
        | "x-amzn-mtls-clientcert-subject"
        | "x-amzn-mtls-clientcert-leaf" => f.certificate |= !matches!(value.raw(), b"" | b"-" | b"(null)" | b"NONE"),
        _ => {}
    }
}

/// What the answer's head says; whether it holds a header that must be kept.
fn response_head(facts: &mut Facts, x: &Exchange<'_>, fact: &mut Fact) -> bool {
    let Some(r) = &x.response else { return false };
    fact.flags.sees_response = !matches!(r.headers.seen, Seen::None(_));
    fact.flags.sees_set_cookie = shows(&r.headers, "set-cookie");
    fact.flags.sees_answer = !matches!(r.body, Body::NotObserved(_)) && !body::hidden(&r.body);
    let mut cached = x.from_cache || r.status == Some(304);
    let mut told = false;
    for h in &r.headers.list {
        let name = h.name.decoded();
        let mut buffer = [0; names::LONGEST];
        let Some(lower) = names::lowered(&name, &mut buffer) else { continue };
        match lower {
            "date" => fact.date = date(facts, &h.value),
            "age" => cached |= h.value.lossy().trim().parse::<u64>().is_ok_and(|a| a > 0),
            "x-cache" => cached |= h.value.lossy().to_ascii_lowercase().starts_with("hit"),
            "server" => fact.server = facts.strings.id(&h.value.lossy()),
            "access-control-allow-origin" => fact.flags.allows_origin = true,
            "content-type" => fact.media = media(&h.value.lossy()),
            "set-cookie" => {
                facts.redaction.saw_set_cookie = true;
                told = true;
            }
            "www-authenticate" | "authorization" | "x-auth-token" | "x-subject-token" | "x-access-token"
            | "access-token" | "x-csrf-token" | "proxy-authenticate" => told = true,
            _ => {}
        }
    }
    if cached {
        fact.date = None;
    }
    told
}

/// A `Date`; neighbours have the same one.
fn date(facts: &mut Facts, value: &Text<'_>) -> Option<Time> {
    let text = value.decoded();
    if *text != *facts.last_date.0 {
        facts.last_date = (text.to_vec(), parse_http_date(&String::from_utf8_lossy(&text)));
    }
    facts.last_date.1
}

fn media(content_type: &str) -> Media {
    let t = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match t.as_str() {
        t if t.ends_with("json") => Media::Json,
        "text/html" | "application/xhtml+xml" => Media::Html,
        t if t.ends_with("xml") => Media::Xml,
        t if t.starts_with("text/") => Media::Text,
        t if t.starts_with("image/")
            || t.starts_with("font/")
            || t.starts_with("video/")
            || t == "application/octet-stream" =>
        {
            Media::Binary
        }
        "application/x-www-form-urlencoded" => Media::Form,
        _ => Media::Unknown,
    }
}

fn actor(facts: &mut Facts, x: &Exchange<'_>, head: &Head<'_>) -> StrId {
    let own = x.actor.lossy();
    if x.side == crate::http::Side::Client {
        return facts.strings.id(&own);
    }
    let mut whole = std::mem::take(&mut facts.scratch);
    whole.clear();
    for (part, behind) in [(&own, "\t"), (&head.agent, "\t"), (&head.forwarded, "")] {
        whole.push_str(part);
        whole.push_str(behind);
    }
    let id = facts.strings.id(&whole);
    facts.scratch = whole;
    id
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

/// Methods are case-sensitive, but some recorders write the lower case of a client's option for what is sent in capitals
/// (the Fetch standard normalises these, "normalize a method").
fn method(written: Cow<'_, str>) -> Cow<'_, str> {
    const KNOWN: [&str; 7] = ["get", "post", "put", "delete", "head", "options", "patch"];
    if KNOWN.contains(&&*written) { written.to_ascii_uppercase().into() } else { written }
}

/// Whether more than the row is worth keeping.
fn matters(facts: &Facts, x: &Exchange<'_>, fact: &Fact, path: &str, query: &[super::Field]) -> bool {
    let code = fact.outcome.code();
    if code >= 400 || fact.outcome == Outcome::None || fact.outcome == Outcome::Unknown || fact.flags.preflight {
        return true;
    }
    let typed = x.request.typed.is_some() && x.at.start < TYPED;
    if (300..400).contains(&code) && code != 304 || typed || !x.request.headers.odd.is_empty() {
        return true;
    }
    if fact.flags.secret_referer || names::auth_path(path) {
        return true;
    }
    if query.iter().any(|f| !f.line.marks.is_empty() || names::flow_parameter(&f.path)) {
        return true;
    }
    if fact.uses.iter().any(|u| matches!(u.place, super::Place::Query(_) | super::Place::Userinfo | super::Place::Path))
    {
        return true;
    }
    // The count of a Digest nonce is held against its last use.
    let digest =
        |u: &super::Use| u.kind == super::Kind::Signature && facts.strings.get(u.scheme).eq_ignore_ascii_case("digest");
    if fact.uses.iter().any(digest) {
        return true;
    }
    let refused = |r: &crate::http::Response<'_>| {
        let grpc = |h: &Header<'_>| h.name.raw().eq_ignore_ascii_case(b"grpc-status");
        r.headers.list.iter().any(|h| grpc(h) && h.value.raw() != b"0")
    };
    if x.response.as_ref().is_some_and(refused) {
        return true;
    }
    let answer = |r: &crate::http::Response<'_>| fact.media != Media::Binary && body_hints(&r.body, &ANSWER);
    body_hints(&x.request.body, &REQUEST) || x.response.as_ref().is_some_and(answer)
}

const REQUEST_HINTS: &[&[u8]] = &[
    b"grant_type",
    b"client_secret",
    b"password",
    b"uthorization",
    b"refresh",
    b"assertion",
    b"access_token",
    b"\"token",
    b"api_key",
    b"passwd",
];
const ANSWER_HINTS: &[&[u8]] = &[
    b"access_token",
    b"accessToken",
    b"AccessToken",
    b"access-token",
    b"id_token",
    b"idToken",
    b"refresh",
    b"token\"",
    b"token\\\"",
    b"Token\"",
    b"Token\\\"",
    b"jwt",
    b"JWT",
    b"session",
    b"api_key",
    b"apiKey",
    b"\"error",
    b"\\\"error",
    b"\"errors",
    b"UNAUTHENTICATED",
    b"FORBIDDEN",
    b"\":401",
    b"\": 401",
    b"type=\"password",
    b"type=\\\"password",
];

static REQUEST: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(REQUEST_HINTS).ok());
static ANSWER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(ANSWER_HINTS).ok());

fn body_hints(body: &Body<'_>, hints: &LazyLock<Option<AhoCorasick>>) -> bool {
    match body {
        Body::Text { text, .. } => {
            if text.coding() == Coding::JsonBase64 {
                return text.raw().len() < 8 * 1024;
            }
            let head = text.raw().get(..body::LONGEST).unwrap_or(text.raw());
            hints.as_ref().is_none_or(|h| h.is_match(head))
        }
        Body::Pairs(_) => true,
        Body::Absent | Body::NotObserved(_) => false,
    }
}

fn detail(facts: &mut Facts, x: &Exchange<'_>, fact: &mut Fact, d: &mut Detail, parsed: &url::Url<'_>) {
    if let Some(range) = parsed.fragment_at() {
        let bytes = d.url.bytes().get(range.clone()).unwrap_or_default().to_vec();
        let text = Text::made(bytes.clone(), d.url.at);
        d.fragment = body::form_fields(facts, &bytes, &text);
        let mut none = Vec::new();
        uses::query(facts, &mut d.fragment, &mut d.url, range.start, &mut none);
    }
    d.request_seen = seen(&x.request.headers.seen);
    let declared = declared(&d.request, facts);
    d.body = body::read(facts, &x.request.body, declared.as_deref(), false);
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
    d.typed = x.request.typed.as_ref().map(|t| typed(facts, t));
    d.failure = x.failure.as_ref().map(|f| line(facts, &Text::default(), f).0);
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
    d.answer = body::read(facts, &r.body, declared.as_deref(), true);
    d.answer_lack = lack(&r.body);
    if let Some(a) = &mut d.answer {
        if matches!(fact.media, Media::Unknown | Media::Text) || a.media == Media::Html {
            fact.media = a.media;
        }
        issue::body(facts, a, &mut issues);
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

fn typed(facts: &mut Facts, t: &crate::http::TypedCommand<'_>) -> TypedFact {
    let mut headers = Vec::new();
    for h in &t.headers {
        let (mut l, _) = line(facts, &Text::default(), h);
        let shown = l.text().into_owned();
        match shown.split_once(':') {
            Some((name, _)) => mark_typed(facts, &mut l, &name.trim().to_ascii_lowercase(), name.len() + 1),
            None => mark_odd(facts, &mut l),
        }
        headers.push(l);
    }
    let flags = t.flags.iter().map(|f| f.lossy().as_ref().into()).collect();
    let lost = t.lost.as_ref().map(|l| l.lossy().as_ref().into());
    TypedFact { at: t.at, program: t.program.lossy().as_ref().into(), headers, flags, lost }
}

/// Marks the secret of a typed `Name: value` where its value begins at `from`.
fn mark_typed(facts: &mut Facts, l: &mut Line, lower: &str, from: usize) {
    let bytes = l.bytes().to_vec();
    let tail = bytes.get(from..).unwrap_or_default();
    let skip = from + tail.len() - tail.trim_ascii_start().len();
    let mut value = Line::new(facts.strings.id(lower), "", bytes.get(skip..).unwrap_or_default(), l.at, false);
    let mut none = Vec::new();
    uses::header(facts, &mut value, lower, &mut none);
    l.marks.extend(value.marks.into_iter().map(|mut m| {
        m.range = m.range.start + skip..m.range.end + skip;
        m
    }));
}

impl Flags {
    /// A request that an API client or a script sent, not a page, an image or a script file.
    pub fn api_like(&self) -> bool {
        !self.asset && !self.navigation && (self.script || self.wants_json || !self.browser)
    }
}
