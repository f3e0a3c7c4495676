//! The tokens of a capture: which have a track, and what is told of each.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{TRACKS, Token, Verdict, verdict, when};
use crate::facts::{Id, Kind, ValueId};
use crate::mask::Masker;
use crate::report::build::kind_word;
use crate::rule::words::span;
use crate::trace::{Ex, Life, Trace};

/// Tokens that are told; the rest is counted.
const TOLD: usize = 50;
/// Hosts that are told of one token.
const HOSTS: usize = 4;

/// The tokens that are told: first those with a track.
#[derive(Default)]
pub(super) struct Chosen {
    /// In order of first sight, those with a track before the others.
    pub(super) list: Vec<ValueId>,
    /// How many are not told.
    pub(super) more: usize,
    stats: FxHashMap<ValueId, Stat>,
}

#[derive(Default)]
struct Stat {
    seen: usize,
    accepted: Vec<(String, u64)>,
    refused: Vec<(String, u64)>,
}

impl Chosen {
    /// The track of a value.
    pub(super) fn track(&self, value: ValueId) -> Option<usize> {
        self.list.iter().take(TRACKS).position(|v| *v == value)
    }
}

/// The credentials that a request carries, each once.
pub(super) fn carried(ex: Ex<'_>) -> Vec<ValueId> {
    let mut out: Vec<ValueId> = Vec::new();
    for v in ex.credentials().map(|u| u.value).chain(ex.refresh_tokens()) {
        if out.len() < TRACKS && !out.contains(&v) {
            out.push(v);
        }
    }
    out
}

/// Chooses the tokens: refused ones first, then those that the capture shows being issued.
pub(super) fn choose(trace: &Trace<'_>, wanted: &FxHashSet<Id>) -> Chosen {
    let mut stats: FxHashMap<ValueId, Stat> = FxHashMap::default();
    for (at, ex) in trace.all().enumerate() {
        for value in carried(ex) {
            let s = stats.entry(value).or_insert_with(|| Stat { seen: at, ..Stat::default() });
            match verdict(ex, wanted) {
                Verdict::Accepted => count(&mut s.accepted, ex, trace.weight(ex.id())),
                Verdict::Refused => count(&mut s.refused, ex, trace.weight(ex.id())),
                _ => {}
            }
        }
        for value in ex.node().issued.iter().filter(|v| trace.life(**v).is_some_and(names_itself)) {
            stats.entry(*value).or_insert_with(|| Stat { seen: at, ..Stat::default() });
        }
    }
    let mut list: Vec<(bool, bool, usize, ValueId)> = stats
        .iter()
        .map(|(v, s)| (s.refused.is_empty(), trace.life(*v).is_none_or(|l| l.issued.is_empty()), s.seen, *v))
        .collect();
    list.sort_unstable();
    let more = list.len().saturating_sub(TOLD);
    list.truncate(TOLD);
    let told = list.len();
    let (tracked, others) = list.split_at_mut(TRACKS.min(told));
    tracked.sort_unstable_by_key(|t| (t.2, t.3));
    others.sort_unstable_by_key(|t| (t.2, t.3));
    Chosen { list: list.into_iter().map(|t| t.3).collect(), more, stats }
}

/// A token by its own name: it is told even if nobody uses it.
fn names_itself(life: &Life) -> bool {
    matches!(life.kind, Kind::Token | Kind::Refresh | Kind::IdToken | Kind::ApiKey)
}

/// Counts a use at its host; hosts beyond the first few share one count.
fn count(list: &mut Vec<(String, u64)>, ex: Ex<'_>, n: u64) {
    let known = list.iter().any(|(h, _)| h == ex.host());
    let host = if known || list.len() < HOSTS { ex.host() } else { "other hosts" };
    match list.iter_mut().find(|(h, _)| h == host) {
        Some((_, uses)) => *uses += n,
        None => list.push((host.to_owned(), n)),
    }
}

/// What is told of the chosen tokens.
pub(super) fn told(trace: &Trace<'_>, masker: &mut Masker, chosen: &Chosen) -> Vec<Token> {
    chosen.list.iter().filter_map(|v| one(trace, masker, *v, chosen.stats.get(v)?)).collect()
}

fn one(trace: &Trace<'_>, masker: &mut Masker, value: ValueId, s: &Stat) -> Option<Token> {
    let life = trace.life(value)?;
    let bytes = trace.facts.values.get(value);
    let hosts = |m: &mut Masker, list: &[(String, u64)]| list.iter().map(|(h, n)| (m.text(h), *n)).collect();
    Some(Token {
        alias: masker.alias(bytes, life.kind),
        kind: kind_word(life.kind, life.jwt.is_some()).to_owned(),
        shown: masker.apart(|m| m.secret(bytes, life.kind)),
        issued: life.issued.first().map(|i| (i.by, masker.text(trace.ex(i.by).host()))),
        life: lived(trace, masker, life),
        accepted: hosts(masker, &s.accepted),
        refused: hosts(masker, &s.refused),
    })
}

/// `1 h; replaced by T2 in #4`.
fn lived(trace: &Trace<'_>, masker: &mut Masker, life: &Life) -> String {
    let mut parts = Vec::new();
    if let Some(secs) = life.issued.first().and_then(|i| i.lifetime) {
        parts.push(span(secs));
    }
    if let Some((with, by)) = life.replaced {
        let kind = trace.life(with).map_or(life.kind, |l| l.kind);
        parts.push(format!("replaced by {} in #{by}", masker.alias(trace.facts.values.get(with), kind)));
    }
    if let Some(by) = life.ended_by.first() {
        parts.push(format!("ended by #{by}"));
    }
    parts.join("; ")
}

/// When a token expires by the capture's clock, and the words for it. Only where one answer issued it, and nothing ended
/// it before.
pub(super) fn expiry(trace: &Trace<'_>, value: ValueId) -> Option<(i64, String)> {
    let life = trace.life(value)?;
    let [issued] = life.issued.as_slice() else { return None };
    let by = trace.ex(issued.by);
    let (at, words) = match (issued.lifetime, issued.expires_at) {
        (Some(secs), _) => {
            let at = when(by)?.saturating_add(secs.saturating_mul(1_000_000));
            (at, format!("{} after #{}", span(secs), issued.by))
        }
        (None, Some(end)) => {
            let offset = trace.clocks.offset(by.fact().origin).unwrap_or(0);
            (end.0.saturating_sub(offset), format!("as #{} said", issued.by))
        }
        (None, None) => return None,
    };
    let ends = life.ended_by.iter().copied().chain(life.replaced.map(|r| r.1));
    let ended = ends.filter_map(|id| when(trace.ex(id))).min();
    ended.is_none_or(|e| e > at).then_some((at, words))
}
