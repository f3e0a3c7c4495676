//! `oauth-missing-state`: the authorization request has no state.

use super::common;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, Severity};
use crate::trace::Class;

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
    for a in cx.of_class(Class::Authorize) {
        if a.param_text("state").is_some()
            || a.param("request_uri").is_some()
            || a.param("request").is_some()
            || a.denied()
        {
            continue;
        }
        let guarded = a.param_text("nonce").is_some() || a.param_text("code_challenge").is_some();
        let public = common::public_client(cx, a);
        let severity = if public && !guarded { Severity::Warning } else { Severity::Note };
        out.push(
            Finding::new(&RULE, a.id(), "the authorization request has no state")
                .hygiene()
                .field("state")
                .severity(severity)
                .see(Evidence::primary(a.id(), Part::Line, "no state among the parameters").at(0..0))
                .fix("send a random state with every attempt, and compare it in the callback")
                .sure(Confidence::Strong, "the parameters as sent"),
        );
    }
}
