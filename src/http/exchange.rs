//! One request and, if any, its final response, borrowed from the window of the reader.

use super::{Observed, Span, Text, Time, Why};

/// One request with its final response, as the capture shows it.
#[derive(Clone, Debug, Default)]
pub struct Exchange<'a> {
    /// The bytes of the input that show it.
    pub at: Span,
    /// The request.
    pub request: Request<'a>,
    /// The final response; `None` if the capture shows none.
    pub response: Option<Response<'a>>,
    /// A failure that is no HTTP answer, in the recorder's words (`net::ERR_FAILED`, `curl: (7) ...`).
    pub failure: Option<Text<'a>>,
    /// Whether the status was recordable: `false` for a typed command whose answer was pasted without its head.
    pub status_seen: bool,
    /// How the header lines got into the capture.
    pub origin: Origin,
    /// Which side of the connection wrote this.
    pub side: Side,
    /// What tells one user, page or connection from another: client address, page reference, frame.
    /// Exchanges with different texts here belong to different actors. Empty if the format has none.
    pub actor: Text<'a>,
    /// A request id or trace id that joins two views of one request, if the format logs one apart from the headers.
    pub join: Option<Text<'a>>,
    /// The answer came from a cache of the client.
    pub from_cache: bool,
    /// The client showed a TLS certificate, or may have without that this recorder could tell: a request without any
    /// other credential is then not one without credentials.
    pub certificate: bool,
    /// Set by a script, a navigation, an image: HAR `_resourceType`, lower case, else empty.
    pub resource: Text<'a>,
}

/// How far a shown header line can be trusted to be the line that was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Lines as sent, with their spelling, order and faults: the only source for rules about raw lines.
    Wire,
    /// Parsed by the recorder: names and values, trimmed.
    #[default]
    Parsed,
    /// Only the typed command is known; nothing was recorded of what was sent.
    Typed,
}

/// Which side recorded the exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Side {
    /// The client, or a recorder beside it; its clock is the client's.
    #[default]
    Client,
    /// A server, or a proxy in front of it; its clock is the server's.
    Server,
    /// The server behind a proxy whose own line is in the same capture.
    Upstream,
}

/// The request half of an exchange.
#[derive(Clone, Debug, Default)]
pub struct Request<'a> {
    /// The method as written; empty if it was not recorded.
    pub method: Text<'a>,
    /// The absolute URL; `//host/path?query` if the scheme is unknown; the target (`/path?query`) if the host is too.
    pub url: Text<'a>,
    /// `HTTP/1.1`, `h2`, ...; empty if unknown.
    pub version: Text<'a>,
    /// The header fields.
    pub headers: Headers<'a>,
    /// The body.
    pub body: Body<'a>,
    /// When the request started (`side` says by whose clock).
    pub started: Option<Time>,
    /// Microseconds from `started` to the end of the response.
    pub duration: Option<i64>,
    /// The command that a person typed to send it.
    pub typed: Option<TypedCommand<'a>>,
}

/// The response half of an exchange.
#[derive(Clone, Debug, Default)]
pub struct Response<'a> {
    /// The status code; `None` if it was not recorded although an answer was (a pasted body).
    pub status: Option<u16>,
    /// Where the status stands.
    pub status_at: Span,
    /// The reason phrase.
    pub reason: Text<'a>,
    /// The header fields.
    pub headers: Headers<'a>,
    /// The body.
    pub body: Body<'a>,
}

/// A list of header fields: order and duplicates kept, found without regard to case.
#[derive(Clone, Debug, Default)]
pub struct Headers<'a> {
    /// The fields, in the order of the capture.
    pub list: Vec<Header<'a>>,
    /// Lines of the head that are no `name: value` (no colon, a blank before it, a fold): whole lines, as written.
    pub odd: Vec<Text<'a>>,
    /// Which fields the recorder could have shown.
    pub seen: Seen,
}

/// One header field.
#[derive(Clone, Debug, Default)]
pub struct Header<'a> {
    /// The name as written.
    pub name: Text<'a>,
    /// The value; blanks around it are kept only where the capture shows them.
    pub value: Text<'a>,
}

