use super::*;
use crate::format::{Listing, Options, access_log, drive};

const AUTH: &str = r#"$remote_addr $host [$time_iso8601] "$request" $status $request_time "$http_authorization" up=$upstream_status:$upstream_response_time www="$sent_http_www_authenticate" id=$request_id"#;
const APACHE: &str = r#"%a %{%Y-%m-%dT%H:%M:%S}t.%{msec_frac}t%{%z}t %m %U%q %H %>s %D "%{Authorization}i" "%{WWW-Authenticate}o" "%{X-Forwarded-For}i" %{UNIQUE_ID}e"#;

fn one<'l>(format: &str, line: &'l str) -> Option<Entry<'l>> {
    compile(format).unwrap().parse(Line { bytes: line.as_bytes(), start: 0 })
}

fn header(entry: &Entry<'_>, name: &str) -> String {
    let all = entry.request.list.iter().chain(&entry.response.list);
    all.into_iter().find(|h| h.name.lossy() == name).map(|h| h.value.lossy().into_owned()).unwrap_or_default()
}

#[test]
fn nginx_with_escapes() {
    let line = r#"127.0.0.1 a.test [2026-11-21T09:12:06+00:00] "GET /u HTTP/1.1" 401 0.5 "Bearer quote\x22and\x5Cback\x09tab" up=401, 200:0.001, - www="Bearer" id=de9a"#;
    let entry = one(AUTH, line).unwrap();
    assert_eq!(header(&entry, "authorization"), "Bearer quote\"and\\back\ttab");
    assert_eq!(header(&entry, "www-authenticate"), "Bearer");
    assert_eq!((entry.status, entry.join.lossy().as_ref()), (Some(401), "de9a"));
    assert_eq!((entry.host.lossy().as_ref(), entry.duration), ("a.test", Some(500_000)));
    assert!(entry.request.names.contains(&"authorization".into()));
}

#[test]
fn directives_are_taken_as_pasted() {
    let nginx = "log_format main escape=json '{\"s\":$status,\"us\":$upstream_status,'\n   '\"m\":\"$request_method\",\"u\":\"$request_uri\",\"a\":\"$http_authorization\"}';";
    let entry = one(nginx, r#"{"s":401,"us":,"m":"GET","u":"/x","a":"Bearer a\"b"}"#).unwrap();
    assert_eq!(header(&entry, "authorization"), "Bearer a\"b");
    let apache = r#"LogFormat "%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"" vhost_combined"#;
    let entry =
        one(apache, r#"a.test:443 ::1 - a b [21/Nov/2026:09:12:07 +0000] "GET /s HTTP/1.1" 401 6 "-" "x \"y\"""#)
            .unwrap();
    assert_eq!((header(&entry, "user-agent"), entry.scheme), ("x \"y\"".to_owned(), Some("https")));
    assert!(entry.time.is_some());
}

#[test]
fn apache_pieces_of_a_time_are_one_value() {
    let line = r#"127.0.0.1 2026-11-21T09:12:06.955+0000 GET /u?a=b HTTP/1.1 200 1040 "token 4Q" "-" "203.0.113.7, 10.0.0.1" awFg"#;
    let entry = one(APACHE, line).unwrap();
    assert_eq!(entry.time.map(|t| t.0 % 1_000_000), Some(955_000));
    assert_eq!(entry.target.lossy(), "/u?a=b");
    assert_eq!((entry.duration, entry.join.lossy().as_ref()), (Some(1040), "awFg"));
    assert_eq!(header(&entry, "x-forwarded-for"), "203.0.113.7, 10.0.0.1");
}

#[test]
fn formats_that_cannot_be_used() {
    assert!(check("$status$request_time").is_err());
    assert!(check("hello").is_err());
    assert!(check("log_format x 'abc").is_err());
    assert!(check("").is_err());
    assert!(check("%").is_err());
    assert!(check("%{a").is_err());
    assert!(check(AUTH).is_ok() && check(APACHE).is_ok());
}

#[test]
fn samples_with_their_formats() {
    let shared = std::env::var("WHY401_SHARED").unwrap_or(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").into());
    let ltsv = "log_format l 'time:$time_iso8601\\thost:$remote_addr\\tmethod:$request_method\\turi:$request_uri\\tstatus:$status\\tsize:$body_bytes_sent\\treqtime:$request_time\\tua:$http_user_agent\\tauth:$http_authorization';";
    let noesc = "log_format n escape=none '$remote_addr \"$request\" $status \"$http_authorization\"';";
    for (name, format, want) in [
        ("nginx-1.26-auth.log", AUTH, 40),
        ("nginx-1.26-ltsv.log", ltsv, 40),
        ("nginx-1.26-noesc.log", noesc, 40),
        ("apache-2.4.68-auth.log", APACHE, 13),
        (
            "nginx-1.26-json-invalid.log",
            r#"log_format j escape=json '{"s":$status,"us":$upstream_status,"a":"$http_authorization"}';"#,
            0,
        ),
    ] {
        let Ok(bytes) = std::fs::read(format!("{shared}/formats/logs/{name}")) else { return };
        let options = Options { log_format: Some(format.to_owned()) };
        let mut listing = Listing::default();
        drive(&mut *access_log::open(&options), &bytes, 100, &mut listing);
        assert_eq!(listing.lines.len(), want, "{name}: {:?}", listing.problems);
    }
}

#[test]
fn a_bad_format_is_a_problem_and_lines_are_read_all_the_same() {
    let options = Options { log_format: Some("$a$b".to_owned()) };
    let mut listing = Listing::default();
    let line = br#"1.2.3.4 - - [21/Nov/2026:09:12:07 +0000] "GET /s HTTP/1.1" 401 6"#;
    drive(&mut *access_log::open(&options), line, 7, &mut listing);
    assert_eq!((listing.lines.len(), listing.problems.len()), (1, 1));
}

#[test]
fn a_path_directly_behind_a_host() {
    let format = r#"$msec|$request_method|$scheme://$host$request_uri|$status|$http_authorization"#;
    let entry = one(format, "1795612731.5|GET|https://a.test/v2/me?q=1|401|Bearer x").unwrap();
    assert_eq!((entry.host.lossy().as_ref(), entry.target.lossy().as_ref()), ("a.test", "/v2/me?q=1"));
    assert_eq!((entry.scheme, entry.status), (Some("https"), Some(401)));
    let entry = one("$status $host$uri$is_args$args \"$http_referer\"", "200 a.test/x?y=/z \"-\"").unwrap();
    assert_eq!((entry.host.lossy().as_ref(), entry.target.lossy().as_ref()), ("a.test", "/x?y=/z"));
    // Nothing was asked for: there is no path.
    assert!(one(format, "1795612731.5|-|http://-|400|-").is_none_or(|e| e.target.is_empty() || e.target.raw() == b"-"));
    assert!(check("$host$status$uri").is_err());
}
