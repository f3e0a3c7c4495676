//! Walks the objects of lists in a JSON text, one after the other, within the window contract.

use super::cursor::{Cursor, Fault};
use super::skip::Skip;
use crate::format::Window;
use crate::http::Span;

/// A longer object is passed over.
const LONGEST: usize = 64 << 20;

/// Where the walk stands.
#[derive(Debug)]
pub(crate) struct Elements {
    /// Members of the object around the lists that are walked; of one that holds an object, that one.
    keys: &'static [&'static [u8]],
    state: State,
    /// Inside a value that is passed over.
    skipping: Option<Skip>,
    /// Inside a number or a name that is passed over.
    in_word: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Top,
    /// In the object around the lists.
    Around,
    /// In a list; of this member, if it has one.
    List(Option<&'static [u8]>),
    /// Behind a fault: the next object is taken.
    Search,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// The object at `start..end` of the window, of the list or member `key`.
    Object { key: Option<&'static [u8]>, start: usize, end: usize },
    /// More bytes are needed from here on.
    More(usize),
    /// This cannot stand here; the walk goes on behind it.
    Fault { from: usize, at: usize },
    /// An object without end, or a too long one, begins here; the walk goes on behind it.
    Endless { from: usize, at: usize },
}

/// What a reader meets of a walk, with the window contract kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Met {
    /// The object at `start..end` of the window, of the list or member `key`.
    Object { key: Option<&'static [u8]>, start: usize, end: usize },
    /// What stands here is no whole object; the walk goes on behind it.
    Broken(Span),
    /// More bytes are needed: what the reader answers.
    Wait(usize),
    /// The end of the input; the place of the end if a list was left open.
    End(Option<Span>),
}

impl Elements {
    /// The next step behind `pos`, which moves on.
    pub(crate) fn meet(&mut self, window: Window<'_>, pos: &mut usize) -> Met {
        match self.next(window, *pos) {
            Found::Object { key, start, end } => {
                *pos = end;
                Met::Object { key, start, end }
            }
            Found::Fault { from, at } | Found::Endless { from, at } => {
                *pos = at;
                Met::Broken(Span { start: window.offset + from as u64, end: window.offset + at as u64 })
            }
            Found::More(at) if !window.last => Met::Wait(at),
            Found::More(_) => {
                let end = window.offset + window.bytes.len() as u64;
                Met::End((!self.closed()).then_some(Span { start: end, end }))
            }
        }
    }

    /// A walk over the objects of a list, of lines, or of the lists of these members of the object around them.
    pub(crate) fn new(keys: &'static [&'static [u8]]) -> Self {
        Self { keys, state: State::Top, skipping: None, in_word: false }
    }

    /// The text is whole so far: every list was closed.
    pub(crate) fn closed(&self) -> bool {
        matches!(self.state, State::Top | State::Search)
    }

    /// The next object behind `pos`.
    fn next(&mut self, window: Window<'_>, pos: usize) -> Found {
        let mut pos = pos;
        loop {
            if let Some(skip) = &mut self.skipping {
                match skip.feed(window.bytes.get(pos..).unwrap_or_default()) {
                    Some(n) => pos += n,
                    None => return Found::More(window.bytes.len()),
                }
                self.skipping = None;
            }
            if self.in_word {
                let rest = window.bytes.get(pos..).unwrap_or_default();
                match rest.iter().position(|b| matches!(b, b',' | b'}' | b']')) {
                    Some(n) => pos += n,
                    None => return Found::More(window.bytes.len()),
                }
                self.in_word = false;
            }
            let mut cur = Cursor::new(window.bytes, pos, window.offset);
            let Ok(byte) = cur.peek() else { return Found::More(cur.pos()) };
            let at = cur.pos();
            match self.step(window, cur, byte) {
                Step::Go(next) => pos = next,
                Step::Give(found) => return found,
                Step::Fault => {
                    self.state = State::Search;
                    return Found::Fault { from: at, at: at + 1 };
                }
            }
        }
    }

    fn step(&mut self, window: Window<'_>, mut cur: Cursor<'_>, byte: u8) -> Step {
        let at = cur.pos();
        match (self.state, byte) {
            (State::Search, b'{') => self.object(window, at, None),
            (State::Search, _) => {
                let rest = window.bytes.get(at..).unwrap_or_default();
                Step::Go(memchr::memchr(b'{', rest).map_or(window.bytes.len(), |n| at + n))
            }
            (State::Top, b'{') if self.keys.is_empty() => self.object(window, at, None),
            (State::Top, b'{') => {
                self.state = State::Around;
                Step::Go(at + 1)
            }
            (State::Top, b'[') => {
                self.state = State::List(None);
                Step::Go(at + 1)
            }
            (State::Top, 0xef | 0xbb | 0xbf | b',') => Step::Go(at + 1),
            (State::List(_) | State::Around, b',') => Step::Go(at + 1),
            (State::List(key), b']') => {
                self.state = if key.is_some() { State::Around } else { State::Top };
                Step::Go(at + 1)
            }
            (State::List(key), b'{') => self.object(window, at, key),
            (State::List(_), b'"' | b'[') => self.pass(at),
            (State::List(_), b'}' | b':') => Step::Fault,
            (State::List(_), _) => self.word(at),
            (State::Around, b'}') => {
                self.state = State::Top;
                Step::Go(at + 1)
            }
            (State::Around, b'"') => match cur.key() {
                Ok(Some(key)) => self.member(window, cur, key),
                Ok(None) => Step::Go(cur.pos()),
                Err(Fault::More) => Step::Give(Found::More(at)),
                Err(Fault::Bad(_)) => Step::Fault,
            },
            _ => Step::Fault,
        }
    }

    fn member(&mut self, window: Window<'_>, mut cur: Cursor<'_>, key: &[u8]) -> Step {
        let start = cur.pos();
        let known = self.keys.iter().copied().find(|k| *k == key);
        let Ok(byte) = cur.peek() else {
            // The key is read again with more bytes.
            let from = memchr::memrchr(b'"', window.bytes.get(..start).unwrap_or_default()).unwrap_or(start);
            let from = from.saturating_sub(key.len() + 1);
            return Step::Give(Found::More(from));
        };
        let at = cur.pos();
        match (known, byte) {
            (Some(key), b'[') => {
                self.state = State::List(Some(key));
                Step::Go(at + 1)
            }
            (Some(key), b'{') => match self.object(window, at, Some(key)) {
                // The key is read again with more bytes.
                Step::Give(Found::More(_)) => {
                    let from = memchr::memmem::rfind(window.bytes.get(..at).unwrap_or_default(), key).unwrap_or(at);
                    Step::Give(Found::More(from.saturating_sub(1)))
                }
                other => other,
            },
            (_, b'"' | b'[' | b'{') => self.pass(at),
            _ => self.word(at),
        }
    }

    /// A number, a name: up to what ends it.
    fn word(&mut self, at: usize) -> Step {
        self.in_word = true;
        Step::Go(at)
    }

    fn pass(&mut self, at: usize) -> Step {
        self.skipping = Some(Skip::default());
        Step::Go(at)
    }

    fn object(&mut self, window: Window<'_>, at: usize, key: Option<&'static [u8]>) -> Step {
        let mut cur = Cursor::new(window.bytes, at, window.offset);
        match cur.skip() {
            Ok(()) => Step::Give(Found::Object { key, start: at, end: cur.pos() }),
            Err(Fault::Bad(bad)) => {
                self.state = State::Search;
                Step::Give(Found::Fault { from: at, at: bad.max(at) + 1 })
            }
            Err(Fault::More) if window.bytes.len() - at > LONGEST => {
                self.skipping = Some(Skip::default());
                Step::Give(Found::Endless { from: at, at })
            }
            Err(Fault::More) if window.last => {
                self.state = State::Top;
                Step::Give(Found::Endless { from: at, at: window.bytes.len() })
            }
            Err(Fault::More) => Step::Give(Found::More(at)),
        }
    }
}

