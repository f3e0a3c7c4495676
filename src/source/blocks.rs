//! Feeds a reader from a stream, window by window.

use std::io::{self, Read};

use super::buffer::Buffer;
use super::error::plain;
use crate::format::{Problem, Reader, Sink, Window};
use crate::http::Span;

/// A sink that is told which bytes a reader is done with: lines are counted there.
pub trait WindowSink: Sink {
    /// `bytes` begin at `offset` and were read; what was found in them has been pushed. Called for every byte of the
    /// input once, in order.
    fn passed(&mut self, bytes: &[u8], offset: u64);
}

/// No window is longer. Readers give up on exchanges of more than 64 MiB by themselves; a little more lets them.
const LONGEST: usize = 65 << 20;
/// A worker is shown so much of what is behind its limit: enough to see that another exchange begins there.
const MARGIN: u64 = 128 << 10;

/// Feeds `reader` all of `source` in windows of about `block` bytes; a window that holds nothing complete grows.
/// Returns the length of the input.
///
/// The outcome is the same for every `block` and for every way in which `source` cuts its bytes. Where the source
/// breaks off (damaged packed data, a limit), the reader reads what stands before, and a [`Problem`] says why.
///
/// # Errors
/// The source's error, if it gave no byte at all.
pub fn feed(
    source: &mut dyn Read,
    reader: &mut dyn Reader,
    block: usize,
    sink: &mut dyn WindowSink,
) -> io::Result<u64> {
    let mut buffer = Buffer::default();
    buffer.extend(source, block.max(1), block.max(1));
    if buffer.len() == 0
        && let Some(error) = buffer.failure()
    {
        return Err(error);
    }
    read_on(source, reader, &mut buffer, Bounds { limit: u64::MAX, block }, sink);
    Ok(buffer.offset())
}

/// What a run is held to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Where another run begins; `u64::MAX` if none does.
    pub(super) limit: u64,
    /// Bytes read at once.
    pub(super) block: usize,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// At the end of the input.
    Finished,
    /// Exactly at its limit.
    AtLimit,
    /// Not at its limit: an exchange goes on behind it, or what was read before tells on what follows, so that the
    /// limit was a wrong guess. The run can be continued with a greater limit.
    Beyond,
}

/// Reads on from where `buffer` stands in `source`.
pub(super) fn read_on(
    source: &mut dyn Read,
    reader: &mut dyn Reader,
    buffer: &mut Buffer,
    bounds: Bounds,
    sink: &mut dyn WindowSink,
) -> End {
    let Bounds { limit, block } = Bounds { block: bounds.block.clamp(1, LONGEST), ..bounds };
    let margin = limit.saturating_add(MARGIN);
    if buffer.len() == 0 && !buffer.ended() {
        buffer.extend(source, block, block);
    }
    loop {
        // With a limit the end of the input is never shown as such: whoever needs it has run over the limit.
        let last = buffer.ended() && limit == u64::MAX;
        if last && let Some(error) = buffer.failure() {
            report(buffer, &error, sink);
        }
        let used = step(reader, buffer, last, limit, sink);
        if last {
            return End::Finished;
        }
        let seen = buffer.reach() >= margin || buffer.ended();
        match buffer.offset().cmp(&limit) {
            std::cmp::Ordering::Greater => return End::Beyond,
            std::cmp::Ordering::Equal if seen && reader.is_fresh() => return End::AtLimit,
            std::cmp::Ordering::Equal if seen => return End::Beyond,
            std::cmp::Ordering::Less if seen && (used == 0 || buffer.ended()) => return End::Beyond,
            _ => {}
        }
        if used == 0 && buffer.len() >= LONGEST {
            return give_up(buffer, sink);
        }
        let room = usize::try_from(margin.saturating_sub(buffer.reach())).unwrap_or(usize::MAX).max(4096);
        buffer.extend(source, more(buffer.len(), used, block).min(room), block);
    }
}

/// One window. What the reader is done with is passed on.
fn step(reader: &mut dyn Reader, buffer: &mut Buffer, last: bool, limit: u64, sink: &mut dyn WindowSink) -> usize {
    let window = buffer.window();
    let offset = buffer.offset();
    let used = reader.read(Window { bytes: window, offset, last, limit }, sink);
    let used = if last { window.len() } else { used.min(window.len()) };
    sink.passed(window.get(..used).unwrap_or_default(), offset);
    buffer.consume(used);
    used
}

/// How many bytes to read next. A window without anything complete is doubled: long exchanges cost a logarithm of
/// windows, not a square of bytes.
fn more(len: usize, used: usize, block: usize) -> usize {
    let want = if used == 0 { len.max(block) } else { block.saturating_sub(len).max(block / 2) };
    want.min(LONGEST.saturating_sub(len)).max(1)
}

fn report(buffer: &Buffer, error: &io::Error, sink: &mut dyn WindowSink) {
    let at = Span::at(buffer.reach(), 0);
    let done = format!("reading stopped there: {}", plain(error));
    sink.problem(Problem::new(at, "bytes that can be read", done));
}

fn give_up(buffer: &mut Buffer, sink: &mut dyn WindowSink) -> End {
    let at = Span::at(buffer.offset(), buffer.len());
    sink.problem(Problem::new(at, "an exchange of at most 64 MiB", "what follows was not read"));
    sink.passed(buffer.window(), buffer.offset());
    buffer.consume(buffer.len());
    End::Finished
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::testing::{Breaks, Drip, Found, Numbers};

    #[test]
    fn blocks_and_short_reads_change_nothing() {
        let input: String = (0..500).map(|i| format!("{i}{}\n", "0".repeat(i % 70))).collect();
        let want = Found::of(input.as_bytes());
        assert_eq!(want.lines.len(), 500);
        for block in [1, 2, 7, 64, 1000, 1 << 20] {
            for drip in [1, 3, 999] {
                let mut found = Found::default();
                let mut source = Drip(input.as_bytes(), drip);
                let n = feed(&mut source, &mut Numbers::default(), block, &mut found).unwrap();
                assert_eq!((n, &found), (input.len() as u64, &want), "block {block} drip {drip}");
            }
        }
    }

    #[test]
    fn a_source_that_breaks_gives_what_stands_before() {
        let mut found = Found::default();
        let n = feed(&mut Breaks(b"1\n22\n3"), &mut Numbers::default(), 4, &mut found).unwrap();
        assert_eq!(n, 6);
        assert_eq!(found.lines, ["1", "22", "3"]);
        assert_eq!(found.problems.len(), 1);
        assert_eq!(found.problems[0].at.start, 6);
        assert!(feed(&mut Breaks(b""), &mut Numbers::default(), 4, &mut found).is_err());
    }

    #[test]
    fn nothing_is_read_as_nothing() {
        let mut found = Found::default();
        assert_eq!(feed(&mut io::empty(), &mut Numbers::default(), 4, &mut found).unwrap(), 0);
        assert_eq!(found, Found::default());
    }

    #[test]
    fn an_endless_exchange_is_given_up() {
        struct Never;
        impl Reader for Never {
            fn read(&mut self, _: Window<'_>, _: &mut dyn Sink) -> usize {
                0
            }
        }
        let mut found = Found::default();
        let mut endless = io::repeat(b'x').take(200 << 20);
        let n = feed(&mut endless, &mut Never, 1 << 20, &mut found).unwrap();
        assert_eq!(n, LONGEST as u64);
        assert!(found.problems[0].expected.contains("64 MiB"));
    }
}
