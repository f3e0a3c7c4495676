//! JUnit XML: a test case a capture; a cause or an error is a failure, an unreadable file an error.

use super::build::Block;
use super::model::{Capture, Report};
use super::text::{Style, block};
use super::words::xml;

/// The report as JUnit XML. Names hold no exchange number, so that a test's history survives a new recording.
pub fn render(report: &Report, blocks: &[Block]) -> String {
    let (mut cases, mut failures, mut errors) = (String::new(), 0, 0);
    let mut rest = blocks;
    for (i, c) in report.captures.iter().enumerate() {
        let (own, behind) = rest.split_at_checked(rest.partition_point(|b| b.capture <= i)).unwrap_or((rest, &[]));
        rest = behind;
        let bad: Vec<&Block> = own.iter().filter(|b| b.finding.severity == "error").collect();
        failures += usize::from(!bad.is_empty());
        errors += usize::from(c.format.is_none());
        cases.push_str(&case(c, &bad));
    }
    let n = report.captures.len();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"why401\" tests=\"{n}\" failures=\"{failures}\" errors=\"{errors}\">\n\
         <testsuite name=\"why401\" tests=\"{n}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"0\">\n{cases}</testsuite>\n</testsuites>\n"
    )
}

fn case(c: &Capture, bad: &[&Block]) -> String {
    let open = format!("<testcase classname=\"why401.captures\" name=\"{}\"", xml(&c.file));
    if c.format.is_none() {
        let why = c.problems.first().map_or("not readable", |p| p.done.as_str());
        return format!("{open}><error type=\"unreadable\" message=\"{}\"/></testcase>\n", xml(why));
    }
    let Some(first) = bad.first() else { return format!("{open}/>\n") };
    let style = Style { width: 100, ..Style::default() };
    let text: Vec<String> = bad.iter().map(|b| block(b, style)).collect();
    format!(
        "{open}>\n<failure type=\"{}\" message=\"{}\">{}</failure>\n</testcase>\n",
        xml(&first.finding.rule),
        xml(&first.finding.message),
        xml(&text.join("\n"))
    )
}
