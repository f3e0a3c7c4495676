//! A regular expression that is compiled when it is first needed: most captures meet few of them.

use std::sync::OnceLock;

use regex::{Regex, bytes};
use serde::Deserialize;

/// A longer pattern, or one that counts, is compiled at once, so that one too big is an error of the file it stands in.
const SHORT: usize = 80;
/// A shorter literal tells too little.
const TELLING: usize = 3;

/// A regular expression: checked when it is loaded, compiled when a text might match; linear-time by construction.
///
/// On ASCII text, where letters, digits and blanks of other scripts cannot occur, an expression without their tables
/// finds the same and is compiled ten times faster.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    /// What any match holds, in this order, in lower case: one of each list.
    literals: Vec<Vec<String>>,
    /// The first of them stands at the text's first byte.
    front: bool,
    ascii: OnceLock<Option<bytes::Regex>>,
    regex: OnceLock<Option<Regex>>,
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::new(&text).map_err(|e| serde::de::Error::custom(format!("`{text}` is no regular expression: {e}")))
    }
}

impl Default for Pattern {
    /// Matches nothing.
    fn default() -> Self {
        Self { ascii: OnceLock::from(None), regex: OnceLock::from(None), ..Self::unchecked(r"[^\s\S]") }
    }
}

impl Pattern {
    /// Checks a pattern.
    ///
    /// # Errors
    /// What is wrong with it.
    fn new(text: &str) -> Result<Self, String> {
        let new = Self::unchecked(text);
        if text.len() > SHORT || text.contains('{') {
            let whole = Regex::new(text).map_err(|e| e.to_string())?;
            return Ok(Self { regex: OnceLock::from(Some(whole)), ..new });
        }
        regex_syntax::parse(text).map_err(|e| e.to_string())?;
        Ok(new)
    }

    /// A pattern that a test has checked.
    pub(super) fn unchecked(text: &str) -> Self {
        let (literals, front) = telling(text);
        Self { text: text.to_owned(), literals, front, ascii: OnceLock::new(), regex: OnceLock::new() }
    }

    /// Whether the pattern occurs in the text.
    pub fn is_match(&self, text: &str) -> bool {
        if !self.may_match(text) {
            return false;
        }
        match self.plain(text) {
            Some(ascii) => ascii.is_match(text.as_bytes()),
            None => self.regex().is_some_and(|r| r.is_match(text)),
        }
    }

    /// The bytes of the first match.
    pub(super) fn find(&self, text: &str) -> Option<(usize, usize)> {
        if !self.may_match(text) {
            return None;
        }
        match self.plain(text) {
            Some(ascii) => ascii.find(text.as_bytes()).map(|m| (m.start(), m.end())),
            None => self.regex()?.find(text).map(|m| (m.start(), m.end())),
        }
    }

    /// The text of a named group.
    pub fn group(&self, text: &str, name: &str) -> Option<String> {
        Some(self.regex()?.captures(text)?.name(name)?.as_str().to_owned())
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| Regex::new(&self.text).ok()).as_ref()
    }

    /// The expression for ASCII text, if this is one; a pattern that names scripts has none.
    fn plain(&self, text: &str) -> Option<&bytes::Regex> {
        let plain =
            || bytes::RegexBuilder::new(&self.text).unicode(false).build().ok().filter(|_| self.text.is_ascii());
        text.is_ascii().then(|| self.ascii.get_or_init(plain).as_ref())?
    }

    /// Whether the text has what any match holds. Beyond ASCII letters have other spellings: there it is not asked.
    fn may_match(&self, text: &str) -> bool {
        if self.literals.is_empty() || !text.is_ascii() {
            return true;
        }
        let mut rest = text.as_bytes();
        for (n, choice) in self.literals.iter().enumerate() {
            let front = n == 0 && self.front;
            // The choice that ends first leaves most for what follows.
            let ends = choice.iter().filter_map(|l| Some(find(rest, l.as_bytes(), front)? + l.len()));
            let Some(end) = ends.min() else { return false };
            rest = rest.get(end..).unwrap_or_default();
        }
        true
    }
}

/// Where a literal in lower case begins, compared without case; `front`: only at the first byte.
fn find(text: &[u8], literal: &[u8], front: bool) -> Option<usize> {
    let here = |at: usize| text.get(at..at + literal.len()).is_some_and(|t| t.eq_ignore_ascii_case(literal));
    if front {
        return here(0).then_some(0);
    }
    let initial = literal.first()?;
    memchr::memchr2_iter(*initial, initial.to_ascii_uppercase(), text).find(|at| here(*at))
}

