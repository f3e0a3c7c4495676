use super::*;
use crate::format::testing::{damage, same_for_every_block};
use crate::format::{Listing, drive};

fn shared(path: &str) -> Option<Vec<u8>> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").to_owned();
    std::fs::read(format!("{}/{path}", std::env::var("WHY401_SHARED").unwrap_or(beside))).ok()
}

fn read(bytes: &[u8]) -> Listing {
    let mut listing = Listing::default();
    drive(&mut *open(&Options::default()), bytes, 1000, &mut listing);
    listing
}

/// A dictionary as the recorder writes it.
fn dict(pairs: &[(&str, String)]) -> String {
    let inner: String = pairs.iter().map(|(k, v)| format!("{}:{k};{v}", k.len())).collect();
    format!("{}:{inner}}}", inner.len())
}

fn bytes(text: &str) -> String {
    format!("{}:{text},", text.len())
}

fn flow(path: &str, status: u16) -> String {
    let headers = |name: &str, v: &str| {
        let pair = format!("{}{}", bytes(name), bytes(v));
        let pair = format!("{}:{pair}]", pair.len());
        format!("{}:{pair}]", pair.len())
    };
    dict(&[
        (
            "response",
            dict(&[
                ("status_code", format!("3:{status}#")),
                ("headers", headers("Server", "x")),
                ("content", bytes("{}")),
            ]),
        ),
        (
            "request",
            dict(&[
                ("method", bytes("GET")),
                ("scheme", bytes("https")),
                ("host", "6:a.test;".into()),
                ("port", "3:443#".into()),
                ("path", bytes(path)),
                ("headers", headers("Authorization", "Bearer x")),
                ("content", "0:~".into()),
                ("timestamp_start", "12:1700000000.5^".into()),
            ]),
        ),
        ("type", "4:http;".into()),
        ("version", "2:21#".into()),
    ])
}

#[test]
fn every_version_of_the_corpus() {
    for (file, count, first) in [
        ("corrupted_gzip_body", 1, "GET http://127.0.0.1:5000/ 200 req=+ "),
        ("dumpfile-010", 1, "GET http://example.com/ 200"),
        ("dumpfile-011", 1, "GET https://example.com/ 200"),
        ("dumpfile-019", 1, "GET https://webrv.rtb-seller.com/webrv-at -"),
        ("dumpfile-10", 1, "GET https://example.com/ -"),
        ("dumpfile-19", 1, "GET https://cloudflare-quic.com/ 200"),
        ("dumpfile-7", 2, "GET http://example.com/ 200"),
        ("error_log", 2, "GET http://163.com/ -"),
        ("event_stream", 2, "GET https://clientstream.launchdarkly.com/meval/"),
    ] {
        let Some(file) = shared(&format!("corpus/flow/mitmproxy_mitmproxy__{file}.mitm")) else { return };
        let got = read(&file);
        assert_eq!(got.lines.len(), count, "{:?}", got.lines);
        assert!(got.problems.is_empty(), "{:?}", got.problems);
        let start: String = first.chars().take_while(|c| *c != '+').collect();
        assert!(got.lines[0].starts_with(&start), "{:?}", got.lines);
        same_for_every_block(open, &file, &[1, 77, 4096]);
    }
}

#[test]
fn a_session_as_recorded() {
    let Some(file) = shared("formats/mitmproxy/flows-11.0.2.mitm") else { return };
    let got = read(&file);
    assert_eq!((got.lines.len(), got.problems.len()), (7, 0), "{:?}", got.lines);
    assert!(got.lines[0].starts_with("POST https://localhost:8443/api/4.0/login 200"), "{:?}", got.lines);
    damage(open, &file, 300);
}

#[test]
fn a_damaged_flow_costs_no_other() {
    let good = flow("/one", 401);
    let broken = flow("/two", 200).replacen("6:method", "x:method", 1).replacen(':', ";", 1);
    let all = [good.clone(), broken, flow("/three", 403)].concat();
    for block in [1, 7, 64, 100_000] {
        let mut listing = Listing::default();
        drive(&mut *open(&Options::default()), all.as_bytes(), block, &mut listing);
        assert_eq!(listing.lines.len(), 2, "{block} {:?}", listing.lines);
        assert!(listing.lines[1].contains("/three 403"));
        assert_eq!(listing.problems.len(), 1);
    }
    let cut = [good.as_str(), good.get(..good.len() - 40).unwrap()].concat();
    let got = read(cut.as_bytes());
    assert_eq!((got.lines.len(), got.problems.len()), (2, 1), "{:?}", got.problems);
    same_for_every_block(open, cut.as_bytes(), &[1, 3, 50]);
}

#[test]
fn nothing_else_is_taken_for_flows() {
    assert_eq!(sniff(b"12:34:56 GET /x"), 0);
    assert_eq!(sniff(b"100:x"), 0);
    assert!(sniff(flow("/", 200).as_bytes()) > 90);
}
