//! The commands beside `check`: what they print of samples.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::process::{Command, Output};

use serde_json::Value;

fn why401(arguments: &[&str]) -> Output {
    let root = env!("CARGO_MANIFEST_DIR");
    Command::new(env!("CARGO_BIN_EXE_why401")).args(arguments).current_dir(root).output().unwrap()
}

fn text(arguments: &[&str]) -> String {
    String::from_utf8(why401(arguments).stdout).unwrap()
}

#[test]
fn trace_tells_the_lives_of_credentials() {
    let shown = text(&["trace", "--no-config", "samples/mixed-failed-login-five.har"]);
    let has = |line: &str| assert!(shown.lines().any(|l| l.trim().starts_with(line)), "{line}\n{shown}");
    has("samples/mixed-failed-login-five.har: 11 exchanges, 1 client, 1 server, 1 credential");
    has("https://bi-harbor.example.test               profile looker");
    has("T1   bearer");
    has("accepted  #1, #4, #7 and #10  header authorization");
    has("#2     login       POST https://bi-harbor.example.test/api/4.0/login -> 404  (refused)");
}

#[test]
fn trace_for_machines_holds_the_same() {
    let model: Value =
        serde_json::from_str(&text(&["trace", "--format", "json", "samples/token-after-logout.har"])).unwrap();
    assert_eq!(model["schema"], "why401-trace/1");
    let tokens = model["captures"][0]["credentials"].as_array().unwrap();
    let ended = tokens.iter().find(|t| t["ended_by"].as_array().unwrap().len() == 1).unwrap();
    let uses = ended["uses"].as_array().unwrap();
    assert!(
        uses.iter().any(|u| u["outcome"] == "accepted") && uses.iter().any(|u| u["outcome"] == "refused"),
        "{ended}"
    );
}

#[test]
fn trace_says_what_it_cannot_read() {
    let out = why401(&["trace", "no-such-file.har"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8(out.stderr).unwrap().starts_with("error: no-such-file.har: "));
}

#[test]
fn providers_are_listed_and_explained() {
    let list = text(&["providers"]);
    assert!(list.lines().any(|l| l.starts_with("looker ")) && list.lines().count() > 15, "{list}");
    for line in list.lines() {
        let id = line.split(' ').next().unwrap();
        let page = text(&["providers", id]);
        assert!(page.starts_with(&format!("{id}: ")) && page.contains("\nsources "), "{page}");
    }
    let page = text(&["providers", "looker"]);
    assert!(page.contains("scheme token or Bearer, in exactly this case"), "{page}");
    let out = why401(&["providers", "loker"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8(out.stderr).unwrap().contains("did you mean \"looker\"?"));
}

#[test]
fn explain_prints_a_page_without_the_marks_of_its_tests() {
    let page = text(&["explain", "scheme-case"]);
    assert!(
        page.starts_with(
            "scheme-case: scheme spelled in another case than the server accepts\nerror, usually certain\n"
        )
    );
    assert!(page.contains("\nWhat is right\n\n    > GET ") && page.contains("\nNeeds: request headers\n"), "{page}");
    assert!(!page.contains("```") && !page.contains("## "), "{page}");
    assert!(text(&["explain", "unknown-token"]).contains("said only when no other rule explains the refusal"));
}
