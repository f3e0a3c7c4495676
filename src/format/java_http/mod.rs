//! Java's own HTTP client with `-Djdk.httpclient.HttpClient.log=requests,headers`.
//!
//! ```text
//! INFO: REQUEST: https://a.example/v2/berths GET
//! INFO: HEADERS: REQUEST HEADERS:
//! GET /v2/berths HTTP/1.1
//! Authorization: Bearer abc
//!
//! INFO: HEADERS: RESPONSE HEADERS:
//!     www-authenticate: Bearer
//!
//! INFO: RESPONSE: (GET https://a.example/v2/berths) 401 HTTP_1_1 Local port:  48008
//! ```
//! Bodies are not logged; without `headers` only methods, URLs and statuses are.

#[cfg(test)]
mod tests;

use super::transcript::by_lines;
use super::transcript::draft::{Answer, Draft};
use super::transcript::head::Head;
use super::transcript::line::Line;
use super::transcript::waiting::Waiting;
use super::transcript::{Dialect, Taken};
use super::{Sink, lines};

/// What a line says; places in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// `REQUEST: URL METHOD`: where the URL begins and ends.
    Request(usize, usize),
    RequestHeaders,
    ResponseHeaders,
    /// `RESPONSE: (METHOD URL) NNN`: the URL, and where the status begins.
    Response(usize, usize, usize),
}

/// Whether such a log may begin with this line.
pub(super) fn begins(line: &[u8]) -> bool {
    matches!(word(line), Some(Word::Request(..) | Word::Response(..)))
}

/// How sure `head` is such a log.
pub(super) fn sniff(head: &[u8]) -> u8 {
    by_lines(head, 70, 90, |line| word(line).is_some())
}

fn word(text: &[u8]) -> Option<Word> {
    let head = text.get(..160).unwrap_or(text);
    let behind = |mark: &[u8]| lines::find(head, mark).map(|at| at + mark.len());
    if text.ends_with(b"HEADERS: REQUEST HEADERS:") {
        return Some(Word::RequestHeaders);
    }
    if text.ends_with(b"HEADERS: RESPONSE HEADERS:") {
        return Some(Word::ResponseHeaders);
    }
    if let Some(at) = behind(b"REQUEST: http") {
        let url = at - 4;
        let len = text.get(url..)?.iter().position(|b| *b == b' ')?;
        let method = text.get(url + len + 1..)?;
        let known = !method.is_empty() && method.iter().all(u8::is_ascii_uppercase);
        return known.then_some(Word::Request(url, url + len));
    }
    let at = behind(b"RESPONSE: (")?;
    let rest = text.get(at..)?;
    let blank = rest.iter().position(|b| *b == b' ')?;
    let close = lines::find(rest, b") ")?;
    let url = rest.get(blank + 1..close)?;
    let digits = rest.get(close + 2..close + 5)?.iter().all(u8::is_ascii_digit);
    (url.starts_with(b"http") && digits).then_some(Word::Response(at + blank + 1, at + close, at + close + 2))
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
pub(in crate::format) struct JavaHttp {
    at: At,
    waiting: Waiting,
    /// The head that is told before its answer is.
    head: Option<Head>,
    named: bool,
}

impl Dialect for JavaHttp {
    fn opens(&self, line: &[u8]) -> bool {
        match word(line) {
            Some(Word::RequestHeaders | Word::ResponseHeaders) => !self.waiting.is_empty(),
            word => word.is_some(),
        }
    }

    fn line(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        if let Some(word) = word(&line.text) {
            self.at = At::Rest;
            self.word(line, word, sink);
            return Taken::Whole;
        }
        match self.at {
            At::Rest => return Taken::No,
            _ if line.blank() => self.at = At::Rest,
            At::Request => self.request(line),
            At::Response => {
                let blanks = line.text.len() - line.text.trim_ascii_start().len();
                if let Some(head) = &mut self.head {
                    head.line(line, blanks);
                }
            }
        }
        Taken::Whole
    }

    fn end(&mut self, _last: bool, sink: &mut dyn Sink) {
        self.at = At::Rest;
        self.head = None;
        for draft in self.waiting.drain() {
            self.push(draft, sink);
        }
    }
}

/// The request of an answer, as that names it: `(METHOD URL)`.
fn unasked(line: &Line<'_>, url: usize, end: usize) -> Draft {
    let before = url.saturating_sub(1);
    let method = line.text.get(..before).and_then(|b| memchr::memrchr(b'(', b)).map_or(url, |m| m + 1);
    let (method, target) = (line.part(method, before.max(1)), line.part(url, end));
    Draft { method, target, request: Head::unseen(), ..Draft::at(line.span()) }
}

impl JavaHttp {
    fn word(&mut self, line: &Line<'_>, word: Word, sink: &mut dyn Sink) {
        match word {
            Word::Request(url, end) => {
                let (method, target) = (line.rest(end + 1), line.part(url, end));
                let draft = Draft { method, target, request: Head::unseen(), ..Draft::at(line.span()) };
                if let Some(oldest) = self.waiting.push(draft) {
                    self.push(oldest, sink);
                }
            }
            Word::RequestHeaders => {
                self.at = At::Request;
                if let Some(draft) = self.waiting.latest() {
                    draft.request = Head::default();
                }
            }
            Word::ResponseHeaders => {
                self.at = At::Response;
                self.head = Some(Head::default());
            }
            Word::Response(url, end, code) => {
                let told = line.text.get(url..end).unwrap_or_default();
                // The log may begin behind its request.
                let mut draft = self.waiting.take(told).unwrap_or_else(|| unasked(line, url, end));
                draft.reach(line.end());
                let head = self.head.take().unwrap_or_else(Head::unseen);
                draft.answer = Some(Answer { head, ..Answer::told(line, code, code + 3) });
                self.push(draft, sink);
            }
        }
    }

    /// A line of the request's head; its request line tells the version.
    fn request(&mut self, line: &Line<'_>) {
        let Some(draft) = self.waiting.latest() else { return };
        draft.reach(line.end());
        match super::curl::line::request_line(&line.text).filter(|_| draft.request.list.is_empty()) {
            Some((method, target)) => draft.version = line.rest(method + target + 2),
            None => draft.request.line(line, line.text.len() - line.text.trim_ascii_start().len()),
        }
    }

    fn push(&mut self, mut draft: Draft, sink: &mut dyn Sink) {
        draft.sent_seen = draft.request.length() == Some(0);
        let agent = draft.request.get("user-agent").map(|a| String::from_utf8_lossy(a).into_owned());
        if let Some((name, version)) = agent.as_deref().and_then(|a| a.split_once('/'))
            && !std::mem::replace(&mut self.named, true)
        {
            sink.recorder(name, version);
        }
        draft.push(sink);
    }
}
