//! Captures of the same traffic, judged together. The files of `tests/lab/join` were recorded with curl, mitmproxy, nginx.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::PathBuf;

use why401::analysis::{Options, Run, judge, read};
use why401::facts::Facts;
use why401::trace::align;

fn lab(name: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests/lab/join", name].iter().collect();
    std::fs::read(path).unwrap()
}

fn joined(files: &[(&str, Vec<u8>)]) -> serde_json::Value {
    let options = Options::default();
    let mut all = Facts::default();
    for (name, bytes) in files {
        let (format, facts) = read(bytes, &options).unwrap();
        all.join(name, format.name, facts);
    }
    align(&mut all);
    let mut run = Run::new(&options);
    run.add_judged("", "", judge(&all, &options));
    serde_json::to_value(&run.report).unwrap()
}

fn named(names: &[&'static str]) -> Vec<(&'static str, Vec<u8>)> {
    names.iter().map(|n| (*n, lab(n))).collect()
}

fn roots(report: &serde_json::Value) -> Vec<String> {
    let list = report["findings"].as_array().unwrap().iter().filter(|f| f["root_cause"] == true);
    list.map(|f| {
        format!(
            "{} {}#{}",
            f["rule"].as_str().unwrap(),
            f["exchange"]["file"].as_str().unwrap(),
            f["exchange"]["index"]
        )
    })
    .collect()
}

fn explained(report: &serde_json::Value, rule: &str) -> Vec<String> {
    let f = report["findings"].as_array().unwrap().iter().find(|f| f["rule"] == rule).unwrap();
    let list = f["explains"].as_array().unwrap().iter();
    list.map(|e| format!("{}#{}", e["file"].as_str().unwrap(), e["index"])).collect()
}

#[test]
fn a_header_that_the_proxy_took_is_seen_from_both_sides() {
    let report = joined(&named(&["client.txt", "proxy.log", "upstream.log"]));
    assert_eq!(roots(&report)[0], "credentials-stripped client.txt#0", "{:?}", roots(&report));
    assert_eq!(
        explained(&report, "credentials-stripped"),
        ["client.txt#0", "client.txt#1", "proxy.log#1", "proxy.log#2", "upstream.log#1", "upstream.log#2"]
    );
    // The call that went through was refused for something else, told once for both of its lines.
    assert_eq!(roots(&report).len(), 2, "{:?}", roots(&report));
    // Each file is a capture of its own, and evidence names the file that it stands in.
    let captures = report["captures"].as_array().unwrap();
    let counts: Vec<_> =
        captures.iter().map(|c| (c["file"].as_str().unwrap(), c["exchanges"].as_u64().unwrap())).collect();
    assert_eq!(counts, [("client.txt", 2), ("proxy.log", 4), ("upstream.log", 4)]);
    let evidence = report["findings"][0]["evidence"].as_array().unwrap();
    assert!(
        evidence.iter().any(|e| e["file"] == "upstream.log" && e["exchange"] == 1 && e["line"] == 2),
        "{evidence:#?}"
    );
}

#[test]
fn a_flow_file_and_logs_of_one_session() {
    let report = joined(&named(&["session.mitm", "session-proxy.log", "session-upstream.log"]));
    assert_eq!(roots(&report), ["credentials-stripped session.mitm#1"]);
    assert_eq!(explained(&report, "credentials-stripped").len(), 3);
}

#[test]
fn without_ids_and_with_a_wrong_clock() {
    // Five minutes ahead, and no id in either log: method, path, status and time are left.
    let cut = |name: &str| {
        let text = String::from_utf8(lab(name)).unwrap();
        let lines = text.lines().map(|l| l.split(" id=").next().unwrap().replace(":10:32:", ":10:37:"));
        (lines.collect::<Vec<_>>().join("\n") + "\n").into_bytes()
    };
    let client = String::from_utf8(lab("client.txt")).unwrap();
    let client: String = client.lines().filter(|l| !l.contains("X-Request-ID")).map(|l| format!("{l}\n")).collect();
    let report = joined(&[
        ("client.txt", client.into_bytes()),
        ("proxy.log", cut("proxy.log")),
        ("up.log", cut("upstream.log")),
    ]);
    assert_eq!(roots(&report)[0], "credentials-stripped client.txt#0", "{:?}", roots(&report));
    assert_eq!(explained(&report, "credentials-stripped").len(), 6);
}

#[test]
fn a_login_in_one_file_and_its_call_in_another() {
    let report = joined(&named(&["login.txt", "call.txt"]));
    assert_eq!(roots(&report), ["mangled-token call.txt#0"]);
    let evidence = report["findings"][0]["evidence"].as_array().unwrap();
    assert!(evidence.iter().any(|e| e["file"] == "login.txt" && e["exchange"] == 0), "{evidence:#?}");
    // Alone, the call tells less.
    assert_ne!(roots(&joined(&named(&["call.txt"]))), ["mangled-token call.txt#0"]);
}

#[test]
fn two_clients_with_like_requests_are_no_views_of_one() {
    let report = joined(&[("a.txt", lab("client.txt")), ("b.txt", lab("client.txt"))]);
    for finding in report["findings"].as_array().unwrap() {
        assert!(!finding["because"].as_str().unwrap().contains("one request"), "{finding:#?}");
    }
}
