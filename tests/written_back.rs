//! Exchanges written as proxies, servers and sniffers do are read back as they were.
//!
//! The writers follow each program's documentation, not the readers. Real files stand in `tests/recorded` and `tests/sides`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::json;
use why401::format::{Options, by_name, drive, recognise};

#[path = "support/reading.rs"]
mod reading;
use reading::{Pairs, Reading, Seen};

/// One exchange.
#[derive(Clone, Debug)]
struct Call {
    method: &'static str,
    host: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
    status: u16,
    answer_headers: Vec<(String, String)>,
    answer: String,
    agent: String,
    authorization: String,
    client: std::net::Ipv4Addr,
}

fn header() -> impl Strategy<Value = (String, String)> {
    ("X-[A-Z][a-z]{1,8}", "[!-~]([ -~]{0,20}[!-~])?")
}

fn call() -> impl Strategy<Value = Call> {
    let form = prop_oneof![Just(String::new()), "[a-z]{1,8}=[A-Za-z0-9%+]{0,12}(&[a-z]{1,8}=[A-Za-z0-9]{0,12}){0,2}"];
    let fields = (
        prop_oneof![Just("GET"), Just("POST"), Just("PUT"), Just("DELETE")],
        "[a-z]{1,8}\\.example",
        "(/[a-z0-9._~-]{1,8}){1,3}(\\?[a-z]{1,5}=[A-Za-z0-9%&=]{0,12})?",
        prop::collection::vec(header(), 0..3),
        form,
        prop_oneof![Just(200_u16), Just(401), Just(403), Just(404), Just(500)],
        prop::collection::vec(header(), 0..3),
        prop_oneof![Just(String::new()), "[a-z0-9 ]{0,20}".prop_map(|s| format!("{{\"message\":\"{s}\"}}"))],
    );
    // A log's own word for nothing is no value, and logs lose blanks at the ends.
    let agent = "[a-zA-Z][ -~]{0,20}[!-~]";
    let authorization = "(Bearer|token|Basic) [!-~][ -~]{0,12}[!-~]";
    (fields, agent, authorization, any::<std::net::Ipv4Addr>()).prop_map(|(f, agent, authorization, client)| Call {
        method: f.0,
        host: f.1,
        target: f.2,
        headers: f.3,
        body: if f.0 == "GET" || f.0 == "DELETE" { String::new() } else { f.4 },
        status: f.5,
        answer_headers: f.6,
        answer: f.7,
        agent,
        authorization,
        client,
    })
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    prop::collection::vec(call(), 1..5)
}

impl Call {
    fn request(&self) -> Pairs {
        let mut all =
            vec![("Host".to_owned(), self.host.clone()), ("Authorization".to_owned(), self.authorization.clone())];
        all.extend(self.headers.iter().cloned());
        if !self.body.is_empty() {
            all.push(("Content-Length".to_owned(), self.body.len().to_string()));
        }
        all
    }

    fn response(&self) -> Pairs {
        let mut all = self.answer_headers.clone();
        all.push(("Content-Length".to_owned(), self.answer.len().to_string()));
        all
    }

    fn url(&self) -> String {
        format!("https://{}{}", self.host, self.target)
    }

    fn path(&self) -> (&str, &str) {
        self.target.split_once('?').unwrap_or((&self.target, ""))
    }

    fn message(&self, absolute: bool) -> String {
        let target = if absolute { self.url() } else { self.target.clone() };
        format!("{} {target} HTTP/1.1\r\n{}\r\n{}", self.method, lines(&self.request()), self.body)
    }

    fn reply(&self) -> String {
        format!("HTTP/1.1 {} Some Reason\r\n{}\r\n{}", self.status, lines(&self.response()), self.answer)
    }
}

fn lines(pairs: &Pairs) -> String {
    pairs.iter().map(|(n, v)| format!("{n}: {v}\r\n")).collect()
}

fn read(format: &str, input: &[u8], log_format: Option<String>, block: usize) -> Vec<Seen> {
    let options = Options { log_format };
    let shown = String::from_utf8_lossy(input);
    assert_eq!(recognise(input, &options).map(|f| f.name), Some(format), "{options:?}\n{shown}");
    let mut sink = Reading::default();
    drive(&mut *(by_name(format).unwrap().open)(&options), input, block, &mut sink);
    assert!(sink.1.is_empty(), "{:?}\n{options:?}\n{shown}", sink.1);
    sink.0
}

