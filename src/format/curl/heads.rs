//! Lines of request and response heads.

use super::line::{self, Ids};
use super::segment::{Flow, Line, Segment, hash};
use super::transfer::{Answer, Head, Transfer, Want};
use crate::http::Text;

/// Transfers whose bodies may still come.
const MAX_WAITING: usize = 16;
/// A line at least so long may have been wrapped by a terminal.
const WRAPPED: usize = 40;

impl<'w> Segment<'w> {
    /// `> METHOD target HTTP/x`: a transfer begins.
    pub(super) fn request(&mut self, line: &Line<'w>, method: usize, target: usize) {
        let skip = line.parts.skip;
        let end = line.bytes.len();
        let (m, t, v) = (
            line.part(skip, skip + method),
            line.part(skip + method + 1, skip + method + 1 + target),
            line.part(skip + method + target + 2, end),
        );
        self.begin(m, t, v, line.span().start, line.parts.ids);
        if let Some(t) = self.transfers.last_mut() {
            t.began = line.parts.clock;
        }
        self.pos = line.next;
        self.carry.told = true;
    }

    pub(super) fn begin(&mut self, method: Text<'w>, target: Text<'w>, version: Text<'w>, at: u64, ids: Option<Ids>) {
        self.end_heads();
        self.finish_streams();
        let transfer = Transfer {
            start: at,
            end: at,
            ids,
            method: Some(method),
            target,
            version,
            conn: self.carry.conn.clone(),
            url: self.carry.url.take(),
            ..Transfer::default()
        };
        self.sending = Some(self.add(transfer));
    }

    /// Adds a transfer and counts it for the typed command.
    pub(super) fn add(&mut self, transfer: Transfer<'w>) -> usize {
        self.forget_bodies();
        self.transfers.push(transfer);
        self.open += 1;
        self.carry.seen += 1;
        self.transfers.len() - 1
    }

    /// Bodies of unknown length that were shown end where the next request begins.
    fn finish_streams(&mut self) {
        for i in 0..self.transfers.len() {
            let done = self.transfers.get(i).is_some_and(|t| t.want == Want::Open && !t.body.is_empty() && !t.dump);
            if done {
                self.complete(i);
            }
        }
    }

    /// Bodies that went elsewhere (`-o`) are waited for only so long.
    fn forget_bodies(&mut self) {
        let waiting = self.transfers.iter().filter(|t| t.awaits()).count();
        let oldest = self.transfers.iter().position(Transfer::awaits);
        if let Some(oldest) = oldest.filter(|_| waiting > MAX_WAITING) {
            self.complete(oldest);
        }
    }

    fn of_ids(&self, ids: Option<Ids>) -> Option<usize> {
        let ids = ids?;
        self.transfers.iter().rposition(|t| t.ids.is_some_and(|i| i.transfer == ids.transfer))
    }

    /// Another `> ` line.
    pub(super) fn sent(&mut self, line: &Line<'w>) {
        self.pos = line.next;
        let index = self.of_ids(line.parts.ids).or(self.sending).or(self.transfers.len().checked_sub(1));
        let Some(transfer) = index.and_then(|i| self.transfers.get_mut(i)) else { return };
        if transfer.answer.is_some() || transfer.method.is_none() {
            return;
        }
        self.carry.told = true;
        transfer.end = line.span().end;
        let skip = line.parts.skip;
        let text = line.part(skip, line.bytes.len());
        if std::mem::take(&mut transfer.request.ended) {
            // An empty line stood inside the head: a value with a line feed.
            transfer.request.odd(line.part(skip, skip));
        }
        if text.is_empty() {
            transfer.request.ended = true;
            self.sending = None;
            return;
        }
        transfer.request.push(&text, |a, b| line.part(skip + a, skip + b));
        self.sending = index;
    }

