//! `token-cross-host`: a token of one instance was used on another.

use crate::facts::{Kind as Value, Place};
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::{Class, Ex, Life};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "token-cross-host",
    chapter: Chapter::Life,
    severity: Severity::Error,
    tier: Some((4, 10)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh]],
    summary: "a token of one instance was used on another",
    explain: include_str!("token_cross_host.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied_calls().filter(|e| e.class() == Class::Call) {
        let Some(used) = ex.token().filter(|u| u.kind != Value::IdToken) else { continue };
        let Some(life) = cx.life(used.value) else { continue };
        if life.issued.iter().any(|i| cx.trace.ex(i.by).host() == ex.host()) {
            continue;
        }
        // Where it was accepted once, the host is not the reason.
        let here = |(_, first): &(_, crate::facts::Id)| cx.trace.ex(*first).host() == ex.host();
        if life.accepted_at.iter().any(here) || ex.status() == 403 && ex.said().is_some() {
            continue;
        }
        let Some((other, sure, because)) = other(cx, ex, life) else { continue };
        let part = match used.place {
            Place::Header(n) => Part::Req(cx.text(n).to_owned(), 0),
            _ => Part::Line,
        };
        let mut f = Finding::new(&RULE, ex.id(), message(other, ex))
            .field("authorization")
            .see(Evidence::row(other.id(), Part::Line));
        if let Some(i) = life.issued.iter().find(|i| i.by == other.id()) {
            f = f.see(Evidence::related(i.by, Part::ResField(i.key.to_string()), "issued here"));
        }
        out.push(
            f.see(Evidence::primary(ex.id(), Part::Line, "another instance").at(host_at(ex)))
                .see(Evidence::row(ex.id(), part))
                .fix("use one base URL for login and calls")
                .paste(format!("BASE={}", ex.origin()))
                .sure(sure, because),
        );
    }
}

/// Where the host stands in the URL.
fn host_at(ex: Ex<'_>) -> std::ops::Range<usize> {
    let url = ex.full_url();
    let start = url.to_ascii_lowercase().find(ex.host()).unwrap_or(0);
    start..start + ex.host().len()
}

fn message(a: Ex<'_>, b: Ex<'_>) -> String {
    let short = |h: &str| h.split('.').next().unwrap_or(h).to_owned();
    let (x, y) = (short(a.host()), short(b.host()));
    let verb = if a.class().issues() { "issued" } else { "accepted" };
    if x == y || x.len() + y.len() > 36 {
        format!("the token was {verb} by another instance than the one it is sent to")
    } else {
        format!("the token was {verb} by {x}, but is sent to {y}")
    }
}

/// The instance that the token belongs to, if it is another one.
fn other<'t>(cx: &Cx<'t>, ex: Ex<'t>, life: &'t Life) -> Option<(Ex<'t>, Confidence, String)> {
    let issuer = life.issued.iter().rev().map(|i| cx.trace.ex(i.by)).find(|i| i.precedes(ex) && i.host() != ex.host());
    let tenant = |e: Ex<'t>| e.profile().tenant(e.host());
    if let Some(i) = issuer
        && let (Some((s, a)), Some((t, b))) = (tenant(i), tenant(ex))
        && s == t
        && a != b
    {
        return Some((i, Confidence::Certain, "each instance takes only its own tokens".to_owned()));
    }
    let family = |e: Ex<'_>| e.path().split('/').take(3).collect::<Vec<_>>().join("/");
    let taken = life
        .accepted
        .iter()
        .take(500)
        .map(|id| cx.trace.ex(*id))
        .find(|o| o.status() < 300 && o.host() != ex.host() && !o.class().issues() && family(*o) == family(ex))?;
    if taken.same_audience(ex) && !same_service(taken, ex) {
        return None;
    }
    Some((
        issuer.unwrap_or(taken),
        Confidence::Strong,
        format!("accepted at {} in #{}, refused here on the same kind of path", taken.host(), taken.id()),
    ))
}

/// Origins that were joined only because both took the token are no tenants; here one of them refuses it.
fn same_service(a: Ex<'_>, b: Ex<'_>) -> bool {
    a.host() != b.host()
}
