//! The cheap path: what cannot matter is decided here, in one place, before anything is built.
//!
//! A reader tells a line in short ([`Brief`]). It stays short if it was accepted, asks for nothing that has to do with
//! logging in, and carries at most one credential that is spelled as it should be: then it leaves a [`Short`], which owns
//! nothing. Everything else is read in full. What the two paths say of a line is the same (a test compares them), so that a
//! row which is kept after all is a [`Fact`](super::Fact) like any other.
//!
//! Texts are looked up in tables of the stretch: an actor, a route, an origin or a credential is read once.

use std::hash::Hasher;

use rustc_hash::{FxHashMap, FxHasher};

use super::strings::{Kind, StrId, Strings};
use super::{Flags, Redaction, names, uses};
use crate::auth::authorization::{Form, Gap, parse_authorization};
use crate::auth::{token, url};
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

    fn actor(&mut self, b: &Brief<'_>, strings: &mut Strings) -> u32 {
        let mut h = FxHasher::default();
        for part in [b.client, b.agent, b.forwarded] {
            h.write(part);
        }
        if let Some(known) = self.actor_of.get(&h.finish()) {
            return *known;
        }
        b.actor_into(&mut self.scratch);
        for part in [b.agent, b.forwarded] {
            self.scratch.push(b'\t');
            self.scratch.extend_from_slice(part);
        }
        let text = strings.id(&String::from_utf8_lossy(&self.scratch));
        let number = self.actors.len() as u32;
        self.actors.push(Actor { text, browser: b.agent.starts_with(b"Mozilla/") });
        self.actor_of.insert(h.finish(), number);
        number
    }

    fn origin(&mut self, base: &[u8], strings: &mut Strings) -> u32 {
        if let Some(known) = self.origin_of.get(base) {
            return *known;
        }
        let text = strings.id(&url::parse_url(&String::from_utf8_lossy(base)).origin());
        let number = self.origins.len() as u32;
        self.origins.push(text);
        self.origin_of.insert(base.into(), number);
        number
    }

    /// The route of a path, and whether it has to do with logging in; `None` if that cannot be told by the route.
    fn route(&mut self, method: &[u8], path: &[u8], strings: &mut Strings) -> Option<(u32, bool)> {
        self.scratch.clear();
        self.scratch.extend_from_slice(method);
        self.scratch.push(b' ');
        if !shape_into(path, &mut self.scratch) {
            return None;
        }
        let number = match self.route_of.get(&self.scratch[..]) {
            Some(known) => *known,
            None => {
                let text = String::from_utf8_lossy(&self.scratch);
                if method.is_empty() || !method.iter().all(u8::is_ascii_uppercase) {
                    return None;
                }
                let shown = std::str::from_utf8(method).unwrap_or_default();
                let loud = names::auth_path(text.get(method.len() + 1..).unwrap_or_default());
                let route = Route { text: strings.id(&text), method: strings.id(shown), loud, seen: [false; 2] };
                let number = self.routes.len() as u32;
                self.routes.push(route);
                self.route_of.insert(self.scratch[..].into(), number);
                number
            }
        };
        self.routes.get(number as usize).map(|r| (number, r.loud))
    }

    /// The credential of an `Authorization` value, if there is nothing odd about it.
    fn credential(&mut self, sent: &[u8], strings: &mut Strings) -> u32 {
        if let Some(known) = self.credential_of.get(sent) {
            return *known;
        }
        let number = match regular(sent, strings) {
            Some(c) => {
                self.credentials.push(c);
                self.credentials.len() as u32 - 1
            }
            None => NONE,
        };
        self.credential_of.insert(sent.into(), number);
        number
    }

    /// Whether a query (with its mark) may hold a secret, a step of a flow, or a link with either.
    fn loud_query(&mut self, query: &[u8]) -> bool {
        let pairs = query.get(1..).unwrap_or_default();
        if memchr::memchr(b'#', pairs).is_some() || pairs.len() > 2048 {
            return true;
        }
        pairs.split(|b| *b == b'&').any(|pair| {
            let eq = memchr::memchr(b'=', pair).unwrap_or(pair.len());
            let value = pair.get(eq + 1..).unwrap_or_default();
            let odd = matches!(value.first(), Some(b'%' | b'/' | b'+')) || value.starts_with(b"http");
            odd || value.starts_with(b"eyJ") || self.loud_name(pair.get(..eq).unwrap_or_default())
        })
    }

    fn loud_name(&mut self, name: &[u8]) -> bool {
        if let Some(known) = self.loud_names.get(name) {
            return *known;
        }
        // A value that every name which may hold a secret would be believed.
        const SECRET: &[u8] = b"q7Zx0Kd93LmPw2RtYv8Bn4Hs6Jc1Fg5A";
        let text = String::from_utf8_lossy(name);
        let plain = name.iter().all(|b| b.is_ascii_alphanumeric() || b"_-.[]:".contains(b));
        let loud = !plain || names::flow_parameter(&text) || names::secret_query(&text, SECRET).is_some();
        self.loud_names.insert(name.into(), loud);
        loud
    }
}

/// A scheme, one blank and one word that can be a credential.
fn regular(sent: &[u8], strings: &mut Strings) -> Option<Credential> {
    let parsed = parse_authorization(sent);
    let value = sent.get(parsed.rest.clone())?;
    let lower = parsed.scheme.to_ascii_lowercase();
    let whole = parsed.form == Form::SchemeAndToken && parsed.gap == Gap::Blank && !parsed.wrapped;
    let text = std::str::from_utf8(value).ok()?;
    let word = !value.is_empty() && token::is_placeholder(text).is_none() && !token::is_mask(text);
    if !whole || !word || uses::signed_scheme(&lower) || uses::masked(sent) || sent.len() > 8192 {
        return None;
    }
    let (kind, scheme) = (uses::kind_of_scheme(&lower), strings.id(&parsed.scheme));
    Some(Credential { value: value.into(), hash: hash(value), kind, scheme, origin: NONE })
}

/// Appends a path with its ids taken out, as [`url::path_shape`] does; `false` if one of them holds a word that matters.
fn shape_into(path: &[u8], out: &mut Vec<u8>) -> bool {
    for (n, part) in path.split(|b| *b == b'/').enumerate() {
        if n > 0 {
            out.push(b'/');
        }
        if !part.iter().any(u8::is_ascii_digit) {
            out.extend_from_slice(part);
            continue;
        }
        let Ok(text) = std::str::from_utf8(part) else { return false };
        if !url::is_id(text) {
            out.extend_from_slice(part);
            continue;
        }
        let number = part.iter().all(u8::is_ascii_hexdigit);
        if !number && names::auth_path(text) {
            return false;
        }
        out.extend_from_slice(b"{}");
    }
    true
}
