//! The text report: verdict first, the captured text with marks, what to change (report-design.md section 2).

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::build::Block;
use super::model::{Capture, Report};
use super::rows::Row;

/// How the text is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Columns.
    pub width: usize,
    /// ANSI colours.
    pub colour: bool,
    /// One line a cause.
    pub quiet: bool,
    /// Hygiene and what could not be checked.
    pub verbose: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { width: 100, colour: false, quiet: false, verbose: false }
    }
}

const RED: &str = "\x1b[1;31m";
const YELLOW: &str = "\x1b[1;33m";
const CYAN: &str = "\x1b[1;36m";
const BLUE: &str = "\x1b[34m";
const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const OFF: &str = "\x1b[0m";

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        if self.colour && !text.is_empty() { format!("{code}{text}{OFF}") } else { text.to_owned() }
    }
}

/// One block of the report.
pub fn block(b: &Block, style: Style) -> String {
    let mut out = String::new();
    head(&mut out, b, style);
    if style.quiet {
        return out;
    }
    let primary = b
        .rows
        .iter()
        .find(|r| r.primary && r.place.is_some())
        .or_else(|| b.rows.iter().rev().find(|r| r.place.is_some()));
    let place = primary.and_then(|r| r.place).map_or_else(String::new, |(l, c)| format!(":{l}:{c}"));
    let _ = writeln!(out, "  {} {}{place}", style.paint(BLUE, "-->"), b.file);
    out.push_str("   |\n");
    for row in &b.rows {
        write_row(&mut out, row, style, severity_colour(&b.finding.severity));
    }
    if let Some(folded) = folded(b) {
        wrapped(&mut out, "   : ", "     ", &folded, style.width);
    }
    out.push_str("   |\n");
    notes(&mut out, b, style);
    out
}

fn severity_colour(severity: &str) -> &'static str {
    match severity {
        "error" => RED,
        "warning" => YELLOW,
        _ => CYAN,
    }
}

fn head(out: &mut String, b: &Block, style: Style) {
    let lead = format!("{}[{}]: ", b.finding.severity, b.finding.rule);
    let mut text = String::new();
    wrapped(&mut text, &lead, "    ", &b.finding.message, style.width);
    let colour = severity_colour(&b.finding.severity);
    if style.colour {
        let rest = text.get(lead.len()..).unwrap_or_default();
        let message: Vec<String> = rest.trim_end().split('\n').map(|l| style.paint(BOLD, l)).collect();
        let _ = writeln!(out, "{}{}", style.paint(colour, &lead), message.join("\n"));
    } else {
        out.push_str(&text);
    }
}

/// The refused requests of the story that no row shows.
fn folded(b: &Block) -> Option<String> {
    let shown: Vec<_> = b.rows.iter().map(|r| r.exchange).collect();
    let rest: Vec<_> = b.followers.iter().copied().filter(|i| !shown.contains(i)).collect();
    if rest.is_empty() {
        return None;
    }
    let more = b.finding.explains_count as usize - b.followers.len().min(b.finding.explains_count as usize);
    let _ = more;
    Some(format!("{}: refused too", super::build::ranges(&rest)))
}

fn write_row(out: &mut String, row: &Row, style: Style, colour: &str) {
    if row.gap {
        let _ = writeln!(out, "   :  {}", row.text());
        return;
    }
    let gutter = if row.opens { format!("#{}", row.exchange) } else { String::new() };
    let (text, marks) = cut(row, style.width.saturating_sub(5));
    let _ = writeln!(out, "{gutter:<3}| {}", text);
    let Some((start, len)) = marks else { return };
    let sign = if row.primary { "^" } else { "-" };
    let line = sign.repeat(len);
    let painted = style.paint(if row.primary { colour } else { BLUE }, &line);
    let pad = " ".repeat(start);
    if row.label.is_empty() {
        let _ = writeln!(out, "   | {pad}{painted}");
    } else if start + len + 1 + row.label.width() + 5 <= style.width {
        let _ = writeln!(out, "   | {pad}{painted} {}", row.label);
    } else {
        let _ = writeln!(out, "   | {pad}{painted}");
        let back = style.width.saturating_sub(5 + row.label.width()).min(start);
        let _ = writeln!(out, "   | {}{}", " ".repeat(back), row.label);
    }
}

/// Cuts a long row around its marks; aliases are never cut. Gives the text and the marks in it.
fn cut(row: &Row, room: usize) -> (String, Option<(usize, usize)>) {
    let text = row.text();
    let marks = row.marks();
    if text.width() <= room {
        return (text, marks.map(|(s, l)| (s, l.min(room.saturating_sub(s).max(1)))));
    }
    let (start, len) = marks.unwrap_or((0, 1));
    // Without marks the head stays; with marks they stay, with some text before them.
    let lead = row.lead.width();
    let keep_from = if marks.is_none() || start + len + 4 <= room { 0 } else { start.saturating_sub(24).max(lead) };
    let mut shown = String::new();
    let mut column = 0;
    let mut skipped = 0;
    let mut push = |piece: &str, at: usize, shown: &mut String| {
        let w = piece.width();
        if at < keep_from {
            skipped += w;
            return true;
        }
        if shown.is_empty() && keep_from > 0 {
            shown.push_str("...");
        }
        if shown.width() + w + 3 > room {
            return false;
        }
        shown.push_str(piece);
        true
    };
    let mut whole = true;
    if keep_from == 0 {
        whole = push(&row.lead, 0, &mut shown);
    } else {
        skipped += 0;
        shown.push_str(&row.lead);
        shown.push_str("...");
    }
    column += lead;
    for p in &row.pieces {
        if !whole {
            break;
        }
        let w = p.shown.width();
        if column < keep_from {
            column += w;
            continue;
        }
        if shown.width() + w + 3 > room {
            whole = false;
            break;
        }
        shown.push_str(&p.shown);
        column += w;
    }
    if !whole {
        shown.push_str("...");
    }
    let shift = if keep_from == 0 { 0isize } else { (lead + 3) as isize - first_kept(row, keep_from) as isize };
    let moved = marks.map(|(s, l)| {
        let s = usize::try_from(s as isize + shift).unwrap_or(0);
        (s.min(room.saturating_sub(1)), l.min(room.saturating_sub(s).max(1)))
    });
    let _ = len;
    (shown, moved)
}

