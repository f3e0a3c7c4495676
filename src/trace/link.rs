//! Order, actors, redirects, retries, preflights, two views of one request: joins by hash, never by search.

use rustc_hash::FxHashMap;

use super::{Ex, Trace};
use crate::auth::authorization::Form;
use crate::auth::url;
use crate::facts::{Facts, Id, StrId};
use crate::http::{Side, Time};

/// A redirect is followed within this time (microseconds).
const FOLLOW: i64 = 30_000_000;
/// Browsers and curl give up behind so many redirects, or more.
const HOPS: usize = 20;
/// A retry comes within this time.
const RETRY: i64 = 300_000_000;

/// Exchanges by start, ties by number. One without a time stands behind its predecessor in the file.
pub(super) fn order(facts: &Facts) -> Vec<Id> {
    let mut last = Time(i64::MIN);
    let mut keyed: Vec<(Time, Id)> = Vec::with_capacity(facts.list.len());
    for f in &facts.list {
        let time = f.start.unwrap_or(last);
        keyed.push((time, f.id));
        last = time;
    }
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, id)| id).collect()
}

/// The place of each row in the order of time.
pub(super) fn positions(facts: &Facts, order: &[Id]) -> Vec<u32> {
    let mut out = vec![0; order.len()];
    for (position, id) in order.iter().enumerate() {
        if let Some(slot) = facts.slot(*id).and_then(|at| out.get_mut(at)) {
            *slot = position as u32;
        }
    }
    out
}

pub(super) fn by_actor(t: &Trace<'_>) -> FxHashMap<StrId, Vec<Id>> {
    let mut out: FxHashMap<StrId, Vec<Id>> = FxHashMap::default();
    for id in &t.order {
        if let Some(f) = t.facts.get(*id) {
            out.entry(f.actor).or_default().push(*id);
        }
    }
    out
}

/// Whether `b` starts at most `limit` microseconds after `a`; without times, yes.
pub(super) fn within(t: &Trace<'_>, a: Id, b: Id, limit: i64) -> bool {
    let start = |id| t.facts.get(id).and_then(|f| f.start.or(f.date));
    match (start(a), start(b)) {
        (Some(a), Some(b)) => b - a <= limit,
        _ => true,
    }
}

/// `Location`, resolved, equals a request of the actor that follows soon.
pub(super) fn redirects(t: &mut Trace<'_>) {
    // By actor: most never follow one, and no URL of theirs is looked at.
    let mut open: FxHashMap<StrId, FxHashMap<String, Id>> = FxHashMap::default();
    let mut links = Vec::new();
    for ex in t.all() {
        let own = open.get_mut(&ex.fact().actor).filter(|own| !own.is_empty());
        if let Some(from) = own.and_then(|own| own.remove(&bare(&ex.full_url())))
            && within(t, from, ex.id(), FOLLOW)
        {
            links.push((from, ex.id()));
        }
        if (300..400).contains(&ex.status())
            && ex.status() != 304
            && let Some(to) = ex.res("location").present()
        {
            let target = url::resolve(&ex.full_url(), &to.text());
            open.entry(ex.fact().actor).or_default().insert(bare(&target), ex.id());
        }
    }
    for (from, to) in links {
        t.node_mut(from, |n| n.redirected_to = Some(to));
        t.node_mut(to, |n| n.redirected_from = Some(from));
    }
}

/// The redirects that led to an exchange, the nearest first.
pub(super) fn hops<'t>(t: &'t Trace<'_>, id: Id) -> impl Iterator<Item = Id> + 't {
    std::iter::successors(t.node(id).redirected_from, |at| t.node(*at).redirected_from).take(HOPS)
}

/// A URL without fragment, its origin in normal form.
fn bare(text: &str) -> String {
    let text = text.split('#').next().unwrap_or_default();
    let u = url::parse_url(text);
    let query = u.query_at().and_then(|r| text.get(r)).map(|q| format!("?{q}")).unwrap_or_default();
    let path = if u.path().is_empty() { "/" } else { u.path() };
    format!("{}{path}{query}", u.origin())
}

/// Same method and URL by the same actor within five minutes, after a refusal; and the acceptance that heals one.
pub(super) fn retries(t: &mut Trace<'_>) {
    let mut last: FxHashMap<(StrId, StrId, u64), Id> = FxHashMap::default();
    let mut links = Vec::new();
    for ex in t.all() {
        let f = ex.fact();
        let key = (f.actor, f.method, f.url_hash);
        if let Some(before) = last.insert(key, ex.id())
            && t.node(before).denial.is_some()
            && within(t, before, ex.id(), RETRY)
            && same_question(t.ex(before), ex)
        {
            links.push((before, ex.id()));
        }
    }
    // Later first, so that a chain of retries hands the healing back to its first link.
    for (before, after) in links.into_iter().rev() {
        t.node_mut(after, |n| n.retry_of = Some(before));
        let same = same_credential(t, before, after);
        let healed = if t.ex(after).accepted() { Some((after, same)) } else { t.node(after).healed_by };
        let healed = healed.map(|(id, _)| (id, same_credential(t, before, id)));
        t.node_mut(before, |n| n.healed_by = healed);
    }
}

