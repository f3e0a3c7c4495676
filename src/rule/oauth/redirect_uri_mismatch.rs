//! `redirect-uri-mismatch`: redirect_uri differs between the steps or from the registered one.

use super::common;
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
    let sure = if differs || said { Confidence::Certain } else { Confidence::Strong };
    Some(
        common::answer(f, call)
            .fix("send the very same redirect_uri in both steps, as registered")
            .sure(sure, if differs { "both values, compared character by character" } else { "the server says so" }),
    )
}

/// The authorization is refused for its redirect_uri.
fn at_authorize(cx: &Cx<'_>, a: Ex<'_>) -> Option<Finding> {
    let refused = common::failure_of(cx, a)?;
    let text = common::error_text(refused).unwrap_or_default();
    if !refused.says(Says::Redirect) && !text.contains("redirect_uri") {
        return None;
    }
    let registered = common::registered(cx, a, "redirect_uri");
    let asked = a.param_text("redirect_uri")?;
    let message = registered.as_ref().filter(|r| **r != asked).map_or_else(
        || "the server does not know this redirect_uri for the client".to_owned(),
        |r| common::difference(r, &asked),
    );
    let f = Finding::new(&RULE, a.id(), message)
        .field("redirect_uri")
        .see(Evidence::primary(a.id(), words::param_part(a, "redirect_uri"), "not the registered one"))
        .fix("register this redirect_uri for the client, or send the registered one, character by character");
    Some(common::at(f, refused).sure(Confidence::Certain, "the server says so"))
}
