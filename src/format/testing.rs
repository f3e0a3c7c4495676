//! What every reader must stand: any block size, any cut, any flipped byte.

use super::{Listing, Options, Reader, drive};

type Open = fn(&Options) -> Box<dyn Reader + Send>;

/// Reads with one block size.
pub(crate) fn listing(open: Open, bytes: &[u8], block: usize) -> Listing {
    let mut listing = Listing::default();
    drive(&mut *open(&Options::default()), bytes, block, &mut listing);
    listing
}

/// The outcome is the same for every block size.
pub(crate) fn same_for_every_block(open: Open, bytes: &[u8], blocks: &[usize]) {
    let whole = listing(open, bytes, usize::MAX / 2);
    for block in blocks {
        let got = listing(open, bytes, *block);
        assert_eq!(got.lines, whole.lines, "block {block}");
        assert_eq!(got.problems, whole.problems, "block {block}");
    }
}

/// Cuts and flips bytes in `rounds` ways that are always the same: nothing panics, blocks never matter.
pub(crate) fn damage(open: Open, bytes: &[u8], rounds: u64) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as usize) % below.max(1)
    };
    for round in 0..rounds {
        let mut copy = bytes.to_vec();
        for _ in 0..=next(4) {
            let at = next(copy.len());
            if let Some(b) = copy.get_mut(at) {
                *b = if next(2) == 0 { *b ^ (1 << next(8)) } else { b"\n\"{}[]:,<>=0 \xff"[next(14)] };
            }
        }
        if round % 3 == 0 {
            copy.truncate(next(copy.len()));
        }
        let whole = listing(open, &copy, usize::MAX / 2);
        let parts = listing(open, &copy, 1 + next(300));
        assert_eq!(parts.lines, whole.lines, "round {round}");
    }
}
