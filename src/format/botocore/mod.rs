//! botocore's log: `boto3.set_stream_logger('')`, `aws --debug`.
//!
//! ```text
//! 2026-11-25 17:44:37,928 botocore.endpoint [DEBUG] Sending http request: <AWSPreparedRequest stream_output=False,
//!     method=POST, url=https://sts.example/, headers={'Authorization': b'AWS4-HMAC-SHA256 ...'}>   (one line)
//! 2026-11-25 17:44:37,932 urllib3.connectionpool [DEBUG] https://sts.example:443 "POST / HTTP/1.1" 403 257
//! 2026-11-25 17:44:37,932 botocore.parsers [DEBUG] Response headers: {'Date': 'Wed, 25 Nov 2026 17:44:37 GMT'}
//! 2026-11-25 17:44:37,933 botocore.parsers [DEBUG] Response body:
//! b'<ErrorResponse>...'
//! ```
//! Headers as botocore holds them, before urllib3 adds `Host`. The status stands in the line of urllib3 alone.

mod dict;
mod state;
#[cfg(test)]
mod tests;

pub(super) use state::Botocore;

use super::lines::head_lines;
use super::transcript::beside_curl;

/// Whether such a log may begin with this line.
pub(super) fn begins(line: &[u8]) -> bool {
    matches!(state::kind(line), Some(state::Kind::Sending(_)))
}

/// How sure `head` is such a log.
pub(super) fn sniff(head: &[u8]) -> u8 {
    let mut score = 0;
    for line in head_lines(head, 4000) {
        score = score.max(match state::kind(line.bytes) {
            Some(state::Kind::Sending(_)) => 92,
            Some(state::Kind::Making(_) | state::Kind::Head(_)) => 70,
            _ => 0,
        });
    }
    beside_curl(head, score)
}
