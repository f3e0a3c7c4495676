//! Several captures of the same traffic: the views of one request are found by request id, else by method, path, status
//! and time, once the clocks have been brought together. Joins by hash and one pass over sorted times, never by search.

use rustc_hash::FxHashMap;

use crate::facts::{Facts, Id, Outcome, StrId};
use crate::http::{Side, Time};

/// Two views of one request begin at most so many microseconds apart: logs count whole seconds, at the end.
const NEAR: i64 = 2_000_000;
/// Differences that are looked at for a clock.
const SAMPLES: usize = 256;

/// What views of one request have in common.
type Key = (StrId, StrId, Outcome);

/// The views of one request, at most one a file.
type Group = Vec<Id>;

/// Brings the clocks of joined captures together: start times are moved to the clock of the first file that has any.
/// Does nothing to a single capture.
pub fn align(facts: &mut Facts) {
    for file in 1..facts.files.len() {
        let groups = groups_before(facts, file);
        let Some(offset) = offset(facts, &groups, file) else { continue };
        // Less than this is how coarse logs are, not how wrong a clock is.
        if offset.abs() < NEAR {
            continue;
        }
        for f in facts.of_file_mut(file) {
            f.start = f.start.map(|s| s.plus(-offset));
        }
    }
}

/// The views of each request that several files show, nearest to the client first.
pub(super) fn views(facts: &Facts) -> Vec<Group> {
    let mut groups = groups_before(facts, facts.files.len());
    groups.retain(|g| g.len() > 1);
    let hop = |id: &Id| facts.get(*id).map_or(0, |f| rank(f.side));
    groups.iter_mut().for_each(|g| g.sort_by_key(|id| (hop(id), *id)));
    groups
}

/// How far from the client a view was taken.
pub(super) fn rank(side: Side) -> u8 {
    match side {
        Side::Client => 0,
        Side::Server => 1,
        Side::Upstream => 2,
    }
}

fn time(facts: &Facts, id: Id) -> Option<Time> {
    facts.get(id).and_then(|f| f.start.or(f.date))
}

fn key(facts: &Facts, id: Id) -> Option<Key> {
    facts.get(id).map(|f| (f.method, f.path, f.outcome))
}

/// The groups of the first `end` files.
fn groups_before(facts: &Facts, end: usize) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for file in 0..end {
        let mut found = by_id(facts, &groups, file);
        by_time(facts, &groups, file, &mut found);
        for f in facts.of_file(file) {
            match found.get(&f.id).and_then(|g| groups.get_mut(*g)) {
                Some(group) => group.push(f.id),
                None => groups.push(vec![f.id]),
            }
        }
    }
    groups
}

/// Whether a fact may join a group: views are taken at different places.
fn fits(facts: &Facts, group: &Group, side: Side) -> bool {
    group.iter().filter_map(|id| facts.get(*id)).all(|f| f.side != side)
}

/// Facts of a file whose request id or trace id stands in exactly one group, and once in the file.
fn by_id(facts: &Facts, groups: &[Group], file: usize) -> FxHashMap<Id, usize> {
    let mut known: FxHashMap<u64, Option<usize>> = FxHashMap::default();
    for (at, group) in groups.iter().enumerate() {
        for n in group.iter().filter_map(|id| facts.get(*id)).flat_map(|f| f.ids()) {
            known.entry(n).and_modify(|k| *k = k.filter(|k| *k == at)).or_insert(Some(at));
        }
    }
    let mut own: FxHashMap<u64, u32> = FxHashMap::default();
    for n in facts.of_file(file).flat_map(|f| f.ids()) {
        *own.entry(n).or_default() += 1;
    }
    let mut found = FxHashMap::default();
    let mut taken = rustc_hash::FxHashSet::default();
    for f in facts.of_file(file) {
        let once = f.ids().filter(|n| own.get(n) == Some(&1));
        let group = once.filter_map(|n| known.get(&n).copied().flatten()).next();
        if let Some(g) = group.filter(|g| groups.get(*g).is_some_and(|g| fits(facts, g, f.side)))
            && taken.insert(g)
        {
            found.insert(f.id, g);
        }
    }
    found
}

