mod broken;
mod properties;

use super::*;
use crate::format::{Listing, Problem, drive};
use crate::http::{Body, Coding, Exchange, Seen, Text};

fn list(input: &[u8], block: usize) -> Listing {
    let mut sink = Listing::default();
    drive(&mut Har::default(), input, block, &mut sink);
    sink
}

/// Calls `check` with every exchange.
struct Each<F>(F, u64);

impl<F: FnMut(&Exchange<'_>)> Sink for Each<F> {
    fn exchange(&mut self, x: Exchange<'_>) {
        self.1 += 1;
        (self.0)(&x);
    }
    fn problem(&mut self, problem: Problem) {
        panic!("{problem:?}");
    }
    fn recorder(&mut self, _: &str, _: &str) {}
}

fn each(input: &str, check: impl FnMut(&Exchange<'_>)) {
    let mut sink = Each(check, 0);
    drive(&mut Har::default(), input.as_bytes(), 1 << 16, &mut sink);
    assert!(sink.1 > 0, "nothing was read");
}

/// A list with one entry of this request and this response.
fn one(request: &str, response: &str) -> String {
    format!(r#"[{{"request":{{"method":"GET","url":"https://h/a"{request}}},"response":{response}}}]"#)
}

const SMALL: &str = r#"{"log":{"version":"1.2","creator":{"name":"Made","version":"3"},"pages":[],"entries":[
 {"pageref":"p1","startedDateTime":"2026-05-05T09:46:50.5Z","time":12.5,"request":{"method":"POST","url":"https://h/a?b",
  "httpVersion":"HTTP/1.1","headers":[{"name":"Host","value":"h"},{"name":"X","value":"a\"b"}],"bodySize":3,
  "postData":{"mimeType":"text/plain","text":"abc"}},"response":{"status":401,"statusText":"Unauthorized",
  "headers":[{"name":"Server","value":"s"}],"content":{"size":2,"text":"no"}},"_resourceType":"XHR"},
 {"request":{"method":"GET","url":"https://h/b","headers":[],"bodySize":0},"response":{"status":0,"content":{},"_error":"net::ERR_FAILED"}}
]}}"#;

#[test]
fn every_fact_with_its_place() {
    let at = |t: &Text<'_>| (t.at().start as usize, t.at().end as usize);
    let mut n = 0;
    each(SMALL, |x| {
        n += 1;
        assert!(SMALL.as_bytes()[x.at.start as usize..x.at.end as usize].starts_with(b"{"));
        assert!(SMALL.as_bytes()[..x.at.end as usize].ends_with(b"}"));
        let cut = |t: &Text<'_>| SMALL.get(at(t).0..at(t).1).expect("a place").to_owned();
        if n == 2 {
            assert!(x.response.is_none() && x.status_seen);
            assert_eq!(x.failure.as_ref().expect("a failure").lossy(), "net::ERR_FAILED");
            assert!(matches!(x.request.headers.seen, Seen::None(_)));
            assert!(matches!(x.request.body, Body::Absent));
            return;
        }
        assert_eq!(cut(&x.request.url), "https://h/a?b");
        assert_eq!(cut(&x.request.method), "POST");
        assert_eq!(cut(&x.request.headers.list[1].name), "X");
        assert_eq!(cut(&x.request.headers.list[1].value), "a\\\"b");
        assert_eq!(x.request.headers.list[1].value.lossy(), "a\"b");
        assert_eq!((x.actor.lossy(), x.resource.lossy()), ("p1".into(), "xhr".into()));
        assert_eq!((x.request.started.expect("a time").0, x.request.duration), (1_777_974_410_500_000, Some(12_500)));
        let response = x.response.as_ref().expect("a response");
        assert_eq!(SMALL.get(response.status_at.start as usize..response.status_at.end as usize), Some("401"));
        assert_eq!(response.status, Some(401));
        assert!(matches!(&response.body, Body::Text { text, .. } if text.lossy() == "no"));
        assert!(x.failure.is_none() && !x.from_cache);
    });
    assert_eq!(list(SMALL.as_bytes(), 99).recorder, "Made 3");
}

