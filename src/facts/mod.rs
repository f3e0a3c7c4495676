//! Exchange -> the owned record that judging needs. The narrow waist: what is not kept here is gone.
//!
//! Every exchange leaves a [`Fact`] (a row); one that can matter keeps a [`Detail`] as well. Nothing is linked or judged.

mod actors;
mod body;
mod challenge;
mod cut;
mod detail;
mod extract;
mod flat;
mod fold;
mod gone;
mod heads;
mod issue;
mod like;
mod lines;
mod matters;
mod meaning;
mod names;
mod open;
mod park;
mod problems;
mod record;
mod renumber;
mod short;
mod signed;
mod slots;
mod stories;
mod stretch;
mod strings;
mod thin;
mod typed;
mod uses;
mod written;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::format::{Problem, Sink};
use crate::http::{Brief, Exchange, Side, Time};

pub use detail::{BodyFact, Detail, Field, HeadSeen, Issue, IssuePlace, Lines, Sort, TypedFact};
pub use gone::{Gone, Like};
pub use record::{Fact, Flags, Id, Line, Mark, Media, Outcome, Place, Use, Uses};

pub use strings::{Kind, Secret, StrId, Strings, ValueId, Values};

/// What one capture, or one stretch of it, left behind.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Interned texts.
    pub strings: Strings,
    /// Credential values.
    pub values: Values,
    /// One row an exchange, in file order.
    pub list: Vec<Fact>,
    /// What could not be read, with line and column once known.
    pub problems: Vec<Located>,
    /// Name and version of the recorder.
    pub recorder: Option<(String, String)>,
    /// Marks of redaction seen anywhere in the capture.
    pub redaction: Redaction,
    /// Bytes of input that were read.
    pub bytes: u64,
    /// The captures that were joined, in the order in which they were named; empty for one alone.
    pub files: Vec<Part>,
    /// What is known of the rows that went.
    pub gone: Gone,
    /// Exchanges that stretches brought.
    total: Id,
    thin: thin::Thin,
    /// Places in the list whose rows went.
    free: Vec<usize>,
    like: FxHashMap<Id, Like>,
    /// Where the row of each exchange stands, if some left none.
    slots: slots::Slots,
    cursor: lines::Cursor,
    /// Authorization values that were read, and what was in them.
    known: FxHashMap<Box<[u8]>, Arc<Known>>,
    /// Header names that were met.
    meanings: meaning::Meanings,
    /// The last `Date`, and what it says.
    last_date: (Vec<u8>, Option<Time>),
    scratch: String,
    /// Plain calls of a stretch.
    shorts: short::Shorts,
    /// From here on lines may be told in short.
    short_from: Option<u64>,
    /// Logins may be told in short, too.
    loud: bool,
    reread: Option<Reread>,
    /// Uses of credentials in rows that went, by the hash of the value.
    used: FxHashMap<u64, u64>,
    parked: park::Parked,
    /// Problems that were told, of lines and of places.
    told: (problems::Told, problems::Told),
    /// When the last exchange began, be its row kept or not.
    latest: Option<Time>,
}

/// Bytes of an exchange, and where they begin -> what they say.
type Reader = dyn Fn(&[u8], u64) -> Facts + Send + Sync;

/// Reads the bytes of an exchange once more.
#[derive(Clone)]
struct Reread(Arc<Reader>);

impl std::fmt::Debug for Reread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reread")
    }
}

/// Emptied tables of a stretch that was absorbed: fresh ones cost as much as filling them.
#[derive(Debug, Default)]
pub struct Spare {
    shorts: short::Shorts,
    rows: Vec<Fact>,
    strings: Strings,
    values: Values,
}

impl Spare {
    /// Empties all tables; they keep their room.
    fn clear(&mut self) {
        self.shorts.clear();
        self.rows.clear();
        self.strings.clear();
        self.values.clear();
    }
}

/// What an Authorization value holds.
#[derive(Clone, Debug, Default)]
struct Known {
    uses: Uses,
    marks: Vec<Mark>,
    masked: bool,
}

/// A problem with its place for people.
#[derive(Clone, Debug)]
pub struct Located {
    /// The problem.
    pub problem: Problem,
    /// Line, from 1; 0 before it is known.
    pub line: u64,
    /// Column, from 1.
    pub column: u64,
}

