//! What Python's clients print.

use super::sniff;
use crate::format::transcript::tests::{list, recorded, told};

#[test]
fn literals_are_decoded() {
    let told = told(&recorded("python-3.11-urllib.txt"));
    let lines: Vec<&str> = told.0[0].split('\n').collect();
    assert_eq!(lines[0], "POST //127.0.0.1:8471/oauth/token 200");
    assert_eq!(lines[7], "{\"client_id\": \"quay's\", \"client_secret\": \"café \\\\ \\\"x\\\"\"}");
    assert!(told.0[1].contains("\nAuthorization: Bearer it's \"quoted\"\n"), "{}", told.0[1]);
    assert!(told.1.is_empty());
}

#[test]
fn loggers_put_something_before() {
    let plain = list(&recorded("python-requests-debug.txt"));
    let prefixed = list(&recorded("python-requests-prefix.txt"));
    assert_eq!(plain.lines, prefixed.lines);
    assert_eq!(plain.lines.len(), 5);
    assert_eq!(plain.lines[3], "GET http://127.0.0.1:8471/v2/berths 401 req=7 res=5+body?");
    assert_eq!(plain.recorder, "python-requests 2.34.2");
    assert_eq!(plain.recorder, prefixed.recorder);
}

/// Each logs less than the one before, but the same calls.
#[test]
fn what_is_not_shown_is_not_observed() {
    let pool = list(&recorded("python-requests-pool.txt"));
    assert_eq!(pool.lines[2], "GET http://127.0.0.1:8471/v2/berths 200 req=?+body? res=?+body?");
    let debug = list(&recorded("python-httpx-debug.txt"));
    assert_eq!(debug.lines[2], "GET http://127.0.0.1:8471/v2/berths 401 req=?+body? res=5+body?");
    let info = list(&recorded("python-httpx-info.txt"));
    assert_eq!(info.lines[2], "GET http://127.0.0.1:8471/v2/berths 401 req=?+body? res=?+body?");
    assert_eq!((pool.lines.len(), debug.lines.len(), info.lines.len()), (5, 3, 3));
}

/// Python before 3.8 prints the names of headers without their values.
#[test]
fn old_names_prove_nothing() {
    let text = "send: b'GET /x HTTP/1.1\\r\\nHost: a.example\\r\\n\\r\\n'\nreply: 'HTTP/1.1 401 Unauthorized\\r\\n'\nheader: Server header: Date\nheader: Server\n";
    assert_eq!(list(text.as_bytes()).lines, ["GET //a.example/x 401 req=1 res=?+body?"]);
}

#[test]
fn scores() {
    assert_eq!(sniff(b"send: b'GET / HTTP/1.1\\r\\n\\r\\n'\nreply: 'HTTP/1.1 200 OK\\r\\n'\n"), 89);
    assert_eq!(sniff(b"please send: your reply: soon\nheader: none\n"), 0);
    assert_eq!(sniff(b"10.0.0.1 - - [10/Oct/2024:13:55:36 +0000] \"GET /x HTTP/1.1\" 401 12\n"), 0);
}
