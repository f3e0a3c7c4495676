//! The names under which credentials travel: headers, fields, query parameters, cookies, answer keys (rules.md 2.1, 2.4).

mod headers;

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::strings::Kind;
use crate::auth::token;

pub(crate) use headers::{LONGEST, credential_header, lowered, session_header};

/// A name without case, `-` and `_`.
pub(crate) fn squash(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}

/// Where a path holds a credential: a bot's token (`/bot123:AA../getMe`), a webhook's secret (`/webhooks/123/..`,
/// `/services/T../B../..`), a JWT.
pub(crate) fn secret_in_path(path: &str) -> Option<std::ops::Range<usize>> {
    const SHORTEST: usize = 40;
    if path.len() < SHORTEST {
        return None;
    }
    let mut start = 0;
    let mut before: [&str; 2] = ["", ""];
    for segment in path.split('/') {
        let here = start..start + segment.len();
        start = here.end + 1;
        let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        let bot = segment.strip_prefix("bot").and_then(|t| t.split_once(':'));
        if bot.is_some_and(|(id, secret)| digits(id) && secret.len() >= 30) {
            return Some(here.start + "bot".len()..here.end);
        }
        let [first, second] = before;
        let hook = first == "webhooks" && digits(second) && segment.len() >= 30
            || first.starts_with('T')
                && second.starts_with('B')
                && path.starts_with("/services/")
                && segment.len() >= 20;
        if hook || segment.starts_with("eyJ") && crate::auth::jwt::looks_like_jwt(segment) {
            return Some(here);
        }
        before = [second, segment];
    }
    None
}

/// Whether a query parameter of this name is a step of a flow, or says how one ended.
pub(crate) fn flow_parameter(name: &str) -> bool {
    matches!(name, "grant_type" | "response_type" | "error" | "service" | "scope")
}

/// What a query parameter of this name carries, if it is a secret.
pub(crate) fn secret_query(name: &str, value: &[u8]) -> Option<Kind> {
    if value.is_empty() {
        return None;
    }
    let text = String::from_utf8_lossy(value);
    match squash(name).as_str() {
        "accesstoken" | "authtoken" | "bearer" | "bearertoken" | "jwt" | "privatetoken" | "sessiontoken"
        | "authorization" => Some(Kind::Token),
        "idtoken" | "idtokenhint" => Some(Kind::IdToken),
        "refreshtoken" => Some(Kind::Refresh),
        "apikey" | "subscriptionkey" | "apitoken" | "appkey" | "xapikey" => Some(Kind::ApiKey),
        "password" | "passwd" | "pwd" | "clientsecret" | "secret" | "apisecret" | "consumersecret" => {
            Some(Kind::Password)
        }
        "consumerkey" if token::looks_like_token(&text) => Some(Kind::ApiKey),
        "code" if value.len() >= 6 => Some(Kind::Code),
        "state" | "nonce" => Some(Kind::State),
        "codeverifier" => Some(Kind::Verifier),
        "xamzsignature" | "signature" | "sig" | "xgoogsignature" | "xgoogcredential" | "xamzcredential"
        | "xamzsecuritytoken" => Some(Kind::Signature),
        "clientid" if value.len() >= 16 => Some(Kind::ClientId),
        "token" | "auth" | "key" | "sid" | "session" | "sessionid" | "ticket" if token::looks_like_token(&text) => {
            Some(Kind::Token)
        }
        // Short ones are told from words by their digits (ipinfo.io: 14 hexadecimal digits).
        "token" | "accesskey" if short_token(&text) => Some(Kind::Token),
        // `hapikey`, `user_key`, and OpenWeather's `appid` (an `app_id` is a name, no key).
        n if n.ends_with("apikey") || matches!(n, "accesskey" | "userkey" | "authkey" | "licensekey") => {
            token::looks_like_token(&text).then_some(Kind::ApiKey)
        }
        "appid" if name == "appid" && value.len() == 32 && value.iter().all(u8::is_ascii_hexdigit) => {
            Some(Kind::ApiKey)
        }
        // `circle-token`, `user_access_token`: one word of many may stand before.
        n if ["apitoken", "accesstoken", "authtoken", "usertoken", "circletoken"].iter().any(|e| n.ends_with(e)) => {
            token::looks_like_token(&text).then_some(Kind::Token)
        }
        _ if crate::auth::jwt::looks_like_jwt(&text) => Some(Kind::Token),
        _ => None,
    }
}

