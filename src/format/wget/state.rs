//! The state of reading: blocks of heads, and the words between them.

use crate::format::curl::line::{request_line, status_line};
use crate::format::transcript::draft::{Answer, Draft};
use crate::format::transcript::head::Head;
use crate::format::transcript::line::Line;
use crate::format::transcript::{Dialect, Taken};
use crate::format::wall::{self, Shown, Zone};
use crate::format::{Problem, Sink};
use crate::http::{Origin, Text, Why};

pub(super) const REQUEST: &[u8] = b"---request begin---";
pub(super) const RESPONSE: &[u8] = b"---response begin---";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    Rest,
    Request,
    /// In the head of an answer; `true`: indented, as `-S` writes it.
    Answer(bool),
    /// The answer is written to the same output.
    Output,
    /// A body that wget skips, behind `[`.
    Skipped,
}

/// Reads what wget prints.
#[derive(Debug, Default)]
pub(in crate::format) struct Wget {
    at: At,
    draft: Option<Draft>,
    /// The URL that is fetched.
    url: Option<Text<'static>>,
    /// When that began.
    began: Option<Shown>,
    zone: Zone,
    /// The request body as an option gave it.
    body: Option<Text<'static>>,
    /// An answer was announced.
    sent: bool,
    named: bool,
    /// A client certificate was named by an option.
    certificate: bool,
}

/// `--2026-11-21 09:16:26--  URL`: where the URL begins.
pub(super) fn url(text: &[u8]) -> Option<usize> {
    let rest = text.strip_prefix(b"--")?;
    let stamp = rest.get(..19)?;
    let digits = stamp.iter().filter(|b| b.is_ascii_digit()).count();
    let rest = rest.get(19..)?.strip_prefix(b"--  ")?;
    let url = rest.starts_with(b"http://") || rest.starts_with(b"https://");
    (digits == 14 && url).then(|| text.len() - rest.len())
}

/// `HTTP request sent, awaiting response... `
pub(super) fn is_sent(text: &[u8]) -> bool {
    text.starts_with(b"HTTP request sent, awaiting response...")
        || text.starts_with(b"Proxy request sent, awaiting response...")
}

/// Where the status stands behind `awaiting response... `; with `-d` it comes in a line of its own.
fn told_status(text: &[u8]) -> Option<usize> {
    let at = memchr::memmem::find(text, b"response... ")? + 12;
    let digits = text.get(at..at + 3).is_some_and(|d| d.iter().all(u8::is_ascii_digit));
    (digits && matches!(text.get(at + 3), None | Some(b' '))).then_some(at)
}

impl Dialect for Wget {
    fn opens(&self, line: &[u8]) -> bool {
        url(line).is_some()
            || is_sent(line)
            || line == REQUEST
            || line == RESPONSE
            || line.starts_with(b"DEBUG output created by Wget ")
            || option(line).is_some()
            || self.draft.is_some() && is_word(line)
    }

    fn line(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        match self.at {
            At::Request => self.request(line),
            At::Answer(indented) => self.answer(line, indented, sink),
            At::Output => self.output(line, sink),
            At::Skipped => self.skipped(line, sink),
            At::Rest => self.word(line, sink),
        }
    }

    fn end(&mut self, last: bool, sink: &mut dyn Sink) {
        let at = std::mem::take(&mut self.at);
        let Some(mut draft) = self.draft.take() else { return };
        let head = match at {
            At::Request => Some(&mut draft.request),
            At::Answer(_) => draft.answer.as_mut().map(|a| &mut a.head),
            _ => None,
        };
        if let Some(head) = head.filter(|_| last) {
            head.unseen = Some(Why::Truncated);
            sink.problem(Problem::new(draft.at, "the end of a head", "the head was kept as far as it goes"));
        }
        self.push(draft, sink);
    }
}

impl Wget {
    /// A line outside of heads and bodies.
    fn word(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        let text = &line.text;
        if let Some(at) = url(text) {
            self.end(false, sink);
            self.url = Some(line.rest(at));
            self.began = text.get(2..).and_then(wall::full).map(|(shown, _)| shown);
            self.sent = false;
        } else if text.as_ref() == REQUEST {
            self.end(false, sink);
            self.draft = Some(self.begun(line, true));
            self.at = At::Request;
        } else if text.as_ref() == RESPONSE {
            self.at = At::Answer(false);
        } else if is_sent(text) {
            self.sent = true;
            if self.draft.as_ref().is_some_and(|d| d.answer.is_some()) {
                self.end(false, sink);
            }
            self.status_alone(line, sink);
        } else if let Some(at) = option(text) {
            self.certificate |= text.starts_with(b"Setting --certificate ");
            self.option(line, at, sink);
        } else if self.sent && text.starts_with(b"  HTTP/") {
            self.at = At::Answer(true);
            return self.answer(line, true, sink);
        } else if let Some(rest) = text.strip_prefix(b"[BODY data: ") {
            let end = text.len() - usize::from(rest.ends_with(b"]"));
            let from = text.len() - rest.len();
            if let Some(draft) = &mut self.draft {
                let part = line.part(from, end);
                draft.sent.push(part.raw(), part.at().start);
            }
        } else if self.draft.as_ref().is_some_and(|d| d.answer.is_some()) && is_skipping(text) {
            self.at = At::Skipped;
            return self.skipped(line, sink);
        } else if text.starts_with(b"Saving to: ") && memchr::memmem::find(text, b"STDOUT").is_some() {
            self.at = At::Output;
        } else if let Some(at) = failed(text).filter(|_| self.url.is_some()) {
            let mut draft = self.begun(line, false);
            draft.failure = Some(line.rest(at));
            self.push(draft, sink);
        } else if !is_word(text) && !line.blank() {
            return Taken::No;
        }
        if let Some(draft) = &mut self.draft {
            draft.reach(line.end());
        }
        Taken::Whole
    }

