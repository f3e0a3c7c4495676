//! `pkce-mismatch`: the verifier does not fit the challenge.

use super::common;
use crate::auth::pkce;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, words};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "pkce-mismatch",
    chapter: Chapter::Oauth,
    severity: Severity::Error,
    tier: Some((2, 130)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Qb]],
    summary: "the verifier does not fit the challenge",
    explain: include_str!("pkce_mismatch.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for call in common::failed_code_calls(cx) {
        let Some(authorize) = common::authorize_of(cx, call) else { continue };
        let (Some(verifier), Some(challenge)) =
            (call.param_text("code_verifier"), authorize.param_text("code_challenge"))
        else {
            continue;
        };
        let method = authorize.param_text("code_challenge_method").unwrap_or_default();
        let masked = crate::auth::token::is_mask(&verifier) || crate::auth::token::is_mask(&challenge);
        if masked || crate::auth::token::is_placeholder(&verifier).is_some() {
            continue;
        }
        let Err(slip) = pkce::compare(&verifier, &challenge, &method) else { continue };
        let other = common::authorizations(cx, call).find(|o| {
            o.id() != authorize.id()
                && o.param_text("code_challenge").is_some_and(|c| pkce::compare(&verifier, &c, &method).is_ok())
        });
        let message = match (slip, other) {
            (_, Some(_)) => "the verifier belongs to another login attempt".to_owned(),
            (Some(s), _) => format!("code_challenge {}", s.words()),
            _ => "the verifier does not give the code_challenge that was sent".to_owned(),
        };
        let (fix, paste) = slip.map_or(
            (
                "keep the verifier of this attempt until its code is redeemed",
                "sessionStorage.setItem(`verifier.${state}`, verifier)",
            ),
            pkce::Slip::fix,
        );
        let mut f = Finding::new(&RULE, call.id(), message).field("code_verifier").see(Evidence::primary(
            authorize.id(),
            Part::Query("code_challenge".to_owned()),
            match challenge.chars().count() {
                43 => "not the digest of the verifier below".to_owned(),
                _ => common::length(&challenge, "43 expected for S256"),
            },
        ));
        if let Some(o) = other {
            f = f.see(Evidence::related(o.id(), Part::Query("code_challenge".to_owned()), "the attempt it belongs to"));
        }
        f = f.see(Evidence::related(call.id(), words::param_part(call, "code_verifier"), "recomputed from this"));
        out.push(
            common::answer(f, call).fix(fix).paste(paste).sure(Confidence::Certain, "recomputed from both values"),
        );
    }
}
