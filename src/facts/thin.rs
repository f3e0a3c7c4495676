//! What of a long capture is kept (house.md section 1): memory grows with the authentication in it, not with its length.
//!
//! Captures of an ordinary size keep every row. In longer ones an accepted plain call goes once its neighbours show that
//! nothing hangs on it, and of like refusals the first three of each shape are kept and the others counted. Everything
//! is decided in the order of the file, so that it is the same for any number of workers and any block.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use super::{Fact, Id, Media, StrId, ValueId};
use crate::http::{Side, Time};

/// So many exchanges keep their rows whatever they are.
const ROWS: Id = 1 << 14;
/// So many rows with a detail are kept before like ones are only counted.
const DETAILS: u32 = 1 << 10;
/// So many rows of each shape are kept with their detail.
const LIKE: u32 = 3;
/// So many rows of an actor behind one with a detail are kept.
const NEAR: u8 = 2;
/// So many numbers of like refusals are remembered.
const NAMED: usize = 100;
/// So many actors, open requests or shapes are remembered at once; then all of them are forgotten.
const MOST: usize = 1 << 18;

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

/// What to do with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is kept.
    Keep,
    /// It waits for what its actor does next.
    Wait,
    /// It is like this kept one.
    Like(Id),
}

/// Decides, row by row.
#[derive(Clone, Debug)]
pub(super) struct Thin {
    /// Exchanges that keep their rows whatever they are.
    rows: Id,
    /// Rows with a detail that are kept before like ones are only counted.
    most_details: u32,
    details: u32,
    /// Several sides recorded: lines that belong together may be far apart.
    sides: Option<Side>,
    mixed: bool,
    /// Rows of these actors are kept so many more times.
    near: FxHashMap<StrId, u8>,
    /// Refused requests and preflights whose next try is kept.
    open: FxHashSet<(StrId, u64)>,
    /// Routes, with and without a credential, of which a row was kept.
    routes: FxHashSet<(StrId, bool)>,
    /// Values and the origins that a kept row shows them at.
    values: FxHashSet<(ValueId, StrId)>,
    /// The last row of each actor, if nothing hangs on it so far.
    waiting: FxHashMap<StrId, Fact>,
    shapes: FxHashMap<u64, (u32, Id)>,
    /// Logins and logouts of each actor: what is refused behind one is another case.
    phases: FxHashMap<StrId, u32>,
}

impl Default for Thin {
    fn default() -> Self {
        Self::with(ROWS, DETAILS)
    }
}

impl Thin {
    /// With other bounds than the usual ones.
    pub(super) fn with(rows: Id, most_details: u32) -> Self {
        Self {
            rows,
            most_details,
            details: 0,
            sides: None,
            mixed: false,
            near: FxHashMap::default(),
            open: FxHashSet::default(),
            routes: FxHashSet::default(),
            values: FxHashSet::default(),
            waiting: FxHashMap::default(),
            shapes: FxHashMap::default(),
            phases: FxHashMap::default(),
        }
    }

    /// The fate of a row, numbered already.
    pub(super) fn fate(&mut self, f: &Fact) -> Fate {
        self.mixed |= *self.sides.get_or_insert(f.side) != f.side;
        let known = self.note(f);
        if f.detail.is_some() {
            return self.detailed(f);
        }
        let again = self.open.remove(&(f.actor, f.url_hash));
        let near = self.near.get_mut(&f.actor).is_some_and(|n| {
            let left = *n > 0;
            *n = n.saturating_sub(1);
            left
        });
        let keep = f.id < self.rows || again || near || !known || self.mixed && f.join != 0;
        if keep { Fate::Keep } else { Fate::Wait }
    }

    /// Whether its route and its credentials were seen before.
    fn note(&mut self, f: &Fact) -> bool {
        let mut known = !self.routes.insert((f.route, !f.uses.is_empty()));
        for u in &f.uses {
            known &= !self.values.insert((u.value, f.origin));
        }
        known
    }

