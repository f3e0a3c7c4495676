//! Collects the lines of one object.

use super::answer::Found;
use super::inspect;
use crate::format::transcript::line::Line;
use crate::format::transcript::{Dialect, Taken};
use crate::format::{Sink, lines};
use crate::http::{Span, Text};

/// No more of an object is kept.
const MOST: usize = 2 << 20;
/// So many lines of a stack may stand before an object.
const STACK: u32 = 60;

/// How a line shows that an object is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// `AxiosError: Request failed with status code 401`
    Error,
    /// `  status: 401,` within an object.
    Member,
}

/// Whether something of axios may stand here.
pub(super) fn opening(line: &[u8]) -> Option<Opening> {
    let text = line.trim_ascii();
    let failed = lines::find(text, b"Request failed with status code ").is_some();
    let message = text.starts_with(b"message: ") || text.starts_with(b"\"message\": ");
    let digits = text.strip_prefix(b"status: ").or_else(|| text.strip_prefix(b"\"status\": "));
    let status = matches!(digits, Some([b'1'..=b'5', b'0'..=b'9', b'0'..=b'9', b',']));
    if failed && message || status {
        return Some(Opening::Member);
    }
    let named = lines::find(text, b"AxiosError").is_some() || failed && text.contains(&b':');
    named.then_some(Opening::Error)
}

/// The lines of an object.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) text: Vec<u8>,
    /// Where each line begins in `text` and in the input; `None` if it was changed by pasting.
    places: Vec<(usize, Option<u64>)>,
    pub(super) at: Span,
    /// Blanks before the line that closes it, or before its members.
    indent: usize,
    /// It begins with a member: its bracket stood on a line before.
    member: bool,
    /// Its bracket was seen; before it comes a stack.
    open: bool,
    stack: u32,
}

impl Block {
    fn push(&mut self, line: &Line<'_>) {
        let whole = line.untouched() || matches!(line.text, std::borrow::Cow::Borrowed(_));
        self.places.push((self.text.len(), whole.then_some(line.start + line.skip as u64)));
        self.text.extend_from_slice(&line.text);
        self.text.push(b'\n');
        self.at.end = line.end();
    }

    /// A part of the text, with its place.
    pub(super) fn part(&self, range: std::ops::Range<usize>) -> Text<'static> {
        let bytes = self.text.get(range.clone()).unwrap_or_default();
        let line = self.places.partition_point(|(at, _)| *at <= range.start).saturating_sub(1);
        match self.places.get(line) {
            Some((at, Some(start))) => Text::plain(bytes, start + (range.start - at) as u64).into_owned(),
            _ => Text::made(bytes.to_vec(), self.at),
        }
    }
}

/// Reads what axios answers with.
#[derive(Debug, Default)]
pub(in crate::format) struct Axios {
    block: Option<Block>,
}

impl Dialect for Axios {
    fn opens(&self, line: &[u8]) -> bool {
        opening(line).is_some()
    }

    fn line(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        let Some(block) = &mut self.block else {
            let Some(opening) = opening(&line.text) else { return Taken::No };
            let blanks = blanks(line);
            let member = opening == Opening::Member;
            if member && blanks == 0 {
                return Taken::No;
            }
            let open = member || line.text.ends_with(b"{");
            let mut block = Block { at: line.span(), open, ..Block::default() };
            block.indent = blanks;
            block.member = member;
            if member {
                block.push(line);
            }
            self.block = Some(block);
            return Taken::Whole;
        };
        if !block.open {
            return self.stack(line);
        }
        let blanks = blanks(line);
        let closed = matches!(line.text.trim_ascii().first(), Some(b'}'));
        let closes = if block.member { blanks < block.indent } else { blanks <= block.indent };
        if closes && !line.blank() || block.text.len() > MOST {
            self.end(false, sink);
            return if closed { Taken::Whole } else { Taken::No };
        }
        block.push(line);
        Taken::Whole
    }

    fn end(&mut self, _last: bool, sink: &mut dyn Sink) {
        let Some(block) = self.block.take() else { return };
        let root = inspect::members(&block.text, 0);
        if let Some(draft) = Found::new(&block, &root).draft() {
            draft.push(sink);
        }
    }
}

impl Axios {
    /// `    at settle (axios.cjs:2671:12) {`
    fn stack(&mut self, line: &Line<'_>) -> Taken {
        let Some(block) = &mut self.block else { return Taken::No };
        block.stack += 1;
        let text = line.text.trim_ascii();
        let frame = text.starts_with(b"at ") || text.starts_with(b"Caused by: ") || text.is_empty();
        block.open = frame && text.ends_with(b"{") || text == b"{";
        if frame && block.stack < STACK || block.open {
            return Taken::Whole;
        }
        self.block = None;
        Taken::No
    }
}

/// The indent of a line, also where it was taken for one that pasting made.
fn blanks(line: &Line<'_>) -> usize {
    let count = |text: &[u8]| text.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let cut = line.raw.get(..line.skip).unwrap_or_default();
    count(&line.text) + if count(cut) == cut.len() { cut.len() } else { 0 }
}
