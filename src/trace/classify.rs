//! What each exchange is for: the profile's endpoints first, then generic signs (rules.md 2.3).

mod later;
mod login;

pub(super) use self::later::{answers, issuers, sessions, turned};
use self::login::{Fields, credential_fields, signs_in};
use super::{Class, Ex, Trace};
use crate::facts::Kind;
use crate::provider::Class as Says;

/// Gives every exchange its class.
pub(super) fn all(t: &mut Trace<'_>) {
    for (id, class) in t.each(|ex| class(&ex)) {
        t.node_mut(id, |n| n.class = class);
    }
}

fn class(ex: &Ex<'_>) -> Class {
    if ex.fact().flags.preflight {
        return Class::Preflight;
    }
    if ex.fact().detail.is_none() {
        return Class::Call;
    }
    if let Some(class) = by_profile(ex) {
        return class;
    }
    let path = ex.path().to_ascii_lowercase();
    let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    by_parameters(ex, &path).or_else(|| by_path(ex, &path, &segments)).unwrap_or_default()
}

fn by_profile(ex: &Ex<'_>) -> Option<Class> {
    if ex.method() == "GET" && ex.profile().auth.csrf_helper.as_ref().is_some_and(|p| p.is_match(ex.path())) {
        return Some(Class::CsrfHelper);
    }
    let endpoint = ex.profile().endpoint(ex.method(), ex.path())?;
    let method_fits = endpoint.method.as_deref().is_none_or(|m| m == ex.method());
    let class = match endpoint.kind.as_str() {
        "login" if method_fits || ex.method() != "OPTIONS" => Class::Login,
        "token" => match grant(ex).as_deref() {
            Some("refresh_token") => Class::Refresh,
            Some(g) if g.ends_with("device_code") => Class::Device,
            _ => Class::Token,
        },
        "refresh" => Class::Refresh,
        "authorize" => Class::Authorize,
        "logout" | "revoke" if method_fits => Class::Logout,
        "introspect" => Class::Introspect,
        "register" if ex.method() != "GET" => Class::Register,
        "csrf" => Class::CsrfHelper,
        _ => return None,
    };
    Some(class)
}

/// The `grant_type` of a token request.
pub(super) fn grant(ex: &Ex<'_>) -> Option<String> {
    ex.param("grant_type").map(|f| f.text().into_owned())
}

fn by_parameters(ex: &Ex<'_>, path: &str) -> Option<Class> {
    let has = |n: &str| ex.param(n).is_some();
    let q = |n: &str| ex.query(n).is_some();
    let asks = has("response_type") && has("client_id") || has("request_uri") && has("client_id");
    if asks && !has("grant_type") && !path.ends_with("/par") {
        return Some(Class::Authorize);
    }
    // One of the two that every authorization request needs is missing.
    let incomplete = q("redirect_uri") && (q("client_id") && (q("state") || q("scope")) || q("response_type"));
    if ex.method() == "GET" && incomplete && !has("grant_type") && !q("code") {
        return Some(Class::Authorize);
    }
    if let Some(g) = grant(ex) {
        return Some(match g.as_str() {
            "refresh_token" => Class::Refresh,
            g if g.ends_with("device_code") => Class::Device,
            _ => Class::Token,
        });
    }
    let client = has("client_id") || ex.fact().uses.iter().any(|u| u.kind == Kind::Basic);
    if ex.method() == "POST" && ex.field("code").is_some() && has("redirect_uri") && client {
        return Some(Class::Token);
    }
    // Some token endpoints are asked by GET; no page is sent to with the client's secret.
    if ex.method() == "GET" && q("code") && q("client_secret") {
        return Some(Class::Token);
    }
    let back = q("state") && (q("code") || q("error")) || q("code") && q("iss") || q("error") && q("error_description");
    if ex.method() == "GET" && back {
        return Some(Class::Callback);
    }
    let posted = ex.field("state").is_some()
        && (ex.field("code").is_some() || ex.field("error").is_some() || ex.field("id_token").is_some());
    if ex.method() == "POST" && posted && ex.field("client_id").is_none() {
        return Some(Class::Callback);
    }
    let fragment = ex
        .detail()
        .is_some_and(|d| d.fragment.iter().any(|f| matches!(&*f.path, "access_token" | "id_token" | "error")));
    (ex.method() == "GET" && fragment).then_some(Class::Callback)
}

