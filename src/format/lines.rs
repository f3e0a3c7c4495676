//! Walks a log line by line within the window contract, and counts the lines that are no entries.

use memchr::memchr;

use super::problems::{Problems, Unit};
use super::{Sink, Window};
use crate::http::{Span, Text};

/// A longer line is no log line; it is passed over without being kept.
const LONGEST: usize = 4 << 20;

/// Where `part` begins in `whole`; 0 for an empty part that was made elsewhere.
pub(crate) fn offset_in(whole: &[u8], part: &[u8]) -> usize {
    let at = (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize);
    if at <= whole.len() { at } else { 0 }
}

/// One line, without its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'l> {
    /// The bytes.
    pub(crate) bytes: &'l [u8],
    /// Where they begin in the input.
    pub(crate) start: u64,
}

impl<'l> Line<'l> {
    /// Where a part of this line stands in the input.
    pub(crate) fn offset(&self, part: &[u8]) -> u64 {
        self.start + offset_in(self.bytes, part) as u64
    }

    /// A part of this line as it is written.
    pub(crate) fn text(&self, part: &'l [u8]) -> Text<'l> {
        Text::plain(part, self.offset(part))
    }

    /// The whole line.
    pub(crate) fn span(&self) -> Span {
        Span::at(self.start, self.bytes.len())
    }
}

/// Reads windows line by line.
#[derive(Debug)]
pub(crate) struct Lines {
    unread: Problems,
    /// The start of a line that is too long and goes on.
    skipping: Option<u64>,
}

impl Default for Lines {
    fn default() -> Self {
        Self { unread: Problems::of(Unit::Line), skipping: None }
    }
}

impl Lines {
    /// Calls `each` with every whole line of the window; it says whether the line could be read.
    pub(crate) fn read(
        &mut self,
        window: Window<'_>,
        sink: &mut dyn Sink,
        expected: &str,
        each: &mut dyn FnMut(Line<'_>, &mut dyn Sink) -> bool,
    ) -> usize {
        let mut rest = window.bytes;
        loop {
            let start = window.offset + offset_in(window.bytes, rest) as u64;
            if start >= window.limit {
                self.unread.close(sink);
                break;
            }
            let (line, after) = match memchr(b'\n', rest) {
                Some(end) => rest.split_at_checked(end).unwrap_or((rest, &[])),
                None if window.last => (rest, Default::default()),
                None if rest.len() > LONGEST => {
                    self.skipping.get_or_insert(start);
                    return window.bytes.len();
                }
                None => break,
            };
            self.line(Line { bytes: line, start }, sink, expected, each);
            rest = after.get(1..).unwrap_or_else(|| rest.get(rest.len()..).unwrap_or_default());
            if rest.is_empty() {
                break;
            }
        }
        if !window.last {
            return offset_in(window.bytes, rest);
        }
        self.unread.close(sink);
        window.bytes.len()
    }

    fn line(
        &mut self,
        line: Line<'_>,
        sink: &mut dyn Sink,
        expected: &str,
        each: &mut dyn FnMut(Line<'_>, &mut dyn Sink) -> bool,
    ) {
        let start = self.skipping.take();
        if start.is_some() || line.bytes.len() > LONGEST {
            let at = line.span();
            self.refuse(Span { start: start.unwrap_or(at.start), end: at.end }, sink, expected);
            return;
        }
        let mut bytes = line.bytes.strip_suffix(b"\r").unwrap_or(line.bytes);
        if line.start == 0 {
            bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let line = Line { bytes, start: line.offset(bytes) };
        if !each(line, sink) {
            self.refuse(line.span(), sink, expected);
        }
    }

    fn refuse(&mut self, at: Span, sink: &mut dyn Sink, expected: &str) {
        self.unread.add(sink, at, expected, "the line was left out");
    }
}

/// Where a text begins, behind a byte order mark; `None`: the first bytes are not all there yet.
pub(crate) fn begin(window: Window<'_>, begun: &mut bool) -> Option<usize> {
    if *begun {
        return Some(0);
    }
    if window.bytes.len() < 3 && !window.last {
        return None;
    }
    *begun = true;
    Some(if window.bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 })
}

/// Where a short text begins in a line. To prepare a search costs more than to look through a line.
pub(crate) fn find(line: &[u8], text: &[u8]) -> Option<usize> {
    let first = text.first()?;
    memchr::memchr_iter(*first, line).find(|at| line.get(*at..).is_some_and(|rest| rest.starts_with(text)))
}

/// Guesses where the next line begins.
pub(crate) fn next_line(bytes: &[u8]) -> Option<usize> {
    memchr(b'\n', bytes).map(|at| at + 1)
}

/// The lines of a stretch from the beginning of the input that are whole, at most `most` of them.
pub(crate) fn head_lines(head: &[u8], most: usize) -> impl Iterator<Item = Line<'_>> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let cut = head.len() >= 60_000;
    let end = if cut { memchr::memrchr(b'\n', head).unwrap_or(head.len()) } else { head.len() };
    let whole = head.get(..end).unwrap_or(head);
    split(whole)
        .map(|l| Line { bytes: l.strip_suffix(b"\r").unwrap_or(l), start: 0 })
        .filter(|l| !l.bytes.iter().all(u8::is_ascii_whitespace))
        .take(most)
}

/// What stands between line feeds.
fn split(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(bytes);
    std::iter::from_fn(move || {
        let bytes = rest?;
        let end = memchr(b'\n', bytes);
        rest = end.and_then(|at| bytes.get(at + 1..));
        bytes.get(..end.unwrap_or(bytes.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{Listing, Reader, drive};

    #[derive(Default)]
    struct Numbers(Lines, u64);
    impl Reader for Numbers {
        fn read(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
            let sum = &mut self.1;
            self.0.read(window, sink, "a number", &mut |line, _| {
                let n = std::str::from_utf8(line.bytes).ok().and_then(|s| s.parse::<u64>().ok());
                *sum += n.unwrap_or(0);
                n.is_some()
            })
        }
    }

    #[test]
    fn lines_and_problems_are_the_same_for_every_block() {
        let input = b"\xef\xbb\xbf1\n2\r\n\nx\n\n3\ny\nz\nw\nv\n4";
        for block in 1..40 {
            let (mut r, mut sink) = (Numbers::default(), Listing::default());
            drive(&mut r, input, block, &mut sink);
            assert_eq!(r.1, 10, "block {block}");
            assert_eq!(sink.problems.len(), 4);
            assert_eq!(sink.problems[0].at, Span { start: 9, end: 10 });
            assert!(sink.problems[3].done.starts_with("2 more"));
        }
    }

    #[test]
    fn a_line_without_end_is_passed_over() {
        let mut input = vec![b'7'; LONGEST + 9];
        input.extend_from_slice(b"\n5\n");
        for block in [1 << 20, 3 << 20, 64 << 20] {
            let (mut r, mut sink) = (Numbers::default(), Listing::default());
            drive(&mut r, &input, block, &mut sink);
            assert_eq!(r.1, 5);
            assert_eq!(sink.problems[0].at.len(), LONGEST as u64 + 9);
        }
    }
}
