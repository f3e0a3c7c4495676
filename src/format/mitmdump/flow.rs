//! One flow: the request line, its headers and body, the answer.

use memchr::memchr;

use super::body::body;
use crate::format::Sink;
use crate::format::access_log::address;
use crate::format::lines::offset_in;
use crate::http::{Exchange, Header, Headers, Request, Response, Seen, Span, Text, Why, has_room};

/// Client, method, URL and version of `1.2.3.4:5: GET https://h/x HTTP/2.0`; a replay has `[replay] ` for the client.
pub(super) fn request_line(line: &[u8]) -> Option<[&[u8]; 4]> {
    let (client, rest) = match line.strip_prefix(b"[replay] ") {
        Some(rest) => (&b""[..], rest),
        None => {
            let space = memchr(b' ', line)?;
            let (client, rest) = line.split_at_checked(space)?;
            (address(client.strip_suffix(b":")?)?, rest.get(1..)?)
        }
    };
    let rest = rest.strip_prefix(b"[replay] ").unwrap_or(rest);
    let space = memchr(b' ', rest)?;
    let (method, rest) = rest.split_at_checked(space)?;
    let method_like = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if method.is_empty() || method.len() > 24 || !method.iter().all(method_like) {
        return None;
    }
    let mut words = rest.get(1..)?.split(|b| *b == b' ');
    let url = words.next().filter(|u| !u.is_empty())?;
    let version = match words.next() {
        Some(v) if v.starts_with(b"HTTP/") => v,
        Some(_) => return None,
        None => &[],
    };
    let tunnel = method == b"CONNECT" || memchr::memmem::find(url, b"://").is_some() || url.starts_with(b"/");
    tunnel.then_some([client, method, url, version])
}

/// A part of the input with its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) start: u64,
}

impl<'a> Piece<'a> {
    /// A part of this piece as it is written.
    pub(super) fn text(&self, part: &'a [u8]) -> Text<'a> {
        Text::plain(part, self.start + offset_in(self.bytes, part) as u64)
    }
}

/// One flow and its parts.
pub(super) struct Flow<'a> {
    all: Piece<'a>,
    first: &'a [u8],
    request: Message<'a>,
    answer: Option<(&'a [u8], Message<'a>)>,
}

/// The indented lines below a request or an answer.
#[derive(Debug, Default)]
pub(super) struct Message<'a> {
    pub(super) headers: Vec<Header<'a>>,
    pub(super) odd: Vec<Text<'a>>,
    /// A blank line ended the headers: bodies are shown (detail 3 and 4).
    pub(super) shown: bool,
    /// The lines of the body with their indent.
    pub(super) body: &'a [u8],
}

impl<'a> Flow<'a> {
    /// Cuts a flow into its parts; `None` if it does not begin with a request line.
    pub(super) fn read(bytes: &'a [u8], start: u64) -> Option<Self> {
        let all = Piece { bytes, start };
        let (first, mut rest) = line(bytes)?;
        let first = if start == 0 { first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first) } else { first };
        request_line(first)?;
        // At detail 1 the answer is set below the URL: any indent, directly behind the request.
        let near = line(rest).filter(|(l, _)| l.trim_ascii_start().starts_with(b"<< "));
        let mut request = Message::default();
        if near.is_none() {
            (request, rest) = Message::read(all, rest);
        }
        let answer = near.or_else(|| line(rest).filter(|(l, _)| l.starts_with(b" << ")));
        let answer = answer.map(|(status, rest)| (status, Message::read(all, rest).0));
        Some(Self { all, first, request, answer })
    }

    /// Pushes the exchange.
    pub(super) fn emit(self, sink: &mut dyn Sink) {
        let Some([client, method, url, version]) = request_line(self.first) else { return };
        let all = self.all;
        let named =
            !self.request.headers.is_empty() || self.answer.as_ref().is_some_and(|(_, m)| !m.headers.is_empty());
        let (response, failure) = match self.answer {
            Some((status, message)) => answer(all, status, message, named),
            None => (None, None),
        };
        let end = all.bytes.trim_ascii_end().len();
        sink.exchange(Exchange {
            at: Span::at(all.start, end),
            request: Request {
                method: all.text(method),
                url: all.text(url),
                version: all.text(version),
                body: body(all, &self.request),
                headers: headers(self.request, named),
                ..Request::default()
            },
            response,
            failure,
            status_seen: true,
            actor: if client.is_empty() { Text::default() } else { all.text(client) },
            ..Exchange::default()
        });
    }
}

