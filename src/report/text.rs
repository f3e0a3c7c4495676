//! The text report: verdict first, the captured text with marks, what to change (report-design.md section 2).

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::build::Block;
use super::cut::{self, Cell};
use super::rows::{Mark, Row};
use super::words::wrapped;

/// How the text is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Columns.
    pub width: usize,
    /// ANSI colours.
    pub colour: bool,
    /// One line a cause.
    pub quiet: bool,
    /// Hygiene, other readings, and what could not be checked.
    pub verbose: bool,
    /// Every cause of every capture in full, however many they are.
    pub all: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { width: 100, colour: false, quiet: false, verbose: false, all: false }
    }
}

/// The fix begins on this line of a block at the latest.
const FIX_BY: usize = 10;

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
    // A gutter of `#7 ` is three columns wide; a longer number makes it wider.
    let gutter = b.rows.iter().filter(|r| r.opens).map(|r| r.exchange.to_string().len() + 2).max().unwrap_or(3).max(3);
    let pad = " ".repeat(gutter);
    let place = location(b).map_or_else(String::new, |(l, c)| format!(":{l}:{c}"));
    let _ = writeln!(out, "{}{} {}{place}", " ".repeat(gutter - 1), style.paint(BLUE, "-->"), b.file);
    if !b.legend.is_empty() {
        wrapped(&mut out, &format!("{pad}: "), &format!("{pad}  "), &b.legend, style.width);
    }
    // The evidence stands before the fix, as compilers have it, unless the fix would stand too far down for it.
    let mut evidence = String::new();
    let layout = Layout { gutter, colour: severity_colour(&b.finding.severity), style };
    for row in &b.rows {
        layout.row(&mut evidence, row);
    }
    for line in &b.folded {
        wrapped(&mut evidence, &format!("{pad}: "), &format!("{pad}  "), line, style.width);
    }
    let ahead = [&out, &evidence].iter().map(|t| t.lines().count()).sum::<usize>() + 3 > FIX_BY;
    if ahead {
        fix(&mut out, b, style);
    }
    let _ = write!(out, "{pad}|\n{evidence}{pad}|\n");
    notes(&mut out, b, style, ahead);
    out
}

/// Line and column behind the first `^`.
pub(crate) fn location(b: &Block) -> Option<(u64, u64)> {
    let marks = || b.rows.iter().flat_map(|r| &r.marks);
    let primary =
        marks().find(|m| m.primary && m.place.is_some()).or_else(|| marks().rev().find(|m| m.place.is_some()));
    primary.and_then(|m| m.place).or(b.place)
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
    let width = if style.quiet { usize::MAX } else { style.width };
    wrapped(&mut text, &lead, "    ", &b.finding.message, width);
    let rest = text.strip_prefix(&lead).unwrap_or_default();
    let message: Vec<String> = rest.trim_end().split('\n').map(|l| style.paint(BOLD, l)).collect();
    let place = if style.quiet { format!("  {}", b.file) } else { String::new() };
    let _ = writeln!(out, "{}{}{place}", style.paint(severity_colour(&b.finding.severity), &lead), message.join("\n"));
}

/// What the rows of a block share.
struct Layout {
    gutter: usize,
    colour: &'static str,
    style: Style,
}

impl Layout {
    fn pad(&self) -> String {
        " ".repeat(self.gutter)
    }

    /// Columns for the text of a row.
    fn room(&self) -> usize {
        self.style.width.saturating_sub(self.gutter + 2)
    }

    fn row(&self, out: &mut String, row: &Row) {
        if row.gap {
            let _ = writeln!(out, "{}:  {}", self.pad(), row.text());
            return;
        }
        if row.made {
            wrapped(out, &format!("{}| ", self.pad()), &format!("{}|   ", self.pad()), &row.text(), self.style.width);
            return;
        }
        let number = if row.opens { format!("#{}", row.exchange) } else { String::new() };
        let whole = row.marks.iter().map(|m| m.range.clone()).reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
        let lines = cut::fit(row, whole.as_ref(), self.room());
        let all = row.marks.iter().all(|m| lines.iter().any(|l| cut::find(l, &m.range).is_some()));
        if row.marks.len() < 2 || all {
            self.lines(out, &number, &lines, &row.marks);
            return;
        }
        // Marks too far apart for one line: the row is shown once for each.
        for (i, mark) in row.marks.iter().enumerate() {
            let lines = cut::fit(row, Some(&mark.range), self.room());
            self.lines(out, if i == 0 { &number } else { "" }, &lines, std::slice::from_ref(mark));
        }
    }

