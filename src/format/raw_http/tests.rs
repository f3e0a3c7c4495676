//! Dumps of Go, HTTPie's output, `.http` files, and what people paste.

use crate::format::sniff;
use crate::format::transcript::tests::{list, recorded, told};

#[test]
fn what_go_dumps() {
    let told = told(&recorded("go-httputil.txt"));
    let bodies: Vec<&str> = told.0.iter().map(|t| t.split('\n').rev().nth(1).unwrap()).collect();
    assert_eq!(bodies, ["client_id=quay-app&client_secret=wrong", "-", "{\"name\":\"north\"}"]);
    assert!(
        told.0[0].ends_with("{\"error\": \"invalid_client\", \"error_description\": \"Client authentication failed\"}")
    );
    assert!(told.0[1].starts_with("GET //127.0.0.1:8471/v2/berths?page=3 200\n"), "{}", told.0[1]);
    assert!(told.1.is_empty());
}

#[test]
fn what_httpie_prints() {
    let told = told(&recorded("httpie-v.txt"));
    let first: Vec<&str> = told.0.iter().map(|t| t.split('\n').next().unwrap()).collect();
    assert_eq!(
        first,
        [
            "POST http://127.0.0.1:8471/oauth/token 401",
            "GET http://127.0.0.1:8471/v2/berths 200",
            "GET http://localhost:8471/moved 302",
            "GET http://localhost:8471/v2/berths 401",
        ]
    );
    assert!(
        told.0[0].contains("\nclient_id=quay-app&client_secret=wrong\n{\"error\": \"invalid_client\""),
        "{}",
        told.0[0]
    );
    let colours = list(&recorded("httpie-vv-colours.txt"));
    assert_eq!(colours.lines, ["GET //127.0.0.1:8471/v2/berths 200 req=6 res=6+body"]);
    assert_eq!(colours.recorder, "HTTPie 3.2.4");
}

#[test]
fn scores() {
    let name = |s: &str| sniff(s.as_bytes()).map(|f| f.name);
    assert_eq!(name("GET / HTTP/1.1\nHost: a\n\n"), Some("http-text"));
    assert_eq!(name("GET / of the road\n"), None);
    assert_eq!(name("### all\nGET https://a.example/x\nAccept: */*\n"), Some("http-text"));
    assert_eq!(name("### a heading\n\nSome words\n"), None);
    assert_eq!(name("HTTP/1.1 401 No\nServer: a\n\n"), Some("curl"));
}

/// A request, its answer, and prose wherever people write it.
#[test]
fn pasted_into_prose() {
    let text = "Request:\n\nPOST /login HTTP/1.1\nHost: a.example\nContent-Type: application/json\nContent-Length: 12\n\n{\"a\": \"b c\"}\n\n\
        Response:\n\nHTTP/1.1 401 Unauthorized\nContent-Type: application/json\n\n{\n  \"no\": 1\n\n}\n\nWhat is wrong here?\n\n\
        GET /x HTTP/1.1\nHost: a.example\nAuthorization Bearer abc\n\n```\nno answer at all\n";
    let told = told(text.as_bytes());
    assert_eq!(told.0.len(), 2, "{:#?}", told.0);
    assert_eq!(
        told.0[0],
        "POST //a.example/login 401\nHost: a.example\nContent-Type: application/json\nContent-Length: 12\n{\"a\": \"b c\"}\n{\n  \"no\": 1\n\n}"
    );
    assert!(told.0[1].starts_with("GET //a.example/x 0\n"));
    assert_eq!(list(text.as_bytes()).lines[1], "GET //a.example/x - req=1");
}

#[test]
fn mail_quotes() {
    let text = "> GET /x HTTP/1.1\n> Host: a.example\n> Authorization: token abc\n>\n> HTTP/1.1 401 Unauthorized\n> Server: b\n>\n> {\"no\":1}\n";
    assert_eq!(sniff(text.as_bytes()).map(|f| f.name), Some("http-text"));
    assert_eq!(list(text.as_bytes()).lines, ["GET //a.example/x 401 req=2 res=1+body"]);
}

#[test]
fn interim_answers_belong_to_the_final_one() {
    let text = "PUT /x HTTP/1.1\r\nHost: a.example\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 100 Continue\r\n\r\n\
        HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nnoGET /y HTTP/1.1\r\nHost: a.example\r\n\r\nHTTP/1.1 204 None\r\n\r\n";
    assert_eq!(
        list(text.as_bytes()).lines,
        ["PUT //a.example/x 401 req=3+body res=1+body", "GET //a.example/y 204 req=1 res=0"]
    );
}

/// A body may show messages: its length guards it.
#[test]
fn a_body_of_messages() {
    let body = "GET /echo HTTP/1.1\nHost: a\n\nHTTP/1.1 200 OK\n\n";
    let text =
        format!("TRACE /x HTTP/1.1\nHost: a.example\n\nHTTP/1.1 200 OK\nContent-Length: {}\n\n{body}", body.len());
    assert_eq!(list(text.as_bytes()).lines, ["TRACE //a.example/x 200 req=1 res=1+body"]);
}

#[test]
fn what_is_cut_proves_no_absence() {
    let text = "GET /x HTTP/1.1\nHost: a.example\n\nHTTP/1.1 401 No\nServer: b\nWWW-Aut";
    let listing = list(text.as_bytes());
    assert_eq!(listing.lines, ["GET //a.example/x 401 req=1 res=?+body?"]);
    assert_eq!(listing.problems.len(), 1);
}

#[test]
fn http_files() {
    let text = "@host = https://a.example\n@token = abc\n\n### log in\nPOST {{host}}/login\nContent-Type: application/json\n\n{\"a\":1}\n\n\
        ### list\n# @name list\nGET {{host}}/items\n  ?page=2\nAuthorization: Bearer {{token}}\n\n### raw\nDELETE https://b.example/x HTTP/1.1\n";
    let told = told(text.as_bytes());
    let first: Vec<&str> = told.0.iter().map(|t| t.split('\n').next().unwrap()).collect();
    assert_eq!(
        first,
        ["POST https://a.example/login 0", "GET https://a.example/items?page=2 0", "DELETE https://b.example/x 0"]
    );
    // What a template will send is not known.
    assert!(list(text.as_bytes()).lines[1].contains("req=?"));
}
