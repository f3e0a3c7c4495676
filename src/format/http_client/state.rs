//! The state of reading: requests that were sent, and what is told of their answers.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::httpx::{self, Told};
use super::literal::{Literal, decode, lines, literal, value};
use super::pool::{self, Answered};
use crate::format::Sink;
use crate::format::curl::line::{request_line, status_line};
use crate::format::transcript::draft::{Answer, Draft};
use crate::format::transcript::head::{Head, name};
use crate::format::transcript::line::Line;
use crate::format::transcript::{Dialect, Taken};
use crate::http::{Origin, Text, Why};

/// What a line is, and where it begins behind a logger's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `send: b'...'`
    Send(Literal),
    /// `reply: '...'`
    Reply(Literal),
    /// `header: Name: value`
    Header(usize),
    /// `Starting new HTTPS connection`
    Connecting,
    /// One line an answer.
    Pool(Answered),
    /// httpx tells method, URL and status.
    Httpx(Told),
    /// httpcore tells the answer's head.
    Head,
}

/// What a line is.
pub(super) fn kind(text: &[u8]) -> Option<Kind> {
    let marks = &*MARKS;
    if let Some(at) = behind(text, &marks.send) {
        return literal(text, at).map(Kind::Send);
    }
    if let Some(at) = behind(text, &marks.reply) {
        return literal(text, at).map(Kind::Reply);
    }
    if let Some(at) = behind(text, &marks.header).filter(|at| text.get(*at..).is_some_and(is_header)) {
        return Some(Kind::Header(at));
    }
    if marks.head.find(text).is_some() {
        return Some(Kind::Head);
    }
    marks.http.find(text)?;
    if let Some(told) = httpx::told(text) {
        return Some(Kind::Httpx(told));
    }
    if pool::connecting(text).is_some() {
        return Some(Kind::Connecting);
    }
    pool::answered(text).map(Kind::Pool)
}

/// What is looked for in every line of a transcript: to prepare a search costs more than to search a line.
struct Marks {
    send: Finder<'static>,
    reply: Finder<'static>,
    header: Finder<'static>,
    head: Finder<'static>,
    http: Finder<'static>,
}

static MARKS: LazyLock<Marks> = LazyLock::new(|| Marks {
    send: Finder::new("send: "),
    reply: Finder::new("reply: "),
    header: Finder::new("header: "),
    head: Finder::new("receive_response_headers.complete return_value=("),
    http: Finder::new("HTTP"),
});

/// `Name: value`, or a name alone.
fn is_header(text: &[u8]) -> bool {
    let word = !text.is_empty() && text.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-');
    word || name(text).is_some()
}

/// Where the text behind a mark begins, if a logger's prefix at most stands before it.
fn behind(text: &[u8], mark: &Finder<'_>) -> Option<usize> {
    let head = text.get(..160).unwrap_or(text);
    let at = mark.find(head)?;
    let clean = at == 0 || matches!(text.get(at - 1), Some(b' ' | b':' | b'\t' | b'|' | b']'));
    let quoted = text.get(..at)?.iter().any(|b| matches!(b, b'"' | b'\'' | b'{'));
    (clean && !quoted).then_some(at + mark.needle().len())
}

/// Reads such a log.
#[derive(Debug, Default)]
pub(in crate::format) struct HttpClient {
    draft: Option<Draft>,
    /// Scheme and host that were connected to last.
    connected: Option<(Vec<u8>, Vec<u8>)>,
    /// The head that httpcore told before httpx names its request.
    head: Option<(u16, Head)>,
    named: bool,
}

impl Dialect for HttpClient {
    fn opens(&self, line: &[u8]) -> bool {
        match kind(line) {
            Some(Kind::Header(_) | Kind::Reply(_)) => self.draft.is_some(),
            other => other.is_some(),
        }
    }

    fn line(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        let Some(kind) = kind(&line.text) else {
            // What the program prints between may be anything.
            return Taken::No;
        };
        match kind {
            Kind::Send(l) => self.send(line, l, sink),
            Kind::Reply(l) => self.reply(line, l, sink),
            Kind::Header(at) => {
                let old = line.text.get(at..).is_some_and(|r| name(r).is_none());
                match self.draft.as_mut().and_then(|d| d.answer.as_mut()) {
                    // Python before 3.8 prints the names alone.
                    Some(answer) if old => answer.head.unseen = Some(Why::NotRecorded),
                    Some(answer) => answer.head.line(line, at),
                    None => {}
                }
            }
            Kind::Connecting => {
                let told = pool::connecting(&line.text);
                self.connected = told.map(|(s, h)| (s.to_vec(), pool::without_default(s, h).to_vec()));
            }
            Kind::Pool(a) => self.pool(line, a, sink),
            Kind::Httpx(t) => self.httpx(line, t, sink),
            Kind::Head => self.head = httpx::received(line),
        }
        if let Some(draft) = &mut self.draft {
            draft.reach(line.end());
        }
        Taken::Whole
    }

    fn end(&mut self, _last: bool, sink: &mut dyn Sink) {
        if let Some(draft) = self.draft.take() {
            self.push(draft, sink);
        }
    }
}

