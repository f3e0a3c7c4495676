//! `duplicate-authorization`: several Authorization headers, or one with two credentials.

use super::common;
use crate::auth::authorization::Form;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "duplicate-authorization",
    chapter: Chapter::Value,
    severity: Severity::Error,
    tier: Some((3, 30)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh]],
    summary: "several Authorization headers, or one with two credentials",
    explain: include_str!("duplicate_authorization.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied().filter(|e| !e.masked()) {
        let lines: Vec<_> = ex.reqs("authorization").collect();
        let mut f = match lines.as_slice() {
            [a, b, ..] => {
                let same = a.bytes() == b.bytes();
                let f = Finding::new(&RULE, ex.id(), format!("the request has {} Authorization headers", lines.len()))
                    .see(Evidence::row(ex.id(), Part::Req("authorization".to_owned(), 0)))
                    .see(Evidence::primary(ex.id(), Part::Req("authorization".to_owned(), 1), "a second credential"));
                if same {
                    f.sure(Confidence::Possible, "both have the same value")
                } else {
                    f.sure(Confidence::Strong, "a server takes one of them, or none")
                }
            }
            [_] => {
                let Some(comma) = common::header(ex).and_then(|(_, a)| match a.form {
                    Form::TwoCredentials { comma } => Some(comma),
                    _ => None,
                }) else {
                    continue;
                };
                Finding::new(&RULE, ex.id(), "one Authorization header holds two credentials")
                    .see(
                        Evidence::primary(
                            ex.id(),
                            Part::Req("authorization".to_owned(), 0),
                            "two credentials joined here",
                        )
                        .at(comma..comma + 1),
                    )
                    .sure(Confidence::Strong, "two header lines were joined by a comma")
            }
            [] => continue,
        };
        f = f.field("authorization").fix("send one of them: remove the client's default or the one added by hand");
        out.push(f);
    }
}
