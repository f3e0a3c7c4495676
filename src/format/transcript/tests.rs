//! Real transcripts of every dialect, whole and in pieces; what a ticket mixes.

use std::path::PathBuf;

use crate::format::{Listing, Options, Problem, Sink, drive, sniff};
use crate::http::{Body, Exchange};

/// What clients printed, recorded for this project.
pub(in crate::format) fn recorded(name: &str) -> Vec<u8> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "transcripts", name].iter().collect();
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

pub(in crate::format) fn list(bytes: &[u8]) -> Listing {
    let mut listing = Listing::default();
    let format = sniff(bytes).expect("a known format");
    drive(&mut *(format.open)(&Options::default()), bytes, 1 << 20, &mut listing);
    listing
}

/// Method and URL, status, request headers, request body, answer's body of each exchange.
#[derive(Default)]
pub(in crate::format) struct Told(pub(in crate::format) Vec<String>, pub(in crate::format) Vec<Problem>);

impl Sink for Told {
    fn exchange(&mut self, x: Exchange<'_>) {
        let body = |b: &Body<'_>| match b {
            Body::Text { text, .. } => text.lossy().into_owned(),
            Body::Absent => "-".to_owned(),
            _ => "?".to_owned(),
        };
        let headers: Vec<String> =
            x.request.headers.list.iter().map(|h| format!("{}: {}", h.name.lossy(), h.value.lossy())).collect();
        self.0.push(format!(
            "{} {} {}\n{}\n{}\n{}",
            x.request.method.lossy(),
            x.request.url.lossy(),
            x.response.as_ref().and_then(|r| r.status).unwrap_or(0),
            headers.join("\n"),
            body(&x.request.body),
            x.response.as_ref().map_or_else(|| "none".to_owned(), |r| body(&r.body)),
        ));
    }
    fn problem(&mut self, problem: Problem) {
        self.1.push(problem);
    }
    fn recorder(&mut self, _: &str, _: &str) {}
}

pub(in crate::format) fn told(bytes: &[u8]) -> Told {
    let mut sink = Told::default();
    let format = sniff(bytes).expect("a known format");
    drive(&mut *(format.open)(&Options::default()), bytes, 1 << 20, &mut sink);
    sink
}

/// Everything that is pushed, as text: for comparing.
#[derive(Default)]
struct Full(Vec<String>);

impl Sink for Full {
    fn exchange(&mut self, x: Exchange<'_>) {
        self.0.push(format!("{x:?}"));
    }
    fn problem(&mut self, p: Problem) {
        self.0.push(format!("{p:?}"));
    }
    fn recorder(&mut self, name: &str, version: &str) {
        self.0.push(format!("{name} {version}"));
    }
}

#[test]
fn the_outcome_does_not_depend_on_blocks() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/transcripts");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "txt") {
            continue;
        }
        files += 1;
        let bytes = std::fs::read(&path).unwrap();
        let format = sniff(&bytes).unwrap();
        let full = |block| {
            let mut sink = Full::default();
            drive(&mut *(format.open)(&Options::default()), &bytes, block, &mut sink);
            sink.0
        };
        let whole = full(1 << 20);
        for block in [1, 7, 97, 4096] {
            assert_eq!(full(block), whole, "{} in blocks of {block}", path.display());
        }
    }
    assert!(files > 20, "{files}");
}

const TICKET: &str = "Hi team,\n\n$ curl -v https://a.example/login -d 'client_id=x'\n\
    * Connected to a.example (10.0.0.1) port 443 (#0)\n> POST /login HTTP/1.1\n> Host: a.example\n> Content-Length: 11\n>\n\
    < HTTP/1.1 200 OK\n< Content-Length: 28\n<\n{\"access_token\":\"abcdefghi\"}\n* Connection #0 to host a.example left intact\n\n\
    and our backend logs this:\n\n    GET /user HTTP/1.1\n    Host: a.example\n    Authorization: token abcdefghi\n\n\
    Response was:\n\n    HTTP/1.1 401 Unauthorized\n    Content-Type: application/json\n\n    {\"message\":\"no\"}\n\nThe app says\n\
    11-21 09:06:27.123  1234  5678 D OkHttp: --> GET https://a.example/user\n\
    11-21 09:06:27.123  1234  5678 D OkHttp: Authorization: token abc\n11-21 09:06:27.123  1234  5678 D OkHttp: --> END GET\n\
    11-21 09:06:27.223  1234  5678 D OkHttp: <-- 401 Unauthorized https://a.example/user (100ms)\n\
    11-21 09:06:27.223  1234  5678 D OkHttp: content-type: application/json\n11-21 09:06:27.223  1234  5678 D OkHttp: \n\
    11-21 09:06:27.223  1234  5678 D OkHttp: {\"message\":\"no\"}\n11-21 09:06:27.223  1234  5678 D OkHttp: <-- END HTTP (16-byte body)\n\n\
    $ curl https://b.example/x\n{\"error\":\"no\"}\n\nThanks, Bob\n";

