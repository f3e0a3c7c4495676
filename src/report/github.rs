//! GitHub Actions: workflow commands (an annotation a cause) and the job summary.

use std::fmt::Write as _;

use super::build::Block;
use super::markdown;
use super::model::Report;
use super::text::location;
use super::words::count;

/// One annotation a finding.
pub fn annotations(blocks: &[Block]) -> String {
    let mut out = String::new();
    for b in blocks.iter().filter(|b| b.finding.root_cause || b.finding.severity != "note") {
        let f = &b.finding;
        let command = if f.severity == "note" { "notice" } else { &f.severity };
        let place = location(b).map_or_else(String::new, |(l, c)| format!(",line={l},col={c}"));
        let fix = if f.fix.text.is_empty() { String::new() } else { format!("\nFix: {}", f.fix.text) };
        let _ = writeln!(
            out,
            "::{command} file={}{place},title={}::{}",
            property(&b.file),
            property(&format!("why401 {}", f.rule)),
            data(&format!("{}{fix}", f.message))
        );
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The job summary: a table of causes.
pub fn summary(report: &Report, blocks: &[Block]) -> String {
    let refused = report.summary.denied;
    let mut out = format!(
        "### why401: {}, {} refused, {} explained\n\n",
        count(report.captures.len() as u64, "capture"),
        count(refused, "request"),
        report.summary.explained
    );
    let causes: Vec<&Block> = blocks.iter().filter(|b| b.finding.root_cause).collect();
    if !causes.is_empty() {
        out.push_str("| where | cause | certainty | what | fix |\n|---|---|---|---|---|\n");
    }
    for b in causes.iter().take(1000) {
        let f = &b.finding;
        let cells = [&format!("{} #{}", b.file, f.exchange.index), &f.rule, &f.confidence, &f.message, &f.fix.text];
        let cells: Vec<String> = cells.iter().map(|c| markdown::cell(c)).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    if causes.len() > 1000 {
        let _ = writeln!(out, "\n{} more are not listed.", causes.len() - 1000);
    }
    for c in report.captures.iter().filter(|c| c.format.is_none()) {
        let why = c.problems.first().map_or("not readable", |p| p.done.as_str());
        let _ = writeln!(out, "\nNot readable: {}: {}", markdown::cell(&c.file), markdown::cell(why));
    }
    out
}
