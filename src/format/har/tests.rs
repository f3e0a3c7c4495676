use proptest::prelude::*;

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
fn a_cut_at_any_byte_keeps_what_stands_before() {
    let whole = list(SMALL.as_bytes(), 1 << 20);
    assert_eq!((whole.lines.len(), whole.problems.len()), (2, 0), "{:?}", whole.problems);
    for cut in 1..SMALL.len() {
        let got = list(&SMALL.as_bytes()[..cut], 1 << 20);
        assert_eq!(got.lines[..], whole.lines[..got.lines.len()]);
        assert!(!got.problems.is_empty(), "cut at {cut}");
        let small = list(&SMALL.as_bytes()[..cut], 1);
        assert_eq!((small.lines, small.problems), (got.lines, got.problems), "cut at {cut}");
    }
    let cut = list(&SMALL.as_bytes()[..SMALL.len() - 9], 1 << 20);
    assert_eq!(cut.lines.len(), 1);
    assert!(cut.problems[0].done.contains("inside entry 2"), "{:?}", cut.problems);
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
fn a_broken_entry_costs_no_other() {
    let good = entry_of(0);
    let start = r#"{"startedDateTime":"2026-05-05T09:46:50Z","#;
    for broken in [
        r#""request":{"method":"GET","url":"https://h/x,"response":{"status":1}}"#,
        r#""request":{"method":"GET" "url" "x"},"response":{}}"#,
        r#""request":{"headers":[{"name":"A","value":"b"},"response":{}}"#,
        r#""_x":[{"a":{"b":"c"}},"request":{"method":"GET"}}"#,
        r#""_x":[1},"request":{"method":"GET"}}"#,
        r#""request":{"method":"GET"}"#,
        r#""request":...}"#,
        r#""request":{"cookies":[{"name":"a","value":b","path":"/"}],"url":"x"}}"#,
        r#""request":{"url":"x"},"timings":{"wait":1,receive":2}}"#,
        r#""request":{"url":}}}"#,
    ] {
        let input =
            format!(r#"{{"log":{{"entries":[{good},{start}{broken},{good},{good}],"creator":{{"name":"Late"}}}}}}"#);
        let got = list(input.as_bytes(), 1 << 20);
        let good = got.lines.iter().filter(|l| l.starts_with("GET https://h/0 200")).count();
        assert_eq!(good, 3, "{broken}: {:?} {:?}", got.lines, got.problems);
        assert_eq!(got.recorder, "Late", "{broken}");
        for block in [1, 7, 100] {
            let small = list(input.as_bytes(), block);
            assert_eq!((small.lines, small.problems), (got.lines.clone(), got.problems.clone()), "{broken}");
        }
    }
}

#[test]
fn what_is_around_the_entries() {
    let e = entry_of(1);
    for (input, entries, problems) in [
        (format!("{e}\n{e}\n"), 2, 0),
        (format!("\u{feff}[{e},\n{e},]"), 2, 0),
        (format!(r#"{{"log":{{"entries":[{e}]}}}} {{"log":{{"entries":[{e}]}}}}"#), 2, 0),
        (format!("\x1e{{\"log\":{{\"entries\":[{e}]}}}}\n\x1e{{\"entries\":[{e}]}}\n"), 2, 0),
        (format!(r#"[{{"log":{{"entries":[{e}]}}}},{{"log":{{"entries":[{e}]}}}}]"#), 2, 0),
        (format!(r#"show({{"log":{{"entries":[{e}]}}}});"#), 1, 1),
        (format!(r#"{{"log":{{"entries":[null,{e},7,"x"]}}}}"#), 1, 3),
        (format!(r#"{{"log":{{"entries":[{e}}},{e}]}}}}"#), 2, 1),
        (format!(r#"{{"log":{{"entries":[{e}],"_x":"{}"}}}}"#, "x".repeat(200_000)), 1, 0),
        (format!(r#"{{"data":{{"log":{{"entries":[{e}]}}}}}}"#), 1, 0),
        (format!(r#"{{"log":{{"pages":[,"entries":[{e},{e}]}}}}"#), 2, 1),
        (format!(r#"{{"log":{{"creator":{{"name":x"y","entries":[{e},{e}]}}}}"#), 2, 1),
        (format!(r#"{{"log":{{"entries":{e},{e}]}}}}"#), 2, 1),
        (format!(r#"{{"log":{{"pages":[:{{"startedDateTime":"x"}},"entries":[{e},{e}]}}}}"#), 2, 2),
        (r#"{"a":1}"#.to_owned(), 0, 1),
        (r#"{"log":{"entries":[]}}"#.to_owned(), 0, 0),
        (String::new(), 0, 0),
    ] {
        let got = list(input.as_bytes(), 1 << 20);
        assert_eq!((got.lines.len(), got.problems.len()), (entries, problems), "{input:.200} {:?}", got.problems);
        let small = list(input.as_bytes(), 3);
        assert_eq!((small.lines, small.problems), (got.lines, got.problems), "{input:.200}");
    }
}

#[test]
fn entries_are_found_by_the_key_with_which_the_first_began() {
    let e = r#"{"_own":1,"request":{"method":"GET","url":"https://h/0"},"response":{"status":200}}"#;
    let input = format!(r#"{{"log":{{"entries":[{e},{{"_own":1,"request":{{"url":"x}}}},{e},{e}]}}}}"#);
    assert_eq!(list(input.as_bytes(), 64).lines.len(), 3);
}

#[test]
fn an_entry_without_measure_is_left_out() {
    let e = entry_of(1);
    let long = format!(r#"{{"startedDateTime":"x","_x":"{}"}}"#, "x".repeat(LONGEST));
    let input = format!(r#"{{"log":{{"entries":[{e},{long},{e}],"creator":{{"name":"C"}}}}}}"#);
    for block in [5 << 20, usize::MAX] {
        let got = list(input.as_bytes(), block);
        assert_eq!((got.lines.len(), got.problems.len(), got.recorder.as_str()), (2, 1, "C"));
        assert!(got.problems[0].expected.contains("64 MiB"));
    }
}

#[test]
fn no_depth_is_too_deep() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let input =
        format!(r#"{{"x":{deep},"log":{{"entries":[{{"_x":{deep},{}]}}}}"#, entry_of(1).trim_start_matches('{'));
    assert_eq!(list(input.as_bytes(), 1 << 16).lines.len(), 1);
}

/// As a driver would: each reader stops where the next begins.
#[test]
fn workers_meet() {
    let entries: Vec<String> = (0..40).map(entry_of).collect();
    let pages = r#""pages":[{"startedDateTime":"x","id":"a","title":"t"},{"startedDateTime":"x","id":"b"}]"#;
    let quoted = r#"{"request":{"method":"GET","url":"https://h/q","postData":{"text":"{\"startedDateTime\":1},{"}},"startedDateTime":"startedDateTime"}"#;
    for input in [
        format!(r#"{{"log":{{{pages},"entries":[{},{quoted},{}],{pages}}}}}"#, entries.join(", "), entries.join("\n,")),
        format!("{}\n", entries.join("\n")),
        format!("[{}]", entries.join(",")),
    ] {
        let input = input.as_bytes();
        let whole = list(input, 1 << 20);
        assert!(whole.problems.is_empty());
        let mut met = 0;
        for cut in 0..input.len() {
            let Some(next) = split::next(&input[cut..]).map(|n| n + cut) else { continue };
            let mut sink = Listing::default();
            let window =
                |from: usize, limit: u64| Window { bytes: &input[from..], offset: from as u64, last: true, limit };
            let stop = Har::default().read(window(0, next as u64), &mut sink);
            assert_eq!(stop, next, "cut at {cut}: {}", String::from_utf8_lossy(&input[next..]));
            let mut second = inside(&Options::default());
            second.read(window(next, u64::MAX), &mut sink);
            assert_eq!(sink.lines, whole.lines);
            assert!(sink.problems.is_empty(), "{:?}", sink.problems);
            met += 1;
        }
        assert!(met > 1000, "{met}");
    }
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

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
        "[\\\\\"{}\\[\\],:a]{0,40}".prop_map(Into::into),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::vec(("[\\\\\"a-d{]{0,5}", inner), 0..6)
                .prop_map(|m| serde_json::Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever stands in members that are not known, the body and the URL come out as `serde_json` reads them.
    #[test]
    fn serde_json_agrees(a in json(), b in json(), c in json(), url in any::<String>(), pretty: bool, block in 1_usize..400) {
        let value = serde_json::json!({"_a": a, "log": {"_b": b, "entries": [
            {"_c": c, "request": {"_d": a, "method": "PUT", "url": url, "postData": {"text": b.to_string(), "_e": c}}, "_f": b},
            {"request": {"url": a.to_string(), "headers": [{"name": "n", "value": c.to_string(), "x": b}]}, "response": null}], "z": c}});
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.expect("JSON");
        let mut seen = Vec::new();
        let mut sink = Each(|x: &Exchange<'_>| seen.push((x.request.url.lossy().into_owned(), body(&x.request.body),
            x.request.headers.list.first().map(|h| h.value.lossy().into_owned()))), 0);
        drive(&mut Har::default(), text.as_bytes(), block, &mut sink);
        prop_assert_eq!(seen, vec![(url, b.to_string(), None), (a.to_string(), "not observed".to_owned(), Some(c.to_string()))]);
    }

    /// Nothing makes it panic or depend on windows: pieces of JSON in any order.
    #[test]
    fn any_bytes(pieces in prop::collection::vec(0_usize..24, 0..60), block in 1_usize..50) {
        const PIECES: [&str; 24] = ["{", "}", "[", "]", ",", ":", "\"", "\\", " ", "\n", "\"log\":{", "\"entries\":[", "\"request\":{",
            "\"url\":\"u\"", "{\"startedDateTime\":\"x\",", "\"response\":", "\"headers\":", "null", "1", "NaN", "\"creator\":{",
            "\"name\":\"n\"", "{\"request\":{\"method\":\"GET\"}}", "\u{feff}"];
        let input: String = pieces.iter().map(|p| PIECES[*p]).collect();
        let (whole, small) = (list(input.as_bytes(), 1 << 20), list(input.as_bytes(), block));
        prop_assert_eq!(whole.lines, small.lines);
        prop_assert_eq!(whole.problems, small.problems);
        let _ = (sniff(input.as_bytes()), split::next(input.as_bytes()));
    }
}
