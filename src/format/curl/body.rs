//! Bodies: text without a mark, which may come long after its head and have other lines written into it.

use super::command;
use super::info;
use super::line;
use super::prefix;
use super::segment::{Flow, Line, MAX_HELD, Segment};
use super::snippet::{self, Found};
use super::transfer::{Transfer, Want};
use crate::http::{Coding, Span, Text};

/// Bytes behind a body that tell whether it ends there.
const LOOK: usize = 256;
/// How many times an answer to a command without `-v` is looked for in vain.
const TRIES: usize = 64;

/// Whether bytes were taken as the body that a `Content-Length` promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fit {
    Taken,
    More,
    No,
}

impl<'w> Segment<'w> {
    /// Takes the body of a waiting transfer if exactly its bytes stand at `at` and something known follows them.
    /// `strict`: a line with a mark stands there, so a mere line end is not enough.
    pub(super) fn body_fits(&mut self, at: usize, strict: bool) -> Fit {
        if !self.undamaged() {
            return Fit::No;
        }
        let mut tried = None;
        for i in 0..self.transfers.len() {
            let Some(length) = self.transfers.get(i).and_then(wanted) else { continue };
            // What did not fit one does not fit another of the same length.
            if tried.replace(length) == Some(length) {
                continue;
            }
            match self.ends_well(at, length, Some(i), strict) {
                Fit::Taken => {
                    self.take_body(i, at, length as usize);
                    return Fit::Taken;
                }
                Fit::More => return Fit::More,
                Fit::No => {}
            }
        }
        Fit::No
    }

    fn take_body(&mut self, index: usize, at: usize, length: usize) {
        let bytes = self.window.get(at..at + length).unwrap_or_default();
        let Some(t) = self.transfers.get_mut(index) else { return };
        t.body.push(Text::plain(bytes, self.base + at as u64));
        t.exact = true;
        t.end = t.end.max(self.base + (at + length) as u64);
        self.pos = at + length;
        let rest = self.window.get(self.pos..).unwrap_or_default();
        let crs = rest.iter().take_while(|b| **b == b'\r').count();
        let newline = rest.get(crs) == Some(&b'\n');
        self.carry.inside = !newline;
        if newline {
            self.pos += crs + 1;
        }
        self.complete(index);
    }

    /// Whether a body of this length ends where something else begins.
    fn ends_well(&self, at: usize, length: u64, of: Option<usize>, strict: bool) -> Fit {
        self.step();
        let Some(end) = usize::try_from(length).ok().and_then(|l| at.checked_add(l)) else { return Fit::No };
        if end - self.start > MAX_HELD {
            return Fit::No;
        }
        if end + LOOK > self.window.len() && !self.last {
            return Fit::More;
        }
        let Some(after) = self.window.get(end..) else { return Fit::No };
        if is_boundary(after) {
            return Fit::Taken;
        }
        let body = self.window.get(at..end).unwrap_or_default();
        let crs = after.iter().take_while(|b| **b == b'\r').count();
        if after.get(crs) == Some(&b'\n') {
            let behind = after.get(crs + 1..).unwrap_or_default();
            if is_boundary(behind) || !strict && !has_marks(body) {
                return Fit::Taken;
            }
        }
        let Some(of) = of else { return Fit::No };
        // Bodies of parallel transfers follow each other without a break.
        let mut tried = None;
        for (i, t) in self.transfers.iter().enumerate() {
            let next = wanted(t).filter(|_| i != of).filter(|n| tried.replace(*n) != Some(*n));
            match next.map(|next| self.ends_well(end, next, None, true)) {
                None | Some(Fit::No) => {}
                Some(fit) => return fit,
            }
        }
        Fit::No
    }

    /// A line of text that no length accounts for.
    pub(super) fn text(&mut self, line: Line<'w>) -> Flow {
        if self.transfers.iter().any(Transfer::awaits) {
            if line.bytes.starts_with(b"```") {
                self.close_bodies();
                self.pos = line.next;
                return Flow::Next;
            }
            let cut = glue(&line.bytes);
            let owned = matches!(line.bytes, std::borrow::Cow::Owned(_))
                .then(|| [line.bytes.get(..cut.unwrap_or(line.bytes.len())).unwrap_or_default(), b"\n"].concat());
            match cut {
                Some(at) => {
                    self.append(line.content, line.content + at, owned);
                    self.pos = line.content + at;
                    self.carry.inside = true;
                }
                None => {
                    self.append(line.content, line.next, owned);
                    self.pos = line.next;
                }
            }
            return Flow::Next;
        }
        if self.pending_command() {
            return self.answer(&line);
        }
        if let Some(at) = glue(&line.bytes).filter(|at| *at > 0) {
            self.pos = line.content + at;
            self.carry.inside = true;
            return Flow::Next;
        }
        if self.transfers.is_empty() && self.carry.command.is_none() {
            let from = self.before.map_or(line.content, |(from, _)| from);
            self.before = Some((from, line.next));
        }
        self.pos = line.next;
        Flow::Next
    }

