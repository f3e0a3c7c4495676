//! Streams that tshark followed.

use super::*;
use crate::format::testing::{damage, listing, same_for_every_block};

#[test]
fn the_recorded_streams() {
    for name in ["tshark-4.4-follow-ascii.txt", "tshark-4.4-follow-http.txt"] {
        let path = format!("{}/../shared/formats/wire/{name}", env!("CARGO_MANIFEST_DIR"));
        let Ok(input) = std::fs::read(path) else { return };
        assert_eq!(sniff(&input), 98, "{name}");
        let got = listing(open, &input, 70);
        assert_eq!(got.lines, ["GET //127.0.0.1:9000/api/4.0/user 401 req=4 res=5+body"], "{name}");
        assert!(got.problems.is_empty(), "{:?}", got.problems);
        same_for_every_block(open, &input, &[1, 16, 99]);
        damage(open, &input, 200);
    }
}

#[test]
fn several_exchanges_of_a_connection() {
    let (a, b) = ("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 401 X\r\nA: b\r\n\r\n");
    let (c, d) = ("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
    let input = format!(
        "=====\nFollow: tcp,ascii\nFilter: tcp.stream eq 0\nNode 0: 127.0.0.1:5\nNode 1: 127.0.0.1:6\n{}\n{a}\n\t{}\n{b}\n{}\n{c}\n\t{}\n{d}\n\t2\n{{}}\n=====\n",
        a.len(),
        b.len(),
        c.len(),
        d.len()
    );
    let got = listing(open, input.as_bytes(), 33);
    assert_eq!(got.lines, ["GET //a/1 401 req=1 res=1", "GET //a/2 200 req=1 res=1+body"]);
    same_for_every_block(open, input.as_bytes(), &[1, 20]);
}

fn recorded(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/recorded/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// As hex and raw, with every byte; rows that were copied out of Wireshark's window have no heading.
#[test]
fn bytes() {
    let want = [
        "POST //127.0.0.1:8480/oauth/token 200 req=5+body res=5+body",
        "GET //127.0.0.1:8480/v2/berths 401 req=4 res=6+body",
    ];
    let hex = recorded("tshark-4.0-follow-two-hex.txt");
    let rows = String::from_utf8(hex.clone()).unwrap();
    let rows: String = rows.lines().filter(|l| l.contains("  ")).flat_map(|l| [l, "\n"]).collect();
    let copied = rows.replace('\t', "    ").into_bytes();
    for input in [hex, recorded("tshark-4.0-follow-two-raw.txt"), copied] {
        assert!(sniff(&input) > 96);
        let got = listing(open, &input, 90);
        assert_eq!(got.lines, want);
        assert!(got.problems.is_empty(), "{:?}", got.problems);
        same_for_every_block(open, &input, &[1, 19, 200]);
        damage(open, &input, 100);
    }
}

#[test]
fn http2() {
    for kind in ["ascii", "hex", "raw"] {
        let input = recorded(&format!("tshark-4.0-follow-http2-{kind}.txt"));
        let got = listing(open, &input, 64);
        assert_eq!(got.lines, ["POST http://127.0.0.1:8480/oauth/token 200 req=5+body res=5+body"], "{kind}");
        same_for_every_block(open, &input, &[1, 50]);
        damage(open, &input, 100);
    }
}
