//! How sure a diagnosis may be, whatever the server's words say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use why401::analysis::{Options, analyze};

/// Rule and confidence of the diagnosis of a paste.
fn judged(text: &str) -> (String, String) {
    let run = analyze("paste.txt", text.as_bytes(), &Options::default()).unwrap();
    let d = run.report.diagnoses.first().unwrap();
    (d.rule.clone(), d.confidence.clone())
}

#[test]
fn the_words_of_a_pasted_answer_alone_make_nothing_certain() {
    let command =
        "$ curl https://api.github.com/repos/a/b -H 'Authorization: Bearer ghp_abcdefghijklmnopqrstuvwxyz0123456789'";
    let words = "{\"message\":\"Resource not accessible by personal access token\"}";
    let pasted = judged(&format!("{command}\n{words}\n"));
    assert_eq!(pasted, ("insufficient-permissions".into(), "strong".into()));
    let sent = "> GET /repos/a/b HTTP/2\n> Host: api.github.com\n> Authorization: Bearer ghp_abcdefghijklmnopqrstuvwxyz0123456789\n>\n< HTTP/2 403\n<\n";
    assert_eq!(judged(&format!("{sent}{words}\n")), ("insufficient-permissions".into(), "certain".into()));
    // The request itself shows this one.
    let empty = "$ curl https://api.example.test/v1 -H 'Authorization: Bearer '\n{\"error\":\"token is empty\"}\n";
    assert_eq!(judged(empty), ("blank-token".into(), "certain".into()));
}

#[test]
fn a_page_that_is_shown_for_other_causes_too_is_never_certain() {
    let login = |answer: &str| {
        format!(
            "$ curl -v -d 'client_id=k4x9&client_secret=s3cretValue' https://acme.cloud.looker.com/api/4.0/login\n> POST /api/4.0/login HTTP/1.1\n> Host: acme.cloud.looker.com\n> Content-Type: application/x-www-form-urlencoded\n> Content-Length: 40\n>\n< HTTP/1.1 404 Not Found\n{answer}\n"
        )
    };
    let page = judged(&login("< Content-Type: text/html\n<\n<html><title>Looker Not Found (404)</title></html>"));
    assert_eq!(page, ("login-failed".into(), "strong".into()));
    let json = judged(&login("< Content-Type: application/json\n<\n{\"message\":\"Not found\"}"));
    assert_eq!(json, ("login-failed".into(), "certain".into()));
}
