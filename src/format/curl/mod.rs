//! curl transcripts: `curl -v`, `--trace`, `--trace-ascii`, `curl -i`, and typed commands with pasted answers.
//!
//! Read in sequence, segment by segment: scheme and host carry over by connection, a typed command over its hops.
//! Several workers may read a long one that shows its prompts: a command begins with nothing but itself.

mod body;
mod command;
mod dump;
mod finish;
mod heads;
mod info;
pub(super) mod line;
mod notes;
mod options;
pub(super) mod prefix;
mod segment;
mod shell;
pub(super) mod sniff;
pub(super) mod snippet;
mod split;
#[cfg(test)]
mod tests;
mod transfer;
mod typed;
mod unmarked;
mod url;

use super::transcript::{Transcript, next};
use super::{Format, Options, Reader, Sink, Split, Window};
use segment::{Carry, Segment};

/// The entry for the list of formats.
pub(super) const FORMAT: Format = Format {
    name: "curl",
    title: "curl -v, --trace or -i transcript, or typed curl commands",
    sniff: sniff::sniff,
    open,
    split: Some(Split { next: split::next, inside, alone: false }),
};

fn open(_: &Options) -> Box<dyn Reader + Send> {
    Box::new(Curl::default())
}

/// A reader that begins at a prompt.
fn inside(_: &Options) -> Box<dyn Reader + Send> {
    Box::new(Curl { begun: true, ..Curl::default() })
}

/// Reads a transcript from its begin.
#[derive(Debug, Default)]
struct Curl {
    carry: Carry,
    begun: bool,
    named: bool,
    /// Reads what other clients printed between.
    guest: Transcript,
    /// Something of that was read.
    mixed: bool,
    /// What its segments cost.
    #[cfg(test)]
    steps: usize,
}

impl Reader for Curl {
    fn read(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let bytes = window.bytes;
        let Some(mut at) = crate::format::lines::begin(window, &mut self.begun) else { return 0 };
        let colours = memchr::memchr(0x1b, bytes).is_some();
        while at < bytes.len() && window.offset + (at as u64) < window.limit {
            if self.carry.guest {
                self.mixed = true;
                let Some(raw) = next(bytes.get(at..).unwrap_or_default(), window.last) else { break };
                if self.guest.take(raw, window.offset + at as u64, sink) {
                    at += raw.len();
                    continue;
                }
                self.carry.guest = false;
                self.carry.refused = true;
            }
            self.carry.awaited = self.guest.awaits();
            let mut segment = Segment::new(bytes, window.offset, window.last, colours, at, self.carry.clone());
            let ran = segment.run();
            #[cfg(test)]
            (self.steps += segment.steps.get());
            let Some(end) = ran else { break };
            let broken = window.last && end == bytes.len();
            if segment.occupied() {
                self.guest.rest(sink);
            }
            self.name(&segment, sink);
            self.carry = segment.push(broken, sink);
            at = end;
        }
        if window.last && at >= bytes.len() {
            self.guest.end(true, sink);
        }
        at
    }

    fn is_fresh(&self) -> bool {
        !self.mixed && self.carry.ends_at_prompt()
    }
}

impl Curl {
    /// Tells the version of curl once, from its `User-Agent`.
    fn name(&mut self, segment: &Segment<'_>, sink: &mut dyn Sink) {
        if self.named {
            return;
        }
        let agent = segment.transfers.iter().find_map(|t| t.request.get("user-agent"));
        if let Some(version) = agent.and_then(|a| a.strip_prefix(b"curl/")) {
            self.named = true;
            sink.recorder("curl", &String::from_utf8_lossy(version.trim_ascii()));
        }
    }
}
