//! HTTP/1 messages as bytes (RFC 9112): heads are cut into lines, bodies are dechunked and decoded. Shared by the
//! formats that keep whole messages. What was damaged by copying (bare line feeds) is read all the same.

use memchr::memchr;

use super::content;
use super::lines::offset_in;
use crate::http::{Body, Header, Headers, Origin, Request, Response, Seen, Span, Text, Why, has_room};

/// Bytes of a message and where they stand in the input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw<'a> {
    pub(crate) bytes: &'a [u8],
    at: Span,
    exact: bool,
}

impl<'a> Raw<'a> {
    /// Bytes that stand as they are at `start`.
    pub(crate) fn plain(bytes: &'a [u8], start: u64) -> Self {
        Self { bytes, at: Span::at(start, bytes.len()), exact: true }
    }

    /// Bytes that were decoded from `at`.
    pub(crate) fn made(bytes: &'a [u8], at: Span) -> Self {
        Self { bytes, at, exact: false }
    }

    /// A part of them.
    pub(crate) fn text(&self, part: &'a [u8]) -> Text<'a> {
        match self.exact {
            true => Text::plain(part, self.at.start + offset_in(self.bytes, part) as u64),
            false => Text::made(part, self.at),
        }
    }

    /// Where they stand.
    pub(crate) fn at(&self) -> Span {
        self.at
    }

    fn rest(&self, from: &'a [u8]) -> Self {
        match self.exact {
            true => Self::plain(from, self.at.start + offset_in(self.bytes, from) as u64),
            false => Self { bytes: from, ..*self },
        }
    }
}

/// A head and what stands behind it.
#[derive(Debug)]
pub(crate) struct Message<'a> {
    /// The request line or status line.
    pub(crate) first: &'a [u8],
    pub(crate) headers: Vec<Header<'a>>,
    pub(crate) odd: Vec<Text<'a>>,
    /// The empty line behind the head was there.
    pub(crate) whole: bool,
    /// Behind the head.
    pub(crate) body: Raw<'a>,
}

/// The first line without its end, and what follows.
pub(crate) fn line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr(b'\n', bytes).unwrap_or(bytes.len());
    let (text, rest) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
    let rest = rest.get(1..).unwrap_or_else(|| bytes.get(bytes.len()..).unwrap_or_default());
    (text.strip_suffix(b"\r").unwrap_or(text), rest)
}

/// Cuts a message into head and body.
pub(crate) fn split(raw: Raw<'_>) -> Message<'_> {
    let (first, mut rest) = line(raw.bytes);
    let mut message = Message { first, headers: Vec::with_capacity(16), odd: Vec::new(), whole: false, body: raw };
    while !rest.is_empty() {
        let (text, after) = line(rest);
        rest = after;
        if text.is_empty() {
            message.whole = true;
            break;
        }
        header(&mut message, raw, text);
    }
    message.body = raw.rest(rest);
    message
}

fn header<'a>(message: &mut Message<'a>, raw: Raw<'a>, text: &'a [u8]) {
    let blank = |b: &u8| matches!(b, b' ' | b'\t');
    let colon = memchr(b':', text).filter(|c| *c > 0);
    let parts = colon.and_then(|c| text.split_at_checked(c)).filter(|(name, _)| !name.iter().any(blank));
    let Some((name, value)) = parts else {
        if has_room(&message.odd) {
            message.odd.push(raw.text(text));
        }
        return;
    };
    let value = value.get(1..).unwrap_or_default();
    let value = value.strip_prefix(b" ").unwrap_or(value);
    if has_room(&message.headers) {
        message.headers.push(Header { name: raw.text(name), value: raw.text(value) });
    }
}

/// The value of the first field of this name.
pub(crate) fn value<'h>(headers: &'h [Header<'_>], name: &str) -> Option<std::borrow::Cow<'h, str>> {
    let same = |h: &&Header<'_>| h.name.raw().eq_ignore_ascii_case(name.as_bytes());
    headers.iter().find(same).map(|h| h.value.lossy())
}

/// Method, target and version of a request line.
pub(crate) fn request_line(first: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (method, rest) = first.split_at_checked(memchr(b' ', first)?)?;
    let token = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b);
    if method.is_empty() || method.len() > 32 || !method.iter().all(token) {
        return None;
    }
    let rest = rest.get(1..)?;
    let (target, version) = match memchr::memmem::rfind(rest, b" HTTP/").and_then(|at| rest.split_at_checked(at)) {
        Some((target, version)) => (target, version.get(1..).unwrap_or_default()),
        None => (rest, Default::default()),
    };
    (!target.is_empty()).then_some((method, target, version))
}

/// Code and reason of a status line.
pub(crate) fn status_line(first: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let rest = first.strip_prefix(b"HTTP/")?;
    let rest = rest.get(memchr(b' ', rest)? + 1..)?.trim_ascii_start();
    let (code, reason) = rest.split_at_checked(3)?;
    let n = std::str::from_utf8(code).ok()?.parse::<u16>().ok()?;
    (reason.first().is_none_or(|b| *b == b' ')).then_some((n, code, reason.trim_ascii()))
}

