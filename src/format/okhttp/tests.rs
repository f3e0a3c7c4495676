//! What OkHttp logs, at each level.

use super::sniff;
use crate::format::transcript::tests::{list, recorded, told};

#[test]
fn a_logger_before_it_changes_nothing() {
    let plain = told(&recorded("okhttp-3.13-body.txt"));
    let logcat = told(&recorded("okhttp-3.13-body-logcat.txt"));
    assert_eq!(plain.0, logcat.0);
    assert!(plain.0[0].ends_with("\nclient_id=quay-app&client_secret=right-horse\n{\"access_token\": \"ryvdQ7m2xKc9wLr4tZsB8nHj3pVf6gYe\", \"token_type\": \"Bearer\", \"expires_in\": 3600}"), "{}", plain.0[0]);
}

/// Only on the network's side are all headers shown; only with bodies their lack is.
#[test]
fn levels_show_different_things() {
    let second = |name: &str| list(&recorded(name)).lines.remove(1);
    assert_eq!(second("okhttp-3.13-basic.txt"), "GET http://127.0.0.1:8471/v2/berths 200 req=?+body? res=?+body?");
    assert_eq!(second("okhttp-3.13-headers.txt"), "GET http://127.0.0.1:8471/v2/berths 200 req=?+body? res=6+body?");
    assert_eq!(second("okhttp-3.13-headers-network.txt"), "GET http://127.0.0.1:8471/v2/berths 200 req=5 res=6+body?");
    assert_eq!(second("okhttp-3.13-body-network.txt"), "GET http://127.0.0.1:8471/v2/berths 200 req=5 res=6+body");
}

/// An interceptor of the application sees one call where the network sees two.
#[test]
fn redirects_and_failures() {
    let lines = |name: &str| list(&recorded(name)).lines;
    assert_eq!(
        lines("okhttp-3.13-body.txt")[2..],
        [
            "GET http://127.0.0.1:8471/v2/berths 401 req=?+body? res=5+body",
            "GET http://127.0.0.1:8479/gone - req=?+body? failed",
        ]
    );
    assert_eq!(
        lines("okhttp-3.13-body-network.txt")[2..],
        [
            "GET http://127.0.0.1:8471/moved 302 req=5 res=5+body",
            "GET http://127.0.0.1:8471/v2/berths 401 req=5 res=5+body",
        ]
    );
}

#[test]
fn answers_find_their_requests() {
    let text = "--> GET https://a.example/1\nHost: a.example\n--> END GET\n--> GET https://a.example/2\nHost: a.example\n--> END GET\n\
        <-- 401 https://a.example/2 (9ms)\nserver: x\n\nno\n<-- END HTTP (2-byte body)\n<-- 200 OK https://a.example/1 (12ms)\nserver: x\n<-- END HTTP\n";
    assert_eq!(
        list(text.as_bytes()).lines,
        ["GET https://a.example/2 401 req=1 res=1+body", "GET https://a.example/1 200 req=1 res=1+body?"]
    );
}

#[test]
fn scores() {
    assert_eq!(sniff(b"--> GET https://a.example/1\n<-- 200 OK https://a.example/1 (1ms)\n"), 89);
    assert_eq!(sniff(b"a --> b\nb <-- c\n--> GET out\n"), 0);
}

/// Feign names the method on every line, and no URL with an answer; written by hand after its source.
#[test]
fn feign() {
    let text = "2026-11-25 10:00:00.123 DEBUG 7 --- [main] demo.Berths : [Berths#login] ---> POST https://a.example/oauth/token HTTP/1.1\n\
        2026-11-25 10:00:00.123 DEBUG 7 --- [main] demo.Berths : [Berths#login] Content-Type: application/json\n\
        2026-11-25 10:00:00.123 DEBUG 7 --- [main] demo.Berths : [Berths#login] \n\
        2026-11-25 10:00:00.123 DEBUG 7 --- [main] demo.Berths : [Berths#login] {\"client_id\":\"x\"}\n\
        2026-11-25 10:00:00.123 DEBUG 7 --- [main] demo.Berths : [Berths#login] ---> END HTTP (17-byte body)\n\
        2026-11-25 10:00:00.223 DEBUG 7 --- [main] demo.Berths : [Berths#login] <--- HTTP/1.1 401 Unauthorized (100ms)\n\
        2026-11-25 10:00:00.223 DEBUG 7 --- [main] demo.Berths : [Berths#login] www-authenticate: Basic\n\
        2026-11-25 10:00:00.223 DEBUG 7 --- [main] demo.Berths : [Berths#login] \n\
        2026-11-25 10:00:00.223 DEBUG 7 --- [main] demo.Berths : [Berths#login] {\"error\":\"invalid_client\"}\n\
        2026-11-25 10:00:00.223 DEBUG 7 --- [main] demo.Berths : [Berths#login] <--- END HTTP (26-byte body)\n";
    let want = [
        "POST https://a.example/oauth/token 401\nContent-Type: application/json\n{\"client_id\":\"x\"}\n{\"error\":\"invalid_client\"}",
    ];
    assert_eq!(told(text.as_bytes()).0, want);
    // Without a logger's prefix, and at the level that shows no headers.
    let bare: String = text.lines().map(|l| l.split_once(" : ").unwrap().1.to_owned() + "\n").collect();
    assert_eq!(told(bare.as_bytes()).0, want);
    let basic: String = bare.lines().filter(|l| l.contains("HTTP/1.1")).flat_map(|l| [l, "\n"]).collect();
    assert_eq!(list(basic.as_bytes()).lines, ["POST https://a.example/oauth/token 401 req=?+body? res=?+body?"]);
    let failed = "[Berths#get] ---> GET https://a.example/x HTTP/1.1\n[Berths#get] ---> END HTTP (0-byte body)\n\
        [Berths#get] <--- ERROR ConnectException: Connection refused (3ms)\n";
    assert_eq!(list(failed.as_bytes()).lines, ["GET https://a.example/x - req=?+body? failed"]);
}
