use super::*;
use crate::format::testing::{damage, listing, same_for_every_block};

const HEAD: &str = r#"{"constants":{"clientInfo":{"name":"Chrome","version":"156.0"},"logEventTypes":{"REQUEST_ALIVE":2,"URL_REQUEST_START_JOB":136,"HTTP_TRANSACTION_SEND_REQUEST_HEADERS":240,"HTTP_TRANSACTION_READ_RESPONSE_HEADERS":245,"URL_REQUEST_JOB_FILTERED_BYTES_READ":140,"CORS_REQUEST":608,"CORS_PREFLIGHT_ERROR":612},"netError":{"ERR_CONNECTION_REFUSED":-102},"timeTickOffset":"1795251212291"},
"events": [
"#;

fn log(events: &str) -> Vec<u8> {
    format!("{HEAD}{events}],\n\"polledData\":{{\"x\":[]}}}}\n").into_bytes()
}

#[test]
fn a_challenge_a_redirect_and_a_failure() {
    let input = log(
        r#"{"params":{"method":"GET","url":"https://a.test/u"},"phase":1,"source":{"id":7,"type":1},"time":"100","type":136},
{"params":{"headers":["Host: a.test"],"line":"GET /u HTTP/1.1\r\n"},"phase":0,"source":{"id":7,"type":1},"time":"101","type":240},
{"params":{"headers":["HTTP/1.1 401 Unauthorized","WWW-Authenticate: Basic realm=\"x\""]},"phase":0,"source":{"id":7,"type":1},"time":"110","type":245},
{"params":{"method":"GET","url":"https://a.test/never"},"phase":1,"source":{"id":8,"type":1},"time":"110","type":136},
{"phase":2,"params":{"net_error":-102},"source":{"id":8,"type":1},"time":"111","type":136},
{"params":{"method":"GET","url":"https://a.test/cached"},"phase":1,"source":{"id":9,"type":1},"time":"112","type":136},
{"phase":2,"source":{"id":9,"type":1},"time":"113","type":136},
{"params":{"headers":["Host: a.test","Authorization: [46 bytes were stripped]"],"line":"GET /u HTTP/1.1\r\n"},"phase":0,"source":{"id":7,"type":1},"time":"120","type":240},
{"params":{"headers":["HTTP/1.1 200 OK"]},"phase":0,"source":{"id":7,"type":1},"time":"130","type":245},
{"phase":2,"source":{"id":7,"type":1},"time":"131","type":136},
{"params":{"byte_count":8,"bytes":"eyJhIjoxfQ=="},"phase":0,"source":{"id":7,"type":1},"time":"132","type":140},
{"phase":2,"source":{"id":7,"type":1},"time":"133","type":2}
"#,
    );
    let got = listing(open, &input, 200);
    assert_eq!(
        got.lines,
        [
            "GET https://a.test/u 401 req=1 res=1+body? time",
            "GET https://a.test/never - req=?+body? time failed",
            "GET https://a.test/u 200 req=2 res=0+body time",
        ]
        .iter()
        .map(|s| (*s).to_owned())
        .collect::<Vec<_>>()
    );
    assert_eq!(got.recorder, "Chrome 156.0");
    assert!(got.problems.is_empty(), "{:?}", got.problems);
    same_for_every_block(open, &input, &[1, 64, 1000]);
    damage(open, &input, 200);
}

#[test]
fn the_recorded_logs() {
    for name in ["default", "sensitive"] {
        let path =
            format!("{}/../shared/formats/wire/chromium-156-netlog-{name}-trimmed.json", env!("CARGO_MANIFEST_DIR"));
        let Ok(input) = std::fs::read(path) else { return };
        assert_eq!(sniff(&input), 99);
        let got = listing(open, &input, 5000);
        assert!(got.problems.is_empty(), "{:?}", got.problems);
        assert!(got.lines.iter().any(|l| l.starts_with("OPTIONS http://api.example.com:9000/")), "{:#?}", got.lines);
        assert!(got.lines.iter().any(|l| l.ends_with("failed")), "{:#?}", got.lines);
        assert!(got.lines.iter().any(|l| l.starts_with("GET https://acme.example.com:8443/api/4.0/user 401")));
        assert_eq!(got.lines.len(), 14, "{:#?}", got.lines);
        same_for_every_block(open, &input, &[100, 7777]);
        // Cut without the closing brackets, as a browser leaves it that was closed.
        let cut = listing(open, &input[..input.len() - 5], 5000);
        assert_eq!((cut.lines.len(), cut.problems.len()), (14, 1), "{:?}", cut.problems);
    }
}
