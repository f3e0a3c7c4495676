//! The cookies that each client holds, and what keeps one away from a request (RFC 6265bis 5.4 to 5.8).

use rustc_hash::FxHashMap;

use crate::auth::cookie::{self, SetCookie};
use crate::auth::url;
use crate::facts::{Id, Place, StrId, ValueId};
use crate::http::Time;
use crate::rule::Cx;
use crate::trace::Ex;

/// Cookies that are kept per client; more are no session.
const MOST: usize = 60;

/// A cookie in a jar.
pub(super) struct Held {
    /// The exchange whose answer set it.
    pub(super) by: Id,
    /// Which Set-Cookie of that answer.
    pub(super) nth: usize,
    /// Its attributes.
    pub(super) cookie: SetCookie,
    /// Its value.
    pub(super) value: Option<ValueId>,
    /// The answer that deleted it again.
    pub(super) deleted: Option<Id>,
    host: String,
}

/// What keeps a cookie away from a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bar {
    /// Its Path does not cover the request.
    Path,
    /// It is Secure, and the request goes over http.
    Secure,
    /// It is Secure, and was set over http.
    SetOnHttp,
    /// It has no Domain, and the request goes to another host of the site.
    HostOnly,
    /// Its Domain does not cover the host that set it.
    Domain,
    /// SameSite, and the request comes from another site.
    SameSite,
    /// `SameSite=None` without Secure.
    NoneWithoutSecure,
    /// `__Host-` or `__Secure-` without what they demand.
    Prefix,
    /// A later answer deleted it.
    Deleted,
    /// Nothing: the client did not keep or include it.
    NotKept,
}

impl Bar {
    /// What the marked Set-Cookie shows.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Path => "its Path",
            Self::Secure => "Secure: https only",
            Self::SetOnHttp => "Secure, but set over http",
            Self::HostOnly => "no Domain: this host only",
            Self::Domain => "a Domain of another host",
            Self::SameSite => "its SameSite, or the default Lax",
            Self::NoneWithoutSecure => "SameSite=None needs Secure",
            Self::Prefix => "its prefix demands more",
            Self::Deleted | Self::NotKept => "set here",
        }
    }
}

/// The jars of all clients.
#[derive(Default)]
pub(super) struct Jars {
    held: FxHashMap<StrId, Vec<Held>>,
}

impl Jars {
    /// The cookies of a client.
    pub(super) fn of(&self, actor: StrId) -> &[Held] {
        self.held.get(&actor).map_or(&[], Vec::as_slice)
    }

    /// Takes up what an answer sets and deletes.
    pub(super) fn note(&mut self, ex: Ex<'_>) {
        if !(200..400).contains(&ex.status()) {
            return;
        }
        for (nth, line) in ex.ress("set-cookie").enumerate() {
            let Some(cookie) = cookie::parse_set_cookie(line.bytes()) else { continue };
            if cookie::housekeeping(&cookie.name) {
                continue;
            }
            let jar = self.held.entry(ex.actor()).or_default();
            let same =
                |h: &Held| h.cookie.name == cookie.name && h.cookie.domain == cookie.domain && h.host == ex.host();
            if cookie.deletes {
                for h in jar.iter_mut().filter(|h| same(h)) {
                    h.deleted = Some(ex.id());
                }
                continue;
            }
            jar.retain(|h| !(same(h) && h.cookie.path == cookie.path));
            if jar.len() >= MOST {
                jar.remove(0);
            }
            let value = line.marks.iter().map(|m| m.value).next();
            jar.push(Held { by: ex.id(), nth, cookie, value, deleted: None, host: ex.host().to_owned() });
        }
    }
}

impl Held {
    /// The one thing that keeps this cookie away from a request that it could go to; `None` if it was sent, has
    /// expired, belongs elsewhere, or two things keep it away.
    pub(super) fn bar(&self, cx: &Cx<'_>, ex: Ex<'_>) -> Option<Bar> {
        let sent = ex.uses().iter().any(|u| matches!(u.place, Place::Cookie(n) if cx.text(n) == self.cookie.name));
        let set = cx.trace.ex(self.by);
        if sent || self.expired(set, ex) {
            return None;
        }
        if self.deleted.is_some() {
            return (self.blocks(set, ex)?.is_empty()).then_some(Bar::Deleted);
        }
        match *self.blocks(set, ex)? {
            [] => Some(Bar::NotKept),
            [one] => Some(one),
            _ => None,
        }
    }

    /// Everything in the attributes that keeps it away; `None` if the request goes to another site.
    fn blocks(&self, set: Ex<'_>, ex: Ex<'_>) -> Option<Box<[Bar]>> {
        let c = &self.cookie;
        let browser = ex.fact().flags.browser;
        let mut out = Vec::new();
        let own_domain = c.domain.is_none() || c.domain_fits(&self.host, &self.host);
        if !own_domain {
            out.push(Bar::Domain);
        } else if !c.domain_fits(&self.host, ex.host()) {
            let site = |h| url::registrable_domain(h);
            if c.domain.is_some() || site(&self.host).is_none() || site(&self.host) != site(ex.host()) {
                return None;
            }
            out.push(Bar::HostOnly);
        }
        if !c.path_fits(set.path(), ex.path()) {
            out.push(Bar::Path);
        }
        let plain = |e: Ex<'_>| e.origin().starts_with("http://") && !url::is_loopback(e.host());
        if c.secure && plain(set) && browser {
            out.push(Bar::SetOnHttp);
        } else if c.secure && plain(ex) {
            out.push(Bar::Secure);
        }
        if prefix_broken(c) && (browser || ex.agent().starts_with("curl/")) {
            out.push(Bar::Prefix);
        }
        if browser {
            match c.same_site.as_deref() {
                Some("none") if !c.secure => out.push(Bar::NoneWithoutSecure),
                Some("none") => {}
                _ if cross_site(ex) => out.push(Bar::SameSite),
                _ => {}
            }
        }
        Some(out.into())
    }

    fn expired(&self, set: Ex<'_>, ex: Ex<'_>) -> bool {
        let now = ex.server_now();
        let by_age = set.server_now().zip(self.cookie.max_age).map(|(t, secs)| t.plus_secs(secs));
        let end: Option<Time> = if self.cookie.max_age.is_some() { by_age } else { self.cookie.expires };
        matches!((end, now), (Some(end), Some(now)) if now > end)
    }
}

/// `__Host-` and `__Secure-` (RFC 6265bis 4.1.3).
fn prefix_broken(c: &SetCookie) -> bool {
    let n = c.name.to_ascii_lowercase();
    n.starts_with("__host-") && (!c.secure || c.domain.is_some() || c.path.as_deref() != Some("/"))
        || n.starts_with("__secure-") && !c.secure
}

/// A browser's request for another site, other than a top-level navigation with a safe method.
fn cross_site(ex: Ex<'_>) -> bool {
    if ex.fact().flags.navigation && ex.method() == "GET" {
        return false;
    }
    if let Some(site) = ex.req("sec-fetch-site").present() {
        return site.bytes() == b"cross-site";
    }
    let Some(origin) = ex.req("origin").present().or(ex.req("referer").present()) else { return false };
    let text = origin.text().into_owned();
    let from = url::parse_url(&text);
    match (url::registrable_domain(from.host()), url::registrable_domain(ex.host())) {
        (Some(a), Some(b)) => a != b || from.scheme() != url::parse_url(ex.origin()).scheme(),
        _ => from.host() != ex.host(),
    }
}
