//! A verdict: the sentence, how certain it is, the captured text with marks, what to change.

use std::fmt::Write as _;

use super::text::{breakable, escape, escaped, linked};
use crate::mask::Shown;
use crate::report::build::Block;
use crate::report::rows::{Mark, Row};

/// Characters of a long row on each side of a mark, and of one without marks.
const AROUND: usize = 140;

/// One card. `by`: what stands before the certainty, already escaped; `has`: exchanges with a row to lead to.
pub(super) fn card(out: &mut String, b: &Block, by: &str, id: &str, has: &dyn Fn(u32) -> bool) {
    let f = &b.finding;
    let class = match f.severity.as_str() {
        "error" => "v",
        "warning" => "v w",
        _ => "v n",
    };
    let _ = write!(out, "\n<section class=\"{class}\" id=\"{id}\"><h3>{}</h3>", escaped(&f.message));
    let because = if f.because.is_empty() { "the rows below show it" } else { &f.because };
    let _ = write!(
        out,
        "<p class=\"by\">{by}<span class=\"sev\">{}</span> &middot; <span class=\"m\">{}</span> &middot; {}: {}</p>",
        escaped(&f.severity),
        escaped(&f.rule),
        escaped(&f.confidence),
        escaped(because)
    );
    if !b.legend.is_empty() {
        let _ = write!(out, "<p class=\"by\">{}</p>", escaped(&b.legend));
    }
    out.push_str("<ol class=\"ev\">");
    for row in &b.rows {
        evidence(out, row, has);
    }
    for line in &b.folded {
        out.push_str("<li><i></i><div class=\"row\">");
        linked(out, line, has);
        out.push_str("</div></li>");
    }
    out.push_str("</ol>");
    notes(out, b, has);
    out.push_str("</section>");
}

fn evidence(out: &mut String, row: &Row, has: &dyn Fn(u32) -> bool) {
    if row.gap {
        let _ = write!(out, "<li><i></i><div class=\"row\">{}</div></li>", escaped(&row.text()));
        return;
    }
    let n = row.exchange;
    match (row.opens, has(n)) {
        (true, true) => {
            let _ = write!(out, "<li class=\"g\"><a href=\"#x{n}\">#{n}</a>");
        }
        (true, false) => {
            let _ = write!(out, "<li class=\"g\"><i>#{n}</i>");
        }
        _ => out.push_str("<li><i></i>"),
    }
    out.push_str("<div class=\"m\">");
    breakable(out, &row.lead);
    captured(out, row);
    for m in row.marks.iter().filter(|m| !m.label.is_empty()) {
        let place = m.place.map_or_else(String::new, |(l, c)| format!(" (line {l}, column {c})"));
        let _ = write!(out, "<span class=\"why\">{}{place}</span>", escaped(&m.label));
    }
    out.push_str("</div></li>");
}

/// The captured text: marks as elements, long stretches without any left out.
fn captured(out: &mut String, row: &Row) {
    let mark_of =
        |at: &std::ops::Range<usize>| row.marks.iter().find(|m| m.range.start < at.end && at.start < m.range.end);
    let marked: Vec<Option<&Mark>> = row.pieces.iter().map(|p| mark_of(&p.from)).collect();
    let near = near(&marked);
    let mut plain = String::new();
    let mut open: Option<&Mark> = None;
    let mut skipping = false;
    for ((piece, mark), near) in row.pieces.iter().zip(marked).zip(near) {
        if !near {
            if !skipping {
                plain.push_str(" ... ");
            }
            skipping = true;
            continue;
        }
        skipping = false;
        if open.map(std::ptr::from_ref) != mark.map(std::ptr::from_ref) {
            flush(out, &mut plain, open);
            open = mark;
        }
        plain.push_str(tail(row, &piece).unwrap_or(piece.text));
    }
    flush(out, &mut plain, open);
}

/// ` -> 401` behind a URL is drawn as an arrow that does not leave its status.
fn tail(row: &Row, piece: &Shown<'_>) -> Option<&'static str> {
    let end = row.url.filter(|end| piece.from.start >= *end && !piece.alias)?;
    match piece.text {
        "-" => Some(""),
        ">" => Some("\u{2192}"),
        " " if piece.from.start > end => Some("\u{a0}"),
        _ => None,
    }
}

fn flush(out: &mut String, plain: &mut String, mark: Option<&Mark>) {
    if plain.is_empty() {
        return;
    }
    if let Some(m) = mark {
        out.push_str(if m.primary { "<mark>" } else { "<mark class=\"r\">" });
    }
    breakable(out, plain);
    if mark.is_some() {
        out.push_str("</mark>");
    }
    plain.clear();
}

/// Which pieces are shown: all of a short row, else those near a mark, else the first.
fn near(marked: &[Option<&Mark>]) -> Vec<bool> {
    let all = marked.len() <= AROUND * 3;
    let none = marked.iter().all(Option::is_none);
    let mut out: Vec<bool> = (0..marked.len()).map(|i| all || none && i < AROUND * 2).collect();
    if all || none {
        return out;
    }
    let reach = |out: &mut Vec<bool>, order: &mut dyn Iterator<Item = usize>| {
        let mut left = 0;
        for i in order {
            let here = marked.get(i).is_some_and(Option::is_some);
            left = if here { AROUND + 1 } else { usize::saturating_sub(left, 1) };
            if let Some(o) = out.get_mut(i).filter(|_| left > 0) {
                *o = true;
            }
        }
    };
    reach(&mut out, &mut (0..marked.len()));
    reach(&mut out, &mut (0..marked.len()).rev());
    out
}

fn notes(out: &mut String, b: &Block, has: &dyn Fn(u32) -> bool) {
    let f = &b.finding;
    out.push_str("<dl class=\"fix\">");
    let mut note = |name: &str, text: &str| {
        let _ = write!(out, "<dt>{name}</dt><dd>");
        linked(out, text, has);
        out.push_str("</dd>");
    };
    for (name, text) in [("can say", &b.can_say), ("cannot", &b.cannot_say)] {
        if let Some(t) = text {
            note(name, t);
        }
    }
    if !f.fix.text.is_empty() {
        note("fix", &f.fix.text);
    }
    if !f.fix.paste.is_empty() {
        let _ = write!(
            out,
            "<dd class=\"p\"><div class=\"paste\"><code>{}</code><button class=\"js\" hidden>copy</button></div></dd>",
            escaped(&f.fix.paste.join("\n"))
        );
    }
    let mut note = |name: &str, text: &str| {
        let _ = write!(out, "<dt>{name}</dt><dd>");
        linked(out, text, has);
        out.push_str("</dd>");
    };
    for so in &b.so {
        note("so", so);
    }
    for a in b.or.iter().take(3) {
        let decided = if a.decided_by.is_empty() { String::new() } else { format!("; {} would decide", a.decided_by) };
        note("or", &format!("{}{decided}", a.rule));
    }
    if !f.not_seen.is_empty() {
        note("unseen", &f.not_seen.join(", "));
    }
    out.push_str("</dl>");
}

/// Worst first: causes before all else, then by severity.
pub(super) fn badness(b: &Block) -> (bool, u8) {
    let severity = match b.finding.severity.as_str() {
        "error" => 0,
        "warning" => 1,
        _ => 2,
    };
    (!b.finding.root_cause, severity)
}

/// An alias as a chip; its track gives the border and the colour.
pub(super) fn chip(out: &mut String, alias: &str, track: Option<usize>) {
    let n = track.map_or(0, |t| t + 1);
    let _ = write!(out, "<span class=\"tk t{n}\">");
    escape(out, alias);
    out.push_str("</span>");
}
