//! The way to the entries and what is around them: a state machine over tokens, for windows of any size.

use memchr::memchr;

use super::cursor::{Cursor, Fault, ends_scalar};
use super::keys::{self, Kind};
use super::skip::Skip;
use super::{Har, Step};
use crate::format::{Sink, Window};
use crate::http::Span;

/// A container that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// The capture, `log`, or an object that was found instead.
    Object,
    /// What is around a place where reading began in the middle: an object, or nothing.
    Around,
    /// A list at the top: of entries or of captures.
    List,
    /// `log.entries`. `guessed`: reading began or went on in its middle; `commas`: one was seen.
    Entries {
        /// Reading began or went on in its middle: perhaps there is no list.
        guessed: bool,
        /// A comma was seen in it.
        commas: bool,
    },
}

impl Frame {
    /// The list in which reading begins or goes on.
    pub(super) const GUESSED: Self = Self::Entries { guessed: true, commas: false };
}

/// Where in the innermost container.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum State {
    /// Before a key, an element or a capture.
    #[default]
    Between,
    /// Behind a key and its colon.
    Value(Member),
    /// Inside a value that is of no use.
    Skipping(Skip),
    /// Inside a bare word.
    Word,
    /// In broken text, before the next object that begins as an entry does.
    Search,
}

/// A member of an object outside of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Member {
    Log,
    Entries,
    Creator,
    Browser,
    Other,
}

/// A longer key, or a longer `creator`, is no such thing.
pub(super) const SHORT: usize = 64 << 10;

impl Har {
    /// Reads one token, or one entry.
    pub(super) fn step(&mut self, window: Window<'_>, pos: usize, sink: &mut dyn Sink) -> Step {
        let rest = window.bytes.get(pos..).unwrap_or_default();
        match &mut self.state {
            State::Search => self.find(window, pos),
            State::Skipping(skip) => match skip.feed(rest) {
                Some(used) => self.between(pos + used),
                None => Step::More(window.bytes.len()),
            },
            State::Word => match rest.iter().position(|b| ends_scalar(*b)) {
                Some(used) => self.between(pos + used),
                None => Step::More(window.bytes.len()),
            },
            State::Value(member) => {
                let member = *member;
                self.value(window, pos, member, sink)
            }
            State::Between => self.token(window, pos, sink),
        }
    }

    pub(super) fn between(&mut self, at: usize) -> Step {
        self.state = State::Between;
        Step::Go(at)
    }

    fn token(&mut self, window: Window<'_>, from: usize, sink: &mut dyn Sink) -> Step {
        let mut cur = Cursor::new(window.bytes, from, window.offset);
        let Ok(byte) = cur.peek() else { return Step::More(cur.pos()) };
        let pos = cur.pos();
        match byte {
            b',' => {
                if let Some(Frame::Entries { commas, .. }) = self.stack.last_mut() {
                    *commas = true;
                }
                return Step::Go(pos + 1);
            }
            b'}' | b']' => return self.close(window, pos, byte, sink),
            _ => {}
        }
        match self.stack.last().copied() {
            None => self.above(window, pos, byte, sink),
            Some(Frame::Around) if matches!(byte, b'{' | b'[') => {
                self.stack.clear();
                Step::Go(pos)
            }
            Some(Frame::Object | Frame::Around) if byte == b'"' => self.key(window, cur, sink),
            Some(Frame::Object | Frame::Around) => self.broken(window, pos, "a key or the end of the object", sink),
            Some(Frame::List) if byte == b'{' => self.top(window, pos, sink),
            Some(Frame::Entries { guessed, .. }) if byte == b'{' => self.element(window, pos, guessed, sink),
            // A guessed list may be another one (`pages`), and the entries are still to come.
            Some(Frame::Entries { guessed: true, .. }) if matches!(byte, b'"' | b'[') => {
                self.stack.clear();
                self.stack.push(if byte == b'"' { Frame::Around } else { Frame::GUESSED });
                Step::Go(pos + usize::from(byte == b'['))
            }
            Some(Frame::Entries { .. } | Frame::List) if byte == b':' => self.broken(window, pos, AN_ENTRY, sink),
            Some(Frame::Entries { .. } | Frame::List) => {
                let at = Span::at(window.offset + pos as u64, 1);
                self.problems.add(sink, at, AN_ENTRY, "what stands there was passed over");
                self.pass(byte);
                Step::Go(pos)
            }
        }
    }

    /// An object in a list of entries. Where the list is only guessed, it may be the next capture.
    fn element(&mut self, window: Window<'_>, pos: usize, guessed: bool, sink: &mut dyn Sink) -> Step {
        if guessed {
            match keys::begins(window.bytes, pos, window.last, &self.usual) {
                Err(()) => return Step::More(pos),
                Ok(Some(Kind::Holder)) => {
                    self.stack.clear();
                    return Step::Go(pos);
                }
                Ok(_) => {}
            }
        }
        self.entry(window, pos, sink)
    }

    fn close(&mut self, window: Window<'_>, pos: usize, byte: u8, sink: &mut dyn Sink) -> Step {
        match (self.stack.last().copied(), byte) {
            (Some(Frame::Entries { guessed, .. }), b']') => {
                self.stack.pop();
                if guessed {
                    self.stack.push(Frame::Around);
                }
            }
            (Some(Frame::Object), b'}') | (Some(Frame::List), b']') => {
                self.stack.pop();
                if self.stack.is_empty() {
                    self.name_browser(sink);
                }
            }
            (Some(Frame::Around), _) => {}
            _ if self.guessed => {}
            _ => {
                self.guessed = true;
                let at = Span::at(window.offset + pos as u64, 1);
                self.problems.add(sink, at, "a bracket that fits", "the bracket was passed over");
            }
        }
        Step::Go(pos + 1)
    }

