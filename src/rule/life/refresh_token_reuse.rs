//! `refresh-token-reuse`: a rotated refresh token was redeemed again.

use crate::facts::{Kind as Value, ValueId};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};
use crate::trace::{Class, Ex};

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
            let replaced = cx.life(value).and_then(|l| l.replaced).map(|(_, by)| cx.trace.ex(by));
            let Some(first) = replaced.or_else(|| spent(cx, call, value)) else { continue };
            if !first.precedes(call) || call.status() == 0 {
                continue;
            }
            let race = matches!((call.start(), first.end()), (Some(s), Some(e)) if s - e < 10_000_000);
            let mut f = Finding::new(
                &RULE,
                call.id(),
                match replaced {
                    Some(_) => format!("this refresh token was spent in #{}, which gave a new one", first.id()),
                    None => format!("this refresh token was spent in #{} already", first.id()),
                },
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

/// A redemption before this refused one whose answer shows no new token: it was not recorded, or the server itself says
/// that the token was used.
fn spent<'t>(cx: &Cx<'t>, call: Ex<'t>, value: ValueId) -> Option<Ex<'t>> {
    const USES: usize = 200;
    if !call.denied() {
        return None;
    }
    let words = call.answer().map(|a| a.head.text().to_ascii_lowercase()).unwrap_or_default();
    let named = ["already", "reuse", "been used", "replay"].iter().any(|w| words.contains(w));
    let uses = cx.life(value)?.uses.iter().take(USES).map(|u| cx.trace.ex(u.by));
    uses.filter(|e| e.class() == Class::Refresh && e.accepted() && e.precedes(call))
        .find(|e| named || e.answer().is_none() && call.says(Says::Refresh))
}

fn part(ex: Ex<'_>) -> Part {
    let field = ex.body().and_then(|b| {
        b.fields
            .iter()
            .find(|f| f.name().eq_ignore_ascii_case("refresh_token") || f.name().eq_ignore_ascii_case("refreshtoken"))
    });
    field.map_or(Part::Line, |f| Part::ReqField(f.path.to_string()))
}
