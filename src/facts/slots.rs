//! Where rows stand when some exchanges left none: one bit an exchange, and a count for every 64 of them.

use super::Id;

/// Numbers that have a row, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    words: Vec<Word>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Word {
    bits: u64,
    /// Rows before.
    before: u32,
}

impl Slots {
    /// For so many exchanges, of which `rows`, in order, have a row.
    pub(super) fn new(total: Id, rows: impl Iterator<Item = Id>) -> Self {
        let mut words = vec![Word::default(); total as usize / 64 + 1];
        for id in rows {
            if let Some(w) = words.get_mut(id as usize / 64) {
                w.bits |= 1 << (id % 64);
            }
        }
        let mut before = 0;
        for w in &mut words {
            w.before = before;
            before += w.bits.count_ones();
        }
        Self { words }
    }

    /// Whether every exchange has a row.
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Where the row of an exchange stands.
    pub(super) fn get(&self, id: Id) -> Option<usize> {
        let w = self.words.get(id as usize / 64)?;
        let bit = 1_u64 << (id % 64);
        (w.bits & bit != 0).then(|| (w.before + (w.bits & (bit - 1)).count_ones()) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_their_numbers() {
        let rows = [0, 3, 63, 64, 130];
        let slots = Slots::new(131, rows.iter().copied());
        for (at, id) in rows.iter().enumerate() {
            assert_eq!(slots.get(*id), Some(at));
        }
        assert_eq!((slots.get(1), slots.get(129), slots.get(131), slots.get(9999)), (None, None, None, None));
        assert!(!slots.is_empty() && Slots::default().is_empty());
    }
}
