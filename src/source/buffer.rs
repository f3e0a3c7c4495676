//! The bytes between what a reader is done with and what was read: one buffer, used again and again.

use std::io::{self, Read};

use super::bytes::fill;

/// A window over a stream.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Where `start` stands in the input.
    offset: u64,
    /// Nothing follows.
    ended: bool,
    /// Why nothing follows, if it is not the end.
    failure: Option<io::Error>,
}

impl Buffer {
    /// An empty one for a stream that begins at `offset` of its input.
    pub(super) fn at(offset: u64) -> Self {
        Self { offset, ..Self::default() }
    }

    /// Empties it for a stream that begins at `offset` of its input.
    pub(super) fn begin(&mut self, offset: u64) {
        (self.start, self.end, self.offset, self.ended, self.failure) = (0, 0, offset, false, None);
    }

    /// What the reader has not done with.
    pub(super) fn window(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.end - self.start
    }

    /// Where the window begins in the input.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Where the window ends in the input.
    pub(super) fn reach(&self) -> u64 {
        self.offset + self.len() as u64
    }

    /// Whether nothing follows the window.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// The error that ended the stream.
    pub(super) fn failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Drops `n` bytes at the start.
    pub(super) fn consume(&mut self, n: usize) {
        let n = n.min(self.len());
        self.start += n;
        self.offset += n as u64;
    }

    /// Reads `want` more bytes, fewer only at the end of the stream or before an error.
    pub(super) fn extend(&mut self, from: &mut dyn Read, want: usize, block: usize) {
        self.make_room(want, block);
        let room = self.bytes.get_mut(self.end..self.end + want).unwrap_or_default();
        let (got, result) = fill(from, room);
        self.end += got;
        self.ended = got < want;
        self.failure = result.err();
    }

    fn make_room(&mut self, want: usize, block: usize) {
        let keep = self.len();
        if self.end + want > self.bytes.len() && self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, keep);
        }
        let need = self.end + want;
        if need > self.bytes.len() {
            // Twice the block once there is a second one, so that the rest of a window is moved once in several windows.
            let room = if keep == 0 && self.bytes.is_empty() { need } else { need.max(block.saturating_mul(2)) };
            self.bytes.resize(room, 0);
        } else if self.start == 0 && self.bytes.len() / 8 > need.max(block) {
            // One long exchange must not cost memory for the rest of the run.
            self.bytes.truncate(need.max(block * 2));
            self.bytes.shrink_to_fit();
        }
    }
}
