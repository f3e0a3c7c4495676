//! Splits a typed command line into words as sh, cmd.exe or PowerShell would; every byte keeps its place.

use crate::http::{Span, Text};

/// Whose rules of quoting hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Dialect {
    #[default]
    Sh,
    Cmd,
    PowerShell,
}

/// A word as the program gets it.
#[derive(Clone, Debug, Default)]
pub(super) struct Word {
    pub(super) bytes: Vec<u8>,
    start: u64,
    end: u64,
    /// The bytes stand in the input as they are.
    plain: bool,
    open: bool,
}

impl Word {
    pub(super) fn text(&self) -> Text<'static> {
        self.part(0, self.bytes.len())
    }

    /// Bytes `from..to` of the word.
    pub(super) fn part(&self, from: usize, to: usize) -> Text<'static> {
        let bytes = self.bytes.get(from..to).unwrap_or_default();
        if self.plain {
            return Text::plain(bytes, self.start + from as u64).into_owned();
        }
        Text::made(bytes.to_vec(), Span { start: self.start, end: self.end })
    }

    /// Nothing stands behind `end`: the line end that an open quote took may be missing.
    pub(super) fn clip(&mut self, end: u64) {
        if self.end > end {
            self.end = end;
            self.start = self.start.min(end);
            self.plain = false;
        }
    }

    fn extend(&mut self, bytes: &[u8], at: u64, exact: bool) {
        let Some((first, rest)) = bytes.split_first() else { return };
        self.push(*first, at, exact);
        self.bytes.extend_from_slice(rest);
        self.end += rest.len() as u64;
    }

    fn push(&mut self, b: u8, at: u64, exact: bool) {
        if self.bytes.is_empty() {
            self.start = at;
            self.plain = exact;
        } else if at != self.end {
            self.plain = false;
        }
        self.end = at + 1;
        self.open = true;
        self.bytes.push(b);
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Quote {
    #[default]
    None,
    Single,
    Double,
    /// `$'...'`
    Ansi,
    /// Typographic quotes: a mistake of an editor; they group here, and stay in the word as evidence.
    Smart,
}

/// A simple command: its words, and what an `&` within a word took away from it.
#[derive(Clone, Debug, Default)]
pub(super) struct Simple {
    pub(super) words: Vec<Word>,
    /// The name of the pair behind that `&` (`code` of `a=b&code=c`).
    pub(super) lost: Option<Text<'static>>,
}

/// Further words are left out: nobody types so many.
const MOST_WORDS: usize = 4096;

/// Reads a command line by line.
#[derive(Clone, Debug, Default)]
pub(super) struct Lexer {
    dialect: Dialect,
    quote: Quote,
    /// Depth of `$(` ... `)`.
    nested: usize,
    word: Word,
    skip_word: bool,
    commands: Vec<Simple>,
    current: Simple,
    /// Words so far.
    count: usize,
}

impl Lexer {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self { dialect, ..Self::default() }
    }

    /// Takes one line, which begins at `at`; says whether the command goes on in the next line.
    pub(super) fn line(&mut self, line: &[u8], at: u64, exact: bool) -> bool {
        let mut i = 0;
        while let Some(&b) = line.get(i) {
            let rest = line.get(i + 1..).unwrap_or_default();
            let here = if exact { at + i as u64 } else { at };
            let run = self.run(line.get(i..).unwrap_or_default());
            if run > 1 {
                // The last byte of a run is left to the rules, which may need to know that it ends the line.
                self.word.extend(line.get(i..i + run - 1).unwrap_or_default(), here, exact);
                i += run - 1;
                continue;
            }
            if self.continues(b, rest) {
                return true;
            }
            i += match self.quote {
                Quote::None => match self.bare(b, rest, here, exact) {
                    Some(n) => n,
                    None => return false,
                },
                _ => self.quoted(b, rest, here, exact),
            };
        }
        if self.quote != Quote::None || self.nested > 0 {
            self.word.push(b'\n', at + line.len() as u64, exact);
            return true;
        }
        false
    }

    /// Bytes that stand for themselves.
    fn run(&self, rest: &[u8]) -> usize {
        let stop = match self.quote {
            Quote::Single => memchr::memchr(b'\'', rest),
            Quote::Double => memchr::memchr3(b'"', b'\\', b'`', rest),
            Quote::None if self.nested == 0 => rest.iter().position(|b| {
                !(b.is_ascii_alphanumeric()
                    || matches!(b, b'-' | b'_' | b'.' | b'/' | b':' | b'=' | b'?' | b'%' | b',' | b'@'))
            }),
            _ => Some(0),
        };
        stop.unwrap_or(rest.len())
    }

    /// Whether the line ends here and the next one belongs to it.
    fn continues(&self, b: u8, rest: &[u8]) -> bool {
        if !rest.is_empty() || self.nested > 0 {
            return false;
        }
        match self.dialect {
            Dialect::Sh => b == b'\\' && matches!(self.quote, Quote::None | Quote::Double),
            Dialect::Cmd => b == b'^',
            Dialect::PowerShell => b == b'`' && self.quote == Quote::None,
        }
    }

    /// One character outside of quotes: how many bytes were used, `None` at the end of the command.
    fn bare(&mut self, b: u8, rest: &[u8], at: u64, exact: bool) -> Option<usize> {
        if self.nested > 0 {
            self.nested = match b {
                b'(' => self.nested + 1,
                b')' => self.nested - 1,
                _ => self.nested,
            };
            self.word.push(b, at, exact);
            return Some(1);
        }
        match b {
            b' ' | b'\t' => self.end_word(),
            b'"' => self.enter(Quote::Double),
            b'\'' if self.dialect != Dialect::Cmd => self.enter(Quote::Single),
            b'$' if self.dialect == Dialect::Sh && rest.first() == Some(&b'\'') => {
                self.enter(Quote::Ansi);
                return Some(2);
            }
            b'$' if rest.first() == Some(&b'(') => {
                self.nested = 1;
                self.word.push(b, at, exact);
                self.word.push(b'(', at + 1, exact);
                return Some(2);
            }
            b'\\' if self.dialect == Dialect::Sh => return Some(self.escaped(rest, at, exact)),
            b'\\' if self.dialect == Dialect::Cmd && rest.first() == Some(&b'"') => {
                return Some(self.escaped(rest, at, exact));
            }
            b'^' if self.dialect == Dialect::Cmd => return Some(self.escaped(rest, at, exact)),
            b'`' if self.dialect == Dialect::PowerShell => return Some(self.escaped(rest, at, exact)),
            b'#' if self.dialect != Dialect::Cmd && !self.word.open => return None,
            b'&' if self.word.open && self.dialect != Dialect::PowerShell => {
                self.end_word();
                self.current.lost = lost(rest, at + 1, exact);
                self.end_command();
            }
            b';' | b'|' | b'&' => self.end_command(),
            b'>' | b'<' => return Some(self.redirect(rest)),
            0xe2 if is_smart(rest) => {
                self.quote = Quote::Smart;
                self.push_all(b, rest, at, exact);
                return Some(3);
            }
            _ => self.word.push(b, at, exact),
        }
        Some(1)
    }

    fn quoted(&mut self, b: u8, rest: &[u8], at: u64, exact: bool) -> usize {
        match (self.quote, b) {
            (Quote::Single | Quote::Ansi, b'\'') | (Quote::Double, b'"') => self.quote = Quote::None,
            (Quote::Double, b'\\') if self.dialect == Dialect::Sh => {
                if matches!(rest.first(), Some(b'"' | b'\\' | b'$' | b'`')) {
                    return self.escaped(rest, at, exact);
                }
                self.word.push(b, at, exact);
            }
            (Quote::Double, b'\\') if self.dialect == Dialect::Cmd && rest.first() == Some(&b'"') => {
                return self.escaped(rest, at, exact);
            }
            (Quote::Double, b'`') if self.dialect == Dialect::PowerShell => return self.escaped(rest, at, exact),
            (Quote::Ansi, b'\\') => {
                let Some(&c) = rest.first() else { return 1 };
                let plain = match c {
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'r' => b'\r',
                    _ => c,
                };
                self.word.push(plain, at + 1, false);
                self.word.plain = false;
                return 2;
            }
            (Quote::Smart, 0xe2) if is_smart(rest) => {
                self.quote = Quote::None;
                self.push_all(b, rest, at, exact);
                return 3;
            }
            _ => self.word.push(b, at, exact),
        }
        1
    }

    fn escaped(&mut self, rest: &[u8], at: u64, exact: bool) -> usize {
        let Some(&c) = rest.first() else { return 1 };
        self.word.push(c, at + 1, exact);
        2
    }

    fn push_all(&mut self, b: u8, rest: &[u8], at: u64, exact: bool) {
        self.word.push(b, at, exact);
        for (i, c) in rest.iter().take(2).enumerate() {
            self.word.push(*c, at + 1 + i as u64, exact);
        }
    }

    fn enter(&mut self, quote: Quote) {
        self.quote = quote;
        self.word.open = true;
    }

    /// `2>&1`, `>file`: neither is an argument.
    fn redirect(&mut self, rest: &[u8]) -> usize {
        if self.word.bytes.iter().all(u8::is_ascii_digit) {
            self.word = Word::default();
        }
        self.end_word();
        let more = rest.iter().take_while(|b| matches!(b, b'>' | b'&')).count();
        self.skip_word = true;
        1 + more
    }

    fn end_word(&mut self) {
        if !self.word.open {
            return;
        }
        let word = std::mem::take(&mut self.word);
        if !std::mem::take(&mut self.skip_word) && self.count < MOST_WORDS {
            self.count += 1;
            self.current.words.push(word);
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        self.skip_word = false;
        if !self.current.words.is_empty() {
            self.commands.push(std::mem::take(&mut self.current));
        }
    }

    /// The simple commands of the line.
    pub(super) fn finish(mut self) -> Vec<Simple> {
        self.end_command();
        self.commands
    }

    /// Whether a quote is open.
    pub(super) fn in_quote(&self) -> bool {
        self.quote != Quote::None || self.nested > 0
    }
}

/// The name of a pair that stands right behind an `&`: nobody starts a command in the background so.
fn lost(rest: &[u8], at: u64, exact: bool) -> Option<Text<'static>> {
    let len = rest.iter().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')))?;
    let name = rest.get(..len).filter(|n| !n.is_empty() && rest.get(len) == Some(&b'='))?;
    Some(if exact { Text::plain(name, at).into_owned() } else { Text::made(name.to_vec(), Span::at(at, len)) })
}

