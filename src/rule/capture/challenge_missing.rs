//! `challenge-missing`: a 401 that does not say what to send.

use rustc_hash::FxHashSet;

use crate::http::Observed;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "challenge-missing",
    chapter: Chapter::Capture,
    severity: Severity::Note,
    tier: None,
    confidence: Confidence::Certain,
    needs: &[&[Need::Sh]],
    summary: "a 401 that does not say what to send",
    explain: include_str!("challenge_missing.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    let mut told = FxHashSet::default();
    for ex in cx.denied().filter(|e| e.status() == 401 && !deliberate(*e)) {
        if !matches!(ex.res("www-authenticate"), Observed::Absent) || !told.insert(ex.fact().origin) {
            continue;
        }
        out.push(
            Finding::new(&RULE, ex.id(), "a 401 without WWW-Authenticate: clients cannot tell what to send")
                .hygiene()
                .see(Evidence::row(ex.id(), Part::Line))
                .see(Evidence::primary(ex.id(), Part::ResAbsent("www-authenticate".to_owned()), "RFC 9110 asks for it"))
                .fix("on the server: send a challenge with every 401")
                .paste("WWW-Authenticate: Bearer realm=\"api\"")
                .sure(Confidence::Certain, "all response headers were recorded"),
        );
    }
}

/// Providers that never send one, answers of something in front, and pages' calls, where a challenge would open the
/// browser's own dialog.
fn deliberate(ex: Ex<'_>) -> bool {
    let f = ex.fact().flags;
    let never = ex.profile().auth.challenge.as_deref() == Some("absent");
    never || ex.node().foreign.is_some() || f.browser && (f.script || f.cross_origin) || ex.class().issues()
}
