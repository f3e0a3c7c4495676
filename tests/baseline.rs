//! `--baseline` and `why401 baseline`: known findings do not fail, new ones do, resolved ones are named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use why401::analysis::{Options, analyze};

const BLANK: &str = include_str!("../samples/blank-token.curl.txt");
const SCHEME: &str = include_str!("../samples/scheme-case.curl.txt");

fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("baseline-{name}"));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(dir.join("c")).unwrap();
    dir
}

fn why401(dir: &Path, arguments: &str) -> Output {
    let arguments = arguments.split(' ');
    Command::new(env!("CARGO_BIN_EXE_why401")).args(arguments).current_dir(dir).output().unwrap()
}

fn out(o: &Output) -> String {
    String::from_utf8(o.stdout.clone()).unwrap()
}

#[test]
fn known_findings_pass_new_ones_fail_and_resolved_ones_are_pruned() {
    let dir = folder("life");
    std::fs::write(dir.join("c/one.txt"), BLANK).unwrap();
    let written = why401(&dir, "baseline --no-config c -o known.json");
    assert_eq!((written.status.code(), out(&written).as_str()), (Some(0), "known.json: 1 known finding\n"));
    let file = std::fs::read_to_string(dir.join("known.json")).unwrap();
    assert!(
        file.contains("\"rule\":\"blank-token\"")
            && !file.contains("\"line\"")
            && file.contains("\"GET https://bi-orchard.example.test/api/4.0/user\""),
        "{file}"
    );

    let same = why401(&dir, "check --no-config --baseline known.json c");
    assert_eq!(same.status.code(), Some(0), "{}", out(&same));
    assert!(out(&same).contains("baseline: 1 known finding left out (1 refusal)"), "{}", out(&same));
    assert!(!out(&same).contains("error["));

    std::fs::write(dir.join("c/two.txt"), SCHEME).unwrap();
    let new = why401(&dir, "check --no-config --format json --baseline known.json c");
    assert_eq!(new.status.code(), Some(1));
    let report: Value = serde_json::from_str(&out(&new)).unwrap();
    assert_eq!(report["diagnoses"].as_array().unwrap().len(), 1);
    assert_eq!(report["diagnoses"][0]["rule"], "scheme-case");
    assert_eq!((&report["baseline"]["known"], &report["baseline"]["denied"]), (&1.into(), &1.into()));
    assert_eq!(report["baseline"]["resolved"], Value::Array(vec![]));

    std::fs::remove_file(dir.join("c/one.txt")).unwrap();
    std::fs::write(dir.join("c/two.txt"), "> GET /v1 HTTP/1.1\n> Host: a.example.test\n>\n< HTTP/1.1 200 OK\n<\n")
        .unwrap();
    let gone = why401(&dir, "check --no-config --baseline known.json c");
    assert_eq!(gone.status.code(), Some(0), "{}", out(&gone));
    assert!(out(&gone).contains("baseline: resolved: blank-token at GET https://"), "{}", out(&gone));
    let pruned = why401(&dir, "baseline --no-config c -o known.json --prune");
    assert_eq!(pruned.status.code(), Some(0));
    assert!(
        out(&pruned).starts_with("resolved: blank-token at ")
            && out(&pruned).ends_with("known.json: 0 known findings\n")
    );
    assert_eq!(std::fs::read_to_string(dir.join("known.json")).unwrap().matches("rule").count(), 0);
}

#[test]
fn pruning_adds_nothing() {
    let dir = folder("prune");
    std::fs::write(dir.join("c/one.txt"), BLANK).unwrap();
    why401(&dir, "baseline --no-config c -o known.json");
    let before = std::fs::read(dir.join("known.json")).unwrap();
    std::fs::write(dir.join("c/two.txt"), SCHEME).unwrap();
    assert_eq!(why401(&dir, "baseline --no-config c -o known.json --prune").status.code(), Some(0));
    assert_eq!(std::fs::read(dir.join("known.json")).unwrap(), before);
}

#[test]
fn what_is_no_baseline_is_a_usage_error() {
    let dir = folder("broken");
    std::fs::write(dir.join("c/one.txt"), BLANK).unwrap();
    std::fs::write(dir.join("bad.json"), "{\"findings\": 3}").unwrap();
    for (file, says) in
        [("bad.json", "not a baseline of why401"), ("none.json", "why401 baseline PATH... -o none.json")]
    {
        let got = why401(&dir, &format!("check --no-config --baseline {file} c"));
        assert_eq!(got.status.code(), Some(2));
        assert!(String::from_utf8(got.stderr).unwrap().contains(says), "{says}");
    }
    // What could not be read would look resolved.
    let got = why401(&dir, "baseline --no-config c none.har -o known.json");
    assert_eq!((got.status.code(), dir.join("known.json").exists()), (Some(2), false));
}

fn fingerprints(bytes: &[u8]) -> BTreeSet<String> {
    let run = analyze("capture", bytes, &Options::default()).unwrap();
    run.report.findings.into_iter().map(|f| f.fingerprint).collect()
}

/// A HAR with one more, unrelated, accepted request at its end, laid out in one line.
fn recorded_again(har: &[u8]) -> Option<Vec<u8>> {
    let mut log: Value = serde_json::from_slice(har).ok()?;
    let entries = log["log"]["entries"].as_array_mut()?;
    let last = entries.last()?["startedDateTime"].clone();
    entries.push(serde_json::json!({
        "startedDateTime": last, "time": 1,
        "request": {"method": "GET", "url": "https://unrelated.example.org/logo.png", "httpVersion": "HTTP/1.1",
                    "headers": [{"name": "Host", "value": "unrelated.example.org"}], "queryString": [], "cookies": [],
                    "headersSize": -1, "bodySize": 0},
        "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "headers": [], "cookies": [],
                     "content": {"size": 0, "mimeType": "image/png"}, "redirectURL": "", "headersSize": -1, "bodySize": 0},
        "cache": {}, "timings": {"send": 0, "wait": 1, "receive": 0}
    }));
    // Another layout moves every line, column and byte.
    serde_json::to_vec(&log).ok()
}

#[test]
fn another_layout_and_an_unrelated_request_change_no_fingerprint() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut seen = 0;
    for file in std::fs::read_dir(samples).unwrap().map(|e| e.unwrap().path()) {
        if file.extension().is_none_or(|e| e != "har") {
            continue;
        }
        let har = std::fs::read(&file).unwrap();
        let Some(again) = recorded_again(&har) else { continue };
        let before = fingerprints(&har);
        let after = fingerprints(&again);
        assert!(before.is_subset(&after) && after.is_subset(&before), "{}: {before:?} {after:?}", file.display());
        seen += usize::from(!before.is_empty());
    }
    assert!(seen > 40, "{seen}");
}

#[test]
fn a_recording_with_other_tokens_has_the_same_fingerprints() {
    let again = SCHEME
        .replace("V95rVv0avDpMiEPmei1sh7oJZVzspAYkVT1D6o6e", "mK2xQ8sWn4RtYb6LcVp9zHd3Jf7GqNa5Te1UiXo0")
        .replace("06 Dec 2025 17:06:58", "07 Jan 2026 08:11:20");
    assert_ne!(again, SCHEME);
    assert_eq!(fingerprints(SCHEME.as_bytes()), fingerprints(format!("some words in front\n{again}").as_bytes()));
}
