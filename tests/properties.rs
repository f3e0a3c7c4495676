//! Exchanges written in a format are read back as they were.
//!
//! The writers follow each program's documentation, not the readers: they know nothing of how lines are recognised.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may fail")]

use std::fmt::Write as _;

use proptest::prelude::*;
use why401::format::{Options, by_name, drive, sniff};

#[path = "support/reading.rs"]
mod reading;
use reading::{Pairs, Reading, Seen};

/// One exchange.
#[derive(Clone, Debug, PartialEq)]
struct Call {
    method: String,
    host: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
    status: u16,
    answer_headers: Vec<(String, String)>,
    answer: String,
}

fn header() -> impl Strategy<Value = (String, String)> {
    let name = "[A-Z][a-z]{1,8}(-[A-Z][a-z]{1,8}){0,2}".prop_filter("set by the writer", |n| {
        !matches!(n.as_str(), "Host" | "Content-Length" | "Content-Type" | "Transfer-Encoding" | "Date")
    });
    // Blanks at the end are lost by loggers; at the begin all clients write one.
    (name, "[!-~]([ -~]{0,30}[!-~])?")
}

fn json() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[a-z0-9 ]{0,20}".prop_map(|s| format!("{{\"message\":\"{s}\"}}")),
        ("[a-z]{1,8}", 0..999_u32).prop_map(|(k, v)| format!("{{\"{k}\": {v}, \"it's\": [\"a\\\\b\", null]}}")),
    ]
}

fn call() -> impl Strategy<Value = Call> {
    let form = prop_oneof![Just(String::new()), "[a-z]{1,8}=[A-Za-z0-9%+]{0,12}(&[a-z]{1,8}=[A-Za-z0-9]{0,12}){0,2}"];
    (
        prop_oneof![Just("GET"), Just("POST"), Just("PUT"), Just("DELETE")],
        "[a-z]{1,8}\\.example(:[1-9][0-9]{3})?",
        "(/[a-z0-9._~-]{1,8}){1,3}(\\?[a-z]{1,5}=[A-Za-z0-9%&=]{0,12})?",
        prop::collection::vec(header(), 0..4),
        form,
        prop_oneof![Just(200_u16), Just(401), Just(403), Just(404), Just(500)],
        prop::collection::vec(header(), 0..4),
        json(),
    )
        .prop_map(|(method, host, target, headers, body, status, answer_headers, answer)| Call {
            body: if method == "POST" || method == "PUT" { body } else { String::new() },
            method: method.to_owned(),
            host,
            target,
            headers,
            status,
            answer_headers,
            answer,
        })
}

impl Call {
    /// The header lines of the request as a client sends them.
    fn request(&self) -> Vec<String> {
        let mut lines = vec![format!("Host: {}", self.host)];
        lines.extend(self.headers.iter().map(|(n, v)| format!("{n}: {v}")));
        if !self.body.is_empty() {
            lines.push("Content-Type: application/x-www-form-urlencoded".to_owned());
            lines.push(format!("Content-Length: {}", self.body.len()));
        }
        lines
    }

    fn response(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.answer_headers.iter().map(|(n, v)| format!("{n}: {v}")).collect();
        lines.push("Content-Type: application/json".to_owned());
        lines.push(format!("Content-Length: {}", self.answer.len()));
        lines
    }

    fn first(&self) -> String {
        format!("{} {} HTTP/1.1", self.method, self.target)
    }

    fn status_line(&self) -> String {
        format!("HTTP/1.1 {} Some Reason", self.status)
    }
}

fn read(format: &str, text: &[u8], block: usize) -> Vec<Seen> {
    assert_eq!(sniff(text).map(|f| f.name), Some(format), "{}", String::from_utf8_lossy(text));
    let mut sink = Reading::default();
    drive(&mut *(by_name(format).expect("a format").open)(&Options::default()), text, block, &mut sink);
    assert!(sink.1.is_empty(), "{:?}", sink.1);
    sink.0
}

fn pairs(lines: Vec<String>) -> Pairs {
    lines.iter().filter_map(|l| l.split_once(": ")).map(|(n, v)| (n.to_owned(), v.to_owned())).collect()
}

/// What a format shows besides methods, URLs and statuses.
#[derive(Clone, Copy)]
struct Shows {
    scheme: &'static str,
    method: bool,
    request: bool,
    body: bool,
    head: bool,
    answer: bool,
}

const ALL: Shows = Shows { scheme: "", method: true, request: true, body: true, head: true, answer: true };

