//! Plain lines of the common log format, told in short.
//!
//! What is read here must say the same as what [`super::clf`] reads: where a line has anything unusual (an escape, a
//! `key=value` field, a dump of headers, a host before the client) it is left to that grammar.

use memchr::{memchr, memchr_iter, memchr2};

use super::values::{Shape, address, clf_time, nothing, request_line, shape, status};
use crate::format::Sink;
use crate::format::lines::Line;
use crate::http::{Brief, Side, Time};

/// Tells plain lines in short; neighbours have the same time.
#[derive(Debug, Default)]
pub(super) struct Plain {
    last: (Vec<u8>, Option<Time>),
}

impl Plain {
    /// Offers a line to the sink; `false` if it is none of these, or if the sink wants more.
    pub(super) fn push(&mut self, line: Line<'_>, sink: &mut dyn Sink) -> bool {
        self.read(line).is_some_and(|brief| sink.brief(&brief))
    }

    /// `client ident user [time] "request" status bytes "referer" "agent" "..." "..."`.
    fn read<'l>(&mut self, line: Line<'l>) -> Option<Brief<'l>> {
        let bytes = line.bytes;
        if !bytes.first()?.is_ascii_digit() || memchr(b'\\', bytes).is_some() || !bytes.is_ascii() {
            return None;
        }
        let mut quotes = memchr_iter(b'"', bytes);
        let (head, request) = quoted(bytes, 0, &mut quotes)?;
        let (between, referer) = quoted(bytes, request.end + 1, &mut quotes)?;
        let (one, agent) = quoted(bytes, referer.end + 1, &mut quotes)?;
        let open = memchr(b'[', head)?;
        let client = address(head.get(..head.iter().position(|b| matches!(b, b' ' | b'\t'))?)?)?;
        let started = self.time(head.get(open + 1..)?.strip_suffix(b"] ")?)?;
        let request = bytes.get(request)?;
        let (method, target, _) = request_line(request).filter(|_| !nothing(request))?;
        let status = status_and_bytes(between)?;
        let (referer, agent) = (bytes.get(referer)?, bytes.get(agent.clone()).map(|a| (a, agent.end)));
        let (agent, mut end) = agent?;
        if one != b" " || memchr2(b'?', b'#', referer).is_some() || !ordinary(referer) || !ordinary(agent) {
            return None;
        }
        // The credential and the forwarded addresses among the quoted fields behind.
        let (mut authorization, mut forwarded) = (None, &b""[..]);
        while end + 1 < bytes.len() {
            let (one, at) = quoted(bytes, end + 1, &mut quotes)?;
            end = at.end;
            let value = bytes.get(at)?;
            match shape(value) {
                Shape::Credential if authorization.is_none() => authorization = Some(value),
                Shape::Addresses if forwarded.is_empty() => forwarded = value,
                Shape::Other => {}
                _ => return None,
            }
            if one != b" " {
                return None;
            }
        }
        Some(Brief {
            at: line.span(),
            line: line.bytes,
            client,
            agent: if nothing(agent) { b"" } else { agent },
            referer: if nothing(referer) { b"" } else { referer },
            forwarded,
            method: if method == b"-" { b"" } else { method },
            base: b"",
            target,
            status,
            started: Some(started),
            duration: 0,
            authorization,
            join: b"",
            side: Side::Server,
            sees_authorization: authorization.is_some(),
            sees_cookie: false,
            sees_response: false,
            sees_set_cookie: false,
        })
    }

    fn time(&mut self, text: &[u8]) -> Option<Time> {
        if self.last.0 != text {
            self.last.1 = clf_time(text);
            self.last.0.clear();
            self.last.0.extend_from_slice(text);
        }
        self.last.1
    }
}

/// Whether a referer or an agent is one, and not another header in its place.
fn ordinary(value: &[u8]) -> bool {
    matches!(shape(value), Shape::Other | Shape::Addresses)
}

/// What stands between `from` and the next quote, and the inside of the string that begins there; a blank or the line's
/// end must follow it.
fn quoted<'l>(
    bytes: &'l [u8],
    from: usize,
    quotes: &mut impl Iterator<Item = usize>,
) -> Option<(&'l [u8], std::ops::Range<usize>)> {
    let (open, close) = (quotes.next()?, quotes.next()?);
    matches!(bytes.get(close + 1), None | Some(b' ')).then_some((bytes.get(from..open)?, open + 1..close))
}

/// ` 200 54 `.
fn status_and_bytes(between: &[u8]) -> Option<u16> {
    let [b' ', a, b, c, b' ', rest @ ..] = between else { return None };
    let (last, length) = rest.split_last()?;
    let bare = *last == b' ' && !length.is_empty() && !length.iter().any(u8::is_ascii_whitespace);
    status(&[*a, *b, *c]).filter(|_| bare)
}
