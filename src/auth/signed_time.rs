//! Times that are signed along with a request: where they stand, and how old servers let them be.

use super::params::parse_params;
use super::sigv4::parse_time;
use crate::http::{Time, parse_iso};

/// How long a signed time holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Seconds that are documented; they count in both directions if the flag is set.
    Documented(i64, bool),
    /// The server decides.
    Unknown,
}

/// A signed time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedTime {
    /// The time.
    pub time: Time,
    /// How long it holds.
    pub holds: Holds,
}

/// Headers whose whole value is a signed time (lower case). Those that are documented with a tolerance name it.
const HEADERS: &[(&str, Holds)] = &[
    ("x-slack-request-timestamp", Holds::Documented(300, true)),
    ("webhook-timestamp", Holds::Unknown),
    ("svix-timestamp", Holds::Unknown),
    ("x-zm-request-timestamp", Holds::Unknown),
    ("x-signature-timestamp", Holds::Unknown),
    ("x-webhook-timestamp", Holds::Unknown),
    ("x-request-timestamp", Holds::Unknown),
    ("x-authorization-timestamp", Holds::Unknown),
    ("x-auth-timestamp", Holds::Unknown),
    ("x-hmac-timestamp", Holds::Unknown),
    ("x-timestamp", Holds::Unknown),
    ("x-date", Holds::Unknown),
    ("cb-access-timestamp", Holds::Unknown),
    ("ok-access-timestamp", Holds::Unknown),
    ("x-bapi-timestamp", Holds::Unknown),
    ("x-ca-timestamp", Holds::Unknown),
    ("x-tc-timestamp", Holds::Unknown),
    ("x-sdk-date", Holds::Unknown),
    ("x-log-date", Holds::Unknown),
    ("x-nonce-timestamp", Holds::Unknown),
    ("api-timestamp", Holds::Unknown),
    ("x-access-timestamp", Holds::Unknown),
    ("x-signature-date", Holds::Unknown),
];

/// Headers that hold a signature with the time as a parameter: name, parameter, how long it holds.
const SIGNATURES: &[(&str, &str, Holds)] = &[
    ("stripe-signature", "t", Holds::Documented(300, false)),
    ("paddle-signature", "ts", Holds::Unknown),
    ("x-signature", "t", Holds::Unknown),
    ("x-webhook-signature", "t", Holds::Unknown),
    ("signature-input", "created", Holds::Unknown),
    ("signature", "created", Holds::Unknown),
];

/// Reads the signed time of a header (name in lower case).
pub fn of_header(name: &str, value: &str) -> Option<SignedTime> {
    if let Some((_, holds)) = HEADERS.iter().find(|(n, _)| *n == name) {
        return instant(value).map(|time| SignedTime { time, holds: *holds });
    }
    // `x-acme-timestamp`: what the vendor lets pass is not known, so that only its words can say that it is too old.
    if name.starts_with("x-") && name.ends_with("-timestamp") || name.ends_with("-request-timestamp") {
        return instant(value).map(|time| SignedTime { time, holds: Holds::Unknown });
    }
    let (_, key, holds) = SIGNATURES.iter().find(|(n, _, _)| *n == name)?;
    let found = parameter(value, key)?;
    instant(&found).map(|time| SignedTime { time, holds: *holds })
}

/// Reads the time that an `Authorization` value signs: `ts` of Hawk, `oauth_timestamp` of OAuth 1, `timestamp` of EdgeGrid.
pub fn of_authorization(value: &str) -> Option<SignedTime> {
    let (scheme, _) = value.trim_start().split_once(' ')?;
    let key = match scheme.to_ascii_lowercase().as_str() {
        "hawk" | "mac" => "ts",
        "oauth" => "oauth_timestamp",
        "signature" => "created",
        "eg1-hmac-sha256" => "timestamp",
        _ => return None,
    };
    let found = parameter(value, key)?;
    instant(&found).map(|time| SignedTime { time, holds: Holds::Unknown })
}

