//! What is known of the rows that left none of their own.

use rustc_hash::FxHashMap;

use super::{Fact, Id, Media, StrId, ValueId};
use crate::http::Time;

/// So many numbers of like refusals are remembered.
const NAMED: usize = 100;

/// Exchanges that are like a kept one, and left no row of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Like {
    /// How many.
    pub count: u64,
    /// The numbers of the first of them.
    pub first: Vec<Id>,
    /// When the last of them began, by the recorder's clock.
    pub last: Option<Time>,
}

/// What is known of the rows that went.
#[derive(Clone, Debug, Default)]
pub struct Gone {
    /// Accepted uses of credentials in them.
    pub uses: FxHashMap<ValueId, u64>,
    /// Accepted answers of each origin in JSON, HTML, other.
    pub media: FxHashMap<StrId, [u32; 3]>,
}

impl Like {
    /// One more.
    pub(super) fn add(&mut self, f: &Fact) {
        self.count += 1;
        self.last = self.last.max(f.start);
        if self.first.len() < NAMED {
            self.first.push(f.id);
        }
    }
}

impl Gone {
    /// Counts accepted answers of an origin.
    pub(super) fn answered(&mut self, origin: StrId, media: Media, times: u32) {
        let all = self.media.entry(origin).or_default();
        let slot = match media {
            Media::Json => 0,
            Media::Html => 1,
            _ => 2,
        };
        if let Some(n) = all.get_mut(slot) {
            *n = n.saturating_add(times);
        }
    }
}