/// By key, in order of time.
fn sorted<'f>(
    facts: &Facts,
    ids: impl Iterator<Item = (Id, usize)> + 'f,
) -> FxHashMap<Key, Vec<(Option<Time>, Id, usize)>> {
    let mut out: FxHashMap<Key, Vec<(Option<Time>, Id, usize)>> = FxHashMap::default();
    for (id, group) in ids {
        if let Some(k) = key(facts, id) {
            out.entry(k).or_default().push((time(facts, id), id, group));
        }
    }
    out.values_mut().for_each(|l| l.sort_unstable());
    out
}

/// Pairs what is left by key and time; without times, only where both sides have as many.
fn by_time(facts: &Facts, groups: &[Group], file: usize, found: &mut FxHashMap<Id, usize>) {
    let taken: rustc_hash::FxHashSet<usize> = found.values().copied().collect();
    let free = groups.iter().enumerate().filter(|(at, _)| !taken.contains(at));
    let theirs = sorted(facts, free.filter_map(|(at, g)| Some((*g.last()?, at))));
    let own = facts.of_file(file).filter(|f| !found.contains_key(&f.id)).map(|f| (f.id, 0));
    for (k, mine) in sorted(facts, own.collect::<Vec<_>>().into_iter()) {
        let Some(others) = theirs.get(&k) else { continue };
        let pairs = near(&mine, others).unwrap_or_else(|| in_order(&mine, others));
        for (id, group) in pairs {
            let side = facts.get(id).map_or(Side::Client, |f| f.side);
            if groups.get(group).is_some_and(|g| fits(facts, g, side)) {
                found.insert(id, group);
            }
        }
    }
}

type Timed = [(Option<Time>, Id, usize)];

/// Two pointers over sorted times; `None` if a time is missing.
fn near(mine: &Timed, others: &Timed) -> Option<Vec<(Id, usize)>> {
    if mine.iter().chain(others).any(|(t, ..)| t.is_none()) {
        return None;
    }
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    while let (Some((Some(a), id, _)), Some((Some(b), _, group))) = (mine.get(i), others.get(j)) {
        let apart = *a - *b;
        if apart.abs() <= NEAR {
            out.push((*id, *group));
            i += 1;
            j += 1;
        } else if apart < 0 {
            i += 1;
        } else {
            j += 1;
        }
    }
    Some(out)
}

fn in_order(mine: &Timed, others: &Timed) -> Vec<(Id, usize)> {
    if mine.len() != others.len() {
        return Vec::new();
    }
    mine.iter().zip(others).map(|((_, id, _), (.., group))| (*id, *group)).collect()
}

/// How far the clock of a file is ahead of that of the groups: the median over views with the same id, else over keys
/// that both sides show equally often. `None` if it cannot be told.
fn offset(facts: &Facts, groups: &[Group], file: usize) -> Option<i64> {
    let start = |id: Id| facts.get(id).and_then(|f| f.start);
    let timed = |g: &Group| g.iter().find_map(|id| time(facts, *id));
    let mut samples: Vec<i64> = by_id(facts, groups, file)
        .into_iter()
        .filter_map(|(id, g)| Some(start(id)? - timed(groups.get(g)?)?))
        .collect();
    if samples.is_empty() {
        samples = by_key(facts, groups, file);
    }
    samples.sort_unstable();
    let median = samples.get(samples.len() / 2).copied()?;
    let agree = samples.iter().filter(|s| (**s - median).abs() <= NEAR).count();
    (agree * 5 >= samples.len() * 3).then_some(median)
}

fn by_key(facts: &Facts, groups: &[Group], file: usize) -> Vec<i64> {
    let theirs = sorted(facts, groups.iter().enumerate().filter_map(|(at, g)| Some((*g.last()?, at))));
    let own: Vec<(Id, usize)> = facts.of_file(file).map(|f| (f.id, 0)).collect();
    let mut samples = Vec::new();
    for (k, mine) in sorted(facts, own.into_iter()) {
        let Some(others) = theirs.get(&k).filter(|o| o.len() == mine.len()) else { continue };
        for ((a, id, _), (b, _, group)) in mine.iter().zip(others) {
            let side = facts.get(*id).map_or(Side::Client, |f| f.side);
            let apart = groups.get(*group).is_some_and(|g| fits(facts, g, side));
            if let (Some(a), Some(b), true) = (a, b, apart && samples.len() < SAMPLES) {
                samples.push(*a - *b);
            }
        }
    }
    samples
}