/// The column of the first piece that is kept.
fn first_kept(row: &Row, keep_from: usize) -> usize {
    let mut column = row.lead.width();
    for p in &row.pieces {
        if column >= keep_from {
            break;
        }
        column += p.shown.width();
    }
    column
}

fn notes(out: &mut String, b: &Block, style: Style) {
    let key = |k: &str| style.paint(DIM, &format!("   = {k}: "));
    let note = |out: &mut String, k: &str, text: &str| {
        let mut t = String::new();
        let lead = format!("   = {k}: ");
        wrapped(&mut t, &lead, "     ", text, style.width);
        let rest = t.get(lead.len()..).unwrap_or_default();
        out.push_str(&key(k));
        out.push_str(rest);
    };
    if let Some(t) = &b.can_say {
        note(out, "can say", t);
    }
    if let Some(t) = &b.cannot_say {
        note(out, "cannot say", t);
    }
    if !b.finding.fix.text.is_empty() {
        note(out, "fix", &b.finding.fix.text);
        for line in b.finding.fix.paste.iter().take(4) {
            let _ = writeln!(out, "       {line}");
        }
    }
    for so in &b.so {
        note(out, "so", so);
    }
    for a in b.or.iter().take(3) {
        note(out, "or", &format!("{}; would be decided by {}", a.rule, a.decided_by));
    }
    if !b.finding.not_seen.is_empty() {
        note(out, "not seen", &b.finding.not_seen.join(", "));
    }
    let because = if b.finding.because.is_empty() { "see the rows above" } else { &b.finding.because };
    note(out, &b.finding.confidence, because);
}

/// Wraps at blanks; a word longer than the line stays whole.
pub(crate) fn wrapped(out: &mut String, first: &str, next: &str, text: &str, width: usize) {
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split(' ') {
        let room = line.width() + usize::from(!empty) + word.width();
        if room > width && !empty {
            out.push_str(line.trim_end());
            out.push('\n');
            line = next.to_owned();
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

/// `n thing` or `n things`.
pub(crate) fn count(n: u64, one: &str) -> String {
    let many = if one.ends_with('y') { format!("{}ies", one.trim_end_matches('y')) } else { format!("{one}s") };
    format!("{} {}", thousands(n), if n == 1 { one.to_owned() } else { many })
}

/// `91,204`.
pub(crate) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// The last line of a capture with findings, or the one calm line of a healthy one.
pub fn verdict_line(c: &Capture, causes: usize, first_rule: Option<&str>) -> String {
    let seen = if c.healthy.not_seen.is_empty() {
        String::new()
    } else {
        format!(" (not seen: {})", c.healthy.not_seen.join(", "))
    };
    let expected = if c.expected_denials > 0 {
        format!(", {} answered", count(c.expected_denials, "challenge"))
    } else {
        String::new()
    };
    if causes == 0 && c.denied == 0 {
        let mut parts = vec![count(c.exchanges, "exchange")];
        if c.healthy.logins > 0 {
            parts.push(count(c.healthy.logins as u64, "login"));
        }
        if c.healthy.tokens > 0 {
            parts.push(count(c.healthy.tokens as u64, "token"));
        }
        return format!("ok: {}: {}{expected}, nothing refused{seen}", c.file, parts.join(", "));
    }
    let explain = first_rule.map(|r| format!("; why401 explain {r}")).unwrap_or_default();
    format!(
        "{}: {}, {} refused{expected}, {}{explain}",
        c.file,
        count(c.exchanges, "exchange"),
        thousands(c.denied),
        count(causes as u64, "cause")
    )
}

/// Problems of a capture, each with its place.
pub fn problems(c: &Capture, width: usize) -> String {
    let mut out = String::new();
    for p in &c.problems {
        let lead = format!("problem: {}:{}:{}: ", c.file, p.line, p.column);
        wrapped(&mut out, &lead, "    ", &format!("expected {}; {}", p.expected, p.done), width);
    }
    out
}

/// The whole text of a run over one or a few captures.
pub fn render(report: &Report, blocks: &[Block], style: Style) -> String {
    let mut out = String::new();
    for c in &report.captures {
        out.push_str(&problems(c, style.width));
        let own: Vec<&Block> = blocks.iter().filter(|b| b.file == c.file).collect();
        let shown: Vec<&&Block> =
            own.iter().filter(|b| b.finding.root_cause || style.verbose || b.finding.severity != "note").collect();
        for b in &shown {
            out.push_str(&block(b, style));
            out.push('\n');
        }
        let causes = own.iter().filter(|b| b.finding.root_cause).count();
        if c.format.is_some() {
            let first = own.iter().find(|b| b.finding.root_cause).map(|b| b.finding.rule.as_str());
            let _ = writeln!(out, "{}", verdict_line(c, causes, first));
        }
    }
    out
}
