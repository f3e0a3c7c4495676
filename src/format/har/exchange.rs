//! What an entry shows as an exchange: status, failure, and which bodies were observable.

use super::entry::{Answered, Asked, Entry, Stored};
use super::headers::Fields;
use crate::http::{Body, Coding, Exchange, Origin, Request, Response, Seen, Side, Span, Text, Time, Why, parse_iso};

/// The exchange of an entry; `None` if it has neither a request nor a response.
pub(super) fn exchange(e: Entry<'_>, at: Span) -> Option<Exchange<'_>> {
    if e.request.is_none() && e.response.is_none() {
        return None;
    }
    let asked = e.request.unwrap_or_default();
    let answered = e.response;
    let status = answered.as_ref().and_then(status);
    let from_cache = e.from_cache || answered.as_ref().is_some_and(|a| a.from_cache);
    let status_seen = answered.is_some();
    let words = answered.iter().map(|a| &a.failure).chain([&e.failure]).chain(answered.iter().map(|a| &a.reason));
    let failure = words.into_iter().find(|t| !t.is_empty()).cloned().unwrap_or_default();
    let failed = status.is_none() && status_seen;
    let head = asked.method.raw().eq_ignore_ascii_case(b"HEAD");
    Some(Exchange {
        at,
        request: request(
            asked,
            e.started.as_ref().and_then(started),
            duration(shorter(e.time, e.exchanged)),
            status.is_none() || from_cache,
        ),
        response: answered.and_then(|a| response(a, status, head)),
        failure: (failed && !failure.is_empty()).then_some(failure),
        status_seen,
        origin: Origin::Parsed,
        side: Side::Client,
        actor: e.page,
        join: None,
        from_cache,
        certificate: false,
        resource: lower(e.resource),
    })
}

/// A status that a server can have sent: 0 and -1 stand for no answer.
fn status(a: &Answered<'_>) -> Option<u16> {
    let n = a.status.filter(|n| (100.0..1000.0).contains(n))?;
    Some(n as u16)
}

fn request<'w>(a: Asked<'w>, started: Option<Time>, duration: Option<i64>, unanswered: bool) -> Request<'w> {
    let body = request_body(&a.method, a.post, a.body_size, &a.fields);
    let provisional = a.fields.provisional(unanswered);
    let mut headers = a.fields.into_headers();
    if provisional {
        headers.seen = Seen::None(Why::NotRecorded);
    }
    headers.list.extend(a.jar);
    Request { method: a.method, url: a.url, version: a.version, headers, body, started, duration, typed: None }
}

/// Without a status there is a response only if something of it was recorded.
fn response(a: Answered<'_>, status: Option<u16>, head: bool) -> Option<Response<'_>> {
    let shows = !a.fields.list.is_empty() || a.content.text.as_ref().is_some_and(|t| !t.is_empty());
    if status.is_none() && !shows {
        return None;
    }
    let body = response_body(a.content, a.body_size, &a.fields, head || matches!(status, Some(204 | 304)));
    Some(Response { status, status_at: a.status_at, reason: a.reason, headers: a.fields.into_headers(), body })
}

const NOT_RECORDED: Body<'static> = Body::NotObserved(Why::NotRecorded);

fn request_body<'w>(method: &Text<'w>, post: Stored<'w>, size: Option<f64>, fields: &Fields<'w>) -> Body<'w> {
    if post.elsewhere {
        return NOT_RECORDED;
    }
    if let Some(text) = post.text.filter(|t| !t.is_empty()) {
        return Body::Text { text, source: Origin::Wire };
    }
    if !post.pairs.is_empty() && !post.partial {
        return Body::Pairs(post.pairs);
    }
    if post.partial || size.is_some_and(|n| n > 0.0) {
        return NOT_RECORDED;
    }
    let length = fields.get("content-length").map(|t| t.raw().trim_ascii() == b"0");
    match (length, size) {
        // The header wins over a size of 0, which recorders also write for what they could not read.
        (Some(empty), _) => if_absent(empty),
        (None, Some(0.0)) => Body::Absent,
        _ => {
            let bodiless = [&b"GET"[..], b"HEAD", b"OPTIONS", b"DELETE"];
            let plain = bodiless.iter().any(|m| method.raw().eq_ignore_ascii_case(m));
            if_absent(plain && fields.get("transfer-encoding").is_none())
        }
    }
}

fn response_body<'w>(content: Stored<'w>, size: Option<f64>, fields: &Fields<'w>, bodiless: bool) -> Body<'w> {
    if content.elsewhere {
        return NOT_RECORDED;
    }
    if let Some(text) = content.text.filter(|t| !t.is_empty()) {
        return Body::Text { text, source: Origin::Wire };
    }
    if bodiless {
        return Body::Absent;
    }
    let announced = fields.get("content-length").map(|t| t.raw().trim_ascii() != b"0");
    match content.size {
        Some(n) if n > 0.0 => NOT_RECORDED,
        // Redirects and evicted bodies have the size 0 although the server sent something.
        Some(0.0) => if_absent(announced != Some(true)),
        _ => if_absent(announced == Some(false) || (size == Some(0.0) && announced.is_none())),
    }
}

fn if_absent(absent: bool) -> Body<'static> {
    if absent { Body::Absent } else { NOT_RECORDED }
}

/// `startedDateTime`: ISO 8601, or seconds or milliseconds since 1970 as scripts write them.
fn started(text: &Text<'_>) -> Option<Time> {
    let text = text.lossy();
    if let Ok(n) = text.parse::<f64>() {
        let seconds = if n >= 1e11 { n / 1e3 } else { n };
        return (1e8..1e11).contains(&seconds).then(|| Time::from_secs_f64(seconds));
    }
    parse_iso(&text)
}

/// The exchange itself, without the connection before it, where both are known.
fn shorter(time: Option<f64>, exchanged: Option<f64>) -> Option<f64> {
    match (time, exchanged.filter(|ms| *ms > 0.0)) {
        (Some(t), Some(e)) if t > e => Some(e),
        (time, _) => time,
    }
}

/// Milliseconds as microseconds; -1 stands for unknown.
fn duration(time: Option<f64>) -> Option<i64> {
    time.filter(|ms| (0.0..1e12).contains(ms)).map(|ms| (ms * 1e3).round() as i64)
}

fn lower(text: Text<'_>) -> Text<'_> {
    if !text.raw().iter().any(u8::is_ascii_uppercase) {
        return text;
    }
    let coding = if text.coding() == Coding::Json { Coding::Json } else { Coding::Made };
    Text::made(text.raw().to_ascii_lowercase(), text.at()).with_coding(coding)
}
