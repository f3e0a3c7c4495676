//! `cors-hides-denial`: a refusal without CORS headers, which the console shows as "CORS error".

use rustc_hash::FxHashSet;

use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "cors-hides-denial",
    chapter: Chapter::Cors,
    severity: Severity::Note,
    tier: None,
    confidence: Confidence::Strong,
    needs: &[&[Need::Sh]],
    summary: "a refusal without CORS headers, which the console shows as \"CORS error\"",
    explain: include_str!("cors_hides_denial.md"),
    kind: Kind::Rule(check),
};

const ALLOW: &str = "access-control-allow-origin";

fn check(cx: &Cx<'_>, out: &mut Findings) {
    let mut told = FxHashSet::default();
    for ex in cx.denied().filter(|e| hidden(*e)) {
        if !told.insert(ex.fact().origin) {
            continue;
        }
        let Some(shown) = readable(ex) else { continue };
        out.push(
            Finding::new(&RULE, ex.id(), format!("the page cannot see this {}: it has no CORS headers", ex.status()))
                .hygiene()
                .see(Evidence::related(shown.id(), Part::Line, "its answer lets the page read it"))
                .see(Evidence::row(ex.id(), Part::Line))
                .see(Evidence::primary(ex.id(), Part::ResAbsent(ALLOW.to_owned()), "the browser hides the status"))
                .fix("send the CORS headers on errors too")
                .sure(Confidence::Strong, "answers of success have the header, this refusal lacks it"),
        );
    }
}

/// A refusal that the page of another origin may not read.
fn hidden(ex: Ex<'_>) -> bool {
    let f = ex.fact().flags;
    matches!(ex.status(), 401 | 403) && f.cross_origin && f.browser && f.sees_response && !f.allows_origin
}

/// An accepted call of the same page to the same origin whose answer it may read.
fn readable(ex: Ex<'_>) -> Option<Ex<'_>> {
    let fits = |o: &Ex<'_>| {
        let f = o.fact();
        o.accepted()
            && f.origin == ex.fact().origin
            && f.flags.cross_origin
            && f.flags.allows_origin
            && !f.flags.preflight
    };
    ex.before().take(500).find(fits).or_else(|| ex.after().take(500).find(fits))
}
