//! What `dump_all` and `dump_response` write.

use super::sniff;
use crate::format::transcript::tests::{recorded, told};

#[test]
fn marks_are_inverse() {
    let told = told(&recorded("toolbelt-dump_all.txt"));
    let first: Vec<&str> = told.0.iter().map(|t| t.split('\n').next().unwrap()).collect();
    assert_eq!(
        first,
        [
            "POST //127.0.0.1:8471/oauth/token 200",
            "GET //127.0.0.1:8471/moved 302",
            "GET //127.0.0.1:8471/v2/berths 401",
            "GET //127.0.0.1:8471/v2/berths 200",
        ]
    );
    assert!(told.0[0].contains("\nclient_id=quay-app&client_secret=right-horse\n{\"access_token\""), "{}", told.0[0]);
    assert!(told.0[1].ends_with("\n-\n{\"to\": \"/v2/berths\"}"), "{}", told.0[1]);
    assert!(told.1.is_empty());
}

#[test]
fn scores() {
    assert_eq!(sniff(b"< GET / HTTP/1.1\n< \n> HTTP/1.1 200 OK\n> \n"), 97);
    assert_eq!(sniff(b"> GET / HTTP/1.1\n> \n< HTTP/1.1 200 OK\n< \n"), 0);
}
