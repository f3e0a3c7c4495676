//! `superseded-token`: an old token was used after a newer one replaced it.

use crate::facts::Kind as Value;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};
use crate::trace::Class;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "superseded-token",
    chapter: Chapter::Life,
    severity: Severity::Error,
    tier: Some((4, 70)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh]],
    summary: "an old token was used after a newer one replaced it",
    explain: include_str!("superseded_token.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied_calls().filter(|e| e.class() == Class::Call) {
        let Some(used) = ex.token().filter(|u| u.kind != Value::IdToken) else { continue };
        let Some((new, by)) = cx.life(used.value).and_then(|l| l.replaced) else { continue };
        let swap = cx.trace.ex(by);
        if !swap.precedes(ex) {
            continue;
        }
        let works = cx.life(new).is_some_and(|l| !l.accepted.is_empty());
        let race = matches!((ex.start(), swap.end()), (Some(s), Some(e)) if s - e < 2_000_000);
        let f = Finding::new(&RULE, ex.id(), "an older token was sent after a newer one had replaced it")
            .field("authorization")
            .see(Evidence::related(swap.id(), Part::Line, "replaces the token"))
            .see(Evidence::primary(ex.id(), Part::Req("authorization".to_owned(), 0), "the old token"))
            .fix("replace the token in every place at once, and share one renewal")
            .paste(recipe::renew(ex));
        out.push(match (works, race) {
            (_, true) => f
                .sure(Confidence::Likely, "sent in the moment of the renewal")
                .or("a race", "the order of both calls in the client's log"),
            (true, _) => f.sure(Confidence::Strong, "the newer token is accepted, the older is not"),
            _ => f
                .sure(Confidence::Likely, "a newer token was issued before")
                .or("unknown-token", "the same call with the newer token"),
        });
    }
}
