//! `pkce-plain`: the challenge is the verifier itself.

use super::common;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, Severity};
use crate::trace::Class;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "pkce-plain",
    chapter: Chapter::Oauth,
    severity: Severity::Warning,
    tier: Some((2, 150)),
    confidence: Confidence::Strong,
    needs: &[],
    summary: "the challenge is the verifier itself",
    explain: include_str!("pkce_plain.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for a in cx.of_class(Class::Authorize).filter(|a| a.param_text("code_challenge").is_some()) {
        let method = a.param_text("code_challenge_method");
        let plain = method.as_deref().is_none_or(|m| m.eq_ignore_ascii_case("plain"));
        let other_case = method.as_deref().is_some_and(|m| m.eq_ignore_ascii_case("S256") && m != "S256");
        if !plain && !other_case {
            continue;
        }
        let message = match (other_case, method.is_some()) {
            (true, _) => "code_challenge_method is \"s256\"; the value is \"S256\"",
            (_, true) => "method \"plain\" makes the challenge the verifier itself; use \"S256\"",
            _ => "no code_challenge_method, so \"plain\": the challenge is the verifier",
        };
        let part = if method.is_some() {
            Part::Query("code_challenge_method".to_owned())
        } else {
            Part::Query("code_challenge".to_owned())
        };
        let f = Finding::new(&RULE, a.id(), message)
            .field("code_challenge_method")
            .see(Evidence::primary(a.id(), part, "S256 hides the verifier"))
            .fix("send code_challenge_method=S256 and the digest as challenge")
            .paste("code_challenge_method=S256&code_challenge=base64url(SHA-256(verifier))");
        let refused = common::failure_of(cx, a).filter(|f| {
            let text = common::error_text(*f).unwrap_or_default();
            text.contains("challenge_method") || text.contains("transform") || text.contains("plain")
        });
        match refused {
            Some(r) => out.push(
                common::at(f.severity(Severity::Error), r).sure(Confidence::Strong, "the server refuses this method"),
            ),
            None if plain => out.push(f.hygiene().sure(Confidence::Strong, "RFC 9700 2.1.1 wants S256")),
            None => {}
        }
    }
}
