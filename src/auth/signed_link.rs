//! Signed links: the end of their life, as their query names it.

use super::signed_time::instant;
use crate::http::Time;

/// The life of a signed link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// When it was made, if the link says so.
    pub start: Option<Time>,
    /// When it ends.
    pub end: Time,
    /// The parameter that sets the end, as written.
    pub name: String,
}

/// Signatures in a query: a link with one of them brings its own credential.
const SIGNATURES: [&str; 6] =
    ["q-signature", "x-amz-signature", "x-goog-signature", "x-oss-signature", "signature", "sig"];
/// What may be one where an end stands beside it.
const LIKE_SIGNATURES: [&str; 5] = ["hmac", "hash", "sign", "st_sig", "x-signature"];
/// Parameters that name the end as a point in time.
const ENDS: [&str; 7] = ["se", "expires", "exp", "expiry", "expires_at", "valid_until", "e"];

/// Whether a query parameter of this name is the signature of a link.
pub fn is_signature(name: &str) -> bool {
    SIGNATURES.iter().any(|s| name.eq_ignore_ascii_case(s))
}

/// Reads the life of a link from its query pairs; `None` if it is not signed or names no end.
pub fn window<'q>(pairs: impl Iterator<Item = (&'q str, String)>) -> Option<Window> {
    let all: Vec<(String, &str, String)> = pairs.map(|(n, v)| (n.to_ascii_lowercase(), n, v)).collect();
    let get = |name: &str| all.iter().find(|(lower, _, _)| lower == name);
    SIGNATURES.iter().chain(&LIKE_SIGNATURES).find_map(|n| get(n)).filter(|(_, _, v)| v.len() >= 16)?;
    for vendor in ["x-amz", "x-goog", "x-oss"] {
        let (Some(date), Some(life)) = (get(&format!("{vendor}-date")), get(&format!("{vendor}-expires"))) else {
            continue;
        };
        let start = instant(&date.2)?;
        let secs = life.2.trim().parse::<i64>().ok().filter(|s| (0..=10_000_000).contains(s))?;
        return Some(Window { start: Some(start), end: start.plus_secs(secs), name: life.1.to_owned() });
    }
    // Tencent COS: `q-sign-time=start;end`.
    if let Some((_, name, value)) = get("q-sign-time") {
        let (start, end) = value.split_once(';')?;
        return Some(Window { start: instant(start), end: instant(end)?, name: (*name).to_owned() });
    }
    let (_, name, value) = ENDS.iter().find_map(|n| get(n))?;
    let start = get("st").and_then(|(_, _, v)| instant(v));
    Some(Window { start, end: instant(value)?, name: (*name).to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str) -> Option<Window> {
        let pairs = super::super::form::pairs(query.as_bytes());
        window(pairs.iter().map(|p| (p.name.as_ref(), String::from_utf8_lossy(&p.value).into_owned())))
    }

    #[test]
    fn links_of_several_makers() {
        let sig = "0123456789abcdef0123456789abcdef";
        let w = of(&format!("X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-Signature={sig}")).unwrap();
        assert_eq!((w.end.secs(), w.name.as_str()), (1_369_440_000, "X-Amz-Expires"));
        let w = of(&format!("X-Goog-Date=20130524T000000Z&X-Goog-Expires=60&X-Goog-Signature={sig}")).unwrap();
        assert_eq!(w.end.secs(), 1_369_353_660);
        let w = of(&format!("sv=2022-11-02&st=2026-05-05T09:00:00Z&se=2026-05-05T10%3A00%3A00Z&sr=b&sp=r&sig={sig}"))
            .unwrap();
        assert_eq!((w.end.secs(), w.start.map(Time::secs)), (1_777_975_200, Some(1_777_971_600)));
        let w = of(&format!("expires=1777975200&signature={sig}")).unwrap();
        assert_eq!(w.end.secs(), 1_777_975_200);
        let w = of(&format!("q-sign-time=1777970000%3B1777975200&q-signature={sig}")).unwrap();
        assert_eq!((w.end.secs(), w.name.as_str()), (1_777_975_200, "q-sign-time"));
        assert_eq!(of("expires=1777975200&page=2"), None);
        assert_eq!(of(&format!("expires=never&signature={sig}")), None);
    }
}
