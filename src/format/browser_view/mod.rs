//! What people copy out of the Headers tab of a browser's network panel.
//!
//! ```text
//! Request URL: https://a.example/v1/me          Request URL:
//! Request Method: GET                           https://a.example/v1/me
//! Status Code: 401 Unauthorized                 Request Method:
//! Response Headers                              GET
//! www-authenticate: Bearer                      ...
//! Request Headers
//! authorization: Bearer abc
//! ```
//! Older views write a name and its value on one line, newer ones on two.

mod line;
mod state;
#[cfg(test)]
mod tests;

pub(super) use state::BrowserView;

use super::lines::head_lines;
use super::transcript::beside_curl;

/// Whether such a text may begin with this line.
pub(super) fn begins(line: &[u8]) -> bool {
    matches!(line::general(line), Some((line::General::Url, _)))
}

/// How sure `head` is such a text.
pub(super) fn sniff(head: &[u8]) -> u8 {
    let (mut urls, mut others) = (0, 0);
    for line in head_lines(head, 4000) {
        match line::general(line.bytes) {
            Some((line::General::Url, _)) => urls += 1,
            Some(_) => others += 1,
            None => {}
        }
    }
    let score = if urls > 0 && others > 0 { 88 } else { 0 };
    beside_curl(head, score)
}
