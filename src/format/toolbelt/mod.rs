//! requests-toolbelt's `dump_all`: `< ` before the request, `> ` before the answer, the inverse of curl.
//!
//! Bodies have no mark; the next request is glued to them. The scheme is not shown.

use super::curl::line::{request_line, status_line};
use super::lines::head_lines;
use super::transcript::draft::{Answer, Draft};
use super::transcript::head::Head;
use super::transcript::line::Line;
use super::transcript::{Dialect, Taken};
use super::{Problem, Sink};
use crate::http::{Origin, Why};

/// How sure `head` is such a dump.
pub(super) fn sniff(head: &[u8]) -> u8 {
    let (mut requests, mut answers) = (0, 0);
    for line in head_lines(head, 4000) {
        requests += u32::from(glued(line.bytes).is_some());
        answers += u32::from(behind(line.bytes, b'>').is_some_and(|l| status_line(l).is_some()));
    }
    match (requests, answers) {
        (1.., 1..) => 97,
        (1.., _) => 60,
        _ => 0,
    }
}

/// Whether a request of such a dump begins with this line.
pub(super) fn begins(line: &[u8]) -> bool {
    glued(line) == Some(0)
}

fn behind(text: &[u8], mark: u8) -> Option<&[u8]> {
    match text {
        [m, b' ', rest @ ..] if *m == mark => Some(rest),
        [m] if *m == mark => Some(b""),
        _ => None,
    }
}

/// Where in a line `< METHOD target HTTP/1.1` begins: a body may stand before it.
fn glued(text: &[u8]) -> Option<usize> {
    let opens = |at: usize| text.get(at..).and_then(|t| behind(t, b'<')).is_some_and(|l| request_line(l).is_some());
    if opens(0) {
        return Some(0);
    }
    let end = text.trim_ascii_end();
    let version = [&b" HTTP/1.1"[..], b" HTTP/1.0"];
    if !version.iter().any(|v| end.ends_with(v)) {
        return None;
    }
    memchr::memmem::rfind_iter(text, b"< ").find(|at| opens(*at))
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    Rest,
    Request,
    Sent,
    Answer,
    Body,
}

/// Reads such a dump.
#[derive(Debug, Default)]
pub(in crate::format) struct Toolbelt {
    at: At,
    draft: Option<Draft>,
}

impl Dialect for Toolbelt {
    fn opens(&self, line: &[u8]) -> bool {
        behind(line, b'<').is_some_and(|l| request_line(l).is_some())
            || self.draft.is_some() && behind(line, b'>').is_some_and(|l| status_line(l).is_some())
    }

    fn line(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        if let Some(at) = glued(&line.text) {
            if at == 0 {
                return self.request(line, sink);
            }
            // What stands before it is the end of a body; of a line that was changed, only the request can be read on.
            if let Some(end) = line.raw_at(at) {
                self.body(line, end);
                return Taken::Upto(end);
            }
            let cut = Line {
                raw: line.raw,
                start: line.start,
                text: line.text.get(at..).unwrap_or_default().to_vec().into(),
                skip: 0,
            };
            return self.request(&cut, sink);
        }
        if let Some(first) = behind(&line.text, b'>')
            && let Some((code, status, reason)) = status_line(first)
        {
            let place = line.part(2 + code, 5 + code).at();
            let reason = line.rest((2 + reason).min(line.text.len()));
            let Some(draft) = &mut self.draft else { return Taken::No };
            draft.answer = Some(Answer { status, code: place, reason, ..Answer::default() });
            self.at = At::Answer;
            return self.reached(line);
        }
        match self.at {
            At::Rest => return Taken::No,
            At::Request | At::Answer => return self.head(line),
            At::Sent | At::Body => self.body(line, line.raw.len()),
        }
        self.reached(line)
    }

    fn end(&mut self, last: bool, sink: &mut dyn Sink) {
        let at = std::mem::take(&mut self.at);
        let Some(mut draft) = self.draft.take() else { return };
        let head = match at {
            At::Request => Some(&mut draft.request),
            At::Answer => draft.answer.as_mut().map(|a| &mut a.head),
            _ => None,
        };
        if let Some(head) = head.filter(|_| last) {
            head.unseen = Some(Why::Truncated);
            sink.problem(Problem::new(draft.at, "the end of a head", "the head was kept as far as it goes"));
        }
        draft.push(sink);
    }
}

impl Toolbelt {
    fn reached(&mut self, line: &Line<'_>) -> Taken {
        if let Some(draft) = &mut self.draft {
            draft.reach(line.end());
        }
        Taken::Whole
    }

    fn request(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        self.end(false, sink);
        let Some((method, target)) = line.text.get(2..).and_then(request_line) else { return Taken::No };
        self.draft = Some(Draft {
            origin: Origin::Wire,
            sent_seen: true,
            method: line.part(2, 2 + method),
            target: line.part(3 + method, 3 + method + target),
            version: line.rest(4 + method + target),
            ..Draft::at(line.span())
        });
        self.at = At::Request;
        Taken::Whole
    }

    fn head(&mut self, line: &Line<'_>) -> Taken {
        let asked = self.at == At::Request;
        let mark = if asked { b'<' } else { b'>' };
        let text = behind(&line.text, mark);
        let empty = text.is_none_or(|t| t.is_empty());
        if empty {
            self.at = if asked { At::Sent } else { At::Body };
        }
        if text.is_none() && !line.blank() {
            self.body(line, line.raw.len());
        } else if !empty && let Some(head) = self.of(asked) {
            head.line(line, 2);
        }
        self.reached(line)
    }

    fn of(&mut self, asked: bool) -> Option<&mut Head> {
        let draft = self.draft.as_mut()?;
        if asked { Some(&mut draft.request) } else { draft.answer.as_mut().map(|a| &mut a.head) }
    }

    /// The first `n` bytes of a line are of the body.
    fn body(&mut self, line: &Line<'_>, n: usize) {
        let asked = self.at == At::Sent;
        let Some(draft) = &mut self.draft else { return };
        let body = if asked { Some(&mut draft.sent) } else { draft.answer.as_mut().map(|a| &mut a.body) };
        let Some(body) = body else { return };
        // The mark stands before the request body, too, but on its first line only.
        let marked = asked && body.len() == 0 && behind(&line.text, b'<').is_some();
        match n == line.raw.len() {
            true if marked && line.untouched() => body.push(line.raw.get(2..).unwrap_or_default(), line.start + 2),
            true => body.line(line),
            false => body.push(line.raw.get(line.skip..n).unwrap_or_default(), line.start + line.skip as u64),
        }
    }
}

#[cfg(test)]
mod tests;
