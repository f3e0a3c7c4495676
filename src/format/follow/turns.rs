//! The turns of a conversation: what the client said, then what the server said.

use super::http2;
use crate::format::Sink;
use crate::format::access_log::address;
use crate::format::message::{self, Raw};
use crate::http::{Exchange, Span, Text};

/// One block, as printed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block<'b> {
    pub(super) server: bool,
    pub(super) bytes: &'b [u8],
    pub(super) at: Span,
    /// The bytes stand there as they are.
    pub(super) exact: bool,
}

/// So much of a turn is kept.
const MOST: usize = 4 << 20;

/// What one side said in one turn: blocks put together.
#[derive(Debug, Default)]
struct Said {
    bytes: Vec<u8>,
    at: Span,
    /// It stood in one block: places are exact.
    single: bool,
    /// Where blocks begin.
    cuts: Vec<usize>,
}

impl Said {
    fn add(&mut self, block: Block<'_>) {
        let first = self.bytes.is_empty();
        self.single = first && block.exact;
        self.at = if first { block.at } else { self.at.join(block.at) };
        self.cuts.push(self.bytes.len());
        let room = MOST.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(block.bytes.get(..room).unwrap_or(block.bytes));
    }

    /// Makes messages of HTTP/1 of what the frames of a stream hold; tells the scheme.
    fn unframe(&mut self, hex: bool) -> Option<String> {
        let stream = if hex { http2::exact(&self.bytes) } else { http2::printed(&self.bytes, &self.cuts) };
        self.single = false;
        self.bytes = stream.message;
        stream.scheme
    }

    fn raw(&self) -> Raw<'_> {
        if self.single { Raw::plain(&self.bytes, self.at.start) } else { Raw::made(&self.bytes, self.at) }
    }
}

/// A request that may get its answer.
#[derive(Debug, Default)]
pub(super) struct Turns {
    client: Text<'static>,
    /// Frames of HTTP/2; `true`: every byte of them is known.
    pub(super) frames: Option<bool>,
    asked: Said,
    answered: Said,
}

impl Turns {
    /// Who the client is.
    pub(super) fn client(&mut self, node: &[u8], start: u64) {
        let host = address(node).unwrap_or(node);
        self.client = Text::made(host.to_vec(), Span::at(start, host.len()));
    }

    pub(super) fn block(&mut self, block: Block<'_>, sink: &mut dyn Sink) {
        if block.server {
            self.answered.add(block);
            return;
        }
        if !self.answered.bytes.is_empty() {
            self.end(sink);
        }
        self.asked.add(block);
    }

    /// The turn is over.
    pub(super) fn end(&mut self, sink: &mut dyn Sink) {
        let (mut asked, mut answered) = (std::mem::take(&mut self.asked), std::mem::take(&mut self.answered));
        let scheme = self.frames.and_then(|exact| {
            answered.unframe(exact);
            asked.unframe(exact)
        });
        let Some(request) = message::request(asked.raw(), scheme.as_deref()) else { return };
        let response = message::response(answered.raw());
        let at = if answered.bytes.is_empty() { asked.at } else { asked.at.join(answered.at) };
        let origin = message::origin(request.version.raw());
        sink.exchange(Exchange {
            at,
            request,
            response,
            status_seen: true,
            origin,
            actor: self.client.clone(),
            ..Exchange::default()
        });
    }
}
