//! The header lines of a message as they come.

use memchr::memchr;

use super::line::Line;
use crate::http::{Header, Headers, Seen, Text, Why, has_room};

/// A head.
#[derive(Clone, Debug, Default)]
pub(in crate::format) struct Head {
    pub(in crate::format) list: Vec<Header<'static>>,
    /// Lines that are no header.
    pub(in crate::format) odd: Vec<Text<'static>>,
    /// Why a header that is not in the list proves nothing; `None` if every header was shown.
    pub(in crate::format) unseen: Option<Why>,
}

impl Head {
    /// A head that was not shown.
    pub(in crate::format) fn unseen() -> Self {
        Self { unseen: Some(Why::NotRecorded), ..Self::default() }
    }

    /// Takes the line from `from` on: `name: value`, or a line that is none.
    pub(in crate::format) fn line(&mut self, line: &Line<'_>, from: usize) {
        let text = line.text.get(from..).unwrap_or_default();
        match name(text) {
            Some(colon) => {
                let blank = usize::from(text.get(colon + 1) == Some(&b' '));
                self.push(line.part(from, from + colon), line.rest(from + colon + 1 + blank));
            }
            None => self.odd(line.rest(from)),
        }
    }

    /// Takes a header.
    pub(in crate::format) fn push(&mut self, name: Text<'static>, value: Text<'static>) {
        if has_room(&self.list) {
            self.list.push(Header { name, value });
        }
    }

    /// Takes a line that is no header.
    pub(in crate::format) fn odd(&mut self, line: Text<'static>) {
        if has_room(&self.odd) {
            self.odd.push(line);
        }
    }

    /// The value of the first field of this name (lower case).
    pub(in crate::format) fn get(&self, name: &str) -> Option<&[u8]> {
        let same = |h: &&Header<'_>| h.name.raw().eq_ignore_ascii_case(name.as_bytes());
        self.list.iter().find(same).map(|h| h.value.raw().trim_ascii())
    }

    /// The length that `Content-Length` tells.
    pub(in crate::format) fn length(&self) -> Option<usize> {
        let digits = self.get("content-length").filter(|l| !l.is_empty() && l.iter().all(u8::is_ascii_digit))?;
        std::str::from_utf8(digits).ok()?.parse().ok()
    }

    /// Whether the body is sent in chunks.
    pub(in crate::format) fn chunked(&self) -> bool {
        self.get("transfer-encoding").is_some_and(|t| t.to_ascii_lowercase().ends_with(b"chunked"))
    }

    /// Whether a body is announced.
    pub(in crate::format) fn announces(&self) -> bool {
        self.chunked() || self.length().is_some_and(|n| n > 0)
    }

    /// The fields.
    pub(in crate::format) fn headers(self) -> Headers<'static> {
        let seen = self.unseen.map_or(Seen::All, Seen::None);
        Headers { list: self.list, odd: self.odd, seen }
    }
}

/// The length of the name, if a header stands there; HTTP/2 names begin with a colon.
pub(in crate::format) fn name(text: &[u8]) -> Option<usize> {
    let pseudo = usize::from(text.first() == Some(&b':'));
    let colon = memchr(b':', text.get(pseudo..)?)? + pseudo;
    let name = text.get(pseudo..colon)?;
    let token = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b);
    (!name.is_empty() && name.iter().all(token)).then_some(colon)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A head of a million lines costs what one of 2048 does, and what it lacks was not observed.
    #[test]
    fn endless_heads_are_cut() {
        let (mut head, text) = (Head::default(), Text::made(&b"a"[..], crate::http::Span::default()));
        for _ in 0..5000 {
            head.push(text.clone(), text.clone());
            head.odd(text.clone());
        }
        let mut headers = head.headers();
        assert_eq!((headers.list.len(), headers.odd.len()), (2049, 2049));
        headers.cut();
        assert_eq!((headers.list.len(), headers.odd.len()), (2048, 2048));
        assert!(matches!(headers.get("authorization"), crate::http::Observed::NotObserved(Why::Truncated)));
    }

    #[test]
    fn names() {
        assert_eq!(name(b"Host: a"), Some(4));
        assert_eq!(name(b":authority: a"), Some(10));
        assert_eq!(name(b"Authorization Bearer a:b"), None);
        assert_eq!(name(b"no colon"), None);
        assert_eq!(name(b" Host: a"), None);
    }
}