/// Everything that was said and answered; headers without regard to those that a writer adds or leaves out.
fn whole(format: &str, input: &[u8], calls: &[Call], block: usize, without: &[&str]) {
    let kept = |pairs: Pairs| pairs.into_iter().filter(|(n, _)| !without.contains(&&*n.to_ascii_lowercase())).collect();
    let got: Vec<Seen> = read(format, input, None, block)
        .into_iter()
        .map(|s| Seen { headers: kept(s.headers), answer_headers: kept(s.answer_headers), ..s })
        .collect();
    let want: Vec<Seen> = calls
        .iter()
        .map(|c| Seen {
            method: c.method.to_owned(),
            url: c.url(),
            status: Some(c.status),
            headers: kept(c.request()),
            body: Some(c.body.clone()),
            answer_headers: kept(c.response()),
            answer: Some(c.answer.clone()),
        })
        .collect();
    assert_eq!(got, want, "{}", String::from_utf8_lossy(input));
}

/// The line of a request, and the headers that the log lists.
fn logged(
    format: &str,
    input: &str,
    log_format: Option<String>,
    calls: &[Call],
    block: usize,
    like: impl Fn(&Call, &Seen),
) {
    let got = read(format, input.as_bytes(), log_format, block);
    assert_eq!(got.len(), calls.len(), "{input}");
    for (seen, call) in got.iter().zip(calls) {
        assert_eq!((&*seen.method, seen.status), (call.method, Some(call.status)), "{input}");
        like(call, seen);
    }
}

fn value<'s>(pairs: &'s Pairs, name: &str) -> Option<&'s str> {
    pairs.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
}

fn ends_with(url: &str, call: &Call) {
    assert!(url.ends_with(&call.target), "{url} of {call:?}");
}

// --- format strings

/// nginx' default escape: `"`, `\` and what is no printable ASCII as `\xHH`.
fn nginx_escaped(text: &str) -> String {
    let one = |c: char| if matches!(c, '"' | '\\') { format!("\\x{:02X}", u32::from(c)) } else { c.to_string() };
    text.chars().map(one).collect()
}

/// Apache's: a backslash before quotes and backslashes.
fn apache_escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// A variable: how it is written in nginx and in Apache, and its value in a line.
type Variable = (&'static str, &'static str, fn(&Call, fn(&str) -> String) -> String);

const VARIABLES: [Variable; 8] = [
    ("$remote_addr", "%a", |c, _| c.client.to_string()),
    ("[$time_local]", "%t", |_, _| "[05/May/2026:09:48:34 +0000]".to_owned()),
    ("\"$request\"", "\\\"%r\\\"", |c, e| format!("\"{} {} HTTP/1.1\"", c.method, e(&c.target))),
    ("$status", "%>s", |c, _| c.status.to_string()),
    ("$body_bytes_sent", "%B", |c, _| c.answer.len().to_string()),
    ("\"$http_authorization\"", "\\\"%{Authorization}i\\\"", |c, e| format!("\"{}\"", e(&c.authorization))),
    ("ua=\"$http_user_agent\"", "ua=\\\"%{User-Agent}i\\\"", |c, e| format!("ua=\"{}\"", e(&c.agent))),
    ("host=$host", "host=%{Host}i", |c, _| format!("host={}", c.host)),
];

fn by_string(order: &[usize], between: &str, calls: &[Call], apache: bool, block: usize) {
    let escape = if apache { apache_escaped } else { nginx_escaped };
    let of = |v: &Variable| if apache { v.1 } else { v.0 };
    let format = order.iter().map(|i| of(&VARIABLES[*i])).collect::<Vec<_>>().join(between);
    let format = if apache { format!("LogFormat \"{format}\" mine") } else { format };
    let line = |c: &Call| order.iter().map(|i| VARIABLES[*i].2(c, escape)).collect::<Vec<_>>().join(between) + "\n";
    let input: String = calls.iter().map(line).collect();
    logged("access-log", &input, Some(format), calls, block, |c, s| {
        ends_with(&s.url, c);
        let has = |n: usize| order.contains(&n);
        assert_eq!(value(&s.headers, "authorization"), has(5).then_some(&*c.authorization), "{input}");
        assert_eq!(value(&s.headers, "user-agent"), has(6).then_some(&*c.agent), "{input}");
        assert_eq!(s.url.contains(&c.host), has(7), "{} of {input}", s.url);
    });
}