    fn lines(&self, out: &mut String, number: &str, lines: &[Vec<Cell>], marks: &[Mark]) {
        for (i, cells) in lines.iter().enumerate() {
            self.line(out, if i == 0 { number } else { "" }, cells);
            self.marks(out, cells, marks);
        }
    }

    fn line(&self, out: &mut String, number: &str, cells: &[Cell]) {
        let text: String =
            cells.iter().map(|c| if c.alias { self.style.paint(BOLD, &c.text) } else { c.text.clone() }).collect();
        let _ = writeln!(out, "{number:<w$}| {}", text.trim_end(), w = self.gutter);
    }

    /// Marks without a label stand before the first labelled one; every further label has a line of its own.
    fn marks(&self, out: &mut String, cells: &[Cell], marks: &[Mark]) {
        let mut found: Vec<(usize, usize, &Mark)> =
            marks.iter().filter_map(|m| cut::find(cells, &m.range).map(|(s, l)| (s, l, m))).collect();
        found.sort_by_key(|(s, l, _)| (*s, *l));
        let bare: Vec<_> = found.iter().filter(|f| f.2.label.is_empty()).copied().collect();
        let labelled: Vec<_> = found.iter().filter(|f| !f.2.label.is_empty()).copied().collect();
        if labelled.is_empty() && !bare.is_empty() {
            self.signs(out, &bare, "");
        }
        for (i, one) in labelled.iter().enumerate() {
            let mut line: Vec<_> = if i == 0 { bare.clone() } else { Vec::new() };
            line.push(*one);
            line.sort_by_key(|(s, l, _)| (*s, *l));
            self.signs(out, &line, &one.2.label);
        }
    }

    fn signs(&self, out: &mut String, marks: &[(usize, usize, &Mark)], label: &str) {
        let mut text = String::new();
        let mut column = 0_usize;
        for (start, len, mark) in marks {
            let len =
                (*len).min(self.room().saturating_sub(*start).max(1)).saturating_sub(column.saturating_sub(*start));
            let from = (*start).max(column);
            text.push_str(&" ".repeat(from - column));
            let sign = if mark.primary { "^" } else { "-" };
            text.push_str(&self.style.paint(if mark.primary { self.colour } else { BLUE }, &sign.repeat(len)));
            column = from + len;
        }
        let pad = self.pad();
        if label.is_empty() {
            let _ = writeln!(out, "{pad}| {text}");
        } else if column + 1 + label.width() <= self.room() {
            let _ = writeln!(out, "{pad}| {text} {label}");
        } else {
            let start = marks.last().map_or(0, |m| m.0);
            let fits = start + label.width() <= self.room();
            let back = if fits { start } else { column.min(self.room()).saturating_sub(label.width()) };
            let _ = writeln!(out, "{pad}| {text}\n{pad}| {}{label}", " ".repeat(back));
        }
    }
}

/// `   = KEY: TEXT`
fn note(out: &mut String, key: &str, text: &str, style: Style) {
    let mut t = String::new();
    let lead = format!("   = {key}: ");
    wrapped(&mut t, &lead, "     ", text, style.width);
    out.push_str(&style.paint(DIM, lead.trim_end()));
    out.push(' ');
    out.push_str(t.strip_prefix(&lead).unwrap_or_default());
}

fn fix(out: &mut String, b: &Block, style: Style) {
    if b.finding.fix.text.is_empty() {
        return;
    }
    note(out, "fix", &b.finding.fix.text, style);
    for line in b.finding.fix.paste.iter().take(4) {
        let _ = writeln!(out, "       {line}");
    }
}

fn notes(out: &mut String, b: &Block, style: Style, fix_told: bool) {
    if let Some(t) = &b.can_say {
        note(out, "can say", t, style);
    }
    if let Some(t) = &b.cannot_say {
        note(out, "cannot say", t, style);
    }
    if !fix_told {
        fix(out, b, style);
    }
    for so in &b.so {
        note(out, "so", so, style);
    }
    // Certain findings keep their other readings for --verbose.
    let or = if style.verbose { 10 } else { 2 };
    for a in b.or.iter().take(or) {
        let decided =
            if a.decided_by.is_empty() { String::new() } else { format!("; would be decided by {}", a.decided_by) };
        note(out, "or", &format!("{}{decided}", a.rule), style);
    }
    if !b.finding.not_seen.is_empty() {
        note(out, "not seen", &b.finding.not_seen.join(", "), style);
    }
    let because = if b.finding.because.is_empty() { "the rows above show it" } else { &b.finding.because };
    note(out, &b.finding.confidence, because, style);
}
