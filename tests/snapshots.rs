//! The report of every sample, as text and as JSON, beside `samples/`: who fires where, and in which words.
//!
//! `INSTA_UPDATE=always cargo test --test snapshots` writes them anew; read the difference before you commit it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;
use why401::analysis::{Options, Run, analyze};
use why401::report::text::Style;
use why401::report::{render, to_json};

/// The report of a sample; nothing for the files that tell of samples.
fn judged(path: &Path) -> Option<Run> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let sample = path.is_file() && !name.ends_with(".md") && !name.ends_with(".tsv");
    sample.then(|| analyze(&name, &std::fs::read(path).unwrap(), &Options::default()).unwrap())
}

/// JSON with one line for each entry of each list; the tool's version is left out, and what is null.
fn lines(json: &str) -> String {
    let report: Value = serde_json::from_str(json).unwrap();
    let mut out = String::new();
    for (key, value) in report.as_object().unwrap().iter().filter(|(key, value)| *key != "tool" && !value.is_null()) {
        match value.as_array() {
            Some(list) => {
                let _ = writeln!(out, "{key}: {}", list.len());
                list.iter().for_each(|entry| writeln!(out, "  {entry}").unwrap());
            }
            None => writeln!(out, "{key}: {value}").unwrap(),
        }
    }
    out
}

/// Snapshots of samples that are gone or renamed would stay for ever.
fn no_orphans(kind: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(root.join("tests/snapshots")).unwrap().flatten() {
        let file = entry.file_name().into_string().unwrap();
        let Some(of) = file.strip_prefix(&format!("snapshots__{kind}@")) else { continue };
        let Some(sample) = of.strip_suffix(".snap") else { continue };
        assert!(root.join("samples").join(sample).exists(), "{file} belongs to no sample");
    }
}

#[test]
fn text() {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.bind(|| {
        insta::glob!("../samples", "*", |path| {
            let Some(run) = judged(path) else { return };
            insta::assert_snapshot!("text", render(&run.report, &run.blocks, Style::default()));
        });
    });
    no_orphans("text");
}

#[test]
fn json() {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.bind(|| {
        insta::glob!("../samples", "*", |path| {
            let Some(run) = judged(path) else { return };
            insta::assert_snapshot!("json", lines(&to_json(&run.report).unwrap()));
        });
    });
    no_orphans("json");
}
