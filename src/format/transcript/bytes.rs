//! A body as its lines come.

use memchr::{memchr, memmem};

use super::head::Head;
use super::line::Line;
use crate::format::curl::snippet;
use crate::http::{Span, Text};

/// No more of a body is kept.
const MOST: usize = 32 << 20;

/// Bytes of a body, with their place.
#[derive(Clone, Debug, Default)]
pub(in crate::format) struct Bytes {
    buffer: Vec<u8>,
    at: Option<Span>,
    /// The bytes do not stand side by side in the input as they are.
    made: bool,
    /// More came than is kept.
    pub(in crate::format) cut: bool,
}

impl Bytes {
    /// Bytes that were kept.
    pub(in crate::format) fn len(&self) -> usize {
        self.buffer.len()
    }

    /// What came.
    pub(in crate::format) fn bytes(&self) -> &[u8] {
        &self.buffer
    }

    /// Appends bytes that stand at `start` of the input.
    pub(in crate::format) fn push(&mut self, bytes: &[u8], start: u64) {
        self.made |= self.at.is_some_and(|at| at.end != start);
        self.append(bytes, Span::at(start, bytes.len()));
    }

    /// Appends bytes that were decoded from a stretch of the input.
    pub(in crate::format) fn push_made(&mut self, bytes: &[u8], at: Span) {
        self.made = true;
        self.append(bytes, at);
    }

    fn append(&mut self, bytes: &[u8], at: Span) {
        let room = bytes.len().min(MOST.saturating_sub(self.buffer.len()));
        self.cut |= room < bytes.len();
        self.buffer.extend_from_slice(bytes.get(..room).unwrap_or_default());
        self.at = Some(self.at.map_or(at, |old| old.join(at)));
    }

    /// Appends a whole line.
    pub(in crate::format) fn line(&mut self, line: &Line<'_>) {
        if line.untouched() {
            return self.push(line.raw, line.start);
        }
        let end = line.raw.len() - line.raw.trim_ascii_end().len();
        let end =
            line.raw.get(line.raw.len() - end..).filter(|e| memchr(b'\n', e).is_some()).map_or(&b""[..], |_| b"\n");
        self.push_made(&[&line.text, end].concat(), line.span());
    }

    /// The body, cut where `head` says or where a document ends; `None` if nothing stands there.
    pub(in crate::format) fn text(self, head: &Head) -> Option<Text<'static>> {
        let at = self.at?;
        if let Some(plain) = head.chunked().then(|| unchunk(&self.buffer)).flatten() {
            return Some(Text::made(plain, at));
        }
        let end = end(&self.buffer, head);
        let bytes = self.buffer.get(..end).filter(|b| !b.is_empty())?;
        Some(match self.made {
            true => Text::made(bytes.to_vec(), at),
            false => Text::plain(bytes, at.start).into_owned(),
        })
    }
}

/// Where a body ends that may have other text behind it.
fn end(bytes: &[u8], head: &Head) -> usize {
    let line_end = |n: &usize| matches!(bytes.get(*n), None | Some(b'\r' | b'\n')) && *n <= bytes.len();
    if let Some(n) = head.length().filter(line_end) {
        return n;
    }
    let form = head.get("content-type").is_some_and(|t| t.starts_with(b"application/x-www-form-urlencoded"));
    if form {
        let lead = bytes.len() - bytes.trim_ascii_start().len();
        let rest = bytes.get(lead..).unwrap_or_default();
        return lead + memchr(b'\n', rest).map_or(rest.len(), |n| rest.get(..n).unwrap_or(rest).trim_ascii_end().len());
    }
    snippet::cut(bytes)
}

/// Decodes `5\r\nhello\r\n0\r\n\r\n`; `None` if the bytes are not in chunks.
fn unchunk(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    loop {
        let line = memchr(b'\n', bytes)?;
        let size = bytes.get(..line)?.trim_ascii();
        let size = std::str::from_utf8(size.split(|b| *b == b';').next()?).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        if size == 0 {
            return Some(out);
        }
        let rest = bytes.get(line + 1..)?;
        let chunk = rest.get(..size)?;
        out.extend_from_slice(chunk);
        let after = rest.get(size..)?;
        let next = memmem::find(after, b"\n")?;
        if !after.get(..next)?.trim_ascii().is_empty() {
            return None;
        }
        bytes = after.get(next + 1..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks() {
        assert_eq!(unchunk(b"5\r\nhello\r\n1;x=y\r\n!\r\n0\r\n\r\n").as_deref(), Some(&b"hello!"[..]));
        assert_eq!(unchunk(b"{\"a\":1}\n"), None);
        assert_eq!(unchunk(b"5\r\nhel"), None);
    }
}
