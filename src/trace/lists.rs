//! Exchanges by what is asked of them, each list in order of time: built once, so that no rule searches a capture.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Class, Ex, Trace};
use crate::auth::url;
use crate::facts::{Id, StrId, ValueId};

/// The lists of a trace.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// Refused ones, expected refusals left out.
    pub(super) denied: Vec<Id>,
    /// Those whose detail was kept: all refused ones and all that are more than a call are among them.
    pub(super) detailed: Vec<Id>,
    /// By class, plain calls left out.
    pub(super) by_class: FxHashMap<Class, Vec<Id>>,
    /// Logins, token calls and authorization requests of each actor.
    pub(super) steps: FxHashMap<StrId, Vec<Id>>,
    /// For whom the capture shows a login.
    pub(super) logins: Logins,
    /// JWTs that an audience took from an actor, by the first request that it took.
    pub(super) jwts: FxHashMap<(StrId, u32), Vec<(Id, ValueId)>>,
}

/// Lists that classes alone decide.
pub(super) fn classes(t: &mut Trace<'_>) {
    let mut lists = Lists::default();
    for ex in t.all() {
        if ex.detail().is_some() {
            lists.detailed.push(ex.id());
        }
        let class = ex.class();
        if class == Class::Call {
            continue;
        }
        lists.by_class.entry(class).or_default().push(ex.id());
        if class.issues() || class == Class::Authorize {
            lists.steps.entry(ex.actor()).or_default().push(ex.id());
        }
    }
    t.lists = lists;
}

/// Lists that refusals and acceptances decide.
pub(super) fn outcomes(t: &mut Trace<'_>) {
    t.lists.denied = t.lists.detailed.iter().copied().filter(|id| t.ex(*id).denied()).collect();
    t.lists.logins = Logins::new(t);
    t.lists.jwts = jwts(t);
}

fn jwts(t: &Trace<'_>) -> FxHashMap<(StrId, u32), Vec<(Id, ValueId)>> {
    let mut out: FxHashMap<(StrId, u32), Vec<(Id, ValueId)>> = FxHashMap::default();
    for (value, life) in (0..).map(ValueId).zip(&t.lives).filter(|(_, l)| l.jwt.is_some()) {
        for (origin, first) in &life.accepted_at {
            let Some(audience) = t.origin(*origin).map(|o| o.audience) else { continue };
            out.entry((t.ex(*first).actor(), audience)).or_default().push((*first, value));
        }
    }
    for list in out.values_mut() {
        list.sort_unstable_by_key(|(id, _)| t.position(*id));
    }
    out
}

/// Which hosts the logins of a capture hand out tokens for, in sets: asked for every refused call.
#[derive(Debug, Default)]
pub(super) struct Logins {
    /// Audiences of issuing calls, and of calls that took what they issued.
    audiences: FxHashSet<u32>,
    /// Hosts that log in themselves.
    hosts: FxHashSet<String>,
    /// Issuing calls by site.
    sites: FxHashMap<String, Site>,
}

/// Issuing calls of one site.
#[derive(Debug, Default)]
struct Site {
    /// Hosts that are nobody's tenant.
    free: FxHashSet<String>,
    /// Tenants, and their hosts.
    tenants: FxHashMap<(String, String), FxHashSet<String>>,
}

impl Logins {
    fn new(t: &Trace<'_>) -> Self {
        let mut out = Self::default();
        let mut known: FxHashSet<StrId> = FxHashSet::default();
        let issuing = [Class::Login, Class::Token, Class::Refresh, Class::Device];
        for ex in issuing.iter().flat_map(|c| t.of_class(*c)) {
            for value in &ex.node().issued {
                let taken = t.life(*value).map_or(&[][..], |l| &l.accepted_at);
                out.audiences.extend(taken.iter().filter_map(|(o, _)| t.origin(*o)).map(|o| o.audience));
            }
            if !known.insert(ex.fact().origin) {
                continue;
            }
            out.audiences.extend(t.origin(ex.fact().origin).map(|o| o.audience));
            let Some(site) = url::registrable_domain(ex.host()) else { continue };
            let site = out.sites.entry(site.to_owned()).or_default();
            let hosts = match tenant(ex) {
                Some(own) => site.tenants.entry(own).or_default(),
                None => &mut site.free,
            };
            hosts.insert(ex.host().to_owned());
        }
        for ex in [Class::Login, Class::Token].iter().flat_map(|c| t.of_class(*c)) {
            if !out.hosts.contains(ex.host()) {
                out.hosts.insert(ex.host().to_owned());
            }
        }
        out
    }

    /// Whether the host of an exchange logs in itself.
    pub(super) fn own(&self, ex: Ex<'_>) -> bool {
        self.hosts.contains(ex.host())
    }

    /// Whether any login of the capture hands out tokens for the audience of an exchange.
    pub(super) fn any_for(&self, t: &Trace<'_>, ex: Ex<'_>) -> bool {
        if t.origin(ex.fact().origin).is_some_and(|o| self.audiences.contains(&o.audience)) {
            return true;
        }
        let Some(site) = url::registrable_domain(ex.host()).and_then(|s| self.sites.get(s)) else { return false };
        if self.own(ex) {
            return false;
        }
        let other = |hosts: &FxHashSet<String>| hosts.len() > 1 || !hosts.contains(ex.host()) && !hosts.is_empty();
        match tenant(ex) {
            Some(own) => other(&site.free) || site.tenants.get(&own).is_some_and(other),
            None => other(&site.free) || site.tenants.len() > 1 || site.tenants.values().any(other),
        }
    }
}

fn tenant(ex: Ex<'_>) -> Option<(String, String)> {
    ex.profile().tenant(ex.host()).map(|(stem, label)| (stem.to_owned(), label.to_owned()))
}
