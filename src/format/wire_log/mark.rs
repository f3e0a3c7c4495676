//! What stands before the bytes, and how they are written.

use crate::format::curl::line::{number, request_line, status_line};
use crate::format::raw_http::first_line;
use crate::format::{http_client, lines};
use crate::http::escapes;

/// How special bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `[\r][\n]`, `[0x1f]`
    Brackets,
    /// `\r\n`, `\"`, `\x1F`
    Escapes,
    /// As they are: a header line without its end.
    Plain,
}

/// A line of a wire log; places in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The connection; 0 if only one is told.
    pub(super) id: u64,
    pub(super) sent: bool,
    pub(super) style: Style,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// Takes a line apart.
pub(super) fn mark(text: &[u8]) -> Option<Mark> {
    match text {
        [b'<' | b'-', b'-' | b'>', b' ', b'"', ..] if text.starts_with(b"<-") || text.starts_with(b"->") => {
            let to = text.len() - usize::from(text.ends_with(b"\""));
            (to >= 4).then_some(Mark { id: 0, sent: text.starts_with(b"<"), style: Style::Escapes, from: 4, to })
        }
        _ => apache(text).or_else(|| whole(text)),
    }
}

/// `http-outgoing-0 >> "..."`, `http-outgoing-0 << Name: value`; `wire.header - >> "..."` of version 3.
fn apache(text: &[u8]) -> Option<Mark> {
    let head = text.get(..300).unwrap_or(text);
    let known = lines::find(head, b"http-outgoing-");
    let (id, rest) = match known {
        Some(at) => {
            let rest = text.get(at + 14..)?;
            let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            (number(rest.get(..digits).filter(|d| !d.is_empty())?) + 1, at + 14 + digits)
        }
        None => (0, lines::find(head, b"wire.")? + 4),
    };
    let tail = text.get(rest..)?;
    let arrow = match known {
        Some(_) => tail.iter().take_while(|b| **b == b' ').count(),
        None => lines::find(tail, b"> \"").or_else(|| lines::find(tail, b"< \""))?.checked_sub(1)?,
    };
    let sent = match tail.get(arrow..arrow + 3)? {
        b">> " => true,
        b"<< " => false,
        _ => return None,
    };
    let from = rest + arrow + 3;
    Some(match text.get(from..)? {
        [b'"', inside @ ..] => {
            let to = text.len() - usize::from(inside.ends_with(b"\""));
            Mark { id, sent, style: Style::Brackets, from: from + 1, to }
        }
        _ => Mark { id, sent, style: Style::Plain, from, to: text.len() },
    })
}

/// `"GET /x HTTP/1.1\r\n...\r\n\r\n"`, a message in one string of Go, JSON or JavaScript.
fn whole(text: &[u8]) -> Option<Mark> {
    let version = lines::find(text, b"HTTP/")?;
    let open = memchr::memrchr(b'"', text.get(..version)?)?;
    // Python's `http.client` prints `send: b"..."`.
    if http_client::begins(text) || text.get(..open).is_some_and(|b| b.ends_with(b"reply: ") || b.ends_with(b"b")) {
        return None;
    }
    let from = open + 1;
    let rest = text.get(from..)?;
    let end = lines::find(rest, b"\\r\\n").or_else(|| lines::find(rest, b"\\n"))?;
    let first = rest.get(..end)?;
    let sent = first_line(first);
    let answer = first.starts_with(b"HTTP/") && status_line(first).is_some();
    if !sent && !answer {
        return None;
    }
    let mut escaped = false;
    let close = rest.iter().position(|b| {
        let close = *b == b'"' && !escaped;
        escaped = *b == b'\\' && !escaped;
        close
    });
    let to = close.map_or(text.len(), |n| from + n);
    Some(Mark { id: 0, sent, style: Style::Escapes, from, to })
}

/// Whether a message begins with the bytes of a line.
pub(super) fn begins(text: &[u8]) -> bool {
    let Some(mark) = mark(text) else { return false };
    let first = pieces(text, &mark).next();
    let line = first.and_then(|(from, to, _)| text.get(from..to)).unwrap_or_default();
    if mark.sent { request_line(line).is_some() && first_line(line) } else { status_line(line).is_some() }
}

