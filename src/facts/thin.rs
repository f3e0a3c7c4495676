//! What of a long capture is kept (house.md section 1): memory grows with the authentication in it, not with its length.
//!
//! Captures of an ordinary size keep every row. In longer ones an accepted plain call goes once its neighbours show that
//! nothing hangs on it, logins and logouts are put aside ([`super::park`]) until a refusal asks for them, and of like
//! refusals the first three of each shape are kept and the others counted. Everything is decided in the order of the
//! file, so that it is the same for any number of workers and any block.

use std::collections::hash_map::Entry;

use rustc_hash::{FxHashMap, FxHashSet};

use super::actors::{Actor, Actors};
use super::challenge::{self, Challenged};
use super::like::{self, Grain, Tables};
use super::open::Open;
use super::short::hash;
use super::stories::Stories;
use super::{Detail, Fact, Id};
use crate::http::{Side, Time};

/// So many exchanges keep their rows whatever they are.
const ROWS: Id = 1 << 14;
/// So many rows with a detail are kept before like ones are only counted.
const DETAILS: u32 = 1 << 10;
/// So many rows of each shape are kept with their detail.
const LIKE: u32 = 3;
/// So many rows of an actor behind one with a detail are kept.
const NEAR: u8 = 2;
/// So many logins and logouts of an actor behind a refusal are kept.
const AFTER: u8 = 2;
/// So many refusals are kept before misspelled credentials, and tokens of the same story, are like one another whoever sent them.
const FINE: u32 = 1 << 12;
/// So many actors, open requests or shapes are remembered at once; then all of them are forgotten.
const MOST: usize = 1 << 18;
/// So many routes keep a row of their own.
const ROUTES: usize = 1 << 17;

/// What to do with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is kept.
    Keep,
    /// It waits for what its actor does next.
    Wait,
    /// It is put aside: something may come of it.
    Park,
    /// It is like this kept one.
    Like(Id),
}

/// What is new about a row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct News {
    /// It is the first of its route with this scheme, or the first of a sort of token.
    pub(super) kind: bool,
    /// It is the first use of a credential.
    pub(super) value: bool,
    /// A credential that was used at another origin before.
    pub(super) elsewhere: Option<u64>,
}

/// What tells whether a plain row is kept; texts by their hashes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Plain {
    pub(super) actor: usize,
    /// Actor and URL.
    pub(super) request: u64,
    pub(super) start: Option<Time>,
    /// The credential, 0 if there is none.
    pub(super) value: u64,
    /// Another side recorded other rows, and a request id joins them.
    pub(super) joined: bool,
    pub(super) news: News,
}

impl Plain {
    pub(super) fn of(f: &Fact, t: Tables<'_>, actor: usize, request: u64, news: News) -> Self {
        let value = f.uses.first().map_or(0, |u| t.value(u.value));
        Self { actor, request, start: f.start, value, joined: f.join != 0, news }
    }
}

/// Decides, row by row.
#[derive(Clone, Debug)]
pub(super) struct Thin {
    /// Exchanges that keep their rows whatever they are.
    rows: Id,
    /// Rows with a detail that are kept before like ones are only counted.
    most_details: u32,
    details: u32,
    /// Refusals that are kept before less makes them like one another.
    fine: u32,
    /// Several sides recorded: lines that belong together may be far apart.
    sides: Option<Side>,
    pub(super) mixed: bool,
    pub(super) actors: Actors,
    /// Refused requests and preflights, and their credentials.
    open: Open,
    /// Routes, with and without a credential, of which a row was kept.
    routes: FxHashSet<u64>,
    /// Values, and the origin of their first use.
    values: FxHashMap<u64, u64>,
    /// Values and further origins.
    elsewhere: FxHashSet<u64>,
    shapes: FxHashMap<u64, (u32, Id)>,
    stories: Stories,
    /// Refusals that were kept.
    refused: u32,
    /// Shapes of accepted exchanges with a detail.
    quiet: FxHashMap<u64, u32>,
    /// What may matter later can be put aside.
    parks: bool,
}

impl Default for Thin {
    fn default() -> Self {
        Self::with(ROWS, DETAILS, FINE)
    }
}

