//! Guard G9: refusals that something in front of the API gave: a firewall, a content network, a proxy.

use rustc_hash::FxHashMap;

use super::{Ex, Foreign, Said, Trace};
use crate::facts::{Id, Media, StrId};
use crate::provider::{Class as Says, Where};

/// How an origin answers when it answers by itself.
#[derive(Default)]
struct Habit {
    json: u32,
    pages: u32,
    /// `Server` of its JSON answers, each once.
    servers: Vec<StrId>,
}

/// Marks the refusals that are not the API's own.
pub(super) fn all(t: &mut Trace<'_>) {
    let mut habits: FxHashMap<StrId, Habit> = FxHashMap::default();
    for f in &t.facts.list {
        let h = habits.entry(f.origin).or_default();
        match f.media {
            Media::Json => {
                h.json += 1;
                if f.server.0 != 0 && h.servers.len() < 8 && !h.servers.contains(&f.server) {
                    h.servers.push(f.server);
                }
            }
            Media::Html if (200..400).contains(&f.outcome.code()) => h.pages += 1,
            _ => {}
        }
    }
    let found: Vec<(Id, Foreign)> =
        t.all().filter_map(|ex| Some((ex.id(), sign(&ex, habits.get(&ex.fact().origin)?)?))).collect();
    for (id, sign) in found {
        t.node_mut(id, |n| {
            n.foreign = Some(sign);
            // The form of an answer alone says nothing in words.
            if sign == Foreign::Head {
                n.said.push(Said { class: Says::Intermediary, vague: false });
            }
        });
    }
}

fn sign(ex: &Ex<'_>, habit: &Habit) -> Option<Foreign> {
    if !ex.denied() || !matches!(ex.status(), 401 | 403) {
        return None;
    }
    let hits = &ex.detail()?.hits;
    let told = |place: Where, weak: bool| {
        hits.iter().any(|h| h.class == Says::Intermediary && h.place == place && h.weak == weak)
    };
    // An address rule may speak of permission in the same words; with a credential the API itself may have decided,
    // unless a page stands where the API answers JSON.
    let text = hits.iter().find(|h| h.class == Says::Intermediary && h.place == Where::Body && !h.weak);
    let shared = |t: &crate::provider::Hit| hits.iter().any(|h| h.class == Says::Permission && h.at == t.at);
    let odd = ex.fact().media == Media::Html && habit.json > 0 && habit.pages == 0 && ex.fact().flags.api_like();
    if text.is_some_and(|t| !shared(t) || ex.bare() || odd) {
        return Some(Foreign::Text);
    }
    let page = matches!(ex.fact().media, Media::Html | Media::Text);
    let cause = ex.node().said.iter().any(|s| !matches!(s.class, Says::Intermediary | Says::Permission));
    if !page || cause || !ex.challenges().is_empty() {
        return None;
    }
    if told(Where::Header, false) {
        return Some(Foreign::Head);
    }
    let other = ex.fact().server.0 != 0 && !habit.servers.is_empty() && !habit.servers.contains(&ex.fact().server);
    let passing = told(Where::Header, true) || told(Where::Body, true);
    (odd && (other || passing)).then_some(Foreign::Form)
}
