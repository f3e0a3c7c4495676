//! How far a run has come: counters that any thread may look at while the workers go on.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counters of a run. They only ever grow.
#[derive(Debug, Default)]
pub struct Progress {
    inputs: AtomicU64,
    inputs_done: AtomicU64,
    bytes: AtomicU64,
    bytes_done: AtomicU64,
    causes: AtomicU64,
}

/// What the counters said at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Inputs on the list.
    pub inputs: u64,
    /// Inputs that were read.
    pub inputs_done: u64,
    /// Bytes of the inputs on the list; 0 if that is not known (a pipe, packed data).
    pub bytes: u64,
    /// Bytes that were read.
    pub bytes_done: u64,
    /// Captures with a cause.
    pub causes: u64,
}

impl Progress {
    /// What the counters say now.
    pub fn now(&self) -> Seen {
        Seen {
            inputs: self.inputs.load(Relaxed),
            inputs_done: self.inputs_done.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
            bytes_done: self.bytes_done.load(Relaxed),
            causes: self.causes.load(Relaxed),
        }
    }

    pub(super) fn begin(&self, inputs: u64, bytes: u64) {
        self.inputs.store(inputs, Relaxed);
        self.bytes.store(bytes, Relaxed);
    }

    pub(super) fn read(&self, bytes: u64) {
        self.bytes_done.fetch_add(bytes, Relaxed);
    }

    pub(super) fn done(&self) {
        self.inputs_done.fetch_add(1, Relaxed);
    }

    pub(super) fn cause(&self) {
        self.causes.fetch_add(1, Relaxed);
    }
}
