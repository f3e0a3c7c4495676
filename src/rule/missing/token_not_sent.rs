//! `token-not-sent`: a valid token existed and the request did not carry it.

use crate::facts::Kind as Value;
use crate::rule::{
    Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, STEPS, Severity, recipe, typed,
};
use crate::trace::{Class, Ex, Life};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "token-not-sent",
    chapter: Chapter::Missing,
    severity: Severity::Error,
    tier: Some((3, 230)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh]],
    summary: "a valid token existed and the request did not carry it",
    explain: include_str!("token_not_sent.md"),
    kind: Kind::Rule(check),
};

/// So many accepted uses before and behind a request are looked at.
const NEAR: usize = 200;

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied_calls() {
        if let Some(f) = judge(cx, ex) {
            out.push(f);
        }
    }
}

fn judge(cx: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    if !ex.bare() || ex.class() != Class::Call || ex.public_route() || ex.cookie_app() || ex.status() == 407 {
        return None;
    }
    let (login, life) = ready(cx, ex)?;
    let neighbour = carried_elsewhere(cx, ex, life);
    let mut f = Finding::new(&RULE, ex.id(), "a token was there, but this request does not carry it");
    f = match neighbour {
        Some(_) => f.sure(Confidence::Certain, "the same token was accepted in other requests to this server"),
        None => f.sure(Confidence::Strong, "the token was issued before, is alive, and was not sent"),
    };
    f = f.see(Evidence::row(login.id(), Part::Line));
    if let Some(issue) = life.issued.last().filter(|i| i.by == login.id()) {
        f = f.see(Evidence::related(login.id(), Part::ResField(issue.key.to_string()), "issued here"));
    }
    if let Some(other) = neighbour {
        f = f.see(Evidence::row(other.id(), Part::Line));
    }
    f = f
        .see(Evidence::primary(ex.id(), Part::Line, "no token here"))
        .see(Evidence::row(ex.id(), Part::ReqAbsent("authorization".to_owned())));
    if ex.detail().is_some_and(|d| d.typed.is_none()) && ex.agent().starts_with("curl/") {
        f = f.or("malformed-header", "the command as typed: curl drops a header without a colon");
    }
    f = f
        .fix("send the token in the Authorization header of every call")
        .paste(recipe::header(ex, &recipe::scheme(ex)));
    Some(typed::unquoted(f, ex))
}

/// The latest login of the actor that issued a token for this audience, alive at the time of the request.
fn ready<'t>(cx: &Cx<'t>, ex: Ex<'t>) -> Option<(Ex<'t>, &'t Life)> {
    for login in ex.steps_before().filter(|o| o.class().issues() && o.accepted()).take(STEPS) {
        // G6: the request left before the answer was there.
        if !cx.answered_before(login, ex) {
            continue;
        }
        for value in &login.node().issued {
            let Some(life) = cx.life(*value).filter(|l| l.kind == Value::Token) else { continue };
            if life.ended_by.iter().any(|e| cx.trace.ex(*e).precedes(ex)) || outlived(login, ex, life) {
                continue;
            }
            let here = cx.serves(login, ex);
            if here {
                return Some((login, life));
            }
        }
    }
    None
}

fn outlived(login: Ex<'_>, ex: Ex<'_>, life: &Life) -> bool {
    let lifetime = life.issued.last().and_then(|i| i.lifetime).or(ex.profile().auth.lifetime);
    match (login.server_now(), ex.server_now(), lifetime) {
        (Some(from), Some(now), Some(secs)) => now - from > secs.saturating_mul(1_000_000),
        _ => false,
    }
}

/// A neighbouring request of the actor that carries the token and is accepted.
fn carried_elsewhere<'t>(cx: &Cx<'t>, ex: Ex<'t>, life: &'t Life) -> Option<Ex<'t>> {
    let (place, at) = (|id| cx.trace.position(id), cx.trace.position(ex.id()));
    let fits = |o: &Ex<'t>| o.same_audience(ex) && o.actor() == ex.actor();
    let before = life.accepted_before(place, at).take(NEAR).map(|id| cx.trace.ex(id)).find(fits);
    let after = life.accepted_after(place, at).take(NEAR).map(|id| cx.trace.ex(id)).find(fits);
    before.into_iter().chain(after).min_by_key(|o| cx.trace.position(o.id()).abs_diff(at))
}
