//! What servers say: one multi-pattern pass over an answer (rules.md section 3).

use std::sync::OnceLock;

use serde::Deserialize;

use super::class::Class;
use super::needles::{self, Found, Needles};
use super::pattern::Pattern;

/// Where a text stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Where {
    /// In the body.
    Body,
    /// In a challenge.
    Challenge,
    /// In another response header, as `name: value`.
    Header,
}

/// A text of the table, found in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// What it means.
    pub class: Class,
    /// Words that many servers share.
    pub weak: bool,
    /// Where it stood.
    pub place: Where,
    /// Its bytes in the scanned text.
    pub at: (usize, usize),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    trade: Vec<Box<str>>,
    row: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    class: Class,
    #[serde(default)]
    weak: bool,
    #[serde(default)]
    texts: Vec<String>,
    #[serde(default)]
    numbers: Vec<String>,
    #[serde(default)]
    regexes: Vec<String>,
    #[serde(default)]
    at: Option<String>,
}

struct Table {
    /// Words before `token` or `session` that make it one of the application's own trade.
    trade: Vec<Box<str>>,
    /// The texts, and behind them words of the expressions.
    search: Needles,
    /// Class, weak, number, place of each text.
    texts: Vec<(Class, bool, bool, Option<Where>)>,
    /// The expression of each word.
    words: Vec<usize>,
    /// Class, weak, place and pattern.
    regexes: Vec<(Class, bool, Option<Where>, Pattern)>,
    /// Expressions whose matches need not hold a word.
    wordless: Vec<usize>,
}

const DATA: &str = include_str!("messages.toml");

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let (rows, trade) = toml::from_str::<File>(DATA).map(|f| (f.row, f.trade)).unwrap_or_default();
        let place = |row: &Row| match row.at.as_deref() {
            Some("body") => Some(Where::Body),
            Some("challenge") => Some(Where::Challenge),
            Some("header") => Some(Where::Header),
            _ => None,
        };
        let (mut needles, mut texts, mut regexes) = (Vec::new(), Vec::new(), Vec::new());
        for row in &rows {
            for (list, number) in [(&row.texts, false), (&row.numbers, true)] {
                needles.extend(list.iter().map(String::as_str));
                texts.extend(list.iter().map(|_| (row.class, row.weak, number, place(row))));
            }
            regexes.extend(row.regexes.iter().map(|r| (row.class, row.weak, place(row), Pattern::unchecked(r))));
        }
        let (mut words, mut wordless) = (Vec::new(), Vec::new());
        for (n, (.., regex)) in regexes.iter().enumerate() {
            let Some(list) = regex.words(needles::LEAST) else {
                wordless.push(n);
                continue;
            };
            words.extend(list.iter().map(|_| n));
            needles.extend(list);
        }
        Table { trade, search: Needles::new(&needles), texts, words, regexes, wordless }
    })
}

impl Table {
    /// The first texts that occur, by their ends (of those with one end the longest first), and the expressions that may match.
    fn search(&self, text: &str) -> (Vec<Found>, Vec<bool>) {
        const MOST: usize = 256;
        let mut found: Vec<Found> = Vec::new();
        // Beyond ASCII letters have other spellings.
        let mut asked = vec![!text.is_ascii(); self.regexes.len()];
        let mut ask = |n: usize| asked.get_mut(n).into_iter().for_each(|a| *a = true);
        self.wordless.iter().for_each(|n| ask(*n));
        self.search.each(text.as_bytes(), |f| match f.needle.checked_sub(self.texts.len()) {
            None => found.push(f),
            Some(word) => self.words.get(word).into_iter().for_each(|n| ask(*n)),
        });
        found.sort_by_key(|f| (f.at.1, f.at.0, f.needle));
        found.truncate(MOST);
        (found, asked)
    }
}

/// Whether a word (lower case) before `token` or `session` says that it is one of the application's own trade.
pub fn of_trade(word: &str) -> bool {
    table().trade.iter().any(|w| **w == *word)
}

