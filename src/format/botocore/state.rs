//! The state of reading: what is asked for, the request as it is sent, and what is told of its answer.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::dict::entries;
use crate::format::Sink;
use crate::format::http_client::literal::{decode, literal, value};
use crate::format::http_client::pool;
use crate::format::transcript::draft::{Answer, Draft};
use crate::format::transcript::head::Head;
use crate::format::transcript::line::Line;
use crate::format::transcript::{Dialect, Taken};
use crate::format::wall::{self, Shown, Zone};
use crate::http::Span;

/// What a line is; places behind its mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `Making request for OperationModel(name=X) with params: {...}`: the dictionary.
    Making(usize),
    /// `Sending http request: <AWSPreparedRequest ...`
    Sending(usize),
    /// `Response headers: {...}`: the dictionary.
    Head(usize),
    /// `Response body:`; the body stands on the next line.
    Body,
}

static MARKS: LazyLock<[Finder<'static>; 4]> = LazyLock::new(|| {
    [
        "Making request for OperationModel(name=",
        "Sending http request: <AWSPreparedRequest ",
        "Response headers: {",
        "Response body:",
    ]
    .map(Finder::new)
});

/// What a line is.
pub(super) fn kind(text: &[u8]) -> Option<Kind> {
    // A logger's prefix stands before it.
    let head = text.get(..200).unwrap_or(text);
    let [making, sending, fields, body] = &*MARKS;
    if let Some(at) = sending.find(head) {
        return Some(Kind::Sending(at + sending.needle().len()));
    }
    if let Some(at) = making.find(head) {
        let dict = memchr::memmem::find(text.get(at..)?, b"params: {").map(|n| at + n + 8)?;
        return Some(Kind::Making(dict));
    }
    let known = |at: usize| at == 0 || matches!(text.get(at - 1), Some(b' ' | b':' | b'\t' | b'|' | b']'));
    if let Some(at) = fields.find(head).filter(|at| known(*at)) {
        return Some(Kind::Head(at + fields.needle().len() - 1));
    }
    let at = body.find(head).filter(|at| known(*at))?;
    text.get(at + body.needle().len()..)?.trim_ascii().is_empty().then_some(Kind::Body)
}

/// Reads such a log.
#[derive(Debug, Default)]
pub(in crate::format) struct Botocore {
    draft: Option<Draft>,
    /// The body that was told before its request.
    body: Option<(Vec<u8>, Span)>,
    /// The next line is the answer's body.
    awaits_body: bool,
    began: Option<Shown>,
    came: Option<Shown>,
    zone: Zone,
    named: bool,
}

impl Dialect for Botocore {
    fn opens(&self, line: &[u8]) -> bool {
        match kind(line) {
            Some(Kind::Making(_) | Kind::Sending(_)) => true,
            // Others than botocore may log such words.
            Some(Kind::Head(_) | Kind::Body) => self.draft.is_some(),
            None => self.draft.is_some() && (pool::answered(line).is_some() || pool::connecting(line).is_some()),
        }
    }

    fn line(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        if std::mem::take(&mut self.awaits_body) && self.shown_body(line) {
            return Taken::Whole;
        }
        match kind(&line.text) {
            Some(Kind::Making(dict)) => {
                self.end(false, sink);
                self.body = asked(line, dict);
            }
            Some(Kind::Sending(at)) => self.sending(line, at, sink),
            Some(Kind::Head(dict)) => self.head(line, dict),
            Some(Kind::Body) => self.awaits_body = true,
            None if self.draft.is_none() => return Taken::No,
            None if pool::connecting(&line.text).is_none() && !self.status(line) => return Taken::No,
            None => {}
        }
        if let Some(draft) = &mut self.draft {
            draft.reach(line.end());
        }
        Taken::Whole
    }

    fn end(&mut self, _last: bool, sink: &mut dyn Sink) {
        self.awaits_body = false;
        let Some(mut draft) = self.draft.take() else { return };
        if let Some(began) = self.began.take() {
            draft.place(&mut self.zone, began, self.came.take());
        }
        if !std::mem::replace(&mut self.named, true) {
            let agent = draft.request.get("user-agent").map(|a| String::from_utf8_lossy(a).into_owned());
            let product = agent.as_deref().and_then(|a| a.split(' ').next()?.split_once('/'));
            let (name, version) = product.unwrap_or(("botocore", ""));
            sink.recorder(name, version);
        }
        draft.push(sink);
    }
}