/// The request and the status, and any others in any order.
fn order() -> impl Strategy<Value = Vec<usize>> {
    prop::sample::subsequence(vec![0, 1, 4, 5, 6, 7], 0..=6)
        .prop_map(|mut some| {
            some.extend([2, 3]);
            some
        })
        .prop_shuffle()
}

// --- proxies

/// `LENGTH:bytes` and a type (<https://tnetstrings.info>); text is `;`, bytes are `,`.
fn tnet(bytes: &[u8], kind: char) -> Vec<u8> {
    [format!("{}:", bytes.len()).as_bytes(), bytes, &[kind as u8]].concat()
}

fn dict(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let inside: Vec<u8> = members.iter().flat_map(|(k, v)| [tnet(k.as_bytes(), ';'), v.clone()].concat()).collect();
    tnet(&inside, '}')
}

fn flows(calls: &[Call]) -> Vec<u8> {
    let bytes = |t: &str| tnet(t.as_bytes(), ',');
    let list = |pairs: &Pairs| {
        let inside: Vec<u8> = pairs.iter().flat_map(|(n, v)| tnet(&[bytes(n), bytes(v)].concat(), ']')).collect();
        tnet(&inside, ']')
    };
    let flow = |c: &Call| {
        dict(&[
            ("type", tnet(b"http", ';')),
            ("version", tnet(b"21", '#')),
            ("error", tnet(b"", '~')),
            (
                "request",
                dict(&[
                    ("method", bytes(c.method)),
                    ("scheme", bytes("https")),
                    ("host", tnet(c.host.as_bytes(), ';')),
                    ("port", tnet(b"443", '#')),
                    ("authority", bytes("")),
                    ("path", bytes(&c.target)),
                    ("http_version", bytes("HTTP/1.1")),
                    ("headers", list(&c.request())),
                    ("content", bytes(&c.body)),
                    ("timestamp_start", tnet(b"1795252724.25", '^')),
                ]),
            ),
            (
                "response",
                dict(&[
                    ("status_code", tnet(c.status.to_string().as_bytes(), '#')),
                    ("reason", bytes("Some Reason")),
                    ("headers", list(&c.response())),
                    ("content", bytes(&c.answer)),
                ]),
            ),
        ])
    };
    calls.iter().flat_map(flow).collect()
}

fn saz(calls: &[Call]) -> Vec<u8> {
    let one = |(n, c): (usize, &Call)| {
        let (q, r, m) = (c.message(true), c.reply(), "<Session/>");
        format!("#saz {} {} {} {}\n{q}\n{r}\n{m}\n", n + 1, q.len(), r.len(), m.len())
    };
    calls.iter().enumerate().map(one).collect::<String>().into_bytes()
}

fn burp(calls: &[Call], plain: bool) -> Vec<u8> {
    let mut out = "<?xml version=\"1.0\"?>\n<items burpVersion=\"2024.1\" exportTime=\"x\">\n".to_owned();
    for c in calls {
        let put = |name: &str, text: String| match plain {
            true => {
                format!("<{name} base64=\"false\"><![CDATA[{}]]></{name}>\n", text.replace("]]>", "]]]]><![CDATA[>"))
            }
            false => format!("<{name} base64=\"true\"><![CDATA[{}]]></{name}>\n", STANDARD.encode(text)),
        };
        out += &format!(
            "<item><time>Tue May 05 09:48:34 UTC 2026</time><url><![CDATA[{}]]></url><host ip=\"\">{}</host><port>443</port>\
             <protocol>https</protocol><method><![CDATA[{}]]></method>\n{}<status>{}</status>{}<comment></comment></item>\n",
            c.url(),
            c.host,
            c.method,
            put("request", c.message(false)),
            c.status,
            put("response", c.reply()),
        );
    }
    (out + "</items>\n").into_bytes()
}

