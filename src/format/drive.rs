//! Feeds a reader from bytes in memory, window by window.

use super::{Reader, Sink, Window};

/// Reads `bytes` in windows that grow by `block` bytes. The outcome is the same for every `block`.
pub fn drive(reader: &mut dyn Reader, bytes: &[u8], block: usize, sink: &mut dyn Sink) {
    let block = block.max(1);
    let (mut start, mut end) = (0, block.min(bytes.len()));
    loop {
        let last = end == bytes.len();
        let window = bytes.get(start..end).unwrap_or_default();
        let used = reader.read(Window { bytes: window, offset: start as u64, last, limit: u64::MAX }, sink);
        start += used.min(window.len());
        if last {
            return;
        }
        // A window that held nothing complete is doubled: long exchanges cost a logarithm, not a square.
        let want = if used == 0 { (end - start).max(block) } else { block.saturating_sub(end - start).max(1) };
        end = (end + want).min(bytes.len());
    }
}
