//! Pasted answers: a JSON value or a markup document that stands behind a command.

use serde::de::IgnoredAny;

use super::command;

/// Bytes that an answer may have.
const MAX: usize = 8 << 20;
/// What ends a page.
const PAGE_END: &[u8] = b"</html>";
/// Bytes in which an element that is no known document must end.
const NEAR: usize = 64 << 10;

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::format) enum Found {
    More,
    Nothing,
    /// A document of so many bytes.
    Bytes(usize),
}

/// Whether a line may begin an answer.
pub(in crate::format) fn likely(line: &[u8]) -> bool {
    let text = line.trim_ascii_start();
    matches!(text, [b'{', ..] | [b'[', b'{' | b'[' | b'"' | b']', ..] | [b'['])
        || matches!(text, [b'<', b'!' | b'?' | b'a'..=b'z' | b'A'..=b'Z', ..])
}

/// The document that begins at the first byte that is not blank.
pub(in crate::format) fn document(text: &[u8], last: bool) -> Found {
    let blank = text.len() - text.trim_ascii_start().len();
    let body = text.get(blank..).unwrap_or_default();
    let found = if body.first() == Some(&b'<') { markup(body, last) } else { json(body, last) };
    match found {
        Found::Bytes(n) => Found::Bytes(blank + n),
        other => other,
    }
}

/// The same for an answer that was pasted at `at` of the input, in a time that does not grow with what stands behind it.
///
/// `no_page_end`: up to there no page ends, which is kept from one answer to the next.
pub(super) fn answer(text: &[u8], at: u64, last: bool, no_page_end: &mut u64) -> Found {
    let blank = text.len() - text.trim_ascii_start().len();
    let body = text.get(blank..).unwrap_or_default();
    match unpadded(body, at + blank as u64, last, no_page_end) {
        Found::Bytes(n) => Found::Bytes(blank + n),
        other => other,
    }
}

fn unpadded(text: &[u8], at: u64, last: bool, no_page_end: &mut u64) -> Found {
    if is_page(text) {
        let known = usize::try_from(no_page_end.saturating_sub(at)).unwrap_or(usize::MAX);
        let from = known.saturating_sub(PAGE_END.len()).min(text.len());
        let rest = text.get(from..MAX.min(text.len())).unwrap_or_default();
        if let Some(end) = find(rest, PAGE_END) {
            return Found::Bytes(from + end);
        }
        *no_page_end = (*no_page_end).max(at + text.len().min(MAX) as u64);
        return if !last && text.len() < MAX { Found::More } else { Found::Nothing };
    }
    match (text.first() == Some(&b'<')).then(|| next_command(text)).flatten() {
        Some(end) => document(text.get(..end).unwrap_or_default(), true),
        None => document(text, last),
    }
}

/// Where behind the first line the next command stands: an element ends before.
fn next_command(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    for line in text.get(..NEAR).unwrap_or(text).split_inclusive(|b| *b == b'\n') {
        if at > 0 && command::find(line).is_some_and(|p| p.shown) {
            return Some(at);
        }
        at += line.len();
    }
    None
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
    if is_page(text) {
        return until(text, PAGE_END, MAX, last);
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
    match find(text.get(..most).unwrap_or(text), end) {
        Some(at) => Found::Bytes(at),
        None if !last && text.len() < most => Found::More,
        None => Found::Nothing,
    }
}

/// Whether an HTML page begins here.
fn is_page(text: &[u8]) -> bool {
    let starts = |with: &[u8]| text.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with));
    starts(b"<!doctype html") || starts(b"<html")
}

/// The place behind the first `end`, in whatever case.
fn find(text: &[u8], end: &[u8]) -> Option<usize> {
    let found = memchr::memmem::find(&text.to_ascii_lowercase(), &end.to_ascii_lowercase())?;
    Some(found + end.len())
}

/// Where in a line the status stands that `-w` with this template wrote.
pub(super) fn written_status(template: &[u8], line: &[u8]) -> Option<(u16, usize)> {
    let at = VARIABLES.iter().find_map(|v| memchr::memmem::find(template, v))?;
    let before = template.get(..at)?;
    let break_at = memchr::memmem::rfind(before, b"\\n");
    let literal = before.get(break_at.map_or(0, |b| b + 2)..)?;
    if memchr::memmem::find(literal, b"%{").is_some() {
        return None;
    }
    let start = match break_at {
        Some(_) => line.starts_with(literal).then_some(literal.len())?,
        None if literal.is_empty() => 0,
        None => memchr::memmem::rfind(line, literal)? + literal.len(),
    };
    let code = line.get(start..start + 3)?;
    let clean = line.get(start + 3).is_none_or(|b| !b.is_ascii_alphanumeric());
    let fits = clean && matches!(code, [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9']);
    fits.then(|| (super::line::number(code) as u16, start))
}

const VARIABLES: [&[u8]; 2] = [b"%{http_code}", b"%{response_code}"];

/// Where in the JSON that `-w '%{json}'` writes the status stands.
pub(super) fn json_status(template: &[u8], json: &[u8]) -> Option<(u16, usize)> {
    memchr::memmem::find(template, b"%{json}")?;
    let key = b"\"http_code\":";
    let at = memchr::memmem::find(json, key)? + key.len();
    let code = json.get(at..at + 3).filter(|c| c.iter().all(u8::is_ascii_digit))?;
    Some((super::line::number(code) as u16, at))
}

/// Cuts what follows a JSON value or a page, as prose does in an article.
pub(in crate::format) fn cut(body: &[u8]) -> usize {
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
    fn what_write_out_says() {
        assert_eq!(written_status(b"\\nHTTP_CODE:%{http_code}\\n", b"HTTP_CODE:401"), Some((401, 10)));
        assert_eq!(written_status(b"%{http_code} %{time_total}", b"401 0.1"), Some((401, 0)));
        assert_eq!(written_status(b"%{http_code}", b"4010"), None);
        assert_eq!(written_status(b"%{url} %{http_code}", b"http://a 401"), None);
        assert_eq!(json_status(b"%{json}", b"{\"http_code\":401}"), Some((401, 13)));
    }

    /// What was searched for the end of a page is not searched again; an element's end is not searched behind a command.
    #[test]
    fn answers_without_an_end_are_searched_once() {
        let (page, mut known) = ([&b"<html>\n"[..], &b"<p>x\n".repeat(4000)].concat(), 0);
        assert_eq!(answer(&page, 100, true, &mut known), Found::Nothing);
        assert_eq!(known, 100 + page.len() as u64);
        let other = [&b"<html></html>"[..], page.get(13..).unwrap_or_default()].concat();
        assert_eq!(answer(&other, 100, true, &mut known), Found::Nothing);
        assert_eq!(answer(&other, known + 1, true, &mut known), Found::Bytes(13));
        let element = b"<a>\n$ curl x\n</a>\n";
        assert_eq!(answer(element, 0, true, &mut 0), Found::Nothing);
        assert_eq!(answer(b"<a>\n</a>\n$ curl x\n", 0, true, &mut 0), Found::Bytes(8));
    }

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
