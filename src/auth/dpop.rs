//! DPoP proofs (RFC 9449): decoded, never verified.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::url;

/// What judging needs of a proof.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proof {
    /// `typ` of the header: `dpop+jwt`.
    pub typ: Option<String>,
    /// `alg` of the header.
    pub alg: String,
    /// RFC 7638 thumbprint of the public key in the header.
    pub jkt: Option<String>,
    /// The header's key holds private parts.
    pub private_key: bool,
    /// `htm`: the method.
    pub htm: Option<String>,
    /// `htu`: the URL without query and fragment.
    pub htu: Option<String>,
    /// `ath`: hash of the access token.
    pub ath: Option<String>,
    /// `jti`: unique id.
    pub jti: Option<String>,
    /// `nonce` of the server.
    pub nonce: Option<String>,
    /// `iat` in seconds.
    pub iat: Option<f64>,
}

/// Decodes the value of a `DPoP` header; `None` if it is no JWT of three parts.
pub fn parse_proof(value: &[u8]) -> Option<Proof> {
    let text = std::str::from_utf8(value).ok()?.trim();
    let mut parts = text.split('.');
    let (head, claims) = (json(parts.next()?)?, json(parts.next()?)?);
    parts.next()?;
    if parts.next().is_some() {
        return None;
    }
    let text_of = |v: &Value, key: &str| v.get(key).and_then(Value::as_str).map(str::to_owned);
    let jwk = head.get("jwk");
    Some(Proof {
        typ: text_of(&head, "typ"),
        alg: text_of(&head, "alg").unwrap_or_default(),
        jkt: jwk.and_then(thumbprint),
        private_key: jwk.is_some_and(|k| k.get("d").is_some() || k.get("k").is_some()),
        htm: text_of(&claims, "htm"),
        htu: text_of(&claims, "htu"),
        ath: text_of(&claims, "ath"),
        jti: text_of(&claims, "jti"),
        nonce: text_of(&claims, "nonce"),
        iat: claims.get("iat").and_then(Value::as_f64),
    })
}

fn json(part: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?;
    serde_json::from_slice::<Value>(&bytes).ok().filter(Value::is_object)
}

/// The thumbprint of a JSON Web Key with SHA-256 (RFC 7638 3): its required members, in order of their names.
pub fn thumbprint(jwk: &Value) -> Option<String> {
    let members: &[&str] = match jwk.get("kty")?.as_str()? {
        "EC" => &["crv", "kty", "x", "y"],
        "RSA" => &["e", "kty", "n"],
        "OKP" => &["crv", "kty", "x"],
        "oct" => &["k", "kty"],
        _ => return None,
    };
    let pairs = members.iter().map(|m| Some(format!("\"{m}\":{}", jwk.get(*m).filter(|v| v.is_string())?)));
    let text = pairs.collect::<Option<Vec<_>>>()?.join(",");
    Some(URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{{{text}}}"))))
}

/// What `ath` must be for an access token (RFC 9449 4.2).
pub fn ath(token: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token))
}

/// Whether `htu` names the URL of the request: query and fragment aside, scheme and host without case, default ports
/// filled in (RFC 9449 4.3, RFC 3986 6.2).
pub fn same_target(htu: &str, request: &str) -> bool {
    let (a, b) = (url::parse_url(htu), url::parse_url(request));
    let path = |u: &url::Url<'_>| -> Vec<u8> {
        let path = if u.path().is_empty() { "/" } else { u.path() };
        super::form::percent_decode(path.as_bytes()).into_owned()
    };
    a.origin().eq_ignore_ascii_case(&b.origin()) && path(&a) == path(&b)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The proof of RFC 9449 4.1.
    pub(crate) const PROOF: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";

    #[test]
    fn the_proof_of_the_standard() {
        let p = parse_proof(PROOF.as_bytes()).unwrap();
        assert_eq!((p.typ.as_deref(), p.alg.as_str()), (Some("dpop+jwt"), "ES256"));
        assert_eq!((p.htm.as_deref(), p.htu.as_deref()), (Some("POST"), Some("https://server.example.com/token")));
        assert_eq!((p.jti.as_deref(), p.iat), (Some("-BwC3ESc6acc2lTc"), Some(1_562_262_616.0)));
        // RFC 9449 6.1: the thumbprint that the access token is bound to.
        assert_eq!(p.jkt.as_deref(), Some("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"));
        assert!(!p.private_key && p.ath.is_none());
    }

    /// RFC 9449 7.1: `ath` of the example's access token.
    #[test]
    fn the_hash_of_a_token() {
        assert_eq!(ath(b"Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"), "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
    }

    /// RFC 7638 3.1.
    #[test]
    fn the_thumbprint_of_the_standard() {
        let jwk: Value = serde_json::from_str(r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#).unwrap();
        assert_eq!(thumbprint(&jwk).as_deref(), Some("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"));
    }

    #[test]
    fn targets() {
        let here = "https://api.example.com/a?x=1#f";
        assert!(same_target("https://API.example.com:443/a", here) && same_target("https://api.example.com/a", here));
        assert!(!same_target("https://api.example.com/b", here) && !same_target("http://api.example.com/a", here));
        assert!(same_target("https://h.test", "https://h.test/"));
        assert!(parse_proof(b"a.b").is_none() && parse_proof(b"").is_none());
    }
}
