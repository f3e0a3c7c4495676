//! The smallest stretch of a transcript in which every transfer is complete: read line by line.
//!
//! A segment ends where nothing is open any more, at a typed command, or at a limit. Where it ends depends on
//! the bytes alone, so that the outcome does not depend on windows.

use std::borrow::Cow;
use std::hash::Hasher;
use std::sync::Arc;

use super::body::Fit;
use super::command::Command;
use super::dump::Dump;
use super::info;
use super::line::{self, Block, Mark, Parts};
use super::prefix::{self, Paste, Prefix};
use super::transfer::{Conn, Transfer};
use crate::format::Problem;
use crate::format::wall::Zone;
use crate::http::{Span, Text};

/// Bytes that may be held back until what stands in them is complete.
pub(super) const MAX_HELD: usize = 64 << 20;
/// Transfers that a segment may hold.
const MAX_OPEN: usize = 256;
/// Bytes of prose after which a segment ends.
const IDLE: usize = 64 << 10;

/// What holds beyond a segment.
#[derive(Clone, Debug, Default)]
pub(super) struct Carry {
    pub(super) paste: Paste,
    pub(super) conn: Conn,
    pub(super) conns: Vec<(u32, Conn)>,
    /// Status lines whose unmarked copy (`-i`) may still come, hashed.
    pub(super) recent: [u64; 8],
    pub(super) command: Option<Arc<Command>>,
    /// Transfers seen since the command, and how many of them were `CONNECT`s.
    pub(super) seen: usize,
    pub(super) tunnels: usize,
    /// URL of the next request, if curl told it.
    pub(super) url: Option<Vec<u8>>,
    /// The zone of `--trace-time`.
    pub(super) zone: Zone,
    /// The next byte stands inside a line.
    pub(super) inside: bool,
    /// The rest of the line is to be left out.
    pub(super) skip: bool,
    /// Lines of an unmarked copy of a head follow.
    pub(super) copy: bool,
    /// The last line read was a `> ` line.
    pub(super) told: bool,
    /// The next line is what another client printed.
    pub(super) guest: bool,
    /// That client does not want it.
    pub(super) refused: bool,
    /// A request that another client printed has no answer yet.
    pub(super) awaited: bool,
    /// No page ends before this place of the input, behind what was read.
    pub(super) no_page_end: u64,
}

impl Carry {
    /// Whether a prompt that follows takes nothing over: the text is not damaged, and no line goes on.
    pub(super) fn ends_at_prompt(&self) -> bool {
        let plain = !self.zone.is_known() && self.paste.prefix == Prefix::None && !self.paste.html;
        plain && !(self.inside || self.skip || self.copy || self.guest || self.refused || self.awaited)
    }
}

/// How reading goes on behind a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Next,
    /// The window ends too early.
    More,
    /// The segment ends before this line.
    Ends,
}

/// A line without its end and its paste damage.
#[derive(Clone, Debug)]
pub(super) struct Line<'w> {
    pub(super) bytes: Cow<'w, [u8]>,
    pub(super) parts: Parts,
    /// Place in the window of the first byte of the line, and of `bytes`.
    pub(super) start: usize,
    pub(super) content: usize,
    /// Place behind the line end.
    pub(super) next: usize,
    base: u64,
}

impl<'w> Line<'w> {
    /// Bytes `from..to` of the line.
    pub(super) fn part(&self, from: usize, to: usize) -> Text<'w> {
        match &self.bytes {
            Cow::Borrowed(b) => {
                Text::plain(b.get(from..to).unwrap_or_default(), self.base + (self.content + from) as u64)
            }
            Cow::Owned(b) => Text::made(b.get(from..to).unwrap_or_default().to_vec(), self.span()),
        }
    }

    /// What stands behind the mark.
    pub(super) fn text(&self) -> &[u8] {
        self.bytes.get(self.parts.skip..).unwrap_or_default()
    }

    /// The whole line.
    pub(super) fn span(&self) -> Span {
        Span { start: self.base + self.start as u64, end: self.base + self.next as u64 }
    }
}

