//! JSON Web Tokens (RFC 7519): decoded, never verified.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// What judging needs of a JWT. Claims that name people are not kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Jwt {
    /// `alg` of the header.
    pub alg: String,
    /// `typ` of the header.
    pub typ: Option<String>,
    /// `kid` of the header.
    pub kid: Option<String>,
    /// `iss`.
    pub iss: Option<String>,
    /// `aud`, one or several.
    pub aud: Vec<String>,
    /// `azp` or `client_id`.
    pub azp: Option<String>,
    /// `exp` in seconds.
    pub exp: Option<f64>,
    /// `nbf` in seconds.
    pub nbf: Option<f64>,
    /// `iat` in seconds.
    pub iat: Option<f64>,
    /// `scope` or `scp`, split.
    pub scopes: Option<Vec<String>>,
    /// It has roles or permissions.
    pub has_roles: bool,
    /// It has `nonce`, `at_hash` or `c_hash`: the mark of an ID token.
    pub id_claims: Vec<&'static str>,
    /// `nonce` of an ID token: compared, never shown.
    pub nonce: Option<Box<str>>,
    /// `token_use`.
    pub token_use: Option<String>,
    /// `typ` of the payload (Keycloak: `Bearer`, `Refresh`, `ID`).
    pub payload_typ: Option<String>,
    /// `cnf.jkt`: bound to a DPoP key.
    pub cnf_jkt: Option<String>,
    /// `tid`: tenant.
    pub tid: Option<String>,
    /// Bytes of the signature.
    pub signature_len: usize,
    /// The signature part is there but is no base64url (`...` of a shared capture).
    pub signature_cut: bool,
    /// Encrypted (five parts): opaque.
    pub encrypted: bool,
}

/// Why a value that looks like a JWT cannot be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtFault {
    /// `header`, `payload`, `signature` or `token`.
    pub part: &'static str,
    /// What is wrong with it.
    pub what: &'static str,
}

fn fault<T>(part: &'static str, what: &'static str) -> Result<T, JwtFault> {
    Err(JwtFault { part, what })
}

/// Whether a value is meant to be a JWT: two or more dotted parts, the first decodes to a JSON object with `alg`.
pub fn looks_like_jwt(text: &str) -> bool {
    let mut parts = text.split('.');
    let Some(head) = parts.next().filter(|h| h.len() >= 10) else { return false };
    if parts.next().is_none() || text.contains(|c: char| c.is_whitespace()) {
        return false;
    }
    head.starts_with("eyJ") && decode_json(head).is_some_and(|v| v.get("alg").is_some())
}

/// Decodes a JWT.
///
/// # Errors
/// [`JwtFault`] names the part that fails.
pub fn parse_jwt(text: &str) -> Result<Jwt, JwtFault> {
    let parts: Vec<&str> = text.split('.').collect();
    let (Some(head), Some(payload)) = (parts.first(), parts.get(1)) else {
        return fault("token", "it has one part, not three");
    };
    if parts.iter().take(3).any(|p| p.ends_with('=')) {
        return fault("token", "its parts end in = padding");
    }
    if URL_SAFE_NO_PAD.decode(head).is_err() {
        return fault("header", "what stands there is no base64url");
    }
    let Some(header) = decode_json(head) else { return fault("header", "what stands there is no JSON") };
    let mut out = Jwt {
        alg: text_of(&header, "alg").unwrap_or_default(),
        typ: text_of(&header, "typ"),
        kid: text_of(&header, "kid"),
        ..Jwt::default()
    };
    if parts.len() == 5 && header.get("enc").is_some() {
        out.encrypted = true;
        return Ok(out);
    }
    match parts.len() {
        3 => {}
        2 => return fault("token", "it has two parts, not three"),
        _ => return fault("token", "it has not three parts"),
    }
    if URL_SAFE_NO_PAD.decode(payload).is_err() {
        return fault("payload", "what stands there is no base64url");
    }
    let Some(claims) = decode_json(payload) else { return fault("payload", "what stands there is no JSON") };
    read_claims(&claims, &mut out);
    let signature = parts.get(2).copied().unwrap_or_default();
    match URL_SAFE_NO_PAD.decode(signature) {
        Ok(bytes) => out.signature_len = bytes.len(),
        Err(_) => out.signature_cut = true,
    }
    Ok(out)
}

