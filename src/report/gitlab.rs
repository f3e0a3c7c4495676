//! GitLab Code Quality: an issue a cause or warning.

use serde::Serialize;

use super::build::Block;
use super::text::location;

#[derive(Serialize)]
struct Issue<'b> {
    description: String,
    check_name: &'b str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'b>,
}

#[derive(Serialize)]
struct Location<'b> {
    path: &'b str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u64,
}

/// The findings as a Code Quality report.
///
/// # Errors
/// None in practice: every key is a text.
pub fn render(blocks: &[Block]) -> Result<String, serde_json::Error> {
    let issues: Vec<Issue<'_>> = blocks.iter().map(issue).collect();
    serde_json::to_string_pretty(&issues).map(|s| s + "\n")
}

fn issue(b: &Block) -> Issue<'_> {
    let f = &b.finding;
    let fix = if f.fix.text.is_empty() { String::new() } else { format!(". Fix: {}", f.fix.text) };
    Issue {
        description: format!("{}{fix}", f.message),
        check_name: &f.rule,
        // GitLab wants fingerprints that differ between files.
        fingerprint: super::words::digest(&[&b.file, &f.fingerprint]),
        severity: match f.severity.as_str() {
            "error" => "major",
            "warning" => "minor",
            _ => "info",
        },
        location: Location { path: &b.file, lines: Lines { begin: location(b).map_or(1, |p| p.0) } },
    }
}
