//! `oauth-password-grant`: the user's password goes to the client.

use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Rule, Severity, words};
use crate::trace::Class;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "oauth-password-grant",
    chapter: Chapter::Oauth,
    severity: Severity::Warning,
    tier: None,
    confidence: Confidence::Strong,
    needs: &[&[Need::Qb]],
    summary: "the user's password goes to the client",
    explain: include_str!("oauth_password_grant.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    let mut seen = rustc_hash::FxHashSet::default();
    for call in cx.of_class(Class::Token) {
        if call.param_text("grant_type").as_deref() != Some("password") || !seen.insert(call.fact().origin) {
            continue;
        }
        out.push(
            Finding::new(&RULE, call.id(), "grant_type=password gives the user's password to the client")
                .hygiene()
                .see(Evidence::primary(call.id(), words::param_part(call, "grant_type"), "the password grant"))
                .fix("use the code flow with PKCE for people, client_credentials for machines")
                .sure(Confidence::Strong, "the field as sent"),
        );
    }
}
