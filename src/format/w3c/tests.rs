use super::*;
use crate::format::{Listing, drive};
use crate::http::Exchange;

#[derive(Default)]
struct Seen(Vec<String>);

impl Sink for Seen {
    fn exchange(&mut self, x: Exchange<'_>) {
        let headers: Vec<_> =
            x.request.headers.list.iter().map(|h| format!("{}={}", h.name.lossy(), h.value.lossy())).collect();
        let r = x.response.unwrap_or_default();
        let status = r.status.unwrap_or(0);
        let (method, url, reason) = (x.request.method.lossy(), x.request.url.lossy(), r.reason.lossy());
        let time = x.request.started.map_or(0, |t| t.0 / 1000 % 100_000);
        self.0.push(format!("{method} {url} {status} {reason} {} {time}", headers.join("; ")));
    }
    fn problem(&mut self, p: crate::format::Problem) {
        self.0.push(p.done);
    }
    fn recorder(&mut self, _: &str, _: &str) {}
}

fn read(input: &str, block: usize) -> Vec<String> {
    let mut seen = Seen::default();
    drive(&mut W3c::default(), input.as_bytes(), block, &mut seen);
    seen.0
}

#[test]
fn iis_and_a_change_of_columns() {
    let log = "#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Cookie) sc-status sc-substatus time-taken\r\n2026-11-21 09:06:27 GET /u - 443 - 203.0.113.7 curl/8+(x) a=1;+b=2+3 401 2 3\r\n#Fields: date time cs-method cs-uri-stem cs-host c-ip sc-status\r\n2026-11-21 09:06:28 GET /v h.test 1.1.1.1 200\r\nbad line\r\n";
    for block in [1, 7, 1000] {
        let got = read(log, block);
        assert_eq!(
            got,
            [
                "GET /u 401 2 user-agent=curl/8 (x); cookie=a=1; b=2+3 87000",
                "GET //h.test/v 200   88000",
                "the line was left out",
            ]
        );
    }
    assert_eq!(sniff(log.as_bytes()), 90);
}

#[test]
fn cloudfront_without_its_header() {
    let line = "2024-03-12\t15:22:28\tCDG50-P2\t703\t1.2.3.4\tGET\td6.cloudfront.net\t/t\t401\t-\tcurl/7%20x\tq=42\t-\tError\t375W==\th.test\thttps\t62\t0.113\t-\tTLSv1.3\tX\tError\tHTTP/2.0\t-\t-\t5";
    assert_eq!(read(line, 50), ["GET https://h.test/t?q=42 401  user-agent=curl/7 x 48000"]);
    assert_eq!(sniff(line.as_bytes()), 70);
    assert_eq!(sniff(b"a\tb\tc\n"), 0);
}

#[test]
fn zeek() {
    let log = "#separator \\x09\n#fields\tts\tuid\tid.orig_h\tmethod\thost\turi\tuser_agent\tstatus_code\tusername\n1795251987.310000\tCH\t203.0.113.7\tGET\ta.test\t/b\tcurl\t401\talice\n";
    assert_eq!(read(log, 9), ["GET //a.test/b 401  user-agent=curl 87310"]);
    let mut listing = Listing::default();
    drive(&mut W3c::default(), &log.as_bytes()[..log.len() - 12], 9, &mut listing);
    assert!(listing.lines.len() + listing.problems.len() == 1);
}
