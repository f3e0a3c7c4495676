//! The cheap path: what cannot matter is decided here, in one place, before anything is built.
//!
//! A reader tells a line in short ([`Brief`]). It stays short if it was accepted, asks for nothing that has to do with
//! logging in, and carries at most one credential that is spelled as it should be: then it leaves a [`Short`], which owns
//! nothing. Everything else is read in full. What the two paths say of a line is the same (a test compares them), so that a
//! row which is kept after all is a [`Fact`](super::Fact) like any other.
//!
//! Texts are looked up in tables of the stretch: an actor, a route, an origin or a credential is read once.

mod look_up;

use std::hash::Hasher;

use rustc_hash::{FxHashMap, FxHasher};

use super::strings::{Kind, StrId, Strings};
use super::{Flags, Redaction, names};
use crate::http::{Brief, Side, Span, Time};

/// No entry of a table.
pub(super) const NONE: u32 = u32::MAX;

/// An accepted plain call of a stretch; numbers count into the tables of [`Shorts`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Short {
    pub(super) at: Span,
    pub(super) start: Option<Time>,
    pub(super) duration: i64,
    pub(super) url_hash: u64,
    pub(super) join: u64,
    /// Its path among the texts of the stretch.
    pub(super) path: (u32, u32),
    pub(super) actor: u32,
    pub(super) route: u32,
    pub(super) origin: u32,
    pub(super) credential: u32,
    /// So many rows of the stretch stand before it.
    pub(super) before: u32,
    pub(super) flags: Flags,
    pub(super) status: u16,
    pub(super) side: Side,
    /// The first in its stretch of its route, or of its credential at its origin.
    pub(super) news: bool,
    /// It would have a detail if it were read in full.
    pub(super) loud: u32,
}

/// An accepted login, logout or redirect: the line, and what else of it rules can look at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Loud {
    /// The line among the texts of the stretch.
    line: (u32, u32),
    /// Where it begins in the input.
    start: u64,
    /// Lines before it, and characters on its first line.
    pub(super) lines: u64,
    pub(super) column: u64,
    /// Its other headers.
    pub(super) headers: u64,
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Actor {
    pub(super) text: StrId,
    browser: bool,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Route {
    pub(super) text: StrId,
    pub(super) method: StrId,
    /// It has to do with logging in.
    loud: bool,
    /// It was met without and with a credential.
    seen: [bool; 2],
}

/// A credential behind its scheme.
#[derive(Clone, Debug)]
pub(super) struct Credential {
    pub(super) value: Box<[u8]>,
    pub(super) hash: u64,
    pub(super) kind: Kind,
    pub(super) scheme: StrId,
    /// Where it was used last.
    origin: u32,
}

/// The plain calls of a stretch.
#[derive(Clone, Debug, Default)]
pub(super) struct Shorts {
    pub(super) list: Vec<Short>,
    pub(super) actors: Vec<Actor>,
    pub(super) routes: Vec<Route>,
    pub(super) origins: Vec<StrId>,
    pub(super) credentials: Vec<Credential>,
    pub(super) louds: Vec<Loud>,
    /// So many of them have their lines.
    placed: usize,
    /// Paths and lines, one behind the other.
    paths: Vec<u8>,
    actor_of: FxHashMap<u64, u32>,
    route_of: FxHashMap<Box<[u8]>, u32>,
    origin_of: FxHashMap<Box<[u8]>, u32>,
    credential_of: FxHashMap<Box<[u8]>, u32>,
    /// Names of query parameters; whether they may mean something.
    loud_names: FxHashMap<Box<[u8]>, bool>,
    scratch: Vec<u8>,
}

/// The hash of a text.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let mut h = FxHasher::default();
    h.write(bytes);
    h.finish() | 1
}

