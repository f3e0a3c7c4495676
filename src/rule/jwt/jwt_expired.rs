//! `jwt-expired`: the token's own exp has passed.

use super::common::{self, LEEWAY, NOTHING};
use crate::provider::Class as Says;
use crate::rule::{
    Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe, words,
};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "jwt-expired",
    chapter: Chapter::Jwt,
    severity: Severity::Error,
    tier: Some((4, 40)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh], &[Need::T]],
    summary: "the token's own exp has passed",
    explain: include_str!("jwt_expired.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for (ex, used, jwt) in common::refused(cx).chain(common::in_cookie(cx)) {
        let (Some(exp), Some(now)) = (jwt.exp, ex.server_now()) else { continue };
        // In milliseconds an `exp` never passes: verifiers take it for a date far away, or refuse it.
        let millis = exp > 1e11;
        let over = common::past(exp, now);
        let said = ex.says(Says::Expired) || ex.says(Says::AmbiguousExpired);
        if millis && !said || !millis && (over <= 0 || over <= NOTHING && !said) {
            continue;
        }
        let message = if millis {
            "exp is given in milliseconds; it must be in seconds".to_owned()
        } else {
            format!("the token expired {} before it was used", words::span(over))
        };
        let label = if millis { "exp in milliseconds".to_owned() } else { format!("over by {}", words::span(over)) };
        let (sure, because) = match (said, millis || over > LEEWAY) {
            (true, _) => (Confidence::Certain, "the server says so, and its clock agrees"),
            (false, true) => (Confidence::Strong, "exp against the server's clock"),
            // Within what most verifiers grant it is a hint only: some grant nothing.
            (false, false) => (Confidence::Possible, "exp has only just passed; some verifiers grant no leeway"),
        };
        let claim =
            if millis { String::new() } else { format!("exp: {}", crate::http::Time::from_secs_f64(exp).utc()) };
        let mut f = Finding::new(&RULE, ex.id(), message).field("authorization").see(Evidence::primary(
            ex.id(),
            words::place(cx, used),
            label,
        ));
        if !claim.is_empty() {
            f = f.see(Evidence::row(ex.id(), Part::Say(claim)));
            f = f.see(Evidence::row(ex.id(), Part::Say(format!("server's clock: {}", now.utc()))));
        }
        if ex.start().zip(ex.fact().date).is_some_and(|(s, d)| d - s > 60_000_000) {
            f = f.or("clock-skew", "the server's clock against a time server: it runs ahead of the client's");
        }
        out.push(
            f.fix("fetch a new token before exp, and retry a refused call once")
                .paste(recipe::renew(ex))
                .sure(sure, because),
        );
    }
}
