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

/// Collects facts and counts bytes.
pub(super) struct Counting<'p> {
    pub(super) facts: Facts,
    pub(super) progress: &'p Progress,
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
    }
}

/// Collects the facts of what one reader reads stretch by stretch, as several workers would.
pub(super) struct Stretches<'p> {
    pub(super) all: &'p mut Facts,
    pub(super) next: Facts,
    pub(super) empty: &'p dyn Fn() -> Facts,
    pub(super) spare: &'p Spares,
    /// Where the stretch begins.
    pub(super) from: u64,
    pub(super) progress: &'p Progress,
}

/// Bytes of a stretch.
pub(super) const STRETCH: u64 = 1 << 20;

impl Sink for Stretches<'_> {
    fn exchange(&mut self, exchange: Exchange<'_>) {
        self.next.exchange(exchange);
    }

    fn brief(&mut self, brief: &Brief<'_>) -> bool {
        self.next.brief(brief)
    }

    fn problem(&mut self, problem: Problem) {
        self.next.problem(problem);
    }

    fn recorder(&mut self, name: &str, version: &str) {
        self.next.recorder(name, version);
    }
}

impl WindowSink for Stretches<'_> {
    fn passed(&mut self, bytes: &[u8], offset: u64) {
        self.next.passed(bytes, offset);
        self.progress.read(bytes.len() as u64);
        let end = offset + bytes.len() as u64;
        if end - self.from >= STRETCH {
            let next = std::mem::replace(&mut self.next, (self.empty)());
            self.spare.put(self.all.absorb(next));
            self.from = end;
        }
    }
}
