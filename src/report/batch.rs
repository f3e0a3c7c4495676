//! Many captures: the causes as a table, then one full block a cause (report-design.md 2.3 p).

use std::fmt::Write as _;

use rustc_hash::FxHashMap;
use unicode_width::UnicodeWidthStr;

use super::build::Block;
use super::model::{Capture, Report};
use super::overview::{problems, told};
use super::text::{Style, block};
use super::words::{count, thousands};

/// More captures than this are a batch.
const CAPTURES: usize = 20;
/// More causes than this are a batch, too.
const CAUSES: usize = 5;
/// Causes that are shown; the rest is counted, unless all were asked for.
const ROWS: usize = 20;
/// Captures that are named in a list.
const NAMED: usize = 20;

/// One cause over all captures.
pub(crate) struct Cause<'b> {
    pub(crate) rule: &'b str,
    pub(crate) captures: usize,
    pub(crate) refused: u64,
    pub(crate) confidence: &'b str,
    pub(crate) hosts: Vec<&'b str>,
    pub(crate) first: &'b Block,
    last: usize,
}

/// Whether a table says more than a list of blocks.
pub(crate) fn fits(report: &Report, blocks: &[Block]) -> bool {
    many(report) || causes(blocks).len() > CAUSES
}

/// Whether those that have nothing to say are counted, not named.
pub(crate) fn many(report: &Report) -> bool {
    report.captures.len() > CAPTURES
}

/// The causes: most captures first, then most refused requests, then by name.
pub(crate) fn causes(blocks: &[Block]) -> Vec<Cause<'_>> {
    let mut list: Vec<Cause<'_>> = Vec::new();
    let mut at: FxHashMap<&str, usize> = FxHashMap::default();
    for b in blocks.iter().filter(|b| b.finding.root_cause) {
        let f = &b.finding;
        let host = host(&f.exchange.url);
        let i = *at.entry(&f.rule).or_insert_with(|| {
            let confidence = &f.confidence;
            list.push(Cause {
                rule: &f.rule,
                captures: 0,
                refused: 0,
                confidence,
                hosts: Vec::new(),
                first: b,
                last: usize::MAX,
            });
            list.len() - 1
        });
        let Some(c) = list.get_mut(i) else { continue };
        c.captures += usize::from(c.last != b.capture);
        c.last = b.capture;
        c.refused += f.explains_count;
        if !host.is_empty() && c.hosts.len() < 1000 && !c.hosts.contains(&host) {
            c.hosts.push(host);
        }
    }
    list.sort_by(|a, b| (b.captures, b.refused, a.rule).cmp(&(a.captures, a.refused, b.rule)));
    list
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, r)| r);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// The text of a batch.
pub(crate) fn render(report: &Report, blocks: &[Block], style: Style) -> String {
    let list = causes(blocks);
    let mut out = headline(report, blocks);
    out.push('\n');
    let shown = if style.verbose { list.as_slice() } else { list.get(..ROWS).unwrap_or(&list) };
    table(&mut out, &list, shown);
    for c in shown {
        out.push('\n');
        out.push_str(&block(c.first, style));
    }
    hygiene(&mut out, blocks, style);
    broken(&mut out, report, style);
    if let Some(first) = list.first() {
        let _ = writeln!(
            out,
            "\nwhy401 check ... --only {} shows every capture of a cause; why401 explain {}",
            first.rule, first.rule
        );
    }
    out
}

/// `2,000 captures: 37 with a cause, 1,960 ok, 2 cut short, 1 not readable`; each capture counts once.
pub(crate) fn headline(report: &Report, blocks: &[Block]) -> String {
    let mut with = vec![false; report.captures.len()];
    for b in blocks.iter().filter(|b| b.finding.root_cause) {
        if let Some(w) = with.get_mut(b.capture) {
            *w = true;
        }
    }
    let (mut cause, mut ok, mut unasked, mut cut, mut unreadable) = (0, 0, 0, 0, 0);
    for (c, with) in report.captures.iter().zip(with) {
        match (with, c.format.is_some(), c.problems.is_empty()) {
            (true, ..) => cause += 1,
            (_, false, _) => unreadable += 1,
            (_, _, false) => cut += 1,
            _ if c.unasked > 0 => unasked += 1,
            _ => ok += 1,
        }
    }
    let rest = [(unasked, "refused, but not as asked"), (cut, "read in part"), (unreadable, "not readable")];
    let rest: String = rest.iter().filter(|(n, _)| *n > 0).map(|(n, t)| format!(", {} {t}", thousands(*n))).collect();
    let all = count(report.captures.len() as u64, "capture");
    format!("{all}: {} with a cause, {} ok{rest}\n", thousands(cause), thousands(ok))
}

fn table(out: &mut String, list: &[Cause<'_>], shown: &[Cause<'_>]) {
    if list.is_empty() {
        return;
    }
    let hosts = |c: &Cause<'_>| match c.hosts.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first, rest @ ..] => format!("{first} +{}", rest.len()),
    };
    let wide = |least: usize, texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0).max(least);
    let cause = wide(18, &mut shown.iter().map(|c| c.rule.len()));
    let host = wide(5, &mut shown.iter().map(|c| hosts(c).width()));
    let _ = writeln!(out, "captures  {:<cause$}  certainty  {:<host$}  first", "cause", "hosts");
    for c in shown {
        let pad = " ".repeat(host.saturating_sub(hosts(c).width()));
        let _ = writeln!(
            out,
            "{:>8}  {:<cause$}  {:<9}  {}{pad}  {}",
            thousands(c.captures as u64),
            c.rule,
            c.confidence,
            hosts(c),
            c.first.file
        );
    }
    if let Some(rest) = list.get(shown.len()..).filter(|r| !r.is_empty()) {
        let captures: usize = rest.iter().map(|c| c.captures).sum();
        let causes = count(rest.len() as u64, "other cause");
        let _ = writeln!(out, "{:>8}  {causes}; --verbose shows them all", thousands(captures as u64));
    }
}

/// Warnings on accepted requests are counted; with `--verbose` the first of each rule is shown.
fn hygiene(out: &mut String, blocks: &[Block], style: Style) {
    let mut seen: Vec<&str> = Vec::new();
    let list: Vec<&Block> = blocks.iter().filter(|b| !b.finding.root_cause && told(b, style)).collect();
    if list.is_empty() {
        return;
    }
    if !style.verbose {
        let _ = writeln!(
            out,
            "\n{} on accepted requests; --verbose shows the first of each kind",
            count(list.len() as u64, "warning")
        );
        return;
    }
    for b in list {
        if !seen.contains(&b.finding.rule.as_str()) {
            seen.push(&b.finding.rule);
            out.push('\n');
            out.push_str(&block(b, style));
        }
    }
}

fn broken(out: &mut String, report: &Report, style: Style) {
    let bad: Vec<&Capture> = report.captures.iter().filter(|c| !c.problems.is_empty()).collect();
    if !bad.is_empty() {
        out.push('\n');
    }
    for c in bad.iter().take(NAMED) {
        match (&c.format, c.problems.first()) {
            (None, Some(p)) => {
                let _ = writeln!(out, "not readable: {}: {}", c.file, p.done);
            }
            _ => out.push_str(problems(c, style.width).trim_end_matches('\n')),
        }
        if c.format.is_some() {
            out.push('\n');
        }
    }
    if let Some(rest) = bad.len().checked_sub(NAMED).filter(|n| *n > 0) {
        let _ = writeln!(out, "and {} with problems", count(rest as u64, "more capture"));
    }
}
