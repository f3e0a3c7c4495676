//! The heads of a request and its answer: lines, credentials, what they say of client and server.

use std::borrow::Cow;
use std::sync::Arc;

use super::meaning::{Asks, Meaning, Tells};
use super::record::{Fact, Line, Media};
use super::short::hash;
use super::strings::StrId;
use super::{Facts, Known, body, names, uses, written};
use crate::auth::url;
use crate::http::{Body, Coding, Exchange, Header, Headers, Seen, Text, Time, parse_http_date};

/// Header values longer than this are cut.
const LONGEST_VALUE: usize = 16 * 1024;

/// So many Authorization values are remembered.
const KNOWN: usize = 1024;

/// The request head, while it is read.
#[derive(Default)]
pub(super) struct Head<'x> {
    /// Lines that had to be built to find their credentials, by their number.
    lines: Vec<(usize, Line)>,
    agent: Cow<'x, str>,
    forwarded: Cow<'x, str>,
}

pub(super) fn line(facts: &mut Facts, name: &Text<'_>, value: &Text<'_>) -> (Line, String) {
    let spelled = name.lossy();
    let lower = spelled.to_ascii_lowercase();
    let decoded = value.decoded();
    let kept = decoded.get(..LONGEST_VALUE).unwrap_or(&decoded);
    let exact = value.coding() == Coding::Plain || kept.len() == value.raw().len() && value.coding() != Coding::Made;
    let id = facts.strings.id(&lower);
    (Line::new(id, &spelled, kept, value.at(), exact), lower)
}

