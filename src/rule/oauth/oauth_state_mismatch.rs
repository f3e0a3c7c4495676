//! `oauth-state-mismatch`: the callback's state is not among the states that were sent.

use super::common;
use crate::auth::token::is_mask;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Rule, Severity, words};
use crate::trace::Class;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "oauth-state-mismatch",
    chapter: Chapter::Oauth,
    severity: Severity::Error,
    tier: Some((2, 80)),
    confidence: Confidence::Strong,
    needs: &[],
    summary: "the callback's state is not among the states that were sent",
    explain: include_str!("oauth_state_mismatch.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for cb in cx.of_class(Class::Callback).filter(|e| e.denied()) {
        let Some(state) = crate::trace::callback_param(&cb, "state").filter(|s| !is_mask(s)) else { continue };
        let sent: Vec<_> = common::authorizations(cx, cb).filter_map(|a| Some((a, a.param_text("state")?))).collect();
        if sent.is_empty() || sent.iter().any(|(_, s)| *s == state || is_mask(s)) || cb.query("error").is_some() {
            continue;
        }
        let cut = sent
            .iter()
            .find(|(_, s)| s.starts_with(&state) || state.starts_with(s.as_str()) || s.replace('+', " ") == state);
        let message = if cut.is_some() {
            "the callback's state was cut or re-encoded on its way"
        } else {
            "the callback's state was never sent by this client"
        };
        let mut f = Finding::new(&RULE, cb.id(), message).field("state");
        if let Some((a, _)) = cut.or_else(|| sent.first()) {
            f = f.see(Evidence::related(a.id(), words::param_part(*a, "state"), "sent"));
        }
        f = f.see(Evidence::primary(cb.id(), words::param_part(cb, "state"), "came back"));
        let after: Vec<_> = common::calls_after(cx, cb);
        out.push(
            f.explains(after)
                .fix("store the state per attempt, and compare it before the code is redeemed")
                .paste("if (params.get('state') !== sessionStorage.getItem('state')) throw new Error('state')")
                .sure(Confidence::Strong, "every authorization of this client was recorded"),
        );
    }
}