fn charles(calls: &[Call]) -> Vec<u8> {
    let half = |first: String, pairs: Pairs, body: &str| {
        let headers: Vec<_> = pairs.iter().map(|(n, v)| json!({"name": n, "value": v})).collect();
        let shown = if body.is_empty() { json!(null) } else { json!({"text": body, "charset": null}) };
        json!({"sizes": {"body": body.len()}, "mimeType": null, "header": {"firstLine": first, "headers": headers}, "body": shown})
    };
    let one = |c: &Call| {
        let mut response = half(format!("HTTP/1.1 {} Some Reason", c.status), c.response(), &c.answer);
        response["status"] = json!(c.status);
        json!({"status": "COMPLETE", "method": c.method, "protocolVersion": "HTTP/1.1", "scheme": "https", "host": c.host, "port": null,
               "actualPort": 443, "path": c.path().0, "query": c.target.split_once('?').map(|(_, q)| q), "tunnel": false, "times": {"start": "2026-05-05T09:48:34.123Z"},
               "request": half(format!("{} {} HTTP/1.1", c.method, c.target), c.request(), &c.body), "response": response})
    };
    serde_json::to_vec(&calls.iter().map(one).collect::<Vec<_>>()).unwrap()
}

fn zap(calls: &[Call]) -> Vec<u8> {
    let one = |(n, c): (usize, &Call)| format!("==== {} ==========\n{}\n{}\n", n + 1, c.message(true), c.reply());
    calls.iter().enumerate().map(one).collect::<String>().into_bytes()
}

/// Network log: the numbers of the events are told in front.
fn netlog(calls: &[Call]) -> Vec<u8> {
    let fields = |pairs: Pairs| pairs.iter().map(|(n, v)| format!("{n}: {v}")).collect::<Vec<_>>();
    let mut events = Vec::new();
    for (n, c) in calls.iter().enumerate() {
        let mut event = |kind: u32, phase: u32, params: serde_json::Value| {
            events.push(json!({"type": kind, "phase": phase, "source": {"id": n + 10, "type": 1}, "time": (n * 10).to_string(), "params": params}));
        };
        event(5, 1, json!({"method": c.method, "url": c.url(), "load_flags": 0}));
        event(6, 0, json!({"line": format!("{} {} HTTP/1.1\r\n", c.method, c.target), "headers": fields(c.request())}));
        let mut answer = vec![format!("HTTP/1.1 {} Some Reason", c.status)];
        answer.extend(fields(c.response()));
        event(7, 0, json!({"headers": answer}));
        event(5, 2, json!({}));
    }
    let types = json!({"URL_REQUEST_START_JOB": 5, "HTTP_TRANSACTION_SEND_REQUEST_HEADERS": 6, "HTTP_TRANSACTION_READ_RESPONSE_HEADERS": 7});
    let constants = json!({"logEventTypes": types, "timeTickOffset": "1795251212291", "clientInfo": {"name": "Chrome", "version": "1"}});
    format!(
        "{{\"constants\":{constants},\n\"events\": [\n{}]}}\n",
        events.iter().map(ToString::to_string).collect::<Vec<_>>().join(",\n")
    )
    .into_bytes()
}

/// `tshark -T json` of HTTP/1.1: a line of the head is a member of its own, all with one name.
fn tshark(calls: &[Call]) -> Vec<u8> {
    let text = |t: &str| serde_json::to_string(t).unwrap();
    let hex = |b: &str| b.bytes().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(":");
    let packet = |n: usize, http: String, body: &str| {
        let data = if body.is_empty() { String::new() } else { format!(",\"http.file_data\":\"{}\"", hex(body)) };
        format!(
            "{{\"_source\":{{\"layers\":{{\"frame\":{{\"frame.time_epoch\":\"1795252724.5\"}},\"tcp\":{{\"tcp.stream\":\"{n}\"}},\"http\":{{{http}{data}}}}}}}}}"
        )
    };
    let head = |kind: &str, pairs: Pairs| -> String {
        pairs.iter().map(|(n, v)| format!(",\"http.{kind}.line\":{}", text(&format!("{n}: {v}\r\n")))).collect()
    };
    let mut all = Vec::new();
    for (n, c) in calls.iter().enumerate() {
        let first = format!("\"{} x HTTP/1.1\\r\\n\":{{\"http.request.method\":\"{}\"}}", c.method, c.method);
        let uri = format!(",\"http.request.full_uri\":{}", text(&c.url()));
        all.push(packet(n, first + &head("request", c.request()) + &uri, &c.body));
        let first = format!("\"HTTP/1.1 {} x\\r\\n\":{{\"http.response.code\":\"{}\"}}", c.status, c.status);
        all.push(packet(n, first + &head("response", c.response()), &c.answer));
    }
    format!("[\n{}\n]\n", all.join(",\n")).into_bytes()
}

