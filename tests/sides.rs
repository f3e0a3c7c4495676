//! Views of one session, recorded side by side (`tests/lab/sides.py`), give the same findings wherever they show the same;
//! some were written again in further formats (`tests/lab/rewrite.py`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;
use why401::analysis::{Options, Run, judge, read};
use why401::format::{Listing, drive, sniff};

#[path = "support/saz.rs"]
mod saz;
use saz::unpacked;

/// How the files of a session end, and the format that each is.
const VIEWS: [(&str, &str); 9] = [
    ("har", "har"),
    ("mitm", "mitmproxy"),
    ("mitm.txt", "mitmdump"),
    ("curl.txt", "curl"),
    ("browser.har", "har"),
    ("saz", "fiddler"),
    ("burp.xml", "burp"),
    ("chlsj", "charles"),
    ("zap.txt", "zap"),
];

/// What a view cannot prove: session, view, the rule that it therefore names as possible only, why.
const NOT_SHOWN: [(&str, &str, &str, &str); 1] =
    [("page-preflight-header", "browser.har", "cors-preflight-failed", "Playwright records no preflights")];

const FOLDERS: [&str; 2] = ["tests/sides", "tests/written"];

/// Session -> view -> bytes.
fn sessions() -> BTreeMap<String, BTreeMap<&'static str, Vec<u8>>> {
    let mut all: BTreeMap<String, BTreeMap<_, _>> = BTreeMap::new();
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    for entry in FOLDERS.iter().flat_map(|f| std::fs::read_dir(root.join(f)).unwrap()) {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // Logs show too little to compare.
        if name == "README.md" || name.ends_with(".iis.log") || name.ends_with(".gcp.json") {
            continue;
        }
        let (session, end) = name.split_once('.').unwrap();
        let &(view, _) = VIEWS.iter().find(|(v, _)| *v == end).unwrap_or_else(|| panic!("{name}: an unknown view"));
        all.entry(session.to_owned()).or_default().insert(view, unpacked(std::fs::read(&path).unwrap()));
    }
    all
}

/// What was read and judged, in words that do not depend on the view.
#[derive(Debug, PartialEq)]
struct Verdict {
    /// Rule, severity, confidence, whether it is the root cause, the exchange, and the exchanges that it explains.
    findings: BTreeSet<String>,
    credentials: Vec<String>,
    denied: Value,
    expected: Value,
}

/// The exchanges of a capture by method, URL and which of the like it is; tunnels stand in transcripts only.
fn names(bytes: &[u8]) -> Vec<String> {
    let mut listing = Listing::default();
    let format = sniff(bytes).unwrap();
    drive(&mut *(format.open)(&Default::default()), bytes, 1 << 20, &mut listing);
    assert!(listing.problems.is_empty(), "{:?}", listing.problems);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let call = |line: &String| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let number = |name: String| {
        let n = seen.entry(name.clone()).and_modify(|n| *n += 1).or_insert(1);
        format!("{name} ({n})")
    };
    listing.lines.iter().map(call).map(number).collect()
}

fn verdict(name: &str, bytes: &[u8]) -> Verdict {
    let options = Options::default();
    let (_, facts) = read(bytes, &options).unwrap();
    let mut run = Run::new(&options);
    run.add_judged(name, "", judge(&facts, &options));
    let report = serde_json::to_value(&run.report).unwrap();
    let names = names(bytes);
    let place = |e: &Value| names[usize::try_from(e["index"].as_u64().unwrap()).unwrap()].clone();
    let finding = |f: &Value| {
        let explains: BTreeSet<_> = f["explains"].as_array().unwrap().iter().map(place).collect();
        let words = ["rule", "severity", "confidence", "root_cause"].map(|k| f[k].to_string().replace('"', ""));
        format!("{} at {} explains {explains:?}", words.join(" "), place(&f["exchange"]))
    };
    let credential = |c: &Value| format!("{} {} {} {}", c["kind"], c["uses"], c["accepted"], c["denied"]);
    let capture = &report["captures"][0];
    Verdict {
        findings: report["findings"].as_array().unwrap().iter().map(finding).collect(),
        credentials: report["credentials"].as_array().unwrap().iter().map(credential).collect(),
        denied: capture["denied"].clone(),
        expected: capture["expected_denials"].clone(),
    }
}

/// Without the findings of a rule that a view cannot prove.
fn without(verdict: &Verdict, rule: &str) -> BTreeSet<String> {
    verdict.findings.iter().filter(|f| !f.starts_with(rule)).cloned().collect()
}

/// Whether both name the rule, and one is sure of it where the other says that it may be.
fn less_sure(want: &Verdict, got: &Verdict, rule: &str) -> bool {
    let sure = format!("{rule} error certain true");
    let unsure = format!("{rule} note possible false");
    let told = |v: &Verdict, how: &str| v.findings.iter().any(|f| f.starts_with(how));
    told(want, &sure) && told(got, &unsure) && without(want, rule) == without(got, rule)
}

#[test]
fn every_view_gives_the_same_verdict() {
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for (session, views) in sessions() {
        let want = verdict("x", &views["har"]);
        for (view, bytes) in views.iter().filter(|(v, _)| **v != "har") {
            let hidden = NOT_SHOWN.iter().find(|h| h.0 == session && h.1 == *view);
            let got = verdict("x", bytes);
            let same = match hidden {
                Some((.., rule, _)) => less_sure(&want, &got, rule),
                None => got == want,
            };
            if !same {
                wrong.push(format!("{session}.{view}: {got:#?}\ninstead of {want:#?}"));
            }
            compared += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared >= 90, "{compared} views");
}

#[test]
fn every_session_has_all_its_views_and_most_show_a_mistake() {
    let all = sessions();
    let mut roots = BTreeSet::new();
    for (session, views) in &all {
        for (view, bytes) in views {
            let format = VIEWS.iter().find(|(v, _)| v == view).unwrap().1;
            assert_eq!(sniff(bytes).map(|f| f.name), Some(format), "{session}.{view}");
        }
        let fourth = if session.starts_with("page-") { "browser.har" } else { "curl.txt" };
        assert!(["har", "mitm", "mitm.txt", fourth].iter().all(|v| views.contains_key(v)), "{session}: {views:?}");
        for finding in verdict("x", &views["har"]).findings.iter().filter(|f| f.contains(" true at ")) {
            roots.insert(finding.split(' ').next().unwrap().to_owned());
        }
    }
    assert!(all.len() >= 20, "{} sessions", all.len());
    assert!(roots.len() >= 15, "only these causes: {roots:?}");
}
