//! wget: `-d` shows requests and answers, `-S` the heads of answers alone.
//!
//! ```text
//! --2026-11-21 09:16:26--  http://acme.example.com:8080/api/4.0/user
//! ---request begin---
//! GET /api/4.0/user HTTP/1.1
//! ---request end---
//! HTTP request sent, awaiting response...
//! ---response begin---
//! ```
//! Times have no zone. A body is shown only where wget skips it, or writes it to the same output.

mod state;
#[cfg(test)]
mod tests;

pub(super) use state::Wget;

use super::lines::head_lines;
use super::transcript::beside_curl;

/// Whether such a log may begin with this line.
pub(super) fn begins(line: &[u8]) -> bool {
    state::url(line).is_some() || line == state::REQUEST
}

/// How sure `head` is what wget printed.
pub(super) fn sniff(head: &[u8]) -> u8 {
    let (mut urls, mut awaited, mut blocks) = (0, 0, 0);
    for line in head_lines(head, 4000) {
        urls += u32::from(state::url(line.bytes).is_some());
        awaited += u32::from(state::is_sent(line.bytes));
        blocks += u32::from(line.bytes == state::REQUEST || line.bytes == state::RESPONSE);
    }
    let score = match (urls, awaited, blocks) {
        (1.., 1.., _) | (_, _, 2..) => 89,
        (_, _, 1) | (_, 1.., _) | (1.., ..) => 70,
        _ => 0,
    };
    beside_curl(head, score)
}
