//! The state of reading: one request after the other.

use super::klog::{self, Klog, Status, Word, field, quoted_end};
use crate::format::Sink;
use crate::format::transcript::draft::{Answer, Draft};
use crate::format::transcript::head::{Head, name};
use crate::format::transcript::line::Line;
use crate::format::transcript::{Dialect, Taken};
use crate::format::wall::{Shown, Zone};
use crate::http::{Coding, Text};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    Rest,
    RequestHeaders,
    ResponseHeaders,
    /// Header lines behind `headers=<`, indented by a tab; `true`: of the answer.
    Fields(bool),
}

/// Reads such a log.
#[derive(Debug, Default)]
pub(in crate::format) struct Kubectl {
    at: At,
    draft: Option<Draft>,
    /// When it began, and when its answer came.
    began: Option<Shown>,
    came: Option<Shown>,
    /// The time of the line that is read.
    now: Option<Shown>,
    zone: Zone,
    /// The body that is told before its request.
    body: Option<Text<'static>>,
    named: bool,
}

impl Dialect for Kubectl {
    fn opens(&self, line: &[u8]) -> bool {
        klog::parse(line).is_some_and(|k| self.draft.is_some() || klog::word(line, &k).is_some())
    }

    fn line(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        if let At::Fields(answer) = self.at {
            if line.text.starts_with(b"\t") {
                if let Some(head) = self.head(answer) {
                    head.line(line, 1);
                }
                return Taken::Whole;
            }
            self.at = At::Rest;
            // ` > milliseconds=12` ends the headers.
            if line.text.starts_with(b" >") {
                return Taken::Whole;
            }
        }
        let Some(klog) = klog::parse(&line.text) else { return Taken::No };
        self.now = klog.at;
        if let Some(draft) = &mut self.draft {
            draft.reach(line.end());
        }
        match klog::word(&line.text, &klog) {
            Some(word) => self.word(line, &klog, word, sink),
            None => return Taken::Whole,
        }
        Taken::Whole
    }

    fn end(&mut self, _last: bool, sink: &mut dyn Sink) {
        self.at = At::Rest;
        if let Some(draft) = self.draft.take() {
            self.push(draft, sink);
        }
    }
}

impl Kubectl {
    fn word(&mut self, line: &Line<'_>, klog: &Klog, word: Word, sink: &mut dyn Sink) {
        match word {
            Word::Request { method, url, status } => {
                let target = line.part(url.0, url.1);
                let same = self.draft.as_ref().is_some_and(|d| d.target.raw() == target.raw() && d.answer.is_none());
                // `-v=9` tells the typed form first; then this line brings the status.
                if !(same && status.is_some()) {
                    self.begin(line, method, target, sink);
                }
                if let Some(status) = status {
                    // It is told when it is over.
                    self.began = self.now.map(|n| n.before(status.micros.unwrap_or(0)));
                    self.status(line, status);
                }
            }
            Word::Curl(at) => self.curl(line, at, sink),
            Word::RequestHeaders => {
                self.at = At::RequestHeaders;
                self.shown(false);
            }
            Word::ResponseHeaders => {
                self.at = At::ResponseHeaders;
                self.shown(true);
            }
            Word::Header(at) => {
                let answer = self.at == At::ResponseHeaders;
                if let Some(head) = self.head(answer) {
                    head.line(line, at);
                }
            }
            Word::Status(status) => self.status(line, status),
            Word::RequestBody { from, quoted } => {
                self.end(false, sink);
                self.body = text(line, from, quoted);
            }
            Word::ResponseBody { from, quoted } => {
                if let (Some(t), Some(a)) =
                    (text(line, from, quoted), self.draft.as_mut().and_then(|d| d.answer.as_mut()))
                {
                    match t.coding() {
                        Coding::Plain => a.body.push(t.raw(), t.at().start),
                        _ => a.body.push_made(&t.decoded(), t.at()),
                    }
                }
            }
            Word::Fields { answer } => self.fields(line, klog, answer, sink),
        }
    }

    fn begin(&mut self, line: &Line<'_>, method: (usize, usize), target: Text<'static>, sink: &mut dyn Sink) {
        let body = self.body.take();
        self.end(false, sink);
        let mut draft = Draft {
            method: line.part(method.0, method.1),
            target,
            request: Head::unseen(),
            sent_seen: body.is_some(),
            ..Draft::at(line.span())
        };
        if let Some(body) = body.filter(|b| !b.is_empty()) {
            draft.sent.push_made(&body.decoded(), body.at());
        }
        self.draft = Some(draft);
        self.began = self.now;
    }

