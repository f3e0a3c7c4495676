//! A regular expression that is compiled when it is first needed: most captures meet few of them.

mod literals;

use std::sync::OnceLock;

use regex::{Regex, bytes};
use serde::Deserialize;

use self::literals::{Way, ways};

/// A longer pattern, or one that counts, is compiled at once, so that one too big is an error of the file it stands in.
const SHORT: usize = 80;

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
