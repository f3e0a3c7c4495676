//! What a snapshot shows of a small change: the lines that quote it, and no others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use why401::analysis::{Options, analyze};
use why401::report::to_snapshot;

fn snapshot(name: &str, capture: &[u8]) -> Vec<String> {
    let run = analyze(name, capture, &Options::default()).unwrap();
    to_snapshot(&run.report).lines().map(str::to_owned).collect()
}

/// Lines before and after, where they differ; both texts have as many lines.
fn changed(sample: &str, from: &str, to: &str) -> Vec<(String, String)> {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("samples").join(sample);
    let before = std::fs::read_to_string(file).unwrap();
    assert!(before.contains(from), "{sample} holds no {from}");
    let after = before.replace(from, to);
    let (old, new) = (snapshot(sample, before.as_bytes()), snapshot(sample, after.as_bytes()));
    assert_eq!(old.len(), new.len(), "{sample}: {new:#?}");
    old.into_iter().zip(new).filter(|(a, b)| a != b).collect()
}

#[test]
fn a_byte_of_a_header_changes_the_lines_that_show_it() {
    let lines = changed("scheme-case.curl.txt", "Authorization: Token ", "Authorization: TOken ");
    assert!(!lines.is_empty() && lines.len() <= 4, "{lines:#?}");
    for (old, new) in &lines {
        assert_eq!(old.replace("Token", "TOken"), *new);
    }
}

#[test]
fn a_message_of_the_server_changes_the_line_that_quotes_it() {
    let lines = changed("insufficient-permissions.har", MESSAGE.0, MESSAGE.1);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].0.starts_with("  evidence: #"), "{lines:#?}");
    assert_eq!(lines[0].0.replace(MESSAGE.0, MESSAGE.1), lines[0].1);
}

/// Where nothing is quoted of it, another byte changes nothing at all: dates, ids, other headers.
#[test]
fn what_no_line_shows_changes_nothing() {
    let lines = changed("scheme-case.curl.txt", "curl/7.88.1", "curl/7.88.2");
    assert!(lines.is_empty(), "{lines:#?}");
}

const MESSAGE: (&str, &str) = ("permission to see this.", "permission to use this.");