/// A segment while it is read.
#[derive(Debug)]
pub(super) struct Segment<'w> {
    pub(super) window: &'w [u8],
    pub(super) base: u64,
    pub(super) last: bool,
    colours: bool,
    pub(super) start: usize,
    pub(super) pos: usize,
    pub(super) carry: Carry,
    pub(super) transfers: Vec<Transfer<'w>>,
    /// Transfers that are not complete.
    pub(super) open: usize,
    pub(super) sending: Option<usize>,
    pub(super) receiving: Option<usize>,
    pub(super) dump: Option<Dump<'w>>,
    pub(super) bracket: bool,
    /// Text before the first transfer.
    pub(super) before: Option<(usize, usize)>,
    pub(super) answers: Vec<Text<'w>>,
    /// Statuses that `-w` printed.
    pub(super) codes: Vec<(u16, Span)>,
    pub(super) tries: usize,
    pub(super) failure: Option<Text<'w>>,
    pub(super) noted: Option<Text<'w>>,
    /// What curl noted before it closed a connection without a request: the failure, if `curl: (N)` says none.
    pub(super) fallback: Option<Text<'w>>,
    pub(super) problems: Vec<Problem>,
    /// Lines read and lengths tried, for the tests of its cost.
    #[cfg(test)]
    pub(super) steps: std::cell::Cell<usize>,
}

impl<'w> Segment<'w> {
    pub(super) fn new(window: &'w [u8], base: u64, last: bool, colours: bool, start: usize, carry: Carry) -> Self {
        Self {
            window,
            base,
            last,
            colours,
            start,
            carry,
            pos: start,
            transfers: Vec::new(),
            open: 0,
            sending: None,
            receiving: None,
            dump: None,
            bracket: false,
            before: None,
            answers: Vec::new(),
            codes: Vec::new(),
            tries: 0,
            failure: None,
            noted: None,
            fallback: None,
            problems: Vec::new(),
            #[cfg(test)]
            steps: std::cell::Cell::default(),
        }
    }

    /// Counts a step.
    pub(super) fn step(&self) {
        #[cfg(test)]
        self.steps.set(self.steps.get() + 1);
    }

    /// Reads to the end of the segment and returns its place, or `None` if the window ends before.
    pub(super) fn run(&mut self) -> Option<usize> {
        loop {
            if self.pos >= self.window.len() {
                return self.last.then_some(self.window.len());
            }
            if self.pos - self.start > MAX_HELD {
                return Some(self.give_up(self.pos));
            }
            let Some(line) = self.line() else {
                if self.window.len() - self.start > MAX_HELD {
                    self.carry.skip = true;
                    return Some(self.give_up(self.start + MAX_HELD));
                }
                return None;
            };
            match self.take(line) {
                Flow::More => return None,
                Flow::Ends => return Some(self.pos),
                Flow::Next if self.settled() => return Some(self.pos),
                Flow::Next => {}
            }
        }
    }

    fn give_up(&mut self, at: usize) -> usize {
        let at = at.min(self.window.len());
        if !self.transfers.is_empty() || self.pending_command() {
            let span = Span { start: self.base + self.start as u64, end: self.base + at as u64 };
            self.problems.push(Problem::new(
                span,
                "the end of a transfer within 64 MiB",
                "the rest of its body was left out",
            ));
        }
        at
    }

    fn settled(&self) -> bool {
        if self.dump.is_some() {
            return false;
        }
        if self.pending_command() {
            let wanted = self.carry.command.as_ref().map_or(0, |c| c.urls);
            let written = self.template().is_some();
            return if written { self.codes.len() >= wanted } else { self.answers.len() >= wanted }
                || self.failure.is_some();
        }
        if self.transfers.is_empty() {
            return self.pos - self.start > IDLE;
        }
        self.open == 0
    }

    /// Whether a typed command waits for its transcript or its answer.
    pub(super) fn pending_command(&self) -> bool {
        self.carry.command.is_some() && self.carry.seen == 0
    }

