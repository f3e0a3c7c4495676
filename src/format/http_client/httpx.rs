//! Lines of httpx and httpcore: one line an answer, and the answer's headers.

use super::literal::{Literal, literal, value};
use crate::format::curl::line::{number, status_line};
use crate::format::transcript::head::Head;
use crate::format::transcript::line::Line;

/// `HTTP Request: GET https://a/x "HTTP/1.1 401 Unauthorized"`: places in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) method: (usize, usize),
    pub(super) url: (usize, usize),
    pub(super) status: u16,
    pub(super) code: usize,
    pub(super) reason: (usize, usize),
}

/// Finds such a text in a line.
pub(super) fn told(text: &[u8]) -> Option<Told> {
    let mark = b"HTTP Request: ";
    let method = memchr::memmem::find(text, mark)? + mark.len();
    let space = method + memchr::memchr(b' ', text.get(method..)?)?;
    let quote = space + memchr::memmem::find(text.get(space..)?, b" \"")?;
    let answer = text.get(quote + 2..)?;
    let answer = answer.get(..memchr::memrchr(b'"', answer)?)?;
    let (code, status, reason) = status_line(answer)?;
    let from = quote + 2;
    Some(Told {
        method: (method, space),
        url: (space + 1, quote),
        status,
        code: from + code,
        reason: (from + reason.min(answer.len()), from + answer.len()),
    })
}

/// The head of `receive_response_headers.complete return_value=(b'HTTP/1.1', 401, b'No', [(b'A', b'x'), ...])`,
/// and its status.
pub(super) fn received(line: &Line<'_>) -> Option<(u16, Head)> {
    let text = &line.text;
    let at = memchr::memmem::find(text, b"receive_response_headers.complete return_value=(")?;
    let list = at + memchr::memchr(b'[', text.get(at..)?)?;
    let digits = text.get(at..list)?.split(|b| !b.is_ascii_digit()).find(|d| d.len() == 3)?;
    let mut head = Head::default();
    let mut from = list + 1;
    while let Some((name, val, end)) = pair(text, from) {
        head.push(value(line, name.start, name.end), value(line, val.start, val.end));
        from = end;
    }
    Some((number(digits) as u16, head))
}

/// `(b'Name', b'value')` and where it ends, from its parenthesis on.
fn pair(text: &[u8], from: usize) -> Option<(Literal, Literal, usize)> {
    let blank = text.get(from..)?.iter().take_while(|b| matches!(b, b' ' | b',')).count();
    let open = from + blank;
    if text.get(open) != Some(&b'(') {
        return None;
    }
    let name = literal(text, open + 1)?;
    let rest = text.get(name.end + 1..)?;
    let val = literal(text, name.end + 1 + rest.iter().take_while(|b| matches!(b, b' ' | b',')).count())?;
    (text.get(val.end + 1) == Some(&b')')).then_some((name, val, val.end + 2))
}
