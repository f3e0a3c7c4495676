//! The report as a text that two versions of can be compared: one fact a line, no position, no version of the program.

use std::fmt::Write as _;

use super::model::{Capture, Diagnosis, Finding, Report};

/// The report as normalised text, for snapshots.
///
/// Lines, columns and byte ranges are left out, so that another layout of the same capture changes nothing; a changed
/// message, header or cause changes the one line that shows it. Secrets are masked as in every report.
///
/// With `insta`, in a test: `insta::assert_snapshot!(to_snapshot(&run.report));`
///
/// ```
/// use why401::analysis::{Options, analyze};
/// use why401::report::to_snapshot;
///
/// let pasted = b"$ curl https://acme.example.test/v1/me -H 'Authorization: Bearer '\n{\"error\":\"token is empty\"}\n";
/// let run = analyze("pasted.txt", pasted, &Options::default())?;
/// let text = to_snapshot(&run.report);
/// assert!(text.starts_with("capture pasted.txt\n  format: curl\n  exchanges: 1\n  refused: 1\n"));
/// assert!(text.contains("\ncause blank-token\n"));
/// # Ok::<(), why401::analysis::Unreadable>(())
/// ```
pub fn to_snapshot(report: &Report) -> String {
    let mut out = String::new();
    for c in &report.captures {
        capture(&mut out, c);
    }
    for f in report.findings.iter().filter(|f| f.root_cause) {
        let d = report.diagnoses.iter().find(|d| d.finding == f.id);
        finding(&mut out, f, "cause");
        if let Some(d) = d {
            diagnosis(&mut out, report, d);
        }
    }
    let follows = |f: &Finding| report.diagnoses.iter().any(|d| d.consequences.contains(&f.id));
    for f in report.findings.iter().filter(|f| !f.root_cause && !follows(f)) {
        finding(&mut out, f, "beside");
    }
    out
}

fn capture(out: &mut String, c: &Capture) {
    let _ = writeln!(out, "capture {}", c.file);
    line(out, "format", c.format.as_deref().unwrap_or("not readable"));
    line(out, "exchanges", &c.exchanges.to_string());
    line(out, "refused", &c.denied.to_string());
    for (n, what) in [(c.expected_denials, "expected refusals"), (c.ignored_denials, "ignored refusals")] {
        if n > 0 {
            line(out, what, &n.to_string());
        }
    }
    for p in &c.problems {
        line(out, "problem", &format!("{} expected; {}", p.expected, p.done));
    }
}

fn finding(out: &mut String, f: &Finding, what: &str) {
    let _ = writeln!(out, "\n{what} {}", f.rule);
    line(out, "message", &f.message);
    line(out, "severity", &f.severity);
    line(out, "confidence", &f.confidence);
    let status = f.exchange.status.map_or_else(|| "no status".to_owned(), |s| s.to_string());
    line(out, "request", &format!("#{} {} {} -> {status}", f.exchange.index, f.exchange.method, f.exchange.url));
    for p in &f.explains {
        line(out, "explains", &format!("#{}", p.index));
    }
    for e in &f.evidence {
        let why = if e.why.is_empty() { String::new() } else { format!("  ({})", e.why) };
        line(out, "evidence", &format!("#{} {}: {}{why}", e.exchange, e.part, e.quote));
    }
    line(out, "because", &f.because);
    for n in &f.not_seen {
        line(out, "not seen", n);
    }
    line(out, "fix", &f.fix.text);
    for p in &f.fix.paste {
        line(out, "paste", p);
    }
}

fn diagnosis(out: &mut String, report: &Report, d: &Diagnosis) {
    for id in &d.consequences {
        if let Some(f) = report.findings.iter().find(|f| f.id == *id) {
            line(out, "follows", &format!("#{} {}: {}", f.exchange.index, f.rule, f.message));
        }
    }
    for a in &d.alternatives {
        line(out, "or", &format!("{}; decided by {}", a.rule, a.decided_by));
    }
}

/// `  key: value`; nothing for an empty value. Breaks within a value are kept on the line.
fn line(out: &mut String, key: &str, value: &str) {
    if !value.is_empty() {
        let _ = writeln!(out, "  {key}: {}", value.replace('\n', "\\n"));
    }
}