    /// A new exchange with what was told before it.
    fn begun(&self, line: &Line<'_>, shown: bool) -> Draft {
        let mut draft = Draft { origin: Origin::Wire, sent_seen: shown, ..Draft::at(line.span()) };
        draft.target = self.url.clone().unwrap_or_default();
        if !shown {
            draft.request = Head::unseen();
        }
        draft
    }

    /// `HTTP request sent, awaiting response... 401 Unauthorized`: without `-d` and `-S` this is all that is shown.
    fn status_alone(&mut self, line: &Line<'_>, sink: &mut dyn Sink) {
        let Some(at) = told_status(&line.text).filter(|_| self.draft.is_none() && self.url.is_some()) else { return };
        let status = line.text.get(at..at + 3).and_then(|d| std::str::from_utf8(d).ok()).and_then(|d| d.parse().ok());
        let mut draft = self.begun(line, false);
        draft.answer = Some(Answer {
            status: status.unwrap_or_default(),
            code: line.part(at, at + 3).at(),
            reason: line.rest((at + 4).min(line.text.len())),
            head: Head::unseen(),
            ..Answer::default()
        });
        self.push(draft, sink);
    }

    fn option(&mut self, line: &Line<'_>, at: usize, sink: &mut dyn Sink) {
        self.end(false, sink);
        self.url = None;
        let body = [&b"--body-data (bodydata)"[..], b"--post-data (postdata)"];
        if body.iter().any(|b| line.text.get(8..).is_some_and(|t| t.starts_with(b))) {
            self.body = Some(line.rest(at));
        }
    }

    fn request(&mut self, line: &Line<'_>) -> Taken {
        let Some(draft) = &mut self.draft else { return Taken::No };
        draft.reach(line.end());
        if line.text.as_ref() == b"---request end---" {
            self.at = At::Rest;
        } else if draft.method.is_empty() {
            if let Some((method, target)) = request_line(&line.text) {
                draft.method = line.part(0, method);
                draft.version = line.rest(method + target + 2);
                let told = draft.target.raw();
                let path = line.part(method + 1, method + 1 + target);
                if told.is_empty() || !told.ends_with(path.raw()) {
                    draft.scheme = memchr::memmem::find(told, b"://").and_then(|at| told.get(..at)).map(<[u8]>::to_vec);
                    draft.target = path;
                }
            }
        } else if !line.blank() {
            draft.request.line(line, 0);
        }
        Taken::Whole
    }

    fn answer(&mut self, line: &Line<'_>, indented: bool, sink: &mut dyn Sink) -> Taken {
        let skip = if indented { 2 } else { 0 };
        let text = line.text.get(skip..).unwrap_or_default();
        if line.text.as_ref() == b"---response end---" {
            self.at = At::Rest;
            return Taken::Whole;
        }
        if indented && (!line.text.starts_with(b"  ") || text.starts_with(b" ")) {
            self.at = At::Rest;
            return self.word(line, sink);
        }
        if let Some((code, status, reason)) = status_line(text) {
            if self.draft.as_ref().is_some_and(|d| d.answer.as_ref().is_some_and(|a| a.status >= 200)) {
                self.end(false, sink);
                self.at = At::Answer(indented);
            }
            let mut draft = self.draft.take().unwrap_or_else(|| self.begun(line, false));
            let code = line.part(skip + code, skip + code + 3).at();
            draft.answer = Some(Answer { status, code, reason: line.rest(skip + reason), ..Answer::default() });
            self.draft = Some(draft);
        } else if let Some(answer) = self.draft.as_mut().and_then(|d| d.answer.as_mut())
            && !text.trim_ascii().is_empty()
        {
            answer.head.line(line, skip);
        }
        if let Some(draft) = &mut self.draft {
            draft.reach(line.end());
        }
        Taken::Whole
    }