fn decode_json(part: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?;
    serde_json::from_slice::<Value>(&bytes).ok().filter(Value::is_object)
}

fn text_of(v: &Value, key: &str) -> Option<String> {
    v.get(key)?.as_str().map(str::to_owned)
}

fn seconds(v: &Value, key: &str) -> Option<f64> {
    let v = v.get(key)?;
    v.as_f64().or_else(|| v.as_str()?.parse().ok())
}

fn read_claims(c: &Value, out: &mut Jwt) {
    out.iss = text_of(c, "iss");
    out.aud = match c.get("aud") {
        Some(Value::String(s)) => vec![s.clone()],
        Some(Value::Array(a)) => a.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    out.azp = text_of(c, "azp").or_else(|| text_of(c, "client_id")).or_else(|| text_of(c, "cid"));
    (out.exp, out.nbf, out.iat) = (seconds(c, "exp"), seconds(c, "nbf"), seconds(c, "iat"));
    out.scopes = c.get("scope").or_else(|| c.get("scp")).map(|s| match s {
        Value::Array(a) => a.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        s => s.as_str().unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
    });
    out.has_roles = ["roles", "permissions", "realm_access", "resource_access", "cognito:groups"]
        .iter()
        .any(|k| c.get(*k).is_some());
    out.id_claims = ["nonce", "at_hash", "c_hash"].into_iter().filter(|k| c.get(*k).is_some()).collect();
    out.nonce = text_of(c, "nonce").map(String::into_boxed_str);
    out.token_use = text_of(c, "token_use");
    out.payload_typ = text_of(c, "typ");
    out.cnf_jkt = c.get("cnf").and_then(|f| text_of(f, "jkt"));
    out.tid = text_of(c, "tid");
}

/// The length in bytes that a signature of this algorithm must have, if it is fixed (RFC 7518 3.4).
pub fn signature_len(alg: &str) -> Option<usize> {
    match alg {
        "ES256" | "EdDSA" => Some(64),
        "ES384" => Some(96),
        "ES512" => Some(132),
        "HS256" => Some(32),
        "HS384" => Some(48),
        "HS512" => Some(64),
        _ => None,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A token with these claims, signed by nobody.
    pub(crate) fn token(header: &str, claims: &str) -> String {
        format!(
            "{}.{}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(claims),
            URL_SAFE_NO_PAD.encode([7; 32])
        )
    }

    #[test]
    fn claims() {
        let t = token(
            r#"{"alg":"HS256","typ":"JWT"}"#,
            r#"{"iss":"https://a","aud":["x","y"],"exp":100.5,"scope":"a b","nonce":"n","cnf":{"jkt":"k"}}"#,
        );
        assert!(looks_like_jwt(&t));
        let j = parse_jwt(&t).unwrap();
        assert_eq!((j.alg.as_str(), j.exp, j.aud.len(), j.signature_len), ("HS256", Some(100.5), 2, 32));
        assert_eq!(j.scopes, Some(vec!["a".into(), "b".into()]));
        assert_eq!((j.id_claims, j.cnf_jkt.as_deref()), (vec!["nonce"], Some("k")));
    }

    #[test]
    fn faults() {
        let t = token(r#"{"alg":"none"}"#, "{}");
        let two = t.rsplit_once('.').unwrap().0;
        assert!(looks_like_jwt(two));
        assert_eq!(parse_jwt(two).unwrap_err().part, "token");
        let cut = format!("{}.eyJzdWIiO.x", t.split('.').next().unwrap());
        assert_eq!(parse_jwt(&cut).unwrap_err().part, "payload");
        assert!(!looks_like_jwt("ya29.a0abc.def") && !looks_like_jwt("a.b.c"));
    }
}
