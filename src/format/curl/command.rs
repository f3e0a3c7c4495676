//! Typed curl command lines: where one stands, and what it asks for.

use std::borrow::Cow;

use super::options::{self, Operation};
use super::prefix::{self, Paste};
use super::shell::{Dialect, Lexer, Word};
use crate::http::Span;

/// How far a command line may go on over further lines.
const MAX_BYTES: usize = 64 << 10;
const MAX_LINES: usize = 400;

/// A command line with at least one transfer.
#[derive(Clone, Debug)]
pub(super) struct Command {
    pub(super) at: Span,
    pub(super) operations: Vec<Operation>,
    /// The URLs of all operations.
    pub(super) urls: usize,
}

/// Where a command stands in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prompt {
    /// Bytes before the command.
    pub(super) len: usize,
    pub(super) dialect: Dialect,
    /// A shell's prompt stands before it.
    pub(super) shown: bool,
}

/// The prompt at the begin of a line, if a shell shows one there.
pub(super) fn prompt(line: &[u8]) -> Option<Prompt> {
    if let [b'$' | b'%' | b'#', b' ', ..] = line {
        return Some(Prompt { len: 2, dialect: Dialect::Sh, shown: true });
    }
    let head = line.get(..160).unwrap_or(line);
    if line.starts_with(b"PS ") {
        let end = memchr::memchr(b'>', head)? + 1;
        let blank = usize::from(line.get(end) == Some(&b' '));
        return Some(Prompt { len: end + blank, dialect: Dialect::PowerShell, shown: true });
    }
    if let [b'A'..=b'Z', b':', b'\\' | b'>', ..] = line {
        let end = memchr::memchr(b'>', head)? + 1;
        let blank = usize::from(line.get(end) == Some(&b' '));
        return Some(Prompt { len: end + blank, dialect: Dialect::Cmd, shown: true });
    }
    unix_prompt(head)
}

/// `ada@lab:~$ `, `[ada@lab dir]# `, `(venv) lab% `, `➜  ~ `
fn unix_prompt(head: &[u8]) -> Option<Prompt> {
    let sign = head.windows(2).position(|w| matches!(w, [b'$' | b'#' | b'%', b' ']))?;
    let before = head.get(..sign)?;
    let words = before.split(|b| *b == b' ').count();
    let host = memchr::memchr3(b'@', b'~', b':', before).is_some();
    let boxed = before.first() == Some(&b'[') && before.ends_with(b"]") || before.first() == Some(&b'(');
    let clean = !before.iter().any(|b| matches!(b, b'"' | b'\'' | b'{' | b'<' | b'>' | b'=' | b',' | b'`'));
    let fits = clean && (words == 1 && host || words <= 3 && boxed);
    fits.then_some(Prompt { len: sign + 2, dialect: Dialect::Sh, shown: true })
}

/// Where in a line a curl command begins.
pub(super) fn find(line: &[u8]) -> Option<Prompt> {
    let head = line.get(..400).unwrap_or(line);
    if !memchr::memchr_iter(b'c', head).any(|at| head.get(at..at + 4) == Some(b"curl".as_slice())) {
        return None;
    }
    if let Some(p) = prompt(line) {
        return Some(p);
    }
    let blanks = line.iter().take_while(|b| **b == b' ').count();
    let rest = line.get(blanks..)?;
    let rest = rest.strip_prefix(b"curl.exe ").or_else(|| rest.strip_prefix(b"curl "))?;
    let first = rest.split(|b| *b == b' ').find(|w| !w.is_empty())?;
    let likely = matches!(first.first(), Some(b'-' | b'\'' | b'"' | b'$' | b'\\' | 0xe2))
        || memchr::memchr3(b'.', b':', b'/', first).is_some();
    likely.then_some(Prompt { len: blanks, dialect: Dialect::Sh, shown: false })
}

/// What reading a command gave.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The window ends in it.
    More,
    /// A line of a shell, but no transfer of curl; it ends at this place of the window.
    Nothing,
    /// The command, and where in the window the line behind it begins.
    Found(Command, usize),
}

/// Reads the command that begins at `start` of the window.
pub(super) fn read(window: &[u8], start: usize, base: u64, last: bool, paste: &mut Paste, found: Prompt) -> Outcome {
    let mut lexer = Lexer::new(found.dialect);
    let mut at = start;
    let mut first_end = None;
    for number in 0..MAX_LINES {
        let rest = window.get(at..).unwrap_or_default();
        let Some(len) = memchr::memchr(b'\n', rest).or(last.then_some(rest.len())) else {
            if at - start < MAX_BYTES {
                return Outcome::More;
            }
            break;
        };
        let raw = rest.get(..len).unwrap_or_default();
        let (line, skipped) = clean(raw, number, paste, found.dialect);
        if number > 0 && lexer.in_quote() && prefix::strong(&line) {
            break;
        }
        let line_start = if number == 0 { found.len } else { 0 };
        let exact = matches!(line, Cow::Borrowed(_));
        let text = line.get(line_start..).unwrap_or_default();
        let more = lexer.line(text, base + (at + skipped + line_start) as u64, exact);
        at = (at + len + 1).min(window.len());
        first_end.get_or_insert(at);
        if !more {
            return finish(lexer, Span { start: base + (start + found.len) as u64, end: base + at as u64 }, at, found);
        }
        if at >= window.len() && !last {
            return Outcome::More;
        }
        if at >= window.len() {
            break;
        }
    }
    broken(window, start, base, first_end.unwrap_or(at), paste, found, lexer, at)
}

