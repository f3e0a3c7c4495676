//! Values as Node's `util.inspect` prints them, and as JSON.

use std::ops::Range;

use crate::http::escapes;

/// Objects within objects; deeper ones are passed over.
const DEEPEST: usize = 40;
/// No more members of an object are kept.
const MOST: usize = 4000;

/// A value; places in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Pieces of a string, joined by `+`.
    Text(Vec<Range<usize>>),
    /// A number, a name, `[Function: x]`.
    Word(Range<usize>),
    Object(Vec<(Range<usize>, Value)>),
    List(Vec<Value>),
}

impl Value {
    /// A member of an object.
    pub(super) fn member<'v>(&'v self, text: &[u8], name: &str) -> Option<&'v Value> {
        let Self::Object(members) = self else { return None };
        let same = |key: &Range<usize>| text.get(key.clone()) == Some(name.as_bytes());
        members.iter().find(|(key, _)| same(key)).map(|(_, value)| value)
    }

    /// A member of members.
    pub(super) fn path<'v>(&'v self, text: &[u8], names: &[&str]) -> Option<&'v Value> {
        names.iter().try_fold(self, |value, name| value.member(text, name))
    }
}

/// Reads the members that stand in `text` from `at` on, up to the bracket behind them.
pub(super) fn members(text: &[u8], at: usize) -> Value {
    let mut reader = Reader { text, at };
    Value::Object(reader.members(0))
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace() || b == b',') {
            self.at += 1;
        }
    }

    fn members(&mut self, depth: usize) -> Vec<(Range<usize>, Value)> {
        let mut out = Vec::new();
        loop {
            self.blanks();
            match self.peek() {
                None => return out,
                Some(b'}') => {
                    self.at += 1;
                    return out;
                }
                _ => {}
            }
            let Some(key) = self.key() else {
                // `... 3 more items`, or nothing that is known.
                self.line();
                continue;
            };
            let value = self.value(depth + 1);
            if out.len() < MOST {
                out.push((key, value));
            }
        }
    }

    /// `name:`, `'name':`, `[Symbol(x)]:`
    fn key(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let key = match self.peek()? {
            quote @ (b'\'' | b'"' | b'`') => self.string(quote),
            b'[' => {
                self.bracket();
                start..self.at
            }
            _ => {
                let name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'-' | b'.') || b > 127;
                while self.peek().is_some_and(name) {
                    self.at += 1;
                }
                start..self.at
            }
        };
        if self.peek() != Some(b':') || key.is_empty() {
            self.at = start;
            return None;
        }
        self.at += 1;
        Some(key)
    }

    fn value(&mut self, depth: usize) -> Value {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
        let start = self.at;
        match self.peek() {
            Some(quote @ (b'\'' | b'"' | b'`')) => Value::Text(self.text(quote)),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            _ => self.word(start, depth),
        }
    }

    fn object(&mut self, depth: usize) -> Value {
        let start = self.at;
        if depth > DEEPEST {
            self.bracket();
            return Value::Word(start..self.at);
        }
        self.at += 1;
        Value::Object(self.members(depth))
    }

    /// `[ 'a', 'b' ]`, `[Object: null prototype] { ... }`, `[Function: x]`.
    fn list(&mut self, depth: usize) -> Value {
        let start = self.at;
        let spaced = matches!(self.text.get(start + 1), Some(b' ' | b'\n' | b'\r' | b'"' | b'\'' | b'{' | b']'));
        if !spaced || depth > DEEPEST {
            self.bracket();
            return self.behind_type(start, depth);
        }
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.blanks();
            match self.peek() {
                None => return Value::List(items),
                Some(b']') => {
                    self.at += 1;
                    return Value::List(items);
                }
                Some(b'}') => self.at += 1,
                _ => {
                    let before = self.at;
                    let item = self.value(depth + 1);
                    if self.at == before {
                        self.at += 1;
                    }
                    if items.len() < MOST {
                        items.push(item);
                    }
                }
            }
        }
    }

    /// A word, and the object of that type behind it.
    fn word(&mut self, start: usize, depth: usize) -> Value {
        while let Some(b) = self.peek() {
            match b {
                b',' | b'\n' | b'}' | b']' => break,
                b'{' => return self.object(depth),
                b'[' if self.text.get(self.at.wrapping_sub(1)) == Some(&b' ') => {
                    self.bracket();
                    return self.behind_type(start, depth);
                }
                _ => self.at += 1,
            }
        }
        let word = self.text.get(start..self.at).unwrap_or_default();
        Value::Word(start..start + word.trim_ascii_end().len())
    }

    fn behind_type(&mut self, start: usize, depth: usize) -> Value {
        if self.text.get(self.at..self.at + 2) == Some(b" {") {
            self.at += 1;
            return self.object(depth);
        }
        Value::Word(start..self.at)
    }

    /// Passes over what stands in brackets, strings in it left whole.
    fn bracket(&mut self) {
        let mut open = 0_usize;
        while let Some(b) = self.peek() {
            match b {
                b'\'' | b'"' | b'`' => {
                    self.string(b);
                    continue;
                }
                b'{' | b'[' => open += 1,
                b'}' | b']' => open = open.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return;
            }
        }
    }

    /// The inside of a string; the place moves behind it.
    fn string(&mut self, quote: u8) -> Range<usize> {
        let start = self.at + 1;
        self.at = start;
        while let Some(b) = self.peek() {
            if b == quote {
                self.at += 1;
                return start..self.at - 1;
            }
            // Strings do not go over lines, but between backticks.
            if b == b'\n' && quote != b'`' {
                return start..self.at;
            }
            self.at += 1 + usize::from(b == b'\\');
        }
        self.at = self.text.len();
        start.min(self.at)..self.at
    }

    /// `'a' +` and what follows on the next lines.
    fn text(&mut self, quote: u8) -> Vec<Range<usize>> {
        let mut pieces = vec![self.string(quote)];
        while let Some(rest) = self.text.get(self.at..).and_then(|r| r.strip_prefix(b" +")) {
            let blanks = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
            let Some(quote @ (b'\'' | b'"' | b'`')) = rest.get(blanks).copied() else { break };
            self.at += 2 + blanks;
            pieces.push(self.string(quote));
        }
        pieces
    }

    fn line(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += memchr::memchr2(b'\n', b'}', rest).map_or(rest.len(), |n| n.max(1));
    }
}

