//! What Java's client logs.

use super::sniff;
use crate::format::transcript::tests::{list, recorded, told};

#[test]
fn heads_and_statuses() {
    let bytes = recorded("java-17-headers.txt");
    let listing = list(&bytes);
    assert_eq!(
        listing.lines,
        [
            "POST http://127.0.0.1:8471/oauth/token 200 req=4+body? res=4+body?",
            "GET http://127.0.0.1:8471/v2/berths 401 req=4 res=5+body?",
            "GET http://127.0.0.1:8471/moved 302 req=3 res=5",
        ]
    );
    assert_eq!(listing.recorder, "Java-http-client 17.0.15");
    assert!(told(&bytes).0[1].contains("\nAuthorization: Bearer xryvdQ7m2xKc9wLr4tZsB8nHj3pVf6gYex\n"));
}

/// `log=all` tells of frames, channels and threads between; `log=requests` of nothing else.
#[test]
fn more_and_less() {
    assert_eq!(list(&recorded("java-17-all.txt")).lines, list(&recorded("java-17-headers.txt")).lines);
    let text = String::from_utf8(recorded("java-17-headers.txt")).unwrap();
    let requests: String = text.lines().filter(|l| l.starts_with("INFO: RE")).flat_map(|l| [l, "\n"]).collect();
    let lines = list(requests.as_bytes()).lines;
    assert_eq!(lines[1], "GET http://127.0.0.1:8471/v2/berths 401 req=?+body? res=?+body?");
    let answers: String = text.lines().filter(|l| l.starts_with("INFO: RESP")).flat_map(|l| [l, "\n"]).collect();
    assert_eq!(list(answers.as_bytes()).lines, lines);
}

#[test]
fn scores() {
    assert_eq!(sniff(b"INFO: REQUEST: http://a.example/x was sent\nRESPONSE: (none) 401\n"), 0);
    assert_eq!(sniff(b"INFO: RESPONSE: (GET https://a.example/x) 401 HTTP_2 Local port: 1\n"), 70);
}
