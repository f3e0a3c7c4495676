//! Challenges that are answered at once (RFC 9110, section 11.6.1): a call without a credential, refused, and the same call
//! with one, taken. In a long capture the first few of a shape are kept, and the others are counted with them.

use super::like::{self, Grain, Tables};
use super::{Detail, Fact, Facts};

/// A kept refusal whose client has not gone on yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Challenged {
    /// Where its row stands in [`Facts::list`].
    pub(super) slot: usize,
    /// Actor and URL.
    pub(super) request: u64,
    /// What it has in common with others.
    pub(super) shape: u64,
    /// Who asked, as [`super::park`] knows it.
    pub(super) key: u64,
}

/// What a plain call that was asked for a credential has in common with others; `None` of all else.
pub(super) fn shape(f: &Fact, d: &Detail, t: Tables<'_>) -> Option<u64> {
    let named = |lines: &[super::Line], name: &str| lines.iter().any(|l| t.texts.get(l.name) == name);
    let bare =
        f.uses.is_empty() && !f.flags.masked && !named(&d.request, "authorization") && !named(&d.request, "cookie");
    let asked = f.outcome.code() == 401 && named(&d.response, "www-authenticate");
    if !bare || !asked || like::hands_out(f, d, t) {
        return None;
    }
    like::shape(f, t, Grain::Challenge)
}

impl Facts {
    /// The client of a refusal goes on; `taken`: with a credential, and it was accepted.
    pub(super) fn goes_on(&mut self, actor: usize, request: u64, taken: bool) {
        let Some(c) = self.thin.actors.get_mut(actor).and_then(|a| a.challenged.take()) else { return };
        let Some(row) = self.list.get_mut(c.slot) else { return };
        let answered = taken && c.request == request;
        let Some(kept) = answered.then(|| self.thin.often_answered(&c, actor, row.id)).flatten() else {
            return self.unanswered(c);
        };
        self.like.entry(kept).or_default().add(row);
        *row = Fact::default();
        self.free.push(c.slot);
    }

    /// What may have led to a refusal that nothing answered is wanted after all.
    pub(super) fn unanswered(&mut self, c: Challenged) {
        self.parked.wake(Some(c.key), std::iter::empty());
    }

    /// Takes the places of rows that went out of the list.
    pub(super) fn close_ranks(&mut self) {
        self.free.sort_unstable();
        for slot in std::mem::take(&mut self.free).into_iter().rev() {
            self.list.swap_remove(slot);
        }
    }
}
