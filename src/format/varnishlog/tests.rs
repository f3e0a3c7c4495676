use super::*;
use crate::format::testing::{damage, listing, same_for_every_block};

const LOG: &str = "*   << Request  >> 2\n-   Begin          req 1 rxreq\n-   Timestamp      Start: 1795252328.288083 0.000000 0.000000\n-   ReqStart       127.0.0.1 49154 a0\n-   ReqMethod      GET\n-   ReqURL         /u\n-   ReqProtocol    HTTP/1.1\n-   ReqHeader      Host: a.test\n-   ReqHeader      Authorization: Bearer x\n-   VCL_call       RECV\n-   ReqUnset       Authorization: Bearer x\n-   Link           bereq 3 pass\n-   RespStatus     401\n-   RespReason     Unauthorized\n-   RespHeader     X: old\n-   RespUnset      X: old\n-   RespHeader     X: new\n-   Timestamp      Resp: 1795252328.288883 0.000800 0.000018\n-   End            \n**  << BeReq    >> 3\n--  Begin          bereq 2 pass\n--  BereqMethod    GET\n--  BereqURL       /u\n--  BereqHeader    Host: a.test\n--  BereqHeader    User-Agent: c\n--  BereqUnset     User-Agent: c\n--  BerespStatus   401\n--  End            \n\n*   << Session  >> 1\n-   Begin          sess 0 HTTP/1\n-   End            \n\n";

#[test]
fn both_views_of_a_request() {
    assert_eq!(sniff(LOG.as_bytes()), 97);
    let got = listing(open, LOG.as_bytes(), 64);
    assert_eq!(got.lines, ["GET //a.test/u 401 req=2 res=1+body? time", "GET //a.test/u 401 req=1 res=0+body?"]);
    assert!(got.problems.is_empty(), "{:?}", got.problems);
    same_for_every_block(open, LOG.as_bytes(), &[1, 33, 500]);
    damage(open, LOG.as_bytes(), 200);
}

#[test]
fn the_recorded_log() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/formats/logs/varnish-7.7-varnishlog.txt");
    let Ok(input) = std::fs::read(path) else { return };
    assert_eq!(sniff(&input), 97);
    let got = listing(open, &input, 4000);
    assert!(got.problems.is_empty(), "{:?}", got.problems);
    assert!(got.lines.iter().any(|l| l.contains("/api/4.0/user 401")), "{:#?}", got.lines);
    assert_eq!(got.lines.len(), 13, "{:#?}", got.lines);
}
