//! `not-found-masks-denial`: this service answers 404 where others answer 401 or 403.

use rustc_hash::FxHashSet;

use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::{Class, Denial};

use super::common;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "not-found-masks-denial",
    chapter: Chapter::Routing,
    severity: Severity::Note,
    tier: None,
    confidence: Confidence::Likely,
    needs: &[&[Need::Profile]],
    summary: "this service answers 404 where others answer 401 or 403",
    explain: include_str!("not_found_masks_denial.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    let mut told = FxHashSet::default();
    for ex in cx.denied() {
        let masked = ex.denial() == Some(Denial::Masked) || ex.class() == Class::Login && ex.status() == 404;
        let Some(pattern) = ex.profile().masked_denial.iter().find(|p| p.is_match(ex.path())) else { continue };
        if !masked || !told.insert(ex.fact().route) {
            continue;
        }
        let f = Finding::new(&RULE, ex.id(), "this 404 may be a refusal: the service hides what it refuses")
            .hygiene()
            .see(Evidence::primary(ex.id(), Part::Line, "not found, or not allowed").at(common::path(ex)))
            .see(Evidence::row(ex.id(), Part::Say(format!("profile \"{}\": {}", ex.profile().id, pattern.as_str()))));
        out.push(
            common::answer(f, ex, "said in both cases")
                .fix("treat 404 on this route as a refusal: check the credential before the path")
                .sure(Confidence::Likely, format!("profile \"{}\" says so of this route", ex.profile().id)),
        );
    }
}
