//! `why401 dump`: what was read of one small capture of each format, without secrets.

#![allow(clippy::expect_used, reason = "a test may fail")]

use std::path::Path;
use std::process::{Command, Output};

fn dump(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_why401"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).arg("dump").args(arguments);
    command.output().expect("the program runs")
}

fn text(arguments: &[&str]) -> String {
    String::from_utf8(dump(arguments).stdout).expect("UTF-8")
}

/// One capture of each format: from the samples, and from what real clients printed.
const CAPTURES: [(&str, &str); 16] = [
    ("har", "samples/token-not-sent.har"),
    ("curl", "samples/token-in-url.curl.txt"),
    ("access-log", "samples/mixed-gateway.ltsv.log"),
    ("mitmdump", "samples/wrong-port.mitm.txt"),
    ("json-log", "samples/mixed-gateway.json.log"),
    ("json-list", "tests/written/header-missing.gcp.json"),
    ("w3c-log", "tests/written/header-missing.iis.log"),
    ("mitmproxy", "tests/sides/digest-wrong-password.mitm"),
    ("fiddler", "tests/written/pkce-mismatch.saz"),
    ("burp", "tests/written/jwt-expired.burp.xml"),
    ("charles", "tests/written/session-after-logout.chlsj"),
    ("zap", "tests/written/header-missing.zap.txt"),
    ("netlog", "tests/recorded/netlog-chromium-156-everything.json"),
    ("tshark", "tests/recorded/tshark-4.0-ek.ndjson"),
    ("varnishlog", "tests/recorded/varnish-7.1-varnishlog.log"),
    ("forensic", "tests/recorded/apache-2.4-forensic.log"),
];

#[test]
fn one_line_an_exchange() {
    for (format, file) in CAPTURES {
        let shown = text(&[file]);
        assert!(shown.starts_with(&format!("{file}: {format}")), "{shown}");
        insta::assert_snapshot!(format!("dump-{format}"), shown);
    }
}

/// What real clients printed, each recorded for this project.
#[test]
fn transcripts_of_clients() {
    insta::glob!("transcripts/*.txt", |path| {
        let name = path.file_name().and_then(|n| n.to_str()).expect("a name");
        insta::assert_snapshot!(text(&[&format!("tests/transcripts/{name}")]));
    });
}

#[test]
fn json_says_the_same() {
    for (format, file) in CAPTURES {
        let out = dump(&["--format", "json", file]);
        let json: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
        let capture = &json["captures"][0];
        assert_eq!(capture["format"], format);
        let shown = text(&[file]);
        assert_eq!(capture["exchanges"].as_array().map(Vec::len), Some(shown.matches("\n  #").count()), "{shown}");
    }
}

/// What the masks of a report hide, the list hides too.
#[test]
fn no_secret_is_listed() {
    let bytes = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/token-in-url.curl.txt"));
    let bytes = bytes.expect("a sample");
    let secret = bytes.split("access_token=").nth(1).and_then(|s| s.split([' ', '"', '\'', '&']).next());
    let secret = secret.expect("a token in a URL");
    assert!(secret.len() > 20, "{secret}");
    for format in ["text", "json"] {
        assert!(!text(&["--format", format, "samples/token-in-url.curl.txt"]).contains(secret));
    }
}

#[test]
fn what_cannot_be_read_is_an_error() {
    assert_eq!(dump(&["samples/README.md"]).status.code(), Some(2));
    assert_eq!(dump(&["samples/no-such-file"]).status.code(), Some(2));
    assert_eq!(dump(&["--input-format", "hra", "samples/token-not-sent.har"]).status.code(), Some(2));
    assert_eq!(dump(&["samples/token-not-sent.har"]).status.code(), Some(0));
}