/// 10 to 15 letters and digits, at least three of them digits: no word and no number.
fn short_token(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (10..16).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
        && digits >= 3
        && text.len() - digits >= 2
}

/// What a body field carries, if it is a secret. `answer`: the field stands in a response.
pub(crate) fn secret_field(name: &str, path: &str, value: &[u8], answer: bool) -> Option<Kind> {
    let text = String::from_utf8_lossy(value);
    match squash(name).as_str() {
        "accesstoken" | "authtoken" | "bearer" | "bearertoken" | "jwt" | "sessiontoken" | "apitoken"
        | "secrettoken" | "usertoken" | "requesttoken" | "oauthtoken" | "subjecttoken" | "actortoken"
        | "authorization" | "proxyauthorization" | "xauthtoken" | "mfatoken" => Some(Kind::Token),
        "idtoken" | "idtokenhint" => Some(Kind::IdToken),
        "refreshtoken" | "refreshjwt" | "renewtoken" | "renewaltoken" => Some(Kind::Refresh),
        "apikey" | "xapikey" | "subscriptionkey" => Some(Kind::ApiKey),
        // Authorize.net, NMI, Namecheap and others put the key beside a name.
        "transactionkey" | "securitykey" | "merchantkey" | "apiaccesskey" if value.len() >= 8 => Some(Kind::ApiKey),
        "password" | "passwd" | "pwd" | "pw" | "clientsecret" | "secret" | "apisecret" | "secretkey"
        | "secretaccesskey" | "otp" | "passcode" | "pin" | "pass" | "passphrase" => Some(Kind::Password),
        n if n.ends_with("password") || n.ends_with("clientsecret") => Some(Kind::Password),
        "code" | "authorizationcode" | "devicecode" | "authcode"
            if !answer && value.len() >= 6 || squash(name) == "devicecode" =>
        {
            Some(Kind::Code)
        }
        "assertion" | "clientassertion" | "samlresponse" => Some(Kind::Signature),
        "state" | "nonce" if !answer => Some(Kind::State),
        "codeverifier" => Some(Kind::Verifier),
        "csrf" | "csrftoken" | "csrfmiddlewaretoken" | "xsrftoken" | "authenticitytoken" => Some(Kind::Csrf),
        // `auth`: the session of a remote procedure (Zabbix).
        "sessionid" | "sid" | "session" | "auth" if token::looks_like_token(&text) => Some(Kind::Token),
        "token" | "key" if token::looks_like_token(&text) => Some(Kind::Token),
        "clientid" | "clientkey" if value.len() >= 8 => Some(Kind::ClientId),
        "cookie" | "setcookie" => Some(Kind::Cookie),
        _ if path.to_ascii_lowercase().contains("authorization") && value.len() >= 8 => Some(Kind::Token),
        _ if crate::auth::jwt::looks_like_jwt(&text) => Some(Kind::Token),
        _ => None,
    }
}

/// The path of an answer that is one JSON string.
pub(crate) const BARE: &str = "$";

/// What an answer key hands out (squashed name): the kind, and whether the key is weak evidence.
pub(crate) fn issued_key(name: &str) -> Option<(Kind, bool)> {
    if name == BARE {
        return Some((Kind::Token, true));
    }
    let found = match squash(name).as_str() {
        "accesstoken"
        | "authtoken"
        | "apitoken"
        | "jwt"
        | "bearer"
        | "sessiontoken"
        | "jwttoken"
        | "bearertoken"
        | "authenticationtoken"
        | "usertoken"
        | "accessjwt"
        | "authjwt"
        | "clienttoken" => (Kind::Token, false),
        "idtoken" => (Kind::IdToken, false),
        "refreshtoken" | "refreshjwt" | "renewtoken" | "renewaltoken" => (Kind::Refresh, false),
        "token" | "sessionid" | "sessionkey" | "secrettoken" | "tokenid" | "accesskeyid" | "sid" | "ticket" => {
            (Kind::Token, true)
        }
        "apikey" => (Kind::ApiKey, true),
        "access" => (Kind::Token, true),
        "refresh" => (Kind::Refresh, true),
        _ => return None,
    };
    Some(found)
}

