//! The state of reading: where in a message the next line stands.

use memchr::memchr;

use super::file::{self, Variables};
use super::{command, first_line};
use crate::format::curl::line::{request_line, status_line};
use crate::format::curl::snippet::{self, Found};
use crate::format::transcript::draft::{Answer, Draft};
use crate::format::transcript::head::{Head, name};
use crate::format::transcript::line::Line;
use crate::format::transcript::{Dialect, Taken};
use crate::format::{Problem, Sink};
use crate::http::{Origin, Why};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    /// Nothing is open; an answer may be awaited.
    #[default]
    Rest,
    RequestHead,
    RequestBody,
    AnswerHead,
    AnswerBody,
}

/// Reads requests and answers as text.
#[derive(Debug, Default)]
pub(in crate::format) struct RawHttp {
    at: At,
    draft: Option<Draft>,
    /// Length of the body at which it is looked again whether its document is complete.
    look: usize,
    /// Scheme and, if it is typed, host of the HTTPie command above.
    typed: Option<(Vec<u8>, Vec<u8>)>,
    /// It names a client certificate.
    certificate: bool,
    variables: Variables,
    named: bool,
}

impl Dialect for RawHttp {
    fn opens(&self, line: &[u8]) -> bool {
        first_line(line) || self.answer_line(line) || command(line) || self.variables.opens(line)
    }

    fn line(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        let body = matches!(self.at, At::RequestBody | At::AnswerBody);
        if command(&line.text) && !(body && glued(&line.text)) {
            self.end(false, sink);
            self.command(&line.text);
            return Taken::Whole;
        }
        match self.at {
            At::Rest => self.outside(line, sink),
            At::RequestHead => self.request_head(line, sink),
            At::RequestBody => self.request_body(line, sink),
            At::AnswerHead => self.answer_head(line, sink),
            At::AnswerBody => self.answer_body(line, sink),
        }
    }

    fn end(&mut self, last: bool, sink: &mut dyn Sink) {
        let open = std::mem::take(&mut self.at);
        let Some(mut draft) = self.draft.take() else { return };
        let head = match open {
            At::RequestHead => Some(&mut draft.request),
            At::AnswerHead => draft.answer.as_mut().map(|a| &mut a.head),
            _ => None,
        };
        // A head that ends with the input may have lost lines; its last line may have lost its end.
        if let Some(head) = head.filter(|_| last) {
            head.unseen = Some(Why::Truncated);
            sink.problem(Problem::new(draft.at, "the blank line behind a head", "the head was kept as far as it goes"));
        }
        self.flush(draft, sink);
    }
}

impl RawHttp {
    /// A status line: at the begin of a line, and of a version that exists.
    fn answer_line(&self, text: &[u8]) -> bool {
        text.starts_with(b"HTTP/") && status_line(text).is_some()
    }

    fn outside(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        if self.answer_line(&line.text) {
            return self.answer(line, sink);
        }
        if first_line(&line.text) {
            return self.request(line, sink);
        }
        if let Some((method, target)) = self.variables.line(&line.text) {
            self.end(false, sink);
            let mut draft = Draft { origin: Origin::Typed, sent_seen: true, ..Draft::at(line.span()) };
            draft.method = line.part(0, method);
            draft.target = self.variables.fill(&line.rest(target));
            self.draft = Some(draft);
            self.at = At::RequestHead;
            return Taken::Whole;
        }
        if self.variables.opens(&line.text) || line.blank() && self.draft.is_some() {
            return Taken::Whole;
        }
        Taken::No
    }

    fn request(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        self.end(false, sink);
        let Some((method, target)) = request_line(&line.text) else { return Taken::No };
        let from = method + 1;
        let mut draft = Draft { origin: Origin::Wire, sent_seen: true, ..Draft::at(line.span()) };
        draft.method = line.part(0, method);
        draft.target = line.part(from, from + target);
        draft.version = line.part(from + target + 1, line.text.trim_ascii_end().len());
        self.draft = Some(draft);
        self.at = At::RequestHead;
        Taken::Whole
    }

    fn answer(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        let Some((code, status, reason)) = status_line(&line.text) else { return Taken::No };
        let answered = |d: &Draft| d.answer.as_ref().is_some_and(|a| a.status >= 200);
        if self.draft.as_ref().is_some_and(answered) {
            self.end(false, sink);
        }
        let draft = self.draft.get_or_insert_with(|| Draft {
            request: Head::unseen(),
            origin: Origin::Wire,
            ..Draft::at(line.span())
        });
        draft.reach(line.end());
        let code = line.part(code, code + 3).at();
        draft.answer = Some(Answer { status, code, reason: line.rest(reason), ..Answer::default() });
        self.at = At::AnswerHead;
        Taken::Whole
    }

