//! Times, addresses, request lines and credentials as logs write them.

use std::net::{IpAddr, SocketAddr};

use memchr::{memchr, memrchr};

use crate::http::{Time, parse_iso};

/// The time of common log format, `05/May/2026:09:48:34 +0000`, also with a fraction and without a zone (then UTC).
pub(crate) fn clf_time(text: &[u8]) -> Option<Time> {
    let [d1, d2, b'/', m1, m2, m3, b'/', year @ ..] = text else { return None };
    let (year, clock) = year.split_at_checked(4)?;
    let [b':', h1, h2, b':', n1, n2, b':', s1, s2, rest @ ..] = clock else { return None };
    let month = match [*m1, *m2, *m3] {
        [b'J', b'a', b'n'] => 1,
        [b'F', b'e', b'b'] => 2,
        [b'M', b'a', b'r'] => 3,
        [b'A', b'p', b'r'] => 4,
        [b'M', b'a', b'y'] => 5,
        [b'J', b'u', b'n'] => 6,
        [b'J', b'u', b'l'] => 7,
        [b'A', b'u', b'g'] => 8,
        [b'S', b'e', b'p'] => 9,
        [b'O', b'c', b't'] => 10,
        [b'N', b'o', b'v'] => 11,
        [b'D', b'e', b'c'] => 12,
        _ => return None,
    };
    let (fraction, zone) = fraction(rest);
    let days = days(digits(year)?, month, digits(&[*d1, *d2])?);
    let clock = digits(&[*h1, *h2])? * 3600 + digits(&[*n1, *n2])? * 60 + digits(&[*s1, *s2])?;
    Some(Time::from_secs(days * 86_400 + clock - offset(zone)?).plus(fraction))
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
}

/// Microseconds of `.123`, and what follows.
fn fraction(text: &[u8]) -> (i64, &[u8]) {
    let Some(text) = text.strip_prefix(b".") else { return (0, text) };
    let end = text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    let (part, rest) = text.split_at_checked(end).unwrap_or((text, &[]));
    let six = (0..6).fold(0, |n, i| n * 10 + part.get(i).map_or(0, |b| i64::from(b - b'0')));
    (six, rest)
}

fn offset(zone: &[u8]) -> Option<i64> {
    match zone {
        [] => Some(0),
        [b' ', sign @ (b'+' | b'-'), hhmm @ ..] if hhmm.len() == 4 => {
            let n = digits(hhmm)?;
            let secs = (n / 100) * 3600 + (n % 100) * 60;
            Some(if *sign == b'-' { -secs } else { secs })
        }
        _ => None,
    }
}

/// Days since 1970-01-01 of a date (Gregorian, Hinnant's algorithm).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

/// A time in any spelling of a log: common log format, ISO 8601, seconds or smaller units since 1970.
pub(crate) fn any_time(text: &[u8]) -> Option<Time> {
    // Before 1990: a unit that was mistaken, or a clock that was not set.
    spelled(text).filter(|t| t.secs() > 631_152_000)
}

fn spelled(text: &[u8]) -> Option<Time> {
    if let Some(t) = clf_time(text) {
        return Some(t);
    }
    let text = std::str::from_utf8(text).ok()?.trim();
    if text.starts_with(|c: char| c.is_ascii_digit()) && text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return epoch(text);
    }
    // Shortest: `2026-05-05T09:47`.
    if text.len() < 16 || !text.is_char_boundary(5) || text.as_bytes().get(4).is_none_or(|b| !matches!(b, b'-' | b'/'))
    {
        return None;
    }
    parse_iso(text).or_else(|| parse_iso(&text.replace('/', "-").replace(',', ".")))
}

fn epoch(text: &str) -> Option<Time> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let n: i64 = whole.parse().ok()?;
    let micros = match whole.len() {
        9..=11 => {
            let (part, _) = fraction_of(fraction);
            n.checked_mul(1_000_000)?.checked_add(part)?
        }
        12..=14 => n.checked_mul(1000)?,
        15..=17 => n,
        18..=19 => n / 1000,
        _ => return None,
    };
    Some(Time(micros))
}

fn fraction_of(text: &str) -> (i64, usize) {
    let six = (0..6).fold(0, |n, i| {
        n * 10 + text.as_bytes().get(i).filter(|b| b.is_ascii_digit()).map_or(0, |b| i64::from(b - b'0'))
    });
    (six, text.len())
}

