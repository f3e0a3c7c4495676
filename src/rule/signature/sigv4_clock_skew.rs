//! `sigv4-clock-skew`: signed at another time than the server's.

use super::common;
use crate::auth::sigv4;
use crate::http::Time;
use crate::provider::Class as Says;
use crate::rule::{
    Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe, words,
};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "sigv4-clock-skew",
    chapter: Chapter::Signature,
    severity: Severity::Error,
    tier: Some((5, 20)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Qh], &[Need::T]],
    summary: "signed at another time than the server's",
    explain: include_str!("sigv4_clock_skew.md"),
    kind: Kind::Rule(check),
};

/// Seconds that services allow, where the profile names none.
const TOLERANCE: i64 = 300;

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for (ex, sig) in common::refused(cx).filter(|(_, sig)| !sig.presigned) {
        let said = ex.says(Says::Skew);
        let stated = stated(ex);
        let shown = common::signed_time(ex);
        let clocks = stated.or_else(|| Some((shown.as_ref()?.1, ex.server_now()?)));
        let Some((signed, server)) = clocks else { continue };
        let off = (server - signed) / 1_000_000;
        let service = sig.credential().map(|c| c.service).unwrap_or_default();
        let profile = ex.profile();
        let allowed = profile.signing.tolerance.get(&service).copied().or(profile.auth.tolerance).unwrap_or(TOLERANCE);
        // Without a word of the server the times alone decide only where its own clock was seen and its answer was not.
        let unsaid = ex.said().is_none() && ex.answer().is_none() && ex.fact().date.is_some();
        if !(said || unsaid) || off.abs() <= if said { 1 } else { allowed } {
            continue;
        }
        let sure = if said { Confidence::Certain } else { Confidence::Likely };
        let direction = if off > 0 { "before" } else { "after" };
        let message = format!("signed {} {direction} the server's time", words::span(off));
        let mut f = Finding::new(&RULE, ex.id(), message).field("authorization");
        if let Some((part, _)) = shown {
            f = f.see(Evidence::primary(ex.id(), part, format!("{} off", words::span(off))));
        }
        f = f.see(Evidence::row(ex.id(), Part::Say(format!("server's clock: {}", server.utc()))));
        if said {
            f = f.see(Evidence::row(ex.id(), Part::ResBody(0..0)));
        }
        let (region, service) = common::scope_of(ex, &sig);
        out.push(
            f.fix("set the signer's clock, and sign right before sending")
                .paste("timedatectl set-ntp true")
                .paste(recipe::sign(ex, &region, &service))
                .sure(
                    sure,
                    if said { "the service says so, and the times agree" } else { "the signed time against Date" },
                ),
        );
    }
}

/// Both clocks as the answer states them: in its sentence, or in the fields of S3.
fn stated(ex: Ex<'_>) -> Option<(Time, Time)> {
    let field = |n: &str| sigv4::parse_time(&ex.answer_text(n)?);
    let in_words = ex.answer_text("message").and_then(|m| sigv4::stated_clocks(&m));
    in_words.or_else(|| Some((field("RequestTime")?, field("ServerTime")?)))
}