    fn detailed(&mut self, f: &Fact) -> Fate {
        let refused = f.outcome.code() >= 400 || f.flags.preflight;
        self.details = self.details.saturating_add(1);
        if self.details > self.most_details
            && let Some(shape) = shape(f, self.phases.get(&f.actor).copied())
        {
            forget(&mut self.shapes);
            let (count, last) = self.shapes.entry(shape).or_insert((0, f.id));
            *count = count.saturating_add(1);
            if *count > LIKE {
                return Fate::Like(*last);
            }
            *last = f.id;
        }
        let issues = f.detail.as_ref().is_some_and(|d| !d.issues.is_empty());
        if issues && f.outcome.code() < 400 || ends(f) {
            forget(&mut self.phases);
            *self.phases.entry(f.actor).or_default() += 1;
        }
        if refused {
            if self.open.len() >= MOST {
                self.open.clear();
            }
            self.open.insert((f.actor, f.url_hash));
        }
        forget(&mut self.near);
        self.near.insert(f.actor, NEAR);
        Fate::Keep
    }

    /// The row of an actor that waited; it is kept if something came of it.
    pub(super) fn take_waiting(&mut self, actor: StrId) -> Option<Fact> {
        self.waiting.remove(&actor)
    }

    /// The rows that wait in vain.
    pub(super) fn rest(&mut self) -> impl Iterator<Item = Fact> {
        std::mem::take(&mut self.waiting).into_values()
    }

    /// Lets a row wait; the one that goes in its place.
    pub(super) fn wait(&mut self, f: Fact) -> Option<Fact> {
        forget(&mut self.waiting);
        self.waiting.insert(f.actor, f)
    }
}

fn forget<K, V>(map: &mut FxHashMap<K, V>) {
    if map.len() >= MOST {
        map.clear();
    }
}

/// Whether a call may end a session: its method or its path says so.
fn ends(f: &Fact) -> bool {
    let Some(d) = &f.detail else { return false };
    let path = d.url.text().to_ascii_lowercase();
    f.outcome.code() < 400 && ["logout", "signout", "revo", "logoff"].iter().any(|w| path.contains(w))
}

/// What like exchanges have in common; `None` for one that is like no other: it hands something out, or is a step of a
/// flow that its own values tell apart.
fn shape(f: &Fact, phase: Option<u32>) -> Option<u64> {
    let d = f.detail.as_deref()?;
    let own =
        !d.issues.is_empty() || d.typed.is_some() || d.failure.is_some() || (300..400).contains(&f.outcome.code());
    if own || !d.query.is_empty() && f.outcome.code() < 400 || f.flags.preflight {
        return None;
    }
    let mut h = FxHasher::default();
    (f.actor, f.origin, f.outcome, f.media, f.flags.masked, phase).hash(&mut h);
    // A server that does not know who asks looks at no route; one that refuses somebody does.
    if !matches!(f.outcome.code(), 401 | 407) {
        (f.route, f.method).hash(&mut h);
    }
    (f.side, f.server, d.odd.len(), d.request.len(), d.response.len()).hash(&mut h);
    for u in &f.uses {
        (u.value, u.place, u.scheme).hash(&mut h);
    }
    for l in &d.request {
        l.name.hash(&mut h);
        l.spelled.hash(&mut h);
        // A value without a secret may be the flaw itself: a blank header, a scheme, a content type.
        if l.marks.is_empty() && l.bytes().len() < 64 && told(l.bytes()) {
            l.bytes().hash(&mut h);
        }
        for m in &l.marks {
            (m.value, m.range.start).hash(&mut h);
        }
    }
    for hit in &d.hits {
        (hit.class, hit.place, hit.weak).hash(&mut h);
    }
    for body in d.body.iter().chain(&d.answer) {
        body.media.hash(&mut h);
        for field in &body.fields {
            field.path.hash(&mut h);
        }
    }
    for q in &d.query {
        q.path.hash(&mut h);
    }
    Some(h.finish())
}

/// Whether a value is the same in like requests: no number, no id.
fn told(value: &[u8]) -> bool {
    !value.iter().any(u8::is_ascii_digit)
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
    /// Counts a row that goes.
    pub(super) fn add(&mut self, f: &Fact) {
        for u in &f.uses {
            *self.uses.entry(u.value).or_default() += 1;
        }
        let media = self.media.entry(f.origin).or_default();
        let slot = match f.media {
            Media::Json => 0,
            Media::Html => 1,
            _ => 2,
        };
        if let Some(n) = media.get_mut(slot) {
            *n = n.saturating_add(1);
        }
    }
}