/// The address of `1.2.3.4`, `1.2.3.4:567`, `::1`, `[::1]:567`, without the port.
pub(crate) fn address(word: &[u8]) -> Option<&[u8]> {
    if ipv4(word) {
        return Some(word);
    }
    if word.len() < 2 || word.len() > 52 || !word.iter().all(|b| b.is_ascii_hexdigit() || b".:[]%".contains(b)) {
        return None;
    }
    let text = std::str::from_utf8(word).ok()?;
    if text.parse::<IpAddr>().is_ok() {
        return Some(word);
    }
    if text.parse::<SocketAddr>().is_ok() {
        let end = memrchr(b':', word)?;
        let host = word.get(..end)?;
        return Some(host.strip_prefix(b"[").and_then(|h| h.strip_suffix(b"]")).unwrap_or(host));
    }
    None
}

/// The common case, without the general parser.
fn ipv4(word: &[u8]) -> bool {
    let mut parts = 0;
    let good = word.split(|b| *b == b'.').all(|part| {
        parts += 1;
        match part {
            [a] => a.is_ascii_digit(),
            [b'1'..=b'9', b] => b.is_ascii_digit(),
            [b'1', b, c] | [b'2', b @ b'0'..=b'4', c] => b.is_ascii_digit() && c.is_ascii_digit(),
            [b'2', b'5', c] => matches!(c, b'0'..=b'5'),
            _ => false,
        }
    });
    good && parts == 4
}

/// Whether a word can be the name of a host, with or without a port.
pub(crate) fn host_name(word: &[u8]) -> bool {
    let (name, port) = match memrchr(b':', word).and_then(|at| word.split_at_checked(at)) {
        Some((name, port)) => (name, port.get(1..).unwrap_or_default()),
        None => (word, &b"1"[..]),
    };
    let named = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    (memchr(b'.', name).is_some() || name == b"localhost" || name.len() < word.len())
        && !name.is_empty()
        && name.iter().all(named)
        && name.iter().any(u8::is_ascii_alphabetic)
        && !port.is_empty()
        && port.iter().all(u8::is_ascii_digit)
}

/// A status code of three digits.
pub(crate) fn status(word: &[u8]) -> Option<u16> {
    let [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9'] = word else { return None };
    let n = u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0');
    (n < 600).then_some(n)
}

/// Whether a log wrote that there is nothing.
pub(crate) fn nothing(value: &[u8]) -> bool {
    matches!(value, b"" | b"-" | b"null" | b"(empty)")
}

/// Method, target and version of `GET /path HTTP/1.1`; the version may be missing.
pub(crate) fn request_line(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = memchr(b' ', text)?;
    let (method, rest) = text.split_at_checked(space)?;
    let method_like = |b: &u8| b.is_ascii_uppercase() || matches!(b, b'-' | b'_');
    if method.is_empty() || method.len() > 24 || !method.iter().all(method_like) {
        return None;
    }
    let rest = rest.trim_ascii_start();
    let (target, version) = match memrchr(b' ', rest).and_then(|at| rest.split_at_checked(at)) {
        Some((target, version)) if version.starts_with(b" HTTP/") => (target, version.get(1..).unwrap_or_default()),
        _ => (rest, Default::default()),
    };
    Some((method, target.trim_ascii_end(), version))
}

/// What an unnamed value of a log is by its own shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An `Authorization` value: a scheme and a credential.
    Credential,
    /// A `WWW-Authenticate` value.
    Challenge,
    /// A list of addresses.
    Addresses,
    Other,
}

/// Whether the first parameter behind a scheme is one of a challenge.
fn challenges(rest: &[u8]) -> bool {
    const FIRST: [&[u8]; 6] = [b"realm=", b"error=", b"scope=", b"authorization_uri=", b"charset=", b"algs="];
    let head = rest.get(..18).unwrap_or(rest);
    let Some(name) = memchr(b'=', head).and_then(|at| head.get(..=at)) else { return false };
    FIRST.iter().any(|f| name.eq_ignore_ascii_case(f))
}

