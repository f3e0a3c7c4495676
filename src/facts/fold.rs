//! The ordered fold: the rows of a stretch become ours, numbered on, are put aside, or go.

use super::actors::Waiting;
use super::challenge::Challenged;
use super::cut::Cut;
use super::like::{self, Tables};
use super::park::Aside;
use super::renumber::{Ours, Renumber};
use super::short::{Loud, Short, Shorts, hash};
use super::stretch::Stretch;
use super::thin::{Fate, Plain, mix};
use super::{Fact, Facts, Id, Media, Place, StrId, Use};

impl Facts {
    /// Folds the rows of the stretch that follows.
    pub(super) fn fold<'s>(&mut self, rows: &'s mut [Fact], shorts: &'s Shorts, tables: Tables<'s>) {
        let mut stretch = Stretch::new(rows, shorts, tables);
        if self.thin.whole(self.total) {
            stretch.map.all_values(&mut self.values);
        }
        let (mut next, all) = (0, stretch.rows.len());
        for (at, short) in (0..).zip(&shorts.list) {
            while next < all.min(short.before as usize) {
                self.full(next, &mut stretch);
                next += 1;
            }
            self.short(at, short, &mut stretch);
        }
        for at in next..all {
            self.full(at, &mut stretch);
        }
        self.close(&mut stretch);
    }

    fn ours(&mut self) -> Ours<'_> {
        Ours { strings: &mut self.strings, values: &mut self.values }
    }

    fn next_id(&mut self) -> Id {
        let id = self.total;
        self.total = self.total.saturating_add(1);
        id
    }

    fn full(&mut self, at: usize, stretch: &mut Stretch<'_>) {
        self.make_room(stretch);
        let t = stretch.tables;
        let Some(fact) = stretch.rows.get_mut(at) else { return };
        fact.id = self.next_id();
        self.latest = self.latest.max(fact.start);
        let text = fact.actor;
        let (actor, key) = self.actor(text, stretch);
        let Some(fact) = stretch.rows.get(at) else { return };
        let request = mix(key, fact.url_hash);
        self.thin.side(fact.side);
        self.goes_on(actor, request, fact.outcome.code() < 400 && !fact.uses.is_empty());
        let news = self.thin.row_news(fact, t);
        if let Some(again) = news.elsewhere {
            self.parked.wake(None, std::iter::once(again));
        }
        let fate = match fact.detail {
            Some(_) => self.thin.detailed(fact, t, actor, request),
            None => self.thin.plain(fact.id, &Plain::of(fact, t, actor, request, news)),
        };
        match fate {
            Fate::Keep => self.keep_full(stretch.take(at), (actor, key, request), stretch),
            Fate::Wait => self.wait(actor, Waiting::Row(at as u32), stretch),
            Fate::Park => self.park(stretch.take(at), key, t),
            Fate::Like(kept) => self.like.entry(kept).or_default().add(fact),
        }
    }

    /// Keeps a row that was read in full, and what led to it.
    fn keep_full(&mut self, mut fact: Fact, (actor, key, request): (usize, u64, u64), stretch: &mut Stretch<'_>) {
        let t = stretch.tables;
        if fact.detail.is_some() {
            // What its actor did just before is kept, too.
            self.keep_waiting(actor, stretch);
        }
        if let Some(shape) = self.thin.challenge(&fact, t) {
            let slot = self.free.last().copied().unwrap_or(self.list.len());
            if let Some(a) = self.thin.actors.get_mut(actor) {
                a.challenged = Some(Challenged { slot, request, shape, key });
            }
        } else if let Some(d) = fact.detail.as_deref().filter(|_| fact.outcome.code() >= 400) {
            let values = d.secrets.iter().copied().chain(fact.uses.iter().map(|u| u.value));
            self.parked.wake(Some(key), values.map(|v| t.value(v)));
        }
        if let Some(d) = &mut fact.detail {
            d.raw = Box::default();
        }
        stretch.map.row(&mut fact, &mut self.ours());
        self.keep_row(fact);
    }

    /// Keeps a row. In a long capture nothing is held ready for more: there are many, and each may be all that is left.
    fn keep_row(&mut self, mut row: Fact) {
        if !self.thin.whole(row.id) {
            if let Some(d) = &mut row.detail {
                d.shrink();
            }
            if self.list.len() == self.list.capacity() {
                self.list.reserve_exact(self.list.len() / 8);
            }
        }
        match self.free.pop().and_then(|slot| self.list.get_mut(slot)) {
            Some(slot) => *slot = row,
            None => self.list.push(row),
        }
    }

    /// Puts a row aside that was read in full.
    fn park(&mut self, mut fact: Fact, actor: u64, t: Tables<'_>) {
        let mut values: Vec<u64> = fact.uses.iter().map(|u| t.value(u.value)).collect();
        let what = match fact.detail.take() {
            None => Aside::Plain(Box::new(Cut::of_row(fact, t))),
            Some(mut d) => {
                values.extend(d.secrets.iter().map(|v| t.value(*v)));
                let raw = std::mem::take(&mut d.raw);
                Aside::Raw {
                    lines: d.lines.line,
                    column: d.lines.column,
                    bytes: raw,
                    row: Box::new(Cut::of_row(fact, t)),
                }
            }
        };
        values.sort_unstable();
        values.dedup();
        self.put(what, actor, &values);
    }

    fn put(&mut self, what: Aside, actor: u64, values: &[u64]) {
        let mut gone = Vec::new();
        self.parked.put(what, actor, values, &mut gone);
        for what in gone {
            self.go(what.row());
        }
    }

    fn short(&mut self, at: u32, s: &Short, stretch: &mut Stretch<'_>) {
        let id = self.next_id();
        stretch.ids.push(id);
        self.latest = self.latest.max(s.start);
        self.make_room(stretch);
        let text = stretch.shorts.actors.get(s.actor as usize).map(|a| a.text).unwrap_or_default();
        let (actor, key) = self.actor(text, stretch);
        self.thin.side(s.side);
        let mut p =
            Plain { actor, request: mix(key, s.url_hash), start: s.start, joined: s.join != 0, ..Plain::default() };
        let of = stretch.shorts;
        let credential = of.credentials.get(s.credential as usize);
        self.goes_on(actor, p.request, credential.is_some());
        p.value = credential.map_or(0, |c| c.hash);
        if s.news {
            let text = |id: Option<StrId>| id.map_or(0, |id| stretch.tables.text(id));
            let route = text(of.routes.get(s.route as usize).map(|r| r.text));
            let origin = text(of.origins.get(s.origin as usize).copied());
            p.news.kind = self.thin.new_route(route, credential.map_or(0, |c| text(Some(c.scheme))));
            if let Some(c) = credential {
                self.thin.use_news(&mut p.news, &c.value, c.hash, origin);
                self.thin.taken(c.hash);
            }
            if let Some(again) = p.news.elsewhere {
                self.parked.wake(None, std::iter::once(again));
            }
        }
        if let Some(loud) = of.louds.get(s.loud as usize) {
            return self.loud(id, s, loud, (actor, key), stretch);
        }
        match self.thin.plain(id, &p) {
            Fate::Wait => self.wait(actor, Waiting::Here(at), stretch),
            Fate::Park => {
                let cut = Cut::of_short(id, s, of, stretch.tables.texts);
                let values: Vec<u64> = cut.values().collect();
                self.put(Aside::Plain(Box::new(cut)), key, &values);
            }
            Fate::Keep | Fate::Like(_) => self.keep(id, s, stretch),
        }
    }

    /// A login, a logout or a redirect that was told in short: put aside as its line, or read in full after all.
    fn loud(&mut self, id: Id, s: &Short, loud: &Loud, (actor, key): (usize, u64), stretch: &mut Stretch<'_>) {
        let (of, texts) = (stretch.shorts, stretch.tables.texts);
        let shape = || like::quiet_shape_of(s, loud, of, texts);
        let (lines, column) = (loud.lines + self.cursor.lines(), loud.column + self.cursor.column_of(loud.lines));
        match self.thin.quiet(shape, actor, like::ending(of.path(s))) {
            Fate::Park => {
                let row = Box::new(Cut::of_short(id, s, of, texts));
                let values: Vec<u64> = row.values().collect();
                self.put(Aside::Raw { lines, column, bytes: of.line(loud).into(), row }, key, &values);
            }
            _ => {
                self.keep_waiting(actor, stretch);
                self.read_again(id, s.at.start, of.line(loud), lines, column);
            }
        }
    }

    /// Keeps a row that is read once more; whether that could be done.
    fn read_again(&mut self, id: Id, start: u64, bytes: &[u8], lines: u64, column: u64) -> bool {
        let Some(mut read) = self.reread.as_ref().map(|r| (r.0)(bytes, start)) else { return false };
        let Some(mut fact) = read.list.pop() else { return false };
        fact.id = id;
        if let Some(d) = &mut fact.detail {
            d.raw = Box::default();
            super::lines::moved(&mut d.lines, lines, column);
        }
        Renumber::new(&read.strings, &read.values).row(&mut fact, &mut self.ours());
        self.keep_row(fact);
        true
    }

    /// The place of an actor, and the hash of its text.
    fn actor(&mut self, text: StrId, stretch: &mut Stretch<'_>) -> (usize, u64) {
        let slot = stretch.actors.get_mut(text.0 as usize);
        if let Some(Some(known)) = slot {
            return *known;
        }
        let key = stretch.tables.text(text);
        let actor = (self.thin.actors.place(key), key);
        if let Some(slot) = slot {
            *slot = Some(actor);
        }
        actor
    }

    /// Keeps the row of a plain call.
    fn keep(&mut self, id: Id, s: &Short, stretch: &mut Stretch<'_>) {
        let (of, map) = (stretch.shorts, &mut stretch.map);
        let uses = of.credentials.get(s.credential as usize).map(|c| Use {
            value: self.values.id(&c.value, c.kind),
            kind: c.kind,
            place: Place::Header(self.strings.id("authorization")),
            scheme: map.our(c.scheme, &mut self.strings),
            odd: false,
        });
        let route = of.routes.get(s.route as usize);
        let mut our = |id: Option<StrId>| id.map(|id| map.our(id, &mut self.strings)).unwrap_or_default();
        let (method, route) = (our(route.map(|r| r.method)), our(route.map(|r| r.text)));
        let origin = our(of.origins.get(s.origin as usize).copied());
        let actor = our(of.actors.get(s.actor as usize).map(|a| a.text));
        let path = self.strings.id(of.path(s));
        let uses = uses.into_iter().collect();
        self.keep_row(s.row(Fact { id, method, route, origin, actor, path, uses, ..Fact::default() }));
    }

    /// Keeps the row of an actor that waits.
    fn keep_waiting(&mut self, actor: usize, stretch: &mut Stretch<'_>) {
        match self.thin.actors.get_mut(actor).map(|a| std::mem::take(&mut a.waiting)) {
            Some(Waiting::Here(at)) => {
                let (id, short) = (stretch.ids.get(at as usize), stretch.shorts.list.get(at as usize));
                if let (Some(id), Some(short)) = (id.copied(), short) {
                    self.keep(id, short, stretch);
                }
            }
            Some(Waiting::Row(at)) => {
                let mut row = stretch.take(at as usize);
                stretch.map.row(&mut row, &mut self.ours());
                self.keep_row(row);
            }
            Some(Waiting::Cut(cut)) => {
                let row = cut.fact(&mut self.ours());
                self.keep_row(row);
            }
            Some(Waiting::None) | None => {}
        }
    }

    /// Lets a row wait; the one that waited before goes.
    fn wait(&mut self, actor: usize, row: Waiting, stretch: &mut Stretch<'_>) {
        let Some(a) = self.thin.actors.get_mut(actor) else { return };
        let before = std::mem::replace(&mut a.waiting, row);
        self.in_vain(before, stretch);
    }

    /// Lets a row go that waited in vain.
    fn in_vain(&mut self, row: Waiting, stretch: &mut Stretch<'_>) {
        match row {
            Waiting::Here(at) => stretch.go(at),
            Waiting::Row(at) => stretch.row_goes(at),
            Waiting::Cut(cut) => self.go(&cut),
            Waiting::None => {}
        }
    }

    /// Counts a row that goes.
    fn go(&mut self, row: &Cut) {
        for value in row.values() {
            *self.used.entry(value).or_default() += 1;
        }
        let origin = self.strings.id(row.origin());
        self.gone.answered(origin, row.media(), 1);
    }

    /// Forgets actors when there are too many of them.
    fn make_room(&mut self, stretch: &mut Stretch<'_>) {
        if !self.thin.actors.crowded() {
            return;
        }
        stretch.actors.fill(None);
        for actor in self.thin.forget_actors() {
            self.in_vain(actor.waiting, stretch);
            actor.challenged.into_iter().for_each(|c| self.unanswered(c));
        }
    }

    /// What waits for the next stretch takes its texts along; what went is counted.
    fn close(&mut self, stretch: &mut Stretch<'_>) {
        self.values.forget_touched();
        for (actor, _) in std::mem::take(&mut stretch.actors).into_iter().flatten() {
            let Some(a) = self.thin.actors.get_mut(actor) else { continue };
            let Some(cut) = stretch.cut(&a.waiting) else { continue };
            a.waiting = Waiting::Cut(Box::new(cut));
        }
        for ((_, value, _), times) in stretch.tables.values.iter().zip(&stretch.row_used).filter(|(_, n)| **n > 0) {
            *self.used.entry(hash(value)).or_default() += u64::from(*times);
        }
        for ((origin, media), times) in std::mem::take(&mut stretch.row_answered) {
            let origin = stretch.map.our(origin, &mut self.strings);
            self.gone.answered(origin, media, times);
        }
        for (c, times) in stretch.shorts.credentials.iter().zip(&stretch.used).filter(|(_, n)| **n > 0) {
            *self.used.entry(c.hash).or_default() += u64::from(*times);
        }
        for (origin, times) in stretch.shorts.origins.iter().zip(&stretch.answered).filter(|(_, n)| **n > 0) {
            let origin = stretch.map.our(*origin, &mut self.strings);
            self.gone.answered(origin, Media::Unknown, *times);
        }
    }

    /// Counts what waits in vain, and takes in what was woken.
    pub(super) fn settle(&mut self) {
        for actor in std::mem::take(&mut self.thin).forget_actors() {
            if let Waiting::Cut(cut) = actor.waiting {
                self.go(&cut);
            }
            actor.challenged.into_iter().for_each(|c| self.unanswered(c));
        }
        let (woken, asleep) = std::mem::take(&mut self.parked).finish();
        for what in asleep {
            self.go(what.row());
        }
        for what in woken {
            match what {
                Aside::Plain(cut) => {
                    let row = cut.fact(&mut self.ours());
                    self.keep_row(row);
                }
                Aside::Raw { lines, column, bytes, row } => {
                    if !self.read_again(row.id(), row.start(), &bytes, lines, column) {
                        self.go(&row);
                    }
                }
            }
        }
        for (value, bytes, _) in self.values.iter() {
            if let Some(times) = self.used.get(&hash(bytes)) {
                self.gone.uses.insert(value, *times);
            }
        }
        self.used.clear();
        self.used.shrink_to_fit();
    }
}
