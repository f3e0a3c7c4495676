//! What the tests of this room share: a toy format, sources that behave oddly, folders that go away.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::WindowSink;
use crate::format::{Problem, Reader, Sink, Window};
use crate::http::{Exchange, Span, Text};

/// A line is an exchange; a line that ends with `\` goes on, so that a line start may be a wrong guess.
#[derive(Default)]
pub(super) struct Numbers {
    /// Exchanges that were pushed.
    pub(super) pushed: usize,
}

impl Reader for Numbers {
    fn read(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let mut at = 0;
        while at < window.bytes.len() && window.offset + (at as u64) < window.limit {
            let rest = &window.bytes[at..];
            let ends = rest.iter().enumerate().filter(|(i, b)| **b == b'\n' && (*i == 0 || rest[i - 1] != b'\\'));
            let (len, used) = match ends.map(|(i, _)| i).next() {
                Some(end) => (end, end + 1),
                None if window.last => (rest.len(), rest.len()),
                None => return at,
            };
            let text = Text::plain(&rest[..len], window.offset + at as u64);
            let mut exchange = Exchange { at: Span::at(window.offset + at as u64, used), ..Exchange::default() };
            exchange.request.method = text;
            sink.exchange(exchange);
            self.pushed += 1;
            at += used;
        }
        at
    }
}

/// What was found, and whether the passed bytes were whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Found {
    pub(super) lines: Vec<String>,
    pub(super) at: Vec<Span>,
    pub(super) problems: Vec<Problem>,
    pub(super) passed: Option<(u64, u64)>,
    pub(super) breaks: usize,
}

impl Found {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut found = Self::default();
        let mut reader = Numbers::default();
        reader.read(Window { bytes, offset: 0, last: true, limit: u64::MAX }, &mut found);
        found.passed(bytes, 0);
        found
    }

    pub(super) fn absorb(&mut self, next: Self) {
        self.lines.extend(next.lines);
        self.at.extend(next.at);
        self.problems.extend(next.problems);
        self.breaks += next.breaks;
        if let Some((start, end)) = next.passed {
            let (first, before) = self.passed.unwrap_or((start, start));
            assert_eq!(start, before, "a stretch begins where the one before ended");
            self.passed = Some((first, end));
        }
    }
}

impl Sink for Found {
    fn exchange(&mut self, x: Exchange<'_>) {
        self.lines.push(format!("{}{}", x.request.method.lossy(), x.request.url.lossy()));
        self.at.push(x.at);
    }
    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
    fn recorder(&mut self, _: &str, _: &str) {}
}

impl WindowSink for Found {
    fn passed(&mut self, bytes: &[u8], offset: u64) {
        if bytes.is_empty() {
            return;
        }
        let (first, before) = self.passed.unwrap_or((offset, offset));
        assert_eq!(before, offset, "no gap and no byte twice");
        self.passed = Some((first, offset + bytes.len() as u64));
        self.breaks += bytes.iter().filter(|b| **b == b'\n').count();
    }
}

/// Gives a few bytes at a time, with interruptions, as a pipe does.
pub(super) struct Drip<'d>(pub(super) &'d [u8], pub(super) usize);

impl Read for Drip<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.0.len() % 5 == 3 {
            self.0 = self.0.split_first().map_or(self.0, |(first, rest)| {
                into[0] = *first;
                rest
            });
            return Ok(1);
        }
        let n = self.1.min(into.len());
        self.0.read(&mut into[..n])
    }
}

/// Breaks after its bytes.
pub(super) struct Breaks<'d>(pub(super) &'d [u8]);

impl Read for Breaks<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.0.read(into)? {
            0 => Err(io::Error::other("the line was cut")),
            n => Ok(n),
        }
    }
}

/// A folder of a test's own, removed at the end.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("why401-test-{}-{n}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file, and the folders on the way.
    pub(super) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
