//! Bytes as clients log them, in quotes: Apache HttpClient's wire and header logs, Ruby's `Net::HTTP#set_debug_output`,
//! dumps that were printed with Go's `%q`.
//!
//! ```text
//! 2026-11-25 17:51:00 DEBUG wire:73 - http-outgoing-1 >> "GET /v2/berths HTTP/1.1[\r][\n]"
//! 2026-11-25 17:51:00 DEBUG headers:124 - http-outgoing-1 << HTTP/1.1 401 Unauthorized
//! <- "GET /v2/berths HTTP/1.1\r\nHost: a.example\r\n\r\n"
//! -> "HTTP/1.1 401 Unauthorized\r\n"
//! ```

mod channel;
mod mark;
mod state;
#[cfg(test)]
mod tests;

pub(super) use state::WireLog;

use super::transcript::by_lines;

/// Whether such a log may begin with this line.
pub(super) fn begins(line: &[u8]) -> bool {
    mark::begins(line)
}

/// How sure `head` is such a log.
pub(super) fn sniff(head: &[u8]) -> u8 {
    // Messages in documents of JSON are their readers' matter.
    if head.trim_ascii_start().starts_with(b"{") {
        return 0;
    }
    by_lines(head, 84, 92, mark::begins)
}
