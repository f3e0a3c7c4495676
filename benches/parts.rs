//! What the parts cost: `cargo bench` (`cargo bench --bench parts -- har` for some of them). Whole runs: `benches/run`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use why401::analysis::{Options, Run, analyze, judge};
use why401::facts::Facts;
use why401::format::{self, Format, Problem, Sink, by_name, drive};
use why401::http::Exchange;
use why401::provider::{Where, scan};
use why401::report::{sink::Form, text::Style};

fn main() {
    divan::main();
}

/// Exchanges of a capture: as many as a busy page or a short session has.
const CALLS: usize = 200;

/// Counts what a reader pushes.
#[derive(Default)]
struct Count(usize);

impl Sink for Count {
    fn exchange(&mut self, exchange: Exchange<'_>) {
        self.0 += usize::from(!divan::black_box(exchange).request.url.is_empty());
    }
    fn problem(&mut self, problem: Problem) {
        panic!("{problem:?}");
    }
    fn recorder(&mut self, _: &str, _: &str) {}
}

fn token(n: usize) -> String {
    format!("4QDkCyCtZzYgj4C2p2cj3csJH7zqS5RzKs2k{:04}", n / 50)
}

/// A client that logs in every fifty calls and forgets the scheme at every twentieth.
fn har() -> Vec<u8> {
    let entry = |n: usize| {
        let login = n.is_multiple_of(50);
        let refused = n % 20 == 19;
        let sent = if refused { token(n) } else { format!("Bearer {}", token(n)) };
        let (method, path, own) = match login {
            true => ("POST", "/api/4.0/login".to_owned(), String::new()),
            false => ("GET", format!("/api/4.0/users/{n}"), format!(r#",{{"name":"Authorization","value":"{sent}"}}"#)),
        };
        let post =
            r#","postData":{"mimeType":"application/x-www-form-urlencoded","text":"client_id=a&client_secret=bcd"}"#;
        let body = match (login, refused) {
            (true, _) => format!(r#"{{\"access_token\": \"{}\", \"expires_in\": 3600}}"#, token(n)),
            (_, true) => r#"{\"message\":\"Requires authentication.\"}"#.to_owned(),
            _ => format!(r#"{{\"id\": {n}, \"title\": \"{}\"}}"#, "a word ".repeat(n % 9)),
        };
        format!(
            r#"{{"startedDateTime":"2026-01-01T00:{:02}:{:02}.250Z","time":8.5,"request":{{"method":"{method}","url":"https://t0.api.example{path}","httpVersion":"HTTP/1.1","headers":[{{"name":"Host","value":"t0.api.example"}},{{"name":"User-Agent","value":"okhttp/4.12.0"}},{{"name":"Accept","value":"application/json"}}{own}],"queryString":[],"cookies":[],"headersSize":-1,"bodySize":-1{}}},"response":{{"status":{},"statusText":"","headers":[{{"name":"Date","value":"Thu, 01 Jan 2026 00:{:02}:{:02} GMT"}},{{"name":"Content-Type","value":"application/json"}},{{"name":"Server","value":"nginx"}}],"cookies":[],"content":{{"size":{},"mimeType":"application/json","text":"{body}"}},"redirectURL":"","headersSize":-1,"bodySize":-1}},"cache":{{}},"timings":{{"send":0.1,"wait":8,"receive":0.4}}}}"#,
            n / 60,
            n % 60,
            if login { post } else { "" },
            if refused { 401 } else { 200 },
            n / 60,
            n % 60,
            body.len(),
        )
    };
    let entries: Vec<String> = (0..CALLS).map(entry).collect();
    format!(
        r#"{{"log":{{"version":"1.2","creator":{{"name":"bench","version":"1"}},"entries":[{}]}}}}"#,
        entries.join(",")
    )
    .into_bytes()
}

fn curl() -> Vec<u8> {
    let call = |n: usize| {
        let (status, sent) = if n % 20 == 19 { (401, token(n)) } else { (200, format!("Bearer {}", token(n))) };
        let body = format!("{{\"id\": {n}}}");
        format!(
            "$ curl -v -H 'Authorization: {sent}' https://t0.api.example/users/{n}\n*   Trying 198.51.100.20:443...\n* Connected to t0.api.example (198.51.100.20) port 443 (#0)\n> GET /users/{n} HTTP/1.1\n> Host: t0.api.example\n> User-Agent: curl/8.5.0\n> Accept: */*\n> Authorization: {sent}\n> \n< HTTP/1.1 {status} X\n< Date: Thu, 01 Jan 2026 00:00:00 GMT\n< Content-Type: application/json\n< Content-Length: {}\n< \n* Connection #0 to host t0.api.example left intact\n{body}\n",
            body.len()
        )
    };
    (0..CALLS).map(call).collect::<String>().into_bytes()
}

fn access_log() -> Vec<u8> {
    let line = |n: usize| {
        let status = if n % 20 == 19 { 401 } else { 200 };
        format!(
            "10.0.0.{} - - [01/Jan/2026:00:{:02}:{:02} +0000] \"GET /users/{n} HTTP/1.1\" {status} 87 \"-\" \"okhttp/4.12.0\" \"Bearer {}\"\n",
            n % 9,
            n / 60,
            n % 60,
            token(n)
        )
    };
    (0..CALLS).map(line).collect::<String>().into_bytes()
}

/// Formats of the inputs.
const NAMES: [&str; 3] = ["har", "curl", "access-log"];

fn input(name: &str) -> (&'static Format, Vec<u8>) {
    let bytes = match name {
        "har" => har(),
        "curl" => curl(),
        _ => access_log(),
    };
    (by_name(name).expect("a format"), bytes)
}

fn facts(format: &Format, bytes: &[u8]) -> Facts {
    let mut facts = Facts::default();
    drive(&mut *(format.open)(&format::Options::default()), bytes, 1 << 20, &mut facts);
    facts.passed(bytes, 0);
    facts
}

/// Which format a capture has, by its first 64 KiB.
#[divan::bench(args = NAMES)]
fn sniff(bencher: Bencher, name: &str) {
    let (format, bytes) = input(name);
    let head = &bytes[..bytes.len().min(65_536)];
    bencher.bench(|| assert!(std::ptr::eq(format::sniff(head).unwrap().name, format.name)));
}

/// Bytes to exchanges.
#[divan::bench(args = NAMES)]
fn read(bencher: Bencher, name: &str) {
    let (format, bytes) = input(name);
    bencher.counter(BytesCount::new(bytes.len())).bench(|| {
        let mut count = Count::default();
        drive(&mut *(format.open)(&format::Options::default()), &bytes, 1 << 20, &mut count);
        assert_eq!(count.0, CALLS);
    });
}

/// Bytes to the records that judging needs.
#[divan::bench(args = NAMES)]
fn keep(bencher: Bencher, name: &str) {
    let (format, bytes) = input(name);
    bencher.counter(BytesCount::new(bytes.len())).bench(|| facts(format, &bytes).exchanges());
}

/// Records to causes: the trace, all rules, the diagnosis.
#[divan::bench(args = NAMES)]
fn causes(bencher: Bencher, name: &str) {
    let (format, bytes) = input(name);
    let (facts, options) = (facts(format, &bytes), Options::default());
    bencher.counter(ItemsCount::new(CALLS)).bench(|| {
        divan::black_box(judge(&facts, &options));
    });
}

/// Bytes to a finished report.
#[divan::bench(args = NAMES)]
fn whole(bencher: Bencher, name: &str) {
    let (_, bytes) = input(name);
    let options = Options::default();
    bencher.counter(BytesCount::new(bytes.len())).bench(|| analyze(name, &bytes, &options).unwrap());
}

/// A report in one form.
#[divan::bench(args = ["text", "json", "sarif"])]
fn render(bencher: Bencher, form: &str) {
    let form: Form = match form {
        "text" => Form::Text,
        "json" => Form::Json,
        _ => Form::Sarif,
    };
    let run: Run = analyze("a.har", &har(), &Options::default()).unwrap();
    bencher.bench(|| form.write(&run.report, &run.blocks, Style::default()).unwrap());
}

/// The message table over one answer.
#[divan::bench]
fn messages(bencher: Bencher) {
    let answer = r#"{"error":"invalid_token","error_description":"The access token expired","path":"/users/7"}"#;
    bencher.counter(BytesCount::of_str(answer)).bench(|| scan(divan::black_box(answer), Where::Body));
}
