//! The tables of a stretch: an actor, a route, an origin or a credential is read when it is met first.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::{Actor, Credential, NONE, Route, Shorts, hash};
use crate::auth::authorization::{Form, Gap, parse_authorization};
use crate::auth::{token, url};
use crate::facts::strings::Strings;
use crate::facts::{names, uses};
use crate::http::Brief;

impl Shorts {
    pub(super) fn actor(&mut self, b: &Brief<'_>, strings: &mut Strings) -> u32 {
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

    pub(super) fn origin(&mut self, base: &[u8], strings: &mut Strings) -> u32 {
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
    pub(super) fn route(&mut self, method: &[u8], path: &[u8], strings: &mut Strings) -> Option<(u32, bool)> {
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
    pub(super) fn credential(&mut self, sent: &[u8], strings: &mut Strings) -> u32 {
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
    pub(super) fn loud_query(&mut self, query: &[u8]) -> bool {
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