    fn request_head(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        if self.answer_line(&line.text) {
            return self.answer(line, sink);
        }
        if first_line(&line.text) {
            return self.request(line, sink);
        }
        let Some(draft) = &mut self.draft else { return Taken::No };
        if line.blank() {
            draft.reach(line.end());
            let body = draft.request.announces()
                || draft.request.length().is_none() && !matches!(draft.method.raw(), b"GET" | b"HEAD" | b"DELETE");
            self.at = if body { At::RequestBody } else { At::Rest };
            return Taken::Whole;
        }
        if draft.origin == Origin::Typed && self.variables.inside(&line.text, draft) {
            return Taken::Whole;
        }
        if is_prose(&line.text) {
            self.at = At::Rest;
            return Taken::No;
        }
        draft.reach(line.end());
        draft.request.line(line, 0);
        Taken::Whole
    }

    fn request_body(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        let inside = self.draft.as_ref().is_some_and(|d| within(d.sent.len(), line.raw, d.request.length()));
        if !inside && self.answer_line(&line.text) {
            return self.answer(line, sink);
        }
        if !inside && first_line(&line.text) {
            return self.request(line, sink);
        }
        if self.variables.separator(&line.text) {
            self.at = At::Rest;
            return Taken::Whole;
        }
        let Some(draft) = &mut self.draft else { return Taken::No };
        let before = draft.sent.len();
        let part = split(before, draft.request.length(), line, &begins);
        if let Some(n) = part {
            draft.sent.push(line.raw.get(line.skip..n).unwrap_or_default(), line.start + line.skip as u64);
            self.at = At::Rest;
            return Taken::Upto(n);
        }
        draft.sent.line(line);
        draft.reach(line.end());
        if draft.request.length().is_some_and(|n| draft.sent.len() >= n) {
            self.at = At::Rest;
        }
        Taken::Whole
    }

    fn answer_head(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        if self.answer_line(&line.text) {
            return self.answer(line, sink);
        }
        if first_line(&line.text) {
            return self.request(line, sink);
        }
        let Some(draft) = &mut self.draft else { return Taken::No };
        let Some(answer) = &mut draft.answer else { return Taken::No };
        let body = matches!(line.text.first(), Some(b'{' | b'<'));
        if !line.blank() && !body && !is_prose(&line.text) {
            draft.at.end = line.end();
            answer.head.line(line, 0);
            return Taken::Whole;
        }
        if line.blank() {
            draft.at.end = line.end();
        }
        if answer.status < 200 {
            self.at = At::Rest;
            return if line.blank() { Taken::Whole } else { Taken::No };
        }
        if answer.bodiless(draft.method.raw()) {
            self.end(false, sink);
            return if line.blank() { Taken::Whole } else { Taken::No };
        }
        self.at = At::AnswerBody;
        self.look = 1;
        if line.blank() { Taken::Whole } else { self.answer_body(line, sink) }
    }

    /// What a typed command tells of the requests below it.
    fn command(&mut self, text: &[u8]) {
        self.typed = file::httpie_target(text);
        self.certificate = memchr::memmem::find(text, b" --cert").is_some();
    }

    fn answer_body(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        let length = self.draft.as_ref().and_then(|d| d.answer.as_ref()).and_then(|a| a.head.length());
        let before = self.draft.as_ref().and_then(|d| d.answer.as_ref()).map_or(0, |a| a.body.len());
        let inside = within(before, line.raw, length);
        if !inside && first_or_status(&line.text) {
            self.end(false, sink);
            return self.outside(line, sink);
        }
        if !inside && (self.variables.separator(&line.text) || self.meta(&line.text)) {
            self.end(false, sink);
            return Taken::Whole;
        }
        let Some(answer) = self.draft.as_mut().and_then(|d| d.answer.as_mut()) else { return Taken::No };
        if let Some(n) = split(before, length, line, &begins) {
            answer.body.push(line.raw.get(line.skip..n).unwrap_or_default(), line.start + line.skip as u64);
            self.end(false, sink);
            return Taken::Upto(n);
        }
        // Of a line that was changed, what stands behind the body cannot be read again: but the command is known.
        if let Some(rest) = length.and_then(|n| line.text.get(n.checked_sub(before)?..)).filter(|r| command(r)) {
            let body = line.text.get(..line.text.len() - rest.len()).unwrap_or_default();
            answer.body.push_made(body, line.span());
            self.end(false, sink);
            self.command(rest);
            return Taken::Whole;
        }
        let whole = line.blank() && !inside && complete(answer.body.bytes(), &mut self.look);
        answer.body.line(line);
        let full = length.is_some_and(|n| answer.body.len() >= n);
        if let Some(draft) = &mut self.draft {
            draft.reach(line.end());
        }
        if full || whole {
            self.end(false, sink);
        }
        Taken::Whole
    }

