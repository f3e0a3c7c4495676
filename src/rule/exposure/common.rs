//! What the rules of this chapter share: like exposures are one finding, with the first of them as example.

use rustc_hash::FxHashMap;

use crate::auth::url;
use crate::rule::{Evidence, Finding, Part};
use crate::trace::Ex;

/// Exposures of one sort, in order of time: the first, the last, and how many.
pub(super) struct Group<'t, T> {
    /// The first exchange.
    pub(super) first: Ex<'t>,
    /// What was seen in it.
    pub(super) what: T,
    /// The last exchange.
    pub(super) last: Ex<'t>,
    /// How many exchanges.
    pub(super) count: usize,
}

/// Groups by a key; the order is that of the first of each.
pub(super) struct Groups<'t, T> {
    list: Vec<Group<'t, T>>,
    known: FxHashMap<String, usize>,
}

impl<T> Default for Groups<'_, T> {
    fn default() -> Self {
        Self { list: Vec::new(), known: FxHashMap::default() }
    }
}

impl<'t, T> Groups<'t, T> {
    /// Adds an exposure.
    pub(super) fn add(&mut self, key: String, ex: Ex<'t>, what: T) {
        let at = *self.known.entry(key).or_insert(self.list.len());
        match self.list.get_mut(at) {
            Some(g) if g.last != ex => {
                g.count += 1;
                g.last = ex;
            }
            Some(_) => {}
            None => self.list.push(Group { first: ex, what, last: ex, count: 1 }),
        }
    }

    /// All groups.
    pub(super) fn into_list(self) -> Vec<Group<'t, T>> {
        self.list
    }
}

impl<T> Group<'_, T> {
    /// Says how often it happened.
    pub(super) fn counted(&self, f: Finding) -> Finding {
        match self.count {
            0 | 1 => f,
            n => f.see(Evidence::row(self.last.id(), Part::Gap(format!("{} more until #{}", n - 1, self.last.id())))),
        }
    }
}

/// The registrable domain of a host, or the host itself.
pub(super) fn site(host: &str) -> &str {
    url::registrable_domain(host).unwrap_or(host)
}
