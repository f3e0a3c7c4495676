//! The only door through which captured secrets leave: as aliases. It also makes control characters harmless.
//!
//! A secret of 20 characters or more shows its first four; passwords, Basic values and session cookies show nothing,
//! not even a length. The same secret has the same alias in all outputs of a run.

mod net;
mod pieces;

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

pub use self::pieces::{Piece, Pieces, Shown};

use crate::auth::basic::basic_parts;
use crate::auth::jwt;
use crate::facts::{Kind, Line, Mark, Secret};

/// Gives secrets their aliases, in the order in which they are first shown.
#[derive(Debug, Default)]
pub struct Masker {
    aliases: FxHashMap<Secret, String>,
    counts: FxHashMap<char, usize>,
    /// Aliases that the current block has shown with their length.
    shown: FxHashSet<String>,
    /// The capture's values by their number, as they are written wherever a mark points to them.
    values: Vec<(Secret, Kind)>,
    /// Finds the capture's secrets in texts that rules made: patterns, and the value that each stands for.
    net: net::Net,
    /// What the patterns of the net stand for.
    caught: Vec<(Secret, Kind)>,
    /// `--show-secrets`: the only way around the mask.
    open: bool,
}

/// Shorter secrets are not searched for in made texts: they would hit ordinary words.
const SHORTEST: usize = net::HEAD;

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

impl Masker {
    /// A mask; `open` shows secrets as they are.
    pub fn new(open: bool) -> Self {
        Self { open, ..Self::default() }
    }