impl HttpClient {
    fn send(&mut self, line: &Line<'_>, l: Literal, sink: &mut dyn Sink) {
        let parts = lines(&line.text, l);
        let first = parts.first().copied().unwrap_or((l.start, l.start));
        let text = line.text.get(first.0..first.1).unwrap_or_default();
        let Some((method, target)) = request_line(text) else { return self.sent(line, l) };
        self.end(false, sink);
        let mut draft = Draft { origin: Origin::Wire, sent_seen: true, ..Draft::at(line.span()) };
        draft.method = line.part(first.0, first.0 + method);
        let from = first.0 + method + 1;
        draft.target = value(line, from, from + target);
        draft.version = line.part(from + target + 1, first.1);
        let mut body = None;
        for (from, to) in parts.iter().skip(1).copied() {
            if from == to {
                body = Some(to + 4);
                break;
            }
            header(&mut draft.request, line, from, to);
        }
        if let Some(from) = body.filter(|from| *from < l.end) {
            let raw = line.text.get(from..l.end).unwrap_or_default();
            draft.sent.push_made(&decode(raw), line.part(from, l.end).at());
        }
        let host = draft.request.get("host").unwrap_or_default().to_vec();
        if let Some((scheme, connected)) = &self.connected
            && (host.is_empty() || *connected == host)
        {
            draft.scheme = Some(scheme.clone());
        }
        self.draft = Some(draft);
    }

    /// More of the body.
    fn sent(&mut self, line: &Line<'_>, l: Literal) {
        let Some(draft) = self.draft.as_mut().filter(|d| d.answer.is_none()) else { return };
        let raw = line.text.get(l.start..l.end).unwrap_or_default();
        let at = line.part(l.start, l.end).at();
        match memchr::memchr(b'\\', raw) {
            None if line.untouched() => draft.sent.push(raw, at.start),
            _ => draft.sent.push_made(&decode(raw), at),
        }
    }

    fn reply(&mut self, line: &Line<'_>, l: Literal, sink: &mut dyn Sink) {
        let raw = line.text.get(l.start..l.end).unwrap_or_default();
        let raw = raw.get(..memchr::memchr(b'\\', raw).unwrap_or(raw.len())).unwrap_or_default();
        let Some((code, status, reason)) = status_line(raw) else { return };
        if self.draft.as_ref().is_some_and(|d| d.answer.as_ref().is_some_and(|a| a.status >= 200)) {
            self.end(false, sink);
        }
        let draft = self.draft.get_or_insert_with(|| Draft { request: Head::unseen(), ..Draft::at(line.span()) });
        let code = line.part(l.start + code, l.start + code + 3).at();
        let reason = line.part(l.start + reason.min(raw.len()), l.start + raw.len());
        draft.answer = Some(Answer { status, code, reason, ..Answer::default() });
    }

    /// urllib3's line: it belongs to the request above, or is all that is told.
    fn pool(&mut self, line: &Line<'_>, a: Answered, sink: &mut dyn Sink) {
        let part = |(from, to): (usize, usize)| line.part(from, to);
        let origin = part(a.origin);
        let same = |d: &Draft| {
            let target = line.text.get(a.target.0..a.target.1).unwrap_or_default();
            d.target.raw() == target && d.answer.as_ref().is_some_and(|r| r.status == a.status)
        };
        let Some((scheme, host)) = split(origin.raw()) else { return };
        if let Some(mut draft) = self.draft.take_if(|d| same(d)) {
            draft.scheme = Some(scheme.to_vec());
            draft.authority = Some(pool::without_default(scheme, host).to_vec());
            draft.reach(line.end());
            return self.push(draft, sink);
        }
        self.end(false, sink);
        let url = [scheme, b"://", pool::without_default(scheme, host), part(a.target).raw()].concat();
        let answer = Answer {
            status: a.status,
            code: line.part(a.code, a.code + 3).at(),
            head: Head::unseen(),
            ..Answer::default()
        };
        let draft = Draft {
            method: part(a.method),
            target: Text::made(url, origin.at().join(part(a.target).at())),
            request: Head::unseen(),
            answer: Some(answer),
            ..Draft::at(line.span())
        };
        self.push(draft, sink);
    }

    fn httpx(&mut self, line: &Line<'_>, t: Told, sink: &mut dyn Sink) {
        self.end(false, sink);
        let head = self.head.take().filter(|(status, _)| *status == t.status);
        let answer = Answer {
            status: t.status,
            code: line.part(t.code, t.code + 3).at(),
            reason: line.part(t.reason.0, t.reason.1),
            head: head.map_or_else(Head::unseen, |(_, h)| h),
            ..Answer::default()
        };
        let draft = Draft {
            method: line.part(t.method.0, t.method.1),
            target: line.part(t.url.0, t.url.1),
            request: Head::unseen(),
            answer: Some(answer),
            ..Draft::at(line.span())
        };
        self.push(draft, sink);
    }

    fn push(&mut self, draft: Draft, sink: &mut dyn Sink) {
        let agent = draft.request.get("user-agent").map(<[u8]>::to_vec);
        if let Some(agent) = agent.filter(|_| !self.named) {
            let agent = String::from_utf8_lossy(&agent).into_owned();
            let product = agent.split(' ').next().unwrap_or_default();
            if let Some((name, version)) = product.split_once('/') {
                self.named = true;
                sink.recorder(name, version);
            }
        }
        draft.push(sink);
    }
}

/// Scheme and host of `https://host:443`.
fn split(origin: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memmem::find(origin, b"://")?;
    Some((origin.get(..at)?, origin.get(at + 3..)?))
}

/// A header line within a literal.
fn header(head: &mut Head, line: &Line<'_>, from: usize, to: usize) {
    let raw = line.text.get(from..to).unwrap_or_default();
    match name(raw) {
        Some(colon) => {
            let blank = usize::from(raw.get(colon + 1) == Some(&b' '));
            head.push(line.part(from, from + colon), value(line, from + colon + 1 + blank, to));
        }
        None => head.odd(value(line, from, to)),
    }
}
