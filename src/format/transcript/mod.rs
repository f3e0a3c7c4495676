//! Text that clients print about their requests: read line by line, each dialect in its own room.
//!
//! A transcript may mix dialects, and prose may stand between them. A line goes to the dialect that has something
//! open; if it does not want it, to the first dialect that may begin there. What no dialect takes is prose.

pub(super) mod bytes;
pub(super) mod draft;
pub(super) mod head;
pub(super) mod line;
pub(super) mod waiting;

use std::borrow::Cow;

use memchr::memchr;

use self::line::Line;
use super::curl::prefix::{Paste, Prefix, without_colours};
use super::lines::head_lines;
use super::{
    Options, Problem, Reader, Sink, Window, axios, botocore, browser_view, curl, dotnet_http, http_client, java_http,
    kubectl, okhttp, raw_http, toolbelt, undici, wget, wire_log,
};
use crate::http::Span;

/// What a dialect did with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It belongs to it.
    Whole,
    /// So many bytes of `raw` do; what follows is a line of its own.
    Upto(usize),
    /// It does not: nothing of the dialect is open any more, though an answer may still be awaited.
    No,
}

/// How one client writes about its requests.
pub(super) trait Dialect: Send {
    /// Whether something of this dialect may begin with this line.
    fn opens(&self, line: &[u8]) -> bool;
    /// Reads a line.
    fn line(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken;
    /// Nothing more can come for what is open: it is pushed. `last`: the input ends here.
    fn end(&mut self, last: bool, sink: &mut dyn Sink);
}

/// A longer line is no line of a transcript; it is passed over.
const LONGEST: usize = 48 << 20;
/// So many lines of prose may stand between a request and its answer.
const PATIENCE: u32 = 60;

/// Reads a transcript.
pub(super) struct Transcript {
    dialects: Vec<Box<dyn Dialect>>,
    /// The dialect that has something open.
    active: Option<usize>,
    /// The dialect that may await an answer.
    waiting: Option<usize>,
    prose: u32,
    paste: Paste,
    begun: bool,
    skipping: bool,
}

impl std::fmt::Debug for Transcript {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Transcript({:?})", self.active)
    }
}

impl Default for Transcript {
    fn default() -> Self {
        let dialects: Vec<Box<dyn Dialect>> = vec![
            Box::new(wget::Wget::default()),
            Box::new(kubectl::Kubectl::default()),
            Box::new(botocore::Botocore::default()),
            Box::new(http_client::HttpClient::default()),
            Box::new(wire_log::WireLog::default()),
            Box::new(java_http::JavaHttp::default()),
            Box::new(dotnet_http::DotnetHttp::default()),
            Box::new(okhttp::OkHttp::default()),
            Box::new(undici::Undici::default()),
            Box::new(toolbelt::Toolbelt::default()),
            Box::new(browser_view::BrowserView::default()),
            Box::new(axios::Axios::default()),
            Box::new(raw_http::RawHttp::default()),
        ];
        Self { dialects, active: None, waiting: None, prose: 0, paste: Paste::default(), begun: false, skipping: false }
    }
}

/// Whether a line hardly stands in anything but what one of these clients printed.
pub(super) fn begins(line: &[u8]) -> bool {
    raw_http::first_line(line)
        || raw_http::command(line)
        || wget::begins(line)
        || kubectl::begins(line)
        || botocore::begins(line)
        || http_client::begins(line)
        || wire_log::begins(line)
        || java_http::begins(line)
        || browser_view::begins(line)
        || axios::begins(line)
        || dotnet_http::begins(line)
        || okhttp::begins(line)
        || undici::begins(line)
}

/// A text without what pasting did to its lines; `None` if nothing of it is seen.
pub(super) fn unpasted(head: &[u8]) -> Option<Vec<u8>> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let strong = |line: &[u8]| begins(line) || toolbelt::begins(line);
    let mut paste = Paste::default();
    let mut out = Vec::with_capacity(head.len());
    let mut changed = false;
    for raw in head.split(|b| *b == b'\n') {
        let line = raw.strip_suffix(b"\r").unwrap_or(raw);
        let text = paste.entities_where(without_colours(line), &strong);
        let cut = paste.strip_where(&text, &strong);
        changed |= cut > 0 || text.len() != line.len();
        out.extend_from_slice(text.get(cut..).unwrap_or_default());
        out.push(b'\n');
    }
    changed.then_some(out)
}

/// A score for a dialect. Where curl's lines stand in the same text, curl's reader takes both.
pub(super) fn beside_curl(head: &[u8], score: u8) -> u8 {
    if score > 59 && curl::sniff::sniff(head) >= 60 { 59 } else { score }
}

/// A score by the number of telling lines, `one` or `more`.
pub(super) fn by_lines(head: &[u8], one: u8, more: u8, tells: impl Fn(&[u8]) -> bool) -> u8 {
    let score = match head_lines(head, 4000).filter(|l| tells(l.bytes)).count() {
        0 => 0,
        1 => one,
        _ => more,
    };
    beside_curl(head, score)
}