fn by_path(ex: &Ex<'_>, path: &str, segments: &[&str]) -> Option<Class> {
    let any = |words: &[&str]| segments.iter().any(|s| words.contains(s));
    let last = segments.last().copied().unwrap_or_default();
    if path.contains("/.well-known/") {
        return Some(Class::Discovery);
    }
    let tokens_path = matches!(stem(last), "token" | "access_token");
    let token_answer = ex.answer_field("access_token").is_some() || ex.answer_field("error").is_some();
    let own = matches!(last, "current" | "me" | "self") && any(&["session", "sessions"]);
    if ex.method() == "DELETE" && (own || matches!(last, "session" | "sessions" | "token" | "tokens" | "logout")) {
        return Some(Class::Logout);
    }
    if any(&["logout", "signout", "sign_out", "sign-out", "revoke", "revocation", "end_session", "logoff"]) {
        return Some(Class::Logout);
    }
    // `revoke_token.oauth2`: one of the words of the last segment, and a token to end (RFC 7009 2.1).
    if last.split(['-', '_', '.']).any(|part| matches!(part, "revoke" | "revocation")) && ex.field("token").is_some() {
        return Some(Class::Logout);
    }
    if any(&["introspect", "introspection", "tokeninfo"])
        || ex.answer_field("active").is_some() && ex.field("token").is_some()
    {
        return Some(Class::Introspect);
    }
    if path.ends_with("/device/code") || path.ends_with("/devicecode") || last == "device_authorization" {
        return Some(Class::Device);
    }
    if any(&["refresh", "refresh_token", "refresh-token"]) && ex.method() == "POST" {
        return Some(Class::Refresh);
    }
    if ex.method() == "GET" && (path.contains("csrf") || path.contains("xsrf")) {
        return Some(Class::CsrfHelper);
    }
    if registry(ex) {
        return Some(Class::Token);
    }
    // A refresh by another name: the token, and a refusal that speaks of it.
    let says = |class| ex.detail().is_some_and(|d| d.hits.iter().any(|h| h.class == class && !h.weak));
    let refresh = |f: &crate::facts::Field| {
        matches!(f.name().to_ascii_lowercase().as_str(), "refresh_token" | "refreshtoken") && !f.is_blank()
    };
    if ex.method() == "POST" && ex.status() >= 400 && says(Says::Refresh) && ex.fields().any(refresh) {
        return Some(Class::Refresh);
    }
    // XML-RPC passes name and password with every call, by their place.
    if ex.method() == "POST" && ex.field("methodName").is_some() && says(Says::User) {
        return Some(Class::Login);
    }
    let credential = credential_fields(ex);
    if ex.method() == "POST" && tokens_path && token_answer && !credential.is_some_and(|c| c == Fields::Password) {
        return Some(Class::Token);
    }
    let words = [
        "login",
        "signin",
        "sign_in",
        "sign-in",
        "session",
        "sessions",
        "auth",
        "authenticate",
        "authentication",
        "token",
        "tokens",
        "logon",
    ];
    // `token-auth`, `obtain_token`, `user-login`: one of the words of a segment.
    let login_path = segments.iter().any(|s| {
        s.split(['-', '_', '.']).any(|part| words.contains(&part) || part.ends_with("login"))
            || words.contains(s)
            || s.starts_with("login")
            || s.contains("signin")
            || s.ends_with("login")
            || s.ends_with("authenticate")
    });
    let strong_issue =
        ex.detail().is_some_and(|d| d.issues.iter().any(|i| !i.weak && i.from != crate::facts::IssuePlace::Location));
    let any_issue = ex.detail().is_some_and(|d| d.issues.iter().any(|i| i.from == crate::facts::IssuePlace::Body));
    match credential {
        Some(Fields::Password) if ex.method() != "GET" && (login_path || strong_issue) => Some(Class::Login),
        Some(Fields::Password) if signs_in(ex) => Some(Class::Login),
        Some(Fields::Password) if ex.method() == "POST" && any_issue => Some(Class::Login),
        Some(Fields::Password) if login_path && ex.status() >= 400 => Some(Class::Login),
        // A name and a password, nothing else to log in with, and a refusal: a login under a name that no list knows.
        Some(Fields::Password)
            if ex.method() == "POST" && matches!(ex.status(), 401 | 403) && ex.credentials().next().is_none() =>
        {
            Some(Class::Login)
        }
        // The answer speaks of user and password, and nobody is being registered.
        Some(Fields::Password)
            if ex.method() == "POST"
                && matches!(ex.status(), 400 | 422)
                && says(Says::User)
                && !registers(segments) =>
        {
            Some(Class::Login)
        }
        Some(_) if login_path && matches!(ex.method(), "POST" | "PUT") => Some(Class::Login),
        Some(_) if body_issue(ex) => Some(Class::Login),
        // The body was not recorded: a call to a login path that hands out a session is a login all the same.
        None if ex.method() == "POST" && !ex.fact().flags.sees_body && token_path(segments) => Some(Class::Token),
        // Name and password are parameters without a name (JSON-RPC), and a session came back.
        None if ex.method() == "POST" && session_set(ex) && signs_in(ex) => Some(Class::Login),
        None if ex.method() == "POST" && ex.body().is_none() && strong_issue && named_login(last) => Some(Class::Login),
        None if ex.method() == "POST" && !ex.fact().flags.sees_body && ex.status() == 401 && named_login(last) => {
            Some(Class::Login)
        }
        _ => None,
    }
}

