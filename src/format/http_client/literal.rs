//! String and bytes literals as Python prints them.

use crate::format::transcript::line::Line;
use crate::http::{Text, escapes};

/// A literal: where its inside begins and ends in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::format) struct Literal {
    pub(in crate::format) start: usize,
    pub(in crate::format) end: usize,
}

/// The literal that begins at `from`, with or without `b` before it.
pub(in crate::format) fn literal(text: &[u8], from: usize) -> Option<Literal> {
    let skip = usize::from(text.get(from) == Some(&b'b'));
    let quote = *text.get(from + skip).filter(|q| matches!(q, b'\'' | b'"'))?;
    let start = from + skip + 1;
    let mut escaped = false;
    for (i, b) in text.get(start..)?.iter().enumerate() {
        match b {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b if *b == quote => return Some(Literal { start, end: start + i }),
            _ => {}
        }
    }
    None
}

/// The value between `from` and `to`: with its exact place if it has no escapes.
pub(in crate::format) fn value(line: &Line<'_>, from: usize, to: usize) -> Text<'static> {
    let raw = line.text.get(from..to).unwrap_or_default();
    if memchr::memchr(b'\\', raw).is_none() {
        return line.part(from, to);
    }
    let at = line.part(from, to).at();
    Text::made(decode(raw), at)
}

/// Decodes the escapes of a literal; unknown ones stay.
pub(in crate::format) fn decode(raw: &[u8]) -> Vec<u8> {
    escapes::unescaped(raw, |rest, out| {
        let Some((&kind, tail)) = rest.split_first() else { return rest };
        let (byte, after) = match kind {
            b'\\' | b'\'' | b'"' => (Some(kind), tail),
            b'x' => escapes::byte(tail).map_or((None, tail), |(b, after)| (Some(b), after)),
            _ => (escapes::control(kind), tail),
        };
        match byte {
            Some(b) => out.push(b),
            None => out.extend_from_slice(&[b'\\', kind]),
        }
        after
    })
}

/// The lines of a literal that holds a head: ranges of the text, cut at `\r\n` as it is escaped.
pub(in crate::format) fn lines(text: &[u8], l: Literal) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut from = l.start;
    let inside = text.get(..l.end).unwrap_or_default();
    while let Some(n) = inside.get(from..).and_then(|r| memchr::memmem::find(r, b"\\r\\n")) {
        out.push((from, from + n));
        from += n + 4;
    }
    if from < l.end {
        out.push((from, l.end));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals() {
        assert_eq!(literal(br"send: b'it\'s' x", 6), Some(Literal { start: 8, end: 13 }));
        assert_eq!(literal(b"b\"it's\"", 0), Some(Literal { start: 2, end: 6 }));
        assert_eq!(literal(b"b'open", 0), None);
        assert_eq!(decode(br"a\r\n\x41\'\\\q"), b"a\r\nA'\\\\q");
    }
}