    /// What the pending command gave to `-w`, if that prints a status.
    pub(super) fn template(&self) -> Option<&Text<'static>> {
        let op = self.carry.command.as_ref()?.operations.first()?;
        op.write_out.as_ref().filter(|w| memchr::memmem::find(w.raw(), b"_code}").is_some() || w.raw() == b"%{json}")
    }

    /// The next line, if the window holds it whole.
    fn line(&mut self) -> Option<Line<'w>> {
        self.step();
        let rest = self.window.get(self.pos..)?;
        let len = match memchr::memchr(b'\n', rest) {
            Some(len) => len,
            None if self.last => rest.len(),
            None => return None,
        };
        let next = (self.pos + len + 1).min(self.window.len());
        let mut raw = rest.get(..len)?;
        while let [less @ .., b'\r'] = raw {
            raw = less;
        }
        let mut content = self.pos;
        while let [b'\r', more @ ..] = raw {
            raw = more;
            content += 1;
        }
        let mut bytes = if self.colours { prefix::without_colours(raw) } else { Cow::Borrowed(raw) };
        let inner = bytes.trim_ascii_start().first();
        if self.carry.paste.html || inner == Some(&b'&') {
            bytes = self.carry.paste.entities(bytes);
        }
        if !std::mem::take(&mut self.carry.inside) {
            let cut = self.carry.paste.strip(&bytes);
            content += if self.carry.paste.html { prefix::encoded_len(raw, cut) } else { cut };
            bytes = match bytes {
                Cow::Borrowed(b) => Cow::Borrowed(b.get(cut..)?),
                Cow::Owned(b) => Cow::Owned(b.get(cut..)?.to_vec()),
            };
        }
        Some(Line { parts: line::parse(&bytes), bytes, start: self.pos, content, next, base: self.base })
    }

    fn take(&mut self, line: Line<'w>) -> Flow {
        if std::mem::take(&mut self.carry.skip) {
            self.pos = line.next;
            return Flow::Next;
        }
        if self.bracket {
            self.bracket = !line.bytes.trim_ascii_end().ends_with(b"]");
            if !prefix::strong(&line.bytes) {
                self.pos = line.next;
                return Flow::Next;
            }
            self.bracket = false;
        }
        if self.dump.is_some() && self.dump_line(&line) {
            self.pos = line.next;
            return Flow::Next;
        }
        let told = std::mem::take(&mut self.carry.told);
        match line.parts.mark {
            Mark::Info if !self.awaiting() || info::known(line.text()) => self.info(&line),
            Mark::Noise => self.pos = line.next,
            Mark::Dump(Block::SentHead) if self.crowded() => return Flow::Ends,
            Mark::Dump(block) => self.dump_begins(&line, block),
            Mark::Sent if told && line::request_line(line.text()).is_none() => self.sent(&line),
            Mark::Sent | Mark::Received | Mark::Info => return self.marked(line),
            Mark::None => return self.unmarked(line),
        }
        Flow::Next
    }

    fn marked(&mut self, line: Line<'w>) -> Flow {
        match self.body_fits(line.content, true) {
            Fit::Taken => return Flow::Next,
            Fit::More => return Flow::More,
            Fit::No => {}
        }
        if line.parts.mark == Mark::Info {
            self.info(&line);
            return Flow::Next;
        }
        if line.parts.mark == Mark::Received {
            return self.received(line);
        }
        if let Some((method, target)) = line::request_line(line.text()) {
            if self.crowded() {
                return Flow::Ends;
            }
            self.request(&line, method, target);
            return Flow::Next;
        }
        self.sent(&line);
        Flow::Next
    }

    /// Whether a body may still come, so that a line with a mark could be part of it.
    pub(super) fn awaiting(&self) -> bool {
        self.open > 0 && self.transfers.iter().any(Transfer::awaits)
    }

    /// Whether the segment holds as many transfers as it may.
    pub(super) fn crowded(&self) -> bool {
        self.transfers.len() >= MAX_OPEN
    }

    /// Whether a boundary would end something here.
    pub(super) fn occupied(&self) -> bool {
        !self.transfers.is_empty() || self.pending_command()
    }

    /// Whether lines carry nothing but themselves, so that lengths can be counted.
    pub(super) fn undamaged(&self) -> bool {
        self.carry.paste.prefix == Prefix::None && !self.carry.paste.html
    }

    /// Nothing more can come for this transfer.
    pub(super) fn complete(&mut self, index: usize) {
        if let Some(t) = self.transfers.get_mut(index).filter(|t| !t.complete) {
            t.complete = true;
            self.open -= 1;
        }
    }
}

/// A status line for [`Carry::recent`]; never 0.
pub(super) fn hash(line: &[u8]) -> u64 {
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(line.trim_ascii_end());
    hasher.finish() | 1
}
