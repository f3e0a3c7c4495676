//! Refusals that a later row may put right: the next try of their request, the next accepted use of their credential.

use rustc_hash::FxHashSet;

use crate::http::Time;

/// A refused request is open for its next try at least this long (microseconds): the time within which trace links one.
const OPEN: i64 = 300_000_000;
/// So many requests, and so many credentials, are remembered at once; then all of them are forgotten.
const MOST: usize = 1 << 18;

/// Requests of the last five minutes at least, and as long before; credentials.
#[derive(Clone, Debug, Default)]
pub(super) struct Open {
    now: FxHashSet<u64>,
    before: FxHashSet<u64>,
    since: Option<Time>,
    credentials: FxHashSet<u64>,
}

impl Open {
    /// Notes a refused request and its credentials.
    pub(super) fn open(&mut self, request: u64, start: Option<Time>, credentials: impl Iterator<Item = u64>) {
        self.turn(start);
        self.now.insert(request);
        if self.credentials.len() >= MOST {
            self.credentials.clear();
        }
        self.credentials.extend(credentials);
    }

    /// Whether a credential that is taken was refused before; it no longer counts as that.
    pub(super) fn taken(&mut self, credential: u64) -> bool {
        !self.credentials.is_empty() && self.credentials.remove(&credential)
    }

    /// Whether a request was open; it no longer is.
    pub(super) fn close(&mut self, request: u64, start: Option<Time>) -> bool {
        if self.now.is_empty() && self.before.is_empty() {
            return false;
        }
        self.turn(start);
        self.now.remove(&request) | self.before.remove(&request)
    }

    fn turn(&mut self, start: Option<Time>) {
        let late = start.zip(self.since).is_some_and(|(now, since)| now - since > OPEN);
        if late || self.now.len() >= MOST {
            std::mem::swap(&mut self.now, &mut self.before);
            self.now.clear();
            self.since = start.or(self.since);
        } else if self.since.is_none() {
            self.since = start;
        }
    }
}
