//! HAR 1.1 to 1.3, read entry by entry, leniently: one broken entry never costs the others.
//!
//! Also read: a bare `log` object, a list of entries, entries or HARs line by line or one after the other. Where
//! the text is broken, reading goes on at the next object that begins as an entry does.

mod cookies;
mod entry;
mod exchange;
mod headers;
mod keys;
mod outside;
mod program;
mod sniff;
mod split;

pub use sniff::sniff;

use self::cursor::{Cursor, Fault};
use self::keys::Kind;
use self::outside::{Frame, State};
use self::skip::Skip;
use super::json::{cursor, skip};
use super::problems::Problems;
use super::{Options, Reader, Sink, Split, Window};
use crate::http::Span;

/// How a HAR is read by several workers.
pub(super) const SPLIT: Split = Split { next: split::next, inside, alone: true };

/// A reader for a whole capture.
pub fn open(_options: &Options) -> Box<dyn Reader + Send> {
    Box::new(Har::default())
}

/// A reader that begins at an entry.
fn inside(_options: &Options) -> Box<dyn Reader + Send> {
    Box::new(Har { stack: vec![Frame::GUESSED], found: true, guessed: true, middle: true, ..Har::default() })
}

/// A longer entry is left out.
const LONGEST: usize = 64 << 20;
/// So many bytes of broken entries are looked through a second time, all in all.
const SECOND_LOOK: u64 = 64 << 20;

/// Reads a HAR.
#[derive(Debug, Default)]
struct Har {
    stack: Vec<Frame>,
    state: State,
    /// An entry whose end is not in sight: where it begins, and how far it was scanned for its end.
    pending: Option<(u64, usize, Skip)>,
    /// Entries begun.
    entries: u64,
    /// A place for entries was found.
    found: bool,
    /// The text was broken, or reading began in its middle: brackets need not match.
    guessed: bool,
    looked: u64,
    /// Name and version of the browser, until the creator is known.
    browser: Option<(String, String)>,
    /// The key with which the first entry began.
    usual: Vec<u8>,
    /// A creator was told.
    named: bool,
    /// Reading began in the middle: entries cannot be numbered.
    middle: bool,
    problems: Problems,
}

/// What became of one step.
enum Step {
    /// Go on here.
    Go(usize),
    /// More bytes are needed from here on.
    More(usize),
    /// The next exchange is another worker's.
    Stop(usize),
}

impl Reader for Har {
    fn read(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let mut pos = 0;
        loop {
            match self.step(window, pos, sink) {
                Step::Go(next) => pos = next,
                Step::More(at) if !window.last => return at,
                Step::More(_) => {
                    self.finish(window, sink);
                    return window.bytes.len();
                }
                Step::Stop(at) => {
                    self.problems.close(sink);
                    return at;
                }
            }
        }
    }
}

impl Har {
    /// Reads the entry that begins at this brace.
    fn entry(&mut self, window: Window<'_>, pos: usize, sink: &mut dyn Sink) -> Step {
        let start = window.offset + pos as u64;
        if start >= window.limit {
            return Step::Stop(pos);
        }
        let rest = window.bytes.get(pos..).unwrap_or_default();
        if !self.may_be_whole(rest, start) && !window.last && rest.len() <= LONGEST {
            return Step::More(pos);
        }
        let mut cur = Cursor::new(rest, 0, start);
        let read = entry::entry(&mut cur);
        let used = match read {
            Ok(_) => cur.pos(),
            Err(Fault::Bad(at)) => at,
            Err(Fault::More) => rest.len(),
        };
        if used <= LONGEST && !window.last && matches!(read, Err(Fault::More)) {
            self.scan(rest, start);
            return Step::More(pos);
        }
        self.pending = None;
        self.entries += 1;
        match read {
            _ if used > LONGEST => self.left_out(start, LONGEST, "an entry of at most 64 MiB", sink),
            Ok(entry) => {
                if self.entries == 1 {
                    self.usual = keys::usual(rest, 0).to_vec();
                }
                match exchange::exchange(entry, Span::at(start, used)) {
                    Some(exchange) => sink.exchange(exchange),
                    None => self.problems.add(sink, Span::at(start, used), "a request in the entry", LEFT_OUT),
                }
                return Step::Go(pos + used);
            }
            Err(Fault::Bad(at)) => self.left_out(start, at, "a key, a value or the end of the object", sink),
            Err(Fault::More) => self.cut(start, used, sink),
        }
        // What follows may have been swallowed by an open quote or bracket: look for it from the begin.
        self.looked += used as u64;
        self.search();
        Step::Go(pos + if self.looked <= SECOND_LOOK { 1 } else { used.min(LONGEST) })
    }

    fn left_out(&mut self, start: u64, at: usize, expected: &str, sink: &mut dyn Sink) {
        let done = match self.nth() {
            Some(n) => format!("entry {n} was left out"),
            None => LEFT_OUT.to_owned(),
        };
        self.problems.add(sink, Span { start, end: start + at as u64 + 1 }, expected, done);
    }

    fn cut(&mut self, start: u64, len: usize, sink: &mut dyn Sink) {
        let done = match self.nth() {
            Some(n) => format!("the file ends inside entry {n}, which was left out"),
            None => "the file ends inside an entry, which was left out".to_owned(),
        };
        self.problems.add(sink, Span::at(start, len), "the end of the entry", done);
    }

    /// The number of the entry, from 1; a reader that began in the middle does not know it.
    fn nth(&self) -> Option<u64> {
        (!self.middle).then_some(self.entries)
    }

    /// Scans on for the end of an entry that was cut by the last window; `false` if it is still not there.
    fn may_be_whole(&mut self, rest: &[u8], start: u64) -> bool {
        let Some((at, scanned, skip)) = &mut self.pending else { return true };
        if *at != start {
            return true;
        }
        let new = rest.get(*scanned..).unwrap_or_default();
        if skip.feed(new).is_none() {
            *scanned = rest.len();
            return false;
        }
        // The scan is done with; should the entry need more all the same, it is parsed with every window.
        self.pending = None;
        true
    }

    fn scan(&mut self, rest: &[u8], start: u64) {
        let mut skip = Skip::default();
        if skip.feed(rest).is_none() {
            self.pending = Some((start, rest.len(), skip));
        }
    }

    /// Goes on at the next object that begins as an entry does.
    fn search(&mut self) {
        self.state = State::Search;
        self.guessed = true;
        self.stack.clear();
    }

    fn finish(&mut self, window: Window<'_>, sink: &mut dyn Sink) {
        let end = window.offset + window.bytes.len() as u64;
        if !self.found && !self.problems.any() && end > 0 {
            let expected = "a HAR (an object `log` with a list `entries`), or entries";
            self.problems.add(sink, Span { start: 0, end }, expected, "nothing was read");
        } else if self.open() {
            let done = "the file ends before the JSON text is complete; the entries before the end were read";
            self.problems.add(sink, Span::at(end, 0), "the end of the JSON text", done);
        }
        self.name_browser(sink);
        self.problems.close(sink);
    }

    /// The kind of the object at the top; entries at once, as nothing is around them.
    fn top(&mut self, window: Window<'_>, pos: usize, sink: &mut dyn Sink) -> Step {
        match keys::kind(window.bytes, pos, window.last) {
            None => Step::More(pos),
            Some(Kind::Entry) => {
                self.found = true;
                self.entry(window, pos, sink)
            }
            Some(Kind::Holder) => {
                self.stack.push(Frame::Object);
                Step::Go(pos + 1)
            }
        }
    }
}

const LEFT_OUT: &str = "the entry was left out";

#[cfg(test)]
mod tests;