/// curl, prose, raw messages and a client's log in one text.
#[test]
fn a_ticket_mixes() {
    let want = [
        "POST https://a.example/login 200 req=2+body res=1+body typed",
        "GET //a.example/user 401 req=2 res=1+body",
        "GET https://a.example/user 401 req=?+body? res=1+body",
        "GET https://b.example/x answered req=2 res=?+body typed",
    ];
    for end in ["\n", "\r\n"] {
        let text = TICKET.replace('\n', end);
        assert_eq!(sniff(text.as_bytes()).map(|f| f.name), Some("curl"));
        let listing = list(text.as_bytes());
        assert_eq!(listing.lines, want);
        assert!(listing.problems.is_empty());
    }
}

#[test]
fn a_ticket_in_pieces() {
    let want = list(TICKET.as_bytes()).lines;
    let format = sniff(TICKET.as_bytes()).unwrap();
    for block in 1..200 {
        let mut listing = Listing::default();
        drive(&mut *(format.open)(&Options::default()), TICKET.as_bytes(), block, &mut listing);
        assert_eq!(listing.lines, want, "{block}");
    }
}

/// A page that explains requests is one body.
#[test]
fn a_page_that_quotes_messages_is_a_body() {
    let text = "$ curl -v https://a.example/docs\n> GET /docs HTTP/2\n> Host: a.example\n>\n< HTTP/2 200\n< content-type: text/html\n<\n\
        <!DOCTYPE html>\n<html><pre>\nGET /user HTTP/1.1\nHost: a.example\n\n</pre></html>\n* Connection #0 to host a.example left intact\n";
    assert_eq!(list(text.as_bytes()).lines.len(), 1);
}

/// When requests began and how long they took, of clocks on the wall.
#[derive(Default)]
struct Times(Vec<(Option<String>, Option<i64>)>);

impl Sink for Times {
    fn exchange(&mut self, x: Exchange<'_>) {
        self.0.push((x.request.started.map(crate::http::Time::utc), x.request.duration));
    }
    fn problem(&mut self, _: Problem) {}
    fn recorder(&mut self, _: &str, _: &str) {}
}

/// Recorded in India and New York; the zone is told by the answers' dates alone.
#[test]
fn local_times() {
    let times = |bytes: &[u8]| {
        let mut sink = Times::default();
        drive(&mut *(sniff(bytes).unwrap().open)(&Options::default()), bytes, 1 << 20, &mut sink);
        sink.0
    };
    let at = |text: &str| Some(text.to_owned());
    let curl = recorded("curl-7.88-v-time-kolkata.txt");
    let began = at("2026-11-25 17:44:24 UTC");
    assert_eq!(times(&curl), [(began.clone(), Some(2012)), (began, Some(81))]);
    let wget = times(&recorded("wget-1.21-d-new-york.txt"));
    assert_eq!(wget, vec![(at("2026-11-25 17:44:24 UTC"), None); 2]);
    // Without a date that fits no day is made up, and with another's clock no other day.
    let curl = String::from_utf8(curl).unwrap();
    let odd = curl.replace("17:44:24 GMT", "17:51:24 GMT");
    assert_eq!(times(odd.as_bytes()), [(None, Some(2012)), (None, Some(81))]);
    let undated = curl.replacen("Date: ", "X-Date: ", 1);
    assert_eq!(times(undated.as_bytes())[0].0, None);
    let second = curl.rsplit_once("< Date: ").unwrap();
    let second = format!("{}< X-Date: {}", second.0, second.1);
    assert_eq!(times(second.as_bytes())[1].0, at("2026-11-25 17:44:24 UTC"), "the day of the one before");
}
