//! What of a long capture is kept (house.md section 1): memory grows with the authentication in it, not with its length.
//!
//! Captures of an ordinary size keep every row. In longer ones an accepted plain call goes once its neighbours show that
//! nothing hangs on it, logins and logouts are put aside ([`super::park`]) until a refusal asks for them, and of like
//! refusals the first three of each shape are kept and the others counted. Everything is decided in the order of the
//! file, so that it is the same for any number of workers and any block.

use std::collections::hash_map::Entry;

use rustc_hash::{FxHashMap, FxHashSet};

use super::challenge::{self, Challenged};
use super::cut::Cut;
use super::like::{self, Grain, Tables};
use super::short::hash;
use super::stories::Stories;
use super::{Detail, Fact, Id, Media, StrId, ValueId};
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
/// So many numbers of like refusals are remembered.
const NAMED: usize = 100;
/// So many actors, open requests or shapes are remembered at once; then all of them are forgotten.
const MOST: usize = 1 << 18;
/// So many routes keep a row of their own.
const ROUTES: usize = 1 << 17;
/// A refused request is open for its next try at least this long (microseconds): the time within which trace links one.
const OPEN: i64 = 300_000_000;

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
    /// It is put aside: something may come of it.
    Park,
    /// It is like this kept one.
    Like(Id),
}

/// A row that waits for what its actor does next.
#[derive(Clone, Debug, Default)]
pub(super) enum Waiting {
    /// None does.
    #[default]
    None,
    /// A plain call of the stretch at hand, by its place there.
    Here(u32),
    /// One of an earlier stretch, or one that was read in full.
    Cut(Box<Cut>),
}

/// What an actor did of late.
#[derive(Clone, Debug, Default)]
pub(super) struct Actor {
    /// So many more rows of it are kept.
    near: u8,
    /// So many more of its logins and logouts are kept.
    after: u8,
    /// Its last refusal that a slip in the Authorization line does not explain, counted from 1.
    other: Id,
    /// Its logins and logouts: what is refused behind one is another case.
    phase: u32,
    pub(super) waiting: Waiting,
    challenged: Option<Challenged>,
    /// How many more rows were to be kept before its last refusal.
    before: (u8, u8),
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
    actors: Vec<Actor>,
    actor_of: FxHashMap<u64, u32>,
    /// Refused requests and preflights whose next try is kept.
    open: Open,
    /// Routes, with and without a credential, of which a row was kept.
    routes: FxHashSet<u64>,
    /// Values, and the origin of their first use.
    values: FxHashMap<u64, u64>,
    /// Values and further origins.
    elsewhere: FxHashSet<u64>,
    shapes: FxHashMap<u64, (u32, Id)>,
    stories: Stories,
    /// Credentials that were refused: when one is taken after all, that is kept.
    awaited: FxHashSet<u64>,
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
            actors: Vec::new(),
            actor_of: FxHashMap::default(),
            open: Open::default(),
            routes: FxHashSet::default(),
            values: FxHashMap::default(),
            elsewhere: FxHashSet::default(),
            shapes: FxHashMap::default(),
            stories: Stories::default(),
            awaited: FxHashSet::default(),
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

    /// The place of an actor, by the hash of its text.
    pub(super) fn actor(&mut self, text: u64) -> usize {
        let new = self.actors.len() as u32;
        let at = *self.actor_of.entry(text).or_insert(new);
        if at == new {
            self.actors.push(Actor::default());
        }
        at as usize
    }

    /// Whether so many actors are remembered that all of them have to be forgotten.
    pub(super) fn crowded(&self) -> bool {
        self.actors.len() >= MOST
    }

    /// Forgets all actors; their rows that wait in vain, and their refusals that nothing answered.
    pub(super) fn forget_actors(&mut self) -> impl Iterator<Item = (Waiting, Option<Challenged>)> {
        self.actor_of.clear();
        std::mem::take(&mut self.actors).into_iter().map(|a| (a.waiting, a.challenged))
    }

    /// What a kept refusal has in common with others that may be answered, once there are many refusals.
    pub(super) fn challenge(&self, f: &Fact, t: Tables<'_>) -> Option<u64> {
        let d = f.detail.as_deref().filter(|_| self.refused > self.fine)?;
        challenge::shape(f, d, t)
    }

    /// Notes that a refusal may be answered.
    pub(super) fn hold(&mut self, actor: usize, c: Challenged) {
        if let Some(a) = self.actors.get_mut(actor) {
            a.challenged = Some(Challenged { before: a.before, ..c });
        }
    }

    /// The refusal that an actor may answer now; it is forgotten.
    pub(super) fn challenged(&mut self, actor: usize) -> Option<Challenged> {
        self.actors.get_mut(actor)?.challenged.take()
    }

    /// The refusal that one is like, if several of its shape were answered and kept: it leaves no trace then.
    pub(super) fn often_answered(&mut self, c: &Challenged, actor: usize, id: Id) -> Option<Id> {
        let kept = self.like(c.shape, id)?;
        if let Some(a) = self.actors.get_mut(actor) {
            (a.near, a.after) = c.before;
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

    /// The row of an actor that waits, to be changed.
    pub(super) fn waiting(&mut self, actor: usize) -> Option<&mut Waiting> {
        self.actors.get_mut(actor).map(|a| &mut a.waiting)
    }

    /// Notes which side recorded a row.
    pub(super) fn side(&mut self, side: Side) {
        self.mixed |= *self.sides.get_or_insert(side) != side;
    }

    /// The fate of a row without a detail.
    pub(super) fn plain(&mut self, id: Id, p: &Plain) -> Fate {
        let again = self.open.close(p.request, p.start) | self.comes(p.value);
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

    /// Whether a credential that is taken was awaited; it no longer is.
    fn comes(&mut self, value: u64) -> bool {
        !self.awaited.is_empty() && self.awaited.remove(&value)
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
        let comes = f.outcome.code() < 400 && f.uses.iter().fold(false, |any, u| any | self.comes(t.value(u.value)));
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
            self.open.open(request, f.start);
            if self.awaited.len() >= MOST {
                self.awaited.clear();
            }
            self.awaited.extend(f.uses.iter().map(|u| t.value(u.value)));
        }
        Fate::Keep
    }
}

/// Two hashes as one.
pub(super) fn mix(a: u64, b: u64) -> u64 {
    (a.rotate_left(23) ^ b).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Requests whose next try is kept: those of the last five minutes at least, and as long before.
#[derive(Clone, Debug, Default)]
struct Open {
    now: FxHashSet<u64>,
    before: FxHashSet<u64>,
    since: Option<Time>,
}

impl Open {
    fn open(&mut self, request: u64, start: Option<Time>) {
        self.turn(start);
        self.now.insert(request);
    }

    /// Whether a request was open; it no longer is.
    fn close(&mut self, request: u64, start: Option<Time>) -> bool {
        if self.now.is_empty() && self.before.is_empty() {
            return false;
        }
        self.turn(start);
        self.now.remove(&request) | self.before.remove(&request)
    }

    fn turn(&mut self, start: Option<Time>) {
        let late = start.zip(self.since).is_some_and(|(now, since)| now - since > OPEN);
        if late || self.now.len() >= MOST {
            std::mem::swap(&mut self.now, &mut self.before);
            self.now.clear();
            self.since = start.or(self.since);
        } else if self.since.is_none() {
            self.since = start;
        }
    }
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