/// The shape of an unnamed value.
pub(crate) fn shape(value: &[u8]) -> Shape {
    // Agents and referers begin otherwise, mostly.
    let first = value.first().map_or(0, u8::to_ascii_lowercase);
    if !matches!(first, b'a'..=b'f' | b'j' | b'h' | b'n' | b't' | b'0'..=b'9' | b':' | b'[') {
        return Shape::Other;
    }
    let (scheme, rest) = match memchr(b' ', value).and_then(|at| value.split_at_checked(at)) {
        Some((scheme, rest)) => (scheme, rest.trim_ascii()),
        None => (value, Default::default()),
    };
    if scheme.len() < 4 || scheme.len() > 20 {
        return Shape::Other;
    }
    let mut lower = [0; 20];
    let lower = lower.get_mut(..scheme.len()).unwrap_or_default();
    lower.copy_from_slice(scheme);
    lower.make_ascii_lowercase();
    match &*lower {
        b"bearer" | b"basic" | b"digest" | b"negotiate" | b"ntlm" | b"dpop" => {
            // A bare scheme may be either: an empty credential or a challenge without parameters.
            return if challenges(rest) {
                Shape::Challenge
            } else if rest.is_empty() {
                Shape::Other
            } else {
                Shape::Credential
            };
        }
        b"token" | b"apikey" | b"aws4-hmac-sha256" | b"hawk" if !rest.is_empty() => return Shape::Credential,
        _ => {}
    }
    let mut parts = value.split(|b| *b == b',').map(<[u8]>::trim_ascii);
    if parts.all(|p| address(p) == Some(p)) { Shape::Addresses } else { Shape::Other }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::parse_clf;

    #[test]
    fn times() {
        for t in ["05/May/2026:09:48:34 +0000", "29/Feb/2024:23:59:59 -0730", "01/Jan/1969:00:00:00 +0100"] {
            assert_eq!(clf_time(t.as_bytes()), parse_clf(t), "{t}");
        }
        assert_eq!(clf_time(b"14/Jan/2015:12:48:57.127"), Some(Time::from_secs(1_421_239_737).plus(127_000)));
        assert_eq!(any_time(b"1795252477.806"), Some(Time(1_795_252_477_806_000)));
        assert_eq!(any_time(b"1795252477806"), any_time(b"1795252477.806"));
        assert_eq!(any_time(b"2026/11/21 09:12:07.876"), any_time(b"2026-11-21T09:12:07.876Z"));
        for none in ["40/May/x", "200", "1/2/3", "", "2026-99-99T00:00:00Z"] {
            assert_eq!(any_time(none.as_bytes()), None, "{none}");
        }
    }

    #[test]
    fn words() {
        for (word, is) in [
            ("1.2.3.4", true),
            ("255.249.10.0", true),
            ("256.1.1.1", false),
            ("01.2.3.4", false),
            ("1.2.3", false),
            ("", false),
        ] {
            assert_eq!(ipv4(word.as_bytes()), is, "{word}");
            assert_eq!(word.parse::<std::net::Ipv4Addr>().is_ok(), is, "{word}");
        }
        assert_eq!(address(b"127.0.0.1:80"), Some(&b"127.0.0.1"[..]));
        assert_eq!(address(b"[2001:db8::1]:443"), Some(&b"2001:db8::1"[..]));
        assert_eq!(address(b"2001:db8::1"), Some(&b"2001:db8::1"[..]));
        assert_eq!(address(b"0.001"), None);
        assert!(host_name(b"acme.example.com:80") && host_name(b"localhost") && !host_name(b"haproxy[1]:"));
        assert!(!host_name(b"09:11:34") && !host_name(b"|"));
        assert_eq!(request_line(b"GET /a b HTTP/2.0"), Some((&b"GET"[..], &b"/a b"[..], &b"HTTP/2.0"[..])));
        assert_eq!(request_line(b"GARBAGE"), None);
        assert_eq!(status(b"401"), Some(401));
        assert_eq!(status(b"999"), None);
    }

    #[test]
    fn shapes() {
        assert_eq!(shape(b"Bearer abc"), Shape::Credential);
        assert_eq!(shape(br"Bearer realm=\x22api\x22"), Shape::Challenge);
        assert_eq!(shape(b"203.0.113.7, 10.0.0.1"), Shape::Addresses);
        assert_eq!(shape(b"Mozilla/5.0 (X11)"), Shape::Other);
        assert_eq!(shape(b"-"), Shape::Other);
    }
}
