//! The page of one capture, or of joined ones: verdicts, the sequence, tokens, what could not be seen, exchanges.

use std::fmt::Write as _;

use rustc_hash::FxHashSet;

use super::card::{badness, card, chip};
use super::text::escaped;
use super::{exchanges, table};
use crate::report::build::Block;
use crate::report::model::{Capture, Report};
use crate::report::overview::{self, told};
use crate::report::sequence::{Row, Sequence};
use crate::report::text::Style;
use crate::report::words::{count, thousands};

/// Title, body, what j and k do.
pub(super) fn page(report: &Report, c: &Capture, blocks: &[Block]) -> (String, String, &'static str) {
    let head = headline(std::slice::from_ref(c), blocks);
    (format!("{}: {head}", c.file), body(report, &head, blocks), KEYS)
}

/// The same for captures that were judged as one.
pub(super) fn joined(report: &Report, blocks: &[Block]) -> (String, String, &'static str) {
    let head = headline(&report.captures, blocks);
    (head.clone(), body(report, &head, blocks), KEYS)
}

const KEYS: &str = "next and previous refused";

/// `2 causes explain all 5 refused requests`.
fn headline(captures: &[Capture], blocks: &[Block]) -> String {
    if let [Capture { format: None, .. }] = captures {
        return "Not readable".to_owned();
    }
    let denied: u64 = captures.iter().map(|c| c.denied).sum();
    let causes = blocks.iter().filter(|b| b.finding.root_cause).count() as u64;
    let explained: u64 = blocks.iter().filter(|b| b.finding.root_cause).map(|b| b.finding.explains_count).sum();
    let verb = if causes == 1 { "explains" } else { "explain" };
    match (causes, denied) {
        (0, 0) => {
            let n = captures.iter().map(|c| c.exchanges).sum();
            format!("Nothing was refused in {}", count(n, "exchange"))
        }
        (0, n) => format!("{} without a visible cause", count(n, "refused request")),
        (n, 0) => count(n, "cause"),
        (n, 1) if explained >= 1 => format!("{} {verb} the refused request", count(n, "cause")),
        (n, 2) if explained >= 2 => format!("{} {verb} both refused requests", count(n, "cause")),
        (n, d) if explained >= d => format!("{} {verb} all {} refused requests", count(n, "cause"), thousands(d)),
        (n, d) => {
            let rest = d - explained;
            let has = if rest == 1 { "has" } else { "have" };
            let (e, d, rest) = (thousands(explained), thousands(d), thousands(rest));
            format!("{} {verb} {e} of {d} refused requests; {rest} {has} no visible cause", count(n, "cause"))
        }
    }
}

fn body(report: &Report, head: &str, blocks: &[Block]) -> String {
    let mut out = String::new();
    let seq = report.sequence.as_deref();
    if seq.is_some() {
        out.push_str("<a class=\"skip\" href=\"#seq\">to the sequence</a>");
    }
    let _ = write!(out, "<header><h1>{}</h1>", escaped(head));
    for (i, c) in report.captures.iter().enumerate() {
        about(&mut out, c, seq.filter(|_| i == 0));
    }
    out.push_str("</header>");
    if blocks.iter().any(|b| told(b, Style::default())) {
        out.push_str("<h2 class=\"vh\">Verdicts</h2>");
    }
    let ids: FxHashSet<u32> = seq.map(numbers).unwrap_or_default();
    let has = |n: u32| ids.contains(&n);
    let mut shown: Vec<&Block> = blocks.iter().filter(|b| told(b, Style::default())).collect();
    shown.sort_by_key(|b| badness(b));
    for (i, b) in shown.iter().enumerate() {
        card(&mut out, b, "", &format!("f{}", i + 1), &has);
    }
    if let Some(s) = seq {
        table::sequence(&mut out, s, report, &shown);
        tokens(&mut out, s);
    }
    unseen(&mut out, report);
    if let Some(s) = seq {
        exchanges::list(&mut out, s);
    }
    out
}

fn numbers(s: &Sequence) -> FxHashSet<u32> {
    let id = |r: &Row| if let Row::Exchange(e) = r { Some(e.id) } else { None };
    s.rows.iter().filter_map(id).collect()
}