    /// The answer on the same output, until its progress is shown.
    fn output(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        let Some(answer) = self.draft.as_mut().and_then(|d| d.answer.as_mut()) else {
            self.at = At::Rest;
            return self.word(line, sink);
        };
        let text = line.text.trim_ascii_start();
        let count = text.iter().take_while(|b| b.is_ascii_digit()).count();
        let progress = line.text.starts_with(b"  ") && count > 0 && text.get(count) == Some(&b'K');
        let words = url(&line.text).is_some() || is_word(&line.text) || line.text.starts_with(b"-  ");
        if progress || words {
            self.at = At::Rest;
            return if progress { Taken::Whole } else { self.word(line, sink) };
        }
        let before = answer.body.len();
        let left = answer.head.length().and_then(|n| n.checked_sub(before)).filter(|n| *n > 0 && line.untouched());
        // Without a last line end the progress stands on the same line.
        if let Some(n) = left.filter(|n| *n < line.text.len()) {
            answer.body.push(line.raw.get(..n).unwrap_or_default(), line.start);
            self.at = At::Rest;
        } else if before > 0 || !line.blank() {
            answer.body.line(line);
        }
        Taken::Whole
    }

    /// `Skipping 98 bytes of body: [...] done.`
    fn skipped(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        let first = line.text.starts_with(b"Skipping ");
        let from = match memchr::memchr(b'[', &line.text).filter(|_| first) {
            Some(at) => at + 1,
            None if first => return Taken::Whole,
            None => 0,
        };
        let end = memchr::memmem::rfind(&line.text, b"] done.").filter(|at| *at >= from);
        let Some(answer) = self.draft.as_mut().and_then(|d| d.answer.as_mut()) else {
            self.at = At::Rest;
            return self.word(line, sink);
        };
        let part = line.part(from, end.unwrap_or(line.text.len()));
        if !part.is_empty() {
            answer.body.push(part.raw(), part.at().start);
        }
        match end {
            Some(_) => self.at = At::Rest,
            None if line.text.len() + 1 == line.raw.len() => answer.body.push(b"\n", line.end() - 1),
            None => answer.body.push_made(b"\n", line.span()),
        }
        Taken::Whole
    }

    fn push(&mut self, mut draft: Draft, sink: &mut dyn Sink) {
        if draft.sent.len() == 0
            && let Some(body) = self.body.as_ref().filter(|b| draft.request.length() == Some(b.raw().len()))
        {
            draft.sent.push(body.raw(), body.at().start);
        }
        let agent = draft.request.get("user-agent").and_then(|a| a.strip_prefix(b"Wget/")).map(<[u8]>::to_vec);
        if let Some(version) = agent.filter(|_| !self.named) {
            self.named = true;
            sink.recorder("wget", &String::from_utf8_lossy(&version));
        }
        draft.certificate = self.certificate;
        // Answers have no time of their own; most come at once.
        if let Some(began) = self.began {
            draft.place(&mut self.zone, began, Some(began));
        }
        draft.push(sink);
    }
}

/// `Setting --post-data (postdata) to X`: where X begins.
fn option(text: &[u8]) -> Option<usize> {
    let rest = text.strip_prefix(b"Setting --")?;
    let at = memchr::memmem::find(rest, b") to ")?;
    Some(text.len() - rest.len() + at + 5)
}

/// `Connecting to h|1.2.3.4|:80... failed: Connection refused.`: where the reason begins.
fn failed(text: &[u8]) -> Option<usize> {
    let known = text.starts_with(b"Connecting to ") || text.starts_with(b"Resolving ");
    // With `-d` other lines stand between.
    let alone = text.starts_with(b"failed: ").then_some(0);
    alone.or_else(|| memchr::memmem::find(text, b"... failed: ").filter(|_| known).map(|at| at + 4))
}

/// `Skipping 98 bytes of body: [`
fn is_skipping(text: &[u8]) -> bool {
    text.starts_with(b"Skipping ") && memchr::memmem::find(text, b" bytes of body: [").is_some()
}

/// A line that wget writes between heads.
fn is_word(text: &[u8]) -> bool {
    const WORDS: [&[u8]; 33] = [
        b"Username/Password Authentication Failed",
        b"Resolving ",
        b"Connecting to ",
        b"Reusing ",
        b"Registered ",
        b"Created socket",
        b"Releasing ",
        b"Caching ",
        b"Skipping ",
        b"Saving to: ",
        b"Length: ",
        b"Location: ",
        b"Auth ",
        b"Authentication ",
        b"Inserted ",
        b"Disabling ",
        b"Closed ",
        b"Deleting ",
        b"Host ",
        b"[BODY data: ",
        b"Reading HSTS",
        b"URI encoding",
        b"Parsed ",
        b"Stored cookie",
        b"Cookie ",
        b"Setting ",
        b"Initiating SSL",
        b"Handshake successful",
        b"certificate",
        b"Found ",
        b"converted ",
        b"  HTTP/",
        b"X509",
    ];
    WORDS.iter().any(|w| text.starts_with(w)) || status_word(text)
}

/// `401 Unauthorized` behind a block.
fn status_word(text: &[u8]) -> bool {
    matches!(text, [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9', b' ', ..])
}
