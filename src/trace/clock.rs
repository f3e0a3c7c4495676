//! Two clocks: the client's (start times) and each server's (`Date`). Lifetimes run on the server's (rules.md 1.3).

use rustc_hash::FxHashMap;

use super::Trace;
use crate::facts::{Id, StrId};
use crate::http::{Side, Time};

/// Offsets of the servers' clocks.
#[derive(Clone, Debug, Default)]
pub struct Clocks {
    offsets: FxHashMap<StrId, Offset>,
}

/// How far a server's clock is ahead of the client's.
#[derive(Clone, Copy, Debug, Default)]
struct Offset {
    /// The median, in microseconds.
    median: i64,
    /// The samples agree: neither stitched nor edited.
    steady: bool,
}

/// Samples of one host may differ by this much (microseconds): slow answers, clocks that are set meanwhile.
const SPREAD: i64 = 30_000_000;

/// This many samples a host settle the median.
const SAMPLES: usize = 64;

/// Measures `Date - middle of the exchange` for every origin and keeps the median.
pub(super) fn measure(t: &Trace<'_>) -> Clocks {
    let mut samples: FxHashMap<StrId, Vec<i64>> = FxHashMap::default();
    for f in t.facts.list.iter().filter(|f| f.side == Side::Client) {
        let (Some(start), Some(date)) = (f.start, f.date) else { continue };
        let list = samples.entry(f.origin).or_default();
        if list.len() < SAMPLES {
            list.push(date - start.plus(f.duration / 2));
        }
    }
    let settle = |mut list: Vec<i64>| {
        list.sort_unstable();
        let median = list.get(list.len() / 2).copied().unwrap_or(0);
        let spread = list.last().zip(list.first()).map_or(0, |(b, a)| b - a);
        Offset { median, steady: spread <= SPREAD }
    };
    Clocks { offsets: samples.into_iter().map(|(o, l)| (o, settle(l))).collect() }
}

impl Clocks {
    /// Microseconds that the server's clock is ahead of the client's; `None` if no `Date` and start time were seen together.
    pub fn offset(&self, origin: StrId) -> Option<i64> {
        self.offsets.get(&origin).map(|o| o.median)
    }

    /// The same, where all samples of the host agree: a recording that was stitched or edited has none.
    pub fn steady(&self, origin: StrId) -> Option<i64> {
        self.offsets.get(&origin).filter(|o| o.steady).map(|o| o.median)
    }

    /// Server time of an exchange: its own `Date`, else its start moved by the host's offset, else its start.
    pub(super) fn server_now(&self, t: &Trace<'_>, id: Id) -> Option<Time> {
        let f = t.facts.get(id)?;
        f.date.or_else(|| f.start.map(|s| s.plus(self.offset(f.origin).unwrap_or(0))))
    }
}
