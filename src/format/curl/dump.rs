//! Dumps of `--trace` and `--trace-ascii` (and `-vvv`): bytes by line, each with its offset.

use super::line::{self, Block, Ids, Mark, dump_line};
use super::segment::{Line, Segment, hash};
use super::transfer::{Answer, Transfer, Want};
use crate::http::{Span, Text};

/// A line of the bytes that were dumped.
#[derive(Clone, Debug)]
struct Row<'w> {
    text: Text<'w>,
    /// It ends with a line end.
    ended: bool,
}

/// A dump while it is read.
#[derive(Clone, Debug)]
pub(super) struct Dump<'w> {
    block: Block,
    ids: Option<Ids>,
    clock: Option<i64>,
    size: u64,
    at: Span,
    hex: bool,
    /// Offset behind the last line.
    next: u64,
    rows: Vec<Row<'w>>,
    bytes: Vec<u8>,
}

impl<'w> Segment<'w> {
    /// `=> Send header, 168 bytes (0xa8)`
    pub(super) fn dump_begins(&mut self, line: &Line<'w>, block: Block) {
        self.pos = line.next;
        if line.parts.size == 0 {
            return;
        }
        let at = line.span();
        self.dump = Some(Dump {
            block,
            ids: line.parts.ids,
            clock: line.parts.clock,
            size: line.parts.size,
            at,
            hex: false,
            next: 0,
            rows: Vec::new(),
            bytes: Vec::new(),
        });
    }

    /// A line while a dump is open; `false` if it belongs to it no more.
    pub(super) fn dump_line(&mut self, line: &Line<'w>) -> bool {
        let Some(dump) = &mut self.dump else { return false };
        let taken = match dump_line(&line.bytes) {
            Some((offset, text))
                if line.parts.mark == Mark::None && offset >= dump.next && offset < dump.size.max(1) =>
            {
                dump.add(offset, text, line);
                true
            }
            _ => false,
        };
        let full = dump.next >= dump.size;
        if !taken || full {
            self.end_dump();
        }
        taken
    }

    /// Makes of the dump what its lines would have been in `-v`.
    pub(super) fn end_dump(&mut self) {
        let Some(dump) = self.dump.take() else { return };
        match dump.block {
            Block::SentHead => self.dumped_request(dump),
            Block::ReceivedHead => self.dumped_answer(dump),
            Block::SentData => {
                let index = self.dumped_by(dump.ids);
                if let Some(t) = index.and_then(|i| self.transfers.get_mut(i)) {
                    t.view |= !dump.hex;
                    t.sent.push(dump.text());
                }
            }
            Block::ReceivedData => self.dumped_body(dump),
            Block::Other => {}
        }
    }

    fn dumped_by(&self, ids: Option<Ids>) -> Option<usize> {
        let same = |t: &Transfer<'_>| t.dump && ids.is_none_or(|i| t.ids.is_some_and(|k| k.transfer == i.transfer));
        self.transfers.iter().rposition(same)
    }

    fn dumped_request(&mut self, dump: Dump<'w>) {
        let (ids, start, end, hex, clock) = (dump.ids, dump.at.start, dump.at.end, dump.hex, dump.clock);
        let mut lines = dump.lines().into_iter();
        let Some(first) = lines.next() else { return };
        let Some((method, target)) = line::request_line(first.raw()) else { return };
        let version = first.raw().len();
        let cut = |from: usize, to: usize| part(&first, from, to);
        self.begin(cut(0, method), cut(method + 1, method + 1 + target), cut(method + target + 2, version), start, ids);
        let Some(t) = self.sending.take().and_then(|i| self.transfers.get_mut(i)) else { return };
        t.dump = true;
        t.began = clock;
        t.view = !hex;
        t.end = end;
        t.request.ended = true;
        for text in lines.filter(|l| !l.is_empty()) {
            t.request.push(&text, |a, b| part(&text, a, b));
        }
    }

    fn dumped_answer(&mut self, dump: Dump<'w>) {
        let (ids, end, clock) = (dump.ids, dump.at.end, dump.clock);
        let mut index = self.dumped_by(ids);
        for text in dump.lines() {
            if let Some((code, status, reason)) = line::status_line(text.raw()) {
                let waiting = self.transfers.iter().position(|t| t.dump && t.unanswered());
                index = index.filter(|_| ids.is_some()).or(waiting).or(index);
                let Some(t) = index.and_then(|i| self.transfers.get_mut(i)) else { return };
                t.answer = Some(Answer {
                    status,
                    code: part(&text, code, code + 3),
                    reason: part(&text, reason, text.raw().len()),
                    ..Answer::default()
                });
                self.carry.recent.rotate_right(1);
                if let Some(slot) = self.carry.recent.first_mut() {
                    *slot = hash(text.raw());
                }
                self.receiving = None;
                continue;
            }
            let Some(i) = index else { return };
            if let Some(t) = self.transfers.get_mut(i) {
                t.came = clock.or(t.came);
            }
            self.header_line(i, text.clone(), end, |a, b| part(&text, a, b));
        }
    }

