//! Access logs that were exported as one JSON list, or as an object with `records`: cloud load balancers.

use super::{Known, parse};
use crate::format::access_log::emit::Emitter;
use crate::format::json::elements::{Elements, Met};
use crate::format::lines::Line;
use crate::format::problems::Problems;
use crate::format::{Options, Reader, Sink, Window};

const KEYS: &[&[u8]] = &[b"records", b"entries", b"logs", b"Records", b"value"];

/// How sure `head` is a list of log entries.
pub fn sniff(head: &[u8]) -> u8 {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let keys: &[&[u8]] = match text.first() {
        Some(b'[') => &[],
        Some(b'{') => KEYS,
        _ => return 0,
    };
    let mut walk = Elements::new(keys);
    let window = Window { bytes: head, offset: 0, last: false, limit: u64::MAX };
    let (mut pos, mut good, mut all) = (0, 0_u32, 0_u32);
    while let Met::Object { start, end, .. } = walk.meet(window, &mut pos) {
        let line = Line { bytes: head.get(start..end).unwrap_or_default(), start: start as u64 };
        good += u32::from(parse(line, &mut Known::default()).is_some());
        all += 1;
        if all == 50 {
            break;
        }
    }
    if good > 0 && good * 2 >= all { 78 } else { 0 }
}

/// A reader for a whole list.
pub fn open(_options: &Options) -> Box<dyn Reader + Send> {
    Box::new(List { walk: None, emitter: Emitter::default(), known: Known::default(), problems: Problems::default() })
}

/// Reads a list of log entries.
#[derive(Debug)]
struct List {
    walk: Option<Elements>,
    emitter: Emitter,
    known: Known,
    problems: Problems,
}

impl Reader for List {
    fn read(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let mut pos = 0;
        loop {
            let walk = match &mut self.walk {
                Some(walk) => walk,
                None => {
                    let begin = window.bytes.iter().find(|b| !b.is_ascii_whitespace() && b.is_ascii());
                    let Some(begin) = begin else { return if window.last { window.bytes.len() } else { 0 } };
                    self.walk.insert(Elements::new(if *begin == b'[' { &[] } else { KEYS }))
                }
            };
            match walk.meet(window, &mut pos) {
                Met::Object { start, end, .. } => {
                    let at = window.offset + start as u64;
                    let line = Line { bytes: window.bytes.get(start..end).unwrap_or_default(), start: at };
                    match parse(line, &mut self.known) {
                        Some(entry) => self.emitter.emit(entry, sink),
                        None => self.problems.add(
                            sink,
                            line.span(),
                            "an entry with a request and a status",
                            "it was left out",
                        ),
                    }
                }
                Met::Broken(span) => self.problems.add(sink, span, "a whole entry", "it was left out"),
                Met::Wait(at) => return at,
                Met::End(open) => {
                    if let Some(span) = open {
                        self.problems.add(sink, span, "the end of the list", "it was left out");
                    }
                    self.problems.close(sink);
                    return window.bytes.len();
                }
            }
        }
    }
}

impl List {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing::{damage, listing, same_for_every_block};

    #[test]
    fn lists_of_cloud_balancers() {
        let gcp = r#"[
  {
    "httpRequest": {"requestMethod": "GET", "requestUrl": "https://a.test/u?x=1", "status": 401, "remoteIp": "203.0.113.7", "latency": "0.1s"},
    "jsonPayload": {"statusDetails": "response_sent_by_backend"},
    "timestamp": "2026-11-21T09:06:27.310Z"
  },
  {"textPayload": "x"}
]"#;
        let azure = r#"{"records":[{"timeStamp":"2026-11-21T09:06:27Z","properties":{"clientIP":"203.0.113.7","httpMethod":"GET","requestUri":"/u","requestQuery":"a=b","host":"a.test","sslEnabled":"on","httpStatus":403,"timeTaken":0.2}}]}"#;
        for (input, want) in [(gcp, "GET https://a.test/u 401"), (azure, "GET https://a.test/u 403")] {
            assert_eq!(sniff(input.as_bytes()), 78, "{input}");
            let got = listing(open, input.as_bytes(), 60);
            assert_eq!(got.lines.len(), 1);
            assert!(got.lines[0].starts_with(want), "{:?}", got.lines);
            same_for_every_block(open, input.as_bytes(), &[1, 40, 300]);
            damage(open, input.as_bytes(), 100);
        }
        assert_eq!(sniff(b"[{\"a\":1},{\"b\":2}]"), 0);
    }
}
