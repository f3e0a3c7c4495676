//! What the OAuth rules share.

use crate::facts::Id;
use crate::provider::Variant;
use crate::rule::{Cx, Evidence, Finding, Part, STEPS};
use crate::trace::{Class, Ex, redeems_code};

/// Token calls that redeem a code.
pub(super) fn code_call(ex: Ex<'_>) -> bool {
    ex.class() == Class::Token && redeems_code(&ex)
}

/// Those that were refused.
pub(super) fn failed_code_calls<'t>(cx: &Cx<'t>) -> impl Iterator<Item = Ex<'t>> + use<'t> {
    cx.denied().filter(|e| code_call(*e))
}

/// The authorization request of a call's grant.
pub(super) fn authorize_of<'t>(cx: &Cx<'t>, ex: Ex<'t>) -> Option<Ex<'t>> {
    let g = cx.trace.grants.get(ex.node().grant?)?;
    g.authorize.map(|id| cx.trace.ex(id))
}

/// Authorization requests of the same actor before an exchange, latest first; pages change their name on the way, so all
/// of a client's capture count.
pub(super) fn authorizations<'t>(cx: &Cx<'t>, ex: Ex<'t>) -> impl Iterator<Item = Ex<'t>> {
    cx.trace.class_before(Class::Authorize, ex).filter(move |a| a.fact().side == ex.fact().side).take(STEPS)
}

/// Adds the server's words.
pub(super) fn answer(f: Finding, ex: Ex<'_>) -> Finding {
    for key in ["error_description", "error", "message", "detail"] {
        if ex.answer_text(key).is_some() {
            return f.see(Evidence::row(ex.id(), Part::ResField(key.to_owned())));
        }
    }
    f
}

/// `44 characters; 43 expected`.
pub(super) fn length(value: &str, expected: &str) -> String {
    format!("{} characters; {expected}", value.chars().count())
}

/// The refusal that an authorization request led to: its own answer, or the callback with `error=`.
pub(super) fn failure_of<'t>(cx: &Cx<'t>, a: Ex<'t>) -> Option<Ex<'t>> {
    if a.denied() || a.status() >= 400 {
        return Some(a);
    }
    let g = a.node().grant.and_then(|n| cx.trace.grants.get(n));
    let callback = g.and_then(|g| g.callback).or(a.node().redirected_to).map(|id| cx.trace.ex(id));
    callback.filter(|c| c.denied())
}

/// The error and its description, lower case: of a query, a fragment or a body.
pub(super) fn error_text(ex: Ex<'_>) -> Option<String> {
    let query = ["error_description", "error"].iter().filter_map(|n| crate::trace::callback_param(&ex, n));
    let mut all: Vec<String> = query.collect();
    all.extend(["error_description", "error", "message"].iter().filter_map(|n| ex.answer_text(n)));
    if all.is_empty() {
        let ex = ex.error_page().unwrap_or(ex);
        all.extend(ex.answer().map(|a| a.head.text().chars().take(4096).collect::<String>()));
    }
    (!all.is_empty()).then(|| all.join(" ").to_ascii_lowercase())
}

/// The OAuth error code.
pub(super) fn error_code(ex: Ex<'_>) -> Option<String> {
    let code = crate::trace::callback_param(&ex, "error").or_else(|| ex.answer_text("error"))?;
    code.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-').then_some(code)
}

/// A finding on one step that explains the refusal of another.
pub(super) fn at(mut f: Finding, refused: Ex<'_>) -> Finding {
    f.explains = vec![refused.id()];
    f.subject = if refused.class() == Class::Callback { refused.id() } else { f.subject };
    f
}

/// A client that shows no secret: a token call without one, or a redirect to the own machine.
pub(super) fn public_client(cx: &Cx<'_>, a: Ex<'_>) -> bool {
    let loopback = a
        .param_text("redirect_uri")
        .is_some_and(|u| crate::auth::url::is_loopback(crate::auth::url::parse_url(&u).host()));
    let g = a.node().grant.and_then(|n| cx.trace.grants.get(n));
    let bare = g.and_then(|g| g.calls.first()).map(|c| cx.trace.ex(c.call)).is_some_and(|c| {
        c.param("client_secret").is_none()
            && c.param("client_assertion").is_none()
            && c.credentials().next().is_none()
            && c.body().is_some()
    });
    loopback || bare
}

/// A value that a registration call in the capture gave.
pub(super) fn registered(cx: &Cx<'_>, a: Ex<'_>, name: &str) -> Option<String> {
    let call = cx.of_class(Class::Register).rev().take(STEPS).find(|r| r.host() == a.host() && r.accepted())?;
    call.param_text(name).or_else(|| call.param_text("redirect_uris.0").filter(|_| name == "redirect_uri"))
}

/// In which way two URIs differ.
pub(super) fn difference(a: &str, b: &str) -> String {
    use crate::auth::url::parse_url;
    let (x, y) = (parse_url(a), parse_url(b));
    let what = if a.trim_end_matches('/') == b.trim_end_matches('/') {
        "by a slash at the end"
    } else if x.scheme() != y.scheme() {
        "in the scheme"
    } else if x.host() != y.host() {
        "in the host"
    } else if x.port() != y.port() {
        "in the port"
    } else if x.path() != y.path() {
        "in the path"
    } else {
        "behind the path"
    };
    format!("redirect_uri differs {what} from the one before")
}

/// Refused token calls that follow a callback.
pub(super) fn calls_after(cx: &Cx<'_>, callback: Ex<'_>) -> Vec<Id> {
    let g = callback.node().grant.and_then(|n| cx.trace.grants.get(n));
    let calls = g.map_or(&[][..], |g| &g.calls);
    calls.iter().map(|c| c.call).filter(|id| callback.precedes(cx.trace.ex(*id)) && cx.trace.ex(*id).denied()).collect()
}

/// The deployment, if this endpoint of a kind lives on one role of host only and the host has several ports.
pub(super) fn misplaced<'t>(ex: Ex<'t>, kind: &str) -> Option<&'t Variant> {
    let e = ex.profile().endpoint(ex.method(), ex.path()).filter(|e| e.kind == kind)?;
    e.role.as_ref()?;
    ex.profile().variant(ex.host())
}

/// Where host and port stand in the URL.
pub(super) fn authority(ex: Ex<'_>) -> std::ops::Range<usize> {
    let url = ex.full_url();
    let start = url.find("://").map_or(0, |i| i + 3);
    let len = url.get(start..).and_then(|r| r.find('/')).unwrap_or(url.len().saturating_sub(start));
    start..start + len
}
