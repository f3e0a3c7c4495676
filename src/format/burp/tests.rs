use super::*;
use crate::format::testing::{damage, listing, same_for_every_block};

fn item(request: &str, response: &str) -> String {
    format!(
        "  <item>\n    <time>Sat Nov 21 09:06:27 UTC 2026</time>\n    <url><![CDATA[http://a.test:8080/user?a=1&b=2]]></url>\n    <host ip=\"127.0.0.1\">a.test</host>\n    {request}\n    <status>401</status>\n    {response}\n    <comment>&lt;request&gt;</comment>\n  </item>\n"
    )
}

fn items(all: &[String]) -> Vec<u8> {
    format!("<?xml version=\"1.0\"?>\n<items burpVersion=\"2024.1\" exportTime=\"x\">\n{}</items>\n", all.concat())
        .into_bytes()
}

#[test]
fn base64_and_plain() {
    // GET /user?a=1&b=2 HTTP/1.1, Authorization: Token x; HTTP/2 401 Unauthorized
    let packed = item(
        "<request base64=\"true\"><![CDATA[R0VUIC91c2VyP2E9MSZiPTIgSFRUUC8xLjENCkF1dGhvcml6YXRpb246IFRva2VuIHgNCg0K]]></request>",
        "<response base64=\"true\"><![CDATA[SFRUUC8yIDQwMSBVbmF1dGhvcml6ZWQNCg0Ke30=]]></response>",
    );
    let plain = item(
        "<request base64=\"false\"><![CDATA[POST /x HTTP/1.1\nHost: a.test\nAuthorization: Bearer\n\na=</item>]]></request>",
        "<response base64=\"false\"></response>",
    );
    let nothing = item("<method>GET</method>", "");
    let input = items(&[packed, plain, nothing]);
    assert_eq!(sniff(&input), 98);
    let got = listing(open, &input, 100);
    assert_eq!(
        got.lines,
        ["GET http://a.test:8080/user 401 req=1 res=0+body time", "POST http://a.test:8080/user - req=2+body time"]
    );
    assert_eq!((got.problems.len(), got.recorder.as_str()), (1, "Burp 2024.1"));
    same_for_every_block(open, &input, &[1, 9, 64, 500]);
    damage(open, &input, 200);
}

#[test]
fn the_sample() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/formats/proxies/synthetic-burp.xml");
    let Ok(input) = std::fs::read(path) else { return };
    let got = listing(open, &input, 100);
    assert_eq!(got.lines, ["GET http://acme.example.com:8080/api/4.0/user 401 req=4 res=4+body time"]);
}
