//! The text of a whole run: every block of a few captures, or a table of causes and one block each.

use std::fmt::Write as _;

use super::batch;
use super::build::Block;
use super::model::{Capture, Report};
use super::text::{Style, block};
use super::words::{count, thousands, wrapped};

/// The whole text of a run.
pub fn render(report: &Report, blocks: &[Block], style: Style) -> String {
    let mut out = captures(report, blocks, style);
    skipped(&mut out, report, style);
    baseline(&mut out, report, style);
    out
}

/// Inputs that were no captures: a count, with `--verbose` the first of them.
fn skipped(out: &mut String, report: &Report, style: Style) {
    let n = report.summary.skipped;
    if n == 0 || style.quiet {
        return;
    }
    let hint = if style.verbose { "" } else { " (--verbose lists them)" };
    let _ = writeln!(out, "skipped: {} that {} no capture{hint}", count(n, "file"), if n == 1 { "is" } else { "are" });
    let shown = if style.verbose { report.skipped.as_slice() } else { &[] };
    for s in shown {
        wrapped(out, "   | ", "   |   ", &format!("{}: {}", s.file, s.reason), style.width);
    }
    if let Some(rest) = n.checked_sub(shown.len() as u64).filter(|r| *r > 0 && style.verbose) {
        let _ = writeln!(out, "   | and {}", count(rest, "more file"));
    }
}

/// What is known and was left out, and what is gone.
fn baseline(out: &mut String, report: &Report, style: Style) {
    let Some(b) = &report.baseline else { return };
    if b.known > 0 && !style.quiet {
        let refused = if b.denied > 0 { format!(" ({})", count(b.denied, "refusal")) } else { String::new() };
        let _ = writeln!(out, "baseline: {} left out{refused}", count(b.known, "known finding"));
    }
    for k in &b.resolved {
        wrapped(out, "baseline: resolved: ", "    ", &format!("{} at {}", k.rule, k.request), style.width);
    }
    if !b.resolved.is_empty() && !style.quiet {
        out.push_str("    why401 baseline --prune takes resolved findings out\n");
    }
}

fn captures(report: &Report, blocks: &[Block], style: Style) -> String {
    if !style.all && !style.quiet && batch::fits(report, blocks) {
        return batch::render(report, blocks, style) + &entries(report, style);
    }
    let many = batch::many(report);
    let mut out = String::new();
    let mut rest = blocks;
    for (i, c) in report.captures.iter().enumerate() {
        let own = rest.partition_point(|b| b.capture <= i);
        let (own, behind) = rest.split_at_checked(own).unwrap_or((rest, &[]));
        rest = behind;
        let silent = many && c.problems.is_empty() && !own.iter().any(|b| told(b, style));
        if !silent {
            capture(&mut out, c, own, style, many);
        }
    }
    // Of many captures, those that have nothing to say are counted.
    if many && !(style.quiet && blocks.iter().any(|b| b.finding.root_cause)) {
        out.push_str(&batch::headline(report, blocks));
    }
    out.push_str(&entries(report, style));
    out
}

/// Entries of the configuration: those that met nothing; with `--verbose` all, with their reasons.
fn entries(report: &Report, style: Style) -> String {
    let mut out = String::new();
    for e in &report.entries {
        let rule = e.rule.as_ref().map_or_else(String::new, |r| format!(" {r}"));
        let name = format!("why401.toml: {}{rule} {} ({})", e.kind, e.path, e.reason);
        match &e.warning {
            Some(w) => wrapped(&mut out, &format!("warning: {name}: "), "    ", w, style.width),
            None if style.verbose => wrapped(
                &mut out,
                &format!("{name}: "),
                "    ",
                &format!("met {}", count(e.matched, "time")),
                style.width,
            ),
            None => {}
        }
    }
    out
}

/// Whether a block is shown: causes and warnings always, notes beside the causes with `--verbose`.
pub(crate) fn told(b: &Block, style: Style) -> bool {
    b.finding.root_cause || style.verbose || b.finding.severity != "note"
}

fn capture(out: &mut String, c: &Capture, own: &[Block], style: Style, many: bool) {
    if let (None, false, Some(p)) = (&c.format, c.refused, c.problems.first()) {
        wrapped(out, &format!("not readable: {}: ", c.file), "    ", &p.done, style.width);
    }
    out.push_str(&problems(c, style.width));
    for b in own.iter().filter(|b| told(b, style)) {
        out.push_str(&block(b, style));
        if !style.quiet {
            out.push('\n');
        }
    }
    let causes: Vec<&Block> = own.iter().filter(|b| b.finding.root_cause).collect();
    if style.verbose {
        not_checked(out, c, style.width);
    }
    if c.format.is_some() && (!style.quiet || causes.is_empty() && !many) {
        let line = verdict_line(c, causes.len(), causes.first().map(|b| b.finding.rule.as_str()));
        let _ = writeln!(out, "{line}");
    }
}