/// The request of a message; `scheme` where only the connection knows it.
pub(crate) fn request<'a>(raw: Raw<'a>, scheme: Option<&str>) -> Option<Request<'a>> {
    let message = split(raw);
    let (method, target, version) = request_line(message.first)?;
    let host = value(&message.headers, "host").map(|h| h.trim().to_owned());
    let url = match host {
        Some(host) if target.starts_with(b"/") && !host.is_empty() => {
            let scheme = scheme.map(|s| format!("{s}:")).unwrap_or_default();
            let whole = [scheme.as_bytes(), b"//", host.as_bytes(), target].concat();
            Text::made(whole, raw.text(target).at())
        }
        _ => raw.text(target),
    };
    let body = body(&message);
    Some(Request {
        method: raw.text(method),
        url,
        version: raw.text(version),
        headers: headers(message.headers, message.odd),
        body,
        ..Request::default()
    })
}

/// The final response of the messages in `raw`; interim ones (1xx) are passed over.
pub(crate) fn response(raw: Raw<'_>) -> Option<Response<'_>> {
    let mut message = split(raw);
    let (mut status, mut code, mut reason) = status_line(message.first)?;
    while (100..200).contains(&status) && status != 101 && message.body.bytes.starts_with(b"HTTP/") {
        let next = split(message.body);
        let Some(line) = status_line(next.first) else { break };
        (status, code, reason) = line;
        message = next;
    }
    let body = body(&message);
    Some(Response {
        status: Some(status),
        status_at: raw.text(code).at(),
        reason: raw.text(reason),
        headers: headers(message.headers, message.odd),
        body,
    })
}

fn headers<'a>(list: Vec<Header<'a>>, odd: Vec<Text<'a>>) -> Headers<'a> {
    Headers { list, odd, seen: Seen::All }
}

/// The body of a message, without its codings.
fn body<'a>(message: &Message<'a>) -> Body<'a> {
    if !message.whole {
        return Body::NotObserved(Why::Truncated);
    }
    body_of(&message.headers, message.body)
}

/// A body behind a head with these fields, without its codings.
pub(crate) fn body_of<'a>(headers: &[Header<'_>], raw: Raw<'a>) -> Body<'a> {
    if raw.bytes.is_empty() {
        return match value(headers, "content-length").is_some_and(|l| l.bytes().any(|b| matches!(b, b'1'..=b'9'))) {
            true => Body::NotObserved(Why::NotRecorded),
            false => Body::Absent,
        };
    }
    let chunked = value(headers, "transfer-encoding").is_some_and(|v| v.to_ascii_lowercase().contains("chunked"));
    let plain = if chunked { content::dechunk(raw.bytes) } else { raw.bytes.into() };
    let codings = value(headers, "content-encoding").unwrap_or_default();
    match plain {
        std::borrow::Cow::Borrowed(bytes) => match content::decode(bytes, &codings) {
            Some(std::borrow::Cow::Borrowed(_)) => text_body(raw.text(bytes)),
            Some(std::borrow::Cow::Owned(bytes)) => text_body(Text::made(bytes, raw.at())),
            None => Body::NotObserved(Why::NotRecorded),
        },
        std::borrow::Cow::Owned(bytes) => match content::decode(&bytes, &codings) {
            Some(bytes) => text_body(Text::made(bytes.into_owned(), raw.at())),
            None => Body::NotObserved(Why::NotRecorded),
        },
    }
}

fn text_body(text: Text<'_>) -> Body<'_> {
    Body::Text { text, source: Origin::Wire }
}

/// Where the header lines of a message with this version come from: those of HTTP/2 and 3 are the recorder's.
pub(crate) fn origin(version: &[u8]) -> Origin {
    if version.starts_with(b"HTTP/1") { Origin::Wire } else { Origin::Parsed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_with_faults() {
        let bytes = b"GET /x HTTP/1.1\r\nHost: a.test\r\nAuthorization:  Bearer  x \r\nAuthorization Bearer y\r\n fold\r\n\r\nbody";
        let r = request(Raw::plain(bytes, 10), Some("https")).unwrap();
        assert_eq!(r.url.lossy(), "https://a.test/x");
        assert_eq!((r.headers.list.len(), r.headers.odd.len()), (2, 2));
        assert_eq!(r.headers.list[1].value.raw(), b" Bearer  x ");
        assert_eq!(r.headers.list[1].value.at().start, 10 + 46);
        assert!(matches!(r.body, Body::Text { .. }));
    }

    #[test]
    fn interim_answers_are_passed_over() {
        let bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 Unauthorized\r\nA: b\r\n\r\n";
        let r = response(Raw::plain(bytes, 0)).unwrap();
        assert_eq!((r.status, r.reason.lossy().as_ref()), (Some(401), "Unauthorized"));
        assert!(matches!(r.body, Body::Absent));
        assert_eq!(response(Raw::plain(b"HTTP/2 403\n\n", 0)).unwrap().status, Some(403));
        assert!(response(Raw::plain(b"HTTP/2", 0)).is_none());
    }

    #[test]
    fn a_head_that_is_cut_has_no_body_to_speak_of() {
        let r = request(Raw::plain(b"POST /x HTTP/1.1\r\nHost: a", 0), None).unwrap();
        assert_eq!(r.url.lossy(), "//a/x");
        assert!(matches!(r.body, Body::NotObserved(Why::Truncated)));
    }
}