    /// A `< ` line.
    pub(super) fn received(&mut self, line: Line<'w>) -> Flow {
        let skip = line.parts.skip;
        if let Some((code, status, reason)) = line::status_line(line.text()) {
            if self.crowded() && !self.transfers.iter().any(Transfer::unanswered) {
                return Flow::Ends;
            }
            let answer = Answer {
                status,
                code: line.part(skip + code, skip + code + 3),
                reason: line.part(skip + reason, line.bytes.len()),
                ..Answer::default()
            };
            let line_hash = hash(line.text());
            self.status(answer, &line, line_hash);
            self.pos = line.next;
            return Flow::Next;
        }
        let Some(index) = self.of_ids(line.parts.ids).or(self.receiving) else { return self.text(line) };
        let text = line.part(skip, line.bytes.len());
        if let Some(t) = self.transfers.get_mut(index) {
            t.came = line.parts.clock.or(t.came);
        }
        self.header_line(index, text, line.span().end, |a, b| line.part(skip + a, skip + b));
        self.pos = line.next;
        Flow::Next
    }

    /// A status line: of the oldest request without an answer, or of one that was not shown.
    fn status(&mut self, answer: Answer<'w>, line: &Line<'w>, line_hash: u64) {
        self.end_heads();
        let by_id = self.of_ids(line.parts.ids).filter(|i| self.transfers.get(*i).is_some_and(Transfer::unanswered));
        let index = by_id.or_else(|| self.transfers.iter().position(Transfer::unanswered));
        let index = match index {
            Some(i) => i,
            None => {
                let conn = self.carry.conn.clone();
                let url = self.carry.url.take();
                self.add(Transfer { start: line.span().start, ids: line.parts.ids, conn, url, ..Transfer::default() })
            }
        };
        if let Some(t) = self.transfers.get_mut(index) {
            t.answer = Some(answer);
            t.end = line.span().end;
            t.came = line.parts.clock;
        }
        self.carry.recent.rotate_right(1);
        if let Some(first) = self.carry.recent.first_mut() {
            *first = line_hash;
        }
        self.receiving = Some(index);
    }

    /// A header line of a response, or the empty line at its end.
    pub(super) fn header_line(
        &mut self,
        index: usize,
        text: Text<'w>,
        end: u64,
        part: impl Fn(usize, usize) -> Text<'w>,
    ) {
        let Some(t) = self.transfers.get_mut(index) else { return };
        t.end = t.end.max(end);
        let Some(answer) = &mut t.answer else { return };
        if text.is_empty() {
            self.end_answer(index);
            return;
        }
        answer.head.push(&text, part);
    }

    /// The response head is done.
    pub(super) fn end_answer(&mut self, index: usize) {
        if self.receiving == Some(index) {
            self.receiving = None;
        }
        let Some(t) = self.transfers.get_mut(index) else { return };
        let Some(answer) = &mut t.answer else { return };
        if std::mem::replace(&mut answer.head.ended, true) || answer.status < 200 {
            return;
        }
        t.settle();
        if matches!(t.want, Want::Nothing | Want::Hidden) {
            self.complete(index);
            return;
        }
        self.body_before(index);
    }

    /// Heads whose empty line was lost end where something else begins.
    pub(super) fn end_heads(&mut self) {
        if let Some(t) = self.sending.take().and_then(|i| self.transfers.get_mut(i)) {
            t.request.ended = true;
        }
        if let Some(i) = self.receiving.take() {
            self.end_answer(i);
        }
    }

    /// A line without a mark while a head is open; `None` if it is no part of it.
    pub(super) fn in_head(&mut self, line: &Line<'w>) -> Option<Flow> {
        if let Some(i) = self.receiving {
            let bare = self.transfers.get(i)?.bare;
            return if bare { self.bare_line(i, line) } else { self.in_answer(i, line) };
        }
        let t = self.transfers.get_mut(self.sending?)?;
        let head = &mut t.request;
        self.pos = line.next;
        // libcurl in other programs (PHP) marks the request line alone; `Host` follows it.
        let host = line.bytes.get(..5).is_some_and(|n| n.eq_ignore_ascii_case(b"host:"));
        head.unmarked |= host && head.list.is_empty() && head.odd.is_empty();
        if line.bytes.is_empty() {
            head.ended = true;
            self.sending = None;
        } else if head.unmarked {
            t.end = line.span().end;
            t.request.push(&line.part(0, line.bytes.len()), |a, b| line.part(a, b));
        } else {
            stray(head, line);
        }
        Some(Flow::Next)
    }

