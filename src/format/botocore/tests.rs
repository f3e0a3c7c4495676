//! What botocore logs.

use super::sniff;
use crate::format::transcript::tests::{list, recorded, told};

#[test]
fn requests_answers_and_bodies() {
    let bytes = recorded("botocore-boto3.txt");
    let listing = list(&bytes);
    assert_eq!(
        listing.lines,
        [
            "POST http://127.0.0.1:8471/ 403 req=7+body res=5+body time",
            "GET http://127.0.0.1:8471/quay-crates 403 req=6 res=4+body time",
            "POST http://127.0.0.1:8471/ 403 req=9+body res=5+body time",
        ]
    );
    assert_eq!(listing.recorder, "Boto3 1.43.11");
    let told = told(&bytes).0;
    assert!(
        told[0].contains("\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261125/eu-west-1/sts/")
    );
    assert!(told[0].contains("\nAction=GetCallerIdentity&Version=2011-06-15\n<ErrorResponse "), "{}", told[0]);
    assert!(told[2].contains("\n{\"Limit\":3}\n") || told[2].contains("\n{\"Limit\": 3}\n"), "{}", told[2]);
}

#[test]
fn the_command_line_prints_a_thread_too() {
    let listing = list(&recorded("botocore-aws-debug.txt"));
    assert_eq!(listing.lines, ["POST http://127.0.0.1:8471/ 403 req=7+body res=5+body time"]);
    assert_eq!(listing.recorder, "aws-cli 1.45.11");
}

/// Without the logger of urllib3 no status is told.
#[test]
fn a_status_that_is_not_told() {
    let text = String::from_utf8(recorded("botocore-boto3.txt")).unwrap();
    let without: String = text.lines().filter(|l| !l.contains("urllib3")).flat_map(|l| [l, "\n"]).collect();
    assert_eq!(list(without.as_bytes()).lines[0], "POST http://127.0.0.1:8471/ answered req=7+body res=5+body time");
}

#[test]
fn scores() {
    assert_eq!(sniff(b"2026-11-25 17:44:37,877 botocore.endpoint [DEBUG] Setting sts timeout as (60, 60)\n"), 0);
    let sending = b"botocore.endpoint - DEBUG - Sending http request: <AWSPreparedRequest method=GET, url=https://h/, headers={}>\n";
    assert_eq!(sniff(sending), 92);
}