/// A reader for a whole transcript.
pub(super) fn open(_: &Options) -> Box<dyn Reader + Send> {
    Box::new(Transcript::default())
}

impl Reader for Transcript {
    fn read(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let bytes = window.bytes;
        let Some(mut at) = crate::format::lines::begin(window, &mut self.begun) else { return 0 };
        while let Some(rest) = bytes.get(at..).filter(|r| !r.is_empty()) {
            let Some(raw) = next(rest, window.last) else {
                if rest.len() > LONGEST {
                    self.too_long(window.offset + at as u64, sink);
                    return bytes.len();
                }
                return at;
            };
            if !std::mem::take(&mut self.skipping) {
                self.take(raw, window.offset + at as u64, sink);
            }
            at += raw.len();
        }
        if window.last {
            self.end(true, sink);
        }
        bytes.len()
    }
}

/// The first line with its end; without one only if nothing follows.
pub(super) fn next(rest: &[u8], last: bool) -> Option<&[u8]> {
    match memchr(b'\n', rest) {
        Some(end) => rest.get(..=end),
        None => last.then_some(rest),
    }
}

impl Transcript {
    fn too_long(&mut self, start: u64, sink: &mut dyn Sink) {
        if !self.skipping {
            self.skipping = true;
            sink.problem(Problem::new(Span::at(start, 0), "a line of at most 48 MiB", "the line was left out"));
        }
    }

    /// Reads a line; whether a dialect took it.
    pub(super) fn take(&mut self, raw: &[u8], start: u64, sink: &mut dyn Sink) -> bool {
        let mut rest = raw;
        let mut taken = false;
        // What follows the end of a body on the same line is a line of its own.
        while !rest.is_empty() {
            let used = rest.len();
            match self.step(rest, start + (raw.len() - used) as u64, sink) {
                Taken::Whole => return true,
                Taken::Upto(n) if n > 0 && n < used => {
                    taken = true;
                    rest = rest.get(n..).unwrap_or_default();
                }
                Taken::Upto(_) | Taken::No => return taken,
            }
        }
        taken
    }

    fn step(&mut self, raw: &[u8], start: u64, sink: &mut dyn Sink) -> Taken {
        let line = self.line(raw, start);
        if let Some(dialect) = self.active.and_then(|i| self.dialects.get_mut(i)) {
            match dialect.line(&line, sink) {
                Taken::No => self.active = None,
                taken => return taken,
            }
        }
        let Some(index) = self.dialects.iter().position(|d| d.opens(&line.text)) else {
            self.prose += u32::from(!line.blank());
            if self.prose > PATIENCE {
                self.rest(sink);
            }
            return Taken::No;
        };
        if self.waiting != Some(index) {
            self.rest(sink);
        }
        self.prose = 0;
        self.active = Some(index);
        self.waiting = Some(index);
        self.dialects.get_mut(index).map_or(Taken::No, |d| d.line(&line, sink))
    }

    /// Nothing more is awaited.
    pub(super) fn rest(&mut self, sink: &mut dyn Sink) {
        if let Some(dialect) = self.waiting.take().and_then(|i| self.dialects.get_mut(i)) {
            dialect.end(false, sink);
        }
        self.active = None;
        self.prose = 0;
    }

    /// The input ends.
    pub(super) fn end(&mut self, last: bool, sink: &mut dyn Sink) {
        if let Some(dialect) = self.waiting.take().and_then(|i| self.dialects.get_mut(i)) {
            dialect.end(last, sink);
        }
        self.active = None;
    }

    /// Whether an answer is awaited.
    pub(super) fn awaits(&self) -> bool {
        self.waiting.is_some()
    }

    fn line<'l>(&mut self, raw: &'l [u8], start: u64) -> Line<'l> {
        let text = raw.strip_suffix(b"\n").unwrap_or(raw);
        let end = text.iter().rposition(|b| *b != b'\r').map_or(0, |i| i + 1);
        let text = without_colours(text.get(..end).unwrap_or_default());
        let paste = &mut self.paste;
        let text = paste.entities_where(text, &|l| self.dialects.iter().any(|d| d.opens(l)));
        let cut = if self.active.is_some() {
            paste.known(&text)
        } else {
            let dialects = &self.dialects;
            Some(paste.strip_where(&text, &|l| dialects.iter().any(|d| d.opens(l))))
        };
        let cut = cut.unwrap_or(0);
        let text = match text {
            Cow::Borrowed(b) => Cow::Borrowed(b.get(cut..).unwrap_or_default()),
            Cow::Owned(b) => Cow::Owned(b.get(cut..).unwrap_or_default().to_vec()),
        };
        debug_assert!(cut == 0 || self.paste.prefix != Prefix::None);
        Line { raw, start, text, skip: cut }
    }
}

#[cfg(test)]
pub(super) mod tests;