/// `tshark -T ek` of HTTP/2: the answers of all streams come in one packet, whose frames are lists side by side.
fn tshark_h2(calls: &[Call]) -> Vec<u8> {
    let hex = |b: &str| b.bytes().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(":");
    let doc = |port: u32, http2: serde_json::Value| {
        let layers = json!({"frame": {"frame_frame_time_epoch": "1795252724.5"}, "tcp": {"tcp_tcp_stream": "3", "tcp_tcp_srcport": port.to_string()}, "http2": http2});
        format!(
            "{{\"index\":{{\"_index\":\"packets-2026-05-05\"}}}}\n{}\n",
            json!({"timestamp": "1795252724500", "layers": layers})
        )
    };
    let lower = |pairs: Pairs| pairs.into_iter().filter(|(n, _)| n != "Host").map(|(n, v)| (n.to_ascii_lowercase(), v));
    let pseudo = |n: &str, v: &str| (n.to_owned(), v.to_owned());
    let mut out = String::new();
    let (mut types, mut ids, mut lengths, mut ends, mut counts, mut names, mut values, mut data) =
        (vec![], vec![], vec![], vec![], vec![], vec![], vec![], vec![]);
    for (n, c) in calls.iter().enumerate() {
        let id = (2 * n + 1).to_string();
        let mut head = vec![
            pseudo(":method", c.method),
            pseudo(":scheme", "https"),
            pseudo(":authority", &c.host),
            pseudo(":path", &c.target),
        ];
        head.extend(lower(c.request()));
        let (n_, v_): (Vec<_>, Vec<_>) = head.into_iter().unzip();
        let bodiless = c.body.is_empty();
        out += &doc(
            50_000,
            json!({"http2_http2_type": "1", "http2_http2_streamid": id, "http2_http2_length": "9", "http2_http2_flags_end_stream": bodiless,
            "http2_http2_header_count": n_.len().to_string(), "http2_http2_header_name": n_, "http2_http2_header_value": v_}),
        );
        if !bodiless {
            out += &doc(
                50_000,
                json!({"http2_http2_type": "0", "http2_http2_streamid": id, "http2_http2_length": "9", "http2_http2_flags_end_stream": true, "http2_http2_data_data": hex(&c.body)}),
            );
        }
        let mut head = vec![pseudo(":status", &c.status.to_string())];
        head.extend(lower(c.response()));
        types.extend(["1", "0"]);
        ids.extend([id.clone(), id]);
        lengths.extend(["9".to_owned(), c.answer.len().to_string()]);
        ends.extend([false, true]);
        counts.push(head.len().to_string());
        names.extend(head.iter().map(|h| h.0.clone()));
        values.extend(head.into_iter().map(|h| h.1));
        if !c.answer.is_empty() {
            data.push(hex(&c.answer));
        }
    }
    out += &doc(
        443,
        json!({"http2_http2_type": types, "http2_http2_streamid": ids, "http2_http2_length": lengths, "http2_http2_flags_end_stream": ends,
        "http2_http2_header_count": counts, "http2_http2_header_name": names, "http2_http2_header_value": values, "http2_http2_data_data": data}),
    );
    out.into_bytes()
}

/// `tshark -z follow,tcp,ascii`: the number of bytes of each block, the server's behind a tab.
fn follow(calls: &[Call]) -> Vec<u8> {
    let mut out = "\n===================================================================\nFollow: tcp,ascii\nFilter: tcp.stream eq 0\nNode 0: 10.0.0.1:5\nNode 1: 10.0.0.2:80\n".to_owned();
    for c in calls {
        let (q, r) = (c.message(false), c.reply());
        out += &format!("{}\n{q}\n\t{}\n{r}\n", q.len(), r.len());
    }
    (out + "===================================================================\n").into_bytes()
}

/// `mitmdump -n -r FILE --flow-detail 2`.
fn mitmdump(calls: &[Call]) -> String {
    let head = |pairs: Pairs| pairs.iter().map(|(n, v)| format!("    {n}: {v}\n")).collect::<String>();
    let one = |c: &Call| {
        let (q, r) = (head(c.request()), head(c.response()));
        format!(
            "{}:5000: {} {}\n{q}\n << {} Some Reason {}b\n{r}\n",
            c.client,
            c.method,
            c.url(),
            c.status,
            c.answer.len()
        )
    };
    calls.iter().map(one).collect()
}

