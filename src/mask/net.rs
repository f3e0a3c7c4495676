//! Finds the secrets of a capture in texts: a table of their first bytes, so that many secrets cost no more than few.

use std::ops::Range;

use rustc_hash::FxHashMap;

/// So many first bytes are looked up; shorter patterns are not searched for.
pub(super) const HEAD: usize = 6;

/// Patterns, each of which stands for a number.
#[derive(Debug, Default)]
pub(super) struct Net {
    patterns: Vec<(Box<[u8]>, u32)>,
    /// The last pattern that begins with these bytes, and behind each pattern the one before it.
    heads: FxHashMap<[u8; HEAD], u32>,
    before: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Net {
    /// Adds a pattern; shorter ones than [`HEAD`] are left out.
    pub(super) fn add(&mut self, pattern: &[u8], stands_for: u32) {
        let Some(head) = pattern.first_chunk::<HEAD>() else { return };
        let number = u32::try_from(self.patterns.len()).unwrap_or(NONE);
        self.before.push(self.heads.insert(*head, number).unwrap_or(NONE));
        self.patterns.push((pattern.into(), stands_for));
    }

    /// Where patterns stand in a text, from left to right, the longest at each place; they do not overlap.
    pub(super) fn find(&self, text: &[u8]) -> Vec<(Range<usize>, u32)> {
        let mut out = Vec::new();
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|r| r.len() >= HEAD && !self.heads.is_empty()) {
            match self.longest(rest) {
                Some((len, stands_for)) => {
                    out.push((at..at + len, stands_for));
                    at += len;
                }
                None => at += 1,
            }
        }
        out
    }

    /// The longest pattern with which a text begins; of equal ones the first that was added.
    fn longest(&self, text: &[u8]) -> Option<(usize, u32)> {
        let mut next = *self.heads.get(text.first_chunk::<HEAD>()?)?;
        let mut best: Option<(usize, u32)> = None;
        while let Some((pattern, stands_for)) = self.patterns.get(next as usize) {
            if text.starts_with(pattern) && best.is_none_or(|(len, _)| pattern.len() >= len) {
                best = Some((pattern.len(), *stands_for));
            }
            next = self.before.get(next as usize).copied().unwrap_or(NONE);
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftmost_longest_and_first() {
        let mut net = Net::default();
        for (i, p) in ["abcdef", "abcdefgh", "cdefghij", "short", "abcdefgh"].iter().enumerate() {
            net.add(p.as_bytes(), i as u32);
        }
        assert_eq!(net.find(b"xabcdefghij abcdef"), [(1..9, 1), (12..18, 0)]);
        assert_eq!(net.find(b"abcdeX cdefghij"), [(7..15, 2)]);
        assert_eq!(net.find(b"short"), []);
        assert_eq!(Net::default().find(b"anything"), []);
    }
}
