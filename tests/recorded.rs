//! What servers, proxies and sniffers wrote of the same calls (`tests/lab/servers.py`) is read whole.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// How the names begin, the format, and how many exchanges each file holds.
const FILES: [(&str, &str, usize); 29] = [
    // The calls and two broken requests; TLS bytes are told in the error log alone.
    ("apache-2.4-common.log", "access-log", 12),
    ("apache-2.4-combined.log", "access-log", 12),
    ("apache-2.4-vhost_combined.log", "access-log", 12),
    ("apache-2.4-custom.log", "access-log", 12),
    ("apache-2.4-spread.log", "access-log", 12),
    ("apache-2.4-json.log", "json-log", 12),
    ("apache-2.4-forensic.log", "forensic", 10),
    // Caddy tells of no request that it could not read.
    ("caddy-2.6-console.log", "json-log", 10),
    ("caddy-2.6-filtered.log", "json-log", 10),
    ("caddy-2.6-json", "json-log", 10),
    ("envoy-1.40-json.log", "json-log", 8),
    ("envoy-1.40-", "access-log", 8),
    // The probe of the lab, too.
    ("haproxy-2.6-json.log", "json-log", 14),
    ("haproxy-2.6-", "access-log", 14),
    ("nginx-1.22-auth.log", "access-log", 13),
    ("nginx-1.22-combined.log", "access-log", 13),
    ("nginx-1.22-json.log", "json-log", 13),
    ("nginx-1.22-ltsv.log", "access-log", 13),
    ("nginx-1.22-pairs.log", "access-log", 13),
    ("nginx-1.22-spread.log", "access-log", 13),
    ("squid-5.7-json.log", "json-log", 7),
    ("squid-5.7-", "access-log", 7),
    // Both sides of the cache.
    ("varnish-7.1-varnishlog", "varnishlog", 20),
    ("varnish-7.1-ncsa", "access-log", 12),
    ("netlog-", "netlog", 6),
    ("tshark-4.0-follow-two", "follow", 2),
    ("tshark-4.0-follow", "follow", 1),
    ("tshark-4.0-fields", "tshark", 3),
    ("tshark-4.0-json-chosen", "tshark", 3),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded")
}

fn expected(name: &str) -> Option<(&'static str, usize)> {
    if matches!(name, "tshark-4.0-json.json" | "tshark-4.0-ek.ndjson") {
        return Some(("tshark", 7)); // HTTP/1.1 and HTTP/2
    }
    FILES.iter().find(|(begin, ..)| name.starts_with(begin)).map(|(_, format, count)| (*format, *count))
}

/// The format string of a log that needs one: `apache-2.4-custom.log` has that of `custom` in `apache-2.4.formats`.
fn log_format(name: &str) -> Option<String> {
    let (server, kind) = name.strip_suffix(".log")?.match_indices('-').nth(1).map(|(at, _)| name.split_at(at))?;
    let kind = kind[1..].strip_suffix(".log")?;
    let formats = std::fs::read_to_string(folder().join(format!("{server}.formats"))).ok()?;
    formats.lines().find_map(|l| Some(l.strip_prefix(kind)?.strip_prefix('\t')?.to_owned()))
}

fn run(command: &str, name: &str, more: &[&str]) -> String {
    let format = log_format(name);
    let given: Vec<&str> =
        format.iter().flat_map(|f| ["--log-format", f.as_str()]).chain(more.iter().copied()).collect();
    let output =
        Command::new(env!("CARGO_BIN_EXE_why401")).current_dir(folder()).arg(command).args(given).arg(name).output();
    String::from_utf8(output.unwrap().stdout).unwrap()
}

fn names() -> Vec<String> {
    let all = std::fs::read_dir(folder()).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned());
    let mut all: Vec<String> = all.filter(|n| !n.ends_with(".md") && !n.ends_with(".formats")).collect();
    all.sort();
    all
}

#[test]
fn every_file_is_read_whole() {
    let mut wrong = Vec::new();
    for name in names().iter().filter(|n| !n.contains("error")) {
        let dump: Value = serde_json::from_str(&run("dump", name, &["--format", "json"])).unwrap_or_default();
        let Some((format, count)) = expected(name) else {
            wrong.push(format!("{name}: say what it holds"));
            continue;
        };
        let capture = &dump["captures"][0];
        let got = capture["exchanges"].as_array().map_or(0, Vec::len);
        let problems = capture["problems"].as_array().map_or(0, Vec::len);
        if capture["format"] != format || got != count || problems > 0 {
            wrong.push(format!(
                "{name}: {}, {got} exchanges, {problems} problems; {format}, {count} wanted",
                capture["format"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is read of each, and the causes that are found: no file may blame what it cannot show.
#[test]
fn what_is_read_and_said() {
    for name in names() {
        let report: Value = serde_json::from_str(&run("check", &name, &["--format", "json"])).unwrap_or_default();
        let cause = |f: &Value| format!("{} {} #{}", f["severity"], f["rule"], f["exchange"]["index"]).replace('"', "");
        let list = report["findings"].as_array().cloned().unwrap_or_default();
        let causes: Vec<String> = list.iter().filter(|f| f["root_cause"] == true).map(cause).collect();
        insta::assert_snapshot!(
            name.replace(['.', '-'], "_"),
            format!("{}\n{}", run("dump", &name, &[]), causes.join("\n"))
        );
    }
}