/// A quote that never ends: the command is what its first line says, if that has a URL, else what was read.
#[expect(clippy::too_many_arguments, reason = "the state of one loop")]
fn broken(
    window: &[u8],
    start: usize,
    base: u64,
    end: usize,
    paste: &mut Paste,
    found: Prompt,
    lexer: Lexer,
    at: usize,
) -> Outcome {
    let raw = window.get(start..end).unwrap_or_default();
    let (line, skipped) = clean(raw.strip_suffix(b"\n").unwrap_or(raw), 0, paste, found.dialect);
    let mut single = Lexer::new(found.dialect);
    let text = line.get(found.len..).unwrap_or_default();
    single.line(text, base + (start + skipped + found.len) as u64, matches!(line, Cow::Borrowed(_)));
    let span = |end: usize| Span { start: base + (start + found.len) as u64, end: base + end as u64 };
    match finish(single, span(end), end, found) {
        Outcome::Found(c, e) => Outcome::Found(c, e),
        _ => finish(lexer, span(at), at, found),
    }
}

/// A line without its end, its paste damage and the mark of a continuation.
fn clean<'w>(raw: &'w [u8], number: usize, paste: &mut Paste, dialect: Dialect) -> (Cow<'w, [u8]>, usize) {
    let mut raw = raw;
    while let Some(less) = raw.strip_suffix(b"\r") {
        raw = less;
    }
    let mut skipped = 0;
    if number > 0 {
        skipped = paste.strip(raw);
        let rest = raw.get(skipped..).unwrap_or_default();
        let mark: &[u8] = match dialect {
            Dialect::Sh => b"> ",
            Dialect::Cmd => b"More? ",
            Dialect::PowerShell => b">> ",
        };
        if rest.starts_with(mark) && !prefix::strong(rest) {
            skipped += mark.len();
        }
    }
    let rest = raw.get(skipped..).unwrap_or_default();
    let coloured = prefix::without_colours(rest);
    if memchr::memchr(b'&', &coloured).is_some()
        && (memchr::memmem::find(&coloured, b"&quot;").is_some() || memchr::memmem::find(&coloured, b"&#39;").is_some())
    {
        return (Cow::Owned(prefix::decode_entities(&coloured)), skipped);
    }
    (coloured, skipped)
}

fn finish(lexer: Lexer, at: Span, end: usize, found: Prompt) -> Outcome {
    let mut operations = Vec::new();
    for mut simple in lexer.finish() {
        simple.words.iter_mut().for_each(|w| w.clip(at.end));
        let Some(arguments) = arguments(&simple.words) else { continue };
        let mut read = options::read(arguments, found.shown);
        if let Some(last) = read.last_mut() {
            last.lost = simple.lost;
        }
        operations.extend(read);
    }
    if operations.is_empty() {
        return Outcome::Nothing;
    }
    let urls = operations.iter().map(|o| o.urls.len()).sum();
    Outcome::Found(Command { at, operations, urls }, end)
}

/// The arguments, if the words are a call of curl.
fn arguments(words: &[Word]) -> Option<&[Word]> {
    let mut rest = words;
    loop {
        let (first, tail) = rest.split_first()?;
        let name = first.bytes.rsplit(|b| matches!(b, b'/' | b'\\')).next().unwrap_or_default();
        if name == b"curl" || name == b"curl.exe" {
            return Some(tail);
        }
        let assignment = memchr::memchr(b'=', &first.bytes).is_some();
        let helper: [&[u8]; 8] = [b"sudo", b"time", b"env", b"do", b"then", b"!", b"exec", b"watch"];
        if !assignment && !helper.contains(&first.bytes.as_slice()) {
            return None;
        }
        rest = tail;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_commands_stand() {
        let at = |s: &str| find(s.as_bytes()).map(|p| p.len);
        assert_eq!(at("$ curl -v x"), Some(2));
        assert_eq!(at("ada@lab:~/w$ curl -v x"), Some(13));
        assert_eq!(at("[root@lab ~]# curl x"), Some(14));
        assert_eq!(at(r"C:\Users\ada>curl -v ^"), Some(13));
        assert_eq!(at(r"PS C:\Users\ada> curl.exe -v x"), Some(17));
        assert_eq!(at("curl -v https://a"), Some(0));
        assert_eq!(at("curl is a tool"), None);
        assert_eq!(at("curl failed to verify the legitimacy"), None);
        assert_eq!(at("{\"a\":\"$ curl x\"}"), None);
    }
}
