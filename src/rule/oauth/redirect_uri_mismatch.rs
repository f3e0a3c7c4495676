//! `redirect-uri-mismatch`: redirect_uri differs between the steps or from the registered one.

use super::common;
use crate::auth::{token::is_mask, url};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, Severity, words};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "redirect-uri-mismatch",
    chapter: Chapter::Oauth,
    severity: Severity::Error,
    tier: Some((2, 60)),
    confidence: Confidence::Certain,
    needs: &[],
    summary: "redirect_uri differs between the steps or from the registered one",
    explain: include_str!("redirect_uri_mismatch.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for call in common::failed_code_calls(cx) {
        out.extend(at_token(cx, call));
    }
    for a in cx.of_class(Class::Authorize) {
        out.extend(at_authorize(cx, a));
    }
    for cb in cx.of_class(Class::Callback).filter(|c| c.denied()) {
        out.extend(at_callback(cx, cb));
    }
}

/// The answer arrived at another address than it was asked to.
fn at_callback(cx: &Cx<'_>, cb: Ex<'_>) -> Option<Finding> {
    let a = common::authorize_of(cx, cb)?;
    let asked = a.param_text("redirect_uri").filter(|u| !is_mask(u) && u.contains("://"))?;
    let state = crate::trace::callback_param(&cb, "state")?;
    let (to, here) = (url::parse_url(&asked), format!("{}{}", cb.origin(), cb.path()));
    // A native client may listen on any port (RFC 8252 7.3); a server's own log need not know its outer name.
    let native = url::is_loopback(to.host()) && url::is_loopback(cb.host()) && to.path() == cb.path();
    let inner = cb.fact().side != crate::http::Side::Client || cb.fact().flags.behind_tls;
    let same = asked.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/') == here.trim_end_matches('/');
    if a.param_text("state")? != state || native || inner || same || cb.query("error").is_some() {
        return None;
    }
    // Sent on from the right address: then the application itself moved it.
    if cb.node().redirected_from.is_some_and(|id| cx.trace.ex(id).class() == Class::Callback) {
        return None;
    }
    let f = Finding::new(&RULE, cb.id(), "the answer arrived at another address than redirect_uri")
        .field("redirect_uri")
        .see(Evidence::related(a.id(), words::param_part(a, "redirect_uri"), "asked to come here"))
        .see(Evidence::primary(cb.id(), Part::Line, "arrived here, and was refused"));
    Some(
        f.fix("send the redirect_uri of the address that handles the answer, and register that")
            .sure(Confidence::Strong, "both addresses, compared"),
    )
}

/// Token call and authorization name different URIs.
fn at_token(cx: &Cx<'_>, call: Ex<'_>) -> Option<Finding> {
    if call.masked() || call.body().is_none() {
        return None;
    }
    let authorize = common::authorize_of(cx, call);
    let asked = authorize.and_then(|a| a.param_text("redirect_uri"));
    let sent = call.param_text("redirect_uri");
    let said = call.says(Says::Redirect);
    let message = match (&asked, &sent) {
        (Some(a), Some(b)) if a != b => common::difference(a, b),
        (Some(_), None) if said => "the token call lacks the redirect_uri of the authorization".to_owned(),
        (Some(_), None) if unsaid(call) => "the token call lacks the redirect_uri of the authorization".to_owned(),
        (None, Some(_)) if authorize.is_some() && said => {
            "the token call names a redirect_uri, the authorization did not".to_owned()
        }
        _ if said => "the server does not know this redirect_uri for the client".to_owned(),
        _ => return None,
    };
    let differs = matches!((&asked, &sent), (Some(a), Some(b)) if a != b);
    let mut f = Finding::new(&RULE, call.id(), message).field("redirect_uri");
    if let (Some(a), Some(_)) = (authorize, &asked) {
        f = f.see(Evidence::related(a.id(), words::param_part(a, "redirect_uri"), "the authorization"));
    }
    let part = if sent.is_some() { words::param_part(call, "redirect_uri") } else { Part::Line };
    f = f.see(Evidence::primary(call.id(), part, "the token call"));
    let (sure, because) = match (differs, said) {
        (true, _) => (Confidence::Certain, "both values, compared character by character"),
        (false, true) => (Confidence::Certain, "the server says so"),
        (false, false) => (Confidence::Likely, "the token call must repeat it (RFC 6749 4.1.3)"),
    };
    let f = f.fix("send the very same redirect_uri in both steps, as registered").sure(sure, because);
    let f = if sure == Confidence::Likely { f.or("oauth-code-expired", "the code's age and earlier uses") } else { f };
    Some(common::answer(f, call))
}

/// The server names no finer reason than a bad request or grant.
fn unsaid(call: Ex<'_>) -> bool {
    let vague = call.answer_text("error").is_some_and(|e| e == "invalid_grant" || e == "invalid_request");
    vague && matches!(call.said(), None | Some(Says::Invalid))
}

/// The authorization is refused for its redirect_uri.
fn at_authorize(cx: &Cx<'_>, a: Ex<'_>) -> Option<Finding> {
    let refused = common::failure_of(cx, a)?;
    let text = common::error_text(refused).unwrap_or_default();
    let said = refused.says(Says::Redirect) || text.contains("redirect_uri");
    let registered = common::registered(cx, a, "redirect_uri");
    let asked = a.param_text("redirect_uri")?;
    let differs = registered.as_ref().is_some_and(|r| *r != asked) && refused.said().is_none();
    if !said && !differs {
        return None;
    }
    let message = registered.as_ref().filter(|r| **r != asked).map_or_else(
        || "the server does not know this redirect_uri for the client".to_owned(),
        |r| common::difference(r, &asked),
    );
    let f = Finding::new(&RULE, a.id(), message)
        .field("redirect_uri")
        .see(Evidence::primary(a.id(), words::param_part(a, "redirect_uri"), "not the registered one"))
        .fix("register this redirect_uri for the client, or send the registered one, character by character");
    let f = common::at(f, refused);
    Some(match said {
        true => f.sure(Confidence::Certain, "the server says so"),
        false => f.sure(Confidence::Strong, "the registration in this capture has another one"),
    })
}