/// One of several captures that were joined.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its format.
    pub format: &'static str,
    /// Its first exchange.
    pub first: Id,
    /// Its first problem.
    pub first_problem: usize,
    /// Name and version of its recorder.
    pub recorder: Option<(String, String)>,
    /// Marks of redaction in it.
    pub redaction: Redaction,
    /// Bytes of input.
    pub bytes: u64,
}

/// What was seen of the headers that exporters strip (rules.md 1.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Redaction {
    /// Some exchange shows an Authorization header.
    pub saw_authorization: bool,
    /// Some exchange shows a Cookie header.
    pub saw_cookie: bool,
    /// Some answer shows a Set-Cookie header.
    pub saw_set_cookie: bool,
    /// Some value is a mask.
    pub masks: bool,
    /// An Authorization header is empty behind its scheme.
    pub empty_authorization: bool,
}

impl Sink for Facts {
    fn exchange(&mut self, mut exchange: Exchange<'_>) {
        exchange.request.headers.cut();
        if let Some(response) = &mut exchange.response {
            response.headers.cut();
        }
        let fact = extract::fact(self, &exchange);
        self.list.push(fact);
    }

    fn brief(&mut self, brief: &Brief<'_>) -> bool {
        self.short_from.is_some_and(|from| brief.at.start >= from)
            && self.shorts.take(brief, &mut self.strings, &mut self.redaction, (self.list.len(), self.loud))
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(Located { problem, line: 0, column: 0 });
    }

    fn recorder(&mut self, name: &str, version: &str) {
        self.recorder = Some((name.to_owned(), version.to_owned()));
    }
}

#[cfg(feature = "cli")]
impl crate::source::WindowSink for Facts {
    fn passed(&mut self, bytes: &[u8], offset: u64) {
        Facts::passed(self, bytes, offset);
    }
}

impl Facts {
    /// Tells the bytes that a reader is done with: lines are counted here. Must be called for every stretch, in order.
    pub fn passed(&mut self, bytes: &[u8], offset: u64) {
        self.bytes = self.bytes.max(offset + bytes.len() as u64);
        lines::pass(self, bytes, offset);
    }

    /// Appends the facts of the stretch that follows. Numbers, texts, values and lines of `next` become ours; rows of a
    /// long capture on which nothing hangs go ([`Gone`], [`Like`]). The tables of `next` are left to be used again.
    pub fn absorb(&mut self, mut next: Self) -> Spare {
        lines::shift(&self.cursor, &mut next);
        let mut rows = std::mem::take(&mut next.list);
        let hashes = like::Hashes::new(&next.strings, &next.values);
        self.fold(&mut rows, &next.shorts, like::Tables::new(&next.strings, &next.values, &hashes));
        self.take_problems(std::mem::take(&mut next.problems));
        self.recorder = self.recorder.take().or(next.recorder);
        let (a, b) = (&mut self.redaction, next.redaction);
        a.saw_authorization |= b.saw_authorization;
        a.saw_cookie |= b.saw_cookie;
        a.saw_set_cookie |= b.saw_set_cookie;
        a.masks |= b.masks;
        a.empty_authorization |= b.empty_authorization;
        self.bytes = self.bytes.max(next.bytes);
        self.cursor.append(&next.cursor);
        let mut spare = Spare { shorts: next.shorts, rows, strings: next.strings, values: next.values };
        spare.clear();
        spare
    }

    /// Adds another capture of the same traffic or the same login. Its lines are its own; a second log of a server
    /// is taken for that of the server behind the first.
    pub fn join(&mut self, name: &str, format: &'static str, mut next: Self) {
        let part = Part {
            name: name.to_owned(),
            format,
            first: self.list.len() as Id,
            first_problem: self.problems.len(),
            recorder: next.recorder.clone(),
            redaction: next.redaction,
            bytes: next.bytes,
        };
        if self.list.iter().any(|f| f.side == Side::Server) {
            next.list.iter_mut().filter(|f| f.side == Side::Server).for_each(|f| f.side = Side::Upstream);
        }
        // Lines are counted anew in each file.
        let keep = std::mem::take(&mut self.cursor);
        next.cursor = lines::Cursor::default();
        self.absorb(next);
        self.cursor = keep;
        self.files.push(part);
    }

    /// The joined capture that an exchange stands in.
    pub fn file_of(&self, id: Id) -> usize {
        self.files.partition_point(|p| p.first <= id).saturating_sub(1)
    }

