//! `oauth-code-reuse`: the same code was redeemed twice.

use super::common;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Rule, Severity, words};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "oauth-code-reuse",
    chapter: Chapter::Oauth,
    severity: Severity::Error,
    tier: Some((2, 160)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qb, Need::Qh]],
    summary: "the same code was redeemed twice",
    explain: include_str!("oauth_code_reuse.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    let mut first: rustc_hash::FxHashMap<Vec<u8>, crate::facts::Id> = rustc_hash::FxHashMap::default();
    for call in cx.detailed().filter(|e| common::code_call(*e)) {
        let Some(code) =
            call.param("code").filter(|c| !c.is_blank() && crate::auth::token::is_placeholder(&c.text()).is_none())
        else {
            continue;
        };
        let Some(before) = first.get(code.bytes()).copied() else {
            // No answer and a fault of the server do not spend the code for sure.
            if call.status() > 0 && call.status() < 500 {
                first.insert(code.bytes().to_vec(), call.id());
            }
            continue;
        };
        if !call.denied() {
            continue;
        }
        let was = cx.trace.ex(before);
        let f = Finding::new(&RULE, call.id(), format!("this code was redeemed before, in #{before}"))
            .field("code")
            .see(Evidence::related(was.id(), words::param_part(was, "code"), "redeemed here"))
            .see(Evidence::primary(call.id(), words::param_part(call, "code"), "the same code again"));
        out.push(
            common::answer(f, call)
                .fix("redeem a code once, and take it out of the address bar at once")
                .paste("history.replaceState(null, '', location.pathname)")
                .sure(Confidence::Strong, "both calls carry the same code"),
        );
    }
}
