//! The record of an exchange: what judging needs, owned and small.

use std::ops::Range;

use smallvec::SmallVec;

use super::detail::Detail;
use super::{StrId, ValueId, strings::Kind};
use crate::http::{Origin, Side, Span, Time};

/// The number of an exchange in its file, from 0.
pub type Id = u32;

/// What became of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The server answered with this status.
    Status(u16),
    /// The server answered, the status was not recorded.
    Unknown,
    /// No answer was seen.
    #[default]
    None,
}

impl Outcome {
    /// The status code, 0 if there is none.
    pub fn code(self) -> u16 {
        match self {
            Self::Status(s) => s,
            _ => 0,
        }
    }
}

/// What an answer is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Media {
    /// No body, or not known.
    #[default]
    Unknown,
    /// JSON, by type or first byte.
    Json,
    /// An HTML page.
    Html,
    /// XML.
    Xml,
    /// A form.
    Form,
    /// Other text.
    Text,
    /// Multipart.
    Multipart,
    /// Images, fonts, archives.
    Binary,
}

/// Where in a request a credential stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// A header field of this name (lower case).
    Header(StrId),
    /// A query parameter of this name.
    Query(StrId),
    /// A cookie of this name.
    Cookie(StrId),
    /// A body field at this path.
    Field(StrId),
    /// `user:password@` in the URL.
    Userinfo,
    /// A segment of the path that is itself the credential (bot tokens, webhooks).
    Path,
}

/// A credential in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// The value.
    pub value: ValueId,
    /// What it is by its place.
    pub kind: Kind,
    /// Where it stood.
    pub place: Place,
    /// The scheme as written, for an Authorization header; empty otherwise.
    pub scheme: StrId,
    /// The line is not spelled `scheme SP credential`: doubled scheme, colon, quotes, several blanks. Another spelling of
    /// one value is another attempt.
    pub odd: bool,
}

/// The credentials of a request: mostly one.
pub type Uses = SmallVec<[Use; 1]>;

/// Every exchange leaves this row.
#[derive(Clone, Debug, Default)]
pub struct Fact {
    /// Its number in the file.
    pub id: Id,
    /// Its bytes.
    pub at: Span,
    /// The method, upper case as a rule; as written.
    pub method: StrId,
    /// `scheme://host[:port]`, default port left out; empty if unknown.
    pub origin: StrId,
    /// The path without query.
    pub path: StrId,
    /// Method and path with ids taken out, for comparing routes.
    pub route: StrId,
    /// Hash of the whole URL without fragment.
    pub url_hash: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// When it started.
    pub start: Option<Time>,
    /// Microseconds until the end of the answer; 0 if unknown.
    pub duration: i64,
    /// The answer's `Date`, if it is the server's own (no cache).
    pub date: Option<Time>,
    /// Client, page, user agent: who asked.
    pub actor: StrId,
    /// Request id or trace id that the format logs apart from the headers, hashed; 0 if none.
    pub join: u64,
    /// Those of the headers, hashed.
    pub header_ids: SmallVec<[u64; 2]>,
    /// What the answer is made of.
    pub media: Media,
    /// The `Server` header of the answer.
    pub server: StrId,
    /// Which side recorded it.
    pub side: Side,
    /// How its header lines got into the capture.
    pub origin_of_lines: Origin,
    /// Marks, see [`Flags`].
    pub flags: Flags,
    /// The credentials it carried.
    pub uses: Uses,
    /// More, if it can matter.
    pub detail: Option<Box<Detail>>,
    /// Like exchanges that were only counted.
    pub like: Option<Box<super::Like>>,
}

impl Fact {
    /// All request ids and trace ids, hashed.
    pub fn ids(&self) -> impl Iterator<Item = u64> {
        self.header_ids.iter().copied().chain((self.join != 0).then_some(self.join))
    }
}

/// Yes-or-no facts of an exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// The Authorization header could have been recorded.
    pub sees_authorization: bool,
    /// The Cookie header could have been recorded.
    pub sees_cookie: bool,
    /// Set-Cookie could have been recorded.
    pub sees_set_cookie: bool,
    /// A credential is masked by the recorder or a person.
    pub masked: bool,
    /// A TLS certificate of the client stood for a credential, or may have.
    pub certificate: bool,
    /// The answer came from the client's cache.
    pub from_cache: bool,
    /// The request has an `Origin` header other than its own origin.
    pub cross_origin: bool,
    /// The answer has Access-Control-Allow-Origin.
    pub allows_origin: bool,
    /// A page's script of another origin asked, and the browser keeps the answer from it: the origin allowed is another,
    /// or cookies went along and the answer is not for calls with credentials (Fetch standard, CORS check).
    pub unreadable: bool,
    /// A browser navigation (HAR document, `Sec-Fetch-Mode: navigate`).
    pub navigation: bool,
    /// A script's call (XHR, fetch, `Sec-Fetch-Mode: cors`).
    pub script: bool,
    /// A browser sent it.
    pub browser: bool,
    /// `Accept` asks for JSON.
    pub wants_json: bool,
    /// An image, script, style, font.
    pub asset: bool,
    /// A preflight.
    pub preflight: bool,
    /// A proxy in front says that the client came over TLS (`X-Forwarded-Proto: https` and its kin).
    pub behind_tls: bool,
    /// The Referer, of another origin, holds a token, a code or a password.
    pub secret_referer: bool,
    /// The request body could have been recorded.
    pub sees_body: bool,
    /// The answer's headers could have been recorded.
    pub sees_response: bool,
    /// The answer's body could have been recorded.
    pub sees_answer: bool,
}

/// A header field, or a line of the typed command, as captured.
#[derive(Clone, Debug)]
pub struct Line {
    /// The name in lower case.
    pub name: StrId,
    /// The name as written.
    pub spelled: Box<str>,
    /// The value, decoded. Private: it may hold secrets.
    value: Box<[u8]>,
    /// Where the value stands.
    pub at: Span,
    /// Decoded offset -> input offset is the identity plus `at.start`, unless the value was escaped.
    pub exact: bool,
    /// The secrets in the value.
    pub marks: Vec<Mark>,
}

impl Line {
    /// A line; readers of `value` see it through [`Line::bytes`].
    pub fn new(name: StrId, spelled: &str, value: &[u8], at: Span, exact: bool) -> Self {
        Self { name, spelled: spelled.into(), value: value.into(), at, exact, marks: Vec::new() }
    }

    /// The value, for judging; what is printed comes from `mask`.
    pub fn bytes(&self) -> &[u8] {
        &self.value
    }

    /// The value as text, for judging.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        crate::http::lossy(&self.value)
    }
}

impl Default for Line {
    fn default() -> Self {
        Self::new(StrId(0), "", b"", Span::default(), true)
    }
}

/// A secret within a captured value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its bytes in the decoded value.
    pub range: Range<usize>,
    /// Which secret.
    pub value: ValueId,
    /// What it is here.
    pub kind: Kind,
}
