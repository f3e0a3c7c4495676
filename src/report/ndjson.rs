//! NDJSON: the report in lines, each an object that says what it is. For streams and tools that read line by line.

use serde::Serialize;

use super::model::Report;

#[derive(Serialize)]
struct Line<'r, T> {
    kind: &'static str,
    #[serde(flatten)]
    body: &'r T,
}

/// The lines: `capture`, then its findings and diagnoses, `skipped`, `baseline`, and a `summary` at the end.
///
/// # Errors
/// None in practice: every key is a text.
pub fn render(report: &Report) -> Result<String, serde_json::Error> {
    let mut out = String::new();
    for c in &report.captures {
        push(&mut out, "capture", c)?;
        for f in report.findings.iter().filter(|f| f.exchange.file == c.file) {
            push(&mut out, "finding", f)?;
        }
    }
    for d in &report.diagnoses {
        push(&mut out, "diagnosis", d)?;
    }
    for c in &report.credentials {
        push(&mut out, "credential", c)?;
    }
    for s in &report.skipped {
        push(&mut out, "skipped", s)?;
    }
    if let Some(b) = &report.baseline {
        push(&mut out, "baseline", b)?;
    }
    push(&mut out, "summary", &report.summary)?;
    Ok(out)
}

fn push<T: Serialize>(out: &mut String, kind: &'static str, body: &T) -> Result<(), serde_json::Error> {
    out.push_str(&serde_json::to_string(&Line { kind, body })?);
    out.push('\n');
    Ok(())
}
