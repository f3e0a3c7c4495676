//! Every sample is read whole and gets the verdict that `samples/EXPECTED.tsv` names.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use why401::format::{Listing, Options, drive, sniff};
use why401::rule::RULES;

/// One line of EXPECTED.tsv: a root cause, or `ok`.
struct Row {
    rules: Vec<String>,
    roots: Vec<u64>,
    followers: Vec<u64>,
}

/// What EXPECTED.tsv says of one file.
struct Sample {
    file: String,
    format: String,
    exchanges: usize,
    rows: Vec<Row>,
}

fn folder() -> PathBuf {
    concat!(env!("CARGO_MANIFEST_DIR"), "/samples").into()
}

fn numbers(list: &str, between: char) -> Vec<u64> {
    list.split(between).filter_map(|n| n.parse().ok()).collect()
}

fn samples() -> Vec<Sample> {
    let table = std::fs::read_to_string(folder().join("EXPECTED.tsv")).unwrap();
    let mut all: BTreeMap<String, Sample> = BTreeMap::new();
    for line in table.lines().skip(1) {
        let [file, format, exchanges, rule, root, followers, _notes] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("EXPECTED.tsv: seven columns expected in: {line}");
        };
        let sample = all.entry(file.to_owned()).or_insert_with(|| Sample {
            file: file.to_owned(),
            format: format.to_owned(),
            exchanges: exchanges.parse().unwrap(),
            rows: Vec::new(),
        });
        sample.rows.push(Row {
            rules: rule.split('|').map(str::to_owned).collect(),
            roots: numbers(root, '|'),
            followers: numbers(followers, ','),
        });
    }
    all.into_values().collect()
}

fn read(bytes: &[u8], block: usize) -> (&'static str, Listing) {
    let format = sniff(&bytes[..bytes.len().min(65_536)]).expect("a known format");
    let mut listing = Listing::default();
    drive((format.open)(&Options::default()).as_mut(), bytes, block, &mut listing);
    (format.name, listing)
}

#[test]
fn the_table_names_every_sample() {
    let mut files: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name != "README.md" && name != "EXPECTED.tsv")
        .collect();
    files.sort();
    let named: Vec<String> = samples().into_iter().map(|s| s.file).collect();
    assert_eq!(files, named);
}

#[test]
fn every_sample_is_read_whole() {
    let mut wrong = Vec::new();
    for sample in samples() {
        let bytes = std::fs::read(folder().join(&sample.file)).unwrap();
        let (format, listing) = read(&bytes, bytes.len());
        if format != sample.format || listing.lines.len() != sample.exchanges || !listing.problems.is_empty() {
            wrong.push(format!(
                "{}: read as {format} with {} exchanges, expected {} with {}; problems {:?}",
                sample.file,
                listing.lines.len(),
                sample.format,
                sample.exchanges,
                listing.problems
            ));
        }
        if read(&bytes, 777).1.lines != listing.lines {
            wrong.push(format!("{}: the outcome depends on where windows end", sample.file));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What one root cause of a report claims.
struct Root {
    rule: String,
    error: bool,
    at: Vec<u64>,
    explains: Vec<u64>,
}

fn index(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.get("index").and_then(Value::as_u64))
}

/// The root causes and errors of a report; notes say "cannot tell" and count only where they are asked for.
fn roots(report: &Value) -> Vec<Root> {
    let findings = report["findings"].as_array().cloned().unwrap_or_default();
    let told = |f: &&Value| f["root_cause"] == true || f["severity"] == "error";
    findings
        .iter()
        .filter(told)
        .map(|f| {
            let explains: Vec<u64> = f["explains"].as_array().into_iter().flatten().filter_map(index).collect();
            Root {
                rule: f["rule"].as_str().unwrap_or_default().to_owned(),
                error: f["severity"] != "note",
                at: index(&f["exchange"]).into_iter().chain(explains.iter().copied()).collect(),
                explains: if f["root_cause"] == true { explains } else { Vec::new() },
            }
        })
        .collect()
}

fn compare(sample: &Sample, roots: &[Root]) -> Vec<String> {
    let mut wrong = Vec::new();
    let healthy = |row: &Row| row.rules.iter().any(|r| r == "ok");
    for row in sample.rows.iter().filter(|row| !healthy(row)) {
        let fits = |root: &&Root| row.rules.contains(&root.rule) && row.roots.iter().any(|at| root.at.contains(at));
        let Some(root) = roots.iter().find(fits) else {
            wrong.push(format!("{} at {:?} is missing", row.rules.join("|"), row.roots));
            continue;
        };
        let all = roots.iter().filter(|r| r.rule == root.rule).flat_map(|r| &r.at).collect::<Vec<_>>();
        wrong.extend(
            row.followers.iter().filter(|at| !all.contains(at)).map(|at| format!("{} leaves out {at}", root.rule)),
        );
    }
    let mut explained: Vec<u64> = roots.iter().flat_map(|root| root.explains.iter().copied()).collect();
    explained.sort_unstable();
    let twice = explained.windows(2).filter(|pair| pair[0] == pair[1]);
    wrong.extend(twice.map(|pair| format!("{} has two root causes", pair[0])));
    for root in roots.iter().filter(|root| root.error) {
        let named = |row: &Row| {
            let place = |at| row.roots.contains(at) || row.followers.contains(at);
            row.rules.contains(&root.rule) && (healthy(row) || root.at.iter().all(place))
        };
        if !sample.rows.iter().any(named) {
            wrong.push(format!("{} at {:?} is a false alarm", root.rule, root.at));
        }
    }
    wrong
}

#[test]
fn every_sample_gets_its_verdict() {
    let mut wrong = Vec::new();
    // A sample whose rules are not written yet has no verdict to compare.
    let written = |row: &Row| row.rules.iter().any(|rule| rule == "ok" || RULES.iter().any(|r| r.name == rule));
    for sample in samples().into_iter().filter(|sample| sample.rows.iter().all(written)) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_why401"));
        let output = command.args(["check", "--format", "json"]).arg(folder().join(&sample.file)).output().unwrap();
        let Ok(report) = serde_json::from_slice::<Value>(&output.stdout) else {
            wrong.push(format!("{}: no JSON report (status {:?})", sample.file, output.status.code()));
            continue;
        };
        wrong.extend(compare(&sample, &roots(&report)).into_iter().map(|w| format!("{}: {w}", sample.file)));
    }
    assert!(wrong.is_empty(), "{} disagreements\n{}", wrong.len(), wrong.join("\n"));
}
