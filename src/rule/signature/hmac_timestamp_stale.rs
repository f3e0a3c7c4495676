//! `hmac-timestamp-stale`: the signed time is too old.

use crate::auth::signed_time::Holds;
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, words};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "hmac-timestamp-stale",
    chapter: Chapter::Signature,
    severity: Severity::Error,
    tier: Some((5, 30)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh], &[Need::T]],
    summary: "the signed time is too old",
    explain: include_str!("hmac_timestamp_stale.md"),
    kind: Kind::Rule(check),
};

/// Where the server names the time as the reason, it must at least differ by this (seconds).
const SEEN: i64 = 30;

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied().filter(|e| !matches!(e.said(), Some(Says::Permission | Says::Scope | Says::Rate))) {
        let header = ex.signed_time().map(|(n, s)| (n, Part::Req(n.to_owned(), 0), s));
        let found = header.or_else(|| ex.signed_query().map(|(n, s)| (n, Part::Query(n.to_owned()), s)));
        let (Some((name, part, signed)), Some(now)) = (found, ex.server_now()) else { continue };
        let old = (now - signed.time) / 1_000_000;
        let tolerance = ex.profile().auth.tolerance;
        let said = ex.says(Says::Skew);
        let (over, allowed) = match (signed.holds, tolerance) {
            (_, Some(t)) => (old.abs() > t, Some(t)),
            (Holds::Documented(t, both), None) => (old > t || both && -old > t, Some(t)),
            (Holds::Unknown, None) => (said && old.abs() > SEEN, None),
        };
        if !over {
            continue;
        }
        let sure = if said { Confidence::Certain } else { Confidence::Strong };
        let direction = if old > 0 { "before it was sent" } else { "ahead of the server's clock" };
        let message = format!("the request was signed {} {direction}", words::span(old));
        let limit = allowed
            .map_or_else(|| "older than the server allows".to_owned(), |t| format!("holds for {}", words::span(t)));
        let mut f = Finding::new(&RULE, ex.id(), message)
            .field(name)
            .see(Evidence::primary(ex.id(), part, limit))
            .see(Evidence::row(ex.id(), Part::Say(format!("signed time: {}", signed.time.utc()))))
            .see(Evidence::row(ex.id(), Part::Say(format!("server's clock: {}", now.utc()))));
        if said {
            f = f.see(Evidence::row(ex.id(), words::speaker(ex)));
        }
        out.push(
            f.fix("sign anew at every sending, also when a queue repeats it, and keep the clock set")
                .paste("timedatectl set-ntp true")
                .sure(sure, "the signed time against the server's clock"),
        );
    }
}
