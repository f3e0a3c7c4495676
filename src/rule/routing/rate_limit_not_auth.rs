//! `rate-limit-not-auth`: refused for the number of calls, not for the credential.

use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, Severity};
use crate::trace::Ex;

use super::common;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "rate-limit-not-auth",
    chapter: Chapter::Routing,
    severity: Severity::Note,
    tier: Some((0, 40)),
    confidence: Confidence::Strong,
    needs: &[],
    summary: "refused for the number of calls, not for the credential",
    explain: include_str!("rate_limit_not_auth.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied().filter(|e| matches!(e.status(), 401 | 403 | 429) || e.status() == 400 && e.class().issues()) {
        // A login gets 429 by status alone; elsewhere the words or header fields of the class decide.
        let by_status = ex.status() == 429;
        if !(by_status || ex.said() == Some(Says::Rate)) || left(ex) {
            continue;
        }
        let mut f = Finding::new(&RULE, ex.id(), "refused for the rate of calls; the credential is not the reason")
            .see(Evidence::primary(ex.id(), Part::Line, "too many calls"));
        for name in limits(ex) {
            f = f.see(Evidence::related(ex.id(), Part::Res(name, 0), "the limit"));
        }
        f = common::answer(f, ex, "the server's words");
        out.push(
            f.fix("wait for the reset, then send fewer calls and keep what was answered")
                .sure(Confidence::Strong, "the answer speaks of the rate, not of the credential"),
        );
    }
}

/// Header fields that tell the limit and when to come back, at most three.
fn limits(ex: Ex<'_>) -> Vec<String> {
    let lines = ex.detail().map_or(&[][..], |d| &d.response);
    let names = lines.iter().map(|l| l.spelled.to_ascii_lowercase());
    names.filter(|n| n.contains("ratelimit") || n.contains("rate-limit") || n == "retry-after").take(3).collect()
}

/// The answer says that calls are left.
fn left(ex: Ex<'_>) -> bool {
    let lines = ex.detail().map_or(&[][..], |d| &d.response);
    ex.status() != 429
        && lines.iter().any(|l| {
            l.spelled.to_ascii_lowercase().ends_with("limit-remaining")
                && l.text().trim().parse::<u64>().is_ok_and(|n| n > 0)
        })
}
