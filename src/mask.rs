//! The only door through which captured secrets leave: as aliases. It also makes control characters harmless.
//!
//! A secret of 20 characters or more shows its first four; passwords, Basic values and session cookies show nothing,
//! not even a length. The same secret has the same alias in all outputs of a run.

use std::fmt::Write as _;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::auth::jwt;
use crate::facts::{Kind, Line, Mark, Secret};

/// Gives secrets their aliases, in the order in which they are first shown.
#[derive(Debug, Default)]
pub struct Masker {
    aliases: FxHashMap<Secret, String>,
    counts: FxHashMap<char, usize>,
    /// Aliases that the current block has shown with their length.
    shown: FxHashSet<String>,
    /// Finds the capture's secrets in texts that rules made.
    net: Option<(AhoCorasick, Vec<(Secret, Kind)>)>,
    /// `--show-secrets`: the only way around the mask.
    open: bool,
}

/// Shorter secrets are not searched for in made texts: they would hit ordinary words.
const SHORTEST: usize = 6;
/// At most this many secrets are searched for.
const MOST: usize = 20_000;

/// The letter of an alias.
fn letter(kind: Kind) -> char {
    match kind {
        Kind::Token => 'T',
        Kind::Refresh => 'R',
        Kind::IdToken => 'I',
        Kind::Code => 'C',
        Kind::ApiKey => 'K',
        Kind::Password | Kind::Basic | Kind::Signature | Kind::ClientId => 'S',
        Kind::Cookie => 'J',
        Kind::Csrf | Kind::State => 'N',
        Kind::Verifier => 'V',
    }
}

/// A piece of shown text and the bytes that it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Bytes of the captured value.
    pub from: Range<usize>,
    /// What is shown.
    pub shown: String,
    /// An alias: not to be cut.
    pub alias: bool,
}

impl Masker {
    /// A mask; `open` shows secrets as they are.
    pub fn new(open: bool) -> Self {
        Self { open, ..Self::default() }
    }

    /// Whether secrets are shown.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Learns the secrets of the next capture.
    pub fn learn<'v>(&mut self, values: impl Iterator<Item = (&'v [u8], Kind)>) {
        let mut list: Vec<(Secret, Kind)> = values
            .filter(|(v, k)| v.len() >= SHORTEST && *k != Kind::ClientId)
            .take(MOST)
            .map(|(v, k)| (Secret::new(v), k))
            .collect();
        // A Basic value hides a password that may be quoted elsewhere.
        let inner: Vec<(Secret, Kind)> =
            list.iter().filter(|(_, k)| *k == Kind::Basic).filter_map(|(s, _)| basic_password(s)).collect();
        list.extend(inner);
        let net = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(list.iter().map(|(s, _)| s.expose()))
            .ok();
        self.net = net.map(|n| (n, list));
    }

    /// A new block begins: lengths are shown again.
    pub fn block(&mut self) {
        self.shown.clear();
    }

    /// The bare alias of a secret: `T1`.
    pub fn alias(&mut self, value: &[u8], kind: Kind) -> String {
        let secret = Secret::new(value);
        if let Some(a) = self.aliases.get(&secret) {
            return a.clone();
        }
        let letter = letter(kind);
        let n = self.counts.entry(letter).or_default();
        *n += 1;
        let alias = format!("{letter}{n}");
        self.aliases.insert(secret, alias.clone());
        alias
    }

    /// A secret as reports show it: `4QDk...(T1, 40 chars)`.
    pub fn secret(&mut self, value: &[u8], kind: Kind) -> String {
        if self.open {
            return printable(&String::from_utf8_lossy(value));
        }
        let alias = self.alias(value, kind);
        if matches!(kind, Kind::Password | Kind::Basic | Kind::Cookie) {
            return format!("({alias})");
        }
        let text = String::from_utf8_lossy(value);
        let chars = text.chars().count();
        let long = chars >= 20
            && !jwt::looks_like_jwt(&text)
            && !matches!(kind, Kind::ClientId | Kind::Signature | Kind::State | Kind::Verifier);
        let head: String = text.chars().take(4).collect();
        let head =
            if long && head.chars().all(|c| c.is_ascii_graphic()) { format!("{head}...") } else { String::new() };
        if self.shown.insert(alias.clone()) {
            format!("{head}({alias}, {chars} chars)")
        } else {
            format!("{head}({alias})")
        }
    }

    /// A captured value with its secrets masked, in pieces that know where they come from.
    pub fn line(&mut self, line: &Line) -> Vec<Piece> {
        self.pieces(line.bytes(), &line.marks)
    }

    fn pieces(&mut self, bytes: &[u8], marks: &[Mark]) -> Vec<Piece> {
        let mut marks: Vec<&Mark> = marks.iter().filter(|m| m.range.end <= bytes.len()).collect();
        marks.sort_by_key(|m| (m.range.start, std::cmp::Reverse(m.range.end)));
        let mut out = Vec::new();
        let mut at = 0;
        for m in marks {
            if m.range.start < at {
                continue;
            }
            self.plain(bytes, at..m.range.start, &mut out);
            let value = bytes.get(m.range.clone()).unwrap_or_default();
            out.push(Piece { from: m.range.clone(), shown: self.secret(value, m.kind), alias: true });
            at = m.range.end;
        }
        self.plain(bytes, at..bytes.len(), &mut out);
        out
    }

    /// Unmarked bytes still pass the net: a secret may be repeated where nobody expects it.
    fn plain(&mut self, bytes: &[u8], range: Range<usize>, out: &mut Vec<Piece>) {
        let part = bytes.get(range.clone()).unwrap_or_default();
        let mut at = 0;
        for (hit, value, kind) in self.caught(part) {
            chars(part, at..hit.start, range.start, out);
            let shown = self.secret(&value, kind);
            out.push(Piece { from: range.start + hit.start..range.start + hit.end, shown, alias: true });
            at = hit.end;
        }
        chars(part, at..part.len(), range.start, out);
    }

    fn caught(&self, part: &[u8]) -> Vec<(Range<usize>, Vec<u8>, Kind)> {
        let Some((net, list)) = self.net.as_ref().filter(|_| !self.open) else { return Vec::new() };
        net.find_iter(part)
            .filter_map(|m| list.get(m.pattern().as_usize()).map(|(s, k)| (m.range(), s.expose().to_vec(), *k)))
            .collect()
    }

    /// A text that a rule made: secrets in it are masked, control characters made visible.
    pub fn text(&mut self, text: &str) -> String {
        let mut pieces = Vec::new();
        self.plain(text.as_bytes(), 0..text.len(), &mut pieces);
        pieces.into_iter().map(|p| p.shown).collect()
    }
}

