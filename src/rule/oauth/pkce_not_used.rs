//! `pkce-not-used`: code flow without code_challenge.

use super::common;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, Severity};
use crate::trace::Class;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "pkce-not-used",
    chapter: Chapter::Oauth,
    severity: Severity::Error,
    tier: Some((2, 140)),
    confidence: Confidence::Certain,
    needs: &[],
    summary: "code flow without code_challenge",
    explain: include_str!("pkce_not_used.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for a in cx.of_class(Class::Authorize) {
        let code = a.param_text("response_type").is_some_and(|r| r.split(' ').any(|w| w == "code"));
        if !code
            || a.param("code_challenge").is_some()
            || a.param("request_uri").is_some()
            || a.param("request").is_some()
        {
            continue;
        }
        let failure = common::failure_of(cx, a);
        let said = failure.is_some_and(|f| {
            common::error_text(f).is_some_and(|t| t.contains("code_challenge") || t.contains("pkce"))
                || f.says(crate::provider::Class::Pkce)
        });
        let required = a.profile().oauth.pkce.as_deref() == Some("required");
        let f = Finding::new(&RULE, a.id(), "the authorization request has no code_challenge")
            .field("code_challenge")
            .see(Evidence::primary(a.id(), Part::Line, "no code_challenge among the parameters").at(0..0))
            .fix("send an S256 challenge with every attempt")
            .paste("code_challenge_method=S256&code_challenge=base64url(SHA-256(verifier))");
        match failure.filter(|_| said || required) {
            Some(refused) => out.push(common::at(f, refused).sure(Confidence::Certain, "the server wants a challenge")),
            None if common::public_client(cx, a) => out.push(
                f.hygiene()
                    .severity(Severity::Warning)
                    .sure(Confidence::Strong, "a client without secret has no other protection for its code"),
            ),
            None => out.push(
                f.hygiene()
                    .severity(Severity::Note)
                    .sure(Confidence::Strong, "recommended for every client (RFC 9700)"),
            ),
        }
    }
}
