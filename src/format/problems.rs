//! Reports the first problems of a reader one by one and counts the others.

use super::{Problem, Sink};
use crate::http::Span;

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Lines that were left out.
    Line,
    /// Places that were passed over.
    #[default]
    Place,
}

/// How a problem stands among others of its capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// What is counted.
    pub unit: Unit,
    /// So many problems stand behind this one, the first of them; 0: it stands for itself.
    pub counted: u64,
}

impl Unit {
    /// So many of a capture are reported one by one.
    pub fn most(self) -> u64 {
        match self {
            Self::Line => 3,
            Self::Place => 20,
        }
    }

    /// What is said of those that are only counted.
    fn words(self, counted: u64) -> String {
        match (self, counted) {
            (Self::Line, 1) => "1 more line was left out; this is it".to_owned(),
            (Self::Line, n) => format!("{n} more lines were left out; this is the first of them"),
            (Self::Place, 1) => "1 more place was passed over; this is it".to_owned(),
            (Self::Place, n) => format!("{n} more places were passed over; this is the first of them"),
        }
    }
}

impl Problem {
    /// Lets it stand for so many more.
    pub fn count(&mut self, more: u64) {
        if let Some(tally) = self.tally.as_mut().filter(|_| more > 0) {
            tally.counted += more;
            self.done = tally.unit.words(tally.counted);
        }
    }
}

/// The problems of one reader.
#[derive(Debug, Default)]
pub(super) struct Problems {
    unit: Unit,
    told: u64,
    /// The first that is only counted, and how many are.
    counted: Option<(Problem, u64)>,
}

impl Problems {
    /// For problems of this kind.
    pub(super) fn of(unit: Unit) -> Self {
        Self { unit, ..Self::default() }
    }

    /// Reports or counts one.
    pub(super) fn add(&mut self, sink: &mut dyn Sink, at: Span, expected: &str, done: impl Into<String>) {
        if self.told >= self.unit.most() {
            let tally = Some(Tally { unit: self.unit, counted: 0 });
            self.counted.get_or_insert_with(|| (Problem { tally, ..Problem::new(at, expected, "") }, 0)).1 += 1;
            return;
        }
        self.told += 1;
        let tally = Some(Tally { unit: self.unit, counted: 0 });
        sink.problem(Problem { tally, ..Problem::new(at, expected, done) });
    }

    /// Whether there was one.
    pub(super) fn any(&self) -> bool {
        self.told > 0
    }

    /// Reports how many were only counted.
    pub(super) fn close(&mut self, sink: &mut dyn Sink) {
        if let Some((mut first, more)) = self.counted.take() {
            first.count(more);
            sink.problem(first);
        }
    }
}
