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

use super::Sink;
use super::curl::line::number;
use super::lines::head_lines;
use super::transcript::beside_curl;
use super::transcript::draft::{Answer, Draft};
use super::transcript::head::Head;
use super::transcript::line::Line;
use super::transcript::{Dialect, Taken};

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
    let score = match head_lines(head, 4000).filter(|l| word(l.bytes).is_some()).count() {
        0 => 0,
        1 => 70,
        _ => 90,
    };
    beside_curl(head, score)
}

fn word(text: &[u8]) -> Option<Word> {
    let head = text.get(..160).unwrap_or(text);
    let behind = |mark: &[u8]| memchr::memmem::find(head, mark).map(|at| at + mark.len());
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
    let close = memchr::memmem::find(rest, b") ")?;
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

/// So many requests may be open at once.
const MOST: usize = 64;

/// Reads such a log.
#[derive(Debug, Default)]
pub(in crate::format) struct JavaHttp {
    at: At,
    waiting: Vec<Draft>,
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
        for draft in std::mem::take(&mut self.waiting) {
            self.push(draft, sink);
        }
    }
}

impl JavaHttp {
    fn word(&mut self, line: &Line<'_>, word: Word, sink: &mut dyn Sink) {
        match word {
            Word::Request(url, end) => {
                if self.waiting.len() >= MOST {
                    let oldest = self.waiting.remove(0);
                    self.push(oldest, sink);
                }
                let method = line.rest(end + 1);
                let target = line.part(url, end);
                self.waiting.push(Draft { method, target, request: Head::unseen(), ..Draft::at(line.span()) });
            }
            Word::RequestHeaders => {
                self.at = At::Request;
                if let Some(draft) = self.waiting.last_mut() {
                    draft.request = Head::default();
                }
            }
            Word::ResponseHeaders => {
                self.at = At::Response;
                self.head = Some(Head::default());
            }
            Word::Response(url, end, code) => {
                let told = line.text.get(url..end).unwrap_or_default();
                let index = self.waiting.iter().position(|d| d.target.raw() == told);
                let mut draft = match index {
                    Some(index) => self.waiting.remove(index),
                    // The log begins behind its request.
                    None => {
                        let method = line.text.get(..url.saturating_sub(1)).and_then(|b| memchr::memrchr(b'(', b));
                        let method = line.part(method.map_or(url, |m| m + 1), url.saturating_sub(1).max(1));
                        let request = Head::unseen();
                        Draft { method, target: line.part(url, end), request, ..Draft::at(line.span()) }
                    }
                };
                draft.reach(line.end());
                let place = line.part(code, code + 3);
                let status = number(place.raw()).min(999) as u16;
                let head = self.head.take().unwrap_or_else(Head::unseen);
                draft.answer = Some(Answer { status, code: place.at(), head, ..Answer::default() });
                self.push(draft, sink);
            }
        }
    }

    /// A line of the request's head; its request line tells the version.
    fn request(&mut self, line: &Line<'_>) {
        let Some(draft) = self.waiting.last_mut() else { return };
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
