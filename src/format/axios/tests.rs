//! What Node prints of errors and answers of axios.

use super::sniff;
use crate::format::sniff as format_of;
use crate::format::transcript::tests::{list, recorded, told};

#[test]
fn errors() {
    let bytes = recorded("axios-1.21-error.txt");
    assert_eq!(
        list(&bytes).lines,
        [
            "POST http://127.0.0.1:8471/oauth/token 401 req=7+body res=5+body",
            "GET http://127.0.0.1:8471/v2/berths 401 req=6 res=5+body",
            // As JSON: neither the head that was sent nor the answer.
            "GET http://127.0.0.1:8471/v2/berths 401 req=?+body? res=?+body?",
        ]
    );
    let told = told(&bytes).0;
    assert!(told[0].ends_with(
        "\n{\"client_id\":\"quay-app\",\"client_secret\":\"wrong\"}\n\
        {\"error\":\"invalid_client\",\"error_description\":\"Client authentication failed\"}"
    ));
    assert!(told[1].starts_with("GET http://127.0.0.1:8471/v2/berths?page=2 401\nAccept: "), "{}", told[1]);
    assert!(told[1].contains("\nAuthorization: Bearer xryvdQ7m2xKc9wLr4tZsB8nHj3pVf6gYex\n"));
    assert!(told[1].ends_with("\n-\n{\"message\":\"Unauthorized\",\"code\":4011}"), "{}", told[1]);
}

/// The answer alone, and a connection that was refused; an object without a URL tells of no request.
#[test]
fn answers() {
    assert_eq!(
        list(&recorded("axios-1.21-response.txt")).lines,
        [
            "GET http://127.0.0.1:8471/v2/berths 401 req=6 res=5+body",
            "GET http://127.0.0.1:8479/gone - req=?+body? failed",
        ]
    );
}

/// Before version 1 the error was no class of its own; browsers keep no head that was sent.
#[test]
fn older_versions_and_browsers() {
    let text = "Error: Request failed with status code 401\n    at createError (createError.js:16:15)\n    at settle (settle.js:17:12) {\n  \
        config: {\n    url: '/user',\n    baseURL: 'https://a.example/api/',\n    method: 'get',\n    headers: {\n      \
        Accept: 'application/json',\n      Authorization: 'Bearer abcdefgh'\n    }\n  },\n  response: {\n    status: 401,\n    \
        statusText: 'Unauthorized',\n    headers: { 'set-cookie': [ 'a=b', 'c=d' ] },\n    data: 'bad \\'token\\''\n  }\n}\nnext\n";
    for (indent, end) in [("", "\n"), ("    ", "\n"), ("", "\r\n")] {
        let text: String = text.lines().flat_map(|l| [indent, l, end]).collect();
        assert_eq!(format_of(text.as_bytes()).map(|f| f.name), Some("axios"));
        let told = told(text.as_bytes()).0;
        assert_eq!(
            told,
            [
                "GET https://a.example/api/user 401\nAccept: application/json\nAuthorization: Bearer abcdefgh\n?\nbad 'token'"
            ]
        );
    }
}

#[test]
fn scores() {
    assert_eq!(sniff(b"errors:\n  status: 401,\n  config: none\n"), 0);
    assert_eq!(sniff(b"AxiosError: Request failed with status code 401\n    at settle (x) {\n"), 86);
}
