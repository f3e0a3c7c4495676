use super::*;
use crate::format::{Listing, drive};
use crate::http::{Body, Exchange};

const DETAIL3: &[u8] = b"[09:14:39.340] HTTP(S) proxy listening at *:8090.
[09:54:13.497][198.51.100.23:42870] client connect
198.51.100.23:42870: POST https://h.test/login
    host: h.test
    Content-Type: application/x-www-form-urlencoded
    content-length: 69

    client_id:     X:k2
    client_secret: 

 << 200 OK 120b
    Date: Tue, 05 May 2026 09:54:13 GMT
    Content-Type: application/json

    {
        \"access_token\": \"DEsk\"
    }

198.51.100.23:42872: DELETE https://h.test/logout HTTP/2.0
    authorization: token DEsk

 << HTTP/2.0 204 No Content 0b
    server: x

[09:54:14.169][198.51.100.23:42870] client disconnect
127.0.0.1:39372: GET http://127.0.0.1:1/refused
 << [Errno 111] Connect call failed ('127.0.0.1', 1)
127.0.0.1:39358: GET http://127.0.0.1:9000/bin
              << 200 OK 256b
";

fn read(bytes: &[u8], block: usize) -> Listing {
    let mut listing = Listing::default();
    drive(&mut Mitmdump::default(), bytes, block, &mut listing);
    listing
}

#[test]
fn flows_of_all_details() {
    let want = [
        "POST https://h.test/login 200 req=3+body res=2+body",
        "DELETE https://h.test/logout 204 req=1 res=1",
        "GET http://127.0.0.1:1/refused - req=?+body? failed",
        "GET http://127.0.0.1:9000/bin 200 req=?+body? res=?+body?",
    ];
    for block in 1..200 {
        let got = read(DETAIL3, block);
        assert_eq!(got.lines, want, "block {block}");
        assert!(got.problems.is_empty());
        assert_eq!(got.recorder, "mitmdump");
    }
    assert_eq!(sniff(DETAIL3), 95);
}

#[test]
fn values_and_places() {
    struct Check(u32);
    impl Sink for Check {
        fn exchange(&mut self, x: Exchange<'_>) {
            self.0 += 1;
            if self.0 > 1 {
                return;
            }
            assert_eq!(x.actor.lossy(), "198.51.100.23");
            let Body::Pairs(pairs) = &x.request.body else { panic!("a form") };
            let pairs: Vec<_> = pairs.iter().map(|(n, v)| (n.lossy(), v.lossy())).collect();
            assert_eq!(pairs, [("client_id".into(), "X:k2".into()), ("client_secret".into(), "".into())]);
            let Some(r) = x.response else { panic!("an answer") };
            let Body::Text { text, .. } = &r.body else { panic!("a text") };
            assert!(text.lossy().starts_with("{\n") && text.lossy().ends_with('}'));
            let at = text.at();
            assert_eq!(&DETAIL3[at.start as usize..at.end as usize], text.raw());
            assert_eq!(r.reason.lossy(), "OK");
        }
        fn problem(&mut self, _: Problem) {}
        fn recorder(&mut self, _: &str, _: &str) {}
    }
    let mut check = Check(0);
    drive(&mut Mitmdump::default(), DETAIL3, 64, &mut check);
    assert_eq!(check.0, 4);
}

#[test]
fn every_cut_is_read_up_to_it() {
    for cut in 0..DETAIL3.len() {
        let got = read(&DETAIL3[..cut], 50);
        assert!(got.lines.len() <= 4 && got.problems.len() <= 1, "{cut}: {:?}", got.problems);
    }
}

#[test]
fn foreign_lines_are_counted() {
    let mut input = DETAIL3.to_vec();
    input.extend_from_slice("what\n".repeat(50).as_bytes());
    let got = read(&input, 33);
    assert_eq!((got.lines.len(), got.problems.len()), (4, 4));
    assert_eq!(sniff(b"hello\nworld\n"), 0);
}

#[test]
fn samples_and_captures() {
    let shared = std::env::var("WHY401_SHARED").unwrap_or(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").into());
    for (name, want) in [
        ("formats/mitmproxy/mitmdump-11.0.2-detail1-live.txt", 7),
        ("formats/mitmproxy/mitmdump-11.0.2-detail2-replay.txt", 7),
        ("formats/mitmproxy/mitmdump-11.0.2-detail2-reverse-live.txt", 4),
        ("formats/mitmproxy/mitmdump-11.0.2-detail4-replay.txt", 7),
        ("formats/mitmproxy/mitmdump-11.0.2-v-live.txt", 7),
        ("captures/lk-after-logout-mitm-dump.mitm.txt", 4),
        ("captures/lk-wrong-port-mitm-dump.mitm.txt", 3),
    ] {
        let Ok(bytes) = std::fs::read(format!("{shared}/{name}")) else { continue };
        let whole = read(&bytes, 1 << 20);
        assert_eq!(whole.lines.len(), want, "{name}: {:#?}", whole.lines);
        assert!(whole.problems.is_empty(), "{name}: {:?}", whole.problems);
        assert!(sniff(&bytes) >= 85, "{name}");
        for block in [1, 100, 4096] {
            assert_eq!(read(&bytes, block).lines, whole.lines, "{name} block {block}");
        }
    }
}
