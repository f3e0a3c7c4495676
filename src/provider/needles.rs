//! Many short texts looked for in one text: a table of their first four bytes, which costs nothing to build.
//!
//! An automaton over the message table takes 17 million instructions to build, as much as judging a small capture;
//! answers that are searched are short and few.

/// Texts to look for, without regard to ASCII case.
#[derive(Debug)]
pub(super) struct Needles {
    /// First four bytes, and the number of the needle; sorted.
    starts: Vec<(u32, u32)>,
    /// In lower case.
    texts: Vec<Box<[u8]>>,
    /// Marks the hashes of all first four bytes.
    marks: Vec<u64>,
}

/// A shorter needle is never found.
pub(super) const LEAST: usize = 4;

/// A needle that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Its number.
    pub(super) needle: usize,
    /// Its bytes in the searched text.
    pub(super) at: (usize, usize),
}

/// Words of [`Needles::marks`]: 16,384 bits for several hundred needles.
const WORDS: usize = 256;

impl Needles {
    /// Needles of at least [`LEAST`] bytes each.
    pub(super) fn new(texts: &[&str]) -> Self {
        let texts: Vec<Box<[u8]>> = texts.iter().map(|t| t.to_ascii_lowercase().into_bytes().into()).collect();
        let start = |text: &[u8]| text.first_chunk().copied().map(u32::from_le_bytes);
        let mut starts: Vec<(u32, u32)> = (0..).zip(&texts).filter_map(|(n, t)| Some((start(t)?, n))).collect();
        starts.sort_unstable();
        let mut marks = vec![0; WORDS];
        for (key, _) in &starts {
            let (word, bit) = slot(*key);
            if let Some(w) = marks.get_mut(word) {
                *w |= bit;
            }
        }
        Self { starts, texts, marks }
    }

    /// Tells every occurrence, from the first start to the last.
    pub(super) fn each(&self, text: &[u8], mut tell: impl FnMut(Found)) {
        let mut key = 0_u32;
        for (end, byte) in (1_usize..).zip(text) {
            key = key >> 8 | u32::from(byte.to_ascii_lowercase()) << 24;
            let (word, bit) = slot(key);
            if self.marks.get(word).is_some_and(|w| w & bit != 0) && end >= LEAST {
                self.at(text, end - LEAST, key, &mut tell);
            }
        }
    }

    /// The needles that stand at `start`, whose first bytes are `key`.
    fn at(&self, text: &[u8], start: usize, key: u32, tell: &mut impl FnMut(Found)) {
        let from = self.starts.partition_point(|(k, _)| *k < key);
        for (_, n) in self.starts.iter().skip(from).take_while(|(k, _)| *k == key) {
            let Some(needle) = self.texts.get(*n as usize) else { continue };
            let end = start + needle.len();
            if text.get(start..end).is_some_and(|t| t.eq_ignore_ascii_case(needle)) {
                tell(Found { needle: *n as usize, at: (start, end) });
            }
        }
    }
}

/// The mark of a key.
fn slot(key: u32) -> (usize, u64) {
    let hash = key.wrapping_mul(0x9e37_79b1) >> 18;
    ((hash >> 6) as usize, 1 << (hash & 63))
}

#[cfg(test)]
mod tests {
    use aho_corasick::AhoCorasick;

    use super::*;

    #[test]
    fn an_automaton_finds_the_same() {
        let texts = ["token", "Token expired", "expired", "ired", "token", "EXPIRED token", "x-re", "70008"];
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(texts).unwrap();
        let needles = Needles::new(&texts);
        for text in ["", "tok", "the TOKEN Expired token", "expired tokeN expired", "AADSTS700081 x-rE", "é token é"]
        {
            let mut want: Vec<Found> = automaton
                .find_overlapping_iter(text)
                .map(|m| Found { needle: m.pattern().as_usize(), at: (m.start(), m.end()) })
                .collect();
            let mut found = Vec::new();
            needles.each(text.as_bytes(), |f| found.push(f));
            let by_start = |f: &Found| (f.at, f.needle);
            want.sort_by_key(by_start);
            found.sort_by_key(by_start);
            assert_eq!(found, want, "{text}");
        }
    }
}
