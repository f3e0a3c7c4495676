//! HTTPie's `-v`: messages as text, told apart from others by its `User-Agent` or by the typed command.
//!
//! Read as [`raw_http`](super::raw_http) is; header lines are those that HTTPie holds, bodies are as it formats them.

use super::curl;
use super::raw_http::Counts;

/// How sure `head` is what HTTPie printed.
pub(super) fn sniff(head: &[u8]) -> u8 {
    let counts = Counts::of(head);
    match counts.httpie && counts.requests + counts.answers > 0 {
        true if curl::sniff::sniff(head) < 60 => 88,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores() {
        assert_eq!(sniff(b"GET /x HTTP/1.1\r\nHost: a\r\nUser-Agent: HTTPie/3.2.4\r\n\r\n"), 88);
        assert_eq!(sniff(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
        assert_eq!(sniff(b"$ https -v a.example\nHTTP/1.1 200 OK\n\n"), 88);
    }
}