/// All texts of the table that occur in a text of an answer.
pub fn scan(text: &str, place: Where) -> Vec<Hit> {
    let table = table();
    let mut out: Vec<Hit> = Vec::new();
    let fits = |want: Option<Where>| want.map_or(place != Where::Header, |w| w == place);
    let (found, asked) = table.search(text);
    for found in found {
        let (start, end) = found.at;
        let Some((class, weak, number, want)) = table.texts.get(found.needle).copied() else { continue };
        if !fits(want) || number && !whole_number(text, start, end) {
            continue;
        }
        // "missing or invalid" says of neither that it is so.
        let both = class == Class::Missing && open(text, start, end);
        let (class, weak) = if both { (Class::Invalid, true) } else { (class, weak) };
        if !out.iter().any(|h| h.class == class && h.weak == weak) {
            out.push(Hit { class, weak, place, at: (start, end) });
        }
    }
    for ((class, weak, want, regex), _) in table.regexes.iter().zip(asked).filter(|(_, asked)| *asked) {
        if fits(*want)
            && !out.iter().any(|h| h.class == *class && h.weak <= *weak)
            && let Some(at) = regex.find(text)
        {
            let both = *class == Class::Missing && open(text, at.0, at.1);
            let (class, weak) = if both { (Class::Invalid, true) } else { (*class, *weak) };
            out.push(Hit { class, weak, place, at });
        }
    }
    out
}

/// Whether the words around a text leave open if a credential was absent or bad.
fn open(text: &str, start: usize, end: usize) -> bool {
    const AROUND: usize = 40;
    const WORDS: [&str; 12] = [
        "or invalid",
        "invalid or",
        "or is invalid",
        "token is invalid",
        ", invalid",
        "or expired",
        "expired or",
        "or incorrect",
        "or wrong",
        "or revoked",
        "or malformed",
        "or not valid",
    ];
    let floor = |at: usize| (0..=at).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
    let (from, to) = (floor(start.saturating_sub(AROUND)), floor((end + AROUND).min(text.len())));
    let near = text.get(from..to).unwrap_or_default().to_ascii_lowercase();
    WORDS.iter().any(|w| near.contains(w))
}

