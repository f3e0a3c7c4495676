//! Streams that are shown as bytes: rows of a hex dump, or a line of digits a block.

use crate::format::message::line;
use crate::format::raw_http::first_line;

/// How a stream is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Show {
    /// As text, behind the number of bytes.
    #[default]
    Text,
    /// `00000000  50 4f 53 54  POST`
    Hex,
    /// `504f5354`
    Raw,
}

impl Show {
    /// What stands behind `Follow: `.
    pub(super) fn of(what: &[u8]) -> Self {
        match what.trim_ascii().rsplit(|b| *b == b',').next() {
            Some(b"hex") => Self::Hex,
            Some(b"raw") => Self::Raw,
            _ => Self::Text,
        }
    }

    /// Rows need no heading.
    pub(super) fn or_rows(self) -> Self {
        if self == Self::Text { Self::Hex } else { self }
    }
}

/// The bytes of a row, and whether the server sent them: its rows are indented.
pub(super) fn row(text: &[u8], show: Show) -> Option<(bool, Vec<u8>)> {
    let inner = text.trim_ascii_start();
    let server = inner.len() < text.len();
    if show == Show::Raw {
        let pairs = inner.trim_ascii_end();
        let bytes: Option<Vec<u8>> = pairs.chunks(2).map(byte).collect();
        return bytes.filter(|b| !b.is_empty()).map(|b| (server, b));
    }
    let (offset, rest) = inner.split_at_checked(8)?;
    let rest = rest.strip_prefix(b"  ")?;
    if !offset.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    // Sixteen pairs, a gap in the middle; the picture stands behind.
    let mut bytes = Vec::with_capacity(16);
    let mut at = 0;
    while bytes.len() < 16 {
        let Some(b) = rest.get(at..at + 2).and_then(byte) else { break };
        if !matches!(rest.get(at + 2), None | Some(b' ')) {
            break;
        }
        bytes.push(b);
        at += 3 + usize::from(bytes.len() == 8);
    }
    (!bytes.is_empty()).then_some((server, bytes))
}

fn byte(pair: &[u8]) -> Option<u8> {
    let [a, b] = pair else { return None };
    let digit = |c: &u8| char::from(*c).to_digit(16);
    Some((digit(a)? * 16 + digit(b)?) as u8)
}

/// Whether rows stand at the begin of a text, and a request in them.
pub(super) fn begins(head: &[u8]) -> bool {
    let mut rest = head;
    let mut bytes = Vec::new();
    while bytes.len() < 8192 && !bytes.contains(&b'\n') {
        let (text, after) = line(rest);
        let blank = text.trim_ascii().is_empty();
        match row(text, Show::Hex) {
            Some((false, row)) => bytes.extend(row),
            _ if blank && bytes.is_empty() && !after.is_empty() => {}
            _ => break,
        }
        rest = after;
    }
    first_line(line(&bytes).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_both_sides() {
        let first = b"00000000  50 4f 53 54 20 2f 61 70  69 2f 34 2e 30 2f 6c 6f  POST /ap i/4.0/lo";
        assert_eq!(row(first, Show::Hex), Some((false, b"POST /api/4.0/lo".to_vec())));
        assert_eq!(row(b"\t0000000F  7d 0a   }.", Show::Hex), Some((true, b"}\n".to_vec())));
        assert_eq!(row(b"    00000000  48 54 54 50  HTTP", Show::Text), Some((true, b"HTTP".to_vec())));
        assert_eq!(row(b"504f5354", Show::Raw), Some((false, b"POST".to_vec())));
        assert_eq!(row(b"504f535", Show::Raw), None);
        assert_eq!(row(b"00000000  zz", Show::Hex), None);
        assert_eq!(row(b"153", Show::Text), None);
        assert!(!begins(first), "no whole line");
    }
}