/// Which header fields a recorder could have shown.
#[derive(Clone, Debug, Default)]
pub enum Seen {
    /// Every field that was sent.
    #[default]
    All,
    /// Only those of these names (lower case), as a log format lists them.
    Named(Vec<&'static str>),
    /// Only those of these names, known when the format string was read.
    Listed(std::sync::Arc<[Box<str>]>),
    /// None.
    None(Why),
}

impl Seen {
    /// Whether a field of this name (lower case) would have been shown if it had been there.
    pub fn shows(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Named(names) => names.contains(&name),
            Self::Listed(names) => names.iter().any(|n| &**n == name),
            Self::None(_) => false,
        }
    }

    /// What the lack of a field of this name (lower case) means.
    pub fn lack<T>(&self, name: &str) -> Observed<T> {
        match self {
            Self::All => Observed::Absent,
            Self::None(why) => Observed::NotObserved(*why),
            listed if listed.shows(name) => Observed::AbsentOrEmpty,
            _ => Observed::NotObserved(Why::NotRecorded),
        }
    }
}

/// No server takes more fields in a head (Node takes 2000, Apache 100): what follows is no head of a message.
pub const MOST_FIELDS: usize = 2048;

/// Whether a reader need keep another field: one more than a head may have tells that it was cut.
pub(crate) fn has_room<T>(fields: &[T]) -> bool {
    fields.len() <= MOST_FIELDS
}

impl<'a> Headers<'a> {
    /// Leaves out what no head has room for. What is missing from a head that was cut was not observed.
    pub fn cut(&mut self) {
        if self.list.len() > MOST_FIELDS || self.odd.len() > MOST_FIELDS {
            self.list.truncate(MOST_FIELDS);
            self.odd.truncate(MOST_FIELDS);
            self.seen = Seen::None(Why::Truncated);
        }
    }

    /// No headers, and none could be recorded.
    pub fn not_observed(why: Why) -> Self {
        Self { seen: Seen::None(why), ..Self::default() }
    }

    /// The first field of this name, compared without case.
    pub fn get(&self, name: &str) -> Observed<&Header<'a>> {
        let same = |h: &&Header<'a>| h.name.raw().eq_ignore_ascii_case(name.as_bytes());
        match self.list.iter().find(same) {
            Some(h) => Observed::Present(h),
            None => self.seen.lack(name),
        }
    }

    /// All fields of this name, compared without case.
    pub fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Header<'a>> {
        self.list.iter().filter(move |h| h.name.raw().eq_ignore_ascii_case(name.as_bytes()))
    }
}

/// A message body.
#[derive(Clone, Debug)]
pub enum Body<'a> {
    /// It was recorded that there is none.
    Absent,
    /// It could not be recorded, or was left out.
    NotObserved(Why),
    /// The body. `source` [`Origin::Typed`]: from the command line, before the shell expanded it;
    /// [`Origin::Parsed`]: a printed view, not the bytes.
    Text {
        /// The bytes.
        text: Text<'a>,
        /// Where they come from.
        source: Origin,
    },
    /// Only the pairs of a form are known, each decoded by the recorder.
    Pairs(Vec<(Text<'a>, Text<'a>)>),
}

impl Default for Body<'_> {
    fn default() -> Self {
        Self::NotObserved(Why::NotRecorded)
    }
}

/// A command as a person typed it, split into words as the shell would.
#[derive(Clone, Debug, Default)]
pub struct TypedCommand<'a> {
    /// The whole command in the input.
    pub at: Span,
    /// The program: `curl`, `http`, `wget`.
    pub program: Text<'a>,
    /// Each `-H` argument as the program got it, with its place.
    pub headers: Vec<Text<'a>>,
    /// `-d` and its kin, in order.
    pub data: Vec<Text<'a>>,
    /// `-u user:password`.
    pub user: Option<Text<'a>>,
    /// All other options as typed, without their values.
    pub flags: Vec<Text<'a>>,
    /// The name of the pair that an `&` outside of quotes took away, with everything behind it.
    pub lost: Option<Text<'a>>,
}
