//! Names of header fields that carry a credential, also misspelled ones.

use crate::facts::strings::Kind;

/// What a request header of this name (lower case) carries, if it carries a credential.
/// Authorization and Cookie are read apart.
pub(crate) fn credential_header(name: &str) -> Option<Kind> {
    // The headers of nearly every request: not compared with seventy names each.
    if matches!(
        name,
        "host" | "user-agent" | "accept" | "accept-encoding" | "accept-language" | "connection" | "referer"
    ) || name.starts_with("sec-fetch-")
        || name.starts_with("sec-ch-")
        || name.starts_with("content-")
        || name.starts_with(':')
    {
        return None;
    }
    let kind = match name {
        "x-csrf-token" | "x-csrftoken" | "x-xsrftoken" | "x-xsrf-token" | "csrf-token" | "x-csrf" => Kind::Csrf,
        "x-amz-security-token" | "x-amz-content-sha256" | "idempotency-key" | "sec-websocket-key" => return None,
        "postman-token" | "x-request-token" | "traceparent" | "x-auth-request-redirect" => return None,
        "x-auth-token"
        | "x-access-token"
        | "access-token"
        | "access_token"
        | "private-token"
        | "job-token"
        | "x-vault-token"
        | "x-subject-token"
        | "auth-token"
        | "token"
        | "x-token"
        | "x-session-token"
        | "x-session"
        | "x-session-key"
        | "x-shopify-access-token"
        | "x-id-token"
        | "authentication"
        | "auth"
        | "x-authorization"
        | "bearer"
        | "x-authentication"
        | "authtoken"
        | "x-jwt"
        | "jwt"
        | "session"
        | "x-wsse"
        | "x-user-token"
        | "vmware-api-session-id"
        | "x-metabase-session"
        | "x-chkp-sid" => Kind::Token,
        "x-api-key"
        | "api-key"
        | "apikey"
        | "x-apikey"
        | "api_key"
        | "x-goog-api-key"
        | "ocp-apim-subscription-key"
        | "x-auth-key"
        | "x-key"
        | "key"
        | "x-access-key"
        | "secret"
        | "x-honeycomb-team"
        | "x-appwrite-key" => Kind::ApiKey,
        "x-fallback-cookies" => Kind::Cookie,
        "dpop" => Kind::Signature,
        _ => return near_name(name),
    };
    Some(kind)
}

/// Names of vendors (`x-acme-token`, `acme-api-key`, `x-acme-auth`, `acme-key`, `acme-secret`) and slips of `authorization`.
fn near_name(name: &str) -> Option<Kind> {
    const NOT: [&str; 10] =
        ["csrf", "xsrf", "sec-", "access-control", "page", "continuation", "sync", "device", "webhook", "idempotency"];
    // `x-acme-key`; names of caches, queues and ciphers that end so carry no credential.
    const OTHER_KEYS: [&str; 13] = [
        "host",
        "compression",
        "cache",
        "surrogate",
        "partition",
        "sort",
        "routing",
        "dedup",
        "encryption",
        "public",
        "object",
        "row",
        "idem",
    ];
    let ends = |list: &[&str]| list.iter().any(|e| name.ends_with(e));
    let vendor = || ends(&["-key", "-appkey"]) && !OTHER_KEYS.iter().any(|n| name.contains(n));
    // `X-OpenAM-Password`: a login in headers.
    let kind = if ends(&["password", "passwd"]) {
        Kind::Password
    } else if ends(&["api-key", "apikey", "api_key", "accesskey", "secretkey", "-subscription-key", "-secret"])
        || vendor()
    {
        Kind::ApiKey
    } else if ends(&["token", "-jwt", "-ticket", "-bearer"]) || name.starts_with("x-") && ends(&["-auth"]) || slip(name)
    {
        Kind::Token
    } else {
        return None;
    };
    (name.len() <= 40 && !NOT.iter().any(|n| name.contains(n))).then_some(kind)
}

/// A request header of this name (lower case) may carry a session: one that an answer handed out, else it is only a name
/// for statistics.
pub(crate) fn session_header(name: &str) -> bool {
    ["-sid", "-session", "session-id", "sessionid"].iter().any(|e| name.ends_with(e))
}

/// Two keys hit wrong, in a word of thirteen letters.
fn slip(name: &str) -> bool {
    const RIGHT: &str = "authorization";
    // Most names are told apart by their letters alone.
    let other = name.bytes().filter(|b| !RIGHT.as_bytes().contains(b)).count();
    name != RIGHT
        && name.len().abs_diff(RIGHT.len()) <= 2
        && other <= 2
        && strsim::damerau_levenshtein(name, RIGHT) <= 2
}

/// Longer names are not told apart.
pub(crate) const LONGEST: usize = 48;

/// A name in lower case, without an allocation; `None` for names that are too long or no ASCII.
pub(crate) fn lowered<'b>(name: &[u8], buffer: &'b mut [u8; LONGEST]) -> Option<&'b str> {
    let out = buffer.get_mut(..name.len())?;
    out.copy_from_slice(name);
    out.make_ascii_lowercase();
    std::str::from_utf8(out).ok()
}
