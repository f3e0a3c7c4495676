//! Refusals behind a status of success: pages, redirects to a login, errors in a body (rules.md 2.7).

mod body;

pub(super) use self::body::fault;
use self::body::soft_json;
use super::denial::pending;
use super::{Class, Denial, Ex};
use crate::facts::{Kind, Place};
use crate::provider::Class as Says;

/// Refusals behind a status of success.
pub(super) fn soft(ex: &Ex<'_>, status: u16) -> Option<Denial> {
    if ex.class() == Class::Callback {
        let error = ex.detail().is_some_and(|d| d.query.iter().chain(&d.fragment).any(|f| &*f.path == "error"))
            || ex.field("error").is_some();
        return (error && !silent(ex)).then_some(Denial::OAuth);
    }
    let auth_words = |ex: &Ex<'_>| {
        ex.said().is_some_and(|s| {
            !matches!(
                s,
                Says::Other
                    | Says::Intermediary
                    | Says::Route
                    | Says::User
                    | Says::Rate
                    | Says::Invalid
                    | Says::Missing
            )
        })
    };
    if status < 300
        && ex.class().oauth()
        && ex.answer_text("error").is_some()
        && ex.answer_field("access_token").is_none()
    {
        return (!pending(ex)).then_some(Denial::Soft);
    }
    if ex.class() == Class::Authorize
        && status < 300
        && ex.html()
        && auth_words(ex)
        && !ex.answer().is_some_and(|a| a.login_page)
    {
        return Some(Denial::OAuth);
    }
    if ex.class() == Class::Authorize && ex.fact().flags.script && page_for_people(ex, status) {
        return Some(Denial::Soft);
    }
    if ex.class() == Class::Login && (ex.method() == "POST" || answers_json(ex)) && login_again(ex, status) {
        return Some(Denial::Soft);
    }
    if status < 300 && turned_into_page(ex) {
        return Some(Denial::Soft);
    }
    if status < 300 && (ex.fact().flags.unreadable || ex.class().issues() && unreadable_by_page(ex)) {
        return Some(Denial::Cors);
    }
    if status < 300 && soft_json(ex) {
        return Some(Denial::Soft);
    }
    if let Some(refused) = grpc_refusal(ex) {
        return Some(refused);
    }
    if (302..=307).contains(&status) && to_login(ex) {
        return Some(Denial::Soft);
    }
    let page = status < 300 && ex.answer().is_some_and(|a| a.login_page);
    // The page that a refused call was sent to is no second refusal.
    let sent = ex.node().redirected_from.is_some_and(|id| to_login(&ex.trace().ex(id)));
    (page
        && !sent
        && (ex.fact().flags.wants_json || program(ex))
        && ex.fact().flags.api_like()
        && ex.class() == Class::Call)
        .then_some(Denial::Soft)
}

/// A login by GET that a program reads: the answer is data, not a page.
fn answers_json(ex: &Ex<'_>) -> bool {
    ex.method() == "GET" && ex.fact().media == crate::facts::Media::Json
}

/// `prompt=none` answered `login_required` is a silent check.
pub(super) fn silent(ex: &Ex<'_>) -> bool {
    ex.query("error")
        .is_some_and(|f| matches!(&*f.text(), "login_required" | "interaction_required" | "consent_required"))
}

/// An authorization endpoint hands a script a page, or sends it to one, where only a person can go on.
fn page_for_people(ex: &Ex<'_>, status: u16) -> bool {
    let page = status < 300 && ex.answer().is_some_and(|a| a.login_page);
    page || unreadable_by_page(ex)
}

/// A client's login that a redirect made a GET, and that got the login page for people.
fn turned_into_page(ex: &Ex<'_>) -> bool {
    ex.class().issues()
        && ex.method() == "GET"
        && ex.node().redirected_from.is_some_and(|id| ex.trace().ex(id).method() == "POST")
        && ex.fact().flags.api_like()
        && ex.answer().is_some_and(|a| a.login_page)
}

