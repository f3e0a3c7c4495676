//! What a rule sees, and where it puts what it found.

use super::{Finding, Need, Rule};
use crate::facts::{Outcome, StrId, ValueId};
use crate::http::Origin;
use crate::trace::{Class, Ex, Life, Trace};

/// The linked model, as rules see it.
#[derive(Clone, Copy, Debug)]
pub struct Cx<'t> {
    /// The model.
    pub trace: &'t Trace<'t>,
}

/// Findings, and the rules that could not look.
#[derive(Debug, Default)]
pub struct Findings {
    /// What was found, in the order of the rules.
    pub list: Vec<Finding>,
}

impl Findings {
    /// Adds a finding.
    pub fn push(&mut self, finding: Finding) {
        self.list.push(finding);
    }

    /// Adds findings.
    pub fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.list.extend(findings);
    }
}

/// So many earlier logins of an actor are looked at.
pub(crate) const STEPS: usize = 64;

impl<'t> Cx<'t> {
    /// All exchanges in order of time.
    pub fn all(self) -> impl Iterator<Item = Ex<'t>> {
        let t = self.trace;
        t.order.iter().map(move |id| t.ex(*id))
    }

    /// Refused requests: preflights and expected challenges (G1) left out.
    pub fn denied(self) -> impl Iterator<Item = Ex<'t>> {
        self.trace.denied().filter(|ex| !ex.fact().flags.preflight)
    }

    /// Refused requests that name a credential problem by status or words: no logins, no OAuth steps, no preflights.
    pub fn denied_calls(self) -> impl Iterator<Item = Ex<'t>> {
        self.denied().filter(|ex| !ex.class().issues() && !ex.class().oauth())
    }

    /// Exchanges of a class.
    pub fn of_class(self, class: Class) -> impl DoubleEndedIterator<Item = Ex<'t>> {
        self.trace.of_class(class)
    }

    /// Exchanges whose detail was kept: all but accepted plain calls, in order of time.
    pub fn detailed(self) -> impl Iterator<Item = Ex<'t>> {
        self.trace.detailed()
    }

    /// What is known of a value.
    pub fn life(self, value: ValueId) -> Option<&'t Life> {
        self.trace.life(value)
    }

    /// The raw bytes of a value, for judging.
    pub fn bytes(self, value: ValueId) -> &'t [u8] {
        self.trace.facts.values.get(value)
    }

    /// The text of a number.
    pub fn text(self, id: StrId) -> &'t str {
        self.trace.text(id)
    }

    /// Whether a login hands out tokens for the audience of an exchange: the same audience, a token of it was accepted
    /// there, or both hosts belong to one site and are no separate tenants.
    pub fn serves(self, login: Ex<'t>, ex: Ex<'t>) -> bool {
        if login.same_audience(ex) {
            return true;
        }
        let here = ex.fact().origin;
        let taken = |v: &ValueId| {
            self.life(*v).is_some_and(|l| l.accepted_at.iter().any(|(o, _)| self.trace.same_audience(*o, here)))
        };
        if login.node().issued.iter().any(taken) {
            return true;
        }
        use crate::auth::url::registrable_domain;
        let tenant = |e: Ex<'t>| e.profile().tenant(e.host());
        let apart = matches!((tenant(login), tenant(ex)), (Some(a), Some(b)) if a != b);
        let site = registrable_domain(login.host()).zip(registrable_domain(ex.host())).is_some_and(|(a, b)| a == b);
        // Two hosts of one site that both log in and serve calls are instances of their own.
        site && !apart && login.host() != ex.host() && !self.trace.logs_in(ex)
    }

    /// Whether the answer of a login was there when an exchange began (G6). A token that is in use by then says so too:
    /// recorders on a moved clock give lengths that cannot be right.
    pub fn answered_before(self, login: Ex<'t>, ex: Ex<'t>) -> bool {
        let over = !matches!((login.end(), ex.start()), (Some(end), Some(start)) if end > start);
        let in_use =
            |v: &ValueId| self.life(*v).and_then(|l| l.uses.first()).is_some_and(|u| !ex.precedes(self.trace.ex(u.by)));
        over || login.node().issued.iter().any(in_use)
    }

    /// Successful logins, token calls and refreshes of this audience and actor before an exchange, latest first.
    pub fn logins_before(self, ex: Ex<'t>) -> impl Iterator<Item = Ex<'t>> {
        ex.steps_before()
            .take(STEPS)
            .filter(move |o| o.class().issues() && o.accepted() && (o.same_audience(ex) || o.origin() != ex.origin()))
    }

    /// Whether an exchange can show what a rule needs.
    pub fn meets(self, rule: &Rule, ex: Ex<'t>) -> bool {
        rule.needs.iter().all(|any| any.iter().any(|n| self.shows(*n, ex)))
    }

    fn shows(self, need: Need, ex: Ex<'t>) -> bool {
        let f = ex.fact();
        match need {
            Need::Qh => ex.req("authorization").seen() || ex.credentials().next().is_some(),
            Need::Qb => f.flags.sees_body || ex.body().is_some(),
            Need::Sh => f.flags.sees_response,
            Need::Sb => f.flags.sees_answer,
            Need::T => f.start.is_some() || f.date.is_some(),
            Need::Raw => f.origin_of_lines == Origin::Wire,
            Need::Nav => f.flags.navigation || f.flags.script || f.flags.browser,
            Need::Profile => ex.profile().id != "generic",
        }
    }

    /// Whether the exchange was answered at all.
    pub fn answered(self, ex: Ex<'t>) -> bool {
        ex.fact().outcome != Outcome::None
    }
}