    /// Adds text to the body that most likely goes on here: one that was begun, else the last.
    pub(super) fn append(&mut self, from: usize, to: usize, owned: Option<Vec<u8>>) {
        let begun =
            self.transfers.iter().position(|t| t.awaits() && !t.body.is_empty() && matches!(t.want, Want::Length(_)));
        let Some(index) = begun.or_else(|| self.transfers.iter().rposition(Transfer::awaits)) else { return };
        let at = self.base + from as u64;
        let raw = self.window.get(from..to).unwrap_or_default();
        let Some(t) = self.transfers.get_mut(index) else { return };
        let text = match owned {
            Some(bytes) => Text::made(bytes, Span::at(at, raw.len())),
            None => Text::plain(raw, at),
        };
        t.end = t.end.max(self.base + to as u64);
        let size = text.raw().len() as u64;
        let trimmed = text.raw().trim_ascii_end().len() as u64;
        match t.body.last_mut().and_then(|last| touching(last, &text, self.window, self.base)) {
            Some((last, both)) => *last = both,
            None => t.body.push(text),
        }
        let Want::Length(left) = &mut t.want else { return };
        let done = *left == size || *left == trimmed;
        t.exact |= *left == size;
        *left = left.saturating_sub(size);
        // Pasting adds blanks and line ends, never twice the body.
        let over = *left == 0 && t.body.iter().map(|b| b.raw().len()).sum::<usize>() > 2 * line_length(t) + 1024;
        if done || over {
            self.complete(index);
        }
    }

    pub(super) fn close_bodies(&mut self) {
        for i in 0..self.transfers.len() {
            if self.transfers.get(i).is_some_and(Transfer::awaits) {
                self.complete(i);
            }
        }
    }

    /// Text that stood before the transcript is the body if its length fits (two files joined).
    pub(super) fn body_before(&mut self, index: usize) {
        let Some((from, to)) = self.before.take() else { return };
        let Some(t) = self.transfers.get_mut(index) else { return };
        let raw = self.window.get(from..to).unwrap_or_default();
        let cut = raw.strip_suffix(b"\n").unwrap_or(raw);
        let cut = cut.strip_suffix(b"\r").unwrap_or(cut);
        let Want::Length(n) = t.want else { return };
        let fits = [raw, cut].into_iter().find(|b| b.len() as u64 == n);
        if let Some(bytes) = fits.filter(|_| self.transfers.len() == 1) {
            if let Some(t) = self.transfers.get_mut(index) {
                t.body.push(Text::plain(bytes, self.base + from as u64));
                t.exact = true;
            }
            self.complete(index);
        }
    }

    /// Looks for the pasted answer of a command without `-v`.
    fn answer(&mut self, line: &Line<'w>) -> Flow {
        self.pos = line.next;
        let written = self.template().and_then(|w| snippet::written_status(w.raw(), &line.bytes));
        if let Some((status, at)) = written {
            self.codes.push((status, line.part(at, at + 3).at()));
            return Flow::Next;
        }
        if self.tries >= TRIES || !snippet::likely(&line.bytes) {
            return Flow::Next;
        }
        let rest = self.window.get(line.content..).unwrap_or_default();
        let at = self.base + line.content as u64;
        match snippet::answer(rest, at, self.last, &mut self.carry.no_page_end) {
            Found::More => Flow::More,
            Found::Nothing => {
                self.tries += 1;
                Flow::Next
            }
            Found::Bytes(n) => {
                let bytes = rest.get(..n).unwrap_or_default();
                match self.template().and_then(|w| snippet::json_status(w.raw(), bytes)) {
                    Some((status, place)) => self.codes.push((status, Span::at(at + place as u64, 3))),
                    None => self.answers.push(Text::plain(bytes, at)),
                }
                let end = line.content + n;
                let tail = self.window.get(end..).unwrap_or_default();
                let newline = memchr::memchr(b'\n', tail);
                let blank = tail.get(..newline.unwrap_or(tail.len())).unwrap_or_default().trim_ascii().is_empty();
                self.carry.inside = !blank;
                self.pos = if blank { newline.map_or(self.window.len(), |n| end + n + 1) } else { end };
                Flow::Next
            }
        }
    }
}

