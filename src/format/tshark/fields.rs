//! `tshark -T fields -E header=y`: a table of chosen fields, one line a packet.
//!
//! Whatever the separator is, the names above the columns tell the fields apart; values may stand in quotes, which are
//! not escaped inside.

use super::packet::Packet;
use crate::format::lines::Line;
use crate::http::{Coding, Text};

/// The names above the columns.
#[derive(Debug)]
pub(super) struct Columns {
    names: Vec<Box<str>>,
    separator: u8,
}

/// The columns, if `line` names some that tell of requests or answers.
pub(super) fn columns(line: &[u8]) -> Option<Columns> {
    let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.');
    let separator = line.iter().copied().find(|b| !word(*b))?;
    let names: Vec<Box<str>> = line.split(|b| *b == separator).map(|n| String::from_utf8_lossy(n).into()).collect();
    let field = |n: &str| n.bytes().all(word) && n.contains('.');
    let telling = |n: &str| {
        matches!(n, "http.request.method" | "http.response.code" | "http2.headers.method" | "http2.headers.status")
    };
    let tells = names.iter().any(|n| telling(n)) && names.iter().all(|n| field(n) || matches!(&**n, "_ws.col.Info"));
    tells.then_some(Columns { names, separator })
}

impl Columns {
    /// The packet of a line; `None` if it has other columns.
    pub(super) fn packet<'l>(&self, line: &Line<'l>) -> Option<Packet<'l>> {
        let cells = self.cells(line.bytes);
        if cells.len() > self.names.len() {
            return None;
        }
        let filled = self.names.iter().zip(cells).filter(|(_, cell)| !cell.is_empty());
        let text = |cell: &'l [u8]| {
            let escaped = memchr::memchr(b'\\', cell).is_some();
            Text::coded(cell, line.offset(cell), if escaped { Coding::Json } else { Coding::Plain })
        };
        let fields = filled.map(|(name, cell)| (name.replace('.', "_"), text(cell))).collect();
        Some(Packet::of(line.span(), fields, self.headers()))
    }

    /// Header fields that have a column: if it is empty, the field was not there.
    fn headers(&self) -> Vec<Box<str>> {
        self.names.iter().map(|n| n.replace('.', "_").into()).collect()
    }

    fn cells<'l>(&self, line: &'l [u8]) -> Vec<&'l [u8]> {
        let mut out = Vec::new();
        let mut rest = line;
        loop {
            let quote = rest.first().copied().filter(|q| matches!(q, b'"' | b'\''));
            // A quote that closes stands before the end, or before a separator and the next cell.
            let closed = quote.and_then(|q| {
                let cell = |b: &u8| *b == q || *b == self.separator;
                let parts = |b: &u8, next: Option<&u8>| *b == self.separator && next.is_none_or(cell);
                let ends = |at: &usize| rest.get(at + 1).is_none_or(|b| parts(b, rest.get(at + 2)));
                memchr::memchr_iter(q, rest).skip(1).find(ends)
            });
            let (cell, end) = match closed {
                Some(at) => (rest.get(1..at).unwrap_or_default(), at + 1),
                None => {
                    let end = memchr::memchr(self.separator, rest).unwrap_or(rest.len());
                    (rest.get(..end).unwrap_or_default(), end)
                }
            };
            out.push(cell);
            match rest.get(end + 1..) {
                Some(more) if end < rest.len() => rest = more,
                _ => return out,
            }
        }
    }
}