    /// Whether secrets are shown.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Learns the secrets of the next capture, in the order of their numbers.
    pub fn learn<'v>(&mut self, values: impl Iterator<Item = (&'v [u8], Kind)>) {
        self.values = values.map(|(v, k)| (Secret::new(v), k)).collect();
        let mut list: Vec<(Secret, Kind)> =
            self.values.iter().filter(|(v, k)| v.expose().len() >= SHORTEST && *k != Kind::ClientId).cloned().collect();
        // A Basic value hides a password that may be quoted elsewhere.
        let inner: Vec<(Secret, Kind)> =
            list.iter().filter(|(_, k)| *k == Kind::Basic).filter_map(|(s, _)| basic_password(s)).collect();
        list.extend(inner);
        self.net = net::Net::default();
        for (number, (secret, _)) in (0..).zip(&list) {
            self.net.add(secret.expose(), number);
        }
        // The same value within a link or a JSON text is written in another way.
        for (number, (secret, _)) in (0..).zip(&list) {
            for other in spellings(secret.expose()) {
                self.net.add(&other, number);
            }
        }
        self.caught = list;
    }

    /// A new block begins: lengths are shown again.
    pub fn block(&mut self) {
        self.shown.clear();
    }

    /// Masks something that stands by itself: lengths are shown, and the block's own state is left as it was.
    pub fn apart<T>(&mut self, mask: impl FnOnce(&mut Self) -> T) -> T {
        let shown = std::mem::take(&mut self.shown);
        let done = mask(self);
        self.shown = shown;
        done
    }

    /// Masks something of one form of the report: aliases that it gives are forgotten behind it, so that all other forms
    /// are the same without it.
    pub fn aside<T>(&mut self, mask: impl FnOnce(&mut Self) -> T) -> T {
        let (aliases, counts) = (self.aliases.clone(), self.counts.clone());
        let done = self.apart(mask);
        (self.aliases, self.counts) = (aliases, counts);
        done
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
        if silent(kind) {
            return format!("({alias})");
        }
        let text = String::from_utf8_lossy(value);
        let chars = text.chars().count();
        let head = shown_head(&text, chars, kind);
        if self.shown.insert(alias.clone()) {
            format!("{head}({alias}, {chars} chars)")
        } else {
            format!("{head}({alias})")
        }
    }

    /// A captured value with its secrets masked, in pieces that know where they come from.
    pub fn line(&mut self, line: &Line) -> Vec<Piece> {
        self.window(line, &[], 0..usize::MAX)
    }

    /// The same as one text.
    pub fn line_text(&mut self, line: &Line) -> String {
        let mut out = String::with_capacity(line.bytes().len());
        self.show(line, &[], 0..usize::MAX, &mut out);
        out
    }

    /// The same for a stretch of a value; `more` are ranges that are kept secret only here.
    pub fn window(&mut self, line: &Line, more: &[Range<usize>], window: Range<usize>) -> Vec<Piece> {
        let mut out = Vec::new();
        self.show(line, more, window, &mut out);
        out
    }

    fn show(&mut self, line: &Line, more: &[Range<usize>], window: Range<usize>, out: &mut impl Shows) {
        let bytes = line.bytes();
        let whole = |r: &Range<usize>| (r.start, std::cmp::Reverse(r.end));
        let mut marks: Vec<(Range<usize>, Option<&Mark>)> =
            line.marks.iter().map(|m| (m.range.clone(), Some(m))).collect();
        marks.extend(more.iter().map(|r| (r.start..r.end.min(bytes.len()), None)));
        marks.retain(|(r, _)| r.end <= bytes.len() && !r.is_empty());
        marks.sort_by_key(|(r, m)| (whole(r), m.is_none()));
        let mut at = 0;
        for (range, mark) in marks {
            if range.start < at {
                continue;
            }
            self.plain(bytes, at..range.start, &window, out);
            at = range.end;
            if range.end <= window.start || range.start >= window.end {
                continue;
            }
            let shown = match mark {
                Some(m) => self.marked(bytes, m),
                None => self.secret(bytes.get(range.clone()).unwrap_or_default(), Kind::Password),
            };
            out.alias(range, shown);
        }
        self.plain(bytes, at..bytes.len(), &window, out);
    }

    /// A marked value: its spelling here may differ from the value itself (percent or JSON escapes).
    fn marked(&mut self, bytes: &[u8], mark: &Mark) -> String {
        let Some((secret, kind)) = self.values.get(mark.value.0 as usize).cloned() else {
            return self.secret(bytes.get(mark.range.clone()).unwrap_or_default(), mark.kind);
        };
        if self.open {
            return self.secret(bytes.get(mark.range.clone()).unwrap_or_default(), mark.kind);
        }
        // Its alias is that of its life; the stricter of both kinds says how much is shown.
        let alias = self.alias(secret.expose(), kind);
        if silent(mark.kind) { format!("({alias})") } else { self.secret(secret.expose(), kind) }
    }

    /// Unmarked bytes still pass the net: a secret may be repeated where nobody expects it.
    fn plain(&mut self, bytes: &[u8], range: Range<usize>, window: &Range<usize>, out: &mut impl Shows) {
        let part = bytes.get(range.clone()).unwrap_or_default();
        let inside = |r: &Range<usize>| r.start.max(window.start)..r.end.min(window.end).max(r.start.max(window.start));
        let mut at = range.start;
        for (hit, value, kind) in self.caught(part) {
            let from = range.start + hit.start..range.start + hit.end;
            out.plain(bytes, inside(&(at..from.start)));
            at = from.end;
            if from.end > window.start && from.start < window.end {
                let shown = self.secret(&value, kind);
                out.alias(from, shown);
            }
        }
        out.plain(bytes, inside(&(at..range.end)));
    }

    fn caught(&self, part: &[u8]) -> Vec<(Range<usize>, Vec<u8>, Kind)> {
        if self.open {
            return Vec::new();
        }
        let hits = self.net.find(part).into_iter();
        let value = |n: u32| self.caught.get(n as usize);
        hits.filter_map(|(at, n)| value(n).map(|(s, k)| (at, s.expose().to_vec(), *k))).collect()
    }

    /// A text that a rule made: secrets in it are masked, control characters made visible.
    pub fn text(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        self.plain(text.as_bytes(), 0..text.len(), &(0..text.len()), &mut out);
        out
    }

    /// The same in pieces.
    pub fn made(&mut self, text: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        self.plain(text.as_bytes(), 0..text.len(), &(0..text.len()), &mut pieces);
        pieces
    }
}

