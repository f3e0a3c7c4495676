//! Access logs of servers and proxies: one line is one finished exchange, seen by the server.
//!
//! Read without a template: common and combined log format (with a virtual host before it and named or unnamed
//! fields behind it), lines with a quoted request and `key=value` fields, LTSV, Squid. What a log does not list was not
//! observed; `-` means absent or empty. A host without a known scheme gives the URL `//host/path`.

mod clf;
mod entry;
mod extras;
mod generic;
mod keys;
mod ltsv;
mod squid;
mod token;
mod values;

use self::entry::{Emitter, Entry};
pub(super) use self::values::address;
use super::lines::{Line, Lines, head_lines};
use super::{Options, Reader, Sink, Window};

/// What a line should have been, for problems.
const EXPECTED: &str = "an access log line with a request and a status";

/// How sure `head` is an access log.
pub fn sniff(head: &[u8]) -> u8 {
    score(head, |line| parse(line).is_some())
}

/// Scores the share of lines that can be read; fewer than one in five is an application's log.
fn score(head: &[u8], good: impl Fn(Line<'_>) -> bool) -> u8 {
    let (mut read, mut all) = (0_u32, 0_u32);
    for line in head_lines(head, 200) {
        all += 1;
        read += u32::from(good(line));
    }
    match (read, read * 100 / all.max(1)) {
        (0, _) => 0,
        (_, 80..) => 75,
        (_, 40..) => 55,
        (_, 20..) => 30,
        _ => 10,
    }
}

/// A reader for a whole log.
pub fn open(_options: &Options) -> Box<dyn Reader + Send> {
    Box::new(AccessLog::default())
}

/// Reads access logs.
#[derive(Debug, Default)]
struct AccessLog {
    lines: Lines,
    emitter: Emitter,
}

impl Reader for AccessLog {
    fn read(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let emitter = &mut self.emitter;
        self.lines.read(window, sink, EXPECTED, &mut |line, sink| match parse(line) {
            Some(entry) => {
                emitter.emit(entry, sink);
                true
            }
            None => false,
        })
    }
}

/// The first grammar that fits; each has a mark of its own, so the order matters little.
fn parse(line: Line<'_>) -> Option<Entry<'_>> {
    clf::parse(line).or_else(|| squid::parse(line)).or_else(|| ltsv::parse(line)).or_else(|| generic::parse(line))
}

#[cfg(test)]
mod tests;
