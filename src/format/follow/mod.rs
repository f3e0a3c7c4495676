//! A stream that Wireshark or tshark followed (`-z follow,tcp,ascii,N`): blocks of the client and, behind a tab, of the
//! server, each after the number of its bytes. Bytes that cannot be printed are points.

mod turns;

use self::turns::{Block, Turns};
use super::message::line;
use super::{Options, Problem, Reader, Sink, Window};
use crate::http::Span;

/// How sure `head` is a followed stream.
pub fn sniff(head: &[u8]) -> u8 {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let begin = text.get(..2000).unwrap_or(text);
    let has = |mark: &[u8]| memchr::memmem::find(begin, mark).is_some();
    let ruled = text.starts_with(b"=====") || text.starts_with(b"Follow: ");
    if ruled && has(b"Follow: ") && has(b"Node 0: ") && !has(b",hex") && !has(b",raw") { 98 } else { 0 }
}

/// A reader for a whole output.
pub fn open(_options: &Options) -> Box<dyn Reader + Send> {
    Box::new(Follow::default())
}

/// A block of more bytes is passed over.
const LONGEST: usize = 64 << 20;

/// Reads followed streams.
#[derive(Debug, Default)]
struct Follow {
    named: bool,
    turns: Turns,
    problems: u64,
}

impl Reader for Follow {
    fn read(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let mut pos = 0;
        while let Some(used) = self.step(window, pos, sink) {
            pos += used;
        }
        if !window.last {
            return pos;
        }
        self.turns.end(sink);
        window.bytes.len()
    }
}

impl Follow {
    /// Reads a line or a block; `None` if more bytes are needed.
    fn step(&mut self, window: Window<'_>, pos: usize, sink: &mut dyn Sink) -> Option<usize> {
        let rest = window.bytes.get(pos..).filter(|r| !r.is_empty())?;
        let (text, after) = line(rest);
        if after.is_empty() && !window.last && rest.last() != Some(&b'\n') {
            return None;
        }
        let used = rest.len() - after.len();
        let start = window.offset + pos as u64;
        let Some((server, count)) = count(text).filter(|(_, n)| *n <= LONGEST) else {
            self.outside(text, start, sink);
            return Some(used);
        };
        if after.len() < count && !window.last {
            return None;
        }
        let bytes = after.get(..count.min(after.len())).unwrap_or_default();
        if bytes.len() < count {
            let at = Span::at(start + used as u64, bytes.len());
            self.problem(sink, at, "the rest of the block", "what stands before the end was read");
        }
        if !std::mem::replace(&mut self.named, true) {
            sink.recorder("tshark", "");
        }
        self.turns.block(Block { server, bytes, start: start + used as u64 }, sink);
        Some(used + bytes.len())
    }

    /// Rules, names of the nodes, blank lines.
    fn outside(&mut self, text: &[u8], start: u64, sink: &mut dyn Sink) {
        let known: [&[u8]; 3] = [b"Follow: ", b"Filter: ", b"Node 1: "];
        if let Some(client) = text.strip_prefix(b"Node 0: ") {
            self.turns.end(sink);
            self.turns.client(client, start + 8);
        } else if text.starts_with(b"====") {
            self.turns.end(sink);
        } else if !text.trim_ascii().is_empty() && !known.iter().any(|k| text.starts_with(k)) {
            let at = Span::at(start, text.len());
            self.problem(sink, at, "the number of bytes of the next block", "the line was left out");
        }
    }

    fn problem(&mut self, sink: &mut dyn Sink, at: Span, expected: &str, done: &str) {
        self.problems += 1;
        if self.problems <= 20 {
            sink.problem(Problem::new(at, expected, done));
        }
    }
}

/// `153`, or behind a tab for the server.
fn count(text: &[u8]) -> Option<(bool, usize)> {
    let (server, digits) = match text.strip_prefix(b"\t") {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    if digits.is_empty() || digits.len() > 10 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some((server, std::str::from_utf8(digits).ok()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
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
}