enum Step {
    Go(usize),
    Give(Found),
    Fault,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(keys: &'static [&'static [u8]], input: &[u8], block: usize) -> Vec<String> {
        let mut walk = Elements::new(keys);
        let mut out = Vec::new();
        let (mut start, mut end) = (0, block.min(input.len()));
        loop {
            let last = end == input.len();
            let window = Window { bytes: &input[start..end], offset: start as u64, last, limit: u64::MAX };
            let mut pos = 0;
            loop {
                match walk.next(window, pos) {
                    Found::Object { key, start: a, end: b } => {
                        let key = key.map(String::from_utf8_lossy).unwrap_or_default();
                        out.push(format!("{key}{}", String::from_utf8_lossy(&window.bytes[a..b])));
                        pos = b;
                    }
                    Found::More(at) => {
                        pos = at;
                        break;
                    }
                    Found::Fault { at, .. } => {
                        out.push("fault".into());
                        pos = at;
                    }
                    Found::Endless { at, .. } => {
                        out.push("endless".into());
                        pos = at;
                    }
                }
            }
            if last {
                return out;
            }
            start += pos;
            end = (end.max(start) + block).min(input.len());
        }
    }

    #[test]
    fn any_cut_gives_the_same_objects() {
        const KEYS: &[&[u8]] = &[b"constants", b"events"];
        let input = br#" {"x":[1,{"a":"}"}],"constants":{"c":{}} ,"n":12,"events":[{"e":1},{"e":"]"},null],"z":{}}"#;
        let list = br#"[{"a":1}, 3, "x", [{}], {"b":{"c":[]}}]"#;
        let lines = b"{\"a\":1}\n{\"b\":2}\r\n{\"c\"";
        for block in 1..input.len() + 1 {
            assert_eq!(all(KEYS, input, block), [r#"constants{"c":{}}"#, r#"events{"e":1}"#, r#"events{"e":"]"}"#]);
            assert_eq!(all(&[], list, block), [r#"{"a":1}"#, r#"{"b":{"c":[]}}"#], "{block}");
            assert_eq!(all(&[], lines, block), [r#"{"a":1}"#, r#"{"b":2}"#, "endless"], "{block}");
        }
        assert_eq!(all(&[], br#"[{"a":1}},{"b":2}]"#, 99), [r#"{"a":1}"#, "fault", r#"{"b":2}"#]);
    }
}
