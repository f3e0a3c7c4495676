//! Lines that are written and read back, and bytes that mean nothing.

use proptest::prelude::*;

use crate::format::{FORMATS, Listing, Options, Problem, Sink, drive};
use crate::http::{Exchange, Observed};

/// What a line was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Made {
    client: String,
    method: String,
    target: String,
    status: u16,
    agent: String,
    authorization: String,
}

fn made() -> impl Strategy<Value = Made> {
    let client = prop_oneof![
        any::<std::net::Ipv4Addr>().prop_map(|a| a.to_string()),
        any::<std::net::Ipv6Addr>().prop_map(|a| a.to_string())
    ];
    let text = "[ -~]{2,40}";
    (client, "[A-Z]{3,7}", "/([!-.0-~][!-~]{0,30})?", 100_u16..600, text, text).prop_map(
        |(client, method, target, status, agent, authorization)| Made {
            client,
            method,
            target,
            status,
            agent,
            authorization,
        },
    )
}

/// nginx' default escape.
fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\x{:02X}", u32::from(c)),
            _ => c.to_string(),
        })
        .collect()
}

#[derive(Default)]
struct Read(Vec<Made>, u32);

impl Sink for Read {
    fn exchange(&mut self, x: Exchange<'_>) {
        let header = |name: &str| match x.request.headers.get(name) {
            Observed::Present(h) => h.value.lossy().into_owned(),
            other => format!("{other:?}"),
        };
        let actor = x.actor.lossy();
        self.0.push(Made {
            client: actor.split(' ').next().unwrap_or_default().to_owned(),
            method: x.request.method.lossy().into_owned(),
            target: x.request.url.lossy().into_owned(),
            status: x.response.as_ref().and_then(|r| r.status).unwrap_or(0),
            agent: header("user-agent"),
            authorization: header("authorization"),
        });
    }
    fn problem(&mut self, _: Problem) {
        self.1 += 1;
    }
    fn recorder(&mut self, _: &str, _: &str) {}
}

fn read(input: &str, block: usize) -> Read {
    let mut got = Read::default();
    drive(&mut *super::open(&Options::default()), input.as_bytes(), block, &mut got);
    got
}

proptest! {
    #[test]
    fn combined_comes_back(all in prop::collection::vec(made(), 1..6), block in 1_usize..200) {
        let input: String = all.iter().map(|m| format!(
            "{} - - [05/May/2026:09:48:34 +0000] \"{} {} HTTP/1.1\" {} 12 \"-\" \"a {}\" authorization=\"b {}\"\n",
            m.client, m.method, escaped(&m.target), m.status, escaped(&m.agent), escaped(&m.authorization),
        )).collect();
        let got = read(&input, block);
        let want: Vec<Made> = all.into_iter().map(|m| Made {
            agent: format!("a {}", m.agent), authorization: format!("b {}", m.authorization), ..m
        }).collect();
        prop_assert_eq!(got.0, want);
        prop_assert_eq!(got.1, 0);
    }

    #[test]
    fn json_comes_back(all in prop::collection::vec(made(), 1..6), block in 1_usize..200) {
        let input: String = all.iter().map(|m| serde_json::json!({
            "ts": 1_795_252_062.5, "request": {"remote_ip": m.client, "method": m.method, "uri": m.target,
            "headers": {"User-Agent": [m.agent], "Authorization": [m.authorization]}}, "status": m.status,
        }).to_string() + "\n").collect();
        let got = read(&input, block);
        prop_assert_eq!(got.0, all);
    }

    #[test]
    fn anything_is_read_the_same_in_any_block(
        parts in prop::collection::vec(prop::sample::select(PIECES), 0..60), block in 1_usize..50
    ) {
        let input = parts.concat();
        for format in FORMATS {
            let mut whole = Listing::default();
            drive(&mut *(format.open)(&Options::default()), input.as_bytes(), 1 << 20, &mut whole);
            let mut again = Listing::default();
            drive(&mut *(format.open)(&Options::default()), input.as_bytes(), block, &mut again);
            prop_assert_eq!(whole.lines, again.lines, "{}", format.name);
            prop_assert_eq!(whole.problems, again.problems, "{}", format.name);
            let _ = (format.sniff)(input.as_bytes());
        }
    }

    #[test]
    fn bytes_do_no_harm(input in prop::collection::vec(any::<u8>(), 0..300), format in "[$%{}a-z\"' tUq]{0,30}") {
        for known in FORMATS {
            let options = Options { log_format: Some(format.clone()) };
            drive(&mut *(known.open)(&options), &input, 16, &mut Listing::default());
            let _ = (known.sniff)(&input);
        }
    }
}

const PIECES: &[&str] = &[
    "1.2.3.4 - - [05/May/2026:09:48:34 +0000] ",
    "\"GET /x HTTP/1.1\" ",
    "401 ",
    "12 ",
    "\"-\" ",
    "\n",
    "\n",
    "\r\n",
    "    ",
    "1.2.3.4:5: GET http://h/x\n",
    "    a: b\n",
    "\n << 200 OK 1b\n",
    "[09:14:39.340] x\n",
    " << oops\n",
    "[",
    "]",
    "{",
    "{\"method\":\"GET\",\"uri\":\"/\",\"status\":401}\n",
    "\"",
    "\\",
    "k=v ",
    "auth=\"Bearer x\" ",
    "\t",
    "time:1\tstatus:401\t",
    "#Fields: cs-method cs-uri-stem sc-status c-ip\n",
    "GET / 401 1.1.1.1\n",
    "1795252477.832 18 ::1 TCP_MISS/200 309 GET http://h/u ",
    "1.1.1.1:1 [05/May/2026:09:48:34.123] f b/s 0/0/0/0/0 401 1 - - ---- 1/1/0/0/0 0/0 {a|b} {c} ",
    "\u{1b}[31m",
    "é",
    "|",
];
