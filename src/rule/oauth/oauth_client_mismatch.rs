//! `oauth-client-mismatch`: another client id than in the step before.

use super::common;
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Rule, Severity, words};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "oauth-client-mismatch",
    chapter: Chapter::Oauth,
    severity: Severity::Error,
    tier: Some((2, 70)),
    confidence: Confidence::Certain,
    needs: &[],
    summary: "another client id than in the step before",
    explain: include_str!("oauth_client_mismatch.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for call in common::failed_code_calls(cx) {
        let Some(a) = common::authorize_of(cx, call) else { continue };
        out.extend(compare(a, call));
    }
    for refresh in cx.of_class(Class::Refresh).filter(|e| e.denied()) {
        let by = refresh.refresh_tokens().find_map(|v| cx.life(v)?.issued.last().map(|i| i.by));
        out.extend(by.and_then(|id| compare(cx.trace.ex(id), refresh)));
    }
    for a in cx.of_class(Class::Authorize) {
        out.extend(unregistered(cx, a));
    }
}

fn compare(first: Ex<'_>, call: Ex<'_>) -> Option<Finding> {
    let (x, y) = (first.param_text("client_id")?, call.param_text("client_id")?);
    if x == y
        || call.param_text("grant_type").is_some_and(|g| g.contains("token-exchange"))
        || crate::auth::token::is_mask(&x)
        || crate::auth::token::is_mask(&y)
    {
        return None;
    }
    let f = Finding::new(&RULE, call.id(), "the token call names another client_id than the step before")
        .field("client_id")
        .see(Evidence::related(first.id(), words::param_part(first, "client_id"), "the step before"))
        .see(Evidence::primary(call.id(), words::param_part(call, "client_id"), "the token call"));
    Some(
        common::answer(f, call)
            .fix("use one client_id for all steps, as registered")
            .sure(Confidence::Certain, "both values were compared"),
    )
}

/// The authorization names a client that the server does not know.
fn unregistered(cx: &Cx<'_>, a: Ex<'_>) -> Option<Finding> {
    let refused = common::failure_of(cx, a)?;
    let text = common::error_text(refused).unwrap_or_default();
    let unknown = refused.says(Says::Client)
        || text.contains("client_id")
        || text.contains("unauthorized_client")
        || text.contains("unknown client")
        || text.contains("client not found");
    let known =
        common::registered(cx, a, "client_guid").is_some_and(|c| a.param_text("client_id").is_some_and(|x| x != c));
    if !unknown && !known || a.param("client_id").is_none_or(|f| f.is_blank()) {
        return None;
    }
    // A client that is known, but may not ask in this way, is "unauthorized_client", too (RFC 6749 4.1.2.1).
    let barred = !known
        && common::error_code(refused).as_deref() == Some("unauthorized_client")
        && !["client_id", "unknown", "not found"].iter().any(|w| text.contains(w));
    let (message, fix) = match barred {
        true => ("the server does not let this client ask so", "allow this flow for the client, or send the right id"),
        false => {
            ("the server does not know this client_id", "register the client on this server, and send its id exactly")
        }
    };
    let f = Finding::new(&RULE, a.id(), message)
        .field("client_id")
        .see(Evidence::primary(a.id(), words::param_part(a, "client_id"), "as sent"))
        .fix(fix);
    Some(common::at(f, refused).sure(Confidence::Strong, "the answer to the authorization"))
}