/// The characters of a piece of a string: an escape that means nothing stands for its character.
pub(super) fn decode(raw: &[u8]) -> Vec<u8> {
    escapes::unescaped(raw, |rest, out| {
        let Some((&kind, tail)) = rest.split_first() else { return rest };
        match kind {
            b'u' => return escapes::unicode(tail, out),
            // A character up to U+00FF.
            b'x' => {
                let Some((byte, after)) = escapes::byte(tail) else { return tail };
                out.extend_from_slice(char::from(byte).encode_utf8(&mut [0; 4]).as_bytes());
                return after;
            }
            _ => out.push(escapes::control(kind).unwrap_or(kind)),
        }
        tail
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let text = b"a: 'x', 'b-c': 1, d: Object [AxiosHeaders] { e: \"it's\", f: [ 'g', 'h' ] }, i: 'one\\r\\n' +\n      'two', \
            j: [Function: k], l: [Object: null prototype] { m: true },\n  ... 3 more items\n  n: /^(?:A|B)$/i,\n  [Symbol(o)]: null,\n p: <ref *1> Q {\n r: 's' } } z: 1";
        let all = members(text, 0);
        let word = |v: &Value| match v {
            Value::Word(r) => text[r.clone()].to_vec(),
            Value::Text(pieces) => pieces.iter().flat_map(|r| decode(&text[r.clone()])).collect(),
            _ => panic!("{v:?}"),
        };
        let at = |names: &[&str]| word(all.path(text, names).unwrap());
        assert_eq!(at(&["a"]), b"x");
        assert_eq!(at(&["b-c"]), b"1");
        assert_eq!(at(&["d", "e"]), b"it's");
        assert_eq!(at(&["i"]), b"one\r\ntwo");
        assert_eq!(at(&["j"]), b"[Function: k]");
        assert_eq!(at(&["l", "m"]), b"true");
        assert_eq!(at(&["n"]), b"/^(?:A|B)$/i");
        assert_eq!(at(&["p", "r"]), b"s");
        assert!(all.member(text, "z").is_none());
        let Some(Value::List(items)) = all.path(text, &["d", "f"]) else { panic!() };
        assert_eq!(items.len(), 2);
    }

    #[test]
    fn cut_anywhere() {
        let text = br#"a: { b: [ 'c' + "d", { e: `f` } ], g: Object [H] { i: '\u00e4\x' } }"#;
        for end in 0..=text.len() {
            for start in 0..=end {
                members(&text[start..end], 0);
            }
        }
        let deep = [b"a: {".repeat(500), b"x: [ [ ".repeat(500)].concat();
        members(&deep, 0);
        assert_eq!(decode(br"\u00e4\x4"), "ä4".as_bytes());
    }
}
