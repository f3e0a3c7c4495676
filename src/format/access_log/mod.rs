//! Access logs of servers and proxies: one line is one finished exchange, seen by the server.
//!
//! Read without a template: common and combined log format (with a virtual host before it and named or unnamed
//! fields behind it), lines with a quoted request and `key=value` fields, LTSV, Squid, HAProxy, Envoy, AWS balancers. What a log does not list was not
//! observed; `-` means absent or empty. A host without a known scheme gives the URL `//host/path`.

mod alb;
mod brief;
mod clf;
pub(super) mod emit;
pub(super) mod entry;
mod envoy;
mod extras;
mod generic;
mod haproxy;
pub(super) mod keys;
mod ltsv;
mod s3;
mod squid;
mod token;
pub(super) mod values;
mod wrapped;

use self::emit::Emitter;
use self::entry::Entry;
pub(super) use self::values::address;
use super::json_log;
use super::lines::{Line, Lines, head_lines};
use super::log_format::{self, LogFormat};
use super::{Options, Problem, Reader, Sink, Window};
use crate::http::Span;

/// What a line should have been, for problems.
const EXPECTED: &str = "an access log line with a request and a status";

/// How sure `head` is an access log.
pub fn sniff(head: &[u8]) -> u8 {
    score(head, |line| parse(line, &mut json_log::Known::default()).is_some())
}

/// Whether a line of `head` is of this format.
pub(super) fn fits(head: &[u8], format: &str) -> bool {
    let Ok(format) = log_format::compile(format) else { return false };
    head_lines(head, 200).any(|line| format.parse(line).is_some())
}

/// Scores the share of lines that can be read; fewer than one in five is an application's log.
pub(super) fn score(head: &[u8], good: impl Fn(Line<'_>) -> bool) -> u8 {
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

/// A reader for a whole log; with [`Options::log_format`] its lines are read by that format first.
pub fn open(options: &Options) -> Box<dyn Reader + Send> {
    let format = options.log_format.as_deref().map(log_format::compile);
    Box::new(AccessLog { format, ..AccessLog::default() })
}

/// Reads access logs.
#[derive(Debug, Default)]
struct AccessLog {
    lines: Lines,
    emitter: Emitter,
    plain: brief::Plain,
    known: json_log::Known,
    /// The user's format, or why it cannot be used.
    format: Option<Result<LogFormat, String>>,
}

impl Reader for AccessLog {
    fn read(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        if let Some(Err(why)) = self.format.take_if(|f| f.is_err())
            && window.offset == 0
        {
            sink.problem(Problem::new(Span::default(), "a usable log format", format!("it was ignored: {why}")));
        }
        let Self { lines, emitter, plain, known, format } = self;
        lines.read(window, sink, EXPECTED, &mut |line, sink| {
            if format.is_none() && plain.push(line, sink) {
                return true;
            }
            let custom = format.as_ref().and_then(|f| f.as_ref().ok()).and_then(|f| f.parse(line));
            if let Some(entry) = custom.or_else(|| parse(line, known)) {
                emitter.emit(entry, sink);
                return true;
            }
            let Some(inside) = wrapped::inside(line) else {
                return squid::no_request(line.bytes) || wrapped::foreign(line);
            };
            let within = Line { bytes: &inside, start: 0 };
            let custom = format.as_ref().and_then(|f| f.as_ref().ok()).and_then(|f| f.parse(within));
            if let Some(entry) = custom.or_else(|| parse(within, known)) {
                emitter.emit(entry, &mut wrapped::Placed { sink, at: line.span() });
            }
            true
        })
    }
}

/// Whether a line holds one of an access log that a collector put into JSON.
pub(super) fn wraps(line: Line<'_>) -> bool {
    wrapped::inside(line).is_some()
}

/// The first grammar that fits; each has a mark of its own, so the order matters little.
fn parse<'l>(line: Line<'l>, known: &mut json_log::Known) -> Option<Entry<'l>> {
    if line.bytes.trim_ascii_start().starts_with(b"{") {
        return json_log::parse(line, known);
    }
    clf::parse(line)
        .or_else(|| json_log::parse(line, known))
        .or_else(|| squid::parse(line))
        .or_else(|| haproxy::parse(line))
        .or_else(|| alb::parse(line))
        .or_else(|| envoy::parse(line))
        .or_else(|| s3::parse(line))
        .or_else(|| ltsv::parse(line))
        .or_else(|| generic::parse(line))
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
