//! Ranking, and stories: refused requests of one cause are one finding.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Diagnosis, Judged, capped};
use crate::facts::Id;
use crate::http::Side;
use crate::rule::{Finding, Severity};
use crate::trace::Trace;

/// Order of findings before judging: by time, so that nothing depends on the order of the rules.
pub(super) fn order(trace: &Trace<'_>, f: &Finding) -> (usize, u8, u16, &'static str) {
    let (tier, rank) = f.rule.tier.unwrap_or((9, 0));
    (trace.position(f.subject), tier, rank, f.rule.name)
}

/// Rank of a root: confidence, tier, earlier subject, rank (rules.md 4.2, step 4).
pub(super) fn rank(trace: &Trace<'_>, f: &Finding) -> (std::cmp::Reverse<crate::rule::Confidence>, u8, usize, u16) {
    let (tier, rank) = f.rule.tier.unwrap_or((9, 0));
    (std::cmp::Reverse(f.confidence), tier, trace.position(f.subject), rank)
}

/// What makes two verdicts one story: the same subject, or the same rule, credential, origin and fix.
fn key(trace: &Trace<'_>, j: &Judged) -> (&'static str, String) {
    let f = &j.root;
    if f.subject != j.denied {
        return (f.rule.name, format!("#{}", f.subject));
    }
    let ex = trace.ex(f.subject);
    let credentials: Vec<String> = ex.credentials().map(|u| u.value.0.to_string()).collect();
    // A server's log that cannot tell says so once a host: its clients are only addresses.
    let cannot_tell = f.severity == Severity::Note && credentials.is_empty() && ex.fact().side != Side::Client;
    let actor = if cannot_tell { 0 } else { ex.actor().0 };
    let shown = format!("{}|{actor}|{}|{:?}|{}", ex.origin(), credentials.join(","), f.fix, f.confidence.word());
    (f.rule.name, shown)
}

/// So many consequences of one story are named; in a long capture every refusal is one.
const NAMED: usize = 200;

/// Stories that are being told: verdicts are added in order of time and forgotten.
#[derive(Default)]
pub(super) struct Stories {
    list: Vec<Diagnosis>,
    known: FxHashMap<(&'static str, String), usize>,
    /// A verdict that names an earlier subject joins the story of that subject.
    by_subject: FxHashMap<(&'static str, Id), usize>,
    /// Consequences that are named: story, rule, subject.
    named: FxHashSet<(usize, &'static str, Id)>,
}

impl Stories {
    /// Adds the verdict on one refused exchange.
    pub(super) fn add(&mut self, trace: &Trace<'_>, j: Judged) {
        let k = key(trace, &j);
        let subject = (j.root.rule.name, j.root.subject);
        let at = self.by_subject.get(&subject).copied().or_else(|| self.known.get(&k).copied());
        let at = match at {
            Some(at) => at,
            None => {
                let mut root = j.root.clone();
                root.explains.clear();
                root.severity = capped(&root);
                self.list.push(Diagnosis { root, consequences: Vec::new(), alternatives: j.alternatives.clone() });
                self.list.len() - 1
            }
        };
        self.known.insert(k, at);
        self.by_subject.insert(subject, at);
        let Some(d) = self.list.get_mut(at) else { return };
        d.root.explains.push(j.denied);
        for mut c in j.consequences {
            let own = c.rule == d.root.rule && c.subject == d.root.subject;
            if own || d.consequences.len() >= NAMED || !self.named.insert((at, c.rule.name, c.subject)) {
                continue;
            }
            c.severity = Severity::Note;
            c.explains = vec![j.denied];
            d.consequences.push(c);
        }
    }

    /// All stories, in order of time.
    pub(super) fn finish(mut self, trace: &Trace<'_>) -> Vec<Diagnosis> {
        for d in &mut self.list {
            d.consequences.sort_by_key(|f| order(trace, f));
        }
        self.list
    }
}

/// Hygiene: an error on an accepted request is shown as a warning.
pub(super) fn accepted(list: Vec<Finding>) -> Vec<Finding> {
    let mut out: Vec<Finding> = Vec::new();
    for mut f in list {
        if f.severity == Severity::Error {
            f.severity = Severity::Warning;
        }
        f.severity = capped(&f).min(f.severity);
        f.explains.clear();
        out.push(f);
    }
    out
}
