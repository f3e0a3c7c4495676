//! A line of a transcript, without its end, its colours and what pasting put before it.

use std::borrow::Cow;

use crate::http::{Span, Text};

/// One line.
#[derive(Clone, Debug)]
pub(in crate::format) struct Line<'l> {
    /// As it stands in the input, with its end.
    pub(in crate::format) raw: &'l [u8],
    /// Where `raw` begins in the input.
    pub(in crate::format) start: u64,
    /// What is read.
    pub(in crate::format) text: Cow<'l, [u8]>,
    /// Where `text` begins in `raw`, if it is borrowed from there.
    pub(in crate::format) skip: usize,
}

impl Line<'_> {
    /// Bytes `from..to` of the text.
    pub(in crate::format) fn part(&self, from: usize, to: usize) -> Text<'static> {
        let bytes = self.text.get(from..to).unwrap_or_default();
        match &self.text {
            Cow::Borrowed(_) => Text::plain(bytes, self.start + (self.skip + from) as u64).into_owned(),
            Cow::Owned(_) => Text::made(bytes.to_vec(), self.span()),
        }
    }

    /// The text from `from` on.
    pub(in crate::format) fn rest(&self, from: usize) -> Text<'static> {
        self.part(from, self.text.len())
    }

    /// The line with its end.
    pub(in crate::format) fn span(&self) -> Span {
        Span::at(self.start, self.raw.len())
    }

    /// Offset behind the line.
    pub(in crate::format) fn end(&self) -> u64 {
        self.start + self.raw.len() as u64
    }

    /// Whether nothing was taken away from the line but its end.
    pub(in crate::format) fn untouched(&self) -> bool {
        self.skip == 0 && matches!(self.text, Cow::Borrowed(_))
    }

    /// Where in `raw` the byte `at` of the text stands; `None` if the text was changed and not only cut.
    pub(in crate::format) fn raw_at(&self, at: usize) -> Option<usize> {
        matches!(self.text, Cow::Borrowed(_)).then_some(self.skip + at)
    }

    /// Whether nothing but blanks stands there.
    pub(in crate::format) fn blank(&self) -> bool {
        self.text.trim_ascii().is_empty()
    }
}
