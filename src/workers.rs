//! What several threads may do at a time: who judges looks up and changes nothing.

use crate::facts::Facts;

/// In a capture with fewer rows a second thread costs more than it saves.
#[cfg(feature = "cli")]
const MANY: usize = 4096;

/// Whether a capture has so many rows that a second thread helps.
#[cfg(feature = "cli")]
pub(crate) fn helps(facts: &Facts) -> bool {
    facts.list.len() >= MANY
}

/// Does a job for every item, in their order; for a long capture on the threads of the pool that is in force.
#[cfg(feature = "cli")]
pub(crate) fn each<I: Sync, O: Send>(facts: &Facts, items: &[I], job: impl Fn(&I) -> O + Sync + Send) -> Vec<O> {
    use rayon::prelude::*;

    if !helps(facts) {
        return items.iter().map(job).collect();
    }
    items.par_iter().map(job).collect()
}

/// The same without threads.
#[cfg(not(feature = "cli"))]
pub(crate) fn each<I, O>(_: &Facts, items: &[I], job: impl Fn(&I) -> O) -> Vec<O> {
    items.iter().map(job).collect()
}
