//! The text that `mitmdump` prints, at every `flow_detail` from 1 to 4, live or replayed.
//!
//! ```text
//! [09:54:13.844][198.51.100.23:42870] client connect
//! 198.51.100.23:42870: POST https://h/login HTTP/2.0
//!     content-type: application/x-www-form-urlencoded
//!
//!     client_id:     ABC
//!
//!  << HTTP/2.0 200 OK 120b
//! ```
//! Bodies are a pretty view, not the bytes. Times of events have no date, so only `Date` headers tell the time.

mod body;
mod flow;

use memchr::memchr;

use self::flow::{Flow, request_line};
use super::lines::head_lines;
use super::{Options, Problem, Reader, Sink, Window};
use crate::http::Span;

/// How sure `head` is the output of mitmdump.
pub fn sniff(head: &[u8]) -> u8 {
    let (mut flows, mut answers, mut events) = (0, 0, 0);
    for line in head_lines(head, 400) {
        flows += u32::from(request_line(line.bytes).is_some());
        answers += u32::from(line.bytes.trim_ascii_start().starts_with(b"<< "));
        events += u32::from(event(line.bytes));
    }
    match (flows, answers, events) {
        (1.., 1.., _) => 95,
        (1.., _, 1..) | (0, 0, 2..) => 85,
        (2.., ..) => 40,
        _ => 0,
    }
}

/// A reader for a whole output.
pub fn open(_options: &Options) -> Box<dyn Reader + Send> {
    Box::new(Mitmdump::default())
}

/// Reads the output of mitmdump.
#[derive(Debug, Default)]
struct Mitmdump {
    named: bool,
    /// Lines that belong to no flow and are no events.
    strange: u64,
}

/// Strange lines that are reported one by one.
const REPORTED: u64 = 3;

impl Reader for Mitmdump {
    fn read(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let mut done = 0;
        while let Some(used) = self.step(window, done, sink) {
            done += used;
        }
        if window.last {
            if self.strange > REPORTED {
                let at = Span::at(window.offset + window.bytes.len() as u64, 0);
                let done = format!("{} more lines before this place were left out", self.strange - REPORTED);
                sink.problem(Problem::new(at, EXPECTED, done));
            }
            return window.bytes.len();
        }
        done
    }
}

const EXPECTED: &str = "a line of mitmdump (an event, a request or its answer)";

impl Mitmdump {
    /// Reads one line outside of flows, or one flow; how many bytes it took, `None` if more are needed.
    fn step(&mut self, window: Window<'_>, from: usize, sink: &mut dyn Sink) -> Option<usize> {
        let rest = window.bytes.get(from..).filter(|r| !r.is_empty())?;
        let start = window.offset + from as u64;
        if start >= window.limit {
            return None;
        }
        let line = next(rest, window.last)?;
        let text = trimmed(line, start == 0);
        if request_line(text).is_none() {
            self.outside(text, start, sink);
            return Some(line.len());
        }
        let length = flow_length(rest, window.last)?;
        let bytes = rest.get(..length)?;
        if let Some(flow) = Flow::read(bytes, start) {
            if !std::mem::replace(&mut self.named, true) {
                sink.recorder("mitmdump", "");
            }
            flow.emit(sink);
        }
        Some(length)
    }

    fn outside(&mut self, line: &[u8], start: u64, sink: &mut dyn Sink) {
        // Indented lines go on with what was left out: a WebSocket message, a TCP stream.
        if line.is_empty() || line.starts_with(b" ") || event(line) || other_flow(line) {
            return;
        }
        self.strange += 1;
        if self.strange <= REPORTED {
            sink.problem(Problem::new(Span::at(start, line.len()), EXPECTED, "the line was left out"));
        }
    }
}

/// The first line with its end; without one only if nothing follows.
fn next(rest: &[u8], last: bool) -> Option<&[u8]> {
    match memchr(b'\n', rest) {
        Some(end) => rest.get(..=end),
        None => last.then_some(rest),
    }
}

fn trimmed(line: &[u8], first: bool) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if first { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line }
}

/// The length of the flow that begins here: up to a line that is neither indented, blank nor an answer.
/// `None` if that line is not in sight yet.
fn flow_length(bytes: &[u8], last: bool) -> Option<usize> {
    let mut length = next(bytes, last)?.len();
    loop {
        let rest = bytes.get(length..)?;
        match rest.first() {
            None => return last.then_some(length),
            Some(b' ' | b'\n' | b'\r') => length += next(rest, last)?.len(),
            Some(_) => return Some(length),
        }
    }
}

/// `[09:14:41.930]` with anything behind it; older versions: `1.2.3.4:5: clientconnect`.
fn event(line: &[u8]) -> bool {
    match line {
        [b'[', h, _, b':', m, _, b':', s, _, b'.', rest @ ..] => {
            h.is_ascii_digit() && m.is_ascii_digit() && s.is_ascii_digit() && rest.get(3) == Some(&b']')
        }
        _ => {
            let words: [&[u8]; 7] = [
                b": clientconnect",
                b": clientdisconnect",
                b": serverconnect",
                b": serverdisconnect",
                b": client connect",
                b": client disconnect",
                b": CONNECT",
            ];
            line.starts_with(b"Loading script") || words.iter().any(|w| line.ends_with(w))
        }
    }
}

/// Flows that are no HTTP: `1.2.3.4:5 -> tcp -> host:port`, DNS queries.
fn other_flow(line: &[u8]) -> bool {
    [&b" -> "[..], b" <- ", b": DNS QUERY", b": QUIC"].iter().any(|w| memchr::memmem::find(line, w).is_some())
}

#[cfg(test)]
mod tests;
