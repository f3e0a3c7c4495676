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
    /// What matches hold: all of one of these.
    ways: Vec<Way>,
    ascii: OnceLock<Option<bytes::Regex>>,
    regex: OnceLock<Option<Regex>>,
}

/// What the matches of one choice of an expression hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Way {
    /// In this order, in lower case: one of each list. None: nothing is known.
    literals: Vec<Vec<String>>,
    /// The first of them stands at the text's first byte.
    front: bool,
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
        Self { text: text.to_owned(), ways: ways(text), ascii: OnceLock::new(), regex: OnceLock::new() }
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

    /// Words of at least `least` bytes, in lower case, of which every ASCII text that matches holds one; `None` if some match
    /// need not hold any.
    pub(super) fn words(&self, least: usize) -> Option<Vec<&str>> {
        let mut all = Vec::new();
        for way in &self.ways {
            let shortest = |list: &[String]| list.iter().map(String::len).min().unwrap_or(0);
            let best = way.literals.iter().max_by_key(|list| shortest(list)).filter(|list| shortest(list) >= least)?;
            all.extend(best.iter().map(String::as_str));
        }
        Some(all)
    }

    fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| Regex::new(&self.text).ok()).as_ref()
    }

    /// The expression for ASCII text, if this is one; a pattern that names scripts has none.
    fn plain(&self, text: &str) -> Option<&bytes::Regex> {
        let plain = || bytes::RegexBuilder::new(&self.text).unicode(false).build().ok();
        (text.is_ascii() && self.text.is_ascii()).then(|| self.ascii.get_or_init(plain).as_ref())?
    }

    /// Whether the text has what any match holds. Beyond ASCII letters have other spellings: there it is not asked.
    fn may_match(&self, text: &str) -> bool {
        !text.is_ascii() || self.ways.iter().any(|w| w.may_match(text))
    }
}

