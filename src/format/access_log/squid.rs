//! Squid's native format, and the header dumps that it adds with `log_mime_hdrs`.

use memchr::memmem;
use nom::Parser;

use super::entry::Entry;
use super::token::{tokens, until, word};
use super::values::{any_time, nothing, status};
use crate::format::lines::Line;

/// `epoch.ms  ms client TCP_MISS/401 bytes METHOD URL user HIER/ip type [request head] [response head]`.
pub(crate) fn parse(line: Line<'_>) -> Option<Entry<'_>> {
    let mut rest = line.bytes;
    let mut next = || {
        let (after, w) = word(rest.trim_ascii_start()).ok()?;
        rest = after;
        Some(w)
    };
    let time = next()?;
    let (millis, client, action) = (next()?, next()?, next()?);
    let (code, kind) = until(b'/').parse(action).ok()?;
    let squid = !kind.is_empty() && kind.iter().all(|b| b.is_ascii_uppercase() || *b == b'_');
    if time.len() < 11 || !squid {
        return None;
    }
    let code = code.get(1..)?;
    let (_bytes, method, url) = (next()?, next()?, next()?);
    let mut entry =
        Entry { at: line.span(), time: Some(any_time(time)?), time_is_end: true, by: "Squid", ..Entry::default() };
    entry.duration = std::str::from_utf8(millis).ok()?.parse::<i64>().ok().map(|ms| ms.saturating_mul(1000));
    entry.client = line.text(client);
    // Status 000: the client was gone before an answer.
    entry.status = Some(status(code)?);
    entry.status_at = line.text(code).at();
    entry.has_request = true;
    if !nothing(method) && method != b"NONE" {
        entry.method = line.text(method);
    }
    entry.target = line.text(url);
    for token in tokens(rest) {
        if let super::token::Token::Bracketed(inside) = token {
            dump(&mut entry, line, inside);
        }
    }
    Some(entry)
}

/// Whether Squid tells in a line of any format that a connection ended before a request came.
pub(super) fn no_request(line: &[u8]) -> bool {
    [&b" error:transaction-end-before-headers "[..], b"\"error:transaction-end-before-headers\""]
        .iter()
        .any(|mark| memmem::find(line, mark).is_some())
}

/// Reads `Name: value\r\n...` with the line ends written as four characters; whether it was such a dump.
pub(crate) fn dump<'l>(entry: &mut Entry<'l>, line: Line<'l>, inside: &'l [u8]) -> bool {
    if memmem::find(inside, br"\r\n").is_none() {
        return false;
    }
    let response = inside.starts_with(b"HTTP/");
    let fields = if response { &mut entry.response } else { &mut entry.request };
    fields.all = true;
    fields.list.clear();
    let mut rest = inside;
    while !rest.is_empty() {
        let end = memmem::find(rest, br"\r\n").unwrap_or(rest.len());
        let (one, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        rest = after.get(4..).unwrap_or_default();
        let Ok((value, name)) = until(b':').parse(one) else { continue };
        let value = value.get(1..).unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        fields.list.push(crate::http::Header { name: line.text(name), value: line.text(value) });
    }
    true
}
