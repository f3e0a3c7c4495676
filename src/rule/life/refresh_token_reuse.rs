//! `refresh-token-reuse`: a rotated refresh token was redeemed again.

use crate::facts::Kind as Value;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};
use crate::trace::Class;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "refresh-token-reuse",
    chapter: Chapter::Life,
    severity: Severity::Error,
    tier: Some((2, 180)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qb, Need::Qh]],
    summary: "a rotated refresh token was redeemed again",
    explain: include_str!("refresh_token_reuse.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for call in cx.of_class(Class::Refresh) {
        for value in call.refresh_tokens() {
            let Some((_, by)) = cx.life(value).and_then(|l| l.replaced) else { continue };
            let first = cx.trace.ex(by);
            if !first.precedes(call) || call.status() == 0 {
                continue;
            }
            let race = matches!((call.start(), first.end()), (Some(s), Some(e)) if s - e < 10_000_000);
            let mut f = Finding::new(
                &RULE,
                call.id(),
                format!("this refresh token was spent in #{}, which gave a new one", first.id()),
            )
            .field("refresh_token")
            .see(Evidence::related(first.id(), part(first), "redeemed here"));
            if let Some(new) =
                cx.trace.node(first.id()).issued.iter().find(|v| cx.life(**v).is_some_and(|l| l.kind == Value::Refresh))
                && let Some(i) = cx.life(*new).and_then(|l| l.issued.iter().find(|i| i.by == first.id()))
            {
                f = f.see(Evidence::related(first.id(), Part::ResField(i.key.to_string()), "the new one"));
            }
            f = f
                .see(Evidence::primary(call.id(), part(call), "the old one again"))
                .fix("store the new refresh token before it is used, and let one place renew")
                .paste(recipe::renew(call));
            f = if race { f.or("a race of two renewals", "the client's log: which of both started first") } else { f };
            let because = "a rotated token is good once; its second use may end the whole family";
            out.push(if call.denied() {
                f.sure(Confidence::Strong, because)
            } else {
                f.hygiene().severity(Severity::Warning).sure(Confidence::Strong, because)
            });
            break;
        }
    }
}

fn part(ex: crate::trace::Ex<'_>) -> Part {
    let field = ex.body().and_then(|b| {
        b.fields
            .iter()
            .find(|f| f.name().eq_ignore_ascii_case("refresh_token") || f.name().eq_ignore_ascii_case("refreshtoken"))
    });
    field.map_or(Part::Line, |f| Part::ReqField(f.path.to_string()))
}
