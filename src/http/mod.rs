//! What a reader pushes: one exchange at a time, borrowed from the window that is being read.
//!
//! Nothing here judges. Values keep their place in the input ([`Span`]) and how they were written
//! ([`Coding`]), so that evidence can point at the bytes and nothing is decoded before someone asks.

mod brief;
pub(crate) mod escapes;
mod exchange;
mod observed;
mod text;
mod time;

pub use brief::Brief;
pub(crate) use exchange::has_room;
pub use exchange::{Body, Exchange, Header, Headers, MOST_FIELDS, Origin, Request, Response, Seen, Side, TypedCommand};
pub use observed::{Observed, Why};
pub(crate) use text::lossy;
pub use text::{Coding, Span, Text};
pub use time::{Time, parse_clf, parse_http_date, parse_iso};
