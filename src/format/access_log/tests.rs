use super::*;
use crate::format::{Listing, Problem, drive};
use crate::http::{Coding, Exchange, Observed, Side, Time};

/// What a test looks at.
#[derive(Debug, Default)]
struct Seen {
    lines: Vec<String>,
    problems: Vec<Problem>,
}

impl Sink for Seen {
    fn exchange(&mut self, x: Exchange<'_>) {
        let headers = |h: &crate::http::Headers<'_>| {
            let shown: Vec<String> = h.list.iter().map(|h| format!("{}={}", h.name.lossy(), h.value.lossy())).collect();
            shown.join("; ")
        };
        let r = x.response.as_ref();
        self.lines.push(format!(
            "{}|{}|{}|{}|{}|{}|{:?}|{}",
            x.request.method.lossy(),
            x.request.url.lossy(),
            r.and_then(|r| r.status).unwrap_or(0),
            headers(&x.request.headers),
            r.map(|r| headers(&r.headers)).unwrap_or_default(),
            x.actor.lossy(),
            x.side,
            x.join.as_ref().map(|j| j.lossy().into_owned()).unwrap_or_default(),
        ));
    }
    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
    fn recorder(&mut self, _: &str, _: &str) {}
}

fn read(input: &[u8]) -> Seen {
    let mut seen = Seen::default();
    drive(&mut AccessLog::default(), input, 1 << 20, &mut seen);
    seen
}

fn one(line: &str) -> String {
    let seen = read(line.as_bytes());
    assert_eq!(seen.lines.len(), 1, "{line}: {:?}", seen.problems);
    seen.lines.into_iter().next().unwrap_or_default()
}

#[test]
fn combined_with_named_fields() {
    let line = concat!(
        r#"10.20.1.9 - - [05/May/2026:09:48:34 +0000] "GET /v1/a HTTP/2.0" 401 75 "-" "svc-b/2.2" host="api.example.test" "#,
        r#"authorization="Bearer undefined" www_authenticate="Bearer realm=\x22api\x22, error=\x22invalid_token\x22" "#,
        r#"request_id=8abc rt=0.001"#
    );
    assert_eq!(
        one(line),
        "GET|//api.example.test/v1/a|401|user-agent=svc-b/2.2; authorization=Bearer undefined|\
         www-authenticate=Bearer realm=\"api\", error=\"invalid_token\"|10.20.1.9 svc-b/2.2|Server|8abc"
    );
}

#[test]
fn dash_is_absent_or_empty_and_spans_are_exact() {
    struct Check;
    impl Sink for Check {
        fn exchange(&mut self, x: Exchange<'_>) {
            let h = &x.request.headers;
            assert!(matches!(h.get("authorization"), Observed::AbsentOrEmpty));
            assert!(matches!(h.get("referer"), Observed::AbsentOrEmpty));
            assert!(matches!(h.get("cookie"), Observed::NotObserved(_)));
            assert!(matches!(x.response.map(|r| r.headers.get("date").seen()), Some(false)));
            let agent = h.get("user-agent").present().map(|h| (h.value.at().start, h.value.coding()));
            assert_eq!(agent, Some((66, Coding::Log)));
            assert_eq!(x.request.started, Some(Time::from_secs(1_777_974_514)));
            // Whole seconds order nothing within a second.
            assert_eq!(x.request.duration, Some(1_000_000));
        }
        fn problem(&mut self, p: Problem) {
            panic!("{p:?}");
        }
        fn recorder(&mut self, _: &str, _: &str) {}
    }
    let line = br#"::1 - - [05/May/2026:09:48:34 +0000] "GET / HTTP/1.1" 401 75 "-" "x" authorization="-" rt=1.5"#;
    drive(&mut AccessLog::default(), line, 7, &mut Check);
}