/// Two pieces that stand side by side as one: a body of short lines is no list of them.
fn touching<'t, 'w>(
    last: &'t mut Text<'w>,
    next: &Text<'w>,
    window: &'w [u8],
    base: u64,
) -> Option<(&'t mut Text<'w>, Text<'w>)> {
    let plain = last.coding() == Coding::Plain && next.coding() == Coding::Plain;
    let at = last.at();
    let place = |x: u64| usize::try_from(x.checked_sub(base)?).ok();
    let both = window.get(place(at.start)?..place(next.at().end)?)?;
    (plain && at.end == next.at().start).then(|| (last, Text::plain(both, at.start)))
}

fn line_length(t: &Transfer<'_>) -> usize {
    let length = t.answer.as_ref().and_then(|a| a.head.get("content-length"));
    length.map_or(0, |l| usize::try_from(line::number(l.trim_ascii())).unwrap_or(usize::MAX / 4))
}

/// The bytes that a transfer still waits for, if it knows.
fn wanted(t: &Transfer<'_>) -> Option<u64> {
    match t.want {
        Want::Length(n) if t.awaits() => Some(n),
        _ => None,
    }
}

/// What may stand behind a body that has no line end.
fn is_boundary(after: &[u8]) -> bool {
    let line = after.get(..memchr::memchr(b'\n', after).unwrap_or(after.len())).unwrap_or_default();
    if after.is_empty() {
        return true;
    }
    match line {
        [b'*', b' ', text @ ..] => info::known(text),
        [b'{' | b'}', b' ', b'[', ..] | [b'=', b'=', b' ', ..] => {
            line::parse(line.trim_ascii_end()).mark != line::Mark::None
        }
        [b'0'..=b'9', ..] | [b'[', ..] => line::is_clock(line) || prefix::strong(line) || command::find(line).is_some(),
        [b'\r', rest @ ..] => line::parse(rest).mark != line::Mark::None,
        [b'>', b' ', ..] | [b'<', b' ', ..] => prefix::strong(line),
        [b' ', ..] => line::parse(line).mark != line::Mark::None,
        _ => command::find(line).is_some_and(|p| p.shown) || line.starts_with(b"```"),
    }
}

/// Whether a stretch holds lines that look like heads of a trace.
fn has_marks(body: &[u8]) -> bool {
    memchr::memmem::find_iter(body, b" HTTP/").any(|at| {
        let start = body.get(..at).and_then(|b| memchr::memrchr(b'\n', b)).map_or(0, |n| n + 1);
        body.get(start..).is_some_and(|l| l.starts_with(b"> "))
    }) || body.starts_with(b"< HTTP/")
        || memchr::memmem::find(body, b"\n< HTTP/").is_some()
}

/// Where in a line of text another line of the trace, or a prompt, was written behind it.
fn glue(line: &[u8]) -> Option<usize> {
    if let Some(at) = info::glued(line) {
        return Some(before_stamp(line, at));
    }
    if let Some(at) = memchr::memmem::find(line, b"== Info: ") {
        return Some(before_stamp(line, at)).filter(|at| *at > 0);
    }
    let at = memchr::memmem::find(line, b"$ curl ").filter(|at| *at > 0)?;
    let head = line.get(..at)?;
    let end = head.iter().rposition(|b| matches!(b, b'}' | b']' | b'>' | b'"')).map_or(at, |e| e + 1);
    let rest = line.get(end..)?;
    Some(if command::prompt(rest).is_some() { end } else { at }).filter(|at| *at > 0)
}

/// The place of the time and the ids in front of a mark.
fn before_stamp(line: &[u8], at: usize) -> usize {
    let head = line.get(..at).unwrap_or_default();
    let ids = if head.ends_with(b"] ") { memchr::memrchr(b'[', head).unwrap_or(at) } else { at };
    let clock = ids.checked_sub(16).filter(|c| line.get(*c..).is_some_and(line::is_clock));
    clock.unwrap_or(ids)
}
