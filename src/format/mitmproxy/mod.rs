//! Flow files of mitmproxy (`.mitm`, `.flow`, `.flows`): tnetstrings one after the other, every version since 0.10.
//!
//! A flow is a dictionary of a request, a response or an error, and two connections. Bodies are as on the wire, without
//! chunks. Flows that are no HTTP (TCP, UDP, DNS) are passed over.

mod flow;
mod tnet;

use self::tnet::Length;
use super::{Options, Problem, Reader, Sink, Window};
use crate::http::Span;

/// How sure `head` is a flow file.
pub fn sniff(head: &[u8]) -> u8 {
    match tnet::begins_flow(head) {
        Some(true) => 99,
        _ => 0,
    }
}

/// A reader for a whole file.
pub fn open(_options: &Options) -> Box<dyn Reader + Send> {
    Box::new(Mitmproxy::default())
}

/// A longer flow is passed over.
const LONGEST: usize = 256 << 20;
/// So many problems are told one by one.
const REPORTED: u64 = 3;

/// Reads a flow file.
#[derive(Debug, Default)]
struct Mitmproxy {
    named: bool,
    /// Bytes of a too long flow that are still to come.
    skipping: u64,
    /// Looking for the next flow since this place.
    lost: Option<u64>,
    problems: u64,
}

impl Reader for Mitmproxy {
    fn read(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let mut pos = 0;
        while pos < window.bytes.len() {
            match self.step(window, pos, sink) {
                Some(next) => pos = next,
                None => break,
            }
        }
        if !window.last {
            return pos;
        }
        if let Some(from) = self.lost.take() {
            let end = window.offset + window.bytes.len() as u64;
            self.problem(sink, Span { start: from, end }, "a flow", "it was left out");
        }
        if self.problems > REPORTED {
            let at = Span::at(window.offset + window.bytes.len() as u64, 0);
            let done = format!("{} more places before this one were left out", self.problems - REPORTED);
            sink.problem(Problem::new(at, "a flow", done));
        }
        window.bytes.len()
    }
}

impl Mitmproxy {
    /// Reads one flow; where the next begins, `None` if more bytes are needed.
    fn step(&mut self, window: Window<'_>, pos: usize, sink: &mut dyn Sink) -> Option<usize> {
        let rest = window.bytes.get(pos..)?;
        if self.skipping > 0 {
            let n = (rest.len() as u64).min(self.skipping);
            self.skipping -= n;
            return Some(pos + n as usize);
        }
        let start = window.offset + pos as u64;
        if start >= window.limit {
            return None;
        }
        if self.lost.is_some() {
            return self.search(window, pos, sink);
        }
        match tnet::length(rest) {
            Length::Cut if !window.last => None,
            Length::Bad | Length::Cut => {
                self.lost = Some(start);
                self.search(window, pos, sink)
            }
            Length::Of { at, len } => self.flow(window, pos, at, len, sink),
        }
    }

    fn flow(&mut self, window: Window<'_>, pos: usize, at: usize, len: usize, sink: &mut dyn Sink) -> Option<usize> {
        let rest = window.bytes.get(pos..)?;
        let start = window.offset + pos as u64;
        let total = at + len + 1;
        if total > LONGEST {
            let done = "the flow was left out";
            self.problem(sink, Span::at(start, total), "a flow of at most 256 MiB", done);
            self.skipping = total as u64;
            return Some(pos);
        }
        let whole = rest.len() >= total;
        if !whole && !window.last {
            return None;
        }
        let bytes = rest.get(..total.min(rest.len()))?;
        let payload = bytes.get(at..(at + len).min(bytes.len())).unwrap_or_default();
        if whole && bytes.last() != Some(&b'}') {
            self.lost = Some(start);
            return Some(pos);
        }
        if !whole {
            let done = "what stands before the end was read";
            self.problem(sink, Span::at(start, bytes.len()), "the end of the flow", done);
        }
        let flow = flow::Flow::read(payload, start + at as u64, Span::at(start, bytes.len()));
        if let Some(flow) = flow {
            if !std::mem::replace(&mut self.named, true) {
                sink.recorder("mitmproxy", &flow.version());
            }
            flow.emit(sink);
        }
        Some(pos + bytes.len())
    }

    /// Goes on at the next dictionary that begins as a flow does.
    fn search(&mut self, window: Window<'_>, pos: usize, sink: &mut dyn Sink) -> Option<usize> {
        let mut at = pos;
        loop {
            let rest = window.bytes.get(at + 1..).unwrap_or_default();
            let Some(n) = memchr::memchr(b'}', rest) else {
                // The first byte of a search is never looked at: it was, or the fault stands there.
                let end = window.bytes.len().saturating_sub(1);
                return (end > pos).then_some(end);
            };
            let brace = at + 1 + n;
            let behind = window.bytes.get(brace + 1..).unwrap_or_default();
            match tnet::begins_flow(behind) {
                // The brace is looked at again with more bytes.
                None if !window.last => return (brace > pos + 1).then(|| brace - 1),
                Some(true) => {
                    let start = self.lost.take().unwrap_or_default();
                    let end = window.offset + brace as u64 + 1;
                    self.problem(sink, Span { start, end }, "a flow", "reading went on at the next one");
                    return Some(brace + 1);
                }
                _ => at = brace,
            }
        }
    }

    fn problem(&mut self, sink: &mut dyn Sink, at: Span, expected: &str, done: &str) {
        self.problems += 1;
        if self.problems <= REPORTED {
            sink.problem(Problem::new(at, expected, done));
        }
    }
}

#[cfg(test)]
mod tests;
