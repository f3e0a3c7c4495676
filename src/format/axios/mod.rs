//! Errors and answers of axios as `console.log` prints them: Node's inspected objects, or JSON.
//!
//! ```text
//! AxiosError: Request failed with status code 401
//!     at settle (node_modules/axios/dist/node/axios.cjs:2671:12) {
//!   config: { headers: Object [AxiosHeaders] { Authorization: 'Bearer abc' }, method: 'get', url: '...' },
//!   request: ClientRequest { _header: 'GET /v2/berths HTTP/1.1\r\n' + ... },
//!   response: { status: 401, headers: ..., data: { message: 'Unauthorized' } }
//! }
//! ```
//! Node keeps the head as it was sent; elsewhere only the headers that axios was given are shown, without those that
//! the browser adds.

mod answer;
mod inspect;
mod state;
#[cfg(test)]
mod tests;

pub(super) use state::Axios;

use super::lines::head_lines;
use super::transcript::beside_curl;

/// Whether such an object may begin with this line.
pub(super) fn begins(line: &[u8]) -> bool {
    state::opening(line) == Some(state::Opening::Error)
}

/// How sure `head` is such an object.
pub(super) fn sniff(head: &[u8]) -> u8 {
    let mut score = 0;
    for line in head_lines(head, 4000) {
        score = score.max(match state::opening(line.bytes) {
            Some(state::Opening::Error) => 86,
            Some(state::Opening::Member) => 56,
            None => 0,
        });
    }
    // A status alone stands in many texts: the rest of an answer stands beside it.
    let has = |name: &str| memchr::memmem::find(head, name.as_bytes()).is_some();
    let answer = has("statusText") && has("config") || has("Request failed with status code") || has("AxiosError");
    if answer { beside_curl(head, score) } else { 0 }
}