    /// What HTTPie tells behind an answer (`-vv`): how long it took.
    fn meta(&mut self, text: &[u8]) -> bool {
        let Some(seconds) = text.strip_prefix(b"Elapsed time: ").and_then(|t| t.strip_suffix(b"s")) else {
            return false;
        };
        let seconds: Option<f64> = std::str::from_utf8(seconds).ok().and_then(|s| s.parse().ok());
        if let (Some(s), Some(draft)) = (seconds, &mut self.draft) {
            draft.duration = Some((s.clamp(0.0, 1e6) * 1e6) as i64);
        }
        seconds.is_some()
    }

    fn flush(&mut self, mut draft: Draft, sink: &mut dyn Sink) {
        if let Some((scheme, authority)) = &self.typed {
            let host = draft.request.get("host").unwrap_or_default();
            if authority.is_empty() || host.is_empty() || authority == host {
                draft.scheme = Some(scheme.clone());
            }
        }
        draft.certificate = self.certificate;
        // Every request has a field (`Host` at least): of one without any the lines were not copied.
        let copied = !draft.request.list.is_empty() || !draft.request.odd.is_empty() || draft.origin == Origin::Typed;
        if !copied && draft.asked() {
            draft.request.unseen = draft.request.unseen.or(Some(Why::NotRecorded));
        }
        let agent = draft.request.get("user-agent").and_then(|a| a.strip_prefix(b"HTTPie/")).map(<[u8]>::to_vec);
        if let Some(version) = agent {
            // Lines as HTTPie holds them, and bodies as it formats them.
            draft.origin = Origin::Parsed;
            draft.view = true;
            if !std::mem::replace(&mut self.named, true) {
                sink.recorder("HTTPie", &String::from_utf8_lossy(&version));
            }
        }
        draft.push(sink);
    }
}

fn first_or_status(text: &[u8]) -> bool {
    first_line(text) || text.starts_with(b"HTTP/") && status_line(text).is_some()
}

/// What may follow a body on its last line: a message, or the next prompt.
fn begins(text: &[u8]) -> bool {
    first_or_status(text) || command(text) && !glued(text)
}

/// Whether the end of a body stands before a prompt.
fn glued(text: &[u8]) -> bool {
    let at = memchr::memmem::find(text, b"$ ").unwrap_or(0);
    text.get(..at).unwrap_or_default().iter().any(|b| matches!(b, b'{' | b'}' | b'"' | b'>' | b'='))
}

/// Whether a line stands wholly within a body of this length.
fn within(before: usize, raw: &[u8], length: Option<usize>) -> bool {
    length.is_some_and(|n| before + raw.len() <= n)
}

/// Where in a line a body of this length ends, if a message or a line of its own begins there.
fn split(before: usize, length: Option<usize>, line: &Line<'_>, begins: &dyn Fn(&[u8]) -> bool) -> Option<usize> {
    let left = length?.checked_sub(before).filter(|n| *n > 0)?;
    let rest = line.text.get(left..).filter(|r| !r.is_empty())?;
    line.raw_at(left).filter(|_| begins(rest))
}

/// Whether a JSON text or a page is complete; looked at again only when the body has doubled.
fn complete(body: &[u8], look: &mut usize) -> bool {
    let text = body.trim_ascii();
    if text.len() < *look || !snippet::likely(text.get(..64).unwrap_or(text)) {
        return false;
    }
    *look = text.len() * 2;
    matches!(snippet::document(text, true), Found::Bytes(n) if n >= text.len())
}

/// A sentence, not a header line: no name before a colon, and many words.
fn is_prose(text: &[u8]) -> bool {
    if name(text).is_some() || text.first().is_some_and(u8::is_ascii_whitespace) {
        return false;
    }
    let fence = text.starts_with(b"```") || text.starts_with(b"---") || text.starts_with(b"====");
    let words = text.split(|b| *b == b' ').filter(|w| !w.is_empty()).count();
    // `Authorization Bearer x` is a header without its colon.
    fence || words > 6 && memchr(b'=', text).is_none()
}
