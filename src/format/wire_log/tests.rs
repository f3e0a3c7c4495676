//! What Apache HttpClient, Ruby and Go print.

use super::sniff;
use crate::format::sniff as format_of;
use crate::format::transcript::tests::{list, recorded, told};

const CALLS: [&str; 2] = [
    "POST http://127.0.0.1:8471/oauth/token 200 req=6+body res=4+body time",
    "GET http://127.0.0.1:8471/v2/berths 401 req=5 res=5+body time",
];

#[test]
fn apache_tells_heads_twice() {
    assert_eq!(list(&recorded("apache-4.5-wire.txt")).lines, CALLS);
    let told = told(&recorded("apache-4.5-wire.txt")).0;
    assert!(
        told[0].contains(
            "\ngrant_type=client_credentials&client_id=quay-app&client_secret=right-horse\n{\"access_token\": "
        )
    );
    assert!(told[1].contains("\nAuthorization: Bearer xryvdQ7m2xKc9wLr4tZsB8nHj3pVf6gYex\n"));
    assert!(told[1].ends_with("\n-\n{\"message\": \"Unauthorized\", \"code\": 4011}"), "{}", told[1]);
}

/// Without the log of its connections the scheme is not told.
#[test]
fn apache_in_the_words_of_version_5() {
    let wire: Vec<String> = CALLS.iter().map(|c| c.replace(" http:", " ")).collect();
    assert_eq!(list(&recorded("apache-5.2-wire.txt")).lines, wire);
}

/// The log of heads alone shows no bodies.
#[test]
fn heads_alone() {
    let heads = list(&recorded("apache-5.2-headers.txt"));
    let want = CALLS.map(|c| c.replace("+body", "+body?").replace("req=5", "req=5+body?"));
    assert_eq!(heads.lines, want);
}

#[test]
fn ruby() {
    let listing = list(&recorded("ruby-3.1-net-http.txt"));
    assert_eq!(
        listing.lines,
        [
            "POST http://127.0.0.1:8471/oauth/token 200 req=6+body res=4+body",
            "GET http://127.0.0.1:8471/v2/berths 401 req=5 res=5+body",
            "GET http://127.0.0.1:8471/moved 302 req=4 res=5",
        ]
    );
    let told = told(&recorded("ruby-3.1-net-http.txt")).0;
    assert!(told[0].ends_with(
        "{\"access_token\": \"xryvdQ7m2xKc9wLr4tZsB8nHj3pVf6gYe\", \"token_type\": \"Bearer\", \"expires_in\": 3600}"
    ));
    // TLS is told by a line of its own.
    let text = String::from_utf8(recorded("ruby-3.1-net-http.txt")).unwrap();
    let tls = text
        .replace("\nopened\n", "\nopened\nstarting SSL for 127.0.0.1:8471...\nSSL established, protocol: TLSv1.3\n");
    assert!(list(tls.as_bytes()).lines[1].starts_with("GET https://127.0.0.1:8471/v2/berths 401"));
}

#[test]
fn go() {
    let listing = list(&recorded("go-quoted-dump.txt"));
    let want = [
        "POST //127.0.0.1:8471/oauth/token 401 req=5+body res=5+body",
        "GET //127.0.0.1:8471/v2/berths 401 req=4 res=5+body",
    ];
    assert_eq!(listing.lines, want);
    // Printed with a logger, a dump has a time before its first line.
    let logged = recorded("go-log-dump.txt");
    assert_eq!(format_of(&logged).map(|f| f.name), Some("http-text"));
    assert_eq!(list(&logged).lines, want);
}

/// Two connections at once; a body that was packed.
#[test]
fn connections_and_packed_bodies() {
    let text = "a - http-outgoing-0 >> \"GET /one HTTP/1.1[\\r][\\n]\"\na - http-outgoing-1 >> \"GET /two HTTP/1.1[\\r][\\n]\"\n\
        a - http-outgoing-0 >> \"Host: a.example[\\r][\\n]\"\na - http-outgoing-0 >> \"[\\r][\\n]\"\n\
        a - http-outgoing-1 >> \"Host: b.example[\\r][\\n]\"\na - http-outgoing-1 >> \"[\\r][\\n]\"\n\
        a - http-outgoing-1 << \"HTTP/1.1 403 Forbidden[\\r][\\n]\"\na - http-outgoing-0 << \"HTTP/1.1 401 Unauthorized[\\r][\\n]\"\n\
        a - http-outgoing-1 << \"Content-Encoding: deflate[\\r][\\n]\"\na - http-outgoing-1 << \"[\\r][\\n]\"\n\
        a - http-outgoing-1 << \"x[0x9c]KLJ[0x2][0x0][0x2]L[0x1]&\"\n";
    let told = told(text.as_bytes()).0;
    assert_eq!(told[0].lines().next(), Some("GET //a.example/one 401"));
    assert_eq!(told[1], "GET //b.example/two 403\nHost: b.example\n-\nabb");
}

#[test]
fn scores() {
    assert_eq!(sniff(b"-> a\n<- \"b\"\nhe wrote \"HTTP/1.1\"\n"), 0);
    assert_eq!(sniff(b"DEBUG httpclient.wire.header - >> \"GET / HTTP/1.1[\\r][\\n]\"\n"), 84);
}
