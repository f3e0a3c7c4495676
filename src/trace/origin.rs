//! Origins, their profiles, audiences and routes (rules.md 2.5).

use rustc_hash::FxHashMap;

use super::{Ex, Trace};
use crate::auth::url;
use crate::facts::{Id, Media, StrId, ValueId};
use crate::provider::{OriginEvidence, Profiles};

/// What is known of an origin.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// Its host, lower case.
    pub host: Box<str>,
    /// Its port, the scheme's default filled in.
    pub port: Option<u16>,
    /// The capture shows its host on other ports, too.
    pub siblings: bool,
    /// Origins with the same number accept the same tokens.
    pub audience: u32,
    /// Its profile, as [`super::Node::profile`].
    pub profile: usize,
    /// Accepted answers in JSON, HTML, other.
    pub media: [u32; 3],
    /// `Server` headers of its answers, each once, at most 8.
    pub servers: Vec<StrId>,
    /// Exchanges that it answered below 400.
    pub accepted: u32,
    /// Header and scheme of credentials that it accepted, each once, at most 16.
    pub accepted_places: Vec<(crate::facts::Place, StrId, Id)>,
    /// A cookie was accepted as session here.
    pub cookie_app: bool,
}

/// What is known of a route.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// First exchange answered 2xx without any credential.
    pub public: Option<Id>,
    /// First exchange answered 2xx with a credential.
    pub accepted: Option<Id>,
    /// Refused.
    pub denied: u32,
    /// What its accepted answers are made of.
    pub media: Media,
}

/// Paths that are looked at to guess a provider.
const PATHS: usize = 24;

/// What is known of a host, on whatever port: one provider serves them all.
#[derive(Default)]
struct Seen {
    paths: Vec<String>,
    bodies: Vec<String>,
    headers: Vec<(String, String)>,
}

/// Chooses the profile of every origin: by host, then by fingerprint, else the generic one.
pub(super) fn choose_profiles<'f>(t: &mut Trace<'f>, profiles: &'f Profiles) {
    let mut seen: FxHashMap<String, Seen> = FxHashMap::default();
    let facts = t.facts;
    let mut names: Vec<StrId> = facts.list.iter().map(|f| f.origin).collect();
    names.sort_unstable();
    names.dedup();
    let hosts: FxHashMap<StrId, String> =
        names.iter().map(|o| (*o, url::parse_url(facts.strings.get(*o)).host().to_owned())).collect();
    for f in &facts.list {
        let s = seen.entry(hosts.get(&f.origin).cloned().unwrap_or_default()).or_default();
        let path = facts.strings.get(f.path);
        if s.paths.len() < PATHS && !s.paths.iter().any(|p| p == path) {
            s.paths.push(path.to_owned());
        }
        let Some(d) = &f.detail else { continue };
        // The scope of an authorization request tells providers apart that share a path.
        if let Some(scope) = d.query.iter().find(|q| &*q.path == "scope").filter(|_| s.paths.len() < PATHS) {
            s.paths.push(format!("{path}?scope={}", scope.text()));
        }
        if s.bodies.len() < 8
            && let Some(a) = &d.answer
        {
            s.bodies.push(a.head.text().chars().take(2048).collect());
        }
        if s.headers.len() < 40 {
            let shown = d.response.iter().filter(|l| l.marks.is_empty());
            s.headers.extend(shown.map(|l| (facts.strings.get(l.name).to_owned(), l.text().into_owned())));
        }
    }
    names.sort_by_key(|o| facts.strings.get(*o));
    let mut ports: FxHashMap<&str, usize> = FxHashMap::default();
    for host in names.iter().filter_map(|o| hosts.get(o)) {
        *ports.entry(host).or_default() += 1;
    }
    for (number, name) in names.iter().enumerate() {
        let Some(s) = hosts.get(name).and_then(|h| seen.get(h)) else { continue };
        let parsed = url::parse_url(facts.strings.get(*name));
        let paths: Vec<&str> = s.paths.iter().map(String::as_str).collect();
        let bodies: Vec<&str> = s.bodies.iter().map(String::as_str).collect();
        let headers: Vec<(&str, &str)> = s.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let evidence = OriginEvidence {
            host: parsed.host(),
            port: parsed.port(),
            paths: &paths,
            bodies: &bodies,
            headers: &headers,
        };
        let profile = profiles.for_origin(&evidence);
        let index = t.profiles.iter().position(|p| std::ptr::eq(*p, profile)).unwrap_or_else(|| {
            t.profiles.push(profile);
            t.profiles.len() - 1
        });
        let (host, port) = (parsed.host().into(), parsed.port());
        let siblings = ports.get(parsed.host()).is_some_and(|n| *n > 1);
        t.origins.insert(
            *name,
            Origin { host, port, siblings, audience: number as u32, profile: index, ..Origin::default() },
        );
    }
    for f in &facts.list {
        let profile = t.origins.get(&f.origin).map_or(0, |o| o.profile);
        t.node_mut(f.id, |n| n.profile = profile);
    }
}