/// Whether the answer sets a cookie that is called like a session.
fn session_set(ex: &Ex<'_>) -> bool {
    let cookie = |i: &crate::facts::Issue| i.from == crate::facts::IssuePlace::Cookie && !i.weak;
    ex.detail().is_some_and(|d| d.issues.iter().any(cookie))
}

/// A path where accounts are made or passwords changed.
fn registers(segments: &[&str]) -> bool {
    let words = ["regist", "signup", "sign-up", "sign_up", "users", "accounts", "password", "reset"];
    segments.iter().any(|s| words.iter().any(|w| s.contains(w)))
}

/// `token.oauth2`, `token.php`: the name without its ending.
fn stem(segment: &str) -> &str {
    segment.split('.').next().unwrap_or(segment)
}

/// `/oauth/token`, `/oauth2/v4/token`: a token endpoint, whatever the answer.
fn token_path(segments: &[&str]) -> bool {
    segments.last().is_some_and(|s| matches!(stem(s), "token" | "access_token"))
        && segments.iter().any(|s| matches!(*s, "oauth" | "oauth2" | "openid-connect"))
}

/// A last path segment that names nothing but a login.
fn named_login(last: &str) -> bool {
    ["login", "logon", "signin", "sign_in", "sign-in", "authenticate"].iter().any(|w| last.contains(w))
}

/// GET with `service` and `scope` (or `account`): the token endpoint of a registry.
fn registry(ex: &Ex<'_>) -> bool {
    ex.method() == "GET"
        && ex.query("service").is_some()
        && (ex.query("scope").is_some() || ex.answer_field("token").is_some())
}

fn body_issue(ex: &Ex<'_>) -> bool {
    ex.method() == "POST"
        && ex.detail().is_some_and(|d| {
            d.issues.iter().any(|i| {
                !i.weak && matches!(i.kind, Kind::Token | Kind::Refresh) && i.from == crate::facts::IssuePlace::Body
            })
        })
}
