//! A plain call that outlives its stretch: its texts are its own.

use super::like::Tables;
use super::short::{Short, Shorts};
use super::strings::{StrId, Strings};
use super::{Fact, Id, Outcome, Place, Use, ValueId};
use crate::http::Origin;

/// A row without a detail, whose numbers count into nothing: its texts stand beside it.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    row: Fact,
    /// Method, origin, path, route, actor, server, and scheme and place of each use: one behind the other.
    texts: Box<str>,
    ends: Box<[u32]>,
    /// The value of each use, and its hash.
    values: Box<[(Box<[u8]>, u64)]>,
}

impl Cut {
    /// Takes a plain call out of its stretch.
    pub(super) fn of_short(id: Id, short: &Short, of: &Shorts, texts: &Strings) -> Self {
        let credential = of.credentials.get(short.credential as usize);
        let route = of.routes.get(short.route as usize);
        let text = |id: Option<StrId>| id.map_or("", |id| texts.get(id));
        let row = short.row(Fact { id, ..Fact::default() });
        let mut parts = vec![
            text(route.map(|r| r.method)),
            text(of.origins.get(short.origin as usize).copied()),
            of.path(short),
            text(route.map(|r| r.text)),
            text(of.actors.get(short.actor as usize).map(|a| a.text)),
            "",
        ];
        let uses = credential.map(|c| {
            parts.extend([texts.get(c.scheme), "authorization"]);
            Use {
                value: ValueId(0),
                kind: c.kind,
                place: Place::Header(StrId::default()),
                scheme: StrId::default(),
                odd: false,
            }
        });
        let values = credential.iter().map(|c| (c.value.clone(), c.hash)).collect();
        Self::new(Fact { uses: uses.into_iter().collect(), ..row }, &parts, values)
    }

    /// Takes a row that was read in full out of its stretch.
    pub(super) fn of_row(row: Fact, t: Tables<'_>) -> Self {
        let ids = [row.method, row.origin, row.path, row.route, row.actor, row.server];
        let mut parts: Vec<&str> = ids.iter().map(|id| t.texts.get(*id)).collect();
        for u in &row.uses {
            let place = match u.place {
                Place::Header(s) | Place::Query(s) | Place::Cookie(s) | Place::Field(s) => s,
                Place::Userinfo | Place::Path => StrId::default(),
            };
            parts.extend([t.texts.get(u.scheme), t.texts.get(place)]);
        }
        let values = row.uses.iter().map(|u| (t.values.get(u.value).into(), t.value(u.value))).collect();
        Self::new(row, &parts, values)
    }

    fn new(row: Fact, parts: &[&str], values: Box<[(Box<[u8]>, u64)]>) -> Self {
        let mut texts = String::with_capacity(parts.iter().map(|p| p.len()).sum());
        let ends = parts.iter().map(|p| {
            texts.push_str(p);
            texts.len() as u32
        });
        let ends = ends.collect();
        Self { row, texts: texts.into(), ends, values }
    }

    /// The hashes of its credentials.
    pub(super) fn values(&self) -> impl Iterator<Item = u64> {
        self.values.iter().map(|(_, hash)| *hash)
    }

    /// Its origin.
    pub(super) fn origin(&self) -> &str {
        self.text(1)
    }

    /// Its number.
    pub(super) fn id(&self) -> Id {
        self.row.id
    }

    /// Where it begins.
    pub(super) fn start(&self) -> u64 {
        self.row.at.start
    }

    /// What its answer is made of.
    pub(super) fn media(&self) -> super::Media {
        self.row.media
    }

    /// The bytes that it takes.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.texts.len() + self.values.iter().map(|(v, _)| v.len() + 128).sum::<usize>()
    }

    fn text(&self, n: usize) -> &str {
        let from = n.checked_sub(1).and_then(|n| self.ends.get(n)).copied().unwrap_or(0) as usize;
        let to = self.ends.get(n).copied().unwrap_or(0) as usize;
        self.texts.get(from..to).unwrap_or_default()
    }

    /// The row.
    pub(super) fn fact(self, ours: &mut super::renumber::Ours<'_>) -> Fact {
        let mut row = Fact {
            method: ours.strings.id(self.text(0)),
            origin: ours.strings.id(self.text(1)),
            path: ours.strings.id(self.text(2)),
            route: ours.strings.id(self.text(3)),
            actor: ours.strings.id(self.text(4)),
            server: ours.strings.id(self.text(5)),
            ..self.row.clone()
        };
        for (n, (u, (value, _))) in row.uses.iter_mut().zip(&self.values).enumerate() {
            u.value = ours.values.id(value, u.kind);
            u.scheme = ours.strings.id(self.text(6 + 2 * n));
            if let Place::Header(s) | Place::Query(s) | Place::Cookie(s) | Place::Field(s) = &mut u.place {
                *s = ours.strings.id(self.text(7 + 2 * n));
            }
        }
        row
    }
}

impl Short {
    /// The row of a call whose texts are known.
    pub(super) fn row(&self, texts: Fact) -> Fact {
        Fact {
            at: self.at,
            url_hash: self.url_hash,
            outcome: Outcome::Status(self.status),
            start: self.start,
            duration: self.duration,
            join: self.join,
            side: self.side,
            origin_of_lines: Origin::Parsed,
            flags: self.flags,
            ..texts
        }
    }
}
