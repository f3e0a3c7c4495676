//! NDJSON: the report in lines, each an object whose `type` says what it is. For streams and tools that read line by line.
//!
//! `report` first, then what each input gave, in the order of the inputs (`capture`, `finding`, `diagnosis`, `credential`,
//! or `skipped`), then `entry` and `baseline`, and `summary` last. Written piece by piece or at once, the bytes are the same.

use serde::Serialize;

use super::model::{Part, Report, Tool};

#[derive(Serialize)]
struct Line<'r, T> {
    #[serde(rename = "type")]
    what: &'static str,
    #[serde(flatten)]
    body: &'r T,
}

#[derive(Serialize)]
struct Head<'r> {
    schema: &'static str,
    tool: &'r Tool,
}

/// All lines of a report.
///
/// # Errors
/// None in practice: every key is a text.
pub fn render(report: &Report) -> Result<String, serde_json::Error> {
    Ok(head(report)? + &parts(report, 0)? + &end(report)?)
}

/// The first line.
///
/// # Errors
/// None in practice: every key is a text.
pub fn head(report: &Report) -> Result<String, serde_json::Error> {
    let mut out = String::new();
    push(&mut out, "report", &Head { schema: report.schema, tool: &report.tool })?;
    Ok(out)
}

/// The lines of the inputs that stand in the report, but for the first so many.
///
/// # Errors
/// None in practice: every key is a text.
pub fn parts(report: &Report, told: usize) -> Result<String, serde_json::Error> {
    let mut out = String::new();
    let before = told.checked_sub(1).and_then(|last| report.parts.get(last));
    let mut from = before.copied().unwrap_or(Part::default());
    for to in report.parts.iter().skip(told) {
        list(&mut out, "capture", report.captures.get(from.captures..to.captures))?;
        list(&mut out, "finding", report.findings.get(from.findings..to.findings))?;
        list(&mut out, "diagnosis", report.diagnoses.get(from.diagnoses..to.diagnoses))?;
        list(&mut out, "credential", report.credentials.get(from.credentials..to.credentials))?;
        list(&mut out, "skipped", report.skipped.get(from.skipped..to.skipped))?;
        from = *to;
    }
    Ok(out)
}

/// The last lines, once all inputs were read.
///
/// # Errors
/// None in practice: every key is a text.
pub fn end(report: &Report) -> Result<String, serde_json::Error> {
    let mut out = String::new();
    list(&mut out, "entry", Some(report.entries.as_slice()))?;
    list(&mut out, "baseline", Some(report.baseline.as_slice()))?;
    push(&mut out, "summary", &report.summary)?;
    Ok(out)
}

fn list<T: Serialize>(out: &mut String, what: &'static str, bodies: Option<&[T]>) -> Result<(), serde_json::Error> {
    bodies.unwrap_or_default().iter().try_for_each(|body| push(out, what, body))
}

fn push<T: Serialize>(out: &mut String, what: &'static str, body: &T) -> Result<(), serde_json::Error> {
    out.push_str(&serde_json::to_string(&Line { what, body })?);
    out.push('\n');
    Ok(())
}