/// Collects what each origin and route accepted, and joins origins that accept the same token.
pub(super) fn accepted(t: &mut Trace<'_>) {
    let mut origins = std::mem::take(&mut t.origins);
    let mut routes = std::mem::take(&mut t.routes);
    let mut lives = std::mem::take(&mut t.lives);
    let mut taken: FxHashMap<ValueId, u32> = FxHashMap::default();
    let mut joins: Vec<(u32, u32)> = Vec::new();
    for ex in t.all() {
        let f = ex.fact();
        let Some(o) = origins.get_mut(&f.origin) else { continue };
        if f.server.0 != 0 && o.servers.len() < 8 && !o.servers.contains(&f.server) {
            o.servers.push(f.server);
        }
        let route = routes.entry(f.route).or_default();
        if ex.denied() {
            route.denied += 1;
        }
        if !ex.accepted() {
            continue;
        }
        o.accepted += 1;
        note_accepted(&ex, o, route);
        for u in &f.uses {
            if let Some(l) = lives.get_mut(u.value.0 as usize) {
                l.took(f.id, f.origin);
            }
        }
        for u in f.uses.iter().filter(|u| token_kind(u.kind)) {
            if let Some(other) = taken.insert(u.value, o.audience)
                && other != o.audience
            {
                joins.push((other, o.audience));
            }
        }
    }
    for (origin, media) in &t.facts.gone.media {
        let Some(o) = origins.get_mut(origin) else { continue };
        for (n, more) in o.media.iter_mut().zip(media) {
            *n = n.saturating_add(*more);
            o.accepted = o.accepted.saturating_add(*more);
        }
    }
    join(&mut origins, &joins);
    t.origins = origins;
    t.lives = lives;
    join_by_profile(t);
    t.routes = routes;
}

fn token_kind(kind: crate::facts::Kind) -> bool {
    use crate::facts::Kind;
    matches!(kind, Kind::Token | Kind::ApiKey)
}

fn note_accepted(ex: &Ex<'_>, o: &mut Origin, route: &mut Route) {
    let f = ex.fact();
    let slot = match f.media {
        Media::Json => 0,
        Media::Html => 1,
        _ => 2,
    };
    if let Some(n) = o.media.get_mut(slot) {
        *n += 1;
    }
    let success = (200..300).contains(&ex.status());
    if success && route.media == Media::Unknown {
        route.media = f.media;
    }
    // A login is open to all; over one URL for everything (GraphQL) that says nothing of the other calls.
    if f.uses.is_empty()
        && success
        && !ex.class().issues()
        && f.flags.sees_authorization
        && !f.flags.masked
        && !f.flags.certificate
    {
        route.public.get_or_insert(f.id);
    }
    for u in &f.uses {
        if success {
            route.accepted.get_or_insert(f.id);
        }
        if matches!(u.place, crate::facts::Place::Cookie(_)) && success && session_cookie(ex, u) {
            o.cookie_app = true;
        }
        let same = |p: &(crate::facts::Place, StrId, Id)| p.0 == u.place && p.1 == u.scheme;
        if o.accepted_places.len() < 16 && !o.accepted_places.iter().any(same) {
            o.accepted_places.push((u.place, u.scheme, f.id));
        }
    }
}

fn session_cookie(ex: &Ex<'_>, u: &crate::facts::Use) -> bool {
    let crate::facts::Place::Cookie(name) = u.place else { return false };
    crate::auth::cookie::session_like(ex.trace().text(name))
}

fn join(origins: &mut FxHashMap<StrId, Origin>, joins: &[(u32, u32)]) {
    // A union over audience numbers: the smallest number of a set names it.
    let mut parent: Vec<u32> = (0..origins.len() as u32).collect();
    fn root(parent: &mut [u32], mut n: u32) -> u32 {
        while let Some(p) = parent.get(n as usize).copied() {
            if p == n {
                break;
            }
            let up = parent.get(p as usize).copied().unwrap_or(p);
            if let Some(slot) = parent.get_mut(n as usize) {
                *slot = up;
            }
            n = up;
        }
        n
    }
    for (a, b) in joins {
        let (a, b) = (root(&mut parent, *a), root(&mut parent, *b));
        if let Some(slot) = parent.get_mut(a.max(b) as usize) {
            *slot = a.min(b);
        }
    }
    for o in origins.values_mut() {
        o.audience = root(&mut parent, o.audience);
    }
}

/// Origins of one profile that it lists as one audience.
fn join_by_profile(t: &mut Trace<'_>) {
    let mut names: Vec<StrId> = t.origins.keys().copied().collect();
    names.sort_by_key(|o| t.text(*o));
    let mut joins = Vec::new();
    let mut first: FxHashMap<(usize, usize), u32> = FxHashMap::default();
    for name in &names {
        let Some(o) = t.origins.get(name) else { continue };
        let Some(profile) = t.profiles.get(o.profile) else { continue };
        let parsed = url::parse_url(t.text(*name));
        if let Some(group) = profile.audience_of(parsed.host()) {
            let other = *first.entry((o.profile, group)).or_insert(o.audience);
            joins.push((other, o.audience));
        }
    }
    let mut origins = std::mem::take(&mut t.origins);
    join(&mut origins, &joins);
    t.origins = origins;
}
