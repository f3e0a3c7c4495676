//! The turns of a conversation: what the client said, then what the server said.

use crate::format::Sink;
use crate::format::access_log::address;
use crate::format::message::{self, Raw};
use crate::http::{Exchange, Span, Text};

/// One block, as printed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block<'b> {
    pub(super) server: bool,
    pub(super) bytes: &'b [u8],
    pub(super) start: u64,
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
}

impl Said {
    fn add(&mut self, block: Block<'_>) {
        let at = Span::at(block.start, block.bytes.len());
        self.single = self.bytes.is_empty();
        self.at = if self.single { at } else { self.at.join(at) };
        let room = MOST.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(block.bytes.get(..room).unwrap_or(block.bytes));
    }

    fn raw(&self) -> Raw<'_> {
        if self.single { Raw::plain(&self.bytes, self.at.start) } else { Raw::made(&self.bytes, self.at) }
    }
}

/// A request that may get its answer.
#[derive(Debug, Default)]
pub(super) struct Turns {
    client: Text<'static>,
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
        let (asked, answered) = (std::mem::take(&mut self.asked), std::mem::take(&mut self.answered));
        let Some(request) = message::request(asked.raw(), None) else { return };
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