pub(super) fn request_head<'x>(facts: &mut Facts, x: &'x Exchange<'_>, fact: &mut Fact, head: &mut Head<'x>) {
    let headers = &x.request.headers;
    fact.flags.sees_authorization = shows(headers, "authorization");
    fact.flags.sees_cookie = shows(headers, "cookie");
    fact.flags.sees_body = !matches!(x.request.body, Body::NotObserved(_)) && !body::hidden(&x.request.body);
    for (number, h) in headers.list.iter().enumerate() {
        let meaning = facts.meanings.of(&h.name.decoded());
        request_id(meaning, &h.value, fact);
        match meaning.asks {
            Asks::Nothing => {}
            Asks::Authorization => {
                facts.redaction.saw_authorization = true;
                fact.flags.sees_authorization = true;
                authorization(facts, h, fact);
            }
            Asks::Carries => carried(facts, h, number, fact, head),
            // Without a query there is nothing to hide.
            Asks::Referer if memchr::memchr2(b'?', b'#', h.value.raw()).is_none() => {}
            Asks::Referer => carried(facts, h, number, fact, head),
            Asks::Session => session(facts, h, number, fact, head),
            other => flag(facts, other, &h.value, fact, head),
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

/// What may be a session in a header of another name: [`uses::sessions`] decides at the end, when all answers are known.
fn session(facts: &mut Facts, h: &Header<'_>, number: usize, fact: &mut Fact, head: &mut Head<'_>) {
    let (mut l, _) = line(facts, &h.name, &h.value);
    uses::key_line(facts, &mut l, super::Kind::Token, &mut fact.uses);
    head.lines.push((number, l));
}

/// All lines of a request head, their secrets marked.
pub(super) fn request_lines(facts: &mut Facts, x: &Exchange<'_>, head: Head<'_>) -> Vec<Line> {
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
            uses::header(facts, &mut l, &lower, &mut super::Uses::new());
        }
        out.push(l);
    }
    out
}

/// A line without a colon may hold a token: in one that begins with a credential's header every word but a scheme.
pub(super) fn mark_odd(facts: &mut Facts, l: &mut Line) {
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

pub(super) fn shows(headers: &Headers<'_>, name: &str) -> bool {
    headers.seen.shows(name)
}

/// What one request header says about the exchange and the recorder.
fn flag<'x>(facts: &Facts, asks: Asks, value: &'x Text<'_>, fact: &mut Fact, head: &mut Head<'x>) {
    let f = &mut fact.flags;
    match asks {
        Asks::Agent => {
            head.agent = value.lossy();
            f.browser |= head.agent.starts_with("Mozilla/");
        }
        Asks::Forwarded => head.forwarded = value.lossy(),
        Asks::Accept => f.wants_json = value.lossy().contains("json"),
        Asks::Origin => f.cross_origin = !value.lossy().eq_ignore_ascii_case(facts.strings.get(fact.origin)),
        Asks::FetchMode => match &*value.decoded() {
            b"navigate" => f.navigation = true,
            b"cors" | b"same-origin" | b"no-cors" => f.script = true,
            _ => {}
        },
        Asks::FetchDest => match &*value.decoded() {
            b"image" | b"style" | b"script" | b"font" => f.asset = true,
            _ => {}
        },
        Asks::Script => f.script = true,
        Asks::Scheme => f.behind_tls |= value.lossy().to_ascii_lowercase().contains("https"),
        Asks::Ssl => f.behind_tls |= value.lossy().eq_ignore_ascii_case("on"),
        Asks::BehindTls => f.behind_tls = true,
        Asks::Certificate => f.certificate |= !matches!(value.raw(), b"" | b"-" | b"(null)" | b"NONE"),
        Asks::Authorization | Asks::Carries | Asks::Referer | Asks::Session | Asks::Nothing => {}
    }
}

/// Keeps a request id or a trace id: a log on the way may show it, too.
fn request_id(meaning: Meaning, value: &Text<'_>, fact: &mut Fact) {
    let Some(cut) = meaning.id else { return };
    let value = value.lossy();
    let own = cut.of(value.trim());
    let id = hash(own.as_bytes());
    if own.len() >= 6 && !fact.header_ids.contains(&id) {
        fact.header_ids.push(id);
    }
}

/// What the answer's head says; whether it holds a header that must be kept.
pub(super) fn response_head(facts: &mut Facts, x: &Exchange<'_>, fact: &mut Fact) -> bool {
    let Some(r) = &x.response else { return false };
    fact.flags.sees_response = !matches!(r.headers.seen, Seen::None(_));
    fact.flags.sees_set_cookie = shows(&r.headers, "set-cookie");
    fact.flags.sees_answer = !matches!(r.body, Body::NotObserved(_)) && !body::hidden(&r.body);
    let mut cached = x.from_cache || r.status == Some(304);
    let mut told = false;
    for h in &r.headers.list {
        let meaning = facts.meanings.of(&h.name.decoded());
        request_id(meaning, &h.value, fact);
        match meaning.tells {
            Tells::Nothing => {}
            Tells::Date => fact.date = date(facts, &h.value),
            Tells::Age => cached |= h.value.lossy().trim().parse::<u64>().is_ok_and(|a| a > 0),
            Tells::Cache => cached |= h.value.lossy().to_ascii_lowercase().starts_with("hit"),
            Tells::Server => fact.server = facts.strings.id(&h.value.lossy()),
            Tells::AllowOrigin => fact.flags.allows_origin = true,
            Tells::ContentType => fact.media = media(&h.value.lossy()),
            Tells::SetCookie => {
                facts.redaction.saw_set_cookie = true;
                told = true;
            }
            Tells::Login => told = true,
            Tells::Grpc => told |= h.value.raw() != b"0",
        }
    }
    if cached {
        fact.date = None;
    }
    fact.flags.unreadable = fact.flags.browser && fact.flags.cross_origin && fails_cors_check(x, r, fact);
    told
}

/// The CORS check of the Fetch standard over an answer to a page's script.
fn fails_cors_check(x: &Exchange<'_>, r: &crate::http::Response<'_>, fact: &Fact) -> bool {
    let asked = |name: &str| x.request.headers.get(name).present().map(|h| h.value.lossy());
    let told = |name: &str| r.headers.get(name).present().map(|h| h.value.lossy());
    // Extensions and apps are not held to it; fonts and images are no calls.
    let Some(origin) = asked("origin").filter(|o| o.starts_with("http")) else { return false };
    let cors = asked("sec-fetch-mode").map_or(fact.flags.script, |mode| mode == "cors");
    if !cors || fact.flags.asset || fact.flags.preflight || !fact.flags.sees_response {
        return false;
    }
    // A script's cookies cross origins only in a call with credentials.
    let cookies = asked("cookie").is_some();
    match told("access-control-allow-origin").as_deref().map(str::trim) {
        Some("*") => cookies,
        Some(allowed) if allowed.eq_ignore_ascii_case(&origin) => {
            cookies && told("access-control-allow-credentials").is_none_or(|v| v.trim() != "true")
        }
        Some(_) => true,
        None => cookies && fact.media == Media::Json && matches!(x.request.method.raw(), b"GET"),
    }
}

/// A `Date`; neighbours have the same one.
fn date(facts: &mut Facts, value: &Text<'_>) -> Option<Time> {
    let text = value.decoded();
    if *text != *facts.last_date.0 {
        facts.last_date = (text.to_vec(), parse_http_date(&String::from_utf8_lossy(&text)));
    }
    facts.last_date.1
}

pub(super) fn media(content_type: &str) -> Media {
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

pub(super) fn actor(facts: &mut Facts, x: &Exchange<'_>, head: &Head<'_>) -> StrId {
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

/// Methods are case-sensitive, but some recorders write the lower case of a client's option for what is sent in capitals
/// (the Fetch standard normalises these, "normalize a method").
pub(super) fn method(written: Cow<'_, str>) -> Cow<'_, str> {
    const KNOWN: [&str; 7] = ["get", "post", "put", "delete", "head", "options", "patch"];
    if KNOWN.contains(&&*written) { written.to_ascii_uppercase().into() } else { written }
}
