//! Ranking, and stories: refused requests of one cause are one finding.

use rustc_hash::FxHashMap;

use super::{Diagnosis, Judged, capped};
use crate::facts::Id;
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
    let shown =
        format!("{}|{}|{}|{:?}|{}", ex.origin(), ex.actor().0, credentials.join(","), f.fix, f.confidence.word());
    (f.rule.name, shown)
}

/// Groups verdicts into stories, in order of time.
pub(super) fn group(trace: &Trace<'_>, judged: Vec<Judged>) -> Vec<Diagnosis> {
    let mut out: Vec<Diagnosis> = Vec::new();
    let mut known: FxHashMap<(&'static str, String), usize> = FxHashMap::default();
    // A verdict that names an earlier subject joins the story of that subject.
    let mut by_subject: FxHashMap<(&'static str, Id), usize> = FxHashMap::default();
    for j in judged {
        let k = key(trace, &j);
        let at = by_subject.get(&(j.root.rule.name, j.root.subject)).copied().or_else(|| known.get(&k).copied());
        let at = match at {
            Some(at) => at,
            None => {
                let mut root = j.root.clone();
                root.explains.clear();
                root.severity = capped(&root);
                out.push(Diagnosis { root, consequences: Vec::new(), alternatives: j.alternatives.clone() });
                out.len() - 1
            }
        };
        known.insert(k, at);
        by_subject.insert((j.root.rule.name, j.root.subject), at);
        if let Some(d) = out.get_mut(at) {
            add(d, j);
        }
    }
    for d in &mut out {
        d.consequences.sort_by_key(|f| order(trace, f));
    }
    out
}

fn add(d: &mut Diagnosis, j: Judged) {
    if !d.root.explains.contains(&j.denied) || d.root.explains.len() > 1000 {
        d.root.explains.push(j.denied);
    }
    for mut c in j.consequences {
        let known = d.consequences.iter().any(|k| k.rule == c.rule && k.subject == c.subject);
        if !known && (c.rule != d.root.rule || c.subject != d.root.subject) {
            c.severity = Severity::Note;
            c.explains = vec![j.denied];
            d.consequences.push(c);
        }
    }
}

/// Hygiene: an error on an accepted request is shown as a warning.
pub(super) fn accepted(trace: &Trace<'_>, list: Vec<Finding>) -> Vec<Finding> {
    let mut out: Vec<Finding> = Vec::new();
    for mut f in list {
        let _ = trace;
        if f.severity == Severity::Error {
            f.severity = Severity::Warning;
        }
        f.severity = capped(&f).min(f.severity);
        f.explains.clear();
        out.push(f);
    }
    out
}
