//! `jwt-alg-none`: an unsigned token.

use rustc_hash::FxHashSet;

use super::common;
use crate::auth::jwt::Jwt;
use crate::facts::Id;
use crate::http::Origin;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, words};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "jwt-alg-none",
    chapter: Chapter::Jwt,
    severity: Severity::Error,
    tier: Some((4, 80)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh]],
    summary: "an unsigned token",
    explain: include_str!("jwt_alg_none.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    let bad = cx.trace.lives.iter().filter(|l| l.jwt.as_deref().and_then(unsigned).is_some());
    let mut uses: Vec<Id> = bad.flat_map(|l| l.uses.iter().map(|u| u.by)).collect();
    uses.sort_unstable();
    uses.dedup();
    let mut warned = FxHashSet::default();
    let uses = uses.into_iter().map(|id| cx.trace.ex(id));
    for ex in uses.filter(|e| !e.class().oauth() && !e.masked() && e.fact().origin_of_lines != Origin::Typed) {
        let Some(used) = common::bearer(ex) else { continue };
        let Some(jwt) = cx.life(used.value).and_then(|l| l.jwt.as_deref()) else { continue };
        let Some(what) = unsigned(jwt) else { continue };
        let f = Finding::new(&RULE, ex.id(), format!("the token is not signed: {what}"))
            .field("authorization")
            .see(Evidence::primary(ex.id(), words::place(cx, used), what))
            .see(Evidence::row(ex.id(), Part::Say(format!("token header: alg={}", jwt.alg))))
            .fix("send a token signed with the algorithm that the API expects");
        if ex.denied() {
            let none = jwt.alg.eq_ignore_ascii_case("none");
            let sure = if none { Confidence::Strong } else { Confidence::Likely };
            out.push(f.sure(sure, "no verifier may take an unsigned token (RFC 8725 3.2)"));
        } else if ex.accepted()
            && (200..300).contains(&ex.status())
            && jwt.alg.eq_ignore_ascii_case("none")
            && !ex.public_route()
            && warned.insert((used.value, ex.fact().route))
        {
            let f = f
                .hygiene()
                .severity(Severity::Warning)
                .sure(Confidence::Likely, "accepted all the same: the server may not verify");
            out.push(f.fix("let the server refuse alg none, and sign the token"));
        }
    }
}

/// In which way a token is not signed.
fn unsigned(jwt: &Jwt) -> Option<&'static str> {
    if jwt.encrypted || jwt.signature_cut {
        return None;
    }
    if jwt.alg.eq_ignore_ascii_case("none") {
        return Some("alg is none");
    }
    (jwt.signature_len == 0).then_some("the signature part is empty")
}
