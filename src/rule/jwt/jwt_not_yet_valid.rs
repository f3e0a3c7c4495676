//! `jwt-not-yet-valid`: the token starts in the future.

use super::common::{self, LEEWAY, NOTHING};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, words};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "jwt-not-yet-valid",
    chapter: Chapter::Jwt,
    severity: Severity::Error,
    tier: Some((5, 40)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh], &[Need::T]],
    summary: "the token starts in the future",
    explain: include_str!("jwt_not_yet_valid.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for (ex, used, jwt) in common::refused(cx) {
        let Some(now) = ex.server_now() else { continue };
        let claims = [("nbf", jwt.nbf), ("iat", jwt.iat)];
        let ahead = |(name, at): (&'static str, Option<f64>)| Some((name, at?, -common::past(at?, now)));
        let Some((name, at, ahead)) = claims.into_iter().filter_map(ahead).max_by_key(|c| c.2) else { continue };
        let said = ex.says(Says::Skew);
        // Within what most verifiers grant it is a hint only: some grant nothing.
        if ahead <= 0 || ahead <= NOTHING && !said {
            continue;
        }
        let sure = match (said, ahead > LEEWAY) {
            (true, true) => Confidence::Certain,
            (false, true) => Confidence::Strong,
            _ => Confidence::Possible,
        };
        let f = Finding::new(&RULE, ex.id(), format!("the token holds only from {} later on", words::span(ahead)))
            .field("authorization")
            .see(Evidence::primary(ex.id(), words::place(cx, used), format!("{name} is {} ahead", words::span(ahead))))
            .see(Evidence::row(ex.id(), Part::Say(format!("{name}: {}", crate::http::Time::from_secs_f64(at).utc()))))
            .see(Evidence::row(ex.id(), Part::Say(format!("server's clock: {}", now.utc()))))
            .fix("set the clock of the machine that issues the token")
            .paste("timedatectl set-ntp true")
            .or("clock-skew", "the clock of the server against a time server: it may be behind")
            .sure(sure, format!("{name} against the server's clock"));
        out.push(f);
    }
}
