//! What a capture without refusals is said to hold.

use std::collections::BTreeMap;

use super::model;
use crate::facts::{Id, Kind, Outcome};
use crate::trace::{Class, Trace};

/// What a capture without refusals holds.
pub(crate) fn of(trace: &Trace<'_>, part: Option<usize>) -> model::Healthy {
    let mine = |id: Id| part.is_none_or(|n| trace.facts.file_of(id) == n);
    let logins = trace
        .all()
        .filter(|ex| mine(ex.id()))
        .filter(|ex| {
            ex.class().issues() && ex.class() != Class::Refresh && ex.accepted() && !ex.node().issued.is_empty()
        })
        .count();
    let tokens = trace
        .lives
        .iter()
        .filter(|l| l.token && !l.uses.is_empty() && matches!(l.kind, Kind::Token | Kind::ApiKey | Kind::Basic))
        .count();
    let mut not_seen = Vec::new();
    let rows = || trace.facts.of_file(part.unwrap_or(0));
    let some = rows().count();
    let count = |f: &dyn Fn(&crate::facts::Flags) -> bool| rows().filter(|x| f(&x.flags)).count();
    if some > 0 && (trace.redaction_of(part.unwrap_or(0)).stripped || count(&|f| f.sees_authorization) == 0) {
        not_seen.push("credentials");
    }
    if some > 0 && count(&|f| f.sees_answer) == 0 {
        not_seen.push("bodies");
    }
    let (mut failed, mut silent, mut rows) = (BTreeMap::new(), 0, 0);
    for ex in trace.all().filter(|ex| mine(ex.id())) {
        let n = trace.weight(ex.id());
        rows += n;
        silent += if ex.fact().outcome == Outcome::None { n } else { 0 };
        if ex.status() < 400 || ex.denied() || ex.node().expected {
            continue;
        }
        *failed.entry(ex.status()).or_insert(0) += n;
    }
    if silent > 0 && silent == rows {
        not_seen.push("answers");
        silent = 0;
    }
    model::Healthy { logins, tokens, not_seen, failed: failed.into_iter().collect(), silent }
}
