//! `pkce-malformed-verifier`: the verifier breaks the grammar.

use super::common;
use crate::auth::pkce::{self, Malformed};
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Rule, Severity, words};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "pkce-malformed-verifier",
    chapter: Chapter::Oauth,
    severity: Severity::Error,
    tier: Some((2, 120)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Qb]],
    summary: "the verifier breaks the grammar",
    explain: include_str!("pkce_malformed_verifier.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for call in common::failed_code_calls(cx) {
        let Some(verifier) = call.param_text("code_verifier") else { continue };
        if crate::auth::token::is_mask(&verifier) || crate::auth::token::is_placeholder(&verifier).is_some() {
            continue;
        }
        let (message, label) = match pkce::malformed(&verifier) {
            Some(Malformed::Length(n)) => {
                (format!("the code_verifier has {n} characters; 43 to 128 are allowed"), "its length")
            }
            Some(Malformed::Character(c, at)) => (
                format!("the code_verifier holds U+{:04X} at position {at}, which is not allowed", u32::from(c)),
                "its characters",
            ),
            None => continue,
        };
        let f = Finding::new(&RULE, call.id(), message).field("code_verifier").see(Evidence::primary(
            call.id(),
            words::param_part(call, "code_verifier"),
            label,
        ));
        out.push(
            common::answer(f, call)
                .fix("make the verifier from 32 random bytes, as base64url or hex")
                .paste("base64url(crypto.getRandomValues(new Uint8Array(32)))")
                .sure(Confidence::Certain, "measured against RFC 7636 4.1"),
        );
    }
}
