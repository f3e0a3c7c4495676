use super::*;
use crate::format::{Listing, Options, Sink, drive};
use crate::http::{Exchange, Observed, Time};

#[derive(Default)]
struct Lines(Vec<String>);

impl Sink for Lines {
    fn exchange(&mut self, x: Exchange<'_>) {
        let header = |name: &str| match x.request.headers.get(name) {
            Observed::Present(h) => h.value.lossy().into_owned(),
            Observed::NotObserved(_) => "?".to_owned(),
            _ => "-".to_owned(),
        };
        let time = x.request.started.map_or(0, |t| t.0 / 1000);
        let status = x.response.as_ref().and_then(|r| r.status).unwrap_or(0);
        let asks = x.response.as_ref().map(|r| r.headers.get("www-authenticate"));
        let asks = matches!(asks, Some(Observed::Present(_)));
        self.0.push(format!(
            "{} {} {status} auth={} cookie={} ask={asks} {} {time}",
            x.request.method.lossy(),
            x.request.url.lossy(),
            header("authorization"),
            header("cookie"),
            x.actor.lossy(),
        ));
    }
    fn problem(&mut self, p: crate::format::Problem) {
        self.0.push(format!("problem {}", p.expected));
    }
    fn recorder(&mut self, _: &str, _: &str) {}
}

fn one(line: &str) -> String {
    let mut lines = Lines::default();
    drive(&mut *crate::format::access_log::open(&Options::default()), line.as_bytes(), 100, &mut lines);
    lines.0.join("\n")
}

#[test]
fn products() {
    for (line, want) in [
        // Caddy: all headers; a credential as an empty list; the time is the end.
        (
            r#"{"level":"info","ts":1795252946.5,"request":{"remote_ip":"127.0.0.1","proto":"HTTP/1.1","method":"GET","host":"a.test:8185","uri":"/u","headers":{"User-Agent":["c"],"Authorization":[]}},"duration":0.5,"size":98,"status":401,"resp_headers":{"Www-Authenticate":["Bearer"],"Server":["x"]}}"#,
            "GET //a.test:8185/u 401 auth=REDACTED cookie=- ask=true 127.0.0.1 c 1795252946000",
        ),
        // A template of nested members (ECS): an empty text is a header that did not come, in a list it is one.
        (
            r#"{"@timestamp":"2026-01-01T00:00:01Z","client":{"ip":"192.0.2.4"},"http":{"request":{"method":"GET","headers":{"authorization":""}},"response":{"status_code":401,"headers":{"www-authenticate":"Bearer"}}},"url":{"domain":"a.test","path":"/x"}}"#,
            "GET //a.test/x 401 auth=- cookie=? ask=true 192.0.2.4 1767225601000",
        ),
        (
            r#"{"ClientHost":"172.17.0.1","DownstreamStatus":401,"Duration":215563,"OriginStatus":200,"RequestAddr":"t.local","RequestMethod":"GET","RequestPath":"/x?y=1","RequestScheme":"https","StartUTC":"2026-01-01T00:00:00.5Z","request_Authorization":"REDACTED","time":"2026-01-01T00:00:01Z"}"#,
            "GET https://t.local/x?y=1 401 auth=REDACTED cookie=? ask=false 172.17.0.1 1767225600500",
        ),
        (
            r#"{"time":"2026-11-21T09:07:42+00:00","msec":1795252062.830,"remote":"127.0.0.1","host":"a.test","method":"GET","uri":"\/u","status":401,"us":,"authorization":"","ua":"c"}"#,
            "GET //a.test/u 401 auth=- cookie=? ask=false 127.0.0.1 c 1795252062830",
        ),
        (
            r#"{"httpRequest":{"requestMethod":"POST","requestUrl":"https://h.test/l","status":403,"remoteIp":"1.2.3.4","userAgent":"c","latency":"0.1s"},"timestamp":"2026-01-01T00:00:00.5Z","trace":"p/t/1"}"#,
            "POST https://h.test/l 403 auth=? cookie=? ask=false 1.2.3.4 c 1767225600400",
        ),
        (
            r#"<134>Nov 21 09:12:07 haproxy[1144]: {"ts":"1970-01-21T18:40:52.29","client":"127.0.0.1","method":"GET","uri":"/u","status":401,"auth":"Token x"}"#,
            "GET /u 401 auth=Token x cookie=? ask=false 127.0.0.1 0",
        ),
        (
            r#"{"http.request.method":"GET","url.path":"/u","http.response.status_code":401,"source.ip":"1.1.1.1","@timestamp":"2026-01-01T00:00:00Z","service.version":"7"}"#,
            "GET /u 401 auth=? cookie=? ask=false 1.1.1.1 1767225600000",
        ),
        (
            r#"{"level":30,"req":{"id":1,"method":"GET","url":"/u","headers":{"host":"h","authorization":"[Redacted]"}},"res":{"statusCode":401,"headers":{"www-authenticate":"Bearer"}},"responseTime":3}"#,
            "GET /u 401 auth=[Redacted] cookie=- ask=true  0",
        ),
        (
            r#"{"request":"GET /u HTTP/1.1","status":"401","remote_addr":"1.1.1.1"},"#,
            "GET /u 401 auth=? cookie=? ask=false 1.1.1.1 0",
        ),
    ] {
        assert_eq!(one(line), want);
    }
}

#[test]
fn objects_that_are_no_exchange() {
    for line in [
        r#"{"level":"info","msg":"started","code":200}"#,
        r#"{"method":"POST","path":"/users/sign_in","status":0}"#,
        r#"{"verb":"create","requestURI":"/api","responseStatus":{"code":401},"method":"x"}x"#,
        r#"{"startedDateTime":"x","request":{"method":"GET","url":"/"},"response":{"status":401}}"#,
        r#"{"a":[{"method":"GET","url":"/","status":401}]}"#,
        r#"{"method":"GET","url":"/","status":401"#,
    ] {
        assert!(one(line).starts_with("problem"), "{line}: {}", one(line));
    }
}

#[test]
fn spans_point_at_the_value() {
    struct Check(&'static [u8]);
    impl Sink for Check {
        fn exchange(&mut self, x: Exchange<'_>) {
            let value = x.request.headers.get("authorization").present().map(|h| h.value.clone()).unwrap_or_default();
            let at = value.at();
            assert_eq!(&self.0[at.start as usize..at.end as usize], br#"Bearer a\"b"#);
            assert_eq!(value.lossy(), "Bearer a\"b");
            assert_eq!(x.request.started, Some(Time(1_795_252_062_830_000)));
        }
        fn problem(&mut self, _: crate::format::Problem) {}
        fn recorder(&mut self, _: &str, _: &str) {}
    }
    let line =
        br#"x stdout F {"msec":1795252062.830,"method":"GET","uri":"/","status":401,"authorization":"Bearer a\"b"}"#;
    let mut check = Check(line);
    drive(&mut *crate::format::access_log::open(&Options::default()), line, 9, &mut check);
    let mut listing = Listing::default();
    drive(&mut *crate::format::access_log::open(&Options::default()), line, 9, &mut listing);
    assert_eq!(listing.lines.len(), 1);
    assert_eq!(sniff(line), 76);
}
