//! Requests whose answers are told later, each with its URL.

use super::draft::Draft;

/// So many may be open at once.
const MOST: usize = 64;

/// Those of one client.
#[derive(Debug, Default)]
pub(in crate::format) struct Waiting(Vec<Draft>);

impl Waiting {
    /// One more; the oldest that goes in its place.
    pub(in crate::format) fn push(&mut self, draft: Draft) -> Option<Draft> {
        let oldest = (self.0.len() >= MOST).then(|| self.0.remove(0));
        self.0.push(draft);
        oldest
    }

    /// The oldest request of a URL.
    pub(in crate::format) fn take(&mut self, url: &[u8]) -> Option<Draft> {
        let at = self.0.iter().position(|d| d.target.raw() == url)?;
        Some(self.0.remove(at))
    }

    /// The latest.
    pub(in crate::format) fn latest(&mut self) -> Option<&mut Draft> {
        self.0.last_mut()
    }

    /// Whether none waits.
    pub(in crate::format) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, the oldest first.
    pub(in crate::format) fn drain(&mut self) -> Vec<Draft> {
        std::mem::take(&mut self.0)
    }
}
