//! .NET: what `HttpClient`s of the factory log (`System.Net.Http.HttpClient.*`), headers at the level Trace.
//!
//! ```text
//! info: System.Net.Http.HttpClient.Berths.ClientHandler[100]
//!       Sending HTTP request GET https://a.example/v2/berths
//! trce: System.Net.Http.HttpClient.Berths.ClientHandler[102]
//!       Request Headers:
//!       Authorization: Bearer abc
//!
//! info: System.Net.Http.HttpClient.Berths.ClientHandler[101]
//!       Received HTTP response headers after 12.3ms - 401
//! ```
//! `LogicalHandler` tells the same before other handlers have added theirs. Redacted values are `*`.

#[cfg(test)]
mod tests;

use super::lines::head_lines;
use super::transcript::beside_curl;
use super::transcript::draft::{Answer, Draft};
use super::transcript::head::{Head, name};
use super::transcript::line::Line;
use super::transcript::{Dialect, Taken};
use super::{Sink, lines};
use crate::http::Why;

/// What a line says; places in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// `Start processing HTTP request GET https://...`, `Sending ...`: method and URL.
    Request {
        outer: bool,
        method: (usize, usize),
        url: (usize, usize),
    },
    RequestHeaders,
    ResponseHeaders,
    /// `... after 12.3ms - 401`: where the status stands, and the time.
    Answer {
        code: usize,
        micros: Option<i64>,
    },
}

/// Whether such a log may begin with this line.
pub(super) fn begins(line: &[u8]) -> bool {
    matches!(word(line), Some(Word::Request { .. }))
}

/// How sure `head` is such a log.
pub(super) fn sniff(head: &[u8]) -> u8 {
    let count = |answer: bool| {
        let of = |w: Word| if answer { matches!(w, Word::Answer { .. }) } else { matches!(w, Word::Request { .. }) };
        head_lines(head, 4000).filter(|l| word(l.bytes).is_some_and(of)).count()
    };
    let score = match (count(false), count(true)) {
        (1.., 1..) => 88,
        (1.., _) => 65,
        _ => 0,
    };
    beside_curl(head, score)
}

fn word(text: &[u8]) -> Option<Word> {
    let head = text.get(..300).unwrap_or(text);
    if text.ends_with(b"Request Headers:") {
        return Some(Word::RequestHeaders);
    }
    if text.ends_with(b"Response Headers:") {
        return Some(Word::ResponseHeaders);
    }
    let at = lines::find(head, b" HTTP re")?;
    let before = text.get(..at)?;
    let rest = text.get(at..)?;
    let outer = before.ends_with(b"Start processing");
    if let Some(told) = rest.strip_prefix(b" HTTP request ").filter(|_| outer || before.ends_with(b"Sending")) {
        let from = text.len() - told.len();
        let method = unquoted(text, from)?;
        let gap = text.get(method.1..)?.iter().take_while(|b| matches!(b, b'"' | b' ')).count();
        let url = unquoted(text, method.1 + gap)?;
        let upper = text.get(method.0..method.1)?.iter().all(u8::is_ascii_uppercase);
        let known = upper && text.get(url.0..url.1)?.starts_with(b"http");
        return known.then_some(Word::Request { outer, method, url });
    }
    let ended = before.ends_with(b"End processing") || before.ends_with(b"Received");
    let after = lines::find(rest, b" after ").filter(|_| ended)? + at + 7;
    let dash = lines::find(text.get(after..)?, b" - ")? + after;
    let code = dash + 3;
    let digits =
        text.get(code..code + 3)?.iter().all(u8::is_ascii_digit) && !text.get(code + 3).is_some_and(u8::is_ascii_digit);
    let millis = text.get(after..dash)?.strip_suffix(b"ms");
    let millis: Option<f64> = millis.and_then(|m| std::str::from_utf8(m).ok()?.parse().ok());
    digits.then_some(Word::Answer { code, micros: millis.map(|m| (m.clamp(0.0, 1e9) * 1000.0) as i64) })
}

