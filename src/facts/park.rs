//! What may matter later, and mostly does not: logins and logouts that were accepted, the first use of each credential.
//!
//! In a long capture they are put aside, the oldest going first when there are too many. A refusal wakes those of its
//! client and those of its credential, so that rules see what led to it. What was read in full is put aside as the bytes
//! it was read from, and read again if it is woken.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::cut::Cut;

/// Bytes that are put aside at most.
const MOST: usize = 16 << 20;
/// So many of a credential are woken, the latest.
const WAKE: usize = 6;
/// So many of a client are: a logout, and the logins around it.
const WAKE_CLIENT: usize = 3;
/// Bytes that one takes beside its own.
const OWN: usize = 200;

/// What is put aside.
#[derive(Clone, Debug)]
pub(super) enum Aside {
    /// A plain call.
    Plain(Box<Cut>),
    /// The bytes of an exchange that is to be read again.
    Raw {
        /// Lines before it.
        lines: u64,
        /// Characters on its first line.
        column: u64,
        bytes: Box<[u8]>,
        /// Its row without the detail.
        row: Box<Cut>,
    },
}

impl Aside {
    /// Its row without the detail.
    pub(super) fn row(&self) -> &Cut {
        match self {
            Self::Plain(row) | Self::Raw { row, .. } => row,
        }
    }

    fn size(&self) -> usize {
        let bytes = match self {
            Self::Plain(_) => 0,
            Self::Raw { bytes, .. } => bytes.len(),
        };
        OWN + bytes + self.row().size()
    }
}

#[derive(Clone, Debug)]
struct Entry {
    what: Option<Aside>,
    size: u32,
    actor: u64,
    /// The one before of the same actor.
    before: u64,
    /// Its values, each with the entry before that has it, too.
    values: Box<[(u64, u64)]>,
}

/// No entry.
const NONE: u64 = u64::MAX;

/// What was put aside, and what was woken.
#[derive(Clone, Debug, Default)]
pub(super) struct Parked {
    entries: VecDeque<Entry>,
    /// The number of the first of them.
    first: u64,
    size: usize,
    of_actor: FxHashMap<u64, u64>,
    of_value: FxHashMap<u64, u64>,
    woken: Vec<Aside>,
}

impl Parked {
    /// Puts something aside; what goes for good in its place is added to `gone`.
    pub(super) fn put(&mut self, what: Aside, actor: u64, values: &[u64], gone: &mut Vec<Aside>) {
        let number = self.first + self.entries.len() as u64;
        let size = what.size() + values.len() * 32;
        self.size += size;
        let before = self.of_actor.insert(actor, number).unwrap_or(NONE);
        let values = values.iter().map(|v| (*v, self.of_value.insert(*v, number).unwrap_or(NONE))).collect();
        self.entries.push_back(Entry { what: Some(what), size: size as u32, actor, before, values });
        while self.size > MOST {
            let Some(old) = self.entries.pop_front() else { break };
            self.size -= old.size as usize;
            self.forget(&old);
            self.first += 1;
            gone.extend(old.what);
        }
    }

    /// Takes the entry that goes out of the tables.
    fn forget(&mut self, old: &Entry) {
        if self.of_actor.get(&old.actor) == Some(&self.first) {
            self.of_actor.remove(&old.actor);
        }
        for (value, _) in &old.values {
            if self.of_value.get(value) == Some(&self.first) {
                self.of_value.remove(value);
            }
        }
    }

    /// Wakes the latest of an actor and of each value, and what shares a value with those.
    pub(super) fn wake(&mut self, actor: Option<u64>, values: impl Iterator<Item = u64>) {
        let mut shared = Vec::new();
        let mut at = actor.and_then(|a| self.of_actor.get(&a)).copied().unwrap_or(NONE);
        for _ in 0..WAKE_CLIENT {
            let Some(next) = self.take(at, |e| e.before, &mut shared) else { break };
            at = next;
        }
        let values: Vec<u64> = values.collect();
        shared.clear();
        for value in &values {
            self.wake_value(*value, &mut shared);
        }
        shared.retain(|v| !values.contains(v));
        shared.truncate(WAKE);
        for value in shared {
            self.wake_value(value, &mut Vec::new());
        }
    }

    fn wake_value(&mut self, value: u64, shared: &mut Vec<u64>) {
        let mut at = self.of_value.get(&value).copied().unwrap_or(NONE);
        let before = |e: &Entry| e.values.iter().find(|(v, _)| *v == value).map_or(NONE, |(_, b)| *b);
        for _ in 0..WAKE {
            let Some(next) = self.take(at, before, shared) else { break };
            at = next;
        }
    }

    /// Wakes an entry; the number of the one before it.
    fn take(&mut self, at: u64, before: impl Fn(&Entry) -> u64, shared: &mut Vec<u64>) -> Option<u64> {
        let place = usize::try_from(at.checked_sub(self.first)?).ok()?;
        let entry = self.entries.get_mut(place)?;
        shared.extend(entry.values.iter().map(|(v, _)| *v));
        self.woken.extend(entry.what.take());
        Some(before(entry))
    }

    /// What was woken, and what was not.
    pub(super) fn finish(self) -> (Vec<Aside>, impl Iterator<Item = Aside>) {
        (self.woken, self.entries.into_iter().filter_map(|e| e.what))
    }
}