fn varnishlog(calls: &[Call]) -> String {
    let mut out = String::new();
    for (n, c) in calls.iter().enumerate() {
        out += &format!(
            "*   << Request  >> {}\n-   Begin          req 1 rxreq\n-   Timestamp      Start: 1795252724.5 0.0 0.0\n",
            n + 2
        );
        out +=
            &format!("-   ReqMethod      {}\n-   ReqURL         {}\n-   ReqProtocol    HTTP/1.1\n", c.method, c.target);
        c.request().iter().for_each(|(n, v)| out += &format!("-   ReqHeader      {n}: {v}\n"));
        out +=
            &format!("-   RespProtocol   HTTP/1.1\n-   RespStatus     {}\n-   RespReason     Some Reason\n", c.status);
        c.response().iter().for_each(|(n, v)| out += &format!("-   RespHeader     {n}: {v}\n"));
        out += "-   End\n\n";
    }
    out
}

/// mod_log_forensic: `%` and `|` and `:` in values as `%hh`.
fn forensic(calls: &[Call]) -> String {
    let escaped = |t: &str| t.replace('%', "%25").replace('|', "%7c").replace(':', "%3a");
    let mut out = String::new();
    for (n, c) in calls.iter().enumerate() {
        let head: String = c.request().iter().map(|(n, v)| format!("|{n}:{}", escaped(v))).collect();
        out += &format!("+id{n:06}:1|{} {} HTTP/1.1{head}\n-id{n:06}:1\n", c.method, escaped(&c.target));
    }
    out
}

// --- logs

fn squid(calls: &[Call], mime: bool) -> String {
    let dump = |first: String, pairs: Pairs| {
        let head: String = pairs.iter().map(|(n, v)| format!("{n}: {v}\\r\\n")).collect();
        format!(" [{first}{head}]")
    };
    let one = |c: &Call| {
        let heads = match mime {
            true => dump(String::new(), c.request()) + &dump(format!("HTTP/1.1 {} X\\r\\n", c.status), c.response()),
            false => String::new(),
        };
        format!(
            "1795252477.832     18 {} TCP_MISS/{} 309 {} {} - HIER_DIRECT/10.0.0.1 text/plain{heads}\n",
            c.client,
            c.status,
            c.method,
            c.url()
        )
    };
    calls.iter().map(one).collect()
}

fn haproxy(c: &Call) -> String {
    // A capture cannot hold what separates captures.
    let captured = c.authorization.replace(['|', '{', '}', '"', '#', '\\'], "x");
    format!(
        "<134>May  5 09:48:34 edge haproxy[77]: {}:4321 [05/May/2026:09:48:34.123] web~ api/s1 0/0/1/2/3 {} 75 - - ---- 1/1/0/0/0 0/0 {{{}|{captured}}} {{}} \"{} {} HTTP/1.1\"\n",
        c.client, c.status, c.host, c.method, c.target
    )
}

/// Envoy escapes nothing.
fn unquoted(text: &str) -> String {
    text.replace(['"', '\\'], "'")
}

fn envoy(c: &Call) -> String {
    let agent = unquoted(&c.agent);
    format!(
        "[2026-05-05T09:48:34.123Z] \"{} {} HTTP/1.1\" {} - 0 75 3 2 \"{}\" \"{agent}\" \"7d1f60c2-11aa\" \"{}\" \"10.0.0.2:8080\"\n",
        c.method, c.target, c.status, c.client, c.host
    )
}

fn alb(c: &Call) -> String {
    let agent = c.agent.replace('"', "\\x22").replace('\\', "/");
    format!(
        "https 2026-05-05T09:48:34.123456Z app/lab/50dc 1.2.3.4:2817 10.0.0.1:80 0.000 0.001 0.000 {0} {0} 34 366 \"{1} https://{2}:443{3} HTTP/1.1\" \"{agent}\" TLS_A TLSv1.3 arn:x \"Root=1-58337262-36d2\" \"{2}\" \"arn:y\" 0 2026-05-05T09:48:34.000000Z \"forward\" \"-\" \"-\" \"10.0.0.1:80\" \"{0}\" \"-\" \"-\"\n",
        c.status, c.method, c.host, c.target
    )
}

