//! Baselines: findings that are known are left out, new ones are told, and those that are gone are named.
//!
//! A finding is known by its fingerprint, which holds no position: rule, origin, route, header or field. Neither a new
//! recording of the same session nor further requests in it change that.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Block;
use super::model;
use crate::diagnosis::Outcome;
use crate::facts::Id;
use crate::trace::Trace;

/// The version of the file.
const SCHEMA: &str = "why401-baseline/1";

/// Findings that are known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    schema: String,
    /// Sorted by rule and request.
    pub findings: Vec<Known>,
}

/// A finding that is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The rule, for readers.
    pub rule: String,
    /// Method, origin and route, for readers.
    pub request: String,
    /// What it is known by.
    pub fingerprint: String,
}

impl Baseline {
    /// The findings of a report: causes and what stands beside them; consequences go with their causes.
    pub fn of(blocks: &[Block]) -> Self {
        let mut seen = BTreeSet::new();
        let known = blocks.iter().filter(|b| seen.insert(&b.finding.fingerprint)).map(|b| Known {
            rule: b.finding.rule.clone(),
            request: b.request.clone(),
            fingerprint: b.finding.fingerprint.clone(),
        });
        let mut findings: Vec<Known> = known.collect();
        findings.sort();
        Self { schema: SCHEMA.to_owned(), findings }
    }

    /// Reads a baseline.
    ///
    /// # Errors
    /// What is wrong with it, with line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read: Self = serde_json::from_str(text).map_err(|e| format!("not a baseline of why401: {e}"))?;
        match read.schema == SCHEMA {
            true => Ok(read),
            false => Err(format!("its schema is \"{}\", this why401 reads \"{SCHEMA}\"", read.schema)),
        }
    }

    /// The file: one finding a line, so that a change of it is readable.
    ///
    /// # Errors
    /// None in practice: every value is a text.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let lines: Result<Vec<String>, _> = self.findings.iter().map(serde_json::to_string).collect();
        let list = lines?.join(",\n    ");
        let list = if list.is_empty() { list } else { format!("\n    {list}\n  ") };
        Ok(format!("{{\n  \"schema\": \"{SCHEMA}\",\n  \"findings\": [{list}]\n}}\n"))
    }

    /// Without the findings of this list.
    pub fn prune(&mut self, resolved: &[Known]) {
        self.findings.retain(|k| !resolved.contains(k));
    }
}

/// A baseline that a run is compared with, and how often each of its findings was met.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    met: BTreeMap<String, u64>,
    baseline: Baseline,
    denied: u64,
}

impl Comparison {
    pub(crate) fn new(baseline: Baseline) -> Self {
        let met = baseline.findings.iter().map(|k| (k.fingerprint.clone(), 0)).collect();
        Self { met, baseline, denied: 0 }
    }

    /// Takes known findings out of an outcome; gives the refused requests that they explain.
    pub(crate) fn apply(&mut self, trace: &Trace<'_>, outcome: &mut Outcome) -> Vec<Id> {
        let mut refused = Vec::new();
        outcome.diagnoses.retain(|d| {
            let known = self.meet(&super::build::fingerprint(trace, &d.root));
            if known {
                refused.extend(&d.root.explains);
            }
            !known
        });
        outcome.hygiene.retain(|f| !self.meet(&super::build::fingerprint(trace, f)));
        self.denied += refused.iter().map(|id| trace.weight(*id)).sum::<u64>();
        refused
    }

    fn meet(&mut self, fingerprint: &str) -> bool {
        let met = self.met.get_mut(fingerprint);
        met.map(|n| *n += 1).is_some()
    }

    /// What the report says of it.
    pub(crate) fn told(&self) -> model::Compared {
        let gone = |k: &&Known| self.met.get(&k.fingerprint).is_none_or(|n| *n == 0);
        model::Compared {
            known: self.met.values().sum(),
            denied: self.denied,
            resolved: self.baseline.findings.iter().filter(gone).cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_reads_what_it_wrote() {
        let known =
            |rule: &str| Known { rule: rule.to_owned(), request: "GET /".to_owned(), fingerprint: rule.to_owned() };
        for findings in [vec![], vec![known("a")], vec![known("a"), known("b")]] {
            let written = Baseline { schema: SCHEMA.to_owned(), findings };
            assert_eq!(Baseline::parse(&written.to_json().unwrap()).unwrap(), written);
        }
        assert!(Baseline::parse("[]").is_err());
        assert!(
            Baseline::parse("{\"schema\": \"why401-baseline/2\", \"findings\": []}").unwrap_err().contains("reads")
        );
    }
}