/// A number stands for an error code only as a whole run of digits, behind `AADSTS`, in `error_codes` or a `code`.
fn whole_number(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    if before.ends_with(|c: char| c.is_ascii_digit()) || after.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let near = before.get(before.len().saturating_sub(40)..).unwrap_or(before).to_ascii_lowercase();
    near.ends_with("aadsts")
        || near.contains("error_codes")
        || near.contains("\"code\"")
        || near.contains("error code")
        || near.contains("errorcode")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Profile, Reply, classes};

    fn first(text: &str) -> Option<Class> {
        let hits = scan(text, Where::Body);
        let reply = Reply {
            status: 401,
            body: text.into(),
            title: None,
            json: &|_| None,
            error: &|| false,
            login: false,
            grant: None,
            hits: &hits,
        };
        classes(Profile::generic(), &reply).first().map(|c| c.0)
    }

    #[test]
    fn the_data_is_read_whole() {
        let file: File = toml::from_str(DATA).unwrap();
        for r in file.row.iter().flat_map(|r| &r.regexes) {
            // Their sample texts are the words that other rows and tests have; both must find the same.
            let (plain, lazy) = (regex::Regex::new(r).unwrap(), Pattern::unchecked(r));
            for text in DATA.lines().chain(DATA.split('"')) {
                assert_eq!(lazy.find(text), plain.find(text).map(|m| (m.start(), m.end())), "{r} on {text}");
            }
        }
        assert!(table().texts.len() > 200);
        let texts = file.row.iter().flat_map(|r| r.texts.iter().chain(&r.numbers));
        assert!(texts.clone().all(|t| t.len() >= 4), "shorter texts are not searched for");
        let mut once = std::collections::BTreeSet::new();
        for row in &file.row {
            for text in row.texts.iter().chain(&row.numbers) {
                let new = once.insert((format!("{:?}", row.class), row.weak, row.at.clone(), text.to_lowercase()));
                assert!(new, "{text:?} stands twice among the same texts; case makes no difference");
            }
        }
    }

    #[test]
    fn the_more_telling_class_wins() {
        assert_eq!(
            first(r#"{"error":"invalid_token","error_description":"The access token expired"}"#),
            Some(Class::Expired)
        );
        assert_eq!(first(r#"{"error":"invalid_token"}"#), Some(Class::Invalid));
        assert_eq!(first("Invalid audience"), Some(Class::Audience));
        assert_eq!(first("nothing to see"), None);
        // Neither is said.
        for text in ["Access token is missing or invalid", "No token provided or token is invalid"] {
            assert_eq!(first(text), Some(Class::Invalid), "{text}");
        }
        assert_eq!(first("Access token is missing"), Some(Class::Missing));
    }

    #[test]
    fn an_expiry_that_is_left_open_is_none() {
        for text in
            ["The key is unknown or expired", "invalid or expired session", "grant is invalid, expired, or revoked"]
        {
            assert_eq!(first(text), Some(Class::AmbiguousExpired), "{text}");
        }
        for text in
            ["The OAuth token used to make this call expired 12 minute(s) ago.", "your session expired at 10:00"]
        {
            assert_eq!(first(text), Some(Class::Expired), "{text}");
        }
        assert_eq!(first("Timestamp out of bounds."), Some(Class::Skew));
    }

    #[test]
    fn sentences_that_say_it_in_other_words() {
        for (text, class) in [
            ("Token was issued for a different audience", Class::Audience),
            ("Please supply your API key with every request", Class::Missing),
            ("This token needs one of the following scopes: projects.write", Class::Scope),
            ("Please re-authenticate with a second factor to continue", Class::StepUp),
            ("Daily quota exhausted, resets in 3 h", Class::Rate),
            ("This API key has expired", Class::Expired),
            ("must be logged in to perform that action", Class::Missing),
            ("You have enabled multifactor authentication but no OTP code provided.", Class::StepUp),
            ("Either the credentials are wrong, or your access token has expired", Class::AmbiguousExpired),
            ("The Personal Access Token used has expired.", Class::Expired),
            ("Unauthorized IP address: 192.0.2.7", Class::Intermediary),
            ("Specified time stamp or date value is expired.", Class::Skew),
        ] {
            assert_eq!(first(text), Some(class), "{text}");
        }
        for text in ["Please provide a valid token", "a telescope is required", "the limit of the page is 100"] {
            assert_eq!(first(text), None, "{text}");
        }
    }

    #[test]
    fn header_fields_of_an_intermediary_are_hits_of_their_place() {
        let hit = |line: &str| scan(line, Where::Header).first().map(|h| (h.class, h.weak));
        assert_eq!(hit("server: AkamaiGHost"), Some((Class::Intermediary, false)));
        assert_eq!(hit("cf-ray: 8c2f0b63cb0f-FRA"), Some((Class::Intermediary, true)));
        assert_eq!(hit("via: 1.1 google"), Some((Class::Intermediary, true)));
        assert_eq!(hit("ratelimit: \"default\";r=0;t=30"), Some((Class::Rate, false)));
        assert_eq!(hit("x-ratelimit-remaining: 4999"), None);
        assert_eq!(hit("cf-ray: 1"), Some((Class::Intermediary, true)));
        assert_eq!(hit("server: nginx"), None);
        assert!(scan("cf-ray: 8c2f0b63cb0f-FRA", Where::Body).is_empty());
    }

    #[test]
    fn numbers_are_whole_runs() {
        assert_eq!(first("AADSTS70008: expired"), Some(Class::Refresh));
        assert_eq!(first("AADSTS700082: expired"), Some(Class::Refresh));
        assert_eq!(first("AADSTS7000218: body must contain"), Some(Class::Client));
        assert_eq!(first("ticket 50126"), None);
    }
}