fn check(format: &str, text: &str, calls: &[Call], shows: Shows, block: usize) {
    let got = read(format, text.as_bytes(), block);
    let want: Vec<Seen> = calls
        .iter()
        .zip(got.iter().map(Some).chain(std::iter::repeat(None)))
        .map(|(c, g)| Seen {
            method: if shows.method { c.method.clone() } else { String::new() },
            url: format!("{}//{}{}", shows.scheme, c.host, c.target),
            status: Some(c.status),
            headers: if shows.request { pairs(c.request()) } else { Vec::new() },
            // A body that the format does not show is not known; one that is empty is known where heads are.
            body: if shows.body {
                Some(c.body.clone())
            } else {
                g.and_then(|g| g.body.clone().filter(String::is_empty))
            },
            answer_headers: if shows.head { pairs(c.response()) } else { Vec::new() },
            answer: if shows.answer {
                Some(c.answer.clone())
            } else {
                g.and_then(|g| g.answer.clone().filter(String::is_empty))
            },
        })
        .collect();
    assert_eq!(got, want, "in:\n{text}");
}

/// RFC 9112: messages one after the other, with or without blank lines between them.
fn messages(calls: &[Call], end: &str, gap: &str) -> String {
    let mut out = String::new();
    for c in calls {
        let _ = write!(out, "{}{end}{}{end}{end}{}{gap}", c.first(), c.request().join(end), c.body);
        let _ = write!(out, "{}{end}{}{end}{end}{}{gap}", c.status_line(), c.response().join(end), c.answer);
    }
    out
}

/// As `wget -d` prints.
fn wget(calls: &[Call]) -> String {
    let mut out = "DEBUG output created by Wget 1.21.3 on linux-gnu.\n\n".to_owned();
    for c in calls {
        let _ = write!(
            out,
            "--2026-11-21 09:16:26--  http://{}{}\nResolving {}... 10.0.0.1\nConnecting to {}|10.0.0.1|:80... connected.\nCreated socket 3.\n\n",
            c.host, c.target, c.host, c.host
        );
        let _ = write!(
            out,
            "---request begin---\n{}\r\n{}\r\n\r\n---request end---\n",
            c.first(),
            c.request().join("\r\n")
        );
        if !c.body.is_empty() {
            let _ = writeln!(out, "[BODY data: {}]", c.body);
        }
        let _ = write!(
            out,
            "HTTP request sent, awaiting response... \n---response begin---\n{}\r\n{}\r\n\r\n---response end---\n{} Some Reason\n",
            c.status_line(),
            c.response().join("\r\n"),
            c.status
        );
        let _ = write!(
            out,
            "Registered socket 3 for persistent reuse.\nSkipping {} bytes of body: [{}] done.\n\n",
            c.answer.len(),
            c.answer
        );
    }
    out
}

