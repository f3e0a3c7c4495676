//! The state of reading: what is between `-->` and `--> END`, `<--` and `<-- END`.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::format::Sink;
use crate::format::curl::line::number;
use crate::format::transcript::draft::{Answer, Draft};
use crate::format::transcript::head::{Head, name};
use crate::format::transcript::line::Line;
use crate::format::transcript::{Dialect, Taken};
use crate::http::Text;

/// A line that OkHttp begins with an arrow; places in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// `--> GET https://a/x http/1.1`
    Request {
        at: usize,
        method: (usize, usize),
        url: (usize, usize),
        version: (usize, usize),
    },
    RequestEnd,
    /// `<-- 401 Unauthorized https://a/x (12ms)`
    Answer {
        at: usize,
        code: usize,
        reason: (usize, usize),
        url: (usize, usize),
        micros: Option<i64>,
    },
    AnswerEnd(Option<i64>),
    /// `<-- HTTP FAILED: java.net...`: where the reason begins.
    Failed(usize),
}

/// `-->` and `<--`, and Feign's longer one: to prepare a search costs more than to search a line.
static ARROWS: LazyLock<[Finder<'static>; 3]> =
    LazyLock::new(|| [Finder::new("--> "), Finder::new("<-- "), Finder::new("<--- ")]);

/// The arrow of a line, if a logger's prefix at most stands before it.
pub(super) fn mark(text: &[u8]) -> Option<Mark> {
    let head = text.get(..160).unwrap_or(text);
    let at = ARROWS.iter().find_map(|arrow| arrow.find(head))?;
    if let Some(mark) = feign(text, at) {
        return Some(mark);
    }
    let clean = at == 0 || matches!(text.get(at - 1), Some(b' ' | b'\t' | b']' | b'|' | b':'));
    let quoted = text.get(..at)?.iter().any(|b| matches!(b, b'"' | b'{' | b'<'));
    if !clean || quoted {
        return None;
    }
    let rest = text.get(at + 4..)?;
    let from = at + 4;
    if text.get(at) == Some(&b'-') {
        return if rest.starts_with(b"END ") { Some(Mark::RequestEnd) } else { request(text, at) };
    }
    if rest.starts_with(b"END HTTP") {
        return Some(Mark::AnswerEnd(micros(rest)));
    }
    if rest.starts_with(b"HTTP FAILED: ") {
        return Some(Mark::Failed(from));
    }
    answer(text, at)
}

/// Feign's arrows are longer, and its answers name no URL: `[Api#get] <--- HTTP/1.1 401 Unauthorized (12ms)`.
fn feign(text: &[u8], at: usize) -> Option<Mark> {
    let sent = text.get(at) == Some(&b'-');
    let (at, from) = if sent { (at.checked_sub(1)?, at + 4) } else { (at, at + 5) };
    let arrow: &[u8] = if sent { b"---> " } else { b"<--- " };
    if text.get(at..from)? != arrow || at > 0 && text.get(at - 1) != Some(&b' ') {
        return None;
    }
    let rest = text.get(from..)?;
    if sent {
        let method = rest.iter().take_while(|b| b.is_ascii_uppercase()).count();
        let Some(url) = Some(from + method + 1).filter(|u| url_at(text, *u).is_some() && method > 1) else {
            return rest.starts_with(b"END HTTP").then_some(Mark::RequestEnd);
        };
        let end = url + url_at(text, url)?;
        let version = (end + usize::from(end < text.len()), text.len());
        return Some(Mark::Request { at, method: (from, from + method), url: (url, end), version });
    }
    if rest.starts_with(b"END HTTP") {
        return Some(Mark::AnswerEnd(None));
    }
    if rest.starts_with(b"ERROR ") {
        return Some(Mark::Failed(from + 6));
    }
    let blank = from + memchr::memchr(b' ', rest.strip_prefix(b"HTTP/")?)? + 5;
    let (code, _, reason) = crate::format::curl::line::status_line(rest)?;
    let end = memchr::memmem::rfind(text, b" (").filter(|e| *e >= from + reason).unwrap_or(text.len());
    let reason = (from + reason.min(rest.len()), end.max(from + reason.min(rest.len())));
    Some(Mark::Answer { at, code: from + code, reason, url: (blank, blank), micros: micros(text.get(end..)?) })
}

fn request(text: &[u8], at: usize) -> Option<Mark> {
    let from = at + 4;
    let rest = text.get(from..)?;
    let method = rest.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let url = from + method + 1;
    let len = url_at(text, url).filter(|_| method > 1 && rest.get(method) == Some(&b' '))?;
    let version = url + len + usize::from(url + len < text.len());
    let word = text.get(version..).unwrap_or_default().split(|b| *b == b' ').next().unwrap_or_default();
    let version_len = if word.starts_with(b"(") { 0 } else { word.len() };
    Some(Mark::Request {
        at,
        method: (from, from + method),
        url: (url, url + len),
        version: (version, version + version_len),
    })
}

fn answer(text: &[u8], at: usize) -> Option<Mark> {
    let code = at + 4;
    let digits = text.get(code..code + 3).filter(|d| d.iter().all(u8::is_ascii_digit))?;
    if !(100..600).contains(&number(digits)) || text.get(code + 3) != Some(&b' ') {
        return None;
    }
    let tail = text.get(code + 4..)?;
    let url = memchr::memmem::find(tail, b"http://").or_else(|| memchr::memmem::find(tail, b"https://"))? + code + 4;
    let len = url_at(text, url)?;
    let reason = (code + 4, url.saturating_sub(1).max(code + 4));
    Some(Mark::Answer { at, code, reason, url: (url, url + len), micros: micros(text.get(url + len..)?) })
}

/// The length of the URL that begins there.
fn url_at(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let url = rest.starts_with(b"http://") || rest.starts_with(b"https://");
    url.then(|| rest.iter().take_while(|b| !b.is_ascii_whitespace()).count())
}

/// `(12ms, 98-byte body)`
fn micros(text: &[u8]) -> Option<i64> {
    let end = memchr::memmem::find(text, b"ms")?;
    let digits = text.get(..end)?;
    let start = digits.iter().rposition(|b| !b.is_ascii_digit()).map_or(0, |i| i + 1);
    let digits = digits.get(start..).filter(|d| !d.is_empty() && d.len() < 10)?;
    Some(number(digits) as i64 * 1000)
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    Rest,
    RequestHead,
    RequestBody,
    AnswerHead,
    AnswerBody,
}

/// Reads such a log.
#[derive(Debug, Default)]
pub(in crate::format) struct OkHttp {
    at: At,
    /// Requests without their answers, oldest first.
    waiting: Vec<Draft>,
    answered: Option<Draft>,
    /// The last word of the logger's prefix, which stands on every line.
    tag: Vec<u8>,
}

/// So many requests may be open at once.
const MOST: usize = 64;

impl Dialect for OkHttp {
    fn opens(&self, line: &[u8]) -> bool {
        mark(line).is_some_and(|m| !matches!(m, Mark::RequestEnd | Mark::AnswerEnd(_)) || !self.waiting.is_empty())
    }

    fn line(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        match mark(&line.text) {
            Some(Mark::Request { at, method, url, version }) => {
                self.finish(sink);
                self.tag = tag(&line.text, at);
                if self.waiting.len() >= MOST {
                    self.waiting.remove(0).push(sink);
                }
                // Without its end line a request is logged at the level that shows no headers.
                self.waiting.push(Draft {
                    method: line.part(method.0, method.1),
                    target: line.part(url.0, url.1),
                    version: line.part(version.0, version.1),
                    request: Head::unseen(),
                    ..Draft::at(line.span())
                });
                self.at = At::RequestHead;
            }
            Some(Mark::RequestEnd) => self.request_end(line),
            Some(Mark::Answer { at, code, reason, url, micros }) => {
                self.finish(sink);
                self.tag = tag(&line.text, at);
                let mut draft = self.of_url(&line.part(url.0, url.1), line);
                draft.duration = micros;
                draft.reach(line.end());
                let reason = line.part(reason.0, reason.1);
                draft.answer = Some(Answer { reason, ..Answer::told(line, code, code + 3) });
                self.answered = Some(draft);
                self.at = At::AnswerHead;
            }
            Some(Mark::AnswerEnd(micros)) => {
                if let Some(draft) = &mut self.answered {
                    draft.duration = draft.duration.or(micros);
                    draft.reach(line.end());
                    shown(draft.answer.as_mut().map(|a| &mut a.head));
                }
                self.finish(sink);
                return Taken::Whole;
            }
            Some(Mark::Failed(at)) => {
                self.finish(sink);
                let mut draft = if self.waiting.is_empty() { Draft::default() } else { self.waiting.remove(0) };
                if draft.asked() {
                    draft.failure = Some(line.rest(at));
                    draft.reach(line.end());
                    draft.push(sink);
                }
            }
            None => return self.inside(line, sink),
        }
        Taken::Whole
    }

    fn end(&mut self, _last: bool, sink: &mut dyn Sink) {
        self.finish(sink);
        for draft in std::mem::take(&mut self.waiting) {
            draft.push(sink);
        }
    }
}

/// The end line was seen: the head was shown whole.
fn shown(head: Option<&mut Head>) {
    if let Some(head) = head.filter(|h| !h.list.is_empty()) {
        head.unseen = None;
    }
}

impl OkHttp {
    /// The answer is complete.
    fn finish(&mut self, sink: &mut dyn Sink) {
        self.at = At::Rest;
        if let Some(draft) = self.answered.take() {
            draft.push(sink);
        }
    }

    /// The oldest request of this URL.
    fn of_url(&mut self, url: &Text<'static>, line: &Line<'_>) -> Draft {
        if url.is_empty() && !self.waiting.is_empty() {
            return self.waiting.remove(0);
        }
        let same = self.waiting.iter().position(|d| d.target.raw() == url.raw());
        if let Some(i) = same {
            return self.waiting.remove(i);
        }
        // Redirects were followed: what was sent to the last of them is not shown.
        if self.waiting.len() == 1
            && let Some(asked) = self.waiting.pop()
        {
            return Draft { target: url.clone(), request: Head::unseen(), sent_seen: false, ..asked };
        }
        Draft { target: url.clone(), request: Head::unseen(), ..Draft::at(line.span()) }
    }

    fn request_end(&mut self, line: &Line<'_>) {
        self.at = At::Rest;
        let Some(draft) = self.waiting.last_mut() else { return };
        draft.reach(line.end());
        let omitted = memchr::memmem::find(&line.text, b" omitted)").is_some();
        let announced = memchr::memmem::find(&line.text, b"-byte").is_some();
        draft.sent_seen = !omitted && !announced;
        // Before OkHttp adds its own headers, what is missing may still be added.
        if draft.request.get("host").is_some() {
            draft.request.unseen = None;
        }
    }

    fn inside(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        let from = self.behind_tag(&line.text);
        let text = line.text.get(from..).unwrap_or_default();
        match self.at {
            At::Rest => return Taken::No,
            At::RequestHead | At::AnswerHead => {
                let asked = self.at == At::RequestHead;
                let Some(head) = self.head() else { return Taken::No };
                if text.trim_ascii().is_empty() {
                    self.at = if asked { At::RequestBody } else { At::AnswerBody };
                } else if name(text).is_some() {
                    head.line(line, from);
                } else {
                    // The next line of the program: the level shows no headers.
                    self.at = At::Rest;
                    if !asked {
                        self.finish(sink);
                    }
                    return Taken::No;
                }
            }
            At::RequestBody | At::AnswerBody => {
                let part = line.rest(from);
                let asked = self.at == At::RequestBody;
                let draft = if asked { self.waiting.last_mut() } else { self.answered.as_mut() };
                let Some(draft) = draft else { return Taken::No };
                let body = if asked { Some(&mut draft.sent) } else { draft.answer.as_mut().map(|a| &mut a.body) };
                let Some(body) = body else { return Taken::No };
                match from {
                    0 => body.line(line),
                    _ => body.push_made(&[part.raw(), b"\n"].concat(), line.span()),
                }
                draft.reach(line.end());
            }
        }
        Taken::Whole
    }

    fn head(&mut self) -> Option<&mut Head> {
        match self.at {
            At::RequestHead => self.waiting.last_mut().map(|d| &mut d.request),
            _ => self.answered.as_mut().and_then(|d| d.answer.as_mut()).map(|a| &mut a.head),
        }
    }

    /// Where a line begins behind the logger's prefix.
    fn behind_tag(&self, text: &[u8]) -> usize {
        let head = text.get(..160).unwrap_or(text);
        if self.tag.is_empty() {
            return 0;
        }
        // Loggers cut blanks at the end of a line.
        let tag = self.tag.trim_ascii_end();
        let Some(at) = memchr::memmem::find(head, tag).map(|at| at + tag.len()) else { return 0 };
        if text.get(at..).is_some_and(|r| r.starts_with(self.tag.get(tag.len()..).unwrap_or_default())) {
            return at + self.tag.len() - tag.len();
        }
        at
    }
}

/// What a logger puts before every line, from its last word on: `OkHttp  : `.
fn tag(text: &[u8], at: usize) -> Vec<u8> {
    let before = text.get(..at).unwrap_or_default();
    let end = before.iter().rposition(u8::is_ascii_alphanumeric).map_or(0, |i| i + 1);
    let start = before.get(..end).unwrap_or_default().iter().rposition(|b| *b == b' ').map_or(0, |i| i + 1);
    before.get(start..).unwrap_or_default().to_vec()
}
