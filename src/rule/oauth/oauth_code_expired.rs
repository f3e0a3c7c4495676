//! `oauth-code-expired`: the code was redeemed too late.

use super::common;
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, words};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "oauth-code-expired",
    chapter: Chapter::Oauth,
    severity: Severity::Error,
    tier: Some((2, 170)),
    confidence: Confidence::Likely,
    needs: &[&[Need::T]],
    summary: "the code was redeemed too late",
    explain: include_str!("oauth_code_expired.md"),
    kind: Kind::Rule(check),
};

/// The longest life of a code by the standard, seconds (RFC 6749 4.1.2).
const LONGEST: i64 = 600;

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for call in common::failed_code_calls(cx) {
        let Some(g) = call.node().grant.and_then(|n| cx.trace.grants.get(n)) else { continue };
        let from = g.callback.or(g.authorize).map(|id| cx.trace.ex(id));
        let Some(from) = from.filter(|f| f.precedes(call)) else { continue };
        let age = from
            .start()
            .zip(call.start())
            .map(|(a, b)| (b - a) / 1_000_000)
            .or_else(|| from.server_now().zip(call.server_now()).map(|(a, b)| (b - a) / 1_000_000));
        let limit = call.profile().auth.code_lifetime.unwrap_or(LONGEST);
        let Some(age) = age.filter(|a| *a > limit && *a < 12 * 3600) else { continue };
        let said = call.says(Says::Code);
        let f =
            Finding::new(&RULE, call.id(), format!("the code was redeemed {} after it was issued", words::span(age)))
                .field("code")
                .see(Evidence::related(from.id(), Part::Line, "the code was issued"))
                .see(Evidence::row(call.id(), Part::Gap(format!("{} later", words::span(age)))))
                .see(Evidence::primary(call.id(), words::param_part(call, "code"), "too late"));
        let sure = if said { Confidence::Strong } else { Confidence::Likely };
        out.push(
            common::answer(f, call)
                .fix("redeem the code at once")
                .or("oauth-code-reuse", "an earlier call with the same code")
                .sure(sure, format!("codes live {limit} s at most")),
        );
    }
}
