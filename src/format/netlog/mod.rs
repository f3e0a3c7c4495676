//! Network logs of Chrome (`chrome://net-export`): a table of constants and one event a line.
//!
//! An exchange is a job of a URL request. Credentials are stripped by default (`[46 bytes were stripped]`), bodies are there
//! only with raw bytes. Unlike a HAR it shows preflights, and what CORS refused before it was sent.

mod constants;
mod event;
mod jobs;

use self::constants::Constants;
use self::jobs::Jobs;
use super::json::elements::{Elements, Met};
use super::{Options, Reader, Sink, Window};
use crate::format::problems::Problems;
use crate::http::Span;

/// How sure `head` is a network log.
pub fn sniff(head: &[u8]) -> u8 {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let has = |key: &[u8]| memchr::memmem::find(text, key).is_some();
    let constants = has(b"\"logEventTypes\"") || has(b"\"activeFieldTrialGroups\"") || has(b"\"certVerifierFlags\"");
    if text.first() == Some(&b'{') && has(b"\"constants\"") && constants { 99 } else { 0 }
}

/// A reader for a whole log.
pub fn open(_options: &Options) -> Box<dyn Reader + Send> {
    Box::new(Netlog {
        walk: Elements::new(&[b"constants", b"events"]),
        constants: None,
        jobs: Jobs::default(),
        problems: Problems::default(),
    })
}

/// Reads a network log.
#[derive(Debug)]
struct Netlog {
    walk: Elements,
    constants: Option<Constants>,
    jobs: Jobs,
    problems: Problems,
}

impl Reader for Netlog {
    fn read(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let mut pos = 0;
        loop {
            match self.walk.meet(window, &mut pos) {
                Met::Object { key, start, end } => {
                    let bytes = window.bytes.get(start..end).unwrap_or_default();
                    self.object(key, bytes, window.offset + start as u64, sink);
                }
                Met::Broken(span) => {
                    self.problems.add(sink, span, "a whole event", "what stands there was left out");
                }
                Met::Wait(at) => return at,
                Met::End(_) => {
                    self.finish(window, sink);
                    return window.bytes.len();
                }
            }
        }
    }
}

impl Netlog {
    fn object(&mut self, key: Option<&[u8]>, bytes: &[u8], start: u64, sink: &mut dyn Sink) {
        if key == Some(b"constants") {
            let constants = Constants::read(bytes);
            let (name, version) = constants.program();
            sink.recorder(&name, &version);
            self.constants = Some(constants);
            return;
        }
        // Without the table nothing can be named.
        let Some(constants) = &self.constants else { return };
        if let Some(event) = event::Event::read(bytes, start, constants) {
            self.jobs.event(event, constants, sink);
        }
    }

    fn finish(&mut self, window: Window<'_>, sink: &mut dyn Sink) {
        self.jobs.finish(sink);
        let end = window.offset + window.bytes.len() as u64;
        if self.constants.is_none() {
            self.problems.add(sink, Span { start: 0, end }, "the constants of a network log", "nothing was read");
        } else if !self.walk.closed() {
            let done = "the log ends before it is complete; the events before the end were read";
            self.problems.add(sink, Span { start: end, end }, "the end of the events", done);
        }
        self.problems.close(sink);
    }
}

#[cfg(test)]
mod tests;