impl Shorts {
    /// Takes a line that is plain, or one that is accepted and may be read again (`loud`); `false` if it has to be read in
    /// full.
    pub(super) fn take(
        &mut self,
        b: &Brief<'_>,
        strings: &mut Strings,
        redaction: &mut Redaction,
        (before, loud): (usize, bool),
    ) -> bool {
        let plain = matches!(b.status, 200..300 | 304);
        let redirect = matches!(b.status, 300..400) && !b.sees_response;
        let path = b.target.first() == Some(&b'/') && !(b.base.is_empty() && b.target.get(1) == Some(&b'/'));
        if !path || !plain && !redirect {
            return false;
        }
        let (path, query) = match memchr::memchr2(b'?', b'#', b.target) {
            Some(at) => b.target.split_at_checked(at).unwrap_or((b.target, b"")),
            None => (b.target, &b""[..]),
        };
        if !query.is_empty() && (query.first() == Some(&b'#') || self.loud_query(query)) {
            return false;
        }
        if names::secret_in_path(&String::from_utf8_lossy(path)).is_some() {
            return false;
        }
        let Some((route, louder)) = self.route(b.method, path, strings) else { return false };
        let louder = louder || !plain;
        if louder && (!loud || b.line.is_empty() || !query.is_empty()) {
            return false;
        }
        let credential = match b.authorization {
            None => NONE,
            Some(sent) => match self.credential(sent, strings) {
                NONE => return false,
                n => n,
            },
        };
        let origin = self.origin(b.base, strings);
        let actor = self.actor(b, strings);
        redaction.saw_authorization |= credential != NONE;
        let news = self.news(route, credential, origin);
        let url_hash = self.url_hash(b);
        let path = self.keep(path);
        let loud = if louder { self.loud(b) } else { NONE };
        self.list.push(Short {
            at: b.at,
            start: b.started,
            duration: b.duration,
            url_hash,
            join: if b.join.is_empty() { 0 } else { hash(b.join) },
            path,
            actor,
            route,
            origin,
            credential,
            before: before as u32,
            flags: self.flags(b, actor),
            status: b.status,
            side: b.side,
            news,
            loud,
        });
        true
    }

    fn keep(&mut self, text: &[u8]) -> (u32, u32) {
        let at = self.paths.len() as u32;
        self.paths.extend_from_slice(text);
        (at, text.len() as u32)
    }

    fn loud(&mut self, b: &Brief<'_>) -> u32 {
        let line = self.keep(b.line);
        let mut h = FxHasher::default();
        for header in [b.agent, b.referer, b.forwarded] {
            h.write_u8(u8::from(header.is_empty()));
            if super::like::told(header) {
                h.write(header);
            }
        }
        self.louds.push(Loud { line, start: b.at.start, headers: h.finish(), ..Loud::default() });
        self.louds.len() as u32 - 1
    }

    /// The next call that is loud and was not placed, if it begins before an offset; and where it begins.
    pub(super) fn loud_before(&mut self, offset: Option<u64>) -> Option<(u64, &mut Loud)> {
        let next = self.louds.get_mut(self.placed)?;
        if offset.is_some_and(|o| o < next.start) {
            return None;
        }
        self.placed += 1;
        Some((next.start, next))
    }

    /// The line of a call that is loud.
    pub(super) fn line(&self, loud: &Loud) -> &[u8] {
        let (at, len) = (loud.line.0 as usize, loud.line.1 as usize);
        self.paths.get(at..at + len).unwrap_or_default()
    }

    /// Empties all tables; they keep their room.
    pub(super) fn clear(&mut self) {
        self.list.clear();
        self.actors.clear();
        self.routes.clear();
        self.origins.clear();
        self.credentials.clear();
        self.louds.clear();
        self.placed = 0;
        self.paths.clear();
        self.actor_of.clear();
        self.route_of.clear();
        self.origin_of.clear();
        self.credential_of.clear();
    }

    /// The path of a call.
    pub(super) fn path(&self, s: &Short) -> &str {
        let (at, len) = (s.path.0 as usize, s.path.1 as usize);
        std::str::from_utf8(self.paths.get(at..at + len).unwrap_or_default()).unwrap_or_default()
    }

    fn flags(&self, b: &Brief<'_>, actor: u32) -> Flags {
        Flags {
            sees_authorization: b.sees_authorization || b.authorization.is_some(),
            sees_cookie: b.sees_cookie,
            sees_response: b.sees_response,
            sees_set_cookie: b.sees_set_cookie,
            browser: self.actors.get(actor as usize).is_some_and(|a| a.browser),
            ..Flags::default()
        }
    }

    /// Whether a route or the use of a credential is met for the first time in this stretch.
    fn news(&mut self, route: u32, credential: u32, origin: u32) -> bool {
        let mut news = false;
        let with = usize::from(credential != NONE);
        if let Some(seen) = self.routes.get_mut(route as usize).and_then(|r| r.seen.get_mut(with)) {
            news |= !std::mem::replace(seen, true);
        }
        if let Some(c) = self.credentials.get_mut(credential as usize) {
            news |= std::mem::replace(&mut c.origin, origin) != origin;
        }
        news
    }

    fn url_hash(&mut self, b: &Brief<'_>) -> u64 {
        if b.base.is_empty() {
            return hash(b.target);
        }
        self.scratch.clear();
        self.scratch.extend_from_slice(b.base);
        self.scratch.extend_from_slice(b.target);
        hash(&self.scratch)
    }
}
