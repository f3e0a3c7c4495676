//! What is kept of an exchange that can matter.

use std::ops::Range;

use super::record::{Line, Media};
use super::strings::{Kind, ValueId};
use crate::http::{Observed, Span, Why};

/// A field of a body (JSON, form) or of the query.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// `headers.Authorization`, `client_id`; array positions as numbers.
    pub path: Box<str>,
    /// The value and its place. For JSON strings it is unescaped, other values are as written.
    pub line: Line,
    /// Where the value stands in the decoded body or query.
    pub range: Range<usize>,
    /// What kind of JSON value it is; form fields are strings.
    pub sort: Sort,
}

/// The sort of a field's value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// Text.
    #[default]
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`.
    Null,
    /// An object or array (its members are fields of their own).
    Container,
}

impl Field {
    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('.').next().unwrap_or(&self.path)
    }

    /// The value, for judging.
    pub fn bytes(&self) -> &[u8] {
        self.line.bytes()
    }

    /// The value as text, for judging.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        self.line.text()
    }

    /// Null, false, or nothing but blanks.
    pub fn is_blank(&self) -> bool {
        self.sort == Sort::Null || self.sort == Sort::String && self.bytes().iter().all(u8::is_ascii_whitespace)
    }
}

/// A body that was looked at.
#[derive(Clone, Debug, Default)]
pub struct BodyFact {
    /// What it is made of, by its bytes first and its type second.
    pub media: Media,
    /// The type that its header states (lower case, without parameters).
    pub declared: Option<Box<str>>,
    /// Its length in bytes as far as known.
    pub len: u64,
    /// Its first bytes, with the secrets marked. Its name and spelling are empty.
    pub head: Line,
    /// Its fields, in order, at most 400.
    pub fields: Vec<Field>,
    /// Title of an HTML page.
    pub title: Option<Box<str>>,
    /// An HTML page with a password field.
    pub login_page: bool,
    /// From a command line, before the shell expanded it.
    pub typed: bool,
    /// SHA-256 of the whole body in hex, where a signed hash can be compared with it.
    pub sha256: Option<Box<str>>,
    /// The change under which the body has the hash that was signed, in words.
    pub signed_as: Option<&'static str>,
}

impl BodyFact {
    /// The field at this path, compared without case.
    pub fn field(&self, path: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.path.eq_ignore_ascii_case(path))
    }
}

/// A token that an answer hands out.
#[derive(Clone, Debug)]
pub struct Issue {
    /// The value.
    pub value: ValueId,
    /// What it is, by its key.
    pub kind: Kind,
    /// The key, header or cookie name (lower case, as found).
    pub key: Box<str>,
    /// Where it stands.
    pub from: IssuePlace,
    /// Only a token if the exchange is a login, or the value is used later (`token`, `sessionid`, `apikey`).
    pub weak: bool,
}

/// Where an answer hands out a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IssuePlace {
    /// A body field.
    Body,
    /// A response header.
    Header,
    /// A Set-Cookie.
    Cookie,
    /// The query or fragment of a Location.
    Location,
}

/// A typed command.
#[derive(Clone, Debug, Default)]
pub struct TypedFact {
    /// The whole command.
    pub at: Span,
    /// `curl`, `http`, ...
    pub program: Box<str>,
    /// The `-H` arguments as typed.
    pub headers: Vec<Line>,
    /// Options without their values.
    pub flags: Vec<Box<str>>,
    /// The name of the pair that an `&` outside of quotes took away, with everything behind it.
    pub lost: Option<Box<str>>,
}

/// What is kept of an exchange that can matter.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// The URL as captured, with its secrets marked (its name and spelling are empty).
    pub url: Line,
    /// The query pairs, in order, duplicates and empties kept.
    pub query: Vec<Field>,
    /// The pairs in the fragment, if the capture shows one.
    pub fragment: Vec<Field>,
    /// All request headers, in order.
    pub request: Vec<Line>,
    /// Lines of the request head that are no `name: value`.
    pub odd: Vec<Line>,
    /// Which request headers were recordable: `None` = all.
    pub request_seen: HeadSeen,
    /// The request body.
    pub body: Option<Box<BodyFact>>,
    /// How the request body is lacking, if it is.
    pub body_lack: Option<Observed<()>>,
    /// All response headers, in order.
    pub response: Vec<Line>,
    /// Which response headers were recordable.
    pub response_seen: HeadSeen,
    /// The response body.
    pub answer: Option<Box<BodyFact>>,
    /// How the response body is lacking, if it is.
    pub answer_lack: Option<Observed<()>>,
    /// Where the status stands.
    pub status_at: Span,
    /// The reason phrase.
    pub reason: Box<str>,
    /// A failure that is no HTTP answer.
    pub failure: Option<Box<Line>>,
    /// The typed command.
    pub typed: Option<Box<TypedFact>>,
    /// What the answer hands out.
    pub issues: Vec<Issue>,
    /// Hits of the message table in the answer's body and challenges.
    pub hits: Vec<crate::provider::Hit>,
    /// Line and column of the exchange, and its line breaks.
    pub lines: Lines,
    /// Every secret in it, those in texts of bodies included.
    pub secrets: Box<[ValueId]>,
    /// Its bytes, while it may have to be read again; see [`super::park`].
    pub(super) raw: Box<[u8]>,
}

impl Detail {
    /// Gives back what its lists hold ready for more, for one that is kept among many.
    pub(super) fn shrink(&mut self) {
        for lines in [&mut self.request, &mut self.odd, &mut self.response] {
            lines.shrink_to_fit();
        }
        self.query.shrink_to_fit();
        self.fragment.shrink_to_fit();
        for body in self.body.iter_mut().chain(&mut self.answer) {
            body.fields.shrink_to_fit();
        }
        self.issues.shrink_to_fit();
        self.hits.shrink_to_fit();
    }
}

/// Which header fields of a head were recordable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum HeadSeen {
    /// All.
    #[default]
    All,
    /// Only these names.
    Only(Vec<Box<str>>),
    /// None.
    None(Option<Why>),
}

/// How to turn an offset of an exchange into line and column.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// Lines before the exchange.
    pub line: u64,
    /// Characters before it on its first line.
    pub column: u64,
    /// Offsets of its line breaks, relative to its start.
    pub breaks: Box<[u32]>,
    /// Offsets of UTF-8 continuation bytes, relative to its start (the first 4,096).
    pub inner: Box<[u32]>,
}

impl Lines {
    /// Line and column, both from 1, of an offset `at` of an exchange that begins at `start`.
    pub fn locate(&self, start: u64, at: u64) -> (u64, u64) {
        let rel = u32::try_from(at.saturating_sub(start)).unwrap_or(u32::MAX);
        let before = self.breaks.partition_point(|b| *b < rel);
        let (from, base) = match before.checked_sub(1).and_then(|i| self.breaks.get(i)) {
            Some(b) => (b + 1, 0),
            None => (0, self.column),
        };
        let inner = self.inner.partition_point(|b| *b < rel) - self.inner.partition_point(|b| *b < from);
        let chars = u64::from(rel.saturating_sub(from)).saturating_sub(inner as u64);
        (self.line + before as u64 + 1, base + chars + 1)
    }
}