impl<'a> Message<'a> {
    /// Reads up to the answer or the end of the flow.
    fn read(all: Piece<'a>, mut rest: &'a [u8]) -> (Self, &'a [u8]) {
        let mut message = Self::default();
        while let Some((text, after)) = line(rest) {
            if text.starts_with(b" << ") {
                return (message, rest);
            }
            rest = after;
            if text.trim_ascii().is_empty() {
                message.shown = true;
                break;
            }
            message.header(all, text);
        }
        let from = rest;
        while let Some((text, after)) = line(rest) {
            if text.starts_with(b" << ") {
                break;
            }
            rest = after;
        }
        message.body = from.get(..from.len() - rest.len()).unwrap_or_default();
        (message, rest)
    }

    fn header(&mut self, all: Piece<'a>, text: &'a [u8]) {
        let inside = text.strip_prefix(b"    ").unwrap_or(text);
        // HTTP/2 pseudo headers begin with a colon.
        let colon = memchr(b':', inside.get(1..).unwrap_or_default()).map(|at| at + 1);
        let parts = colon.and_then(|at| inside.split_at_checked(at));
        match parts {
            Some((name, value)) if !name.starts_with(b" ") => {
                if !has_room(&self.headers) {
                    return;
                }
                let value = value.get(1..).unwrap_or_default();
                let value = value.strip_prefix(b" ").unwrap_or(value);
                self.headers.push(Header { name: all.text(name), value: all.text(value) });
            }
            _ if has_room(&self.odd) => self.odd.push(all.text(inside)),
            _ => {}
        }
    }
}

fn headers(message: Message<'_>, named: bool) -> Headers<'_> {
    if !named {
        return Headers::not_observed(Why::NotRecorded);
    }
    Headers { list: message.headers, odd: message.odd, seen: Seen::All }
}

/// ` << [HTTP/2.0 ]200 OK 120b`, or the text of an error.
fn answer<'a>(
    all: Piece<'a>,
    line: &'a [u8],
    message: Message<'a>,
    named: bool,
) -> (Option<Response<'a>>, Option<Text<'a>>) {
    let text = line.trim_ascii_start().strip_prefix(b"<< ").unwrap_or(line).trim_ascii();
    let rest = match text.strip_prefix(b"HTTP/") {
        Some(v) => memchr(b' ', v).and_then(|at| v.get(at + 1..)).unwrap_or(v),
        None => text,
    };
    let (code, reason) = rest.split_at_checked(3).unwrap_or((rest, &[]));
    let status = std::str::from_utf8(code).ok().and_then(|c| c.parse::<u16>().ok()).filter(|n| *n >= 100);
    if status.is_none() || reason.first().is_some_and(|b| *b != b' ') {
        return (None, Some(all.text(text)));
    }
    let size = memchr::memrchr(b' ', reason).unwrap_or(0);
    let response = Response {
        status,
        status_at: all.text(code).at(),
        reason: all.text(reason.get(..size).unwrap_or_default().trim_ascii()),
        body: body(all, &message),
        headers: headers(message, named),
    };
    (Some(response), None)
}

/// The first line without its end, and what follows; `None` at the end.
fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    if bytes.is_empty() {
        return None;
    }
    let end = memchr(b'\n', bytes).unwrap_or(bytes.len());
    let (text, rest) = bytes.split_at_checked(end)?;
    Some((
        text.strip_suffix(b"\r").unwrap_or(text),
        rest.get(1..).unwrap_or_else(|| bytes.get(bytes.len()..).unwrap_or_default()),
    ))
}
