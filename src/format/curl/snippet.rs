//! Pasted answers: a JSON value or a markup document that stands behind a command.

use serde::de::IgnoredAny;

/// Bytes that an answer may have.
const MAX: usize = 8 << 20;
/// Bytes in which an element that is no known document must end.
const NEAR: usize = 64 << 10;

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    More,
    Nothing,
    /// A document of so many bytes.
    Bytes(usize),
}

/// Whether a line may begin an answer.
pub(super) fn likely(line: &[u8]) -> bool {
    match line.trim_ascii_start() {
        [b'{', ..] | [b'[', b'{' | b'[' | b'"' | b']', ..] | [b'['] => true,
        [b'<', b'!' | b'?' | b'a'..=b'z' | b'A'..=b'Z', ..] => true,
        _ => false,
    }
}

/// The document that begins at the first byte that is not blank.
pub(super) fn document(text: &[u8], last: bool) -> Found {
    let blank = text.len() - text.trim_ascii_start().len();
    let body = text.get(blank..).unwrap_or_default();
    let found = if body.first() == Some(&b'<') { markup(body, last) } else { json(body, last) };
    match found {
        Found::Bytes(n) => Found::Bytes(blank + n),
        other => other,
    }
}

/// The length of the JSON value at the begin of `text`, if a line ends behind it.
pub(super) fn json(text: &[u8], last: bool) -> Found {
    let whole = text.len() <= MAX;
    let text = text.get(..MAX).unwrap_or(text);
    let mut stream = serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>();
    match stream.next() {
        Some(Ok(_)) => Found::Bytes(stream.byte_offset()),
        Some(Err(e)) if e.is_eof() && !last && whole => Found::More,
        _ => Found::Nothing,
    }
}

fn markup(text: &[u8], last: bool) -> Found {
    let head = text.get(..64).unwrap_or(text).to_ascii_lowercase();
    if head.starts_with(b"<!doctype html") || head.starts_with(b"<html") {
        return until(text, b"</html>", MAX, last);
    }
    let mut root = text;
    let mut skipped = 0;
    while matches!(root, [b'<', b'?' | b'!', ..]) {
        let Some(end) = memchr::memchr(b'>', root.get(..NEAR).unwrap_or(root)) else {
            return if last || root.len() >= NEAR { Found::Nothing } else { Found::More };
        };
        let rest = root.get(end + 1..).unwrap_or_default();
        skipped += root.len() - rest.trim_ascii_start().len();
        root = rest.trim_ascii_start();
    }
    let name = root.strip_prefix(b"<").unwrap_or_default();
    let name = name
        .get(..name.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-' | b'_' | b'.')).count())
        .unwrap_or_default();
    if name.is_empty() {
        return if last || text.len() >= NEAR { Found::Nothing } else { Found::More };
    }
    match until(root, &[b"</", name, b">"].concat(), NEAR, last) {
        Found::Bytes(n) => Found::Bytes(skipped + n),
        other => other,
    }
}

fn until(text: &[u8], end: &[u8], most: usize, last: bool) -> Found {
    let near = text.get(..most).unwrap_or(text);
    let lower = near.to_ascii_lowercase();
    match memchr::memmem::find(&lower, &end.to_ascii_lowercase()) {
        Some(at) => Found::Bytes(at + end.len()),
        None if !last && text.len() < most => Found::More,
        None => Found::Nothing,
    }
}

/// Cuts what follows a JSON value or a page, as prose does in an article.
pub(super) fn cut(body: &[u8]) -> usize {
    let whole = body.trim_ascii_end().len();
    if !likely(body.get(..64).unwrap_or(body)) {
        return whole;
    }
    match document(body, true) {
        Found::Bytes(n) => n,
        _ => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_answers_end() {
        assert_eq!(document(b"{\"a\":1}\nprose", true), Found::Bytes(7));
        assert_eq!(document(b"{\"a\":", false), Found::More);
        assert_eq!(document(b"{\"a\":", true), Found::Nothing);
        assert_eq!(document(b"<!DOCTYPE html>\n<html>x</HTML>\n y", true), Found::Bytes(30));
        assert_eq!(document(b"<?xml version=\"1.0\"?>\n<Error><Code>x</Code></Error>tail", true), Found::Bytes(51));
        assert!(!likely(b"[1] a footnote"));
    }
}