#[test]
fn two_sides_of_one_request() {
    let input = br#"2026-05-05T09:47:50+00:00 upstream client=10.20.7.4 id=085b "GET /api/items/ HTTP/1.1" 401 authorization="-" ua="reports/1.4"
2026-05-05T09:47:50+00:00 edge client=10.20.7.4 id=085b "GET /api/items/ HTTP/1.1" 401 authorization="Token 9944" ua="reports/1.4"
"#;
    let seen = read(input);
    assert_eq!(
        seen.lines,
        [
            "GET|/api/items/|401|user-agent=reports/1.4||10.20.7.4 reports/1.4|Upstream|085b",
            "GET|/api/items/|401|authorization=Token 9944; user-agent=reports/1.4||10.20.7.4 reports/1.4|Server|085b",
        ]
    );
}

#[test]
fn prefixes_and_hosts() {
    for (line, want) in [
        (
            r#"acme.example.com:443 127.0.0.1 - alice b [21/Nov/2026:09:12:07 +0000] "GET /s HTTP/1.1" 401 6 "-" "c""#,
            "GET|https://acme.example.com:443/s|401|user-agent=c||127.0.0.1 c|Server|",
        ),
        (
            r#"<134>Nov 21 09:12:07 lb haproxy[11]: 127.0.0.1 - - [21/Nov/2026:09:12:07 +0000] "GET /s HTTP/1.1" 401 6"#,
            "GET|/s|401|||127.0.0.1|Server|",
        ),
        (
            r#"web-1  | 10.0.0.1 - - [21/Nov/2026:09:12:07 +0000] "GET /s HTTP/1.1" 401 6"#,
            "GET|/s|401|||10.0.0.1|Server|",
        ),
        (
            r#"client.example.org - - [21/Nov/2026:09:12:07 +0000] "GET /s HTTP/1.1" 401 -"#,
            "GET|/s|401|||client.example.org|Server|",
        ),
        (r#"INFO:     127.0.0.1:52334 - "GET /s HTTP/1.1" 401 Unauthorized"#, "GET|/s|401|||127.0.0.1|Server|"),
        (
            "\x1b[32mINFO\x1b[0m:  127.0.0.1:52334 - \"\x1b[1mGET /s HTTP/1.1\x1b[0m\" \x1b[31m401 Unauthorized\x1b[0m",
            "GET|/s|401|||127.0.0.1|Server|",
        ),
        (
            r#"level=info method=GET path=/s status=401 remote_ip=10.0.0.1 auth=failed duration=3ms"#,
            "GET|/s|401|||10.0.0.1|Server|",
        ),
        (
            r#"10.0.0.1 - - [21/Nov/2026:09:12:08 +0000] "GET http://h/x HTTP/1.1" 401 98 "Token 4QDk" "-" pass 1"#,
            "GET|http://h/x|401|authorization=Token 4QDk||10.0.0.1|Server|",
        ),
    ] {
        assert_eq!(one(line), want);
    }
}

#[test]
fn what_is_no_request_line_is_still_an_exchange() {
    for (field, want) in [
        ("GARBAGE", "|GARBAGE|400|||1.2.3.4|Server|"),
        (r"\x16\x03\x01\xFC", "|\x16\x03\x01\u{fffd}|400|||1.2.3.4|Server|"),
        ("-", "||400|||1.2.3.4|Server|"),
        ("", "||400|||1.2.3.4|Server|"),
        ("<BADREQ>", "||400|||1.2.3.4|Server|"),
        ("- http://h HTTP/1.0", "|http://h|400|||1.2.3.4|Server|"),
    ] {
        assert_eq!(one(&format!(r#"1.2.3.4 - - [21/Nov/2026:09:12:40 +0000] "{field}" 400 0 "-" "-""#)), want);
    }
}

#[test]
fn garbage_gives_few_problems() {
    let mut input = Vec::new();
    for n in 0..10_000 {
        input.extend_from_slice(format!("worker {n} said hello \"x\" [y\n").as_bytes());
    }
    let seen = read(&input);
    assert!(seen.lines.is_empty());
    assert_eq!(seen.problems.len(), 4);
    assert!(seen.problems[3].done.starts_with("9997 more"));
    assert_eq!(sniff(&input), 0);
}

#[test]
fn squid_with_heads() {
    let line = r#"1795252477.832     18 127.0.0.1 TCP_MISS/200 309 GET http://h/u alice HIER_DIRECT/127.0.0.1 application/json [Host: h\r\nAuthorization: token [4Q]\r\n] [HTTP/1.1 200 OK\r\nServer: app/1\r\n\r\n]"#;
    assert_eq!(one(line), "GET|http://h/u|200|Host=h; Authorization=token [4Q]|Server=app/1|127.0.0.1|Server|");
}

#[test]
fn balancers() {
    for (line, want) in [
        (
            r##"<134>Nov 21 09:12:07 haproxy[1144]: 127.0.0.1:54536 [21/Nov/2026:09:12:07.220] fe~ be/app1 0/0/0/3/3 401 252 - - ---- 1/1/0/0/0 0/0 {a.test:80|Bearer q#22x|curl/8} {Bearer realm=#22api#22} "GET /u HTTP/1.1""##,
            "GET|/u|401|authorization=Bearer q\"x; user-agent=curl/8|www-authenticate=Bearer realm=\"api\"|127.0.0.1 curl/8|Server|",
        ),
        (
            r#"117.136.40.129:14853 [14/Jan/2015:12:48:57.127] in~ s/n 170/0/0/3/+173 200 739 - - --NN 0/0/0/0/0 0/0 "GET /x HTTP/1.1""#,
            "GET|/x|200|||117.136.40.129|Server|",
        ),
        (
            r#"https 2026-11-21T09:06:28.310000Z app/lb/50 203.0.113.7:50001 10.0.0.1:80 -1 -1 -1 401 - 246 320 "GET https://a.test:443/u HTTP/1.1" "curl/8" X TLSv1.2 - "Root=1-58" "a.test" "arn" 1 2026-11-21T09:06:28.298000Z "authenticate" "-" "AuthInvalidIdToken" "-""#,
            "GET|https://a.test:443/u|401|user-agent=curl/8||203.0.113.7 curl/8|Server|Root=1-58",
        ),
        (
            r#"[2026-11-21T09:06:28.410Z] "GET /u HTTP/1.1" 401 UAEX 0 28 0 - "-" "curl/8" "1b5c" "a.test" "-""#,
            "GET|//a.test/u|401|user-agent=curl/8||curl/8|Server|1b5c",
        ),
        (
            r#"[GIN] 2022/02/07 - 10:49:33 | 401 |     505.317µs |       10.1.2.3 | POST     "/client""#,
            "POST|/client|401|||10.1.2.3|Server|",
        ),
    ] {
        assert_eq!(one(line).replace("| curl", "|curl"), want);
    }
}

#[test]
fn samples_and_captures() {
    let shared = std::env::var("WHY401_SHARED").unwrap_or(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").into());
    let Ok(expected) = std::fs::read_to_string(format!("{shared}/formats/logs/EXPECTED.tsv")) else { return };
    let mut checked = 0;
    for row in expected.lines().filter(|l| !l.starts_with('#')) {
        let mut cells = row.split('\t');
        let (Some(name), _, Some(counts)) = (cells.next(), cells.next(), cells.next()) else { continue };
        let Ok(bytes) = std::fs::read(format!("{shared}/formats/logs/{name}")) else { continue };
        let whole = read(&bytes);
        for block in [1, 13, 4096] {
            let mut again = Seen::default();
            drive(&mut AccessLog::default(), &bytes, block, &mut again);
            assert_eq!(again.lines, whole.lines, "{name} block {block}");
            assert_eq!(again.problems, whole.problems, "{name} block {block}");
        }
        if counts.is_empty() {
            continue;
        }
        let mut got = std::collections::BTreeMap::<&str, u32>::new();
        for line in &whole.lines {
            *got.entry(line.split('|').nth(2).unwrap_or_default()).or_default() += 1;
        }
        let got: Vec<String> = got.iter().map(|(s, n)| format!("{s}:{n}")).collect();
        assert_eq!(got.join(" "), counts, "{name}");
        assert!(sniff(&bytes) > 50, "{name}");
        checked += 1;
    }
    assert!(checked > 10);
}

#[test]
fn a_cut_log_gives_what_stands_before_the_cut() {
    let log = br#"10.0.0.1 - - [21/Nov/2026:09:12:07 +0000] "GET /s HTTP/1.1" 401 6 "-" "agent \"x\""
10.0.0.2 - - [21/Nov/2026:09:12:08 +0000] "GET /t HTTP/1.1" 200 6 "-" "c""#;
    for cut in 0..log.len() {
        let mut listing = Listing::default();
        drive(&mut AccessLog::default(), &log[..cut], 16, &mut listing);
        assert!(listing.lines.len() <= 2 && (cut < 85 || !listing.lines.is_empty()), "{cut}");
    }
    assert_eq!(read(log).lines.len(), 2);
    assert_eq!(Side::Server, Side::Server);
}

/// Public logs: what is sniffed as a log is read, no line twice.
#[test]
fn corpus() {
    let shared = std::env::var("WHY401_SHARED").unwrap_or(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").into());
    let Ok(dir) = std::fs::read_dir(format!("{shared}/corpus/log")) else { return };
    let mut names: Vec<_> = dir.flatten().map(|e| e.path()).collect();
    names.sort();
    let mut read = 0;
    for path in names {
        let bytes = std::fs::read(&path).unwrap();
        let format = crate::format::sniff(&bytes[..bytes.len().min(65536)]);
        let lines = bytes.split(|b| *b == b'\n').filter(|l| !l.is_empty()).count();
        let mut seen = Seen::default();
        if let Some(f) = format {
            drive(&mut *(f.open)(&Options::default()), &bytes, 1 << 16, &mut seen);
        }
        let spoken = bytes.windows(5).any(|w| w == b"HTTP/") || bytes.windows(6).any(|w| w == b"ethod\"");
        assert!(format.is_none() || spoken || !seen.lines.is_empty(), "{}", path.display());
        assert!(seen.lines.len() <= lines, "{}", path.display());
        read += seen.lines.len();
    }
    assert!(read > 270, "{read}");
}

#[test]
fn a_doubled_slash_is_no_host() {
    let request = r#"10.0.0.1 - - [21/Nov/2026:09:12:07 +0000] "GET //api/u HTTP/1.1" 401 6"#;
    assert!(one(request).starts_with("GET|////api/u|"));
    assert!(one(&format!("h.test {request}")).starts_with("GET|//h.test//api/u|"));
}

#[test]
fn marks_of_a_side_and_ids_of_a_trace() {
    for (line, want) in [
        (
            r#"[upstream] 10.0.0.1 - - [21/Nov/2026:09:12:07 +0000] "GET /s HTTP/1.1" 401 6 "-" "-" auth='Bearer x' vhost=h.test scheme=https"#,
            "GET|https://h.test/s|401|authorization=Bearer x||10.0.0.1|Upstream|",
        ),
        (
            r#"ts=2026-05-05T09:47:50Z source=backend client_ip=10.0.0.1:80 traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 request="GET /s HTTP/1.1" status=401 authorization=Basic YTpi"#,
            "GET|/s|401|authorization=Basic YTpi||10.0.0.1|Upstream|0af7651916cd43dd8448eb211c80319c",
        ),
        (
            r#"{"view":"upstream","method":"GET","path":"/s","status":401,"authorization":"","id":"7","client":"10.0.0.1:5"}"#,
            "GET|/s|401|||10.0.0.1|Upstream|7",
        ),
    ] {
        assert_eq!(one(line), want);
    }
}