    fn in_answer(&mut self, index: usize, line: &Line<'w>) -> Option<Flow> {
        let head = &mut self.transfers.get_mut(index)?.answer.as_mut()?.head;
        if line.bytes.is_empty() {
            self.end_answer(index);
            self.pos = line.next;
            return Some(Flow::Next);
        }
        if line::status_line(&line.bytes).is_some() || is_copy(head, &line.bytes) {
            self.pos = line.next;
            return Some(Flow::Next);
        }
        let body = matches!(line.bytes.first(), Some(b'{' | b'[' | b'<')) && !is_gap(&line.bytes);
        if body || !is_gap(&line.bytes) && head.width < WRAPPED {
            self.end_answer(index);
            return None;
        }
        stray(head, line);
        self.pos = line.next;
        Some(Flow::Next)
    }

    /// `HTTP/1.1 401 Unauthorized` without a mark: the copy that `-i` makes, or a response without its request.
    pub(super) fn bare_status(&mut self, line: Line<'w>) -> Flow {
        let seen = hash(&line.bytes);
        if let Some(slot) = self.carry.recent.iter_mut().find(|h| **h == seen) {
            *slot = 0;
            self.carry.copy = true;
            self.pos = line.next;
            return Flow::Next;
        }
        let Some((code, status, reason)) = line::status_line(&line.bytes) else { return self.text(line) };
        if self.transfers.iter().any(|t| t.awaits() && !t.bare) {
            return self.text(line);
        }
        if self.crowded() {
            return Flow::Ends;
        }
        let answer = Answer {
            status,
            code: line.part(code, code + 3),
            reason: line.part(reason, line.bytes.len()),
            ..Answer::default()
        };
        let interim =
            self.transfers.last().is_some_and(|t| t.bare && t.answer.as_ref().is_some_and(|a| a.status < 200));
        for i in 0..self.transfers.len() {
            if !interim || i + 1 < self.transfers.len() {
                self.complete(i);
            }
        }
        let at = line.span().start;
        let index = if interim {
            self.transfers.len() - 1
        } else {
            self.add(Transfer { start: at, bare: true, ..Transfer::default() })
        };
        if let Some(t) = self.transfers.get_mut(index) {
            t.answer = Some(answer);
            t.end = line.span().end;
        }
        self.receiving = Some(index);
        self.pos = line.next;
        Flow::Next
    }

    fn bare_line(&mut self, index: usize, line: &Line<'w>) -> Option<Flow> {
        let name =
            line.bytes.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')).count();
        if !line.bytes.is_empty() && (name == 0 || line.bytes.get(name) != Some(&b':')) {
            if let Some(a) = self.transfers.get_mut(index).and_then(|t| t.answer.as_mut()) {
                a.head.cut = true;
            }
            self.end_answer(index);
            return None;
        }
        self.header_line(index, line.part(0, line.bytes.len()), line.span().end, |a, b| line.part(a, b));
        self.pos = line.next;
        Some(Flow::Next)
    }
}

/// A line inside a head that is no header: the rest of a wrapped one, or a gap that someone left.
fn stray(head: &mut Head<'_>, line: &Line<'_>) {
    if is_gap(&line.bytes) {
        head.cut = true;
    } else if head.width >= WRAPPED {
        let text = Text::made(line.bytes.to_vec(), line.span());
        head.append(&text);
    }
}

/// `...`, `[...]`
fn is_gap(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"[").unwrap_or(line);
    line.starts_with(b"...") || line.starts_with("…".as_bytes())
}

/// The copy of the last header line that `-i` writes on a terminal.
fn is_copy(head: &Head<'_>, line: &[u8]) -> bool {
    let Some(last) = head.list.last() else { return false };
    line.strip_prefix(last.name.raw())
        .and_then(|r| r.strip_prefix(b":"))
        .is_some_and(|r| r.trim_ascii() == last.value.raw().trim_ascii())
}