#[test]
fn cookies_that_only_their_list_shows() {
    let jar = r#","cookies":[{"name":"sid","value":"a\"b","path":"/"},{"name":"t","value":""},7]"#;
    for (headers, want) in [
        (r#"[{"name":"Accept","value":"*/*"}]"#, vec!["Accept=*/*", "Cookie=sid=a\"b"]),
        (r#"[{"name":"cookie","value":"x=1"}]"#, vec!["cookie=x=1"]),
    ] {
        for request in [format!(r#"{jar},"headers":{headers}"#), format!(r#","headers":{headers}{jar}"#)] {
            each(&one(&request, "{}"), |x| {
                let h = x.request.headers.list.iter().map(|h| format!("{}={}", h.name.lossy(), h.value.lossy()));
                assert_eq!(h.collect::<Vec<_>>(), want);
            });
        }
    }
}

#[test]
fn shapes_of_headers() {
    let list =
        r#"[{"name":"A","value":"1"},{"name":"B","value":2},{"name":"C","value":null},{"name":":path","value":"/"}]"#;
    for (headers, want) in [
        (list, "A=1 B=2"),
        (r#"{"A":"1","B":["2","3"],"C":null}"#, "A=1 B=2 B=3"),
        (r#"[["A","1"],["B",2]]"#, "A=1 B=2"),
        (r#"["A: 1","B:2"]"#, "A=1 B=2"),
        (r#"[{"value":["1","2"],"name":"A"}]"#, "A=1 A=2"),
    ] {
        each(&one(&format!(r#","headers":{headers}"#), "{}"), |x| {
            let h = x.request.headers.list.iter().map(|h| format!("{}={}", h.name.lossy(), h.value.lossy()));
            assert_eq!(h.collect::<Vec<_>>().join(" "), want);
            assert!(matches!(x.request.headers.seen, Seen::All));
        });
    }
}

#[test]
fn what_chromium_knew_before_sending_is_not_all() {
    let hints = r#"{"name":"sec-ch-ua","value":"x"},{"name":"User-Agent","value":"Mozilla/5.0"}"#;
    let more = r#",{"name":"Accept-Encoding","value":"gzip"}"#;
    for (headers, all) in [(format!("[{hints}]"), false), (format!("[{hints}{more}]"), true)] {
        each(&one(&format!(r#","headers":{headers}"#), r#"{"status":401}"#), |x| {
            assert_eq!(matches!(x.request.headers.seen, Seen::All), all);
            assert_eq!(x.request.headers.list.len(), if all { 3 } else { 2 });
        });
    }
}

fn body(b: &Body<'_>) -> String {
    match b {
        Body::Absent => "absent".to_owned(),
        Body::NotObserved(_) => "not observed".to_owned(),
        Body::Text { text, .. } => text.lossy().into_owned(),
        Body::Pairs(p) => p.iter().map(|(n, v)| format!("{}={}", n.lossy(), v.lossy())).collect::<Vec<_>>().join("&"),
    }
}

#[test]
fn bodies_of_requests() {
    for (request, want) in [
        (r#","bodySize":0"#, "absent"),
        ("", "absent"),
        (r#","method":"POST""#, "not observed"),
        (r#","method":"POST","bodySize":-1"#, "not observed"),
        (r#","method":"POST","bodySize":0"#, "absent"),
        (r#","method":"POST","bodySize":0,"headers":{"Content-Length":"9"}"#, "not observed"),
        (r#","method":"POST","headers":{"Content-Length":"0"}"#, "absent"),
        (r#","bodySize":"5""#, "not observed"),
        (r#","postData":{"text":"a\u0062"}"#, "ab"),
        (r#","postData":{"text":"","params":[{"name":"a","value":"b"},{"name":"c"}]}"#, "a=b&c="),
        (r#","postData":{"text":"t","params":[{"name":"a","value":"b"}]}"#, "t"),
        (r#","postData":{"text":"aGk=","encoding":"base64"}"#, "hi"),
        (r#","postData":{"text":"","_file":"x.txt"}"#, "not observed"),
        (r#","postData":null,"bodySize":0.0"#, "absent"),
    ] {
        each(&one(request, "{}"), |x| assert_eq!(body(&x.request.body), want, "{request}"));
    }
}

#[test]
fn bodies_of_responses() {
    for (response, want) in [
        (r#""content":{"size":0}"#, "absent"),
        (r#""content":{"size":5}"#, "not observed"),
        (r#""content":{"size":-1}"#, "not observed"),
        (r#""content":{}"#, "not observed"),
        (r#""content":{"size":0},"headers":{"content-length":"9"}"#, "not observed"),
        (r#""content":{"size":2,"encoding":"base64","text":"aGk="}"#, "hi"),
        (r#""content":{"text":null,"size":7.5}"#, "not observed"),
        (r#""content":{"_file":"a.bin"}"#, "not observed"),
    ] {
        each(&one("", &format!(r#"{{"status":200,{response}}}"#)), |x| {
            assert_eq!(body(&x.response.as_ref().expect("a response").body), want, "{response}");
        });
    }
    each(&one("", r#"{"status":200,"content":{"text":"aGk=","encoding":"base64"}}"#), |x| {
        let Body::Text { text, .. } = &x.response.as_ref().expect("a response").body else { panic!("no text") };
        assert_eq!(text.coding(), Coding::JsonBase64);
    });
}

#[test]
fn statuses() {
    for (response, status, failure) in [
        (r#"{"status":"401"}"#, Some(Some(401)), ""),
        (r#"{"status":200.0}"#, Some(Some(200)), ""),
        (r#"{"status":-1,"_failureText":"net::ERR_FAILED"}"#, None, "net::ERR_FAILED"),
        (r#"{"status":0,"statusText":"blocked"}"#, None, "blocked"),
        (r#"{"status":null,"headers":{"a":"b"}}"#, Some(None), ""),
        (r#"{"status":401,"_failureText":"net::ERR_ABORTED"}"#, Some(Some(401)), ""),
        ("null", None, ""),
    ] {
        each(&one("", response), |x| {
            assert_eq!(x.response.as_ref().map(|r| r.status), status, "{response}");
            assert_eq!(x.failure.as_ref().map(|f| f.lossy()).unwrap_or_default(), failure, "{response}");
            assert_eq!(x.status_seen, response != "null");
        });
    }
}

fn entry_of(n: usize) -> String {
    format!(
        r#"{{"startedDateTime":"2026-05-05T09:46:50Z","request":{{"method":"GET","url":"https://h/{n}"}},"response":{{"status":200}}}}"#
    )
}

#[test]
fn other_json_is_no_har() {
    for other in [
        r#"{"level":"info","request":{"method":"GET","uri":"/"},"status":401}"#,
        r#"{"constants":{"logEventTypes":{}},"events":[]}"#,
        r#"[{"scheme":"https","host":"h","request":{"header":{}},"response":{"status":200},"times":{}}"#,
        r#"{"log":"a line","entries":3}"#,
        r#"{"log":{"level":"info"},"request":{}}"#,
        "{\\\"log\\\"",
        "",
    ] {
        assert!(sniff(other.as_bytes()) < 61, "{other}");
    }
    assert_eq!(sniff(br#"{"log":{"level":"info"}}"#), 0);
    assert!(sniff(SMALL.as_bytes()) > 90);
    assert!(sniff(entry_of(1).as_bytes()) > 90);
    assert!(sniff(format!("\u{feff} [{}", entry_of(1)).as_bytes()) > 90);
}
