//! Cookies (RFC 6265bis): the Cookie and Set-Cookie fields, and whether a cookie belongs to a request.

use std::ops::Range;
use std::sync::OnceLock;

use crate::http::{Time, parse_http_date};

/// One pair of a Cookie field, by place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Its name.
    pub name: Range<usize>,
    /// Its value, quotes left out.
    pub value: Range<usize>,
}

/// Splits a Cookie field.
pub fn parse_cookies(value: &[u8]) -> Vec<Pair> {
    let mut out = Vec::new();
    let mut start = 0;
    for piece in value.split(|b| *b == b';') {
        let at = start;
        start += piece.len() + 1;
        let Some(eq) = memchr::memchr(b'=', piece) else { continue };
        out.push(Pair {
            name: trim(value, at..at + eq),
            value: unquote(value, trim(value, at + eq + 1..at + piece.len())),
        });
    }
    out
}

fn trim(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let part = bytes.get(range.clone()).unwrap_or_default();
    let start = range.start + part.len() - part.trim_ascii_start().len();
    start..start + part.trim_ascii().len()
}

fn unquote(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let part = bytes.get(range.clone()).unwrap_or_default();
    if part.len() >= 2 && part.starts_with(b"\"") && part.ends_with(b"\"") {
        return range.start + 1..range.end - 1;
    }
    range
}

/// A parsed Set-Cookie field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetCookie {
    /// Its name.
    pub name: String,
    /// Where its value stands.
    pub value_at: Range<usize>,
    /// `Domain`, lower case, without a leading dot.
    pub domain: Option<String>,
    /// `Path`.
    pub path: Option<String>,
    /// `Secure`.
    pub secure: bool,
    /// `HttpOnly`.
    pub http_only: bool,
    /// `SameSite`, lower case.
    pub same_site: Option<String>,
    /// `Expires`.
    pub expires: Option<Time>,
    /// `Max-Age` in seconds.
    pub max_age: Option<i64>,
    /// It deletes the cookie.
    pub deletes: bool,
}

/// Parses a Set-Cookie field; `None` if it has no `name=`.
pub fn parse_set_cookie(value: &[u8]) -> Option<SetCookie> {
    let end = memchr::memchr(b';', value).unwrap_or(value.len());
    let eq = memchr::memchr(b'=', value.get(..end)?)?;
    let name = String::from_utf8_lossy(value.get(..eq)?).trim().to_owned();
    let mut out = SetCookie { name, value_at: unquote(value, trim(value, eq + 1..end)), ..SetCookie::default() };
    for attribute in value.get(end..)?.split(|b| *b == b';') {
        let text = String::from_utf8_lossy(attribute);
        let (key, val) = text.split_once('=').unwrap_or((&text, ""));
        set(&mut out, &key.trim().to_ascii_lowercase(), val.trim());
    }
    let past = out.expires.is_some_and(|t| t.secs() < 1_000_000_000);
    out.deletes = out.max_age.is_some_and(|m| m <= 0) || past || out.value_at.is_empty();
    Some(out)
}

fn set(out: &mut SetCookie, key: &str, val: &str) {
    match key {
        "domain" if !val.is_empty() => out.domain = Some(val.trim_start_matches('.').to_ascii_lowercase()),
        "path" if val.starts_with('/') => out.path = Some(val.to_owned()),
        "secure" => out.secure = true,
        "httponly" => out.http_only = true,
        "samesite" => out.same_site = Some(val.to_ascii_lowercase()),
        "expires" => out.expires = parse_http_date(&val.replace('-', " ")).or_else(|| parse_http_date(val)),
        "max-age" => out.max_age = val.parse().ok(),
        _ => {}
    }
}

impl SetCookie {
    /// Whether the cookie, set by `host`, goes to `other` (RFC 6265 5.1.3).
    pub fn domain_fits(&self, host: &str, other: &str) -> bool {
        match &self.domain {
            Some(d) => other == d || other.strip_suffix(d.as_str()).is_some_and(|h| h.ends_with('.')),
            None => host == other,
        }
    }

    /// Whether the cookie, set by `set_path`, goes to `path` (RFC 6265 5.1.4).
    pub fn path_fits(&self, set_path: &str, path: &str) -> bool {
        let own = self.path.as_deref().unwrap_or_else(|| default_path(set_path));
        path == own || path.strip_prefix(own).is_some_and(|rest| own.ends_with('/') || rest.starts_with('/'))
    }
}

fn default_path(path: &str) -> &str {
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(i) => path.get(..i).unwrap_or("/"),
    }
}

/// What names of cookies tell (`cookies.toml`).
#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Names {
    sessions: Vec<Box<str>>,
    session_starts: Vec<Box<str>>,
    session_ends: Vec<Box<str>>,
    others: Vec<Box<str>>,
    settings: Vec<Box<str>>,
}

fn names() -> &'static Names {
    static NAMES: OnceLock<Names> = OnceLock::new();
    NAMES.get_or_init(|| toml::from_str(include_str!("cookies.toml")).unwrap_or_default())
}

/// Anti-forgery, balancer, shield and analytics cookies: no sessions, whoever sets them.
pub fn housekeeping(name: &str) -> bool {
    of_housekeeping(&name.to_ascii_lowercase())
}

fn of_housekeeping(lower: &str) -> bool {
    let names = names();
    names.others.iter().any(|s| lower.starts_with(&**s)) || names.settings.iter().any(|w| lower.contains(&**w))
}

/// Whether a cookie of this name is likely a session (rules.md 2.4).
pub fn session_like(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let names = names();
    let called = names.sessions.iter().any(|w| lower.contains(&**w))
        || names.session_starts.iter().any(|s| lower.starts_with(&**s))
        || names.session_ends.iter().any(|s| lower.ends_with(&**s));
    called && !of_housekeeping(&lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_and_matching() {
        let c =
            parse_set_cookie(b"sid=abc; Path=/app; Domain=.Example.test; Secure; HttpOnly; SameSite=Lax; Max-Age=60")
                .unwrap();
        assert_eq!((c.name.as_str(), c.value_at.clone(), c.max_age), ("sid", 4..7, Some(60)));
        assert!(c.secure && c.http_only && !c.deletes);
        assert!(c.domain_fits("www.example.test", "api.example.test") && !c.domain_fits("a", "badexample.test"));
        assert!(c.path_fits("/", "/app/x") && !c.path_fits("/", "/apple") && !c.path_fits("/", "/api"));
        assert!(parse_set_cookie(b"sid=; Max-Age=0").unwrap().deletes);
        assert!(parse_set_cookie(b"a=b; Expires=Thu, 01-Jan-1970 00:00:00 GMT").unwrap().deletes);
    }

    #[test]
    fn pairs() {
        let v = b"a=1; b=\"x y\" ;c";
        let got: Vec<_> = parse_cookies(v).into_iter().map(|p| (&v[p.name], &v[p.value])).collect();
        assert_eq!(got, [(&b"a"[..], &b"1"[..]), (b"b", b"x y")]);
        assert!(session_like("connect.sid") && session_like("JSESSIONID") && !session_like("XSRF-TOKEN"));
        assert!(!session_like("_hjSession_12") && !session_like(".AspNetCore.Antiforgery.x") && session_like("sid"));
        assert!(session_like("iPlanetDirectoryPro") && session_like("MYSAPSSO2") && !session_like("logged_in"));
    }
}
