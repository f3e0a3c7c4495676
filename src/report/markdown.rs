//! Markdown for a ticket: each cause in a sentence, its evidence, and the sequence as a Mermaid diagram.

use std::fmt::Write as _;

use super::build::Block;
use super::model::{Capture, Finding, Report};
use super::overview::{failed, not_seen, problems, told};
use super::rows::Row;
use super::text::{Style, block};
use super::words::{count, thousands};

/// Hosts that get a lane in a diagram.
const LANES: usize = 6;

/// The report as Markdown.
pub fn render(report: &Report, blocks: &[Block]) -> String {
    let mut out = String::new();
    let mut rest = blocks;
    for (i, c) in report.captures.iter().enumerate() {
        let (own, behind) = rest.split_at_checked(rest.partition_point(|b| b.capture <= i)).unwrap_or((rest, &[]));
        rest = behind;
        let _ = writeln!(out, "## {}\n", cell(&c.file));
        let said = problems(c, 100);
        if !said.is_empty() {
            let _ = writeln!(out, "{}", fenced("text", said.trim_end()));
        }
        let shown: Vec<&Block> = own.iter().filter(|b| told(b, Style::default())).collect();
        if c.format.is_none() {
            let why = c.problems.first().map_or("not readable", |p| p.done.as_str());
            let _ = writeln!(out, "Not readable: {}\n", cell(why));
        } else if shown.is_empty() {
            let _ = writeln!(out, "{}.\n", cell(&nothing(c)));
        }
        for b in shown {
            cause(&mut out, b);
        }
    }
    out
}

/// What is said of a capture without findings.
fn nothing(c: &Capture) -> String {
    let exchanges = count(c.exchanges, "exchange");
    if c.denied > 0 {
        return format!("{exchanges}, {} refused, none as asked", thousands(c.denied));
    }
    let but = failed(c);
    let but = if but.is_empty() { but } else { format!("; {but}") };
    format!("{exchanges}, nothing refused{but}{}", not_seen(c))
}

fn cause(out: &mut String, b: &Block) {
    let f = &b.finding;
    let _ = writeln!(out, "**{}** (`{}`, {})\n", cell(&f.message), f.rule, f.confidence);
    if !f.fix.text.is_empty() {
        let _ = writeln!(out, "Fix: {}.\n", cell(&f.fix.text));
    }
    if !f.fix.paste.is_empty() {
        let _ = writeln!(out, "{}", fenced("", &f.fix.paste.join("\n")));
    }
    for so in &b.so {
        let _ = writeln!(out, "Also: {}.\n", cell(so));
    }
    let _ = writeln!(out, "{}", fenced("text", block(b, Style::default()).trim_end()));
    if let Some(diagram) = diagram(b) {
        let _ = writeln!(out, "{diagram}");
    }
}

/// A fence longer than any run of backticks inside.
fn fenced(info: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{info}\n{text}\n{fence}\n")
}

/// Text that stays text in Markdown, also in a table.
pub(crate) fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

/// One step of a diagram: the exchange as it is opened in the block.
struct Step<'b> {
    number: u32,
    method: &'b str,
    host: &'b str,
    path: &'b str,
    status: &'b str,
}

fn steps(b: &Block) -> Vec<(u32, String)> {
    b.rows.iter().filter(|r| r.opens && r.url.is_some()).map(|r: &Row| (r.exchange, r.text())).collect()
}

/// `METHOD URL -> STATUS` in its parts.
fn step(number: u32, line: &str) -> Option<Step<'_>> {
    let (method, rest) = line.split_once(' ')?;
    let (url, status) = rest.rsplit_once(" -> ")?;
    let (_, behind) = url.split_once("//")?;
    let end = behind.find(['/', '?', '#']).unwrap_or(behind.len());
    let (host, path) = behind.split_at_checked(end)?;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    Some(Step { number, method, host, path: if path.is_empty() { "/" } else { path }, status })
}

/// The exchanges of a block between the client and its hosts.
fn diagram(b: &Block) -> Option<String> {
    let lines = steps(b);
    let list: Vec<Step<'_>> = lines.iter().filter_map(|(n, l)| step(*n, l)).collect();
    if list.is_empty() {
        return None;
    }
    let mut hosts: Vec<&str> = Vec::new();
    for s in &list {
        if !hosts.contains(&s.host) && hosts.len() < LANES {
            hosts.push(s.host);
        }
    }
    let mut out = String::from("```mermaid\nsequenceDiagram\n  participant C as client\n");
    for (i, host) in hosts.iter().enumerate() {
        let _ = writeln!(out, "  participant H{i} as {}", mermaid(host));
    }
    for s in &list {
        let Some(lane) = hosts.iter().position(|h| *h == s.host) else { continue };
        let refused = refused(&b.finding, s);
        let (there, back) = if refused { ("-x", "--x") } else { ("->>", "-->>") };
        let _ = writeln!(
            out,
            "  C{there}H{lane}: {} {} {}",
            mermaid(&format!("#{}", s.number)),
            mermaid(s.method),
            mermaid(s.path)
        );
        let _ = writeln!(out, "  H{lane}{back}C: {}", mermaid(s.status));
    }
    out.push_str("```\n");
    Some(out)
}

fn refused(f: &Finding, s: &Step<'_>) -> bool {
    f.root_cause && (f.explains.iter().any(|p| p.index == u64::from(s.number)))
}

/// Text that a diagram takes as text.
fn mermaid(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            ';' => out.push_str("#59;"),
            '#' => out.push_str("#35;"),
            '<' => out.push_str("#60;"),
            '>' => out.push_str("#62;"),
            '"' => out.push_str("#34;"),
            '`' => out.push_str("#96;"),
            '\n' | '\r' => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}
