//! Where what is read goes: facts of a stretch, counted for the progress, folded in their order.

use std::sync::{Mutex, PoisonError};

use crate::analysis::progress::Progress;
use crate::facts::{Facts, Spare};
use crate::format::{Problem, Sink};
use crate::http::{Brief, Exchange};
use crate::source::WindowSink;

/// Tables that are not in use.
#[derive(Default)]
pub(super) struct Spares(Mutex<Vec<Spare>>);

impl Spares {
    pub(super) fn take(&self) -> Spare {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    pub(super) fn put(&self, spare: Spare) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(spare);
    }
}

/// Bytes of a stretch.
const STRETCH: u64 = 1 << 20;

/// Collects the facts of a stretch, and counts its bytes.
pub(super) struct Counting<'p> {
    pub(super) facts: Facts,
    pub(super) progress: &'p Progress,
    /// Where stretches go that one reader reads one after the other; several workers hand theirs over themselves.
    pub(super) fold: Option<Fold<'p>>,
}

/// Takes in stretch after stretch, as if several workers had read them.
pub(super) struct Fold<'p> {
    pub(super) all: &'p mut Facts,
    pub(super) empty: &'p (dyn Fn() -> Facts + Sync),
    pub(super) spare: &'p Spares,
    /// Where the stretch at hand begins.
    pub(super) from: u64,
}

impl Sink for Counting<'_> {
    fn exchange(&mut self, exchange: Exchange<'_>) {
        self.facts.exchange(exchange);
    }

    fn brief(&mut self, brief: &Brief<'_>) -> bool {
        self.facts.brief(brief)
    }

    fn problem(&mut self, problem: Problem) {
        self.facts.problem(problem);
    }

    fn recorder(&mut self, name: &str, version: &str) {
        self.facts.recorder(name, version);
    }
}

impl WindowSink for Counting<'_> {
    fn passed(&mut self, bytes: &[u8], offset: u64) {
        self.facts.passed(bytes, offset);
        self.progress.read(bytes.len() as u64);
        let Some(fold) = &mut self.fold else { return };
        let end = offset + bytes.len() as u64;
        if end - fold.from >= STRETCH {
            let next = std::mem::replace(&mut self.facts, (fold.empty)());
            fold.spare.put(fold.all.absorb(next));
            fold.from = end;
        }
    }
}
