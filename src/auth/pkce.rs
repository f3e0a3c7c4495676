//! PKCE (RFC 7636): the challenge of a verifier, and the slips that break it.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// How a challenge was computed instead of `base64url(SHA-256(ASCII(verifier)))`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slip {
    /// base64url with its `=` kept.
    Padding,
    /// Standard base64, with or without padding: `+` and `/` instead of `-` and `_`.
    Alphabet,
    /// The hex digest.
    Hex,
    /// base64url of the hex text.
    HexThenBase64,
    /// The digest of the decoded bytes, not of the text.
    Decoded,
    /// The digest of the digest.
    DoubleHash,
    /// The verifier itself.
    Verbatim,
    /// Percent-encoding was left in, or undone once too often.
    Percent,
}

impl Slip {
    /// What the challenge is, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Padding => "keeps its = padding",
            Self::Alphabet => "uses the alphabet of standard base64",
            Self::Hex => "is the hex digest; S256 wants base64url",
            Self::HexThenBase64 => "is base64url of the hex text, not of the digest",
            Self::Decoded => "hashes the decoded bytes, not the verifier's text",
            Self::DoubleHash => "was hashed twice",
            Self::Verbatim => "is the verifier itself, not its digest",
            Self::Percent => "was percent-encoded once too often",
        }
    }

    /// What to change, as a line of JavaScript.
    pub fn fix(self) -> (&'static str, &'static str) {
        match self {
            Self::Padding => ("strip the = padding from the challenge", ".replace(/=+$/, '')"),
            Self::Alphabet => {
                ("use the base64url alphabet", ".replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=+$/, '')")
            }
            Self::Hex | Self::HexThenBase64 => {
                ("encode the digest bytes, not their hex text", "base64url(new Uint8Array(digest)).replace(/=+$/, '')")
            }
            Self::Decoded => {
                ("hash the verifier as text", "crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))")
            }
            Self::DoubleHash => {
                ("hash the verifier once", "crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))")
            }
            Self::Verbatim => (
                "hash the verifier, or say code_challenge_method=plain",
                "crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))",
            ),
            Self::Percent => ("encode the value once", "new URLSearchParams({code_challenge: challenge})"),
        }
    }
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The S256 challenge of a verifier (RFC 7636 4.2).
pub fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(verifier.as_bytes()))
}

/// Whether the challenge fits; if not, the slip that explains it, where one does.
///
/// # Errors
/// `Err(Some(slip))` if a known slip gives this challenge, `Err(None)` if none does.
pub fn compare(verifier: &str, challenge: &str, method: &str) -> Result<(), Option<Slip>> {
    let plain = method.is_empty() || method.eq_ignore_ascii_case("plain");
    let want = if plain { verifier.to_owned() } else { s256(verifier) };
    if challenge == want { Ok(()) } else { Err(slip(verifier, challenge)) }
}

fn slip(verifier: &str, challenge: &str) -> Option<Slip> {
    let sum = digest(verifier.as_bytes());
    let found = |text: &str| text == challenge;
    if found(&URL_SAFE.encode(sum)) {
        return Some(Slip::Padding);
    }
    if found(&STANDARD.encode(sum)) || found(&STANDARD_NO_PAD.encode(sum)) {
        return Some(Slip::Alphabet);
    }
    let in_hex = hex(&sum);
    if challenge.eq_ignore_ascii_case(&in_hex) {
        return Some(Slip::Hex);
    }
    if [URL_SAFE.encode(&in_hex), URL_SAFE_NO_PAD.encode(&in_hex), STANDARD.encode(&in_hex)].iter().any(|t| found(t)) {
        return Some(Slip::HexThenBase64);
    }
    if verifier == challenge {
        return Some(Slip::Verbatim);
    }
    if decoded_forms(verifier).iter().any(|bytes| found(&URL_SAFE_NO_PAD.encode(digest(bytes)))) {
        return Some(Slip::Decoded);
    }
    let twice = [digest(&sum), digest(in_hex.as_bytes()), digest(s256(verifier).as_bytes())];
    if twice.iter().any(|d| found(&URL_SAFE_NO_PAD.encode(d))) {
        return Some(Slip::DoubleHash);
    }
    let undone = super::form::percent_decode(challenge.as_bytes()).into_owned();
    (undone != challenge.as_bytes()
        && (undone == s256(verifier).as_bytes() || undone == STANDARD.encode(sum).as_bytes()))
    .then_some(Slip::Percent)
}

fn decoded_forms(verifier: &str) -> Vec<Vec<u8>> {
    let mut out: Vec<Vec<u8>> =
        [URL_SAFE_NO_PAD.decode(verifier), STANDARD.decode(verifier)].into_iter().flatten().collect();
    let bytes: Option<Vec<u8>> = verifier
        .len()
        .is_multiple_of(2)
        .then(|| {
            let pairs = verifier.as_bytes().chunks(2);
            pairs.map(|p| u8::from_str_radix(std::str::from_utf8(p).ok()?, 16).ok()).collect()
        })
        .flatten();
    out.extend(bytes);
    out
}

/// A break of the verifier's grammar (RFC 7636 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Not 43 to 128 characters.
    Length(usize),
    /// A character outside `A-Z a-z 0-9 - . _ ~`, at this position.
    Character(char, usize),
}

/// The first break of the grammar.
pub fn malformed(verifier: &str) -> Option<Malformed> {
    let bad =
        verifier.chars().enumerate().find(|(_, c)| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~')));
    if let Some((at, c)) = bad {
        return Some(Malformed::Character(c, at));
    }
    let len = verifier.len();
    (!(43..=128).contains(&len)).then_some(Malformed::Length(len))
}

#[cfg(test)]
mod tests {
    use super::*;

    const V: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    #[test]
    fn the_vector_of_the_standard() {
        assert_eq!(s256(V), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert_eq!(compare(V, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "S256"), Ok(()));
        assert_eq!(compare(V, V, "plain"), Ok(()));
    }

    #[test]
    fn slips() {
        let sum = digest(V.as_bytes());
        let is = |c: &str, s| assert_eq!(compare(V, c, "S256"), Err(Some(s)), "{c}");
        is(&URL_SAFE.encode(sum), Slip::Padding);
        is(&hex(&sum), Slip::Hex);
        is(&URL_SAFE_NO_PAD.encode(hex(&sum)), Slip::HexThenBase64);
        is(V, Slip::Verbatim);
        is(&STANDARD.encode(sum), Slip::Alphabet);
        is(&URL_SAFE_NO_PAD.encode(digest(&sum)), Slip::DoubleHash);
        is(&URL_SAFE_NO_PAD.encode(digest(&URL_SAFE_NO_PAD.decode(V).unwrap())), Slip::Decoded);
        assert_eq!(compare(V, "other", "S256"), Err(None));
    }

    #[test]
    fn grammar() {
        assert_eq!(malformed(V), None);
        assert_eq!(malformed("short"), Some(Malformed::Length(5)));
        assert_eq!(malformed(&format!("{V}+")), Some(Malformed::Character('+', 43)));
    }
}
