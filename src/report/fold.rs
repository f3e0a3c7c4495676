//! What a block leaves out: at most three exchanges have rows, the rest is counted.

use super::rows::Row;
use super::words::{ranges, thousands};
use crate::diagnosis::Diagnosis;
use crate::facts::Id;
use crate::mask::{Masker, Piece};
use crate::rule::words::span;
use crate::trace::Trace;

/// Exchanges with rows.
const SHOWN: usize = 3;
/// Longer routes are not named.
const ROUTE: usize = 44;

/// Whether two rows of an exchange quote the same text, so that one row can bear the marks of both.
pub(crate) fn same_text(known: &Row, row: &Row) -> bool {
    let seen = |m: &super::rows::Mark| {
        known.pieces.iter().any(|p| p.from.start <= m.range.start && p.from.end > m.range.start)
    };
    !row.gap
        && !row.source.is_empty()
        && known.source == row.source
        && known.lead == row.lead
        && row.marks.iter().all(|m| seen(m) || known.pieces == row.pieces)
}

/// Keeps the rows of three exchanges: the subject's, those with a primary mark, then the earliest.
pub(crate) fn at_most_three(rows: Vec<Row>, subject: Id) -> Vec<Row> {
    let mut ids: Vec<Id> = rows.iter().filter(|r| !r.gap).map(|r| r.exchange).collect();
    ids.dedup();
    if ids.len() <= SHOWN {
        return rows;
    }
    let primary = |id: Id| rows.iter().any(|r| r.exchange == id && r.marks.iter().any(|m| m.primary));
    let mut wanted: Vec<(u8, usize, Id)> = ids
        .iter()
        .enumerate()
        .map(|(at, id)| {
            (
                if *id == subject {
                    0
                } else if primary(*id) {
                    1
                } else {
                    2
                },
                at,
                *id,
            )
        })
        .collect();
    wanted.sort_unstable();
    let kept: Vec<Id> = wanted.into_iter().take(SHOWN).map(|w| w.2).collect();
    let mut out: Vec<Row> = Vec::new();
    let mut left: Vec<Id> = Vec::new();
    for row in rows {
        if kept.contains(&row.exchange) {
            if !left.is_empty() {
                out.push(gap(row.exchange, &format!("{} left out", ranges(&left, 0))));
                left.clear();
            }
            out.push(row);
        } else if !row.gap && left.last() != Some(&row.exchange) {
            left.push(row.exchange);
        }
    }
    out
}

fn gap(exchange: Id, text: &str) -> Row {
    let piece = Piece { from: 0..text.len(), shown: text.to_owned(), alias: false };
    Row { exchange, gap: true, pieces: vec![piece].into(), ..Row::default() }
}

/// Shows how the client went on after a failure: the rows of the first consequence, its marks as related ones.
pub(crate) fn went_on(trace: &Trace<'_>, rows: &mut Vec<Row>, more: Vec<Row>, subject: Id, next: Id) {
    let mut ids: Vec<Id> = rows.iter().map(|r| r.exchange).collect();
    ids.dedup();
    if ids.len() >= SHOWN || ids.contains(&next) || trace.position(next) < trace.position(subject) {
        return;
    }
    let between = trace.ex(subject).end().zip(trace.ex(next).start()).map(|(a, b)| b - a).filter(|t| *t >= 0);
    if let Some(t) = between {
        let when = match t {
            0..100_000 => "at once".to_owned(),
            100_000..10_000_000 => format!("{}.{} s later", t / 1_000_000, t / 100_000 % 10),
            _ => format!("{} later", span(t / 1_000_000)),
        };
        rows.push(gap(next, &format!("{when} the client went on")));
    }
    rows.extend(more.into_iter().filter(|r| r.exchange == next && !r.gap).map(|mut r| {
        r.marks.iter_mut().for_each(|m| m.primary = false);
        r
    }));
}

/// Refused requests of a story that no row shows.
struct Rest {
    ids: Vec<Id>,
    /// How many more, whose numbers were not kept.
    more: u64,
    /// How many, and `/api/4.0/looks/{n}`: one route of several requests.
    route: Option<(String, String)>,
}

fn rest(trace: &Trace<'_>, masker: &mut Masker, rows: &[Row], d: &Diagnosis) -> Option<Rest> {
    let shown: Vec<Id> = rows.iter().filter(|r| !r.gap).map(|r| r.exchange).collect();
    let mut left: Vec<Id> = d.root.explains.iter().copied().filter(|i| !shown.contains(i)).collect();
    left.sort_unstable();
    left.dedup();
    let route = trace.ex(*left.first()?).fact().route;
    let one = left.len() > 1 && left.iter().all(|i| trace.ex(*i).fact().route == route);
    let shape = trace.text(route).split_once(' ').map_or("", |(_, path)| path).replace("{}", "{n}");
    let (ids, more) = trace.with_like(&left);
    let n = thousands(ids.len() as u64 + more);
    let named = one && !shape.is_empty() && shape.len() <= ROUTE;
    let route = named.then(|| (n, masker.text(&shape)));
    Some(Rest { ids, more, route })
}

/// `#2 to #5: refused too, 4 more to /api/4.0/looks/{n}`: requests that failed for what followed from the cause. Those that
/// failed for the very same reason are told by [`so`].
pub(crate) fn folded(trace: &Trace<'_>, masker: &mut Masker, rows: &[Row], d: &Diagnosis) -> Vec<String> {
    let mut rules: Vec<&str> = followers(d).collect();
    let Some(rest) = rest(trace, masker, rows, d).filter(|_| !rules.is_empty()) else { return Vec::new() };
    rules.sort_unstable();
    rules.dedup();
    let same = if rules.len() > 1 { "refused too" } else { "the same" };
    let route = rest.route.map_or_else(String::new, |(n, shape)| format!(", {n} more to {shape}"));
    vec![format!("{}: {same}{route}", ranges(&rest.ids, rest.more))]
}

/// `#1 to #5 were refused because of it (blank-token)`.
pub(crate) fn so(trace: &Trace<'_>, masker: &mut Masker, rows: &[Row], d: &Diagnosis) -> Vec<String> {
    let (mut ids, more) = trace.with_like(&d.root.explains);
    ids.retain(|i| *i != d.root.subject);
    if ids.is_empty() {
        return Vec::new();
    }
    let mut rules: Vec<&str> = followers(d).collect();
    rules.sort_unstable();
    rules.dedup();
    let verb = if ids.len() == 1 { "was" } else { "were" };
    let why = match rules.is_empty() {
        false => format!("because of it ({})", rules.join(", ")),
        true => {
            let route = rest(trace, masker, rows, d).and_then(|r| r.route);
            let route = route.map_or_else(String::new, |(n, shape)| format!(", {n} of them at {shape}"));
            format!("for the same reason{route}")
        }
    };
    vec![format!("{} {verb} refused {why}", ranges(&ids, more))]
}

/// Rules of what follows from a cause and is a refusal itself.
fn followers(d: &Diagnosis) -> impl Iterator<Item = &'static str> + '_ {
    d.consequences.iter().filter(|c| c.rule.tier.is_some()).map(|c| c.rule.name)
}