/// Words that make an exchange worth a closer look wherever they stand in its path.
const AUTH_WORDS: [&str; 16] = [
    "login",
    "logon",
    "signin",
    "sign_in",
    "sign-in",
    "token",
    "oauth",
    "logout",
    "signout",
    "sign_out",
    "revoke",
    "authorize",
    "session",
    "auth",
    "csrf",
    "xsrf",
];

static IN_PATH: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(AUTH_WORDS).ok());

/// Whether a path makes an exchange worth a closer look.
pub(crate) fn auth_path(path: &str) -> bool {
    IN_PATH.as_ref().is_none_or(|words| words.is_match(path)) || path.split('/').any(auth_segment)
}

/// Whole segments that do.
fn auth_segment(segment: &str) -> bool {
    let mut buffer = [0; LONGEST];
    matches!(
        lowered(segment.as_bytes(), &mut buffer),
        Some(
            "callback"
                | "refresh"
                | "introspect"
                | "userinfo"
                | "sso"
                | "saml"
                | "whoami"
                | "me"
                | ".well-known"
                | "jwks"
                | "device"
                | "end_session"
                | "mfa"
                | "access_token"
                | "register"
                | "credentials"
                | "user"
                | "error"
                | "errors"
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_paths() {
        let found = |path: &str| secret_in_path(path).and_then(|r| path.get(r)).unwrap_or_default().to_owned();
        let bot = "/bot123456789:AAabcdefghijklmnopqrstuvwxyz0123456/getMe";
        assert_eq!(found(bot), "123456789:AAabcdefghijklmnopqrstuvwxyz0123456");
        assert_eq!(found("/services/T0000/B0000/abcdABCDabcdABCDabcdABCD"), "abcdABCDabcdABCDabcdABCD");
        let hook = "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789";
        assert_eq!(found(&format!("/api/webhooks/123456/{hook}")), hook);
        let jwt = crate::auth::jwt::tests::token("{\"alg\":\"HS256\"}", "{}");
        assert_eq!(found(&format!("/verify/{jwt}")), jwt);
        assert_eq!(found("/robots/123456789:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), "");
        assert_eq!(found("/api/webhooks/deliveries/0123456789abcdef0123456789abcdef"), "");
    }

    #[test]
    fn keys_in_queries() {
        let is = |n: &str, v: &str| secret_query(n, v.as_bytes());
        let key = "0123456789abcdef0123456789abcdef";
        for n in ["hapikey", "user_key", "appid"] {
            assert_eq!(is(n, key), Some(Kind::ApiKey), "{n}");
        }
        assert_eq!(is("circle-token", key), Some(Kind::Token));
        for n in ["app_id", "page_token", "share_token", "next_token"] {
            assert_eq!(is(n, key), None, "{n}");
        }
        assert_eq!(is("hapikey", "demo"), None);
    }

    #[test]
    fn headers_of_vendors() {
        let is = |n: &str| credential_header(n);
        for key in ["fastly-key", "dd-application-key", "x-vtex-api-appkey", "plaid-secret", "x-honeycomb-team"] {
            assert_eq!(is(key), Some(Kind::ApiKey), "{key}");
        }
        for token in ["x-tableau-auth", "x-smarttoken", "circle-token", "session", "bhresttoken"] {
            assert_eq!(is(token), Some(Kind::Token), "{token}");
        }
        for none in ["cache-key", "x-requested-with", "host-key", "x-csrf-ticket", "idempotency-key", "x-request-id"] {
            assert_eq!(is(none), None, "{none}");
        }
    }
}