fn basic_password(secret: &Secret) -> Option<(Secret, Kind)> {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(secret.expose()).ok()?;
    let colon = memchr::memchr(b':', &bytes)?;
    let password = bytes.get(colon + 1..).filter(|p| p.len() >= SHORTEST)?;
    Some((Secret::new(password), Kind::Password))
}

/// Plain characters, each with its place.
fn chars(part: &[u8], range: Range<usize>, shift: usize, out: &mut Vec<Piece>) {
    let mut at = range.start;
    for chunk in part.get(range).unwrap_or_default().utf8_chunks() {
        for c in chunk.valid().chars() {
            let len = c.len_utf8();
            out.push(Piece { from: shift + at..shift + at + len, shown: visible(c), alias: false });
            at += len;
        }
        for b in chunk.invalid() {
            out.push(Piece { from: shift + at..shift + at + 1, shown: format!("\\x{b:02x}"), alias: false });
            at += 1;
        }
    }
}

/// A character that cannot move the cursor, hide or reorder text.
fn visible(c: char) -> String {
    let hidden = c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}' | '\u{2028}' | '\u{2029}');
    if !hidden {
        return c.to_string();
    }
    match c {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        c if (c as u32) < 0x80 => format!("\\x{:02x}", c as u32),
        c => format!("\\u{{{:x}}}", c as u32),
    }
}

/// A text without characters that could write to a terminal; for names that hold no secret (file names).
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let _ = write!(out, "{}", visible(c));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_aliases() {
        let mut m = Masker::new(false);
        assert_eq!(m.secret(b"4QDkCyCtZzYgj4C2p2cj3csJH7zqS5RzKs2kTnG4", Kind::Token), "4QDk...(T1, 40 chars)");
        assert_eq!(m.secret(b"4QDkCyCtZzYgj4C2p2cj3csJH7zqS5RzKs2kTnG4", Kind::Token), "4QDk...(T1)");
        assert_eq!(m.secret(b"short", Kind::Token), "(T2, 5 chars)");
        assert_eq!(m.secret(b"hunter22", Kind::Password), "(S1)");
    }

    #[test]
    fn made_texts_pass_the_net() {
        let mut m = Masker::new(false);
        m.learn([(&b"abcdef123456"[..], Kind::Token)].into_iter());
        assert_eq!(m.text("token abcdef123456\u{202e}\x1b[31m"), "token (T1, 12 chars)\\u{202e}\\x1b[31m");
    }
}
