//! Lines of no fixed layout: words, `key=value` fields in any order, and a request, quoted or in fields of its own.

use super::entry::{Entry, side};
use super::extras::extra;
use super::keys::{Meaning, meaning};
use super::token::{Token, tokens};
use super::values::{address, any_time, request_line, status};
use crate::format::lines::Line;
use crate::http::Coding;

const METHODS: [&[u8]; 7] = [b"GET", b"POST", b"PUT", b"PATCH", b"DELETE", b"HEAD", b"OPTIONS"];

/// So many words may stand between the request and its status.
const NEAR: u8 = 2;

/// A line with `"METHOD target HTTP/x"` and a status near it, or with method, target and status in fields.
pub(crate) fn parse(line: Line<'_>) -> Option<Entry<'_>> {
    let mut entry = Entry { at: line.span(), ..Entry::default() };
    let mut state = State::default();
    for token in tokens(line.bytes) {
        step(&mut entry, &mut state, line, token);
    }
    if entry.status.is_none()
        && let Some(code) = state.early
        && entry.has_request
    {
        // `401 Unauthorized "POST /x HTTP/1.1"`
        entry.status = status(code);
        entry.status_at = line.text(code).at();
    }
    let named = !entry.method.is_empty() && !entry.target.is_empty();
    (entry.complete() && (state.quoted || named)).then_some(entry)
}

#[derive(Default)]
struct State<'l> {
    /// A quoted request line was met.
    quoted: bool,
    /// Words since then.
    since: u8,
    /// A bare status-like word before it.
    early: Option<&'l [u8]>,
    /// The last bare word.
    word: &'l [u8],
}

fn step<'l>(entry: &mut Entry<'l>, state: &mut State<'l>, line: Line<'l>, token: Token<'l>) {
    match token {
        Token::Quoted(field) if !state.quoted => {
            let field = without_escapes(field);
            match request_line(field) {
                Some((_, _, version)) if !version.is_empty() => {
                    entry.put_request(field, |part| line.text(part).with_coding(Coding::Log));
                    state.quoted = true;
                }
                // `| 401 | 1ms | 10.1.2.3 | POST "/client"`
                _ if field.starts_with(b"/") && METHODS.contains(&state.word) && state.early.is_some() => {
                    entry.has_request = true;
                    entry.method = line.text(state.word);
                    entry.target = line.text(field).with_coding(Coding::Log);
                    state.quoted = true;
                }
                _ => extra(entry, line, token),
            }
        }
        Token::Word(w) => bare(entry, state, line, w),
        Token::Bracketed(inside) => {
            if entry.time.is_none() {
                entry.time = any_time(inside);
            }
            let client = address(inside).or_else(|| address(inside.split(|b| *b == b' ').next_back()?));
            if let Some(client) = client.filter(|_| entry.client.is_empty()) {
                entry.client = line.text(client);
            }
            entry.side = side(inside).unwrap_or(entry.side);
            extra(entry, line, token);
        }
        Token::Pair(key, value, _) => {
            if !state.quoted
                && meaning(key) == Meaning::RequestLine
                && request_line(value).is_some_and(|(_, _, version)| !version.is_empty())
            {
                state.quoted = true;
            }
            extra(entry, line, token);
        }
        Token::Quoted(_) => extra(entry, line, token),
    }
}

fn bare<'l>(entry: &mut Entry<'l>, state: &mut State<'l>, line: Line<'l>, word: &'l [u8]) {
    let word = without_escapes(word);
    if state.quoted {
        if entry.status.is_none() && state.since < NEAR {
            entry.status = status(word);
            entry.status_at = line.text(word).at();
        }
        state.since = state.since.saturating_add(1);
        return;
    }
    two_words(entry, state.word, word);
    if word != b"-" {
        state.word = word;
    }
    if status(word).is_some() {
        state.early = Some(word);
    }
    if entry.time.is_none() {
        entry.time = any_time(word);
    }
    if let Some(client) = address(word).filter(|_| entry.client.is_empty()) {
        entry.client = line.text(client);
    }
    entry.side = side(word).unwrap_or(entry.side);
}

/// A time in two words: `2026/11/21 09:12:07`.
fn two_words(entry: &mut Entry<'_>, date: &[u8], time: &[u8]) {
    if entry.time.is_none() && date.len() == 10 && time.get(2) == Some(&b':') {
        entry.time = any_time(&[date, time].join(&b' '));
    }
}

/// Without terminal colours at either end.
fn without_escapes(mut word: &[u8]) -> &[u8] {
    while let [0x1b, b'[', rest @ ..] = word {
        let end = rest.iter().position(u8::is_ascii_alphabetic).map_or(rest.len(), |at| at + 1);
        word = rest.get(end..).unwrap_or_default();
    }
    let end = memchr::memchr(0x1b, word).unwrap_or(word.len());
    word.get(..end).unwrap_or(word)
}
