//! One exchange while its bytes come.

use super::mark::{Style, decode};
use crate::format::content;
use crate::format::curl::line::{request_line, status_line};
use crate::format::transcript::draft::{Answer, Draft};
use crate::format::transcript::head::name;
use crate::format::transcript::line::Line;
use crate::format::wall::Shown;
use crate::http::{Origin, Text};

/// Where the next bytes of an exchange stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    RequestHead,
    RequestBody,
    AnswerHead,
    AnswerBody,
    /// In a second account of a head, by another logger.
    Again,
}

/// A line of a message within a line of the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'p, 'l> {
    pub(super) line: &'p Line<'l>,
    pub(super) from: usize,
    pub(super) to: usize,
    /// Its line end is shown.
    pub(super) ended: bool,
    pub(super) style: Style,
}

impl Piece<'_, '_> {
    fn raw(&self) -> &[u8] {
        self.line.text.get(self.from..self.to).unwrap_or_default()
    }

    fn text(&self, from: usize, to: usize) -> Text<'static> {
        let text = self.line.part(self.from + from, self.from + to);
        let special: u8 = if self.style == Style::Brackets { b'[' } else { b'\\' };
        if self.style == Style::Plain || memchr::memchr(special, text.raw()).is_none() {
            return text;
        }
        Text::made(decode(text.raw(), self.style), text.at())
    }
}

/// An exchange.
#[derive(Clone, Debug, Default)]
pub(super) struct Channel {
    pub(super) id: u64,
    pub(super) draft: Draft,
    at: At,
    /// How its heads are written: one logger prints what another has printed.
    asked: Option<Style>,
    answered: Option<Style>,
    /// Nothing more comes.
    pub(super) done: bool,
    pub(super) began: Option<Shown>,
    pub(super) came: Option<Shown>,
}

impl Channel {
    /// Begins with a request line, or with a status line whose request was not shown.
    pub(super) fn new(id: u64, piece: &Piece<'_, '_>) -> Self {
        let draft = Draft { origin: Origin::Wire, ..Draft::at(piece.line.span()) };
        Self { id, draft, ..Self::default() }
    }

    /// Whether a request line that comes now is another account of its own.
    pub(super) fn is_again(&self, piece: &Piece<'_, '_>) -> bool {
        let Some((method, target)) = request_line(piece.raw()) else { return false };
        let same = self.draft.method.raw() == piece.text(0, method).raw()
            && self.draft.target.raw() == piece.text(method + 1, method + 1 + target).raw();
        same && self.asked.is_some_and(|s| s != piece.style) && self.draft.answer.is_none()
    }

    /// Whether a request line that comes now begins another request: its own body may look like one.
    pub(super) fn sends_no_more(&self, raw: &[u8]) -> bool {
        let sent = self.draft.sent.len();
        let inside = self.at == At::RequestBody && self.draft.request.length().is_some_and(|n| sent + raw.len() <= n);
        self.asked.is_none() || !inside
    }

    /// A line that was sent.
    pub(super) fn sent(&mut self, piece: &Piece<'_, '_>) {
        self.draft.reach(piece.line.end());
        if self.asked.is_none() {
            return self.request(piece);
        }
        if self.is_again(piece) {
            self.at = At::Again;
            self.draft.sent_seen |= piece.style != Style::Plain;
            return;
        }
        match self.at {
            // Where only heads are logged, no empty line ends them.
            At::RequestHead if piece.raw().is_empty() => self.at = At::RequestBody,
            At::RequestHead => header(&mut self.draft.request, piece),
            At::Again if piece.style != Style::Plain && piece.raw().is_empty() => self.at = At::RequestBody,
            At::RequestBody if piece.style != Style::Plain => body(&mut self.draft.sent, piece),
            _ => {}
        }
    }

