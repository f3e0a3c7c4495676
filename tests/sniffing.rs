//! Which format the sampled captures are taken for: no format may claim another's.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::path::PathBuf;

use why401::format::sniff;

fn shared() -> PathBuf {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").to_owned();
    std::env::var("WHY401_SHARED").unwrap_or(beside).into()
}

fn taken_for(path: &str) -> Option<String> {
    let bytes = std::fs::read(shared().join(path)).ok()?;
    Some(sniff(&bytes[..bytes.len().min(65_536)]).map_or("none", |f| f.name).to_owned())
}

#[test]
fn logs_are_logs() {
    for (path, want) in [
        ("captures/mix-log-two-clients.log", "access-log"),
        ("captures/ok-many-users.log", "access-log"),
        ("captures/stripped-two-logs.log", "access-log"),
        ("captures/lk-wrong-port-mitm-dump.mitm.txt", "mitmdump"),
        ("formats/mitmproxy/mitmdump-11.0.2-detail1-live.txt", "mitmdump"),
        ("formats/logs/caddy-2.6.2-access.console.log", "json-log"),
        ("formats/logs/caddy-2.11.4-access.json", "json-log"),
        ("formats/logs/squid-6.13-json.log", "json-log"),
        ("formats/logs/nginx-1.26-json.log", "json-log"),
        ("formats/logs/haproxy-3.0-syslog-mixed.log", "access-log"),
        ("formats/logs/synthetic-iis-w3c.log", "w3c-log"),
        ("formats/logs/synthetic-zeek-http.log", "w3c-log"),
        ("formats/logs/apache-2.4.68-vhost_combined.log", "access-log"),
    ] {
        let Some(got) = taken_for(path) else { continue };
        assert_eq!(got, want, "{path}");
    }
}

#[test]
fn what_is_no_log_is_not_taken_for_one() {
    const LOGS: [&str; 4] = ["access-log", "json-log", "w3c-log", "mitmdump"];
    for folder in [
        "captures",
        "formats/curl",
        "formats/har",
        "formats/clients",
        "formats/proxies",
        "formats/wire",
        "corpus/har",
        "corpus/curl",
    ] {
        let Ok(entries) = std::fs::read_dir(shared().join(folder)) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let log = name.ends_with(".log") || name.ends_with(".mitm.txt");
            // These clients write one line a request, as a log does.
            let line_logs = ["python-requests", "httpx-debug", "botocore"];
            if log || line_logs.iter().any(|l| name.starts_with(l)) || name.ends_with("labels.json") {
                continue;
            }
            let Some(got) = taken_for(&format!("{folder}/{name}")) else { continue };
            assert!(!LOGS.contains(&got.as_str()), "{folder}/{name} is taken for {got}");
        }
    }
}
