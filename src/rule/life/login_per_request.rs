//! `login-per-request`: a login before every call.

use rustc_hash::FxHashMap;

use crate::facts::Kind as Value;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, Severity, words};
use crate::trace::{Class, Ex, Life};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "login-per-request",
    chapter: Chapter::Life,
    severity: Severity::Warning,
    tier: None,
    confidence: Confidence::Likely,
    needs: &[],
    summary: "a login before every call",
    explain: include_str!("login_per_request.md"),
    kind: Kind::Rule(check),
};

/// This many logins in a row make a habit.
const LOGINS: usize = 3;
/// A token that serves no more calls than this was hardly used.
const CALLS: usize = 2;
/// More often than once in this time (microseconds).
const OFTEN: i64 = 60_000_000;

fn check(cx: &Cx<'_>, out: &mut Findings) {
    let mut runs: FxHashMap<String, Vec<Ex<'_>>> = FxHashMap::default();
    for ex in cx.all().filter(|e| logs_in(*e)) {
        let Some(who) = who(ex) else { continue };
        let run = runs.entry(who).or_default();
        if run.last().is_some_and(|last| !needless(cx, *last, ex)) {
            let done = std::mem::take(run);
            out.extend(judge(cx, &done));
        }
        run.push(ex);
    }
    let mut rest: Vec<Vec<Ex<'_>>> = runs.into_values().collect();
    rest.sort_by_key(|r| r.first().map(|e| cx.trace.position(e.id())));
    out.extend(rest.iter().filter_map(|r| judge(cx, r)));
}

/// A login that a machine repeats; a person's code or a registry's token for one scope is none.
fn logs_in(ex: Ex<'_>) -> bool {
    matches!(ex.class(), Class::Login | Class::Token)
        && ex.accepted()
        && ex.query("service").is_none()
        && ex.param_text("grant_type").is_none_or(|g| matches!(g.as_str(), "client_credentials" | "password"))
        && !ex.node().issued.is_empty()
}

/// Who logs in, from where, for what.
fn who(ex: Ex<'_>) -> Option<String> {
    let name = Some(ex.principal()).filter(|p| !p.is_empty())?;
    let what = ["scope", "audience", "resource", "tenant"].map(|n| ex.param_text(n).unwrap_or_default()).join(" ");
    Some(format!("{}\t{}{}\t{name}\t{what}", ex.actor().0, ex.origin(), ex.path()))
}

/// The token of a login, or its session cookie.
fn token<'t>(cx: &Cx<'t>, login: Ex<'t>) -> Option<&'t Life> {
    let lives = || login.node().issued.iter().filter_map(|v| cx.life(*v));
    lives()
        .find(|l| matches!(l.kind, Value::Token | Value::ApiKey))
        .or_else(|| lives().find(|l| l.kind == Value::Cookie))
}

/// Calls that the token of a login served.
fn calls(cx: &Cx<'_>, login: Ex<'_>) -> usize {
    token(cx, login).map_or(0, |l| l.uses.iter().filter(|u| u.by != login.id()).count())
}

/// Whether the earlier token was hardly used and still good when the next login came.
fn needless(cx: &Cx<'_>, last: Ex<'_>, next: Ex<'_>) -> bool {
    let (Some(life), Some(from), Some(now)) = (token(cx, last), time(last), time(next)) else { return false };
    let age = now - from;
    let lifetime = life.issued.last().and_then(|i| i.lifetime).or(last.profile().auth.lifetime);
    let alive = lifetime.map_or(age <= OFTEN, |secs| age < secs.saturating_mul(1_000_000));
    let over = life.ended_by.iter().any(|e| cx.trace.ex(*e).precedes(next));
    let refused = life.uses.iter().any(|u| cx.trace.ex(u.by).denied());
    alive && !over && !refused && age <= OFTEN && calls(cx, last) <= CALLS
}

fn time(ex: Ex<'_>) -> Option<crate::http::Time> {
    ex.start().or(ex.server_now())
}

fn judge(cx: &Cx<'_>, run: &[Ex<'_>]) -> Option<Finding> {
    let (first, last) = (run.first()?, run.last()?);
    let served: usize = run.iter().map(|l| calls(cx, *l)).sum();
    // A service that only fetches tokens uses them where this capture does not look.
    if run.len() < LOGINS || served + 1 < run.len() || calls(cx, *last) > CALLS {
        return None;
    }
    let took = time(*first).zip(time(*last)).map_or(0, |(a, b)| (b - a) / 1_000_000);
    let calls = if served == 1 { "call" } else { "calls" };
    let mut f = Finding::new(
        &RULE,
        first.id(),
        format!("{} logins for {served} {calls}: each token would have served them all", run.len()),
    )
    .hygiene();
    for (n, login) in run.iter().take(3).enumerate() {
        let label = if n == 0 { "a login" } else { "another, the token before still good" };
        f = f.see(Evidence::related(login.id(), Part::Line, label));
    }
    if run.len() > 3 {
        f = f.see(Evidence::row(last.id(), Part::Gap(format!("{} more logins", run.len() - 3))));
    }
    let reason = format!("{} logins of one principal within {}", run.len(), words::span(took));
    Some(
        f.fix("keep the token until shortly before it ends; log in again only then, or after a 401")
            .sure(Confidence::Likely, reason)
            .or("separate runs of a short job", "how often the program starts"),
    )
}
