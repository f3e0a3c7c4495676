//! `doubled-scheme`: the scheme stands twice.

use super::common;
use crate::auth::authorization::Form;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "doubled-scheme",
    chapter: Chapter::Value,
    severity: Severity::Error,
    tier: Some((3, 80)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Qh]],
    summary: "the scheme stands twice",
    explain: include_str!("doubled_scheme.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for (ex, line, a) in common::refused(cx) {
        let Form::DoubledScheme { second } = &a.form else { continue };
        let word = String::from_utf8_lossy(line.bytes().get(second.clone()).unwrap_or_default()).into_owned();
        out.push(
            Finding::new(&RULE, ex.id(), format!("two schemes stand before the token: \"{} {word}\"", a.scheme))
                .field("authorization")
                .see(
                    Evidence::primary(ex.id(), Part::Req("authorization".to_owned(), 0), "the second scheme")
                        .at(second.clone()),
                )
                .fix("give the tool the bare token; it adds the scheme itself")
                .paste(recipe::header(ex, &recipe::scheme(ex)))
                .sure(Confidence::Certain, "no server reads a scheme as part of a token"),
        );
    }
}
