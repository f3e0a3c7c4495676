//! `presigned-url-expired`: a signed link was used after its end.

use crate::auth::sigv4;
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, words};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "presigned-url-expired",
    chapter: Chapter::Life,
    severity: Severity::Error,
    tier: Some((4, 30)),
    confidence: Confidence::Certain,
    needs: &[&[Need::T]],
    summary: "a signed link was used after its end",
    explain: include_str!("presigned_url_expired.md"),
    kind: Kind::Rule(check),
};

/// Seconds within which both clocks may be right.
const LEEWAY: i64 = 5;

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied().filter(|e| matches!(e.status(), 400 | 401 | 403 | 410)) {
        let Some(link) = ex.signed_link() else { continue };
        let stated = ex.answer_text("ServerTime").and_then(|t| sigv4::parse_time(&t));
        let Some(now) = stated.or_else(|| ex.server_now()) else { continue };
        let over = (now - link.end) / 1_000_000;
        if over <= 0 {
            continue;
        }
        let sure = match (over > LEEWAY, ex.said()) {
            (false, Some(Says::Expired)) => Confidence::Strong,
            (false, _) => Confidence::Possible,
            // A wrong signature may be refused before the end is looked at.
            (true, Some(Says::Signature | Says::Skew)) => Confidence::Strong,
            (true, _) => Confidence::Certain,
        };
        let message = format!("the link was used {} after its end", words::span(over));
        let mut f = Finding::new(&RULE, ex.id(), message);
        f = made(ex, f);
        if let Some(start) = link.start {
            f = f.see(Evidence::row(ex.id(), Part::Say(format!("link made: {}", start.utc()))));
        }
        f = f
            .see(Evidence::primary(ex.id(), Part::Query(link.name), "sets the end of the link"))
            .see(Evidence::row(ex.id(), Part::Say(format!("link ended: {}", link.end.utc()))))
            .see(Evidence::row(ex.id(), Part::Say(format!("server's clock: {}", now.utc()))));
        out.push(
            f.fix("ask for a new link right before it is used, or let it live longer")
                .paste("the call that hands out the link, again, then the link at once")
                .sure(sure, "the link's own end against the server's clock"),
        );
    }
}

/// The redirect that handed out the link.
fn made(ex: Ex<'_>, f: Finding) -> Finding {
    match ex.node().redirected_from {
        Some(from) => f.see(Evidence::related(from, Part::Res("location".to_owned(), 0), "the link came from here")),
        None => f,
    }
}
