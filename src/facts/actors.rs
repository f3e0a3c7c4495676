//! What the clients of a long capture did of late.

use rustc_hash::FxHashMap;

use super::Id;
use super::challenge::Challenged;
use super::cut::Cut;

/// So many are remembered at once.
const MOST: usize = 1 << 18;

/// A row that waits for what its actor does next.
#[derive(Clone, Debug, Default)]
pub(super) enum Waiting {
    /// None does.
    #[default]
    None,
    /// A plain call of the stretch at hand that was told in short, by its place there.
    Here(u32),
    /// One that was read in full, by its place there.
    Row(u32),
    /// One of an earlier stretch.
    Cut(Box<Cut>),
}

/// What an actor did of late.
#[derive(Clone, Debug, Default)]
pub(super) struct Actor {
    /// So many more rows of it are kept.
    pub(super) near: u8,
    /// So many more of its logins and logouts are kept.
    pub(super) after: u8,
    /// Its last refusal that a slip in the Authorization line does not explain, counted from 1.
    pub(super) other: Id,
    /// Its logins and logouts: what is refused behind one is another case.
    pub(super) phase: u32,
    /// A row of it that is kept only if something comes of it.
    pub(super) waiting: Waiting,
    /// Its refusal that it may answer next.
    pub(super) challenged: Option<Challenged>,
    /// How many more rows were to be kept before its last refusal.
    pub(super) before: (u8, u8),
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Actors {
    list: Vec<Actor>,
    /// By the hash of their text.
    of: FxHashMap<u64, u32>,
}

impl Actors {
    /// The place of an actor, by the hash of its text.
    pub(super) fn place(&mut self, text: u64) -> usize {
        let new = self.list.len() as u32;
        let at = *self.of.entry(text).or_insert(new);
        if at == new {
            self.list.push(Actor::default());
        }
        at as usize
    }

    /// The actor at a place.
    pub(super) fn get(&self, place: usize) -> Option<&Actor> {
        self.list.get(place)
    }

    /// The same, to be changed.
    pub(super) fn get_mut(&mut self, place: usize) -> Option<&mut Actor> {
        self.list.get_mut(place)
    }

    /// Whether so many are remembered that all of them have to be forgotten.
    pub(super) fn crowded(&self) -> bool {
        self.list.len() >= MOST
    }

    /// Forgets all of them.
    pub(super) fn take(&mut self) -> Vec<Actor> {
        self.of.clear();
        std::mem::take(&mut self.list)
    }
}