    fn request(&mut self, piece: &Piece<'_, '_>) {
        let Some((method, target)) = request_line(piece.raw()) else { return };
        self.asked = Some(piece.style);
        self.draft.sent_seen = piece.style != Style::Plain;
        self.draft.method = piece.text(0, method);
        self.draft.target = piece.text(method + 1, method + 1 + target);
        self.draft.version = piece.text(method + target + 2, piece.raw().len());
    }

    /// A line that was received.
    pub(super) fn received(&mut self, piece: &Piece<'_, '_>) {
        self.draft.reach(piece.line.end());
        let waits = self.draft.answer.as_ref().is_none_or(|a| a.status < 200);
        let inside = self.at == At::AnswerBody && self.within(piece);
        if let Some((code, status, reason)) = status_line(piece.raw()).filter(|_| !inside) {
            if !waits {
                // The other logger tells the same, or a body looks so.
                let again = self.answered.is_some_and(|s| s != piece.style);
                self.at = if again { At::Again } else { At::AnswerBody };
                return;
            }
            self.answered = Some(piece.style);
            let code = piece.text(code, code + 3).at();
            let reason = piece.text(reason.min(piece.raw().len()), piece.raw().len());
            self.draft.answer = Some(Answer { status, code, reason, ..Answer::default() });
            self.at = At::AnswerHead;
            return;
        }
        let Some(answer) = &mut self.draft.answer else { return };
        match self.at {
            At::AnswerHead if piece.raw().is_empty() => {
                self.at = if answer.status < 200 { At::RequestBody } else { At::AnswerBody };
            }
            At::AnswerHead => header(&mut answer.head, piece),
            At::Again if piece.style != Style::Plain && piece.raw().is_empty() => self.at = At::AnswerBody,
            At::AnswerBody if piece.style != Style::Plain => body(&mut answer.body, piece),
            _ => {}
        }
    }

    /// Whether the bytes belong to a body whose length is told.
    fn within(&self, piece: &Piece<'_, '_>) -> bool {
        let Some(answer) = &self.draft.answer else { return false };
        answer.head.length().is_some_and(|n| answer.body.len() + piece.raw().len() <= n)
    }

    /// Undoes what the server did to the answer's body, if it was told so.
    pub(super) fn decode(&mut self) {
        let Some(answer) = &mut self.draft.answer else { return };
        let Some(codings) = answer.head.get("content-encoding") else { return };
        let codings = String::from_utf8_lossy(codings).into_owned();
        let bytes = answer.body.bytes();
        let plain = if answer.head.chunked() { content::dechunk(bytes) } else { bytes.into() };
        let Some(decoded) = content::decode(&plain, &codings) else {
            return answer.body = Default::default();
        };
        let decoded = decoded.into_owned();
        let at = self.draft.at;
        answer.body = Default::default();
        answer.body.push_made(&decoded, at);
        answer.head.list.retain(|h| !h.name.raw().eq_ignore_ascii_case(b"transfer-encoding"));
    }
}

fn header(head: &mut crate::format::transcript::head::Head, piece: &Piece<'_, '_>) {
    let raw = piece.raw();
    match name(raw) {
        Some(colon) => {
            let blank = usize::from(raw.get(colon + 1) == Some(&b' '));
            head.push(piece.text(0, colon), piece.text(colon + 1 + blank, raw.len()));
        }
        None => head.odd(piece.text(0, raw.len())),
    }
}

fn body(bytes: &mut crate::format::transcript::bytes::Bytes, piece: &Piece<'_, '_>) {
    let text = piece.text(0, piece.raw().len());
    match text.coding() {
        crate::http::Coding::Plain => bytes.push(text.raw(), text.at().start),
        _ => bytes.push_made(text.raw(), text.at()),
    }
    if piece.ended {
        // How the line ended is told by the mark that was cut.
        let end = piece.line.text.get(piece.to..).unwrap_or_default();
        let cr = end.starts_with(b"[\\r]") || end.starts_with(b"\\r");
        bytes.push_made(if cr { b"\r\n" } else { b"\n" }, text.at());
    }
}
