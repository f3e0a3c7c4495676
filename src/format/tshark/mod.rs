//! What `tshark -T json`, `-T ek` and the same with chosen fields (`-e`) print, one object a packet; and the tables of
//! `-T fields`, one line a packet.
//!
//! Members with the same name stand for several lines of a head, so all of them are kept. Only clear text is there;
//! requests and answers are packets of their own, joined by their connection.

mod fields;
mod http2;
mod packet;

use self::fields::Columns;
use self::http2::Streams;
use self::packet::Packet;
use super::json::elements::{Elements, Met};
use super::lines::{Line, Lines, head_lines};
use super::pending::Pending;
use super::{Options, Reader, Sink, Window};
use crate::format::problems::Problems;
use crate::http::Span;

/// How sure `head` is the output of tshark.
pub fn sniff(head: &[u8]) -> u8 {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let has = |key: &[u8]| memchr::memmem::find(text, key).is_some();
    match text.first() {
        Some(b'[') if has(b"\"_source\"") && has(b"\"layers\"") => 98,
        Some(b'{')
            if text.starts_with(b"{\"index\":{\"_index\":\"packets-")
                || has(b"\"layers\":{") && has(b"\"timestamp\":") =>
        {
            98
        }
        _ if head_lines(text, 1).next().is_some_and(|l| fields::columns(l.bytes).is_some()) => 97,
        _ => 0,
    }
}

/// A reader for a whole output.
pub fn open(_options: &Options) -> Box<dyn Reader + Send> {
    Box::new(Tshark {
        walk: Elements::new(&[]),
        lines: Lines::default(),
        table: None,
        columns: None,
        pending: Pending::new(|_| true),
        streams: Streams::default(),
        named: false,
        problems: Problems::default(),
    })
}

/// Reads the packets.
#[derive(Debug)]
struct Tshark {
    walk: Elements,
    lines: Lines,
    /// Whether it is a table; known once a byte was seen.
    table: Option<bool>,
    columns: Option<Columns>,
    streams: Streams,
    pending: Pending<Box<[u8]>>,
    named: bool,
    problems: Problems,
}

impl Reader for Tshark {
    fn read(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        if self.table.is_none() {
            let text = window.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(window.bytes);
            self.table = text.trim_ascii_start().first().map(|b| !matches!(b, b'{' | b'['));
        }
        // Blanks tell nothing yet.
        if self.table.is_none() && !window.last && window.bytes.len() < 65_536 {
            return 0;
        }
        if self.table == Some(true) {
            return self.read_table(window, sink);
        }
        let mut pos = 0;
        loop {
            match self.walk.meet(window, &mut pos) {
                Met::Object { start, end, .. } => {
                    let bytes = window.bytes.get(start..end).unwrap_or_default();
                    self.packet(bytes, window.offset + start as u64, sink);
                }
                Met::Broken(span) => self.problems.add(sink, span, "a whole packet", "what stands there was left out"),
                Met::Wait(at) => return at,
                Met::End(open) => {
                    self.finish(sink);
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

impl Tshark {
    fn read_table(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let mut lines = std::mem::take(&mut self.lines);
        let expected = "a line with the columns of the header line";
        let done = lines.read(window, sink, expected, &mut |line, sink| self.row(line, sink));
        self.lines = lines;
        if window.last {
            self.finish(sink);
        }
        done
    }

    fn row(&mut self, line: Line<'_>, sink: &mut dyn Sink) -> bool {
        // Several outputs in one file have a header line each.
        if let Some(columns) = fields::columns(line.bytes) {
            self.columns = Some(columns);
            return true;
        }
        let Some(packet) = self.columns.as_ref().and_then(|c| c.packet(&line)) else { return false };
        self.take(&packet, sink);
        true
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        self.streams.finish(&mut self.pending);
        self.pending.finish(sink);
    }

    fn packet(&mut self, bytes: &[u8], start: u64, sink: &mut dyn Sink) {
        match Packet::read(bytes, start) {
            Some(packet) => self.take(&packet, sink),
            None => self.problems.add(
                sink,
                Span::at(start, bytes.len()),
                "a packet with layers",
                "what stands there was left out",
            ),
        }
    }

    fn take(&mut self, packet: &Packet<'_>, sink: &mut dyn Sink) {
        if !std::mem::replace(&mut self.named, true) {
            sink.recorder("tshark", "");
        }
        self.streams.packet(packet, &mut self.pending, sink);
        let stream = packet.stream();
        if let Some(exchange) = packet.request() {
            self.pending.begin(stream.clone(), exchange, sink);
        }
        let Some((response, time)) = packet.response() else { return };
        if self.pending.oldest(&stream).is_none() {
            // The request was not captured; the answer still tells its URL.
            let Some(exchange) = packet.unseen() else { return };
            self.pending.begin(stream.clone(), exchange, sink);
        }
        if let Some(x) = self.pending.oldest(&stream) {
            x.at = x.at.join(packet.at);
            x.request.duration = time.zip(x.request.started).map(|(e, b)| (e - b).max(0));
            x.response = Some(response);
        }
        self.pending.end(&stream, sink);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing::{damage, listing, same_for_every_block};

    fn shared(name: &str) -> Option<Vec<u8>> {
        std::fs::read(format!("{}/../shared/formats/wire/{name}", env!("CARGO_MANIFEST_DIR"))).ok()
    }

    #[test]
    fn both_forms_of_one_capture() {
        for name in ["tshark-4.4-T-json-http.json", "tshark-4.4-T-ek-http.ndjson"] {
            let Some(input) = shared(name) else { return };
            assert_eq!(sniff(&input), 98, "{name}");
            let got = listing(open, &input, 900);
            assert_eq!(got.lines, ["GET http://127.0.0.1:9000/api/4.0/user 401 req=4 res=5+body time"], "{name}");
            assert!(got.problems.is_empty(), "{:?}", got.problems);
            same_for_every_block(open, &input, &[1, 1000, 4096]);
            damage(open, &input, 60);
        }
    }

    #[test]
    fn chosen_fields_and_halves() {
        let input = br#"[{"_source":{"layers":{"tcp.stream":["1"],"http.request.method":["GET"],"http.request.full_uri":["http://a.test/x"],"http.authorization":["Bearer x"],"frame.time_epoch":["1795252724.45"]}}},
{"_source":{"layers":{"tcp.stream":["2"],"http.response.code":["403"],"http.response_for.uri":["http://a.test/y"]}}},
{"_source":{"layers":{"tcp.stream":["1"],"http.response.code":["401"],"http.www_authenticate":["Bearer"]}}},
{"_source":{"layers":{"tcp.stream":["3"]}}}, {"other":1}]"#;
        let got = listing(open, input, 100);
        assert_eq!(
            got.lines,
            ["GET http://a.test/x 401 req=?+body? res=?+body? time", "- http://a.test/y 403 req=?+body? res=?+body?"]
        );
        assert_eq!(got.problems.len(), 1);
    }
}
