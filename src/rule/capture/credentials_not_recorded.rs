//! `credentials-not-recorded`: this kind of log has no place for credentials.

use crate::http::{Observed, Side, Why};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Kind, Part, Rule, Severity};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "credentials-not-recorded",
    chapter: Chapter::Capture,
    severity: Severity::Note,
    tier: Some((7, 45)),
    confidence: Confidence::Strong,
    needs: &[],
    summary: "this kind of log has no place for credentials",
    explain: include_str!("credentials_not_recorded.md"),
    kind: Kind::Fallback(fits),
};

fn fits(_cx: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    if !matches!(ex.req("authorization"), Observed::NotObserved(Why::NotRecorded | Why::Truncated))
        || ex.credentials().next().is_some()
        // Where the server names a reason that is none of the credential's, the credential need not be seen.
        || ex.said() == Some(Says::Other)
    {
        return None;
    }
    let log = ex.fact().side != Side::Client;
    let message = if log {
        "refused; this log has no place for credentials"
    } else {
        "refused; the request's headers were not recorded"
    };
    let mut f = Finding::new(&RULE, ex.id(), message).see(Evidence::row(ex.id(), Part::Line));
    f.can_say = Some(format!("the server answered {}", super::common::answered(ex)));
    f.cannot_say = Some("what the client sent as credential, if anything".to_owned());
    f = if log {
        super::log_recipes::add(f, ex.trace().redaction_at(ex.id()).recorder.as_deref().unwrap_or_default())
    } else {
        f.fix("record the request too").paste("curl -v ... 2>&1 | why401")
    };
    Some(f.not_seen("request headers").sure(Confidence::Strong, "the format records no Authorization header"))
}