/// Rules that could not look, by what they lack.
fn not_checked(out: &mut String, c: &Capture, width: usize) {
    let mut needs: Vec<(&str, Vec<&str>)> = Vec::new();
    for n in &c.not_checked {
        match needs.iter_mut().find(|(need, _)| *need == n.needs) {
            Some((_, rules)) => rules.push(&n.rule),
            None => needs.push((&n.needs, vec![&n.rule])),
        }
    }
    for (need, rules) in &needs {
        let lead = format!("not checked, without {need}: ");
        wrapped(out, &lead, "    ", &rules.join(", "), width);
    }
    if !needs.is_empty() {
        out.push('\n');
    }
}

/// The last line of a capture with findings, or the one calm line of a healthy one.
fn verdict_line(c: &Capture, causes: usize, first_rule: Option<&str>) -> String {
    if c.exchanges == 0 {
        return format!("nothing to judge: {}: no exchange was read", c.file);
    }
    let aside = aside(c);
    if causes == 0 && c.denied == 0 {
        return calm(c, &aside);
    }
    let head = format!("{}: {}, {} refused{aside}", c.file, count(c.exchanges, "exchange"), thousands(c.denied));
    match (causes, c.unasked) {
        (0, 1..) => format!("{head}, none as asked (--only, --host, --since)"),
        (n, unasked) => {
            let rest =
                if unasked > 0 { format!(", {} not as asked", count(unasked, "refusal")) } else { String::new() };
            let explain = first_rule.map(|r| format!("; why401 explain {r}")).unwrap_or_default();
            format!("{head}, {}{rest}{explain}", count(n as u64, "cause"))
        }
    }
}

/// Refusals that are no failure: `, 2 challenges answered, 1 refusal known`.
fn aside(c: &Capture) -> String {
    let mut out = match c.expected_denials - c.wanted {
        0 => String::new(),
        n => format!(", {} answered", count(n, "challenge")),
    };
    for (n, word) in [(c.wanted, "expected"), (c.ignored_denials, "ignored"), (c.known, "known")] {
        if n > 0 {
            let _ = write!(out, ", {} {word}", count(n, "refusal"));
        }
    }
    out
}

/// Statuses that are named; the rest is counted.
const STATUSES: usize = 3;

/// What was looked at, what failed without being a refusal, and what could not be seen.
fn calm(c: &Capture, aside: &str) -> String {
    let h = &c.healthy;
    let mut parts = vec![count(c.exchanges, "exchange")];
    let more = [(h.logins, "login"), (h.tokens, "token")];
    parts.extend(more.iter().filter(|(n, _)| *n > 0).map(|(n, what)| count(*n as u64, what)));
    let but = failed(c);
    let but = if but.is_empty() { but } else { format!("; {but}") };
    format!("ok: {}: {}{aside}, nothing refused{but}{}", c.file, parts.join(", "), not_seen(c))
}

/// ` (not seen: credentials)`.
pub(crate) fn not_seen(c: &Capture) -> String {
    match c.healthy.not_seen.as_slice() {
        [] => String::new(),
        lacks => format!(" (not seen: {})", lacks.join(", ")),
    }
}

/// What failed without being a refusal: `2 answered 400, 1 got no answer`.
pub(crate) fn failed(c: &Capture) -> String {
    let h = &c.healthy;
    let mut but = Vec::new();
    but.extend(h.failed.iter().take(STATUSES).map(|(status, n)| format!("{} answered {status}", thousands(*n))));
    let rest: u64 = h.failed.iter().skip(STATUSES).map(|f| f.1).sum();
    if rest > 0 {
        but.push(format!("{} answered otherwise", thousands(rest)));
    }
    if h.silent > 0 {
        but.push(format!("{} got no answer", thousands(h.silent)));
    }
    but.join(", ")
}

/// Problems of a capture, each with its place; what was read all the same, if the file ends too early.
pub(crate) fn problems(c: &Capture, width: usize) -> String {
    let mut out = String::new();
    if c.format.is_none() {
        return out;
    }
    for p in &c.problems {
        let lead = format!("problem: {}:{}:{}: ", c.file, p.line, p.column);
        wrapped(&mut out, &lead, "    ", &format!("{} expected; {}", p.expected, p.done), width);
    }
    let ends = c.problems.last().is_some_and(|p| p.bytes[1] >= c.bytes && c.bytes > 0);
    if let (true, Some(last)) = (ends, c.exchanges.checked_sub(1)) {
        let range = if last == 0 { "#0".to_owned() } else { format!("#0 to #{last}") };
        let _ = writeln!(out, "   | read: {range}; what is said below holds for those");
        let _ = writeln!(out, "   | not read: what stood behind the break");
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}
