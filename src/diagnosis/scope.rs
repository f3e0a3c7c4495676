//! Scopes that point forward in time. Open causes are kept and looked up, never searched (rules.md 4.2).

use rustc_hash::FxHashMap;

use super::Scope;
use super::edges::forward_causes;
use crate::facts::{Id, StrId};
use crate::rule::{Confidence, Finding, Rule};
use crate::trace::{Class, Trace};

/// An open cause lasts this long (microseconds).
const OPEN: i64 = 300_000_000;
/// So many steps of the actor between a cause and what may follow from it are looked at.
const STEPS_BETWEEN: usize = 256;
/// Steps of a chain that are followed back.
const STEPS: usize = 20;

/// Causes by the rule and the place from which they reach forward.
pub(super) struct Forward {
    /// Rule and actor: claims in order of time.
    by_actor: FxHashMap<(&'static str, StrId), Vec<(usize, Id)>>,
    /// Rule and subject.
    by_subject: FxHashMap<(&'static str, Id), usize>,
}

impl Forward {
    /// `claims` are in order of time.
    pub(super) fn new(trace: &Trace<'_>, claims: &[Finding]) -> Self {
        let mut out = Self { by_actor: FxHashMap::default(), by_subject: FxHashMap::default() };
        for (i, f) in claims.iter().enumerate().filter(|(_, f)| f.confidence >= Confidence::Likely) {
            let actor = trace.ex(f.subject).actor();
            out.by_actor.entry((f.rule.name, actor)).or_default().push((i, f.subject));
            out.by_subject.entry((f.rule.name, f.subject)).or_insert(i);
        }
        out
    }

    /// The claims that can be the cause of a finding of `rule` on `at`.
    pub(super) fn causes(&self, trace: &Trace<'_>, rule: &Rule, at: Id) -> Vec<(usize, Scope)> {
        let mut out = Vec::new();
        for (a, scope) in forward_causes(rule.name) {
            let found = match scope {
                Scope::LaterOfActor => self.open(trace, a, at),
                Scope::LaterOfGrant => self.in_grant(trace, a, at),
                Scope::Retry => self.at_any(a, &retries(trace, at)),
                Scope::Chain => self.at_any(a, &chain(trace, at)),
                _ => None,
            };
            out.extend(found.map(|i| (i, *scope)));
        }
        out
    }

    /// Whether `cause` reaches `at` in this scope.
    pub(super) fn holds(&self, trace: &Trace<'_>, scope: Scope, cause: &Finding, at: Id) -> bool {
        let found = match scope {
            Scope::LaterOfActor => self.open(trace, cause.rule.name, at),
            Scope::LaterOfGrant => self.in_grant(trace, cause.rule.name, at),
            Scope::Retry => self.at_any(cause.rule.name, &retries(trace, at)),
            Scope::Chain => self.at_any(cause.rule.name, &chain(trace, at)),
            _ => None,
        };
        found.is_some() && found == self.by_subject.get(&(cause.rule.name, cause.subject)).copied()
    }

    fn at_any(&self, rule: &str, places: &[Id]) -> Option<usize> {
        let rule = crate::rule::by_name(rule)?.name;
        places.iter().find_map(|id| self.by_subject.get(&(rule, *id)).copied())
    }

    /// The latest claim of the actor before `at` that is still open.
    fn open(&self, trace: &Trace<'_>, rule: &str, at: Id) -> Option<usize> {
        let rule = crate::rule::by_name(rule)?.name;
        let list = self.by_actor.get(&(rule, trace.ex(at).actor()))?;
        let before = list.partition_point(|(_, s)| trace.position(*s) < trace.position(at));
        let (i, subject) = list.get(before.checked_sub(1)?).copied()?;
        let first = first_of_run(list, before, subject, trace);
        (still_open(trace, subject, at)).then_some(first.unwrap_or(i))
    }

    /// A claim on an earlier call of the same grant.
    fn in_grant(&self, trace: &Trace<'_>, rule: &str, at: Id) -> Option<usize> {
        let rule = crate::rule::by_name(rule)?.name;
        let list = self.by_actor.get(&(rule, trace.ex(at).actor()))?;
        let before = list.partition_point(|(_, s)| trace.position(*s) < trace.position(at));
        let own = families(trace, at);
        let hit = list.get(..before)?.iter().rev().take(STEPS).find(|(_, s)| {
            let theirs = families(trace, *s);
            own.is_empty() && still_open(trace, *s, at) || theirs.iter().any(|f| own.contains(f))
        });
        hit.map(|(i, _)| *i)
    }
}

/// Repeated failures of one call are one story: the first of an unbroken run is the cause.
fn first_of_run(list: &[(usize, Id)], before: usize, subject: Id, trace: &Trace<'_>) -> Option<usize> {
    let run = list
        .get(..before)?
        .iter()
        .rev()
        .take_while(|(_, s)| trace.facts.get(*s).map(|f| f.route) == trace.facts.get(subject).map(|f| f.route));
    let mut first = None;
    for (i, s) in run.take(STEPS) {
        if *s == subject || still_open(trace, *s, subject) {
            first = Some(*i);
        } else {
            break;
        }
    }
    first
}

/// Within five minutes, and no issuing call of the actor succeeded for this audience in between.
fn still_open(trace: &Trace<'_>, cause: Id, at: Id) -> bool {
    let (a, b) = (trace.ex(cause), trace.ex(at));
    let near = match (a.start().or(a.server_now()), b.start().or(b.server_now())) {
        (Some(x), Some(y)) => y - x <= OPEN,
        _ => true,
    };
    if !near || !related(trace, cause, at) {
        return false;
    }
    let list = trace.steps_of(a.actor());
    let from = list.partition_point(|i| trace.position(*i) <= trace.position(cause));
    let to = list.partition_point(|i| trace.position(*i) < trace.position(at));
    let healed = |id: &Id| {
        let ex = trace.ex(*id);
        ex.accepted() && (ex.class().issues() && related(trace, cause, *id)) && !ex.node().issued.is_empty()
    };
    !list.get(from..to).unwrap_or_default().iter().take(STEPS_BETWEEN).any(healed)
}

/// One audience, or the cause is a step of a login that serves other hosts too.
fn related(trace: &Trace<'_>, cause: Id, at: Id) -> bool {
    let (a, b) = (trace.ex(cause), trace.ex(at));
    if a.same_audience(b) || a.host() == b.host() {
        return true;
    }
    // An authorization server apart from the API: nothing else tells which login belongs to a call without credential.
    let tenant = |ex: crate::trace::Ex<'_>| ex.profile().tenant(ex.host()).map(|(s, l)| (s.to_owned(), l.to_owned()));
    let apart = matches!((tenant(a), tenant(b)), (Some(x), Some(y)) if x != y);
    let login = a.class().oauth() || a.class() == Class::Login;
    !apart && login && (related_domain(a.host(), b.host()) || asked_for(a, b.host()))
}

/// Whether a token call asks for a token for this host: its scope, resource or audience names it (RFC 8707; Entra).
fn asked_for(call: crate::trace::Ex<'_>, host: &str) -> bool {
    let names =
        |text: String| text.split(['/', ' ', '+', ':']).any(|part| !host.is_empty() && part.eq_ignore_ascii_case(host));
    ["scope", "resource", "audience"].iter().filter_map(|n| call.param_text(n)).any(names)
}

fn related_domain(a: &str, b: &str) -> bool {
    use crate::auth::url::registrable_domain;
    match (registrable_domain(a), registrable_domain(b)) {
        (Some(x), Some(y)) => x == y,
        _ => true,
    }
}

/// The exchanges that `at` repeats.
fn retries(trace: &Trace<'_>, at: Id) -> Vec<Id> {
    let mut out = Vec::new();
    let mut id = at;
    while let Some(before) = trace.node(id).retry_of.filter(|_| out.len() < STEPS) {
        out.push(before);
        id = before;
    }
    // A second redemption of the code is a repetition too, if its body differs.
    if let Some(g) = trace.node(at).grant.and_then(|n| trace.grants.get(n)) {
        out.extend(g.calls.iter().map(|c| c.call).filter(|c| trace.position(*c) < trace.position(at)));
    }
    out
}

/// Earlier steps: issuing login, redirect hops, preflight, authorize and callback of the grant.
fn chain(trace: &Trace<'_>, at: Id) -> Vec<Id> {
    let mut out = Vec::new();
    let mut id = at;
    while let Some(from) = trace.node(id).redirected_from.filter(|_| out.len() < STEPS) {
        out.push(from);
        id = from;
    }
    out.extend(trace.node(at).preflight);
    for u in trace.ex(at).uses() {
        out.extend(trace.life(u.value).and_then(|l| l.issued.last()).map(|i| i.by));
    }
    if let Some(g) = trace.node(at).grant.and_then(|n| trace.grants.get(n)) {
        out.extend(g.authorize.into_iter().chain(g.callback));
    }
    out
}

/// What an exchange belongs to: its grant, and the first issuance of each token that it carries.
fn families(trace: &Trace<'_>, at: Id) -> Vec<Id> {
    let mut out = Vec::new();
    let ex = trace.ex(at);
    if let Some(g) = trace.node(at).grant.and_then(|n| trace.grants.get(n)) {
        out.extend(g.authorize.or(g.callback).or(g.calls.first().map(|c| c.call)));
    }
    let carried: Vec<_> = ex.uses().iter().map(|u| u.value).chain(ex.refresh_tokens()).collect();
    for value in carried {
        let mut by = trace.life(value).and_then(|l| l.issued.first()).map(|i| i.by);
        for _ in 0..STEPS {
            let Some(id) = by else { break };
            let older = trace
                .ex(id)
                .refresh_tokens()
                .next()
                .and_then(|v| trace.life(v))
                .and_then(|l| l.issued.first())
                .map(|i| i.by);
            let grant = trace
                .node(id)
                .grant
                .and_then(|n| trace.grants.get(n))
                .and_then(|g| g.authorize.or(g.callback).or(g.calls.first().map(|c| c.call)));
            match older.filter(|o| *o != id) {
                Some(o) => by = Some(o),
                None => {
                    out.push(grant.unwrap_or(id));
                    break;
                }
            }
        }
    }
    out
}
