//! What a configuration does to the verdicts of a capture: milder or stricter, not reported, wanted.

use super::Config;
use crate::diagnosis::Outcome;
use crate::facts::Id;
use crate::report::model::Entry;
use crate::rule::{Confidence, Finding, Severity};
use crate::trace::Trace;

/// How often each entry of a configuration was met in a run.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Findings that each `[[ignore]]` kept from the report.
    pub ignored: Vec<u64>,
    /// Refusals that each `[[expect]]` covered.
    pub expected: Vec<u64>,
    /// Requests to the route of each `[[expect]]`.
    pub called: Vec<u64>,
}

/// What a capture's report leaves out.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Refused requests that the configuration wants, with the entry that says so.
    pub expected: Vec<(Id, usize)>,
    /// Refused requests whose diagnosis is ignored.
    pub ignored: Vec<Id>,
    /// Refused requests whose diagnosis the baseline knows.
    pub known: Vec<Id>,
    /// Refused requests whose cause the user did not ask for.
    pub unasked: Vec<Id>,
}

impl Tally {
    /// Nothing met yet.
    pub fn new(config: &Config) -> Self {
        Self {
            ignored: vec![0; config.ignore.len()],
            expected: vec![0; config.expect.len()],
            called: vec![0; config.expect.len()],
        }
    }
}

impl Config {
    /// The entries for the report; one that met nothing is told, for it may be out of date.
    pub fn entries(&self, tally: &Tally) -> Vec<Entry> {
        let count = |list: &[u64], i: usize| list.get(i).copied().unwrap_or(0);
        let expect = self.expect.iter().enumerate().map(|(i, e)| {
            let (matched, called) = (count(&tally.expected, i), count(&tally.called, i));
            // Not called at all: the run was of other captures, and nothing follows from it.
            let open = matched == 0 && called > 0;
            Entry {
                kind: "expect",
                rule: e.rule.map(str::to_owned),
                host: e.host.clone(),
                path: e.path.clone(),
                reason: e.reason.clone(),
                matched,
                called,
                warning: open.then(|| "the route was called and not refused as expected; is it public now?".to_owned()),
            }
        });
        let ignore = self.ignore.iter().enumerate().map(|(i, e)| {
            let matched = count(&tally.ignored, i);
            Entry {
                kind: "ignore",
                rule: Some(e.rule.to_owned()),
                host: e.host.clone(),
                path: e.path.clone(),
                reason: e.reason.clone(),
                matched,
                called: matched,
                warning: (matched == 0).then(|| "it met nothing in this run; is it still needed?".to_owned()),
            }
        });
        expect.chain(ignore).collect()
    }

    /// Applies `severity`, `[[ignore]]` and `[[expect]]` to a judged capture.
    pub fn apply(&self, trace: &Trace<'_>, outcome: &mut Outcome, tally: &mut Tally) -> Kept {
        let mut kept = Kept::default();
        if !self.severity.is_empty() {
            let roots = outcome.diagnoses.iter_mut().map(|d| &mut d.root);
            roots.chain(&mut outcome.hygiene).for_each(|f| self.regrade(f));
        }
        if !self.expect.is_empty() {
            self.expect(trace, outcome, tally, &mut kept);
        }
        if !self.ignore.is_empty() {
            outcome.diagnoses.retain(|d| {
                let hit = self.ignores(trace, &d.root, tally);
                if hit {
                    kept.ignored.extend(&d.root.explains);
                }
                !hit
            });
            outcome.hygiene.retain(|f| !self.ignores(trace, f, tally));
        }
        kept
    }

    /// Another severity; a hint stays a note, and what was accepted is no error.
    fn regrade(&self, f: &mut Finding) {
        let Some(wanted) = self.severity.get(f.rule.name) else { return };
        let most = match (f.confidence, f.explains.is_empty()) {
            (Confidence::Possible, _) => Severity::Note,
            (_, true) => Severity::Warning,
            _ => Severity::Error,
        };
        f.severity = (*wanted).min(most);
    }

    fn ignores(&self, trace: &Trace<'_>, f: &Finding, tally: &mut Tally) -> bool {
        let ex = trace.ex(f.subject);
        let entry = self.ignore.iter().position(|i| i.rule == f.rule.name && i.covers(ex.host(), ex.path()));
        if let Some(n) = entry.and_then(|e| tally.ignored.get_mut(e)) {
            *n += 1;
        }
        entry.is_some()
    }

    /// Takes wanted refusals out of the diagnoses (guard G11). With a rule, the diagnosis must be of that rule, as
    /// cause or as consequence at that very request.
    fn expect(&self, trace: &Trace<'_>, outcome: &mut Outcome, tally: &mut Tally, kept: &mut Kept) {
        for ex in trace.all() {
            for (n, e) in self.expect.iter().enumerate() {
                if let Some(called) = tally.called.get_mut(n).filter(|_| e.covers(ex.method(), ex.host(), ex.path())) {
                    *called += 1;
                }
            }
        }
        for d in &mut outcome.diagnoses {
            let (root, consequences) = (d.root.rule.name, &d.consequences);
            let mut left = std::mem::take(&mut d.root.explains);
            left.retain(|id| {
                let ex = trace.ex(*id);
                let told = |rule: &str| {
                    root == rule || consequences.iter().any(|c| c.rule.name == rule && c.explains.contains(id))
                };
                let entry = self.expect.iter().position(|e| {
                    e.covers(ex.method(), ex.host(), ex.path())
                        && e.status.is_none_or(|s| s == ex.status())
                        && e.rule.is_none_or(told)
                });
                if let Some(n) = entry {
                    kept.expected.push((*id, n));
                    if let Some(count) = tally.expected.get_mut(n) {
                        *count += 1;
                    }
                }
                entry.is_none()
            });
            d.root.explains = left;
        }
        outcome.diagnoses.retain(|d| !d.root.explains.is_empty());
    }
}
