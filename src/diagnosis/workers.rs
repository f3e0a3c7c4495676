//! What several threads may do at a time: rules look up and change nothing.

use crate::trace::Trace;

/// In a capture with fewer exchanges that can matter a second thread costs more than it saves.
#[cfg(feature = "cli")]
const MANY: usize = 2048;

/// Does a job for every item, in their order; in a long capture on the threads of the pool that is in force.
#[cfg(feature = "cli")]
pub(super) fn each<I: Sync, O: Send>(trace: &Trace<'_>, items: &[I], job: impl Fn(&I) -> O + Sync + Send) -> Vec<O> {
    use rayon::prelude::*;

    if trace.detailed().nth(MANY).is_none() {
        return items.iter().map(job).collect();
    }
    items.par_iter().map(job).collect()
}

/// The same without threads.
#[cfg(not(feature = "cli"))]
pub(super) fn each<I, O>(_: &Trace<'_>, items: &[I], job: impl Fn(&I) -> O) -> Vec<O> {
    items.iter().map(job).collect()
}
