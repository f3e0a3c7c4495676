//! Messages of HTTP/1 as text: dumps of Go's `httputil`, copies from developer tools, `.http` files, HTTPie.
//!
//! A request and its answer follow each other, with blank lines or prose between them. Only what stands in the
//! text is known: the scheme comes from an absolute target or from a typed HTTPie command.

mod file;
mod state;
#[cfg(test)]
mod tests;

pub(super) use state::RawHttp;

use super::curl::line::{request_line, status_line};
use super::lines::head_lines;
use super::{curl, lines};

/// How sure `head` is such a text.
pub(super) fn sniff(head: &[u8]) -> u8 {
    let counts = Counts::of(head);
    if counts.httpie {
        return 0;
    }
    match (counts.requests, counts.answers) {
        // Text that has nothing of curl but one mark may be quoted mail.
        _ if curl::sniff::sniff(head) > 30 && counts.quoted == 0 => 0,
        (1.., _) if counts.quoted > 0 => 96,
        (1.., _) => 58,
        (0, 1..) => 29,
        _ if file::sniff(head) => 55,
        _ => 0,
    }
}

/// How many first lines of messages stand in a text.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) requests: u32,
    pub(super) answers: u32,
    /// Answers behind a `> ` of mail.
    quoted: u32,
    /// HTTPie wrote them.
    pub(super) httpie: bool,
}

impl Counts {
    pub(super) fn of(head: &[u8]) -> Self {
        let mut counts = Self::default();
        let mut received = 0;
        for line in head_lines(head, 4000) {
            let text = curl::prefix::without_colours(line.bytes);
            let text = text.trim_ascii_start();
            received += u32::from(text.starts_with(b"< "));
            let inner = text.strip_prefix(b"> ").unwrap_or(text);
            let answer = status_line(inner).is_some();
            counts.quoted += u32::from(answer && inner.len() < text.len());
            counts.answers += u32::from(answer);
            counts.requests += u32::from(first_line(inner));
            counts.httpie |= lines::find(inner, b"User-Agent: HTTPie/").is_some() || command(inner);
        }
        counts.quoted *= u32::from(received == 0 && counts.requests > 0);
        counts
    }
}

/// A request line that can hardly stand in prose.
pub(super) fn first_line(text: &[u8]) -> bool {
    let Some((method, target)) = request_line(text) else { return false };
    let target = text.get(method + 1..method + 1 + target).unwrap_or_default();
    let version = text.get(method + target.len() + 2..).unwrap_or_default().trim_ascii_end();
    let known = matches!(version, b"HTTP/1.1" | b"HTTP/1.0" | b"HTTP/2" | b"HTTP/2.0" | b"HTTP/3" | b"HTTP/3.0");
    let word = text.get(..method).is_some_and(|m| m.first().is_some_and(u8::is_ascii_uppercase));
    // Origin form, absolute form, authority form (RFC 9112 3.2); `*` for OPTIONS. Blanks are a mistake within paths.
    let other = matches!(target, [b'*' | b'[', ..]) || target.contains(&b':');
    let form = target.starts_with(b"/") || other && !target.contains(&b' ');
    known && word && form && (3..24).contains(&method) && !target.iter().any(u8::is_ascii_control)
}

/// A typed command of HTTPie behind a prompt: `$ http -v :8080/x`.
pub(super) fn command(text: &[u8]) -> bool {
    let behind = text.strip_prefix(b"$ ").or_else(|| {
        let at = lines::find(text.get(..120).unwrap_or(text), b"$ ")?;
        text.get(at + 2..)
    });
    behind.is_some_and(|b| b.starts_with(b"http ") || b.starts_with(b"https "))
}
