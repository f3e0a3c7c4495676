//! HAProxy's `option httplog`. Captured headers are positional and unnamed: only what its own shape shows is taken.

use memchr::{memchr, memmem};

use super::entry::{Entry, duration};
use super::keys::Unit;
use super::token::{quoted, word};
use super::values::{Shape, address, clf_time, shape, status};
use crate::format::lines::Line;
use crate::http::{Coding, Text};

/// `client:port [date.ms] fe be/srv Tq/Tw/Tc/Tr/Tt status bytes c c TSC- a/f/b/s/r q/q {captures} {captures} "request"`.
pub(super) fn parse(line: Line<'_>) -> Option<Entry<'_>> {
    let mut entry = Entry { at: line.span(), by: "HAProxy", ..Entry::default() };
    let mut rest = accepted(&mut entry, line)?;
    let mut next = || {
        let (after, w) = word(rest.trim_ascii_start()).ok()?;
        rest = after;
        Some(w)
    };
    let (frontend, _server, timers, code) = (next()?, next()?, next()?, next()?);
    if timers.iter().filter(|b| **b == b'/').count() < 3 {
        return None;
    }
    // Bytes, two cookies, the termination state, connections, queues.
    let state = (next()?, next()?, next()?, next()?).3;
    let (connections, _queues) = (next()?, next()?);
    if state.len() != 4 || memchr(b'/', connections).is_none() {
        return None;
    }
    entry.status = Some(status(code)?);
    entry.status_at = line.text(code).at();
    entry.scheme = frontend.ends_with(b"~").then_some("https");
    let total = timers.rsplit(|b| *b == b'/').next().unwrap_or_default();
    entry.duration = duration(total.strip_prefix(b"+").unwrap_or(total), Unit::Millis);
    let (rest, first) = braces(rest.trim_ascii_start());
    let (rest, second) = braces(rest);
    for value in first.split(|b| *b == b'|') {
        capture(&mut entry, line, value, false);
    }
    for value in second.split(|b| *b == b'|') {
        capture(&mut entry, line, value, true);
    }
    let (_, request) = quoted(rest).ok()?;
    entry.put_request(request, |part| hashed(line, part));
    Some(entry)
}

/// Client and accept date; what follows them.
fn accepted<'l>(entry: &mut Entry<'l>, line: Line<'l>) -> Option<&'l [u8]> {
    let mut from = 0;
    for _ in 0..8 {
        let at = from + memchr(b'[', line.bytes.get(from..)?)?;
        from = at + 1;
        let inside = line.bytes.get(from..)?;
        let (text, rest) = inside.split_at_checked(memchr(b']', inside)?)?;
        // The date has a fraction and no zone.
        if let Some(time) = clf_time(text).filter(|_| text.get(20) == Some(&b'.')) {
            let before = line.bytes.get(..at)?.trim_ascii_end();
            let client = before.rsplit(|b| *b == b' ').next()?;
            entry.client = line.text(address(client)?);
            entry.time = Some(time);
            return rest.get(1..);
        }
    }
    None
}

/// The inside of `{...}` and what follows; nothing if there is none.
fn braces(input: &[u8]) -> (&[u8], &[u8]) {
    let Some(body) = input.strip_prefix(b"{") else { return (input, Default::default()) };
    // A value may hold a brace; the end has a blank behind it and then the next part.
    let end = [&b"} {"[..], b"} \""].iter().filter_map(|end| memmem::find(body, end)).min();
    let Some((inside, rest)) = end.and_then(|at| body.split_at_checked(at)) else { return (input, Default::default()) };
    (rest.get(2..).unwrap_or_default(), inside)
}

fn capture<'l>(entry: &mut Entry<'l>, line: Line<'l>, value: &'l [u8], response: bool) {
    let text = hashed(line, value);
    let bare = matches!(value, b"Bearer" | b"Basic" | b"Negotiate" | b"NTLM");
    match (shape(value), response) {
        (Shape::Credential, false) => entry.request.add("authorization".into(), text),
        (Shape::Addresses, false) => entry.request.add("x-forwarded-for".into(), text),
        (Shape::Challenge, true) => entry.response.add("www-authenticate".into(), text),
        (_, true) if bare => entry.response.add("www-authenticate".into(), text),
        (Shape::Other, false) if product(value) => entry.request.add("user-agent".into(), text),
        _ => {}
    }
}

/// `name/1.2`, as agents begin.
fn product(value: &[u8]) -> bool {
    let name = value.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'-').unwrap_or(0);
    name > 1 && value.get(name) == Some(&b'/') && value.get(name + 1).is_some_and(u8::is_ascii_digit)
}

/// HAProxy writes bytes that could mislead as `#HH`.
fn hashed<'l>(line: Line<'l>, value: &'l [u8]) -> Text<'l> {
    let text = line.text(value);
    if memchr(b'#', value).is_none() {
        return text;
    }
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((&b, after)) = rest.split_first() {
        rest = after;
        match after {
            [h, l, tail @ ..] if b == b'#' && h.is_ascii_hexdigit() && l.is_ascii_hexdigit() => {
                let digit = |d: u8| char::from(d).to_digit(16).unwrap_or(0) as u8;
                out.push(digit(*h) * 16 + digit(*l));
                rest = tail;
            }
            _ => out.push(b),
        }
    }
    let at = text.at();
    Text::made(out, at).with_coding(Coding::Made)
}