impl Thin {
    /// With other bounds than the usual ones.
    pub(super) fn with(rows: Id, most_details: u32, fine: u32) -> Self {
        Self {
            rows,
            most_details,
            fine,
            details: 0,
            sides: None,
            mixed: false,
            actors: Actors::default(),
            open: Open::default(),
            routes: FxHashSet::default(),
            values: FxHashMap::default(),
            elsewhere: FxHashSet::default(),
            shapes: FxHashMap::default(),
            stories: Stories::default(),
            refused: 0,
            quiet: FxHashMap::default(),
            parks: false,
        }
    }

    /// Lets what may matter later be put aside.
    pub(super) fn park(&mut self) {
        self.parks = true;
    }

    /// One more row with a detail; whether its looks decide what becomes of it.
    fn one_more(&mut self) -> bool {
        self.details = self.details.saturating_add(1);
        self.details > self.most_details
    }

    /// The fate of an accepted row with a detail that can be read again; `ends`: it may end a session.
    pub(super) fn quiet(&mut self, shape: impl FnOnce() -> u64, actor: usize, ends: bool) -> Fate {
        let often = self.one_more() && self.parks && self.seen_often(shape());
        let Some(a) = self.actors.get_mut(actor) else { return Fate::Keep };
        a.phase += u32::from(ends);
        if often && a.after == 0 {
            return Fate::Park;
        }
        a.near = NEAR;
        a.after = a.after.saturating_sub(1);
        Fate::Keep
    }

    /// Whether what looks like this was kept several times.
    fn seen_often(&mut self, shape: u64) -> bool {
        if self.quiet.len() >= MOST {
            self.quiet.clear();
        }
        let times = self.quiet.entry(shape).or_default();
        *times = times.saturating_add(1);
        *times > LIKE
    }

    /// Whether the exchange of this number is kept whatever it is.
    pub(super) fn whole(&self, id: Id) -> bool {
        id < self.rows
    }

    /// Forgets all actors, and the stories that name them.
    pub(super) fn forget_actors(&mut self) -> Vec<Actor> {
        self.stories = Stories::default();
        self.actors.take()
    }

    /// What a kept refusal has in common with others that may be answered, once there are many refusals.
    pub(super) fn challenge(&self, f: &Fact, t: Tables<'_>) -> Option<u64> {
        let d = f.detail.as_deref().filter(|_| self.refused > self.fine)?;
        challenge::shape(f, d, t)
    }

    /// The refusal that one is like, if several of its shape were answered and kept: it leaves no trace then.
    pub(super) fn often_answered(&mut self, c: &Challenged, actor: usize, id: Id) -> Option<Id> {
        let kept = self.like(c.shape, id)?;
        if let Some(a) = self.actors.get_mut(actor) {
            (a.near, a.after) = a.before;
        }
        self.open.close(c.request, None);
        Some(kept)
    }

    /// The kept row that one of this shape is like, if enough of them are kept.
    fn like(&mut self, shape: u64, id: Id) -> Option<Id> {
        if self.shapes.len() >= MOST {
            self.shapes.clear();
        }
        let (count, last) = self.shapes.entry(shape).or_insert((0, id));
        *count = count.saturating_add(1);
        if *count > LIKE {
            return Some(*last);
        }
        *last = id;
        None
    }

    /// Notes which side recorded a row.
    pub(super) fn side(&mut self, side: Side) {
        self.mixed |= *self.sides.get_or_insert(side) != side;
    }

    /// The fate of a row without a detail.
    pub(super) fn plain(&mut self, id: Id, p: &Plain) -> Fate {
        let again = self.open.close(p.request, p.start) | self.open.taken(p.value);
        let near = self.actors.get_mut(p.actor).is_some_and(|a| {
            let left = a.near > 0;
            a.near = a.near.saturating_sub(1);
            left
        });
        let news = p.news.kind || p.news.elsewhere.is_some() || p.news.value && !self.parks;
        if self.whole(id) || again || near || news || self.mixed && p.joined {
            return Fate::Keep;
        }
        if p.news.value { Fate::Park } else { Fate::Wait }
    }

