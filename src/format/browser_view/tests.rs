//! Both views, with and without titles; written by hand after what Chrome and Edge show.

use super::sniff;
use crate::format::sniff as format_of;
use crate::format::transcript::tests::{list, told};

const GENERAL: &str = "Request URL: https://a.example/v1/me?x=1\nRequest Method: GET\nStatus Code: 401 Unauthorized\n\
    Remote Address: 203.0.113.9:443\nReferrer Policy: strict-origin-when-cross-origin\n";
const ANSWER: &str = "content-type: application/json\nwww-authenticate: Bearer error=\"invalid_token\"\n";
const ASKED: &str = ":authority: a.example\n:method: GET\n:path: /v1/me?x=1\n:scheme: https\naccept: */*\nauthorization: Bearer abcdef\n\
    origin: https://b.example\n";
const WANT: &str =
    "GET https://a.example/v1/me?x=1 401\naccept: */*\nauthorization: Bearer abcdef\norigin: https://b.example\n?\n?";

/// Values on lines of their own.
fn below(text: &str) -> String {
    text.lines().map(|l| l.replacen(": ", ":\n", 1) + "\n").collect()
}

#[test]
fn views() {
    let (general, answer, asked) = (GENERAL, ANSWER, ASKED);
    let title = |a: &str, b: &str| format!("{general}{a}\n{answer}{b}\n{asked}");
    let texts = [
        title("Response Headers", "Request Headers"),
        title("\n▼ Response Headersview source", "▼ Request Headersview source"),
        format!("Dear team,\n\n{}", title("Response Headers:", "\nRequest Headers (7)")),
        below(GENERAL) + "Response Headers\n" + &below(ANSWER) + "Request Headers\n" + &below(ASKED),
        // Without titles.
        format!("{general}{answer}{asked}"),
        below(GENERAL) + &below(ANSWER) + &below(ASKED),
    ];
    for text in texts {
        assert_eq!(format_of(text.as_bytes()).map(|f| f.name), Some("browser-view"), "{text}");
        assert_eq!(told(text.as_bytes()).0, [WANT], "{text}");
        assert_eq!(list(text.as_bytes()).lines, ["GET https://a.example/v1/me 401 req=3+body? res=2+body?"]);
        assert_eq!(told(text.replace('\n', "\r\n").as_bytes()).0, [WANT]);
        let quoted: String = text.lines().map(|l| format!("> {l}\n")).collect();
        assert_eq!(told(quoted.as_bytes()).0, [WANT]);
    }
}

#[test]
fn bodies_and_empty_values() {
    let text = format!(
        "{}Response Headers\n{ANSWER}Request Headers\nauthorization: \ncookie:\nForm Data\ngrant_type: password\npassword: a&b\n\
        Response\n{{\"error\":\n\"no\"}}\n\nRequest URL: https://a.example/2\nRequest Method: GET\nStatus Code: 🔴 403 Forbidden\n",
        GENERAL.replace("GET", "POST")
    );
    let told = told(text.as_bytes()).0;
    assert_eq!(
        told[0],
        "POST https://a.example/v1/me?x=1 401\nauthorization: \ncookie: \ngrant%5Ftype=password&password=a%26b\n{\"error\":\n\"no\"}"
    );
    assert!(told[1].starts_with("GET https://a.example/2 403\n"), "{}", told[1]);
    let text = below(&format!("{GENERAL}Request Headers\n")) + "authorization:\ncookie:\na=b\n";
    assert_eq!(list(text.as_bytes()).lines, ["GET https://a.example/v1/me 401 req=2+body? res=?+body?"]);
}

/// What Chrome shows of a request that was blocked is not what was sent.
#[test]
fn provisional_headers() {
    let text = format!("{GENERAL}Request Headers\nProvisional headers are shown\nLearn more\naccept: x\n");
    assert_eq!(list(text.as_bytes()).lines, ["GET https://a.example/v1/me 401 req=?+body? res=?+body?"]);
}

#[test]
fn scores() {
    assert_eq!(sniff(b"Request URL: see the attached file\n"), 0);
    assert_eq!(sniff(GENERAL.as_bytes()), 88);
}
