//! Exchanges whose halves stand apart in the input: kept until the answer comes, handed on in the order of requests.

use std::collections::VecDeque;

use super::Sink;
use crate::http::Exchange;

/// So many exchanges wait for their answer; the oldest is then handed on without one.
const MOST: usize = 1024;

/// Exchanges that are not complete yet.
#[derive(Debug)]
pub(crate) struct Pending<K> {
    waiting: VecDeque<Slot<K>>,
    /// What is worth handing on.
    keep: fn(&Exchange<'_>) -> bool,
}

#[derive(Debug)]
struct Slot<K> {
    key: K,
    exchange: Exchange<'static>,
    done: bool,
}

impl<K: PartialEq> Pending<K> {
    /// Nothing yet; only exchanges that `keep` accepts are handed on.
    pub(crate) fn new(keep: fn(&Exchange<'_>) -> bool) -> Self {
        Self { waiting: VecDeque::new(), keep }
    }

    fn hand_on(&self, slot: Slot<K>, sink: &mut dyn Sink) {
        if (self.keep)(&slot.exchange) {
            sink.exchange(slot.exchange);
        }
    }

    /// A request.
    pub(crate) fn begin(&mut self, key: K, exchange: Exchange<'static>, sink: &mut dyn Sink) {
        if self.waiting.len() >= MOST
            && let Some(oldest) = self.waiting.pop_front()
        {
            self.hand_on(oldest, sink);
        }
        self.waiting.push_back(Slot { key, exchange, done: false });
    }

    /// The oldest open exchange of a key.
    pub(crate) fn oldest(&mut self, key: &K) -> Option<&mut Exchange<'static>> {
        self.waiting.iter_mut().find(|s| s.key == *key && !s.done).map(|s| &mut s.exchange)
    }

    /// The oldest open exchange of a key is complete.
    pub(crate) fn end(&mut self, key: &K, sink: &mut dyn Sink) {
        if let Some(slot) = self.waiting.iter_mut().find(|s| s.key == *key && !s.done) {
            slot.done = true;
        }
        while self.waiting.front().is_some_and(|s| s.done) {
            if let Some(slot) = self.waiting.pop_front() {
                self.hand_on(slot, sink);
            }
        }
    }

    /// Hands on what is left.
    pub(crate) fn finish(&mut self, sink: &mut dyn Sink) {
        for slot in std::mem::take(&mut self.waiting) {
            self.hand_on(slot, sink);
        }
    }
}
