//! kubectl (and other programs of client-go) with `-v=6` to `-v=9`, in the words of all versions.
//!
//! ```text
//! I1121 09:20:35.036374   16208 round_trippers.go:470] GET https://127.0.0.1:8443/api
//! I1121 09:20:35.036379   16208 round_trippers.go:476] Request Headers:
//! I1121 09:20:35.036390   16208 round_trippers.go:480]     Authorization: Bearer <masked>
//! I1121 09:20:35.039208   16208 round_trippers.go:581] Response Status: 401 Unauthorized in 2 milliseconds
//! ```
//! Bearer tokens are masked. Times have no year. Client certificates are not shown.

mod klog;
mod state;
#[cfg(test)]
mod tests;

pub(super) use state::Kubectl;

use super::transcript::by_lines;

/// Whether such a log may begin with this line.
pub(super) fn begins(line: &[u8]) -> bool {
    klog::parse(line).is_some_and(|k| k.transport && klog::word(line, &k).is_some())
}

/// How sure `head` is such a log.
pub(super) fn sniff(head: &[u8]) -> u8 {
    let told = |text: &[u8]| klog::parse(text).is_some_and(|k| klog::word(text, &k).is_some());
    by_lines(head, 80, 96, told)
}