    /// What is new about a row that was read in full.
    pub(super) fn row_news(&mut self, f: &Fact, t: Tables<'_>) -> News {
        let mut news = News::default();
        let scheme = f.uses.iter().fold(0, |all, u| mix(all, t.text(u.scheme)));
        news.kind = self.new_route(t.text(f.route), scheme);
        let origin = t.text(f.origin);
        for u in &f.uses {
            self.use_news(&mut news, t.values.get(u.value), t.value(u.value), origin);
            if f.outcome.code() < 400 {
                self.taken(t.value(u.value));
            }
        }
        news
    }

    /// Whether a route, without a credential (0) or with the scheme of one, is new.
    pub(super) fn new_route(&mut self, route: u64, scheme: u64) -> bool {
        self.routes.len() < ROUTES && self.routes.insert(mix(route, scheme))
    }

    /// Notes that a value was accepted.
    pub(super) fn taken(&mut self, hashed: u64) {
        self.stories.accepted(hashed);
    }

    /// Notes the use of a value.
    pub(super) fn use_news(&mut self, news: &mut News, value: &[u8], hashed: u64, origin: u64) {
        if self.values.len() >= MOST * 2 {
            self.values.clear();
            self.elsewhere.clear();
        }
        // What is said in the head of a token (no algorithm, say) is judged by rules.
        if value.starts_with(b"eyJ") {
            let head = value.split(|b| *b == b'.').next().unwrap_or_default();
            news.kind |= self.new_route(hash(head), origin);
        }
        match self.values.entry(hashed) {
            Entry::Vacant(new) => {
                new.insert(origin);
                news.value = true;
            }
            Entry::Occupied(first) if *first.get() != origin => {
                if self.elsewhere.insert(mix(hashed, origin)) {
                    news.elsewhere = Some(hashed);
                }
            }
            Entry::Occupied(_) => {}
        }
    }

    /// Notes what a login hands out and what a logout takes back.
    fn told(&mut self, f: &Fact, d: &Detail, t: Tables<'_>, actor: usize) {
        let phase = self.actors.get(actor).map_or(0, |a| a.phase.saturating_add(1));
        if like::ends(f) {
            self.stories.ended(f, d, t);
        } else {
            self.stories.issued(f, d, t, (actor, phase), |value| self.values.contains_key(&value));
        }
    }

    /// How much a refusal must have in common with others to be like them.
    fn grain(&self, f: &Fact, d: &Detail, t: Tables<'_>, actor: usize) -> Grain {
        let (phase, other) = self.actors.get(actor).map_or((0, 0), |a| (a.phase, a.other));
        if self.refused <= self.fine {
            return Grain::Fine(phase);
        }
        match self.stories.over(f, d, t, (actor, phase)) {
            Some(story) => Grain::Story(story),
            None => Grain::Coarse(phase, other),
        }
    }

    /// The fate of a row with a detail.
    pub(super) fn detailed(&mut self, f: &Fact, t: Tables<'_>, actor: usize, request: u64) -> Fate {
        let Some(d) = f.detail.as_deref() else { return Fate::Keep };
        let ends = !d.issues.is_empty() && f.outcome.code() < 400 || like::ends(f);
        if ends {
            self.told(f, d, t, actor);
        }
        let comes =
            f.outcome.code() < 400 && f.uses.iter().fold(false, |any, u| any | self.open.taken(t.value(u.value)));
        if self.parks && !d.raw.is_empty() && !comes {
            return self.quiet(|| like::quiet_shape(f, d, t), actor, ends);
        }
        let refused = f.outcome.code() >= 400 || f.flags.preflight;
        let grain = self.grain(f, d, t, actor);
        if self.one_more()
            && let Some(shape) = like::shape(f, t, grain)
            && let Some(kept) = self.like(shape, f.id)
        {
            return Fate::Like(kept);
        }
        if let Some(a) = self.actors.get_mut(actor) {
            a.phase += u32::from(ends);
            a.before = (a.near, a.after);
            a.near = NEAR;
            a.after = if refused { AFTER } else { a.after.saturating_sub(1) };
            if refused && !like::misspelled(f, d, t) && like::hands_out(f, d, t) {
                a.other = f.id.saturating_add(1);
            }
        }
        if refused {
            self.refused = self.refused.saturating_add(1);
            self.open.open(request, f.start, f.uses.iter().map(|u| t.value(u.value)));
        }
        Fate::Keep
    }
}

/// Two hashes as one.
pub(super) fn mix(a: u64, b: u64) -> u64 {
    (a.rotate_left(23) ^ b).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
