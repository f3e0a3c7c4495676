//! Python: `http.client` with `debuglevel=1` (urllib, requests, boto), the debug logs of urllib3 and httpx.
//!
//! ```text
//! send: b'GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n'
//! reply: 'HTTP/1.1 401 Unauthorized\r\n'
//! header: WWW-Authenticate: Bearer
//! DEBUG:urllib3.connectionpool:https://a.example:443 "GET /x HTTP/1.1" 401 98
//! ```
//! Answers' bodies are not shown. urllib3 alone shows method, URL and status; httpx also the answer's headers.

mod httpx;
pub(super) mod literal;
pub(super) mod pool;
mod state;
#[cfg(test)]
mod tests;

pub(super) use state::HttpClient;

use super::lines::head_lines;
use super::transcript::beside_curl;

/// Whether such a log may begin with this line.
pub(super) fn begins(line: &[u8]) -> bool {
    matches!(state::kind(line), Some(state::Kind::Send(_) | state::Kind::Pool(_) | state::Kind::Httpx(_)))
}

/// How sure `head` is such a log.
pub(super) fn sniff(head: &[u8]) -> u8 {
    let (mut sent, mut replies, mut others) = (0, 0, 0);
    for line in head_lines(head, 4000) {
        match state::kind(line.bytes) {
            Some(state::Kind::Send(_)) => sent += 1,
            Some(state::Kind::Reply(_)) => replies += 1,
            Some(state::Kind::Pool(_)) => others += 1,
            Some(state::Kind::Httpx(_)) => others += 2,
            _ => {}
        }
    }
    let score = match (sent, replies, others) {
        (1.., 1.., _) => 89,
        (1.., ..) => 70,
        (_, 1.., _) => 60,
        (_, _, 1..) => 84,
        _ => 0,
    };
    beside_curl(head, score)
}