impl Botocore {
    /// `stream_output=False, method=POST, url=https://h/, headers={...}>`
    fn sending(&mut self, line: &Line<'_>, at: usize, sink: &mut dyn Sink) {
        self.end(false, sink);
        let text = &line.text;
        let find = |mark: &[u8], from: usize| {
            memchr::memmem::find(text.get(from..)?, mark).map(|n| (from + n, from + n + mark.len()))
        };
        let Some((_, method)) = find(b"method=", at) else { return };
        let Some((comma, url)) = find(b", url=", method) else { return };
        let Some((end, dict)) = find(b", headers={", url) else { return };
        // Lines as Python holds and prints them.
        let mut draft = Draft { view: true, sent_seen: true, ..Draft::at(line.span()) };
        draft.method = line.part(method, comma);
        draft.target = line.part(url, end);
        draft.request = fields(line, dict - 1);
        match self.body.take() {
            Some((bytes, at)) if !bytes.is_empty() => draft.sent.push_made(&bytes, at),
            Some(_) => {}
            None => draft.sent_seen = false,
        }
        self.began = wall::stamp(line);
        self.draft = Some(draft);
    }

    /// urllib3's line; whether it is the answer to what was sent.
    fn status(&mut self, line: &Line<'_>) -> bool {
        let (Some(told), Some(draft)) = (pool::answered(&line.text), &mut self.draft) else { return false };
        let target = line.text.get(told.target.0..told.target.1).unwrap_or_default();
        if !draft.target.raw().trim_ascii().ends_with(target) || draft.answer.is_some() {
            return false;
        }
        let code = line.part(told.code, told.code + 3).at();
        draft.answer = Some(Answer { status: told.status, code, head: Head::unseen(), ..Answer::default() });
        self.came = wall::stamp(line);
        true
    }

    fn head(&mut self, line: &Line<'_>, dict: usize) {
        let Some(draft) = &mut self.draft else { return };
        // Without urllib3's line the status is not known.
        let answer = draft.answer.get_or_insert_with(Answer::default);
        answer.head = fields(line, dict);
        if self.came.is_none() {
            self.came = wall::stamp(line);
        }
    }

    /// `b'...'`
    fn shown_body(&mut self, line: &Line<'_>) -> bool {
        let (Some(shown), Some(draft)) = (literal(&line.text, 0), &mut self.draft) else { return false };
        draft.reach(line.end());
        let Some(answer) = &mut draft.answer else { return false };
        let text = value(line, shown.start, shown.end);
        let raw = line.text.get(shown.start..shown.end).unwrap_or_default();
        match memchr::memchr(b'\\', raw) {
            None if line.untouched() => answer.body.push(raw, text.at().start),
            _ => answer.body.push_made(text.raw(), text.at()),
        }
        true
    }
}

/// The header fields of a dictionary.
fn fields(line: &Line<'_>, dict: usize) -> Head {
    let mut head = Head::default();
    for (key, at) in entries(&line.text, dict) {
        match literal(&line.text, at) {
            Some(v) => head.push(value(line, key.start, key.end), value(line, v.start, v.end)),
            None => {
                // Of a line that was cut, and of values that are no text, nothing is known.
                let rest = line.text.get(at..).unwrap_or_default();
                let len = rest.iter().take_while(|b| !matches!(b, b',' | b'}')).count();
                head.push(value(line, key.start, key.end), line.part(at, at + len));
            }
        }
    }
    head
}

/// The body among the parameters of a request: bytes, or the pairs of a form.
fn asked(line: &Line<'_>, dict: usize) -> Option<(Vec<u8>, Span)> {
    let text = &line.text;
    let is_body = |(key, _): &(crate::format::http_client::literal::Literal, usize)| {
        text.get(key.start..key.end) == Some(&b"body"[..])
    };
    let (_, at) = entries(text, dict).into_iter().find(is_body)?;
    if let Some(body) = literal(text, at) {
        return Some((decode(text.get(body.start..body.end)?), line.part(body.start, body.end).at()));
    }
    if text.get(at) != Some(&b'{') {
        return None;
    }
    let mut form = String::new();
    let mut end = at + 1;
    for (key, at) in entries(text, at) {
        let shown = literal(text, at)?;
        end = shown.end;
        let plain = |from, to| String::from_utf8_lossy(&decode(text.get(from..to).unwrap_or_default())).into_owned();
        let pair = [plain(key.start, key.end), plain(shown.start, shown.end)];
        let [name, value] = pair.map(|t| percent_encoding::utf8_percent_encode(&t, FORM).to_string());
        if !form.is_empty() {
            form.push('&');
        }
        form.extend([&name, "=", &value]);
    }
    Some((form.into_bytes(), line.part(at, end).at()))
}

/// What stands for itself in a form.
const FORM: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
