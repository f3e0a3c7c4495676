//! A stream that Wireshark or tshark followed (`-z follow,tcp,ascii,N`): blocks of the client and, behind a tab, of the
//! server, each after the number of its bytes. Bytes that cannot be printed are points.
//!
//! As `hex` or `raw` every byte is known: rows of sixteen behind their offset, or a line a block. Of HTTP/2
//! (`-z follow,http2,ascii,N,S`) the header fields stand as pairs with their lengths before the frames of the body.

mod http2;
mod rows;
#[cfg(test)]
mod tests;
mod turns;

use self::rows::Show;
use self::turns::{Block, Turns};
use super::message::line;
use super::{Options, Reader, Sink, Window};
use crate::format::problems::Problems;
use crate::http::Span;

/// How sure `head` is a followed stream.
pub fn sniff(head: &[u8]) -> u8 {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let begin = text.get(..2000).unwrap_or(text);
    let has = |mark: &[u8]| memchr::memmem::find(begin, mark).is_some();
    let ruled = text.starts_with(b"=====") || text.starts_with(b"Follow: ");
    if ruled && has(b"Follow: ") && has(b"Node 0: ") {
        return 98;
    }
    // Copied out of Wireshark's window, rows stand alone.
    if rows::begins(head) { 97 } else { 0 }
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
    show: Show,
    turns: Turns,
    problems: Problems,
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
        self.problems.close(sink);
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
        if let Some((server, bytes)) = rows::row(text, self.show) {
            self.show = self.show.or_rows();
            self.begin(sink);
            let at = Span::at(start, text.len());
            self.turns.block(Block { server, bytes: &bytes, at, exact: false }, sink);
            return Some(used);
        }
        let Some((server, count)) = count(text).filter(|_| self.show == Show::Text).filter(|(_, n)| *n <= LONGEST)
        else {
            self.outside(text, start, sink);
            return Some(used);
        };
        if after.len() < count && !window.last {
            return None;
        }
        let bytes = after.get(..count.min(after.len())).unwrap_or_default();
        if bytes.len() < count {
            let at = Span::at(start + used as u64, bytes.len());
            self.problems.add(sink, at, "the rest of the block", "what stands before the end was read");
        }
        self.begin(sink);
        let at = Span::at(start + used as u64, bytes.len());
        self.turns.block(Block { server, bytes, at, exact: true }, sink);
        Some(used + bytes.len())
    }

    fn begin(&mut self, sink: &mut dyn Sink) {
        if !std::mem::replace(&mut self.named, true) {
            sink.recorder("tshark", "");
        }
    }

    /// Rules, names of the nodes, blank lines.
    fn outside(&mut self, text: &[u8], start: u64, sink: &mut dyn Sink) {
        let known: [&[u8]; 2] = [b"Filter: ", b"Node 1: "];
        if let Some(what) = text.strip_prefix(b"Follow: ") {
            self.turns.end(sink);
            self.show = Show::of(what);
            self.turns.frames = what.starts_with(b"http2").then_some(self.show != Show::Text);
        } else if let Some(client) = text.strip_prefix(b"Node 0: ") {
            self.turns.end(sink);
            self.turns.client(client, start + 8);
        } else if text.starts_with(b"====") {
            self.turns.end(sink);
        } else if !text.trim_ascii().is_empty() && !known.iter().any(|k| text.starts_with(k)) {
            let at = Span::at(start, text.len());
            self.problems.add(sink, at, "the number of bytes of the next block", "the line was left out");
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
