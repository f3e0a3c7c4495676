//! `token-response-cacheable`: a token answer may be cached.

use super::common::Groups;
use crate::facts::Kind as Value;
use crate::http::Observed;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "token-response-cacheable",
    chapter: Chapter::Exposure,
    severity: Severity::Note,
    tier: None,
    confidence: Confidence::Strong,
    needs: &[&[Need::Sh]],
    summary: "a token answer without Cache-Control: no-store",
    explain: include_str!("token_response_cacheable.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    let mut groups = Groups::default();
    for ex in cx.all().filter(|e| token_answer(cx, *e)) {
        match ex.res("cache-control") {
            Observed::Absent => groups.add(format!("{}{}", ex.origin(), ex.path()), ex, false),
            Observed::Present(_) if !no_store(ex) => groups.add(format!("{}{}", ex.origin(), ex.path()), ex, true),
            _ => {}
        }
    }
    for g in groups.into_list() {
        let part = match g.what {
            true => Part::Res("cache-control".to_owned(), 0),
            false => Part::ResAbsent("cache-control".to_owned()),
        };
        let f = Finding::new(&RULE, g.first.id(), "the answer with the token does not forbid caches to keep it")
            .hygiene()
            .see(Evidence::row(g.first.id(), Part::Line))
            .see(Evidence::primary(g.first.id(), part, "no-store is missing"));
        out.push(
            g.counted(f)
                .fix("(server) answer token requests with Cache-Control: no-store")
                .sure(Confidence::Strong, "RFC 6749 5.1 demands it"),
        );
    }
}

/// An OAuth token answer whose header lines were recorded.
fn token_answer(cx: &Cx<'_>, ex: Ex<'_>) -> bool {
    let token =
        |v: &crate::facts::ValueId| cx.life(*v).is_some_and(|l| matches!(l.kind, Value::Token | Value::Refresh));
    let lines = ex.detail().map_or(0, |d| d.response.len());
    matches!(ex.class(), Class::Token | Class::Refresh | Class::Device)
        && ex.status() == 200
        && lines > 0
        && ex.method() == "POST"
        && ex.node().issued.iter().any(token)
}

fn no_store(ex: Ex<'_>) -> bool {
    ex.ress("cache-control").any(|l| l.text().to_ascii_lowercase().contains("no-store"))
}
