//! `pkce-missing-verifier`: the authorization had a challenge, the token call has no verifier.

use super::common;
use crate::auth::token::is_placeholder;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, words};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "pkce-missing-verifier",
    chapter: Chapter::Oauth,
    severity: Severity::Error,
    tier: Some((2, 110)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Qb]],
    summary: "the authorization had a challenge, the token call has no verifier",
    explain: include_str!("pkce_missing_verifier.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for call in common::failed_code_calls(cx) {
        if call.body().is_none() || call.masked() {
            continue;
        }
        let sent = call.param("code_verifier");
        let empty = sent.is_none_or(|f| f.is_blank() || is_placeholder(&f.text()).is_some());
        let authorize = common::authorize_of(cx, call);
        let challenged = authorize.is_some_and(|a| a.param_text("code_challenge").is_some());
        let named = call.says(crate::provider::Class::Pkce) && authorize.is_none();
        if !empty || !(challenged || named) {
            continue;
        }
        let message = match sent {
            Some(f) if !f.is_blank() => {
                format!("the token call sends \"{}\" as code_verifier", f.text().chars().take(20).collect::<String>())
            }
            Some(_) => "the token call sends an empty code_verifier".to_owned(),
            None => "the token call has no code_verifier".to_owned(),
        };
        let mut f = Finding::new(&RULE, call.id(), message).field("code_verifier");
        if let Some(a) = authorize {
            f = f.see(Evidence::related(a.id(), Part::Query("code_challenge".to_owned()), "a challenge was sent"));
        }
        let part = if sent.is_some() { words::param_part(call, "code_verifier") } else { Part::ReqBody(0..0) };
        f = f.see(Evidence::primary(call.id(), part, "not among the fields"));
        out.push(
            common::answer(f, call)
                .fix("keep the verifier until the token call, on the origin that redeems the code")
                .paste("sessionStorage.setItem('code_verifier', verifier) // per origin and tab")
                .sure(Confidence::Certain, "a challenge without its verifier cannot be redeemed"),
        );
    }
}
