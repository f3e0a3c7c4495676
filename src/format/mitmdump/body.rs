//! Bodies as mitmdump prints them: a view of the form, of the JSON, or the text, indented by four.

use memchr::{memchr, memmem};

use super::flow::{Message, Piece};
use crate::http::{Body, Header, Origin, Text, Why};

/// The body of a message, as far as the view tells it.
pub(super) fn body<'a>(all: Piece<'a>, message: &Message<'a>) -> Body<'a> {
    if !message.shown {
        return Body::NotObserved(Why::NotRecorded);
    }
    let view = view(message.body);
    if view.is_empty() {
        return empty(message);
    }
    if matches!(view, b"[content missing]" | b"(content missing)" | b"Content is missing.") {
        return Body::NotObserved(Why::NotRecorded);
    }
    if kind(message).is_some_and(|k| k.starts_with(b"application/x-www-form-urlencoded")) {
        return Body::Pairs(pairs(all, view));
    }
    Body::Text { text: all.text(view), source: Origin::Parsed }
}

/// Nothing is printed: there is no body, unless the headers announce one.
fn empty<'a>(message: &Message<'a>) -> Body<'a> {
    let length = value(message, b"content-length").unwrap_or_default();
    if length.iter().any(|b| matches!(b, b'1'..=b'9')) {
        return Body::NotObserved(Why::NotRecorded);
    }
    Body::Absent
}

fn value<'m>(message: &'m Message<'_>, name: &[u8]) -> Option<&'m [u8]> {
    let same = |h: &&Header<'_>| h.name.raw().eq_ignore_ascii_case(name);
    message.headers.iter().find(same).map(|h| h.value.raw())
}

fn kind(message: &Message<'_>) -> Option<Vec<u8>> {
    value(message, b"content-type").map(<[u8]>::to_ascii_lowercase)
}

/// Without the first indent, the blank lines around it, and trailers.
fn view(body: &[u8]) -> &[u8] {
    let end = memmem::find(body, b"    --- HTTP Trailers").unwrap_or(body.len());
    let body = body.get(..end).unwrap_or(body).trim_ascii_end();
    let blank = body.iter().position(|b| !matches!(b, b'\r' | b'\n')).unwrap_or(body.len());
    let body = body.get(blank..).unwrap_or_default();
    body.strip_prefix(b"    ").unwrap_or(body)
}

/// `name:    value` lines; a line without a name goes on with the value before it.
fn pairs<'a>(all: Piece<'a>, view: &'a [u8]) -> Vec<(Text<'a>, Text<'a>)> {
    let mut pairs: Vec<(Text<'a>, Text<'a>)> = Vec::new();
    for line in view.split(|b| *b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = line.strip_prefix(b"    ").unwrap_or(line);
        let Some((name, value)) = memchr(b':', line).and_then(|at| line.split_at_checked(at)) else {
            continue;
        };
        let value = value.get(1..).unwrap_or_default().trim_ascii_start();
        pairs.push((all.text(name), all.text(value)));
    }
    pairs
}
