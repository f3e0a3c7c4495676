//! The code has the tables of the catalogue (`../shared/rules.md`), where that folder stands beside the repository:
//! severity, tier, rank, confidence, needs and kind of every rule, and the edges of the suppression table.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared");

/// The catalogue as its own checker reads it; nothing where there is none.
fn catalogue() -> Option<Value> {
    let checker = Path::new(SHARED).join("check_rules.py");
    if !checker.exists() {
        println!("no ../shared: nothing to compare with");
        return None;
    }
    let output = Command::new("python3").arg(checker).arg("--json").output().expect("python3");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn code() -> Value {
    let output =
        Command::new(env!("CARGO_BIN_EXE_why401")).args(["rules", "--format", "json", "--edges"]).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A cell of the catalogue's table: `-` is nothing.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(b) => if *b { "fallback" } else { "-" }.to_owned(),
        Value::String(s) => s.clone(),
        other => other.to_string(),
    }
}

fn edges(table: &Value) -> BTreeSet<[String; 3]> {
    let text = |row: &Value, n: usize| row[n].as_str().unwrap().to_owned();
    table["edges"].as_array().unwrap().iter().map(|row| [text(row, 0), text(row, 1), text(row, 2)]).collect()
}

#[test]
fn every_rule_has_the_cells_of_the_catalogue() {
    let Some(catalogue) = catalogue() else { return };
    let mut wrong = Vec::new();
    for rule in code()["rules"].as_array().unwrap() {
        let name = rule["name"].as_str().unwrap();
        let Some(row) = catalogue["rules"].get(name) else {
            wrong.push(format!("{name} is not in the catalogue"));
            continue;
        };
        for key in ["severity", "tier", "rank", "confidence", "needs", "fallback"] {
            let (here, there) = (cell(&rule[key]), cell(&row[key]));
            if here != there {
                wrong.push(format!("{name}: {key} is {here}, the catalogue says {there}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rules of the catalogue that are not written: the list may only shrink, and must be exact.
const UNWRITTEN: [&str; 0] = [];

#[test]
fn every_rule_of_the_catalogue_is_written() {
    let Some(catalogue) = catalogue() else { return };
    let code = code();
    let written: BTreeSet<&str> =
        code["rules"].as_array().unwrap().iter().map(|rule| rule["name"].as_str().unwrap()).collect();
    let named: BTreeSet<&str> = catalogue["rules"].as_object().unwrap().keys().map(String::as_str).collect();
    let left: Vec<&str> = named.difference(&written).copied().collect();
    assert_eq!(left, UNWRITTEN);
}

#[test]
fn the_suppression_table_is_that_of_the_catalogue() {
    let Some(catalogue) = catalogue() else { return };
    let code = code();
    let written: BTreeSet<&str> =
        code["rules"].as_array().unwrap().iter().map(|rule| rule["name"].as_str().unwrap()).collect();
    let both = |edge: &[String; 3]| written.contains(edge[0].as_str()) && written.contains(edge[2].as_str());
    let (here, there) = (edges(&code), edges(&catalogue));
    let added: Vec<_> = here.difference(&there).collect();
    let left_out: Vec<_> = there.difference(&here).filter(|edge| both(edge)).collect();
    assert!(added.is_empty() && left_out.is_empty(), "not in the catalogue: {added:?}\nleft out: {left_out:?}");
}
