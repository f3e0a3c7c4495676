//! Every statement of the four documents that the tool began with, about a mistake and what it leads to, ends in the
//! right diagnosis. A: an article on 401 errors of one vendor's API; B: that vendor's page on API authentication; C: a
//! general guide to 401; D: the vendor's page on OAuth and CORS. `docs/coverage.md` shows this table.
//!
//! Captures come from `samples` (recorded) and `tests/seeds`: `a-*` are calls of A as they stand there, prose between
//! them included; the others were derived from the documents' own examples.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::fmt::Write as _;
use std::path::Path;

use why401::analysis::{Options, analyze};
use why401::report::Report;

/// A statement: its document, its words, the rule that answers it (`ok`: nothing is wrong), its test, its captures.
struct Statement {
    document: &'static str,
    words: &'static str,
    rule: &'static str,
    test: &'static str,
    captures: &'static [(&'static str, u64)],
}

/// One test for each statement; a capture stands with the number of the exchange that holds the mistake.
macro_rules! statements {
    ($($test:ident: $document:literal $words:literal => $rule:literal, [$($file:literal #$at:literal),+];)+) => {
        const STATEMENTS: &[Statement] = &[$(Statement {
            document: $document, words: $words, rule: $rule, test: stringify!($test), captures: &[$(($file, $at)),+],
        }),+];
        $(#[test]
        fn $test() {
            check($rule, &[$(($file, $at)),+]);
        })+
    };
}

statements! {
    a_login_then_call: "A" "log in, then send the token in the Authorization header" => "ok",
        ["a-login-and-user.txt" #0, "ok-plain.curl.txt" #0, "ok-looker-session.curl.txt" #0];
    a_no_login: "A" "you did not hit the login endpoint at all" => "no-login",
        ["a-no-login.txt" #0, "a-verbose.txt" #0, "no-login.curl.txt" #0, "no-login.har" #0];
    a_address_bar: "A" "the URL was typed into the browser's address bar" => "no-login", ["no-login-address-bar.har" #0];
    a_login_404: "A" "wrong API credentials: the login answers 404, or the page \"Looker is unavailable\"" => "login-failed",
        ["a-login-404.txt" #0, "login-failed.curl.txt" #0, "login-failed-page.curl.txt" #0, "login-failed.har" #0];
    a_blank_token: "A" "a blank value is passed for the Authorization header" => "blank-token",
        ["a-blank-token.txt" #0, "blank-token.curl.txt" #0, "blank-token.har" #0];
    a_login_404_then_blank: "A" "the script goes on after the failed login" => "login-failed",
        ["a-login-404-then-blank.txt" #0, "login-failed-then-blank.curl.txt" #0, "mixed-failed-login-five.har" #2];
    a_other_instance: "A" "the token of one instance is sent to another" => "token-cross-host",
        ["a-other-instance.txt" #1, "token-cross-host.curl.txt" #1, "token-cross-host.har" #2];
    a_expired: "A" "the token is more than 3600 seconds old" => "expired-token",
        ["expired-token.curl.txt" #2, "expired-token.har" #2];
    a_logged_out: "A" "the token's session has logged out" => "token-after-logout",
        ["token-after-logout.curl.txt" #3, "token-after-logout.har" #2, "token-after-logout.mitm.txt" #3];
    a_no_colon: "A" "there is no colon between \"Authorization\" and \"token\"" => "malformed-header",
        ["a-no-colon.txt" #0, "malformed-header.curl.txt" #1];
    a_capital_token: "A" "\"Token\" is capitalized; the syntax is case-sensitive" => "scheme-case",
        ["a-capital-token.txt" #0, "scheme-case.curl.txt" #1, "scheme-case.har" #1];
    a_other_format: "A" "any other format of the header throws a 401" => "malformed-authorization",
        ["malformed-authorization.curl.txt" #0];
    a_header_in_the_body: "A" "the header is passed in the body (curl -d, second argument of axios)" => "header-in-body",
        ["a-header-in-body.txt" #0, "header-in-body.curl.txt" #1, "header-in-body.har" #1];
    a_web_port: "A" "the call goes to the web server's port: {\"error\":\"Unauthorized\"}" => "wrong-port",
        ["a-web-port.txt" #1, "wrong-port.curl.txt" #1, "wrong-port.har" #0, "wrong-port.mitm.txt" #1];
    a_api_port: "A" "the API's port stands in the URL" => "ok", ["a-right-port.txt" #0];

    b_login_with_key: "B" "call the login endpoint with client ID and client secret" => "login-field-missing",
        ["login-field-missing.curl.txt" #0, "login-field-missing.har" #0];
    b_example_request: "B" "an example request with an authorization header" => "ok", ["b-example-request.curl.txt" #0];
    b_into_the_header: "B" "place the access token into the HTTP authorization header" => "token-in-url",
        ["token-in-url.curl.txt" #1];
    b_until_it_expires: "B" "an expired access token fails with 401" => "expired-token", ["expired-token.curl.txt" #2];
    b_until_logout: "B" "until it is invalidated by the logout endpoint" => "token-after-logout",
        ["token-after-logout.curl.txt" #3];
    b_as_the_user: "B" "requests execute as the user who is bound to the credentials" => "insufficient-permissions",
        ["insufficient-permissions.har" #2];
    b_not_the_users_password: "B" "API authentication is independent of user login" => "login-failed",
        ["login-failed-password.curl.txt" #0];
    b_api_version: "B" "the path names a version of the API" => "wrong-api-version", ["wrong-api-version.curl.txt" #0];

    c_missing: "C" "missing API key or access token" => "missing-credentials",
        ["missing-credentials-key.curl.txt" #0, "missing-credentials.log" #0];
    c_incorrect: "C" "incorrect API key or access token" => "unknown-token", ["unknown-token.curl.txt" #0];
    c_expired_token: "C" "expired authentication token" => "expired-token", ["expired-token-opaque.har" #2];
    c_expired_jwt: "C" "examine the expiration time of the token" => "jwt-expired", ["jwt-expired.curl.txt" #0];
    c_expired_session: "C" "expired session" => "session-expired", ["session-expired.har" #3];
    c_permission: "C" "insufficient permissions of the user or service account" => "insufficient-permissions",
        ["insufficient-permissions-service.har" #2];
    c_scope: "C" "the entity lacks the access that the endpoint needs" => "insufficient-scope", ["insufficient-scope.har" #2];
    c_scheme: "C" "Bearer where Basic is expected" => "wrong-scheme", ["wrong-scheme.curl.txt" #0];
    c_client: "C" "mismatched client ID or client secret" => "oauth-client-auth-failed",
        ["oauth-client-auth-failed.curl.txt" #0];
    c_proxy_strips: "C" "a proxy strips authentication headers" => "credentials-stripped", ["credentials-stripped.log" #0];
    c_proxy_asks: "C" "a proxy or firewall stands between" => "proxy-auth-required", ["proxy-auth-required.curl.txt" #0];
    c_firewall: "C" "a firewall answers instead of the service" => "intermediary-denied", ["intermediary-denied.curl.txt" #0];
    c_clock: "C" "time synchronization issues affect token validation" => "jwt-not-yet-valid",
        ["jwt-not-yet-valid.curl.txt" #0];
    c_header_name: "C" "the key is in the wrong request header" => "wrong-header-name", ["wrong-header-name.curl.txt" #1];
    c_truncated: "C" "no spaces, incorrect characters or truncation" => "mangled-token", ["mangled-token-cut.har" #1];
    c_no_scheme: "C" "the header with its Bearer prefix" => "missing-scheme", ["missing-scheme.curl.txt" #1];
    c_base64: "C" "Basic [base64_encoded_credentials]" => "malformed-basic", ["malformed-basic.curl.txt" #0];
    c_refresh: "C" "refresh an expired access token with the refresh token" => "refresh-token-expired",
        ["refresh-token-expired.har" #1];
    c_no_refresh_needed: "C" "refresh tokens before or when they expire" => "ok",
        ["ok-renewed-in-time.har" #0];

    d_flow: "D" "the whole flow: /auth, redirect, /token, calls" => "ok", ["ok-code-flow.har" #0];
    d_client_guid: "D" "client_guid must match the registration exactly" => "oauth-client-mismatch",
        ["oauth-client-mismatch.har" #2];
    d_redirect_uri: "D" "redirect_uri must match the registration exactly" => "redirect-uri-mismatch",
        ["redirect-uri-mismatch-authorize.har" #0, "redirect-uri-mismatch.har" #2];
    d_allowlist: "D" "the application's origin must be on the allowlist" => "cors-origin-not-allowed",
        ["cors-origin-not-allowed.har" #1];
    d_preflight: "D" "a CORS call is preceded by a preflight" => "cors-preflight-failed", ["cors-preflight-failed.har" #1];
    d_auth_on_ui_host: "D" "/auth exists only on the UI host" => "auth-endpoint-on-api-host",
        ["auth-endpoint-on-api-host.curl.txt" #0];
    d_token_on_api_host: "D" "/token exists only on the API host" => "token-endpoint-on-ui-host",
        ["token-endpoint-on-ui-host.curl.txt" #0];
    d_parameters: "D" "parameters of the /auth URL" => "oauth-authorize-parameter-missing",
        ["oauth-authorize-parameter-missing.curl.txt" #0];
    d_navigate: "D" "navigate the user to /auth (no fetch)" => "authorize-via-xhr", ["authorize-via-xhr.har" #1];
    d_challenge: "D" "code_challenge is the base64url of the verifier's SHA-256" => "pkce-mismatch",
        ["pkce-mismatch.har" #2, "pkce-mismatch-browser.har" #3];
    d_verifier: "D" "the verifier has 43 to 128 characters (secure_random(32) as hex)" => "pkce-malformed-verifier",
        ["pkce-malformed-verifier.har" #2];
    d_verifier_lost: "D" "missing code_verifier in session storage" => "pkce-missing-verifier",
        ["pkce-missing-verifier.har" #2, "pkce-missing-verifier-browser.har" #3];
    d_method: "D" "code_challenge_method: S256" => "pkce-plain", ["pkce-plain.har" #1];
    d_no_challenge: "D" "code_challenge is sent with /auth" => "pkce-not-used", ["pkce-not-used.har" #1];
    d_no_code: "D" "no authorization code in the response" => "oauth-code-missing", ["oauth-code-missing.har" #2];
    d_code_once: "D" "the code passed to /token must be valid" => "oauth-code-reuse", ["oauth-code-reuse.har" #3];
    d_code_old: "D" "redeem the code next" => "oauth-code-expired", ["oauth-code-expired.har" #2];
    d_state: "D" "state comes back unchanged" => "oauth-state-mismatch",
        ["oauth-state-mismatch.har" #1, "oauth-state-mismatch-browser.har" #2];
    d_content_type: "D" "this header is required: Content-Type: application/json" => "login-wrong-content-type",
        ["login-wrong-content-type-token.curl.txt" #0];
    d_no_secret_in_the_browser: "D" "no client secrets in the browser" => "secret-in-browser", ["secret-in-browser.har" #1];
    d_secure_page: "D" "only from secure (HTTPS) pages" => "oauth-insecure-redirect",
        ["d-plain-http-redirect.curl.txt" #0];
    d_refresh_month: "D" "a refresh token has a lifetime of one month" => "refresh-token-expired",
        ["refresh-token-expired.har" #1];
    d_revoked: "D" "all tokens can be revoked by the administrator" => "fresh-token-rejected",
        ["fresh-token-rejected.har" #1];
}

fn folder(file: &str) -> &'static str {
    if file.starts_with(|c: char| c.is_ascii_lowercase()) && file.as_bytes()[1] == b'-' {
        "tests/seeds"
    } else {
        "samples"
    }
}

fn judged(file: &str) -> Report {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder(file)).join(file);
    let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    analyze(file, &bytes, &Options::default()).unwrap().report
}

fn check(rule: &str, captures: &[(&str, u64)]) {
    let mut wrong = Vec::new();
    for (file, at) in captures {
        let report = judged(file);
        let shown: Vec<String> =
            report.findings.iter().map(|f| format!("{} #{} root={}", f.rule, f.exchange.index, f.root_cause)).collect();
        // What explains nothing (a warning) is a finding, not a cause.
        let warns = why401::rule::by_name(rule).is_some_and(|r| r.tier.is_none());
        let right = if rule == "ok" {
            report.diagnoses.is_empty() && report.summary.errors == 0
        } else {
            report.findings.iter().any(|f| f.rule == rule && f.exchange.index == *at && (f.root_cause || warns))
        };
        if !right {
            wrong.push(format!("{file}: expected {rule} at #{at}, got {shown:?}"));
        }
        let unexplained = report.summary.denied - report.summary.explained;
        if unexplained > 0 {
            wrong.push(format!("{file}: {unexplained} refused requests are not explained"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The failed login explains the call that follows it; so does every other cause explain what it led to.
#[test]
fn a_failed_login_explains_the_blank_token() {
    for file in ["a-login-404-then-blank.txt", "login-failed-then-blank.curl.txt", "mixed-failed-login-five.har"] {
        let report = judged(file);
        assert_eq!(report.diagnoses.len(), 1, "{file}");
        let root = report.findings.iter().find(|f| f.root_cause).unwrap();
        assert_eq!(root.explains_count, report.summary.denied, "{file}");
    }
}

fn table() -> String {
    let mut out = String::from(
        "# What the first documents say, and where it is tested\n\nWritten by `UPDATE=1 cargo test --test seeds` from \
         the table in `tests/seeds.rs`; a test keeps both equal.\nA: an article on 401 errors of Looker's API; B: \
         Looker's page on API authentication; C: a general guide to 401;\nD: Looker's page on OAuth and CORS.\n\n\
         | | statement | rule | test | captures |\n|---|---|---|---|---|\n",
    );
    for s in STATEMENTS {
        let captures: Vec<String> = s.captures.iter().map(|(file, at)| format!("{file} #{at}")).collect();
        let row = [s.document, s.words, s.rule, s.test, &captures.join(", ")].join(" | ");
        let _ = writeln!(out, "| {row} |");
    }
    out
}

#[test]
fn the_page_shows_this_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/coverage.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, table()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), table(), "UPDATE=1 cargo test --test seeds");
}

#[test]
fn every_capture_of_the_seeds_is_used() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/seeds");
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        assert!(
            STATEMENTS.iter().any(|s| s.captures.iter().any(|(f, _)| *f == name)),
            "{name} belongs to no statement"
        );
    }
}
