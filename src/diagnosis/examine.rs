//! One refused request under the glass: what judging computed for it, exposed and not judged anew.

use super::{Candidate, Prepared, Scope, story};
use crate::facts::Id;
use crate::rule::{Cx, Finding, Kind, Rule};
use crate::trace::Trace;

/// What judging one refused request took into account.
#[derive(Debug, Default)]
pub struct Examined {
    /// Every claim that was weighed, best rank first.
    pub weighed: Vec<Weighed>,
    /// Rules that could look at the request and claimed nothing of it.
    pub silent: Vec<&'static Rule>,
    /// Rules that could not look, since what they need was not recorded.
    pub blind: Vec<&'static Rule>,
}

/// A claim, and what became of it.
#[derive(Debug)]
pub struct Weighed {
    /// The claim.
    pub finding: Finding,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is the cause.
    Cause,
    /// An edge of the suppression table makes it follow from another claim: its rule, where that stands, and the scope.
    Follows(&'static str, Id, Scope),
    /// It was a possible cause of its own, and the cause ranks before it by this.
    Outranked(By),
    /// It is tried only where no other rule speaks, and another spoke.
    LastResort,
}

/// What decides between two claims (rules.md 4.2, step 4), in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The other is surer.
    Confidence,
    /// The other's kind of mistake comes first on the way to the server.
    Tier,
    /// The other stands earlier.
    Time,
    /// The other is the more special rule.
    Rank,
}

/// Looks at one refused request with the claims of the whole capture; `None` if it was not refused.
pub fn examine(trace: &Trace<'_>, rules: &[&'static Rule], denied: Id) -> Option<Examined> {
    trace.denied().find(|ex| ex.id() == denied)?;
    let cx = Cx { trace };
    let prepared = Prepared::new(&cx, rules);
    let set = prepared.candidates(&cx, rules, denied);
    let Some(judged) = super::pick(trace, set.clone(), denied) else { return Some(Examined::default()) };
    let mut weighed: Vec<Weighed> = set
        .iter()
        .filter(|c| !c.earlier || led_by(&set, c) || c.finding.rule == judged.root.rule)
        .map(|c| Weighed { fate: fate(trace, &prepared, &set, c, &judged.root, denied), finding: (*c.finding).clone() })
        .collect();
    weighed.sort_by_key(|w| (w.fate != Fate::Cause, story::rank(trace, &w.finding)));
    let mut out = Examined { weighed, ..Examined::default() };
    let claimed = |r: &Rule| set.iter().any(|c| std::ptr::eq(c.finding.rule, r));
    for rule in rules.iter().copied().filter(|r| r.diagnoses() && !claimed(r)) {
        let sees = match rule.kind {
            Kind::Custom(custom) => !custom.blind(&cx, trace.ex(denied)),
            _ => cx.meets(rule, trace.ex(denied)),
        };
        // A last resort is not tried where another rule spoke.
        match (sees, rule.is_fallback()) {
            (true, false) => out.silent.push(rule),
            (true, true) => {}
            (false, _) => out.blind.push(rule),
        }
    }
    Some(out)
}

/// Whether an earlier claim is the cause of another in the set; else it has nothing to do with this request.
fn led_by(set: &[Candidate<'_>], c: &Candidate<'_>) -> bool {
    let at = set.iter().position(|x| std::ptr::eq(x, c));
    at.is_some_and(|at| set.iter().any(|x| x.caused_by.contains(&at)))
}

fn fate(
    trace: &Trace<'_>,
    prepared: &Prepared,
    set: &[Candidate<'_>],
    c: &Candidate<'_>,
    root: &Finding,
    denied: Id,
) -> Fate {
    let f = &*c.finding;
    if f.rule == root.rule && f.subject == root.subject {
        return Fate::Cause;
    }
    let cause = c.caused_by.iter().filter_map(|i| set.get(*i)).min_by_key(|x| story::rank(trace, &x.finding));
    if let Some(x) = cause {
        let scope = super::edge(trace, x, c, denied, &prepared.index.forward).unwrap_or(Scope::SameExchange);
        return Fate::Follows(x.finding.rule.name, x.finding.subject, scope);
    }
    if f.rule.is_fallback() && !root.rule.is_fallback() {
        return Fate::LastResort;
    }
    let (a, b) = (story::rank(trace, root), story::rank(trace, f));
    Fate::Outranked(match () {
        () if a.0 != b.0 => By::Confidence,
        () if a.1 != b.1 => By::Tier,
        () if a.2 != b.2 => By::Time,
        () => By::Rank,
    })
}