fn traefik(c: &Call) -> String {
    json!({"ClientAddr": format!("{}:50000", c.client), "ClientHost": c.client.to_string(), "DownstreamStatus": c.status, "OriginStatus": c.status, "Duration": 3_000_000,
        "RequestAddr": c.host, "RequestHost": c.host, "RequestMethod": c.method, "RequestPath": c.target, "RequestProtocol": "HTTP/2.0", "RequestScheme": "https",
        "StartUTC": "2026-05-05T09:48:34.123456789Z", "request_Authorization": c.authorization, "request_User-Agent": c.agent, "level": "info", "msg": ""})
    .to_string() + "\n"
}

fn caddy(c: &Call) -> String {
    json!({"level": "info", "ts": 1_777_974_514.123_4, "logger": "http.log.access", "msg": "handled request", "request": {"remote_ip": c.client.to_string(), "proto": "HTTP/2.0",
        "method": c.method, "host": c.host, "uri": c.target, "headers": {"Authorization": [c.authorization], "User-Agent": [c.agent]}, "tls": {"proto": "h2"}}, "duration": 0.003, "status": c.status, "resp_headers": {"Server": ["Caddy"]}})
    .to_string() + "\n"
}

/// W3C extended: blanks in values are plus signs.
fn iis(calls: &[Call]) -> String {
    let mut out = "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Fields: date time cs-method cs-uri-stem cs-uri-query cs-host c-ip cs(User-Agent) sc-status time-taken\r\n".to_owned();
    for c in calls {
        let (path, query) = c.path();
        let query = if query.is_empty() { "-" } else { query };
        out += &format!(
            "2026-05-05 09:48:34 {} {path} {query} {} {} {} {} 15\r\n",
            c.method,
            c.host,
            c.client,
            c.agent.replace(' ', "+"),
            c.status
        );
    }
    out
}