    /// Outside of everything.
    fn above(&mut self, window: Window<'_>, pos: usize, byte: u8, sink: &mut dyn Sink) -> Step {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        let rest = window.bytes.get(pos..).unwrap_or_default();
        match byte {
            b'{' => self.top(window, pos, sink),
            b'[' => {
                self.stack.push(Frame::List);
                Step::Go(pos + 1)
            }
            // Record separators of JSON text sequences (RFC 7464); the end of a call around a HAR.
            0x1e => Step::Go(pos + 1),
            b')' | b';' if self.guessed => Step::Go(pos + 1),
            _ if rest.starts_with(MARK) => Step::Go(pos + MARK.len()),
            _ if MARK.starts_with(rest) && !window.last => Step::More(pos),
            _ => self.broken(window, pos, "a HAR", sink),
        }
    }

    pub(super) fn broken(&mut self, window: Window<'_>, pos: usize, expected: &str, sink: &mut dyn Sink) -> Step {
        let at = Span::at(window.offset + pos as u64, 1);
        self.problems.add(sink, at, expected, "reading went on at the next place that looks like an entry or a HAR");
        self.search();
        Step::Go(pos)
    }

    /// Steps over a value that begins with this byte.
    pub(super) fn pass(&mut self, byte: u8) {
        let marked = matches!(byte, b'"' | b'{' | b'[');
        self.state = if marked { State::Skipping(Skip::default()) } else { State::Word };
    }

    fn key(&mut self, window: Window<'_>, mut cur: Cursor<'_>, sink: &mut dyn Sink) -> Step {
        let start = cur.pos();
        let read = cur.key();
        let end = match read {
            Ok(_) => cur.pos(),
            Err(Fault::Bad(at)) => at,
            Err(Fault::More) => window.bytes.len(),
        };
        match read {
            _ if end - start > SHORT => self.broken(window, start, "a key", sink),
            Ok(key) => {
                self.state = State::Value(self.member(key.unwrap_or_default()));
                Step::Go(end)
            }
            Err(Fault::Bad(at)) => self.broken(window, at, "a colon behind the key", sink),
            Err(Fault::More) => Step::More(start),
        }
    }

    fn member(&self, key: &[u8]) -> Member {
        match key {
            // More levels than a capture has are no capture.
            b"log" if self.stack.len() < 4 => Member::Log,
            b"entries" => Member::Entries,
            b"creator" => Member::Creator,
            b"browser" => Member::Browser,
            _ => Member::Other,
        }
    }

    fn value(&mut self, window: Window<'_>, from: usize, member: Member, sink: &mut dyn Sink) -> Step {
        let mut cur = Cursor::new(window.bytes, from, window.offset);
        let Ok(byte) = cur.peek() else { return Step::More(cur.pos()) };
        let pos = cur.pos();
        match (member, byte) {
            (Member::Log, b'{') => {
                self.stack.push(Frame::Object);
                self.between(pos + 1)
            }
            (Member::Entries, b'[') => {
                self.found = true;
                self.stack.push(Frame::Entries { guessed: false, commas: false });
                self.between(pos + 1)
            }
            (Member::Entries, b'{') => {
                let at = Span::at(window.offset + pos as u64, 1);
                self.problems.add(sink, at, "a list of entries", "it was read as if the bracket were there");
                self.found = true;
                self.guessed = true;
                self.stack.clear();
                self.stack.push(Frame::GUESSED);
                self.between(pos)
            }
            // Around a capture (`{"data": {"log": ...}}`).
            (Member::Other, b'{') if self.stack == [Frame::Object] => {
                self.stack.push(Frame::Object);
                self.between(pos + 1)
            }
            (Member::Other, b'{' | b'[') if !self.found => self.before(window, cur, sink),
            (Member::Creator | Member::Browser, b'{') => self.program(window, cur, member, sink),
            (_, b',' | b'}' | b']') => self.between(pos),
            (_, b':') => self.broken(window, pos, "a value", sink),
            _ => {
                self.pass(byte);
                Step::Go(pos)
            }
        }
    }

    /// A value of no use before the entries: damage in it must not swallow them.
    fn before(&mut self, window: Window<'_>, mut cur: Cursor<'_>, sink: &mut dyn Sink) -> Step {
        let start = cur.pos();
        let read = cur.skip();
        let end = if read == Err(Fault::More) { window.bytes.len() } else { cur.pos() };
        match read {
            Ok(()) if end - start <= SHORT => return self.between(end),
            Err(Fault::More) if end - start <= SHORT && !window.last => return Step::More(start),
            Err(_) if end - start <= SHORT => return self.broken(window, start, "a whole object or list", sink),
            _ => {}
        }
        self.state = State::Skipping(Skip::default());
        Step::Go(start)
    }

    /// Looks for the next object that begins as an entry or a capture does.
    fn find(&mut self, window: Window<'_>, from: usize) -> Step {
        let mut from = from;
        loop {
            let rest = window.bytes.get(from..).unwrap_or_default();
            let Some(at) = memchr(b'{', rest).map(|n| from + n) else { return Step::More(window.bytes.len()) };
            match keys::begins(window.bytes, at, window.last, &self.usual) {
                Err(()) => return Step::More(at),
                Ok(None) => from = at + 1,
                Ok(Some(kind)) => {
                    if kind == Kind::Entry {
                        self.found = true;
                        self.stack.push(Frame::GUESSED);
                    }
                    return self.between(at);
                }
            }
        }
    }

    /// Whether something is open that ought to be closed.
    pub(super) fn open(&self) -> bool {
        self.stack.iter().any(|f| !matches!(f, Frame::Around | Frame::Entries { guessed: true, commas: false }))
    }
}

const AN_ENTRY: &str = "an entry (an object)";