/// Two preflights of one URL ask the same only for the same method and headers.
fn same_question(a: Ex<'_>, b: Ex<'_>) -> bool {
    let text = |e: Ex<'_>, name: &str| e.req(name).present().map(|l| l.text().to_ascii_lowercase());
    let same = |name: &str| text(a, name) == text(b, name);
    !a.fact().flags.preflight || same("access-control-request-method") && same("access-control-request-headers")
}

fn same_credential(t: &Trace<'_>, a: Id, b: Id) -> bool {
    // Value, place and scheme: the same token in another spelling is another attempt.
    let same = t.ex(a).fact().uses == t.ex(b).fact().uses;
    let line = |id| t.ex(id).reqs_named("authorization").map(crate::facts::Line::bytes);
    // Of a plain accepted call only value and scheme are known: it vouches for that spelling alone.
    let plain =
        || t.ex(a).authorization().is_none_or(|(_, x)| matches!(x.form, Form::SchemeAndToken | Form::BareToken));
    same && (t.ex(b).detail().is_none() && plain() || line(a) == line(b))
}

/// A preflight and the actual request that follows it. Chromium gives the actual request the time at which the page asked,
/// so that its preflight lies within it.
pub(super) fn preflights(t: &mut Trace<'_>) {
    let mut open: FxHashMap<(StrId, u64), Id> = FxHashMap::default();
    let mut running: FxHashMap<(StrId, u64), Id> = FxHashMap::default();
    let mut links = Vec::new();
    for ex in t.all() {
        let f = ex.fact();
        let key = (f.actor, f.url_hash);
        let within_it = |o: &Id| matches!((f.start, t.ex(*o).end()), (Some(start), Some(end)) if start <= end);
        if f.flags.preflight {
            match running.remove(&key).filter(within_it) {
                Some(actual) => links.push((ex.id(), actual)),
                None => {
                    open.insert(key, ex.id());
                }
            }
        } else if let Some(preflight) = open.remove(&(f.actor, f.url_hash))
            && within(t, preflight, ex.id(), FOLLOW)
        {
            links.push((preflight, ex.id()));
        } else if f.flags.cross_origin && f.flags.browser {
            running.insert(key, ex.id());
        }
    }
    for (preflight, actual) in links {
        t.node_mut(preflight, |n| n.actual = Some(actual));
        t.node_mut(actual, |n| n.preflight = Some(preflight));
    }
}

/// The views of one request, nearest to the client first: each is compared with the next one that shows whether a
/// credential came through, the last one with the one before it.
fn views(t: &mut Trace<'_>, group: &[Id]) {
    let sees = |id: &Id| t.facts.get(*id).is_some_and(|f| f.flags.sees_authorization);
    let mut links = Vec::new();
    for (at, id) in group.iter().enumerate() {
        let later = group.get(at + 1..).unwrap_or_default();
        let before = group.get(..at).unwrap_or_default();
        let seeing = later.iter().find(|id| sees(id)).or(later.first());
        let twin = seeing.or_else(|| before.iter().rev().find(|id| sees(id)).or(before.last()));
        links.extend(twin.map(|twin| (*id, *twin)));
    }
    for (id, twin) in links {
        t.node_mut(id, |n| n.twin = Some(twin));
    }
}

/// Two lines of one request: the edge's and the upstream's, joined by request id. Lines that do not name their side are a
/// pair if they tell the same request and outcome, and credentials of it in different ways.
pub(super) fn twins(t: &mut Trace<'_>) {
    for group in super::join::views(t.facts) {
        views(t, &group);
    }
    let mut seen: FxHashMap<u64, Id> = FxHashMap::default();
    let mut links = Vec::new();
    for f in t.facts.list.iter().filter(|f| f.join != 0 && f.side != Side::Client) {
        if let Some(other) = seen.insert(f.join, f.id) {
            links.push((other, f.id));
        }
    }
    for (a, b) in links {
        let (x, y) = (t.ex(a).fact(), t.ex(b).fact());
        // A gateway may take a prefix off the path; another method or a later time is another request with the same id.
        let one = x.method == y.method && within(t, a, b, FOLLOW) && within(t, b, a, FOLLOW);
        let sides = (x.side == Side::Upstream) != (y.side == Side::Upstream);
        let alike = x.side == y.side && x.path == y.path && x.outcome == y.outcome && !same_credential(t, a, b);
        let joined = t.node(a).twin.is_some() || t.node(b).twin.is_some();
        if one && !joined && (sides || alike) {
            t.node_mut(a, |n| n.twin = Some(b));
            t.node_mut(b, |n| n.twin = Some(a));
        }
    }
}