/// A login answered with the form again, with words of refusal, or by a redirect back to the form.
fn login_again(ex: &Ex<'_>, status: u16) -> bool {
    let issued = ex.detail().is_some_and(|d| d.issues.iter().any(|i| !i.weak));
    if issued {
        return false;
    }
    if status < 300 {
        let told = |k: &&str| ex.answer_field(k).filter(|f| !f.is_blank());
        let error = ["error", "errors"]
            .iter()
            .find_map(told)
            .is_some_and(|f| !matches!(&*f.text(), "true" | "false" | "0" | "[]" | "{}"))
            || PASSED.iter().find_map(told).is_some_and(|f| matches!(&*f.text(), "false" | "0"));
        let data = matches!(ex.fact().media, crate::facts::Media::Json | crate::facts::Media::Xml);
        return ex.answer().is_some_and(|a| a.login_page)
            || ex.node().said.iter().any(|s| s.class == Says::User)
            || error && data
            || curt(ex);
    }
    let Some(location) = ex.res("location").present() else { return false };
    let target = crate::auth::url::resolve(&ex.full_url(), &location.text());
    let u = crate::auth::url::parse_url(&target);
    // The same path on another scheme, host or port, or for good, is a move of the endpoint, no refusal.
    let back = u.path() == ex.path() && u.origin() == ex.origin() && matches!(status, 302 | 303);
    back || target.contains("?error") || target.contains("login_error") || target.contains("error=1")
}

/// How answers to a login say that it went well, or not.
const PASSED: [&str; 11] = [
    "success",
    "succeeded",
    "ok",
    "isSuccess",
    "authenticated",
    "isAuthenticated",
    "authPassed",
    "loggedIn",
    "logged_in",
    "isLoggedIn",
    "authorized",
];

/// A login with a password answered by one word of failure (qBittorrent: `Fails.`), and no session.
fn curt(ex: &Ex<'_>) -> bool {
    const WORDS: [&str; 8] = ["fail", "error", "invalid", "incorrect", "denied", "wrong", "false", "bad "];
    const MOST: u64 = 64;
    let text = |a: &crate::facts::BodyFact| {
        let low = a.head.text().trim().to_ascii_lowercase();
        a.media == crate::facts::Media::Text && a.len <= MOST && WORDS.iter().any(|w| low.starts_with(w))
    };
    ex.answer().is_some_and(text) && ex.ress("set-cookie").next().is_none()
}

/// A page of another origin may not read an answer without Access-Control-Allow-Origin (Fetch standard).
fn unreadable_by_page(ex: &Ex<'_>) -> bool {
    let f = ex.fact().flags;
    f.browser && f.script && f.cross_origin && f.sees_response && !f.allows_origin
}

/// gRPC-Web answers 200 in any case; status 16 is UNAUTHENTICATED, 7 is PERMISSION_DENIED.
fn grpc_refusal(ex: &Ex<'_>) -> Option<Denial> {
    match &*ex.res("grpc-status").present()?.text() {
        "16" => Some(Denial::Soft),
        "7" => Some(Denial::Forbidden),
        _ => None,
    }
}

/// A program that brings a credential in a header: what it gets instead of a login page would be the answer.
fn program(ex: &Ex<'_>) -> bool {
    let header = |u: &crate::facts::Use| matches!(u.place, Place::Header(_)) && u.kind != Kind::Cookie;
    !ex.fact().flags.browser && ex.credentials().any(header)
}

/// A call that is no navigation is sent to a login or authorize page.
fn to_login(ex: &Ex<'_>) -> bool {
    if !ex.fact().flags.api_like()
        || !(ex.fact().flags.script || ex.fact().flags.wants_json || program(ex))
        || ex.class() != Class::Call
    {
        return false;
    }
    let Some(location) = ex.res("location").present() else { return false };
    let target = location.text().to_ascii_lowercase();
    let path = target.split('?').next().unwrap_or_default();
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    // `/login.php`, `/Login.aspx`
    let last = last.split('.').next().unwrap_or_default().trim_start_matches('_');
    // Access proxies and identity providers: the login's name stands before what it is for.
    let proxy = path.split('/').any(|s| matches!(s, "login" | "signin" | ".auth"))
        || path.contains("/oauth2/start")
        || path.contains("/oauth2/sign_in")
        || path.ends_with("/adfs/ls");
    let asks =
        ["samlrequest=", "redirect_url=", "rd=", "returnurl=", "return_to=", "wa=wsignin", "post_login_redirect"]
            .iter()
            .any(|q| target.contains(q));
    proxy && asks
        || target.contains("samlrequest=")
        || matches!(last, "login" | "signin" | "sign_in" | "sign-in" | "logon" | "authorize" | "auth" | "sso")
        || target.contains("response_type=") && target.contains("client_id=")
}