/// As `repr()` writes a bytes or str object (Python's language reference 2.4.1).
fn repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\r' => out.push_str("\\r"),
            '\n' => out.push_str("\\n"),
            '\\' => out.push_str("\\\\"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

/// As `http.client` prints with `debuglevel=1`; `prefix` is a logger's.
fn http_client(calls: &[Call], prefix: &str) -> String {
    let mut out = String::new();
    for c in calls {
        let head = format!("{}\r\n{}\r\n\r\n", c.first(), c.request().join("\r\n"));
        let _ = writeln!(out, "{prefix}send: b{}", repr(&head));
        if !c.body.is_empty() {
            let _ = writeln!(out, "{prefix}send: b{}", repr(&c.body));
        }
        let _ = writeln!(out, "{prefix}reply: {}", repr(&format!("{}\r\n", c.status_line())));
        for line in c.response() {
            let _ = writeln!(out, "{prefix}header: {line}");
        }
        let _ = writeln!(out, "{prefix}http://{} \"{}\" {} {}", c.host, c.first(), c.status, c.answer.len());
    }
    out
}

/// As OkHttp's interceptor logs on the network's side at its level BODY.
fn okhttp(calls: &[Call], prefix: &str) -> String {
    let mut out = String::new();
    for c in calls {
        let _ = writeln!(out, "{prefix}--> {} https://{}{} http/1.1", c.method, c.host, c.target);
        for line in c.request() {
            let _ = writeln!(out, "{prefix}{line}");
        }
        if c.body.is_empty() {
            let _ = writeln!(out, "{prefix}--> END {}", c.method);
        } else {
            let _ = writeln!(
                out,
                "{prefix}\n{prefix}{}\n{prefix}--> END {} ({}-byte body)",
                c.body,
                c.method,
                c.body.len()
            );
        }
        let _ = writeln!(out, "{prefix}<-- {} Some Reason https://{}{} (12ms)", c.status, c.host, c.target);
        for line in c.response() {
            let _ = writeln!(out, "{prefix}{line}");
        }
        if !c.answer.is_empty() {
            let _ = writeln!(out, "{prefix}\n{prefix}{}", c.answer);
        }
        let _ = writeln!(out, "{prefix}<-- END HTTP ({}-byte body)", c.answer.len());
    }
    out
}

/// As client-go logs at `-v=8`; bodies as Go quotes strings.
fn kubectl(calls: &[Call]) -> String {
    let mut out = String::new();
    let mut log = |place: &str, text: &str| {
        let _ = writeln!(out, "I1121 09:20:35.036322   16208 {place}] {text}");
    };
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    for c in calls {
        log("raw.go:84", &format!("\"Request Body\" body={}", quoted(&c.body)));
        log("round_trippers.go:470", &format!("{} https://{}{}", c.method, c.host, c.target));
        log("round_trippers.go:476", "Request Headers:");
        c.request().iter().for_each(|l| log("round_trippers.go:480", &format!("    {l}")));
        log("round_trippers.go:581", &format!("Response Status: {} Some Reason in 2 milliseconds", c.status));
        log("round_trippers.go:584", "Response Headers:");
        c.response().iter().for_each(|l| log("round_trippers.go:587", &format!("    {l}")));
        log("get.go:174", &format!("\"Response Body\" body={}", quoted(&c.answer)));
    }
    out
}

/// As `dump_all` of requests-toolbelt writes.
fn toolbelt(calls: &[Call]) -> String {
    let mut out = String::new();
    for c in calls {
        let _ = write!(out, "< {}\r\n", c.first());
        c.request().iter().for_each(|l| out += &format!("< {l}\r\n"));
        out += "< \r\n";
        if !c.body.is_empty() {
            out += &format!("< {}", c.body);
        }
        let _ = write!(out, "\r\n> {}\r\n", c.status_line());
        c.response().iter().for_each(|l| out += &format!("> {l}\r\n"));
        let _ = write!(out, "> \r\n{}", c.answer);
    }
    out
}

/// As Node prints for `NODE_DEBUG=undici`.
fn undici(calls: &[Call]) -> String {
    let mut out = String::new();
    for c in calls {
        let call = format!("{} http://{}/{}", c.method, c.host, c.target);
        let _ = writeln!(
            out,
            "UNDICI 77: sending request to {call}\nUNDICI 77: received response to {call} - HTTP {}",
            c.status
        );
    }
    out
}

/// As `curl -v` prints to a terminal.
fn curl(calls: &[Call]) -> String {
    let mut out = String::new();
    for c in calls {
        let _ = writeln!(
            out,
            "*   Trying 10.0.0.1:80...\n* Connected to {} (10.0.0.1) port 80 (#0)",
            c.host.split(':').next().unwrap()
        );
        let _ = writeln!(out, "> {}", c.first());
        c.request().iter().for_each(|l| out += &format!("> {l}\n"));
        let _ = writeln!(out, ">\n< {}", c.status_line());
        c.response().iter().for_each(|l| out += &format!("< {l}\n"));
        let _ = writeln!(
            out,
            "<\n{}{}* Connection #0 to host a left intact",
            c.answer,
            if c.answer.is_empty() { "" } else { "\n" }
        );
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn messages_as_text(calls in prop::collection::vec(call(), 1..5), crlf: bool, gap: bool, block in 1_usize..400) {
        // Without a blank line between them, messages stand where the length of the one before ends.
        let text = messages(&calls, if crlf { "\r\n" } else { "\n" }, if gap { "\n\n" } else { "" });
        check("http-text", &text, &calls, ALL, block);
    }

    #[test]
    fn wget_debug(calls in prop::collection::vec(call(), 1..5), block in 1_usize..400) {
        check("wget", &wget(&calls), &calls, Shows { scheme: "http:", ..ALL }, block);
    }

    #[test]
    fn python_debug(calls in prop::collection::vec(call(), 1..5), logger: bool, block in 1_usize..400) {
        let prefix = if logger { "2026-11-21 09:30:53,297 DEBUG [http] " } else { "" };
        check("http-client", &http_client(&calls, prefix), &calls, Shows { scheme: "http:", answer: false, ..ALL }, block);
    }

    #[test]
    fn okhttp_body(calls in prop::collection::vec(call(), 1..5), logcat: bool, block in 1_usize..400) {
        let prefix = if logcat { "11-21 09:06:27.123  1234  5678 D OkHttp  : " } else { "" };
        check("okhttp", &okhttp(&calls, prefix), &calls, Shows { scheme: "https:", ..ALL }, block);
    }

    #[test]
    fn kubectl_levels(calls in prop::collection::vec(call(), 1..5), block in 1_usize..400) {
        check("kubectl", &kubectl(&calls), &calls, Shows { scheme: "https:", ..ALL }, block);
    }

    #[test]
    fn toolbelt_dumps(calls in prop::collection::vec(call(), 1..5), block in 1_usize..400) {
        check("toolbelt", &toolbelt(&calls), &calls, ALL, block);
    }

    #[test]
    fn undici_debug(calls in prop::collection::vec(call(), 1..5), block in 1_usize..400) {
        let shows = Shows { scheme: "http:", request: false, body: false, head: false, answer: false, ..ALL };
        check("undici", &undici(&calls), &calls, shows, block);
    }

    #[test]
    fn curl_verbose(calls in prop::collection::vec(call(), 1..5), block in 1_usize..400) {
        check("curl", &curl(&calls), &calls, Shows { scheme: "http:", body: false, ..ALL }, block);
    }
}
