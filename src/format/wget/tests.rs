//! What wget prints.

use super::sniff;
use crate::format::transcript::tests::{list, recorded, told};

#[test]
fn debug_output() {
    let told = told(&recorded("wget-1.21-d.txt"));
    assert_eq!(told.0.len(), 5, "{:#?}", told.0);
    assert!(told.0[0].starts_with("POST http://127.0.0.1:8471/oauth/token 200\n"));
    let bodies: Vec<&str> = told.0[0].split('\n').rev().take(2).collect();
    assert_eq!(
        bodies,
        [
            "{\"access_token\": \"ryvdQ7m2xKc9wLr4tZsB8nHj3pVf6gYe\", \"token_type\": \"Bearer\", \"expires_in\": 3600}",
            "grant_type=client_credentials&client_id=quay-app&client_secret=right-horse",
        ]
    );
    assert!(told.0[3].ends_with("\n-\n{\"message\": \"Unauthorized\", \"code\": 4011}"), "{}", told.0[3]);
    assert!(told.0[4].starts_with(" http://127.0.0.1:8479/gone 0\n"), "{}", told.0[4]);
}

/// `-S` shows neither methods nor requests.
#[test]
fn server_response() {
    let listing = list(&recorded("wget-1.21-S.txt"));
    assert_eq!(
        listing.lines,
        [
            "- http://127.0.0.1:8471/v2/berths 200 req=?+body? res=6+body time",
            "- http://127.0.0.1:8471/moved 302 req=?+body? res=5+body? time",
            "- http://127.0.0.1:8471/v2/berths 401 req=?+body? res=5+body? time",
            "- http://127.0.0.1:8479/gone - req=?+body? time failed",
        ]
    );
}

/// Without options wget shows URLs and statuses.
#[test]
fn plain() {
    let listing = list(&recorded("wget-1.21-plain.txt"));
    let line = |status: u16| format!("- http://127.0.0.1:8471/v2/berths {status} req=?+body? res=?+body?");
    assert_eq!(listing.lines, [401, 401, 401, 401, 200].map(line));
}

#[test]
fn scores() {
    assert_eq!(
        sniff(b"--2026-11-21 09:16:26--  http://a.example/x\nHTTP request sent, awaiting response... 200 OK\n"),
        89
    );
    assert_eq!(sniff(b"--- a heading ---\nRequest begin\n"), 0);
}

/// Pieces of an output, in the wrong order or alone.
#[test]
fn pieces_are_no_loop() {
    let text = "---request begin---\nSkipping 98 bytes of body: [x] done.\n---request end---\nSkipping 98 bytes of body: [x] done.\n\
        Saving to: \u{2018}STDOUT\u{2019}\nSkipping 9 bytes of body: [x\n";
    assert_eq!(list(text.as_bytes()).lines.len(), 1);
}
