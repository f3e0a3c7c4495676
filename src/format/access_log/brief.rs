//! Plain lines of the common log format, told in short.
//!
//! What is read here must say the same as what [`super::clf`] reads: where a line has anything unusual (an escape, a
//! `key=value` field, a dump of headers, a host before the client) it is left to that grammar.

use memchr::{memchr, memchr2};

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
        let client = bytes.get(..memchr2(b' ', b'\t', bytes)?)?;
        let client = address(client)?;
        let open = memchr(b'[', bytes)?;
        let inside = bytes.get(open + 1..)?;
        let (time, rest) = inside.split_at_checked(memchr(b']', inside)?)?;
        let started = self.time(time)?;
        let (request, rest) = quoted(rest.strip_prefix(b"] ")?)?;
        let (method, target, _) = request_line(request).filter(|_| !nothing(request))?;
        let (code, rest) = word(rest)?;
        let (_, rest) = word(rest)?;
        let (referer, rest) = quoted(rest.strip_prefix(b" ")?)?;
        let (agent, rest) = quoted(rest.strip_prefix(b" ")?)?;
        if memchr2(b'?', b'#', referer).is_some() || !ordinary(referer) || !ordinary(agent) {
            return None;
        }
        let (authorization, forwarded) = extras(rest)?;
        Some(Brief {
            at: line.span(),
            client,
            agent: if nothing(agent) { b"" } else { agent },
            forwarded,
            method: if method == b"-" { b"" } else { method },
            base: b"",
            target,
            status: status(code)?,
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

/// The credential and the forwarded addresses among the quoted fields behind; `None` if there is anything else.
fn extras(mut rest: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    let (mut authorization, mut forwarded) = (None, &b""[..]);
    while !rest.is_empty() {
        let (value, after) = quoted(rest.strip_prefix(b" ")?)?;
        match shape(value) {
            Shape::Credential if authorization.is_none() => authorization = Some(value),
            Shape::Addresses if forwarded.is_empty() => forwarded = value,
            Shape::Other => {}
            _ => return None,
        }
        rest = after;
    }
    Some((authorization, forwarded))
}

/// The inside of a quoted string that a blank or the line's end follows.
fn quoted(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let body = input.strip_prefix(b"\"")?;
    let (inside, rest) = body.split_at_checked(memchr(b'"', body)?)?;
    let rest = rest.get(1..)?;
    matches!(rest.first(), None | Some(b' ')).then_some((inside, rest))
}

/// A blank and a bare word behind it.
fn word(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let body = input.strip_prefix(b" ")?;
    let end = memchr2(b' ', b'\t', body).unwrap_or(body.len());
    body.split_at_checked(end).filter(|(w, _)| !w.is_empty() && w.first() != Some(&b'"'))
}
