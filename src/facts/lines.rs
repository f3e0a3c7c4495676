//! Lines and columns, counted while the bytes pass.

use super::{Facts, Lines};

/// Longer exchanges are not kept to be read again.
const LONGEST_RAW: usize = 8 << 10;

/// Where the counting stands.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cursor {
    /// Line breaks so far.
    lines: u64,
    /// Characters since the last one.
    column: u64,
    /// The first row whose lines are not known yet.
    next: usize,
    /// The first problem whose place is not known yet.
    next_problem: usize,
}

impl Cursor {
    pub(crate) fn append(&mut self, next: &Self) {
        self.column = if next.lines > 0 { next.column } else { self.column + next.column };
        self.lines += next.lines;
        self.next += next.next;
        self.next_problem += next.next_problem;
    }

    /// Line breaks so far.
    pub(super) fn lines(&self) -> u64 {
        self.lines
    }

    /// What the characters so far add to the column of something that stands so many lines behind.
    pub(super) fn column_of(&self, lines: u64) -> u64 {
        if lines == 0 { self.column } else { 0 }
    }

    fn advance(&mut self, bytes: &[u8]) {
        let breaks = memchr::memchr_iter(b'\n', bytes).count() as u64;
        self.lines += breaks;
        match memchr::memrchr(b'\n', bytes) {
            Some(last) => self.column = chars(bytes.get(last + 1..).unwrap_or_default()),
            None => self.column += chars(bytes),
        }
    }
}

/// Characters; most pieces have a byte for each, which shows at once.
fn chars(bytes: &[u8]) -> u64 {
    let count = |piece: &[u8]| match piece.is_ascii() {
        true => piece.len(),
        false => piece.iter().filter(|b| !is_inner(**b)).count(),
    };
    bytes.chunks(1024).map(count).sum::<usize>() as u64
}

fn is_inner(b: u8) -> bool {
    b & 0xc0 == 0x80
}

/// Gives lines to all rows and problems that begin in these bytes.
pub(crate) fn pass(facts: &mut Facts, bytes: &[u8], offset: u64) {
    let mut cursor = facts.cursor;
    let mut done = offset;
    let slice = |from: u64, to: u64| {
        let (from, to) = (from.saturating_sub(offset) as usize, to.saturating_sub(offset) as usize);
        bytes.get(from.min(bytes.len())..to.min(bytes.len())).unwrap_or_default()
    };
    let stretch = facts.short_from.is_some();
    loop {
        let fact = facts.list.get_mut(cursor.next);
        // A line that was told in short stands before the rows that came behind it.
        if let Some((at, loud)) = facts.shorts.loud_before(fact.as_ref().map(|f| f.at.start)) {
            cursor.advance(slice(done, at));
            done = done.max(at);
            (loud.lines, loud.column) = (cursor.lines, cursor.column);
            continue;
        }
        let Some(fact) = fact else { break };
        cursor.next += 1;
        let at = fact.at;
        let quiet = stretch && super::like::quiet(fact);
        let Some(detail) = &mut fact.detail else { continue };
        if at.start > done {
            cursor.advance(slice(done, at.start));
            done = at.start;
        }
        let own = slice(at.start, at.end);
        if quiet && own.len() <= LONGEST_RAW {
            detail.raw = own.into();
        }
        detail.lines = Lines { line: cursor.lines, column: cursor.column, breaks: breaks(own), inner: inner(own) };
    }
    let mut places = facts.cursor;
    let mut at = offset;
    let mut order: Vec<usize> = (cursor.next_problem..facts.problems.len()).collect();
    order.sort_by_key(|i| facts.problems.get(*i).map_or(0, |p| p.problem.at.start));
    for i in order {
        let Some(p) = facts.problems.get_mut(i) else { continue };
        let start = p.problem.at.start.max(at);
        places.advance(slice(at, start));
        at = start;
        (p.line, p.column) = (places.lines + 1, places.column + 1);
    }
    cursor.next_problem = facts.problems.len();
    cursor.advance(slice(done, offset + bytes.len() as u64));
    facts.cursor = cursor;
}

fn breaks(own: &[u8]) -> Box<[u32]> {
    memchr::memchr_iter(b'\n', own).take(65_536).map(|i| i as u32).collect()
}

fn inner(own: &[u8]) -> Box<[u32]> {
    if own.is_ascii() {
        return Box::default();
    }
    own.iter().enumerate().filter(|(_, b)| is_inner(**b)).take(4096).map(|(i, _)| i as u32).collect()
}

/// Moves lines that were counted from the start of an exchange to where it stands.
pub(super) fn moved(lines: &mut Lines, line: u64, column: u64) {
    if lines.line == 0 {
        lines.column += column;
    }
    lines.line += line;
}

/// Moves the lines of a stretch behind those of `before`.
pub(crate) fn shift(before: &Cursor, next: &mut Facts) {
    for lines in next.list.iter_mut().filter_map(|f| f.detail.as_mut()).map(|d| &mut d.lines) {
        moved(lines, before.lines, before.column);
    }
    for p in &mut next.problems {
        if p.line == 1 {
            p.column += before.column;
        }
        p.line += before.lines;
    }
}
