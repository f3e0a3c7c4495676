//! OkHttp's logging interceptor at every level, with or without a logger's prefix; Feign's logger, which writes alike.
//!
//! ```text
//! --> POST https://a.example/login http/1.1
//! Content-Type: application/json
//!
//! {"user":"ada"}
//! --> END POST (14-byte body)
//! <-- 401 Unauthorized https://a.example/login (12ms)
//! ```
//! An interceptor of the application sees a request before OkHttp adds `Host`, cookies and what later interceptors
//! set: only where `Host` is shown do missing headers prove anything. Redacted values are `██`.

mod state;
#[cfg(test)]
mod tests;

pub(super) use state::OkHttp;

use super::lines::head_lines;
use super::transcript::beside_curl;

/// Whether such a log may begin with this line.
pub(super) fn begins(line: &[u8]) -> bool {
    matches!(state::mark(line), Some(state::Mark::Request { .. }))
}

/// How sure `head` is such a log.
pub(super) fn sniff(head: &[u8]) -> u8 {
    let (mut requests, mut answers, mut ends) = (0, 0, 0);
    for line in head_lines(head, 4000) {
        match state::mark(line.bytes) {
            Some(state::Mark::Request { .. }) => requests += 1,
            Some(state::Mark::Answer { .. } | state::Mark::Failed(_)) => answers += 1,
            Some(state::Mark::RequestEnd | state::Mark::AnswerEnd(_)) => ends += 1,
            None => {}
        }
    }
    let score = match (requests, answers, ends) {
        (1.., 1.., _) => 89,
        (1.., _, 1..) | (_, 1.., 1..) => 85,
        (1.., ..) | (_, 1.., _) => 60,
        _ => 0,
    };
    beside_curl(head, score)
}
