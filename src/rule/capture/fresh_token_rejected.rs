//! `fresh-token-rejected`: issued here a moment ago, right host, right header, refused.

use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Kind, Need, Part, Rule, Severity};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "fresh-token-rejected",
    chapter: Chapter::Capture,
    severity: Severity::Error,
    tier: Some((7, 30)),
    confidence: Confidence::Likely,
    needs: &[&[Need::Qh], &[Need::T]],
    summary: "issued here a moment ago, right host, right header, refused",
    explain: include_str!("fresh_token_rejected.md"),
    kind: Kind::Fallback(fits),
};

fn fits(cx: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    let used = ex.token()?;
    let life = cx.life(used.value)?;
    let issued = life.issued_before(|id| cx.trace.position(id), cx.trace.position(ex.id()))?;
    let login = cx.trace.ex(issued.by);
    let age = match (login.server_now(), ex.server_now()) {
        (Some(a), Some(b)) => Some((b - a) / 1_000_000),
        _ => None,
    };
    let lifetime = issued.lifetime.or(ex.profile().auth.lifetime);
    if matches!((age, lifetime), (Some(a), Some(l)) if a > l) || !life.ended_by.is_empty() {
        return None;
    }
    let before = life
        .accepted_at
        .iter()
        .any(|(o, first)| cx.trace.same_audience(*o, ex.fact().origin) && cx.trace.ex(*first).precedes(ex));
    let later = life.accepted.last().is_some_and(|id| ex.precedes(cx.trace.ex(*id)));
    if later {
        return None;
    }
    let message = if before {
        "this token worked before, and was withdrawn before its time"
    } else {
        "this token was issued a moment ago, and is refused"
    };
    let words = age.map_or_else(|| "its age is not known".to_owned(), |a| format!("{a} s after it was issued"));
    let mut f = Finding::new(&RULE, ex.id(), message)
        .see(Evidence::row(login.id(), Part::Line))
        .see(Evidence::related(login.id(), Part::ResField(issued.key.to_string()), "issued here"));
    if let crate::facts::Place::Header(name) = used.place {
        f = f.see(Evidence::primary(ex.id(), Part::Req(cx.text(name).to_owned(), 0), words.clone()));
    }
    let revoked = ex.profile().auth.revocable.as_deref().unwrap_or("by an administrator");
    f = f
        .fix("ask, in this order: withdrawn, user disabled, header stripped on the way, wrong audience or scope at login")
        .paste("repeat the call 2 s later with the same token; if it works, the servers were not in step")
        .or("token withdrawn", format!("the server's session log ({revoked})"))
        .or("credentials-stripped", "the log of the server behind the proxy");
    Some(f.sure(Confidence::Likely, format!("right host, right header, {words}")))
}
