//! Node's own clients with `NODE_DEBUG=undici` or `fetch`: method, URL and status; no headers, no bodies.
//!
//! ```text
//! UNDICI 10636: sending request to GET http://127.0.0.1:9000//api/4.0/user
//! UNDICI 10636: received response to GET http://127.0.0.1:9000//api/4.0/user - HTTP 401
//! ```

use super::Sink;
use super::transcript::by_lines;
use super::transcript::draft::{Answer, Draft};
use super::transcript::head::Head;
use super::transcript::line::Line;
use super::transcript::waiting::Waiting;
use super::transcript::{Dialect, Taken};
use crate::http::Text;

/// Whether such a log may begin with this line.
pub(super) fn begins(line: &[u8]) -> bool {
    matches!(word(line), Some(Word::Sending(_)))
}

/// How sure `head` is such a log.
pub(super) fn sniff(head: &[u8]) -> u8 {
    by_lines(head, 70, 90, |line| word(line).is_some())
}

/// What a line says; where its method begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Sending(usize),
    Received(usize),
    Failed(usize),
}

fn word(text: &[u8]) -> Option<Word> {
    let rest = text.strip_prefix(b"UNDICI ").or_else(|| text.strip_prefix(b"FETCH "))?;
    let pid = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = rest.get(pid..)?.strip_prefix(b": ").filter(|_| pid > 0)?;
    let at = text.len() - rest.len();
    let behind = |mark: &[u8]| rest.starts_with(mark).then_some(at + mark.len());
    behind(b"sending request to ")
        .map(Word::Sending)
        .or_else(|| behind(b"received response to ").map(Word::Received))
        .or_else(|| behind(b"request to ").map(Word::Failed))
}

/// Method and URL behind `at`: where they end.
fn request(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let rest = text.get(at..)?;
    let method = rest.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let url = rest.get(method + 1..).filter(|_| method > 0)?;
    let len = url.iter().take_while(|b| !b.is_ascii_whitespace()).count();
    (url.starts_with(b"http")).then_some((at + method, at + method + 1 + len))
}

/// Reads such a log.
#[derive(Debug, Default)]
pub(in crate::format) struct Undici {
    waiting: Waiting,
}

impl Dialect for Undici {
    fn opens(&self, line: &[u8]) -> bool {
        word(line).is_some()
    }

    fn line(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        let Some(word) = word(&line.text) else { return Taken::No };
        let (Word::Sending(at) | Word::Received(at) | Word::Failed(at)) = word;
        let Some((method, end)) = request(&line.text, at) else { return Taken::Whole };
        let url = line.part(method + 1, end);
        if let Word::Sending(_) = word {
            let (method, target) = (line.part(at, method), without_doubled_slash(url));
            let draft = Draft { method, target, request: Head::unseen(), ..Draft::at(line.span()) };
            if let Some(oldest) = self.waiting.push(draft) {
                oldest.push(sink);
            }
            return Taken::Whole;
        }
        let url = without_doubled_slash(url);
        let mut draft = match (self.waiting.take(url.raw()), word) {
            (Some(draft), _) => draft,
            // It failed before it was sent: there was no connection.
            (None, Word::Failed(_)) => {
                Draft { method: line.part(at, method), target: url, request: Head::unseen(), ..Draft::at(line.span()) }
            }
            (None, _) => return Taken::Whole,
        };
        draft.reach(line.end());
        let tail = line.text.get(end..).unwrap_or_default();
        match (word, tail.strip_prefix(b" - HTTP ")) {
            (Word::Received(_), Some(code)) => {
                let digits = code.iter().take_while(|b| b.is_ascii_digit()).count();
                let from = line.text.len() - code.len();
                draft.answer = Some(Answer::told(line, from, from + digits));
            }
            _ => draft.failure = Some(line.rest(end + usize::from(tail.first() == Some(&b' ')))),
        }
        draft.push(sink);
        Taken::Whole
    }

    fn end(&mut self, _last: bool, sink: &mut dyn Sink) {
        for draft in self.waiting.drain() {
            draft.push(sink);
        }
    }
}

/// undici prints origin and path with a slash between them; the path has its own.
fn without_doubled_slash(url: Text<'static>) -> Text<'static> {
    let raw = url.raw();
    let Some(scheme) = memchr::memmem::find(raw, b"://").map(|at| at + 3) else { return url };
    let Some(slash) = memchr::memmem::find(raw.get(scheme..).unwrap_or_default(), b"//").map(|at| at + scheme) else {
        return url;
    };
    if memchr::memchr(b'/', raw.get(scheme..slash).unwrap_or_default()).is_some() {
        return url;
    }
    let made = [raw.get(..slash).unwrap_or_default(), raw.get(slash + 1..).unwrap_or_default()].concat();
    Text::made(made, url.at())
}

#[cfg(test)]
mod tests;