/// A word, which some loggers quote.
fn unquoted(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let from = from + usize::from(text.get(from) == Some(&b'"'));
    let len = text.get(from..)?.iter().take_while(|b| !matches!(b, b'"' | b' ')).count();
    (len > 0).then_some((from, from + len))
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    Rest,
    Request,
    Response,
}

/// Reads such a log.
#[derive(Debug, Default)]
pub(in crate::format) struct DotnetHttp {
    at: At,
    draft: Option<Draft>,
    /// Only the outer handler has told of it.
    outer: bool,
}

impl Dialect for DotnetHttp {
    fn opens(&self, line: &[u8]) -> bool {
        match word(line) {
            Some(Word::Request { .. }) => true,
            Some(_) => self.draft.is_some(),
            None => false,
        }
    }

    fn line(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        if let Some(word) = word(&line.text) {
            self.word(line, word, sink);
            return Taken::Whole;
        }
        if self.at == At::Rest || self.draft.is_none() {
            return Taken::No;
        }
        let from = line.text.len() - line.text.trim_ascii_start().len();
        let text = line.text.get(from..).unwrap_or_default();
        if line.blank() || is_level(text) || name(text).is_none() {
            self.at = At::Rest;
            return if line.blank() { Taken::Whole } else { Taken::No };
        }
        self.header(line, from);
        Taken::Whole
    }

    fn end(&mut self, _last: bool, sink: &mut dyn Sink) {
        self.at = At::Rest;
        if let Some(draft) = self.draft.take() {
            draft.push(sink);
        }
    }
}

/// `info: `, `trce: `: the console's first line of the next entry.
fn is_level(text: &[u8]) -> bool {
    const LEVELS: [&[u8]; 6] = [b"trce: ", b"dbug: ", b"info: ", b"warn: ", b"fail: ", b"crit: "];
    LEVELS.iter().any(|l| text.starts_with(l))
}

impl DotnetHttp {
    fn word(&mut self, line: &Line<'_>, word: Word, sink: &mut dyn Sink) {
        self.at = At::Rest;
        match word {
            Word::Request { outer, method, url } => {
                let target = line.part(url.0, url.1);
                // The inner handler tells of the request that the outer one has told of.
                let same = |d: &Draft| d.answer.is_none() && d.target.raw() == target.raw();
                if outer || !self.outer || !self.draft.as_ref().is_some_and(same) {
                    self.end(false, sink);
                    let method = line.part(method.0, method.1);
                    self.draft = Some(Draft { method, target, ..Draft::at(line.span()) });
                }
                if let Some(draft) = &mut self.draft {
                    draft.request = Head::unseen();
                }
                self.outer = outer;
            }
            Word::RequestHeaders => self.at = At::Request,
            Word::ResponseHeaders => {
                if let Some(answer) = self.draft.as_mut().and_then(|d| d.answer.as_mut()) {
                    // Told once more by the outer handler.
                    answer.head = Head::default();
                    self.at = At::Response;
                }
            }
            Word::Answer { code, micros } => {
                if let Some(draft) = self.draft.as_mut().filter(|d| d.answer.is_none()) {
                    draft.duration = micros;
                    draft.answer = Some(Answer::told(line, code, code + 3));
                }
            }
        }
        if let Some(draft) = &mut self.draft {
            draft.reach(line.end());
        }
    }

    fn header(&mut self, line: &Line<'_>, from: usize) {
        let Some(draft) = &mut self.draft else { return };
        draft.reach(line.end());
        let head = match (self.at, &mut draft.answer) {
            (At::Response, Some(answer)) => &mut answer.head,
            _ => &mut draft.request,
        };
        head.line(line, from);
        // Of a redacted value nothing is known, and the handlers below add fields of their own.
        if head.list.pop_if(|h| h.value.raw() == b"*").is_some() {
            head.unseen = Some(Why::Redacted);
        }
    }
}