    fn dumped_body(&mut self, dump: Dump<'w>) {
        let size = dump.size;
        let end = dump.at.end;
        let Some(index) = self.dumped_by(dump.ids) else { return };
        let Some(t) = self.transfers.get_mut(index) else { return };
        t.view |= !dump.hex;
        t.exact = true;
        t.end = t.end.max(end);
        t.body.push(dump.text());
        if let Want::Length(left) = &mut t.want {
            *left = left.saturating_sub(size);
            if *left == 0 {
                self.complete(index);
            }
        }
    }
}

/// Columns of an ASCII dump.
const WIDTH: u64 = 64;

impl<'w> Dump<'w> {
    fn add(&mut self, offset: u64, text: &[u8], line: &Line<'w>) {
        if self.next == 0 && offset == 0 {
            self.hex = is_hex(text, self.size);
        }
        self.at.end = line.span().end;
        if self.hex {
            let before = self.bytes.len();
            self.bytes.extend(text.split(|b| *b == b' ').take(16).map_while(byte));
            self.next = offset + (self.bytes.len() - before).max(1) as u64;
            return;
        }
        // A jump over two bytes is a line end that the dump does not show.
        if let Some(row) = self.rows.last_mut().filter(|_| offset >= self.next + 2) {
            row.ended = true;
        }
        let skip = line.bytes.len() - text.len();
        self.rows.push(Row { text: line.part(skip, line.bytes.len()), ended: text.len() as u64 != WIDTH });
        self.next = offset + text.len() as u64;
        if self.size == self.next + 2 {
            self.next = self.size;
        }
    }

    /// The lines of a head.
    fn lines(self) -> Vec<Text<'w>> {
        if self.hex {
            let lines = self.bytes.split(|b| *b == b'\n');
            let text = |l: &[u8]| Text::made(l.strip_suffix(b"\r").unwrap_or(l).to_vec(), self.at);
            let mut all: Vec<Text<'w>> = lines.map(text).collect();
            // What stands behind the last line end is nothing.
            all.pop_if(|t| t.is_empty());
            return all;
        }
        self.rows.split_inclusive(|row| row.ended).map(joined).collect()
    }

    /// The bytes of a body.
    fn text(self) -> Text<'w> {
        if self.hex {
            return Text::made(self.bytes, self.at);
        }
        let mut rows = self.rows;
        if rows.len() == 1 {
            return rows.pop().map(|r| r.text).unwrap_or_default();
        }
        let mut out = Vec::new();
        let count = rows.len();
        for (i, row) in rows.iter().enumerate() {
            out.extend_from_slice(row.text.raw());
            if row.ended && i + 1 < count {
                out.extend_from_slice(b"\r\n");
            }
        }
        Text::made(out, self.at)
    }
}

/// The rows of one line.
fn joined<'w>(rows: &[Row<'w>]) -> Text<'w> {
    match rows {
        [] => Text::default(),
        [row] => row.text.clone(),
        [first, rest @ ..] => {
            let span = rest.iter().fold(first.text.at(), |at, row| at.join(row.text.at()));
            Text::made(rows.iter().flat_map(|row| row.text.raw()).copied().collect::<Vec<u8>>(), span)
        }
    }
}

/// Whether the first line of a dump is bytes in hex, with their picture behind them.
fn is_hex(text: &[u8], size: u64) -> bool {
    let want = size.min(16) as usize;
    let pairs = text.split(|b| *b == b' ').take(want).map_while(byte).count();
    pairs == want && text.len() > 48
}

fn byte(pair: &[u8]) -> Option<u8> {
    let [a, b] = pair else { return None };
    let digit = |c: &u8| char::from(*c).to_digit(16);
    Some((digit(a)? * 16 + digit(b)?) as u8)
}

/// Bytes `from..to` of a line, with their place if they stand in the input as they are.
fn part<'w>(text: &Text<'w>, from: usize, to: usize) -> Text<'w> {
    let raw = text.raw().get(from..to).unwrap_or_default().to_vec();
    match text.coding() {
        crate::http::Coding::Plain => Text::plain(&raw, text.at().start + from as u64).into_owned(),
        _ => Text::made(raw, text.at()),
    }
}