/// `session.har - mitmproxy - 14 exchanges, 3 hosts - 2026-05-05 09:26:19 to 10:28:44 UTC`.
fn about(out: &mut String, c: &Capture, seq: Option<&Sequence>) {
    let _ = write!(out, "<p><span class=\"m\">{}</span>", escaped(&c.file));
    if let Some(from) = c.recorder.as_ref().or(c.format.as_ref()) {
        let _ = write!(out, " &middot; {}", escaped(from));
    }
    if c.format.is_some() {
        let _ = write!(out, " &middot; {}", count(c.exchanges, "exchange"));
    }
    if let Some(s) = seq.filter(|s| s.hosts_count > 0) {
        let _ = write!(out, ", {}", count(s.hosts_count as u64, "host"));
    }
    if let Some((from, to)) = seq.and_then(|s| s.span.as_ref()) {
        let day = |t: &str| t.split(' ').next().unwrap_or_default().to_owned();
        let short = if day(from) == day(to) { to.split_once(' ').map_or(to.as_str(), |t| t.1) } else { to };
        let _ = write!(out, " &middot; {}", escaped(if from == to { from } else { from.trim_end_matches(" UTC") }));
        if from != to {
            let _ = write!(out, " to {}", escaped(short));
        }
    }
    out.push_str("</p>");
    let but = overview::failed(c);
    if !but.is_empty() {
        let _ = write!(out, "<p>{}</p>", escaped(&but));
    }
}

fn tokens(out: &mut String, s: &Sequence) {
    if s.tokens.is_empty() {
        return;
    }
    out.push_str(
        "\n<h2>Tokens</h2>\n<table class=\"tb stack\"><thead><tr><th scope=\"col\">alias</th><th scope=\"col\">value</th>\
         <th scope=\"col\">issued</th><th scope=\"col\" class=\"o\">life</th><th scope=\"col\">accepted by</th>\
         <th scope=\"col\">refused by</th></tr></thead><tbody>",
    );
    for (i, t) in s.tokens.iter().enumerate() {
        out.push_str("<tr><th scope=\"row\" data-l=\"alias\">");
        chip(out, &t.alias, table::track(i));
        let issued = t.issued.as_ref().map_or_else(
            || "not in this capture".to_owned(),
            |(id, host)| format!("<a href=\"#x{id}\">#{id}</a> {}", escaped(host)),
        );
        let life = if t.life.is_empty() { "not known".to_owned() } else { escaped(&t.life) };
        let _ = write!(
            out,
            "</th><td data-l=\"value\"><span class=\"m\">{}</span> {}</td><td data-l=\"issued\">{issued}</td>\
             <td class=\"o\" data-l=\"life\">{life}</td><td data-l=\"accepted by\">{}</td><td data-l=\"refused by\">{}</td></tr>",
            escaped(&t.shown),
            escaped(&t.kind.replace('_', " ")),
            hosts(&t.accepted),
            hosts(&t.refused)
        );
    }
    out.push_str("</tbody></table>");
    if s.more_tokens > 0 {
        let _ = write!(out, "<p class=\"cuts\">and {}</p>", count(s.more_tokens as u64, "more token"));
    }
}

fn hosts(list: &[(String, u64)]) -> String {
    let times = |n: u64| match n {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        n => format!("{} times", thousands(n)),
    };
    let parts: Vec<String> = list.iter().map(|(h, n)| format!("{} {}", escaped(h), times(*n))).collect();
    if parts.is_empty() { "never".to_owned() } else { parts.join("; ") }
}

/// What could not be seen, and what could not be read.
fn unseen(out: &mut String, report: &Report) {
    out.push_str("\n<h2>What could not be seen</h2>\n<ul class=\"p\">");
    let from = out.len();
    for c in &report.captures {
        for p in &c.problems {
            let _ = write!(
                out,
                "<li>line {}, column {}: {} expected; {}</li>",
                p.line,
                p.column,
                escaped(&p.expected),
                escaped(&p.done)
            );
        }
        if !c.healthy.not_seen.is_empty() {
            let _ = write!(out, "<li>not recorded: {}</li>", escaped(&c.healthy.not_seen.join(", ")));
        }
        let mut needs: Vec<(&str, u64)> = Vec::new();
        for n in &c.not_checked {
            match needs.iter_mut().find(|(need, _)| *need == n.needs) {
                Some((_, rules)) => *rules += 1,
                None => needs.push((&n.needs, 1)),
            }
        }
        for (need, rules) in needs {
            let _ = write!(out, "<li>{} could not look without {}</li>", count(rules, "rule"), escaped(need));
        }
    }
    if out.len() == from {
        out.push_str("<li>nothing that a rule asked for</li>");
    }
    out.push_str("</ul>");
}
