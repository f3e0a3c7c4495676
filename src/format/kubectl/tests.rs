//! What kubectl logs, at each level.

use super::sniff;
use crate::format::transcript::tests::{list, recorded, told};

#[test]
fn levels() {
    let listing = list(&recorded("kubectl-6-to-9.txt"));
    let url = "GET http://127.0.0.1:8471/v2/berths 401";
    assert_eq!(
        listing.lines,
        [
            format!("{url} req=?+body? res=?+body?"),
            format!("{url} req=2+body? res=?+body?"),
            format!("{url} req=2 res=5+body time"),
            format!("{url} req=2 res=5+body time"),
        ]
    );
    assert_eq!(listing.recorder, "kubectl v1.32.4");
    assert!(listing.problems.is_empty());
}

#[test]
fn bodies_and_masked_values() {
    let told = told(&recorded("kubectl-basic.txt"));
    assert!(told.0[0].ends_with("\n-\n{\"message\": \"Unauthorized\", \"code\": 4011}"), "{}", told.0[0]);
}

/// The words of versions from 1.33 on; written by hand after client-go's source.
#[test]
fn fields_of_newer_versions() {
    let text = "I0510 12:00:00.000001   12345 round_trippers.go:527] \"Request\" verb=\"GET\" url=\"https://h:6443/api?timeout=32s\" headers=<\n\
        \tAccept: application/json\n\tAuthorization: Bearer <masked>\n >\n\
        I0510 12:00:00.000002   12345 round_trippers.go:632] \"Response\" verb=\"GET\" url=\"https://h:6443/api?timeout=32s\" status=\"401 Unauthorized\" headers=<\n\
        \tAudit-Id: 1\n\tContent-Length: 129\n > milliseconds=4\n\
        I0510 12:00:00.000003   12345 helpers.go:246] \"Response Body\" body=\"{\\\"code\\\":401}\"\n";
    let told = told(text.as_bytes());
    assert_eq!(
        told.0,
        [
            "GET https://h:6443/api?timeout=32s 401\nAccept: application/json\nAuthorization: Bearer <masked>\n?\n{\"code\":401}"
        ]
    );
}

#[test]
fn scores() {
    assert_eq!(sniff(b"I1121 09:20:35.036374   16208 main.go:470] started\n"), 0);
    assert_eq!(sniff(b"I1121 09:20:35.036374   16208 round_trippers.go:560] GET https://h/x 401 Unauthorized in 2 milliseconds\n"), 80);
}
