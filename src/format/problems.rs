//! Reports the first problems of a reader one by one and counts the others.

use super::{Problem, Sink};
use crate::http::Span;

/// So many problems are reported one by one.
const REPORTED: u64 = 20;

/// The problems of one reader.
#[derive(Debug, Default)]
pub(super) struct Problems {
    count: u64,
    first_hidden: Span,
}

impl Problems {
    /// Reports or counts one.
    pub(super) fn add(&mut self, sink: &mut dyn Sink, at: Span, expected: &str, done: impl Into<String>) {
        self.count += 1;
        if self.count <= REPORTED {
            sink.problem(Problem::new(at, expected, done));
        } else if self.count == REPORTED + 1 {
            self.first_hidden = at;
        }
    }

    /// Whether there was one.
    pub(super) fn any(&self) -> bool {
        self.count > 0
    }

    /// Reports how many were only counted; `expected`: what stands in such an input.
    pub(super) fn close(&mut self, sink: &mut dyn Sink, expected: &str) {
        if self.count > REPORTED {
            let done = format!("{} more places were passed over; this is the first of them", self.count - REPORTED);
            sink.problem(Problem::new(self.first_hidden, expected, done));
            self.count = REPORTED;
        }
    }
}
