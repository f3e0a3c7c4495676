//! `oauth-missing-state`: the authorization request has no state.

use super::common;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, Severity, words};
use crate::trace::{Class, Ex, callback_param};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "oauth-missing-state",
    chapter: Chapter::Oauth,
    severity: Severity::Warning,
    tier: None,
    confidence: Confidence::Strong,
    needs: &[],
    summary: "the authorization request has no state",
    explain: include_str!("oauth_missing_state.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    lost(cx, out);
    for a in cx.of_class(Class::Authorize) {
        if a.param_text("state").is_some()
            || a.param("request_uri").is_some()
            || a.param("request").is_some()
            || a.denied()
        {
            continue;
        }
        out.push(
            Finding::new(&RULE, a.id(), "the authorization request has no state")
                .hygiene()
                .field("state")
                .severity(severity(cx, a))
                .see(Evidence::primary(a.id(), Part::Line, "no state among the parameters").at(0..0))
                .fix("send a random state with every attempt, and compare it in the callback")
                .sure(Confidence::Strong, "the parameters as sent"),
        );
    }
}

/// The answer brings a code, but not the state that was sent along.
fn lost(cx: &Cx<'_>, out: &mut Findings) {
    for cb in cx.of_class(Class::Callback).filter(|c| c.query("code").is_some() && callback_param(c, "state").is_none())
    {
        let Some(a) = common::authorize_of(cx, cb) else { continue };
        if a.param_text("state").is_none() {
            continue;
        }
        out.push(
            Finding::new(&RULE, cb.id(), "the callback lacks the state that was sent with the request")
                .hygiene()
                .field("state")
                .severity(severity(cx, a))
                .see(Evidence::related(a.id(), words::param_part(a, "state"), "sent"))
                .see(Evidence::primary(cb.id(), Part::Line, "no state among the parameters").at(0..0))
                .fix("compare the state in the callback, and start the login again when it is not there")
                .sure(Confidence::Strong, "the parameters as sent"),
        );
    }
}

/// A client without secret that guards its code in no other way is open to forged logins.
fn severity(cx: &Cx<'_>, a: Ex<'_>) -> Severity {
    let guarded = a.param_text("nonce").is_some() || a.param_text("code_challenge").is_some();
    if common::public_client(cx, a) && !guarded { Severity::Warning } else { Severity::Note }
}
