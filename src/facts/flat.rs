//! A JSON text as a flat list of fields with their places: lenient, bounded, without recursion.

use std::ops::Range;

use super::detail::Sort;

/// A field of a JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    /// Keys and positions from the root, joined by dots.
    pub(crate) path: String,
    /// The value as written; of a string, what stands between its quotes.
    pub(crate) range: Range<usize>,
    /// What it is.
    pub(crate) sort: Sort,
}

const DEEPEST: usize = 12;
const MOST: usize = 400;

struct Frame {
    /// Length of the path before this container's keys.
    base: usize,
    /// Position in an array; `None` in an object.
    index: Option<usize>,
    /// The container's first byte.
    start: usize,
    /// Its leaf, whose end is not known yet.
    leaf: Option<usize>,
}

/// Lists the fields of a JSON object or array, in order. Stops at the first byte it cannot understand, and keeps
/// what stood before; at most 400 fields and 12 levels.
pub(crate) fn flatten(text: &[u8]) -> Vec<Leaf> {
    let at = if text.starts_with(super::body::BOM) { super::body::BOM.len() } else { 0 };
    Walk { text, at, path: String::new(), out: Vec::new(), stack: Vec::new() }.run()
}

struct Walk<'t> {
    text: &'t [u8],
    at: usize,
    path: String,
    out: Vec<Leaf>,
    stack: Vec<Frame>,
}

impl Walk<'_> {
    fn run(mut self) -> Vec<Leaf> {
        self.blanks();
        if !matches!(self.peek(), Some(b'{' | b'[')) {
            return self.out;
        }
        self.open(None);
        while !self.stack.is_empty() && self.out.len() < MOST {
            if self.step().is_none() {
                break;
            }
        }
        self.out
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn open(&mut self, leaf: Option<usize>) {
        let index = (self.peek() == Some(b'[')).then_some(0);
        self.stack.push(Frame { base: self.path.len(), index, start: self.at, leaf });
        self.at += 1;
    }

    /// One member, or the end of the container.
    fn step(&mut self) -> Option<()> {
        self.blanks();
        let base = self.stack.last()?.base;
        self.path.truncate(base);
        match self.peek()? {
            b',' => {
                self.at += 1;
                return Some(());
            }
            b'}' | b']' => return self.close(),
            _ => {}
        }
        self.name(base)?;
        self.value()
    }

    /// Puts the member's key or position behind the path.
    fn name(&mut self, base: usize) -> Option<()> {
        if base > 0 {
            self.path.push('.');
        }
        let frame = self.stack.last_mut()?;
        if let Some(i) = &mut frame.index {
            self.path.push_str(&i.to_string());
            *i += 1;
            return Some(());
        }
        let key = self.string()?;
        self.path.push_str(&String::from_utf8_lossy(self.text.get(key)?));
        self.blanks();
        if self.peek()? != b':' {
            return None;
        }
        self.at += 1;
        self.blanks();
        Some(())
    }

    fn value(&mut self) -> Option<()> {
        let start = self.at;
        match self.peek()? {
            b'"' => {
                let range = self.string()?;
                self.leaf(range, Sort::String);
            }
            b'{' | b'[' if self.stack.len() < DEEPEST => {
                let leaf = self.out.len();
                self.leaf(start..start, Sort::Container);
                self.open(Some(leaf));
            }
            b'{' | b'[' => return None,
            first => {
                let stop = |b: &u8| matches!(b, b',' | b'}' | b']') || b.is_ascii_whitespace();
                let len = self.text.get(start..)?.iter().position(stop).unwrap_or(self.text.len() - start);
                self.at = start + len.max(1);
                let sort = match first {
                    b't' | b'f' => Sort::Bool,
                    b'n' => Sort::Null,
                    _ => Sort::Number,
                };
                self.leaf(start..start + len, sort);
            }
        }
        Some(())
    }

    fn leaf(&mut self, range: Range<usize>, sort: Sort) {
        self.out.push(Leaf { path: self.path.clone(), range, sort });
    }

    fn close(&mut self) -> Option<()> {
        self.at += 1;
        let frame = self.stack.pop()?;
        self.path.truncate(frame.base);
        if let Some(leaf) = frame.leaf.and_then(|i| self.out.get_mut(i)) {
            leaf.range = frame.start..self.at;
        }
        Some(())
    }

    /// The inside of a string literal; the cursor ends behind its quote.
    fn string(&mut self) -> Option<Range<usize>> {
        if self.peek()? != b'"' {
            return None;
        }
        let start = self.at + 1;
        let mut at = start;
        loop {
            let rest = self.text.get(at..)?;
            let hit = at + memchr::memchr2(b'"', b'\\', rest)?;
            if self.text.get(hit) == Some(&b'"') {
                self.at = hit + 1;
                return Some(start..hit);
            }
            at = hit + 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_places_and_sorts() {
        let text = br#"{"headers": {"Authorization":"token T\"1"}, "a":[1,{"b":null}], "ok":true}"#;
        let all: Vec<_> = flatten(text)
            .into_iter()
            .map(|l| (l.path, String::from_utf8_lossy(&text[l.range]).into_owned(), l.sort))
            .collect();
        let want = [
            ("headers", r#"{"Authorization":"token T\"1"}"#, Sort::Container),
            ("headers.Authorization", r#"token T\"1"#, Sort::String),
            ("a", r#"[1,{"b":null}]"#, Sort::Container),
            ("a.0", "1", Sort::Number),
            ("a.1", r#"{"b":null}"#, Sort::Container),
            ("a.1.b", "null", Sort::Null),
            ("ok", "true", Sort::Bool),
        ];
        let want: Vec<_> = want.map(|(p, v, s)| (p.to_owned(), v.to_owned(), s)).into();
        assert_eq!(all, want);
    }

    #[test]
    fn broken_and_deep_texts_end_quietly() {
        assert_eq!(flatten(br#"{"a":"x","b":"#).len(), 1);
        assert_eq!(flatten(b"not json").len(), 0);
        assert!(flatten("[".repeat(100_000).as_bytes()).len() <= DEEPEST);
        assert!(flatten(format!("[{}]", "1,".repeat(10_000)).as_bytes()).len() <= MOST);
    }
}
