//! `dpop-scheme-mismatch`: a bound token without DPoP, or the scheme without proof.

use crate::auth::authorization::Form;
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "dpop-scheme-mismatch",
    chapter: Chapter::Dpop,
    severity: Severity::Error,
    tier: Some((3, 240)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Qh]],
    summary: "a bound token without DPoP, or the scheme without proof",
    explain: include_str!("dpop_scheme_mismatch.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied_calls().filter(|e| !matches!(e.said(), Some(Says::Permission | Says::Scope | Says::Rate))) {
        let Some((_, a)) = ex.authorization().filter(|(_, a)| matches!(a.form, Form::SchemeAndToken)) else { continue };
        let found = if a.scheme.eq_ignore_ascii_case("dpop") { unproved(ex) } else { as_bearer(cx, ex, &a.scheme) };
        let Some((message, why)) = found else { continue };
        let header = |label: &str| Evidence::primary(ex.id(), Part::Req("authorization".to_owned(), 0), label);
        let mut f = Finding::new(&RULE, ex.id(), message).field("authorization");
        for row in why {
            f = f.see(row);
        }
        f = f.see(header("the scheme of the call").at(a.scheme_at.clone()));
        if ex.req("dpop").lacking() {
            f = f.see(Evidence::row(ex.id(), Part::ReqAbsent("dpop".to_owned())));
        }
        out.push(
            f.fix("send the token with the scheme DPoP, and a fresh proof in the header DPoP")
                .paste("-H \"Authorization: DPoP $TOKEN\" -H \"DPoP: $PROOF\"")
                .sure(Confidence::Certain, "the token's kind against the scheme and headers sent"),
        );
    }
}

/// The scheme DPoP without the header of that name.
fn unproved(ex: Ex<'_>) -> Option<(String, Vec<Evidence>)> {
    ex.req("dpop").lacking().then(|| ("the scheme DPoP was sent without a proof".to_owned(), Vec::new()))
}

/// A token that is bound to a key, sent as bearer token.
fn as_bearer(cx: &Cx<'_>, ex: Ex<'_>, scheme: &str) -> Option<(String, Vec<Evidence>)> {
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let life = cx.life(ex.bearer()?.value)?;
    let message = "a token that is bound to a key was sent as Bearer".to_owned();
    let issued = life.issued.iter().rev().find(|i| cx.trace.ex(i.by).precedes(ex));
    if let Some(kind) = issued.and_then(|i| i.token_type.as_deref()) {
        let by = issued.map(|i| i.by)?;
        let row = Evidence::related(by, Part::ResField("token_type".to_owned()), "issued for DPoP");
        return kind.eq_ignore_ascii_case("dpop").then(|| (message, vec![Evidence::row(by, Part::Line), row]));
    }
    let bound = life.jwt.as_ref().is_some_and(|j| j.cnf_jkt.is_some());
    let row = Evidence::row(ex.id(), Part::Say("the token's cnf claim names a key (jkt)".to_owned()));
    bound.then(|| (message, vec![row]))
}