/// The two bytes behind E2 of U+2018..U+201F.
fn is_smart(rest: &[u8]) -> bool {
    matches!(rest, [0x80, 0x9c..=0x9f, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(dialect: Dialect, lines: &[&str]) -> Vec<Vec<String>> {
        let mut lexer = Lexer::new(dialect);
        let mut at = 0;
        for line in lines {
            lexer.line(line.as_bytes(), at, true);
            at += line.len() as u64 + 1;
        }
        let text = |w: &Word| String::from_utf8_lossy(&w.bytes).into_owned();
        lexer.finish().iter().map(|c| c.words.iter().map(text).collect()).collect()
    }

    #[test]
    fn quoting_of_three_shells() {
        assert_eq!(
            words(Dialect::Sh, &[r#"curl -d "{\"a\": \"$x\"}" 'b c'd $'e\n' 2>&1 | jq ."#]),
            [vec!["curl", "-d", r#"{"a": "$x"}"#, "b cd", "e\n"], vec!["jq", "."]]
        );
        assert_eq!(
            words(Dialect::Cmd, &[r#"curl -d "a \"b\"" ^"#, "'c' x"]),
            [vec!["curl", "-d", "a \"b\"", "'c'", "x"]]
        );
        assert_eq!(
            words(Dialect::PowerShell, &["curl.exe 'a`b' \"c`\"d\" `", "e"]),
            [vec!["curl.exe", "a`b", "c\"d", "e"]]
        );
        assert_eq!(
            words(Dialect::Sh, &["T=$(curl -s a | b); curl “A: b c” d"]),
            [vec!["T=$(curl -s a | b)"], vec!["curl", "“A: b c”", "d"]]
        );
    }

    #[test]
    fn what_an_unquoted_ampersand_takes_away() {
        let lost = |dialect, line: &str| {
            let mut lexer = Lexer::new(dialect);
            lexer.line(line.as_bytes(), 0, true);
            let first = lexer.finish().remove(0);
            first.lost.map(|l| (l.lossy().into_owned(), l.at().start))
        };
        let cut = "curl -d a=b&code=c -H \"A: b\" http://x";
        assert_eq!(lost(Dialect::Sh, cut), Some(("code".to_owned(), 12)));
        assert_eq!(lost(Dialect::Cmd, cut), Some(("code".to_owned(), 12)));
        for whole in [
            "curl 'a&b=c' http://x",
            "curl http://x & T=1 env",
            "curl http://x && a=b c",
            "curl http://x&",
            "curl a\\&b=c",
        ] {
            assert_eq!(lost(Dialect::Sh, whole), None, "{whole}");
        }
    }

    #[test]
    fn places() {
        let mut lexer = Lexer::new(Dialect::Sh);
        lexer.line(br#"curl -H "A: b" c"d""#, 10, true);
        let words = lexer.finish().remove(0).words;
        let at = |i: usize| words.get(i).map(|w| (w.text().at().start, w.text().at().end));
        assert_eq!(at(2), Some((19, 23)));
        assert_eq!(at(3), Some((25, 28)));
    }
}