fn quoted(text: &str) -> String {
    text.replace(' ', "+")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nginx_by_format(order in order(), between in prop_oneof![Just(" "), Just(" | "), Just("\t")], calls in calls(), block in 1_usize..300) {
        by_string(&order, between, &calls, false, block);
    }

    #[test]
    fn apache_by_format(order in order(), between in prop_oneof![Just(" "), Just(" | ")], calls in calls(), block in 1_usize..300) {
        by_string(&order, between, &calls, true, block);
    }

    #[test]
    fn flow_files(calls in calls(), block in 1_usize..300) {
        whole("mitmproxy", &flows(&calls), &calls, block, &[]);
    }

    #[test]
    fn session_archives(calls in calls(), block in 1_usize..300) {
        whole("fiddler", &saz(&calls), &calls, block, &[]);
    }

    #[test]
    fn burp_items(calls in calls(), plain: bool, block in 1_usize..300) {
        whole("burp", &burp(&calls, plain), &calls, block, &[]);
    }

    #[test]
    fn charles_sessions(calls in calls(), block in 1_usize..300) {
        whole("charles", &charles(&calls), &calls, block, &[]);
    }

    #[test]
    fn zap_messages(calls in calls(), block in 1_usize..300) {
        whole("zap", &zap(&calls), &calls, block, &[]);
    }

    #[test]
    fn packets(calls in calls(), block in 1_usize..300) {
        whole("tshark", &tshark(&calls), &calls, block, &[]);
    }

    #[test]
    fn frames(calls in calls(), block in 1_usize..300) {
        let lower = |pairs: Pairs| pairs.into_iter().map(|(n, v)| (n.to_ascii_lowercase(), v)).collect::<Pairs>();
        let got = read("tshark", &tshark_h2(&calls), None, block);
        prop_assert_eq!(got.len(), calls.len());
        for (s, c) in got.into_iter().zip(&calls) {
            prop_assert_eq!((&*s.method, s.url, s.status), (c.method, c.url(), Some(c.status)));
            prop_assert_eq!(s.headers, lower(c.request().into_iter().skip(1).collect()));
            prop_assert_eq!((s.body, s.answer), (Some(c.body.clone()), Some(c.answer.clone())));
            prop_assert_eq!(s.answer_headers, lower(c.response()));
        }
    }

    #[test]
    fn followed_streams(calls in calls(), block in 1_usize..300) {
        let got = read("follow", &follow(&calls), None, block);
        prop_assert_eq!(got.len(), calls.len());
        for (s, c) in got.into_iter().zip(&calls) {
            prop_assert_eq!((&*s.method, s.url, s.status), (c.method, format!("//{}{}", c.host, c.target), Some(c.status)));
            prop_assert_eq!((s.headers, s.answer_headers), (c.request(), c.response()));
            prop_assert_eq!((s.body, s.answer), (Some(c.body.clone()), Some(c.answer.clone())));
        }
    }

    #[test]
    fn network_logs(calls in calls(), block in 1_usize..300) {
        let got = read("netlog", &netlog(&calls), None, block);
        prop_assert_eq!(got.len(), calls.len());
        for (s, c) in got.into_iter().zip(&calls) {
            prop_assert_eq!((&*s.method, s.url, s.status), (c.method, c.url(), Some(c.status)));
            prop_assert_eq!((s.headers, s.answer_headers), (c.request(), c.response()));
        }
    }

    #[test]
    fn heads_alone(calls in calls(), block in 1_usize..300) {
        let headed = |format: &str, input: String, urls: fn(&Call) -> String, answered: bool| {
            let got = read(format, input.as_bytes(), None, block);
            assert_eq!(got.len(), calls.len(), "{input}");
            for (s, c) in got.into_iter().zip(&calls) {
                assert_eq!((&*s.method, s.url), (c.method, urls(c)), "{input}");
                assert_eq!((s.status, s.headers), (answered.then_some(c.status), c.request()), "{input}");
                assert_eq!(s.answer_headers, if answered { c.response() } else { Vec::new() }, "{input}");
            }
        };
        headed("mitmdump", mitmdump(&calls), Call::url, true);
        headed("varnishlog", varnishlog(&calls), |c| format!("//{}{}", c.host, c.target), true);
        headed("forensic", forensic(&calls), |c| format!("//{}{}", c.host, c.target), false);
    }

    #[test]
    fn squid_logs(calls in calls(), mime: bool, block in 1_usize..300) {
        logged("access-log", &squid(&calls, mime), None, &calls, block, |c, s| {
            assert_eq!(s.url, c.url());
            if mime {
                assert_eq!((&s.headers, &s.answer_headers), (&c.request(), &c.response()));
            }
        });
    }

    #[test]
    fn logs_of_lines(calls in calls(), block in 1_usize..300) {
        let all = |one: fn(&Call) -> String| calls.iter().map(one).collect::<String>();
        logged("access-log", &all(haproxy), None, &calls, block, |c, s| ends_with(&s.url, c));
        logged("access-log", &all(envoy), None, &calls, block, |c, s| {
            assert_eq!(s.url, format!("//{}{}", c.host, c.target));
            assert_eq!(value(&s.headers, "user-agent"), Some(&*unquoted(&c.agent)));
        });
        logged("access-log", &all(alb), None, &calls, block, |c, s| assert_eq!(s.url.replace(":443", ""), c.url()));
        for json in [traefik, caddy] {
            logged("json-log", &all(json), None, &calls, block, |c, s| {
                assert_eq!(s.url, c.url());
                assert_eq!(value(&s.headers, "authorization"), Some(&*c.authorization));
                assert_eq!(value(&s.headers, "user-agent"), Some(&*c.agent));
            });
        }
        // What collectors wrap, each in its way.
        let docker = |line: String| json!({"log": line, "stream": "stdout", "time": "2026-05-05T09:48:34.1Z"}).to_string() + "\n";
        let filebeat = |line: String| json!({"@timestamp": "2026-05-05T09:48:34.1Z", "host": {"name": "a"}, "message": line.trim_end()}).to_string() + "\n";
        let wrapped: String = calls.iter().map(|c| docker(envoy(c))).collect();
        logged("json-log", &wrapped, None, &calls, block, |c, s| assert_eq!(s.url, format!("//{}{}", c.host, c.target)));
        let wrapped: String = calls.iter().map(|c| filebeat(caddy(c))).collect();
        logged("json-log", &wrapped, None, &calls, block, |c, s| {
            assert_eq!(value(&s.headers, "authorization"), Some(&*c.authorization));
        });
        logged("w3c-log", &iis(&calls), None, &calls, block, |c, s| {
            ends_with(&s.url, c);
            assert_eq!(value(&s.headers, "user-agent").map(quoted), Some(quoted(&c.agent)));
        });
    }
}
