//! Masked text that knows where it comes from, byte by byte, and is kept as stretches: a report holds many.

use std::ops::Range;

/// A piece of shown text and the bytes that it stands for: mostly one character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Bytes of the captured value.
    pub from: Range<usize>,
    /// What is shown.
    pub shown: String,
    /// An alias: not to be cut.
    pub alias: bool,
}

/// The same, borrowed from [`Pieces`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown<'p> {
    /// Bytes of the captured value.
    pub from: Range<usize>,
    /// What is shown.
    pub text: &'p str,
    /// An alias: not to be cut.
    pub alias: bool,
}

/// Pieces that are done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pieces {
    text: Box<str>,
    runs: Box<[Run]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    from: Range<usize>,
    /// Bytes of the text.
    len: usize,
    sort: Sort,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    /// A piece for each byte, which is shown as it is.
    Bytes,
    Piece,
    Alias,
}

impl From<Vec<Piece>> for Pieces {
    fn from(pieces: Vec<Piece>) -> Self {
        let (mut text, mut runs) = (String::new(), Vec::<Run>::new());
        for p in pieces {
            text += &p.shown;
            let byte = !p.alias && p.shown.len() == 1 && p.from.len() == 1;
            match runs.last_mut().filter(|r| byte && r.sort == Sort::Bytes && r.from.end == p.from.start) {
                Some(run) => {
                    run.from.end += 1;
                    run.len += 1;
                }
                None => {
                    let sort = if byte {
                        Sort::Bytes
                    } else if p.alias {
                        Sort::Alias
                    } else {
                        Sort::Piece
                    };
                    runs.push(Run { from: p.from, len: p.shown.len(), sort });
                }
            }
        }
        Self { text: text.into(), runs: runs.into() }
    }
}

impl Pieces {
    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The pieces, in order.
    pub fn iter(&self) -> impl Iterator<Item = Shown<'_>> {
        let mut at = 0;
        self.runs.iter().flat_map(move |run| {
            let start = at;
            at += run.len;
            let (count, step) = if run.sort == Sort::Bytes { (run.len, 1) } else { (1, run.len) };
            (0..count).map(move |i| Shown {
                from: if run.sort == Sort::Bytes {
                    run.from.start + i..run.from.start + i + 1
                } else {
                    run.from.clone()
                },
                text: self.text.get(start + i..start + i + step).unwrap_or_default(),
                alias: run.sort == Sort::Alias,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_again() {
        let piece = |from: Range<usize>, shown: &str, alias| Piece { from, shown: shown.to_owned(), alias };
        let list = vec![
            piece(3..4, "a", false),
            piece(4..5, "b", false),
            piece(5..15, "(T1)", true),
            piece(15..16, "\\n", false),
            piece(16..18, "\u{e9}", false),
            piece(20..21, "c", false),
            piece(21..21, "d", false),
        ];
        let packed = Pieces::from(list.clone());
        assert_eq!((packed.text(), packed.runs.len()), ("ab(T1)\\n\u{e9}cd", 6));
        let out: Vec<Piece> = packed.iter().map(|s| piece(s.from, s.text, s.alias)).collect();
        assert_eq!(out, list);
    }
}
