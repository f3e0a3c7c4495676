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
    Row { exchange, gap: true, pieces: vec![piece], ..Row::default() }
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

/// The refused requests of a story that no row shows: `#2 to #5: the same, 4 more to /api/4.0/looks/{n}`.
pub(crate) fn folded(trace: &Trace<'_>, masker: &mut Masker, rows: &[Row], d: &Diagnosis) -> Vec<String> {
    let shown: Vec<Id> = rows.iter().filter(|r| !r.gap).map(|r| r.exchange).collect();
    let mut rest: Vec<Id> = d.root.explains.iter().copied().filter(|i| !shown.contains(i)).collect();
    rest.sort_unstable();
    rest.dedup();
    let Some(first) = rest.first() else { return Vec::new() };
    let mut rules: Vec<&str> = d.consequences.iter().map(|c| c.rule.name).collect();
    rules.sort_unstable();
    rules.dedup();
    let same = if rules.len() > 1 { "refused too" } else { "the same" };
    let (all, more) = trace.with_like(&rest);
    let mut text = format!("{}: {same}", ranges(&all, more));
    let route = trace.ex(*first).fact().route;
    let one_route = rest.iter().all(|i| trace.ex(*i).fact().route == route);
    let shape = trace.text(route).split_once(' ').map_or("", |(_, path)| path).replace("{}", "{n}");
    if rest.len() > 1 && one_route && !shape.is_empty() && shape.len() <= ROUTE {
        text.push_str(&format!(", {} more to {}", thousands(all.len() as u64 + more), masker.text(&shape)));
    }
    vec![text]
}
