//! A stretch on its way into the capture: its rows and tables, and what of it went.

use rustc_hash::FxHashMap;

use super::actors::Waiting;
use super::cut::Cut;
use super::like::Tables;
use super::renumber::Renumber;
use super::short::{NONE, Shorts};
use super::{Fact, Id, Media, StrId};

/// A stretch that is being folded.
pub(super) struct Stretch<'s> {
    pub(super) shorts: &'s Shorts,
    pub(super) tables: Tables<'s>,
    pub(super) map: Renumber<'s>,
    /// Its rows that were read in full; what is kept leaves an empty one.
    pub(super) rows: &'s mut [Fact],
    /// The number of each of its plain calls so far.
    pub(super) ids: Vec<Id>,
    /// Our places of its actors, and the hashes of their texts: by the numbers of their texts.
    pub(super) actors: Vec<Option<(usize, u64)>>,
    /// Plain calls that went, by credential and by origin.
    pub(super) used: Vec<u32>,
    pub(super) answered: Vec<u32>,
    /// Rows that went, by value, and by origin and kind of answer.
    pub(super) row_used: Vec<u32>,
    pub(super) row_answered: FxHashMap<(StrId, Media), u32>,
}

impl<'s> Stretch<'s> {
    pub(super) fn new(rows: &'s mut [Fact], shorts: &'s Shorts, tables: Tables<'s>) -> Self {
        Self {
            shorts,
            tables,
            map: Renumber::new(tables.texts, tables.values),
            rows,
            ids: Vec::with_capacity(shorts.list.len()),
            actors: vec![None; tables.texts.len()],
            used: vec![0; shorts.credentials.len()],
            answered: vec![0; shorts.origins.len()],
            row_used: vec![0; tables.values.len()],
            row_answered: FxHashMap::default(),
        }
    }

    /// Takes a row out.
    pub(super) fn take(&mut self, at: usize) -> Fact {
        self.rows.get_mut(at).map(std::mem::take).unwrap_or_default()
    }

    /// Counts a row that goes.
    pub(super) fn row_goes(&mut self, at: u32) {
        let Some(row) = self.rows.get(at as usize) else { return };
        for u in &row.uses {
            self.row_used.get_mut(u.value.0 as usize).into_iter().for_each(|n| *n += 1);
        }
        *self.row_answered.entry((row.origin, row.media)).or_default() += 1;
    }

    /// Counts a plain call that goes.
    pub(super) fn go(&mut self, at: u32) {
        let Some(s) = self.shorts.list.get(at as usize) else { return };
        if s.credential != NONE
            && let Some(n) = self.used.get_mut(s.credential as usize)
        {
            *n += 1;
        }
        if let Some(n) = self.answered.get_mut(s.origin as usize) {
            *n += 1;
        }
    }

    /// What waits for the next stretch, with texts of its own.
    pub(super) fn cut(&mut self, waiting: &Waiting) -> Option<Cut> {
        match *waiting {
            Waiting::Here(at) => {
                let (id, short) = (self.ids.get(at as usize)?, self.shorts.list.get(at as usize)?);
                Some(Cut::of_short(*id, short, self.shorts, self.tables.texts))
            }
            Waiting::Row(at) => Some(Cut::of_row(self.take(at as usize), self.tables)),
            Waiting::Cut(_) | Waiting::None => None,
        }
    }
}
