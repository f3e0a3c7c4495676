//! Common log format and what is built on it: combined, with a virtual host, with further fields behind.

use memchr::memchr;
use nom::{IResult, Parser, bytes::complete::tag};

use super::entry::{Entry, side};
use super::extras::extra;
use super::token::{fail, quoted, token, tokens, until, word};
use super::values::{Shape, address, clf_time, host_name, shape, status};
use crate::format::lines::Line;
use crate::http::{Coding, Text, Time};

/// `[vhost] client ident user [time] "request" status bytes ["referer" "agent"] extras`; a prefix may stand before.
pub(crate) fn parse(line: Line<'_>) -> Option<Entry<'_>> {
    let (head, time, rest) = timed(line.bytes)?;
    let (rest, field) = behind_time(rest).ok()?;
    let (rest, code) = spaced(rest).ok()?;
    let mut entry = Entry { at: line.span(), time: Some(time), ..Entry::default() };
    entry.status = Some(status(code)?);
    entry.status_at = line.text(code).at();
    let log = |part| line.text(part).with_coding(Coding::Log);
    entry.put_request(field, log);
    read_head(&mut entry, line, head);
    let rest = spaced(rest).map_or(rest, |(rest, _bytes)| rest);
    let rest = match combined(rest) {
        Ok((rest, (referer, agent))) => {
            known_place(&mut entry, "referer", log(referer));
            known_place(&mut entry, "user-agent", log(agent));
            rest
        }
        Err(_) => rest,
    };
    for token in tokens(rest) {
        extra(&mut entry, line, token);
    }
    Some(entry)
}

/// What stands before `[time] "`, the time, and what follows its bracket.
fn timed(bytes: &[u8]) -> Option<(&[u8], Time, &[u8])> {
    let mut from = 0;
    // A prefix may hold other brackets: `haproxy[1144]:`.
    for _ in 0..8 {
        let at = from + memchr(b'[', bytes.get(from..)?)?;
        from = at + 1;
        let inside = bytes.get(from..)?;
        let Ok((rest, text)) = until(b']')(inside) else { continue };
        if let Some(time) = clf_time(text) {
            return Some((bytes.get(..at)?, time, rest.get(1..)?));
        }
    }
    None
}

fn behind_time(input: &[u8]) -> IResult<&[u8], &[u8]> {
    (tag(&b" "[..]), quoted).map(|(_, field)| field).parse(input)
}

fn spaced(input: &[u8]) -> IResult<&[u8], &[u8]> {
    if input.get(1) == Some(&b'"') {
        return Err(fail(input));
    }
    (tag(&b" "[..]), word).map(|(_, w)| w).parse(input)
}

fn combined(input: &[u8]) -> IResult<&[u8], (&[u8], &[u8])> {
    (behind_time, behind_time).parse(input)
}

/// Referer and agent; operators also put other headers there, which their own shape shows.
fn known_place<'l>(entry: &mut Entry<'l>, name: &'static str, value: Text<'l>) {
    match shape(value.raw()) {
        Shape::Credential => entry.request.add("authorization".into(), value),
        Shape::Challenge => entry.response.add("www-authenticate".into(), value),
        _ => entry.request.add(name.into(), value),
    }
}

/// The client, and the virtual host before it.
fn read_head<'l>(entry: &mut Entry<'l>, line: Line<'l>, head: &'l [u8]) {
    if let Ok((_, first)) = word(head)
        && let Some(client) = address(first)
    {
        entry.client = line.text(client);
        return;
    }
    let mut words: Vec<&[u8]> = Vec::with_capacity(8);
    let mut rest = head;
    while let Some((after, _)) = token(rest) {
        let written = rest.get(..rest.len() - after.len()).unwrap_or_default().trim_ascii();
        words.push(written);
        rest = after;
    }
    for w in &words {
        let bare = w.strip_prefix(b"[").and_then(|w| w.strip_suffix(b"]")).unwrap_or(w);
        entry.side = side(bare).unwrap_or(entry.side);
    }
    // `client ident user`; the user may have blanks in it, so an address decides before the position does.
    let by_address = words.iter().rposition(|w| address(w).is_some());
    let Some(at) = by_address.or_else(|| words.len().checked_sub(3)) else { return };
    let Some(client) = words.get(at) else { return };
    entry.client = line.text(address(client).unwrap_or(client));
    let before = at.checked_sub(1).and_then(|i| words.get(i));
    if let Some(host) = before.filter(|w| host_name(w)) {
        entry.host = line.text(host);
    }
}
