//! What a line of a log says, before an exchange is built of it.

use super::{Side, Span, Time};

/// A finished request in short: nearly every line of a log is an accepted call that carries nothing but a credential, and
/// of such a call no more is wanted.
///
/// A reader offers it only if an [`Exchange`](super::Exchange) of the same line would say nothing else: no body, no other
/// headers, no failure. All texts are ASCII and stand as they were sent (no escapes).
#[derive(Clone, Copy, Debug)]
pub struct Brief<'a> {
    /// Where the line stands.
    pub at: Span,
    /// The line.
    pub line: &'a [u8],
    /// The address of the client, or what else tells clients apart.
    pub client: &'a [u8],
    /// `User-Agent`; empty if there is none.
    pub agent: &'a [u8],
    /// `Referer`, without a query; empty if there is none.
    pub referer: &'a [u8],
    /// `X-Forwarded-For`; empty if there is none.
    pub forwarded: &'a [u8],
    /// The method.
    pub method: &'a [u8],
    /// What stands before the target in the URL of the exchange: empty, `//host` or `https://host`.
    pub base: &'a [u8],
    /// Path and query.
    pub target: &'a [u8],
    /// The status.
    pub status: u16,
    /// When the request started.
    pub started: Option<Time>,
    /// Microseconds until the end of the answer; 0 if unknown.
    pub duration: i64,
    /// The value of `Authorization`.
    pub authorization: Option<&'a [u8]>,
    /// The id that joins two views of a request; empty if the line has none.
    pub join: &'a [u8],
    /// Which side recorded it.
    pub side: Side,
    /// The line would show `Authorization`.
    pub sees_authorization: bool,
    /// The line would show `Cookie`.
    pub sees_cookie: bool,
    /// The line would show some header of the answer.
    pub sees_response: bool,
    /// The line would show `Set-Cookie`.
    pub sees_set_cookie: bool,
}

impl Brief<'_> {
    /// What tells the clients of a log apart: written into a buffer that is emptied first. Not the user, who changes when a
    /// challenge is answered.
    pub fn actor_into(&self, buffer: &mut Vec<u8>) {
        buffer.clear();
        buffer.extend_from_slice(self.client);
        for part in [self.agent, self.forwarded] {
            buffer.push(b' ');
            buffer.extend_from_slice(part);
        }
        buffer.truncate(buffer.trim_ascii_end().len());
    }
}