/// The lines of a message within a line of the log: where each begins and ends, and whether its own end is shown.
pub(super) fn pieces<'t>(text: &'t [u8], mark: &Mark) -> impl Iterator<Item = (usize, usize, bool)> + use<'t> {
    let inside = text.get(..mark.to).unwrap_or_default();
    let (style, to) = (mark.style, mark.to);
    let mut at = Some(mark.from);
    std::iter::from_fn(move || {
        let from = at?;
        let rest = inside.get(from..)?;
        let end = match style {
            Style::Plain => None,
            Style::Brackets => lines::find(rest, b"[\\n]").map(|n| (n, 4)),
            Style::Escapes => escaped_end(rest).map(|n| (n, 2)),
        };
        let Some((length, mark)) = end else {
            at = None;
            return (from < to || style == Style::Plain).then_some((from, to, style == Style::Plain));
        };
        at = Some(from + length + mark);
        let line = rest.get(..length).unwrap_or_default();
        let cr: &[u8] = if style == Style::Brackets { b"[\\r]" } else { b"\\r" };
        Some((from, from + line.strip_suffix(cr).unwrap_or(line).len(), true))
    })
}

/// Where `\n` stands that is not the end of `\\n`.
fn escaped_end(rest: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr(b'\\', rest.get(at..)?)?;
        match rest.get(at + 1) {
            Some(b'n') => return Some(at),
            Some(_) => at += 2,
            None => return None,
        }
    }
}

/// The bytes that are written so.
pub(super) fn decode(raw: &[u8], style: Style) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&b, tail)) = rest.split_first() {
        let (byte, after) = match style {
            Style::Brackets if b == b'[' => bracket(rest).unwrap_or((b, tail)),
            Style::Escapes if b == b'\\' => escape(tail),
            _ => (b, tail),
        };
        out.push(byte);
        rest = after;
    }
    out
}

fn bracket(rest: &[u8]) -> Option<(u8, &[u8])> {
    for (name, byte) in [(&b"[\\r]"[..], b'\r'), (b"[\\n]", b'\n'), (b"[\\t]", b'\t')] {
        if let Some(after) = rest.strip_prefix(name) {
            return Some((byte, after));
        }
    }
    let hex = rest.strip_prefix(b"[0x")?;
    let end = memchr::memchr(b']', hex.get(..3).unwrap_or(hex))?;
    let byte = u8::from_str_radix(std::str::from_utf8(hex.get(..end)?).ok()?, 16).ok()?;
    Some((byte, hex.get(end + 1..)?))
}

/// An escape behind its backslash.
fn escape(tail: &[u8]) -> (u8, &[u8]) {
    let Some((&kind, after)) = tail.split_first() else { return (b'\\', tail) };
    let byte = match kind {
        b'e' => 0x1b,
        b'0' => 0,
        b'x' | b'X' => return escapes::byte(after).unwrap_or((kind, after)),
        other => escapes::control(other).unwrap_or(other),
    };
    (byte, after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> (Mark, Vec<&[u8]>) {
        let m = mark(text).unwrap();
        (m, pieces(text, &m).map(|(a, b, _)| &text[a..b]).collect())
    }

    #[test]
    fn marks_of_each_kind() {
        let (m, l) = lines(b"x [DEBUG] wire - http-outgoing-12 >> \"GET /x HTTP/1.1[\\r][\\n]\"");
        assert_eq!((m.id, m.sent, m.style, l), (13, true, Style::Brackets, vec![&b"GET /x HTTP/1.1"[..]]));
        let (m, l) = lines(b"headers - http-outgoing-0 << Server: x");
        assert_eq!((m.sent, m.style, l), (false, Style::Plain, vec![&b"Server: x"[..]]));
        let (m, l) = lines(b"DEBUG httpclient.wire.header - >> \"Host: a[\\r][\\n]\"");
        assert_eq!((m.id, m.sent, l), (0, true, vec![&b"Host: a"[..]]));
        let (m, l) = lines(b"<- \"GET /x HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n\"");
        assert_eq!((m.sent, l), (true, vec![&b"GET /x HTTP/1.1"[..], b"Host: a", b""]));
        let (m, l) = lines(br#"resp="HTTP/1.1 401 No\r\nA: \"b\"\r\n\r\n{\"c\":1}" took=3"#);
        assert_eq!((m.sent, l.len(), l[3]), (false, 4, &br#"{\"c\":1}"#[..]));
        assert!(mark(b"he said \"HTTP/1.1 is fine\\n\"").is_none());
        assert!(mark(b"<- x").is_none());
        assert!(begins(b"-> \"HTTP/1.1 200 OK\\r\\n\"") && !begins(b"-> \"Server: x\\r\\n\""));
    }

    #[test]
    fn spellings_of_bytes() {
        assert_eq!(decode(b"a[\\t][0x1f][b][0x", Style::Brackets), b"a\t\x1f[b][0x");
        assert_eq!(decode(br#"\"a\x1F\\n\u"#, Style::Escapes), b"\"a\x1f\\nu");
    }
}
