//! Healthy samples into which a mistake is planted.

use super::edit::Edit::{self, Add, Answer, Back, Claim, Copy, Cut, Form, Head, Later, Method, Put, Query, Swap, Url};

/// Rule, healthy sample, the exchange that is refused then, and the mistake.
pub(crate) type Plant = (&'static str, &'static str, usize, &'static [Edit]);

const IDP: &str = "ok-identity-provider.har";
const LOOKER: &str = "ok-two-logins.har";
const CODE: &str = "ok-denied-on-purpose.har";
const COOKIE: &str = "ok-cookie-session.har";
const REFRESH: &str = "ok-refresh-after-401.har";

const SIGNED: &str = "ok-sigv4.curl.txt";
/// The signature does not fit, and no more is said.
const WRONG: &str = r#"{"__type":"com.amazon.coral.service#InvalidSignatureException"}"#;

/// An answer that names no cause.
const NO: &str = r#"{"message":"Unauthorized"}"#;
const GRANT: &str = r#"{"error":"invalid_grant","error_description":"The authorization code is not valid"}"#;
const BEARER: &str = "Bearer realm=\"ferry\"";

#[rustfmt::skip]
pub(crate) const PLANTS: &[Plant] = &[
    ("blank-token", IDP, 1, &[Head(1, "Authorization", "Bearer"), Answer(1, 401, NO)]),
    ("conflicting-credentials", "ok-presigned-redirect.har", 2, &[Head(2, "Authorization", "Bearer {0.access_token}"),
        Answer(2, 400, "<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified</Message></Error>")]),
    ("csrf-token-missing", COOKIE, 3, &[Head(3, "X-CSRFToken", ""), Answer(3, 403, "<html><p>CSRF verification failed. Request aborted.</p></html>")]),
    ("doubled-scheme", IDP, 1, &[Head(1, "Authorization", "Bearer Bearer {0.access_token}"), Answer(1, 401, NO)]),
    ("duplicate-authorization", IDP, 1, &[Add(1, "Authorization", "Basic c2tpcHBlcjp4"), Answer(1, 401, NO)]),
    ("expired-token", IDP, 2, &[Later(2, 1000), Answer(2, 401, NO)]),
    ("fresh-token-rejected", IDP, 1, &[Answer(1, 401, NO), Answer(2, 401, NO)]),
    ("header-in-body", IDP, 1, &[Method(1, "POST"), Put(1, "{\"headers\":{\"Authorization\":\"Bearer {0.access_token}\"}}"), Head(1, "Authorization", ""), Answer(1, 401, NO)]),
    ("insufficient-permissions", IDP, 2, &[Answer(2, 403, "{\"code\":\"forbidden\",\"detail\":\"This account may not see sailings\"}")]),
    ("insufficient-scope", IDP, 2, &[Answer(2, 403, "{\"code\":\"insufficient_scope\"}"), Back(2, "WWW-Authenticate", "Bearer error=\"insufficient_scope\", scope=\"sailings:write\"")]),
    ("intermediary-denied", IDP, 2, &[Answer(2, 403, "<html><title>Attention Required! | Cloudflare</title><h1>Sorry, you have been blocked</h1></html>"), Back(2, "CF-RAY", "9f8d839b0697a3f0-FRA"), Back(2, "Server", "cloudflare")]),
    ("jwt-expired", "ok-entra.har", 1, &[Later(1, 5000), Answer(1, 401, NO)]),
    ("jwt-wrong-audience", "ok-entra.har", 1, &[Claim(1, "Authorization", "aud", "\"https://vault.azure.net\""), Answer(1, 401, "{\"error\":{\"code\":\"InvalidAuthenticationToken\",\"message\":\"Invalid audience.\"}}")]),
    ("login-failed", LOOKER, 0, &[Form(0, "client_secret", "was-rotated"), Answer(0, 404, "{\"message\":\"Not found\",\"documentation_url\":\"https://cloud.google.com/looker/docs/\"}"), Cut(2), Cut(4)]),
    ("login-field-missing", LOOKER, 0, &[Put(0, "client_id=Tq7wPnZr5XkV2mDc9LhB&client_secret="), Answer(0, 404, "{\"message\":\"Not found\",\"documentation_url\":\"https://cloud.google.com/looker/docs/\"}"), Cut(2), Cut(4)]),
    ("malformed-authorization", IDP, 1, &[Head(1, "Authorization", "Bearer: {0.access_token}"), Answer(1, 401, NO)]),
    ("malformed-basic", "ok-basic-challenge.har", 1, &[Head(1, "Authorization", "Basic skipper:Tide&Moon7"), Answer(1, 401, "<html>Unauthorized</html>"), Back(1, "WWW-Authenticate", "Basic realm=\"Harbour files\"")]),
    ("mangled-token", IDP, 1, &[Head(1, "Authorization", "Bearer \"{0.access_token}\""), Answer(1, 401, NO)]),
    ("missing-scheme", IDP, 1, &[Head(1, "Authorization", "{0.access_token}"), Answer(1, 401, NO)]),
    ("oauth-client-auth-failed", IDP, 0, &[Answer(0, 401, "{\"error\":\"invalid_client\"}"), Cut(1), Cut(2)]),
    ("oauth-client-mismatch", CODE, 4, &[Form(4, "client_id", "tram-app"), Answer(4, 400, GRANT), Cut(5)]),
    ("oauth-code-expired", CODE, 4, &[Later(4, 900), Answer(4, 400, GRANT), Cut(5)]),
    ("oauth-code-missing", CODE, 4, &[Form(4, "code", "undefined"), Answer(4, 400, GRANT), Cut(5)]),
    ("oauth-code-reuse", CODE, 6, &[Copy(4), Later(6, 2), Answer(6, 400, GRANT)]),
    ("oauth-iss-mismatch", CODE, 3, &[Query(3, "iss", "https%3A%2F%2Fid-barge.example.test"), Cut(4), Cut(5)]),
    ("oauth-state-mismatch", CODE, 3, &[Query(3, "state", "w8Qx2LmZ04"), Cut(4), Cut(5)]),
    ("pkce-malformed-verifier", CODE, 4, &[Form(4, "code_verifier", "too-short"), Answer(4, 400, GRANT), Cut(5)]),
    ("pkce-mismatch", CODE, 4, &[Form(4, "code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), Answer(4, 400, GRANT), Cut(5)]),
    ("pkce-missing-verifier", CODE, 4, &[Form(4, "code_verifier", ""), Answer(4, 400, GRANT), Cut(5)]),
    ("placeholder-token", IDP, 1, &[Head(1, "Authorization", "Bearer undefined"), Answer(1, 401, NO)]),
    ("presigned-url-expired", "ok-presigned-redirect.har", 2, &[Later(2, 100_000), Answer(2, 403, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>")]),
    ("rate-limit-not-auth", IDP, 2, &[Answer(2, 403, "{\"message\":\"API rate limit exceeded\"}"), Back(2, "X-RateLimit-Remaining", "0"), Back(2, "Retry-After", "30")]),
    ("redirect-uri-mismatch", CODE, 4, &[Form(4, "redirect_uri", "https%3A%2F%2Fapp-ferry.example.test%2Fcb%2F"), Answer(4, 400, GRANT), Cut(5)]),
    ("refresh-token-as-access-token", CODE, 5, &[Head(5, "Authorization", "Bearer {4.refresh_token}"), Answer(5, 401, NO)]),
    ("refresh-token-reuse", REFRESH, 7, &[Copy(5), Later(7, 60), Answer(7, 400, "{\"error\":\"invalid_grant\"}")]),
    ("scheme-case", LOOKER, 2, &[Head(2, "Authorization", "Token {0.access_token}"), Answer(2, 401, NO)]),
    ("session-cookie-not-sent", COOKIE, 2, &[Head(2, "Cookie", "csrftoken=fdfd8a6a854f24d393e30bd793b1a5c6"), Answer(2, 401, NO)]),
    ("session-expired", COOKIE, 4, &[Copy(2), Later(4, 3000), Answer(4, 401, NO)]),
    ("token-after-logout", "ok-looker-old-token.har", 3, &[Method(2, "DELETE"), Url(2, "/user", "/logout"), Answer(2, 204, ""), Head(3, "Authorization", "token {1.access_token}"), Answer(3, 401, NO)]),
    ("token-cross-host", LOOKER, 5, &[Head(5, "Authorization", "token {0.access_token}"), Answer(5, 401, NO)]),
    ("token-in-body", IDP, 1, &[Method(1, "POST"), Put(1, "{\"access_token\":\"{0.access_token}\"}"), Head(1, "Authorization", ""), Answer(1, 401, NO), Back(1, "WWW-Authenticate", BEARER)]),
    ("token-in-cookie", IDP, 1, &[Head(1, "Cookie", "access_token={0.access_token}"), Head(1, "Authorization", ""), Answer(1, 401, NO), Back(1, "WWW-Authenticate", BEARER)]),
    ("token-in-url", IDP, 1, &[Query(1, "access_token", "{0.access_token}"), Head(1, "Authorization", ""), Answer(1, 401, NO), Back(1, "WWW-Authenticate", BEARER)]),
    ("token-not-sent", IDP, 2, &[Head(2, "Authorization", ""), Answer(2, 401, NO)]),
    ("wrong-credential-type", IDP, 1, &[Head(1, "Authorization", "Bearer k7Hq2vZsX9pLdW4nRt"), Answer(1, 401, NO)]),
    ("wrong-header-name", IDP, 1, &[Head(1, "Authorization", ""), Head(1, "Authentication", "Bearer {0.access_token}"), Answer(1, 401, NO), Back(1, "WWW-Authenticate", BEARER)]),
    ("wrong-host", "ok-salesforce.har", 1, &[Url(1, "harbour-lab.my.salesforce.com", "login.salesforce.com"), Answer(1, 401, "{\"message\":\"Session expired or invalid\",\"errorCode\":\"INVALID_SESSION_ID\"}")]),
    ("wrong-scheme", IDP, 1, &[Head(1, "Authorization", "Token {0.access_token}"), Answer(1, 401, NO), Back(1, "WWW-Authenticate", BEARER)]),
    ("dpop-nonce-missing", IDP, 1, &[Answer(1, 401, "{\"error\":\"use_dpop_nonce\"}"), Back(1, "DPoP-Nonce", "nq-5512"), Back(1, "WWW-Authenticate", "DPoP error=\"use_dpop_nonce\"")]),
    ("dpop-scheme-mismatch", IDP, 1, &[Head(1, "Authorization", "DPoP {0.access_token}"), Answer(1, 401, NO)]),
    ("redirect-changed-method", IDP, 3, &[Copy(0), Later(3, 1), Method(3, "GET"), Answer(3, 405, "{\"error\":\"method not allowed\"}"), Back(3, "Allow", "POST"), Answer(0, 301, ""), Back(0, "Location", "https://id-ferry.example.test/oauth/token/"), Url(3, "/oauth/token", "/oauth/token/"), Cut(1), Cut(2)]),
    ("redirect-dropped-credentials", "ok-location-trusted.curl.txt", 2, &[Swap("> Accept: */*\n> Authorization: Bearer fyat_Azgj_J20zKIY4mE9Ze8FiYmuMsWg8R3q\n", "> Accept: */*\n"), Answer(2, 401, NO)]),
    ("sigv4-clock-skew", SIGNED, 0, &[Swap("> X-Amz-Date: 20251008T024422Z", "> X-Amz-Date: 20251008T021422Z"), Answer(0, 403, "{\"message\":\"Signature expired: 20251008T021422Z is now earlier than 20251008T023922Z (20251008T024422Z - 5 min.)\"}")]),
    ("sigv4-malformed", SIGNED, 0, &[Swap("SignedHeaders=host;x-amz-date;x-amz-target, ", ""), Answer(0, 400, "{\"__type\":\"IncompleteSignatureException\"}")]),
    ("sigv4-payload-mismatch", SIGNED, 0, &[Swap("SignedHeaders=host;", "SignedHeaders=host;x-amz-content-sha256;"), Swap("> X-Amz-Date: ", "> X-Amz-Content-Sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n> X-Amz-Date: "), Answer(0, 403, WRONG)]),
    ("sigv4-scope-mismatch", SIGNED, 0, &[Swap("/eu-central-1/", "/eu-west-1/"), Answer(0, 403, WRONG)]),
    ("step-up-required", IDP, 2, &[Answer(2, 401, "{\"code\":\"login_too_old\"}"), Back(2, "WWW-Authenticate", "Bearer error=\"insufficient_user_authentication\", acr_values=\"mfa\"")]),
];