    /// The number of an exchange in its own file.
    pub fn number(&self, id: Id) -> Id {
        id - self.files.get(self.file_of(id)).map_or(0, |p| p.first)
    }

    fn range_of(&self, file: usize) -> std::ops::Range<usize> {
        let at = |n: usize| self.files.get(n).map_or(self.list.len(), |p| p.first as usize);
        if self.files.is_empty() { 0..self.list.len() } else { at(file)..at(file + 1) }
    }

    /// The rows of a joined capture.
    pub fn of_file(&self, file: usize) -> impl Iterator<Item = &Fact> {
        self.list.get(self.range_of(file)).unwrap_or_default().iter()
    }

    /// The rows of a joined capture, to be changed.
    pub fn of_file_mut(&mut self, file: usize) -> impl Iterator<Item = &mut Fact> {
        let range = self.range_of(file);
        self.list.get_mut(range).unwrap_or_default().iter_mut()
    }

    /// Facts that keep every row, however many there are: captures that are joined are numbered by their rows.
    pub fn whole() -> Self {
        Self { thin: thin::Thin::with(Id::MAX, u32::MAX, u32::MAX), ..Self::default() }
    }

    /// An empty stretch, to be [absorbed](Self::absorb); plain lines that begin at `short_from` or behind are told in
    /// short there.
    ///
    /// `loud`: the capture that takes it in [puts aside](Self::put_aside), so that logins may be told in short as well.
    pub fn stretch(short_from: u64, loud: bool, spare: Spare) -> Self {
        let Spare { shorts, rows, strings, values } = spare;
        Self { short_from: Some(short_from), loud, shorts, list: rows, strings, values, ..Self::default() }
    }

    /// Exchanges of this stretch that were told in short.
    #[cfg(test)]
    pub(crate) fn told_short(&self) -> usize {
        self.shorts.list.len()
    }

    /// Facts that keep less than usual, so that short captures can show what long ones do.
    #[cfg(test)]
    pub(crate) fn thinner(rows: Id, details: u32, fine: u32) -> Self {
        Self { thin: thin::Thin::with(rows, details, fine), ..Self::default() }
    }

    /// Lets what may matter later be put aside as the bytes it was read from: `reread` reads the bytes of one exchange, which
    /// begin at an offset, once more.
    pub fn put_aside(&mut self, reread: impl Fn(&[u8], u64) -> Self + Send + Sync + 'static) {
        self.thin.park();
        self.reread = Some(Reread(Arc::new(reread)));
    }

    /// To be called behind the last stretch, before anything is looked up.
    pub fn finish(&mut self) {
        self.settle();
        self.close_ranks();
        uses::sessions(self);
        self.problems.sort_by_key(|p| p.problem.at.start);
        // Rows that waited were kept behind their place.
        self.list.sort_by_key(|f| f.id);
        if self.list.len() < self.total as usize {
            self.slots = slots::Slots::new(self.total, self.list.iter().map(|f| f.id));
        }
        for (kept, like) in std::mem::take(&mut self.like) {
            if let Some(f) = self.slot(kept).and_then(|at| self.list.get_mut(at)) {
                f.like = Some(Box::new(like));
            }
        }
    }

    /// Exchanges that were read, those that left no row included.
    pub fn exchanges(&self) -> u64 {
        u64::from(self.total).max(self.list.len() as u64)
    }

    /// The row of an exchange.
    pub fn get(&self, id: Id) -> Option<&Fact> {
        self.slot(id).and_then(|at| self.list.get(at))
    }

    /// Where the row of an exchange stands in [`Facts::list`].
    pub fn slot(&self, id: Id) -> Option<usize> {
        if self.slots.is_empty() {
            return Some(id as usize).filter(|at| *at < self.list.len());
        }
        self.slots.get(id)
    }

    /// The last point in time that the capture shows.
    pub fn last_time(&self) -> Option<Time> {
        let kept = self.list.iter().filter_map(|f| f.start.map(|s| s.plus(f.duration)).or(f.date)).max();
        kept.max(self.latest)
    }

    /// When the last exchange began that left no row, or one.
    pub fn latest(&self) -> Option<Time> {
        self.latest
    }
}

/// Whether a request header of this name (lower case) carries a credential, besides Authorization and Cookie.
pub fn is_credential_header(name: &str) -> bool {
    names::credential_header(name).is_some()
}