/// Whether an `Authorization` value is signed with a shared key of Azure, whose time stands in `x-ms-date` or `Date`:
/// `SharedKey account:...` (Storage), `type%3Dmaster%26ver%3D1.0%26sig%3D...` (Cosmos DB).
pub fn shared_key(value: &str) -> bool {
    let scheme = value.trim_start().split(' ').next().unwrap_or_default();
    let start = scheme.get(..scheme.len().min(32)).unwrap_or_default().to_ascii_lowercase();
    if start.replace("%3d", "=").replace("%26", "&").starts_with("type=master&ver=") {
        return true;
    }
    scheme.eq_ignore_ascii_case("SharedKey") || scheme.eq_ignore_ascii_case("SharedKeyLite")
}

/// How long the time of a shared key holds (15 minutes).
pub const SHARED_KEY: Holds = Holds::Documented(900, true);

/// `name=value` anywhere in a list that commas, semicolons or blanks separate.
fn parameter(value: &str, key: &str) -> Option<String> {
    let even = value.replace(';', ",");
    parse_params(even.as_bytes(), 0).into_iter().find(|p| p.name == key).map(|p| p.value)
}

/// Seconds or milliseconds since 1970, the compact form of signatures, an HTTP date, or ISO 8601.
pub fn instant(text: &str) -> Option<Time> {
    let text = text.trim();
    if let Ok(n) = text.parse::<f64>() {
        let secs = if n > 1e11 { n / 1000.0 } else { n };
        return (1e9..1e11).contains(&secs).then(|| Time::from_secs_f64(secs));
    }
    parse_time(text).or_else(|| compact(text))
}

/// `20260224T08:30:00+0000`: the date without dashes, the time with colons (EdgeGrid).
fn compact(text: &str) -> Option<Time> {
    let (date, time) = text.split_once('T').filter(|(d, _)| d.len() == 8 && d.bytes().all(|b| b.is_ascii_digit()))?;
    let clock = time.get(..8)?;
    parse_iso(&format!("{}-{}-{}T{clock}Z", date.get(..4)?, date.get(4..6)?, date.get(6..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_parameters() {
        let at = |t: Option<SignedTime>| t.map(|t| t.time.secs());
        assert_eq!(at(of_header("x-slack-request-timestamp", "1777655406")), Some(1_777_655_406));
        assert_eq!(at(of_header("stripe-signature", "t=1777655406,v1=ab,v0=cd")), Some(1_777_655_406));
        assert_eq!(at(of_header("paddle-signature", "ts=1777655406;h1=ab")), Some(1_777_655_406));
        assert_eq!(at(of_header("x-bapi-timestamp", "1777655406123")), Some(1_777_655_406));
        let input = r#"sig1=("@method" "@path");created=1777655406;keyid="k""#;
        assert_eq!(at(of_header("signature-input", input)), Some(1_777_655_406));
        assert_eq!(at(of_authorization(r#"Hawk id="a", ts="1777655406", mac="x""#)), Some(1_777_655_406));
        let edge =
            "EG1-HMAC-SHA256 client_token=a;access_token=b;timestamp=20260501T17:10:06+0000;nonce=c;signature=d=";
        assert_eq!(at(of_authorization(edge)), Some(1_777_655_406));
        assert!(shared_key("type%3Dmaster%26ver%3D1.0%26sig%3Dabc%3D"));
        assert_eq!(at(of_authorization("Bearer x")), None);
        assert_eq!(at(of_header("x-timestamp", "7")), None);
        assert!(shared_key("SharedKey account:abc=") && !shared_key("Bearer x"));
        assert!(shared_key("type%3Dmaster%26ver%3D1.0%26sig%3Dabc%3D") && shared_key("type=master&ver=1.0&sig=abc="));
        assert!(!shared_key("type%3Daad%26ver%3D1.0%26sig%3Dey") && !shared_key("\u{1d11e}\u{1d11e}\u{1d11e}"));
    }
}