/// Kinds of which nothing is shown, not even a length.
fn silent(kind: Kind) -> bool {
    matches!(kind, Kind::Password | Kind::Basic | Kind::Cookie)
}

/// Prefixes that vendors give their tokens: public, and they tell what a token is.
const PREFIXES: [&str; 16] = [
    "github_pat_",
    "glpat-",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "xoxb-",
    "xoxp-",
    "xapp-",
    "sk_live_",
    "sk_test_",
    "pk_live_",
    "pk_test_",
    "dckr_pat_",
    "npm_",
];

/// What is shown before the alias: a vendor's prefix, the first four of a long value, or nothing.
fn shown_head(text: &str, chars: usize, kind: Kind) -> String {
    if let Some(p) = PREFIXES.iter().find(|p| text.starts_with(**p)) {
        return format!("{p}...");
    }
    let long = chars >= 20
        && !jwt::looks_like_jwt(text)
        && !matches!(kind, Kind::ClientId | Kind::Signature | Kind::State | Kind::Verifier);
    let head: String = text.chars().take(4).collect();
    if long && head.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
        format!("{head}...")
    } else {
        String::new()
    }
}

/// Other ways to write a value: percent-encoded, or with JSON escapes.
fn spellings(value: &[u8]) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    if value.iter().all(u8::is_ascii_alphanumeric) {
        return out;
    }
    let percent = percent_encoding::percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string();
    // Most encoders leave the unreserved characters alone.
    let common = percent.replace("%2E", ".").replace("%2D", "-").replace("%5F", "_").replace("%7E", "~");
    for other in [percent.to_ascii_lowercase(), common.replace("%3D", "="), common, percent] {
        let plain = other.as_bytes() == value || out.iter().any(|o: &Vec<u8>| o == other.as_bytes());
        if !plain && other.contains('%') {
            out.push(other.into_bytes());
        }
    }
    if memchr::memchr(b'/', value).is_some() {
        out.push(String::from_utf8_lossy(value).replace('/', "\\/").into_bytes());
    }
    out
}

fn basic_password(secret: &Secret) -> Option<(Secret, Kind)> {
    let (_, password) = basic_parts(secret.expose())?;
    (password.len() >= SHORTEST).then(|| (Secret::new(password.as_bytes()), Kind::Password))
}

/// What masked bytes are shown in: pieces, or, of a megabyte of URL too, a text of its size.
trait Shows {
    /// Characters of a stretch of bytes.
    fn plain(&mut self, bytes: &[u8], range: Range<usize>);
    /// A secret.
    fn alias(&mut self, from: Range<usize>, shown: String);
}

impl Shows for Vec<Piece> {
    fn plain(&mut self, bytes: &[u8], range: Range<usize>) {
        let mut at = range.start;
        let mut push = |len: usize, shown: String| {
            self.push(Piece { from: at..at + len, shown, alias: false });
            at += len;
        };
        for chunk in bytes.get(range).unwrap_or_default().utf8_chunks() {
            chunk.valid().chars().for_each(|c| push(c.len_utf8(), visible(c)));
            chunk.invalid().iter().for_each(|b| push(1, hex(*b)));
        }
    }

    fn alias(&mut self, from: Range<usize>, shown: String) {
        self.push(Piece { from, shown, alias: true });
    }
}

impl Shows for String {
    fn plain(&mut self, bytes: &[u8], range: Range<usize>) {
        for chunk in bytes.get(range).unwrap_or_default().utf8_chunks() {
            self.extend(chunk.valid().chars().map(visible));
            self.extend(chunk.invalid().iter().map(|b| hex(*b)));
        }
    }

    fn alias(&mut self, _: Range<usize>, shown: String) {
        self.push_str(&shown);
    }
}

/// A byte that is no text.
fn hex(byte: u8) -> String {
    format!("\\x{byte:02x}")
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
        c if c.is_ascii() => hex(c as u8),
        c => format!("\\u{{{:x}}}", c as u32),
    }
}

/// A text without characters that could write to a terminal; for names that hold no secret (file names).
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    out.plain(text.as_bytes(), 0..text.len());
    out
}

#[cfg(test)]
mod tests;
