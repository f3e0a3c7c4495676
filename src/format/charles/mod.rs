//! JSON sessions of Charles (`.chlsj`): a list of exchanges with parsed headers; tunnels show nothing inside.

mod session;

use super::json::elements::{Elements, Met};
use super::{Options, Reader, Sink, Window};
use crate::format::problems::Problems;
use crate::http::Span;

/// How sure `head` is a session.
pub fn sniff(head: &[u8]) -> u8 {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if text.first() != Some(&b'[') {
        return 0;
    }
    let has = |key: &str| memchr::memmem::find(text, format!("\"{key}\"").as_bytes()).is_some();
    let marks =
        ["protocolVersion", "scheme", "host", "tunnel", "times", "actualPort"].iter().filter(|k| has(k)).count();
    if marks >= 5 { 97 } else { 0 }
}

/// A reader for a whole session.
pub fn open(_options: &Options) -> Box<dyn Reader + Send> {
    Box::new(Charles { walk: Elements::new(&[]), named: false, problems: Problems::default() })
}

/// Reads a session.
#[derive(Debug)]
struct Charles {
    walk: Elements,
    named: bool,
    problems: Problems,
}

impl Reader for Charles {
    fn read(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let mut pos = 0;
        loop {
            match self.walk.meet(window, &mut pos) {
                Met::Object { start, end, .. } => {
                    let at = window.offset + start as u64;
                    let bytes = window.bytes.get(start..end).unwrap_or_default();
                    if session::read(bytes, at, sink) {
                        if !std::mem::replace(&mut self.named, true) {
                            sink.recorder("Charles", "");
                        }
                    } else {
                        self.problems.add(
                            sink,
                            Span::at(at, bytes.len()),
                            "an exchange with a host and a request",
                            "what stands there was left out",
                        );
                    }
                }
                Met::Broken(span) => {
                    self.problems.add(sink, span, "a whole exchange", "what stands there was left out")
                }
                Met::Wait(at) => return at,
                Met::End(open) => {
                    if let Some(span) = open {
                        self.problems.add(sink, span, "the end of the list", "what stands there was left out");
                    }
                    self.problems.close(sink);
                    return window.bytes.len();
                }
            }
        }
    }
}

impl Charles {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing::{damage, listing, same_for_every_block};

    #[test]
    fn the_sample() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/formats/proxies/synthetic-charles.chlsj");
        let Ok(input) = std::fs::read(path) else { return };
        assert_eq!(sniff(&input), 97);
        let got = listing(open, &input, 100);
        assert_eq!(got.lines, ["GET http://acme.example.com:8080/api/4.0/user 401 req=4 res=4+body time"]);
        assert!(got.problems.is_empty(), "{:?}", got.problems);
        same_for_every_block(open, &input, &[1, 50, 333]);
        damage(open, &input, 200);
        let cut = listing(open, &input[..input.len() - 9], 100);
        assert_eq!(cut.problems.len(), 1, "{:?}", cut.problems);
    }

    #[test]
    fn tunnels_and_failures() {
        let input = br#"[{"status":"FAILED","errorMessage":"timeout","method":"GET","protocolVersion":"HTTP/1.1","scheme":"https","host":"a.test","port":443,"path":"/x","query":"a=b","times":{"start":"2026-11-21T10:06:27.100+01:00"},"request":{"header":{"headers":[]}},"response":null},
{"method":"CONNECT","host":"a.test","actualPort":443,"tunnel":true,"request":{},"response":{"status":200}},{"x":1}]"#;
        let got = listing(open, input, 9000);
        assert_eq!(
            got.lines,
            ["GET https://a.test/x - req=0+body? time failed", "CONNECT a.test:443 200 req=?+body? res=?+body?"]
        );
        assert_eq!(got.problems.len(), 1);
    }
}