/// The literals that every match of a pattern holds one behind the other (one of each list), in lower case, and whether
/// the first must stand in front.
fn telling(pattern: &str) -> (Vec<Vec<String>>, bool) {
    let none = (Vec::new(), false);
    let rest = ["(?i)", "(?is)"].iter().find_map(|f| pattern.strip_prefix(f)).unwrap_or(pattern);
    if alternates(rest) || rest.split("(?").skip(1).any(|g| !g.starts_with([':', 'P', '<'])) {
        return none;
    }
    let anchored = rest.starts_with('^');
    let (mut all, mut front) = (Vec::new(), false);
    let mut run = String::new();
    // Nothing but the anchor stood before the run.
    let mut first = anchored;
    let mut chars = rest.strip_prefix('^').unwrap_or(rest).chars().peekable();
    loop {
        let next = chars.next();
        let mut group = String::new();
        let literal = match next {
            Some('\\') => match chars.next() {
                Some(c) if c.is_ascii_punctuation() && !matches!(c, '<' | '>') => Some(c),
                Some('b' | 'B' | 'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'n' | 'r' | 't') => None,
                _ => return none,
            },
            Some('(') => {
                group = skip(&mut chars, '(', ')');
                None
            }
            Some('[') => {
                skip(&mut chars, '[', ']');
                None
            }
            Some(c) if c.is_ascii() && !"^$.|?*+)]{}".contains(c) => Some(c),
            _ => None,
        };
        if let Some(c) = literal {
            run.push(c.to_ascii_lowercase());
            continue;
        }
        if matches!(next, Some('?' | '*' | '{')) {
            run.pop();
        }
        if next == Some('{') {
            skip(&mut chars, '{', '}');
        }
        if run.len() >= TELLING {
            front |= first;
            all.push(vec![std::mem::take(&mut run)]);
        }
        run.clear();
        if !matches!(chars.peek(), Some('?' | '*' | '{')) {
            all.extend(words(&group));
        }
        first = false;
        if next.is_none() {
            break;
        }
    }
    (all, front)
}

/// The choices of a group if all of them are plain words that tell something.
fn words(group: &str) -> Option<Vec<String>> {
    let plain = |w: &&str| w.len() >= TELLING && w.bytes().all(|b| b.is_ascii_alphanumeric() || b" -_/".contains(&b));
    let choices: Vec<&str> = group.strip_prefix("?:").unwrap_or(group).split('|').collect();
    choices.iter().all(plain).then(|| choices.iter().map(|w| w.to_ascii_lowercase()).collect())
}

/// Passes over a group, a class or a count behind its first bracket; what stood in it.
fn skip(chars: &mut impl Iterator<Item = char>, open: char, close: char) -> String {
    let (mut depth, mut inside) = (1, String::new());
    while let Some(c) = chars.next() {
        match c {
            '\\' => inside.extend([c].into_iter().chain(chars.next())),
            c => inside.push(c),
        }
        depth += i32::from(c == open) - i32::from(c == close);
        if depth == 0 {
            break;
        }
    }
    inside.pop();
    inside
}

/// Whether a pattern has a choice outside of its groups.
fn alternates(pattern: &str) -> bool {
    let (mut depth, mut escaped) = (0_i32, false);
    for c in pattern.chars() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match c {
            '\\' => escaped = true,
            '(' => depth += 1,
            ')' => depth -= 1,
            '|' if depth <= 0 => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_in_every_match() {
        let is = |p, literals: &[&str], front| {
            let lists = literals.iter().map(|l| l.split('|').map(str::to_owned).collect()).collect();
            assert_eq!(telling(p), (lists, front), "{p}");
        };
        is("(?i)Token (is|has) expired", &["token ", " expired"], false);
        is(r"(?i)\btoken expired\b", &["token expired"], false);
        is("(?i)^x-rate-?limit: *0$", &["x-rate", "limit:"], true);
        is(r"^/api/4\.0/", &["/api/4.0/"], true);
        is(r"^/api/\d\.\d/login$", &["/api/", "/login"], true);
        is(r"^[a-z]+(/x)?/login\d{2}/ab{3}", &["/login"], false);
        is("(session|key)s? expired", &["session|key", " expired"], false);
        is("(?i)^server: *(Akamai|BIG-IP)$", &["server:", "akamai|big-ip"], true);
        is("(?:abc|def)?(abc|d.f)(ab|cde)(abc|def){0,2}x(a(bc|d)ef)", &[], false);
        is("(?is)Access.{0,6}Denied", &["access", "denied"], false);
        for none in ["abc|def", r"\x41abc", "(?x) a b c d", r"\p{L}abcd", "ab?", "a(?i)bcdef"] {
            is(none, &[], false);
        }
    }

    #[test]
    fn a_pattern_matches_what_its_expression_does() {
        let patterns = [
            "(?i)token (is|has) expired",
            r"(?i)\btoken expired\b",
            "(?i)^x-rate-?limit",
            r"^/api/4\.0/",
            "abc|^def",
            "[])]abc",
            "x(?P<n>y[)])?/abc",
            r"(?i)^\w+ (\D| )*expired",
            r"\p{L}/4",
            "(?i)^(token|x-rate|expired) ?(has|token|token e)?",
            "(?i)([^x]|K){2}ÿ?",
        ];
        let texts = [
            "",
            "x",
            "the Token has expired",
            "To\u{212a}en expired",
            "token",
            "X-RateLimit: 1",
            "x-rate-limit",
            " x-rate-limit",
            "/api/4.0/user",
            "/api/4.1",
            "a/api/4.0/",
            "def",
            "xabc",
            "é /api/4.0/",
            "token expired token",
            "expired token",
            "kk",
            "/é",
        ];
        for p in patterns {
            let (lazy, plain) = (Pattern::new(p).unwrap(), Regex::new(p).unwrap());
            for text in texts {
                assert_eq!(lazy.is_match(text), plain.is_match(text), "{p} on {text}");
                assert_eq!(lazy.find(text), plain.find(text).map(|m| (m.start(), m.end())), "{p} on {text}");
            }
        }
        assert!(Pattern::new("(").is_err() && Pattern::new(r"(\w{1000}){1000}").is_err());
        assert!(!Pattern::default().is_match("x"));
    }
}