impl Way {
    fn may_match(&self, text: &str) -> bool {
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

/// What the matches of a pattern hold, for each choice outside of its groups.
fn ways(pattern: &str) -> Vec<Way> {
    let rest = ["(?i)", "(?is)"].iter().find_map(|f| pattern.strip_prefix(f)).unwrap_or(pattern);
    if rest.split("(?").skip(1).any(|g| !g.starts_with([':', 'P', '<'])) {
        return vec![Way::default()];
    }
    choices(rest).into_iter().map(|c| telling(c).unwrap_or_default()).collect()
}

/// The literals that every match of one choice holds one behind the other (one of each list), in lower case, and whether
/// the first must stand in front; `None` if it has what is not understood here.
fn telling(choice: &str) -> Option<Way> {
    let mut way = Way::default();
    let mut run = String::new();
    // Nothing but the anchor stood before the run.
    let mut first = choice.starts_with('^');
    let mut chars = choice.strip_prefix('^').unwrap_or(choice).chars().peekable();
    loop {
        let next = chars.next();
        let mut group = String::new();
        let literal = match next {
            Some('\\') => match chars.next() {
                Some('x') => Some(byte(&mut chars)?),
                Some(c) if c.is_ascii_punctuation() && !matches!(c, '<' | '>') => Some(c),
                Some('b' | 'B' | 'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'n' | 'r' | 't') => None,
                _ => return None,
            },
            Some('(') => {
                group = skip(&mut chars, '(', ')');
                None
            }
            Some('[') => {
                skip(&mut chars, '[', ']');
                None
            }
            Some(c) if !"^$.|?*+)]{}".contains(c) => Some(c),
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
            way.front |= first;
            way.literals.push(vec![std::mem::take(&mut run)]);
        }
        run.clear();
        if !matches!(chars.peek(), Some('?' | '*' | '{')) {
            way.literals.extend(words(&group));
        }
        first = false;
        if next.is_none() {
            return Some(way);
        }
    }
}

/// `\x27`: an ASCII character by its number.
fn byte(chars: &mut impl Iterator<Item = char>) -> Option<char> {
    let number = chars.next()?.to_digit(16)? * 16 + chars.next()?.to_digit(16)?;
    char::from_u32(number).filter(char::is_ascii)
}

/// A word of each choice of a group, if each has one that tells something.
fn words(group: &str) -> Option<Vec<String>> {
    let group = group.strip_prefix("?:").unwrap_or(group);
    if group.is_empty() || group.starts_with('?') {
        return None;
    }
    let word = |c: &str| telling(c)?.literals.into_iter().find_map(|l| <[String; 1]>::try_from(l).ok()).map(|[w]| w);
    choices(group).into_iter().map(word).collect()
}

/// Passes over a group, a class or a count behind its first bracket; what stood in it.
fn skip(chars: &mut impl Iterator<Item = char>, open: char, close: char) -> String {
    let (mut depth, mut inside) = (1, String::new());
    let mut class = Class { since: (open == '[').then_some(0) };
    while let Some(c) = chars.next() {
        if c == '\\' {
            inside.extend([c].into_iter().chain(chars.next()));
            class.escape();
            continue;
        }
        inside.push(c);
        let plain = !class.holds(c);
        depth += i32::from(plain && c == open) - i32::from(plain && c == close);
        if depth == 0 || open == '[' && class.since.is_none() {
            break;
        }
    }
    inside.pop();
    inside
}

/// Whether a character stands in a class.
#[derive(Default)]
struct Class {
    /// Characters since its bracket; a bracket right behind that, or behind `^`, is one of its own.
    since: Option<usize>,
}

impl Class {
    fn holds(&mut self, c: char) -> bool {
        match (self.since, c) {
            (None, '[') => self.since = Some(0),
            (None, _) => return false,
            (Some(0), '^') => {}
            (Some(1..), ']') => self.since = None,
            (Some(n), _) => self.since = Some(n + 1),
        }
        true
    }

    fn escape(&mut self) {
        self.since = self.since.map(|n| n + 1);
    }
}

/// The choices of an expression outside of its groups.
fn choices(expression: &str) -> Vec<&str> {
    let (mut depth, mut escaped, mut from, mut class) = (0_i32, false, 0, Class::default());
    let mut all = Vec::new();
    for (at, c) in expression.char_indices() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        if c == '\\' {
            escaped = true;
            class.escape();
            continue;
        }
        if class.holds(c) {
            continue;
        }
        depth += i32::from(c == '(') - i32::from(c == ')');
        if c == '|' && depth == 0 {
            all.push(expression.get(from..at).unwrap_or_default());
            from = at + 1;
        }
    }
    all.push(expression.get(from..).unwrap_or_default());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_in_every_match() {
        let way = |literals: &[&str], front| {
            let lists = literals.iter().map(|l| l.split('|').map(str::to_owned).collect()).collect();
            Way { literals: lists, front }
        };
        let is = |p, literals: &[&str], front| assert_eq!(ways(p), [way(literals, front)], "{p}");
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
        is(r"(?i)(bad|unrecogni[sz]ed)[ _](api[ _-]?)?token\b", &["bad|unrecogni", "token"], false);
        is(r"\bexpir(é|ed)ux", &["expir"], false);
        is("([)]abc|def)x(?P<name>yes)", &["abc|def"], false);
        is("[]|)]abc[^]|(]", &["abc"], false);
        assert_eq!(
            ways(r"(?i)\x27abc|^def|新しい|(gh|ijk)"),
            [way(&["'abc"], false), way(&["def"], true), way(&["新しい"], false), way(&[], false)]
        );
        for none in ["(?x) a b c d", r"\p{L}abcd", "ab?", "a(?i)bcdef"] {
            is(none, &[], false);
        }
    }

    /// Patterns that any text may match are compiled for every capture; each costs a start-up.
    #[test]
    fn patterns_of_the_table_are_told_from_most_texts() {
        let table: toml::Table = toml::from_str(include_str!("messages.toml")).unwrap();
        let rows = table["row"].as_array().unwrap();
        let all: Vec<&str> = rows
            .iter()
            .filter_map(|r| r.get("regexes")?.as_array())
            .flat_map(|l| l.iter().map(|p| p.as_str().unwrap()))
            .collect();
        let open: Vec<&&str> = all.iter().filter(|p| ways(p).iter().any(|w| w.literals.is_empty())).collect();
        assert!(all.len() > 100 && open.is_empty(), "{open:#?}");
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
            "(?i)(token|[)]x|é) expired|^(user|/api)|rate.?limit",
            r"(?i)\x65xpired|x[]|)]|(to|has)ken",
            "[^]abc]{2}(x|y)|x[[:alpha:]]",
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