    fn status(&mut self, line: &Line<'_>, s: Status) {
        self.at = At::Rest;
        let Some(draft) = &mut self.draft else { return };
        draft.duration = s.micros;
        self.came = self.now;
        let code = line.part(s.code, s.code + 3).at();
        let reason = line.part(s.reason.0, s.reason.1);
        draft.answer = Some(Answer { status: s.status, code, reason, head: Head::unseen(), ..Answer::default() });
    }

    fn head(&mut self, answer: bool) -> Option<&mut Head> {
        let draft = self.draft.as_mut()?;
        if answer { draft.answer.as_mut().map(|a| &mut a.head) } else { Some(&mut draft.request) }
    }

    fn shown(&mut self, answer: bool) {
        if let Some(head) = self.head(answer) {
            head.unseen = None;
        }
    }

    /// `curl -v -XGET  -H "Accept: x" 'https://h/x'`: made by client-go of the request.
    fn curl(&mut self, line: &Line<'_>, at: usize, sink: &mut dyn Sink) {
        let text = &line.text;
        let Some(method) = memchr::memmem::find(text.get(at..).unwrap_or_default(), b"-X").map(|m| at + m + 2) else {
            return;
        };
        let end = method + text.get(method..).unwrap_or_default().iter().take_while(|b| b.is_ascii_uppercase()).count();
        let Some(url) = text.strip_suffix(b"'").and_then(|t| memchr::memrchr(b'\'', t)) else { return };
        let target = line.part(url + 1, text.len() - 1);
        self.begin(line, (method, end), target, sink);
        let mut from = end;
        while let Some(n) = text.get(from..url).and_then(|r| memchr::memmem::find(r, b"-H \"")) {
            let start = from + n + 4;
            let Some(stop) = quoted_end(text, start) else { break };
            let header = text.get(start..stop).unwrap_or_default();
            if let (Some(colon), Some(head)) = (name(header), self.head(false)) {
                let blank = usize::from(header.get(colon + 1) == Some(&b' '));
                head.push(line.part(start, start + colon), line.part(start + colon + 1 + blank, stop));
            }
            from = stop;
        }
        self.shown(false);
    }

    /// `"Response" verb="GET" url="https://h/x" status="401 Unauthorized" headers=<`
    fn fields(&mut self, line: &Line<'_>, klog: &Klog, answer: bool, sink: &mut dyn Sink) {
        let text = line.text.get(klog.text..).unwrap_or_default();
        let place = |name| field(text, name).map(|(a, b)| (a + klog.text, b + klog.text));
        if let Some((from, to)) = field(text, "curlCommand") {
            let command = line.part(klog.text + from, klog.text + to).with_coding(Coding::Json);
            let inner = Line { raw: line.raw, start: line.start, text: command.decoded().into_owned().into(), skip: 0 };
            return self.curl(&inner, 0, sink);
        }
        let (Some(verb), Some(url)) = (place("verb"), place("url")) else { return };
        let target = line.part(url.0, url.1);
        let same = self.draft.as_ref().is_some_and(|d| d.target.raw() == target.raw() && d.answer.is_none());
        if !answer || !same {
            self.begin(line, verb, target, sink);
        }
        if let Some(status) = place("status").filter(|_| answer).and_then(|(from, _)| klog::status(&line.text, from)) {
            let end = place("status").map_or(status.reason.1, |(_, to)| to);
            self.status(line, Status { reason: (status.reason.0.min(end), end), micros: None, ..status });
        }
        if line.text.ends_with(b"headers=<") {
            self.at = At::Fields(answer);
            self.shown(answer);
        }
    }

    fn push(&mut self, mut draft: Draft, sink: &mut dyn Sink) {
        // No line tells whether a client certificate was shown.
        draft.certificate = draft.target.raw().starts_with(b"https:");
        let agent = draft.request.get("user-agent").map(|a| String::from_utf8_lossy(a).into_owned());
        if let Some((name, version)) = agent.as_deref().and_then(|a| a.split(' ').next()?.split_once('/'))
            && !std::mem::replace(&mut self.named, true)
        {
            sink.recorder(name, version);
        }
        if let Some(began) = self.began.take() {
            draft.place(&mut self.zone, began, self.came);
        }
        draft.push(sink);
    }
}

/// A body behind its name: a Go string, or the rest of the line.
fn text(line: &Line<'_>, from: usize, quoted: bool) -> Option<Text<'static>> {
    if !quoted {
        return Some(line.rest(from));
    }
    let end = quoted_end(&line.text, from)?;
    let text = line.part(from, end);
    // Go escapes as JSON does, for what JSON bodies hold.
    let escaped = memchr::memchr(b'\\', text.raw()).is_some();
    Some(if escaped { text.with_coding(Coding::Json) } else { text })
}
