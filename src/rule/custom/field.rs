//! The fields that a matcher may ask for. Secrets cannot be read: their bytes are stars.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::Matcher;
use crate::facts::{self, BodyFact, Id, Kind, Line, Use};
use crate::http::Observed;
use crate::rule::Cx;
use crate::trace::{Class, Ex};

/// A field of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// `denied`
    Denied,
    /// `status`
    Status,
    /// `method`
    Method,
    /// `url.scheme`, `url.host`, `url.port`, `url.path`
    Url(UrlPart),
    /// `url.query.NAME`
    Query(String),
    /// `req.header.NAME` (lower case)
    ReqHeader(String),
    /// `res.header.NAME` (lower case)
    ResHeader(String),
    /// `req.body`, lower case
    ReqBody,
    /// `res.body`, lower case
    ResBody,
    /// `req.json./POINTER`, kept as a dotted path
    ReqJson(String),
    /// `res.json./POINTER`, kept as a dotted path
    ResJson(String),
    /// `class`: what the server's text says (rules.md 3)
    Class,
    /// `credential.*`
    Credential(Of),
    /// `credential.jwt.*`
    Jwt(Claim),
    /// `actor.logins_before` and its kin
    Before(Count),
}

/// A part of the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlPart {
    /// `http` or `https`.
    Scheme,
    /// Lower case, without port.
    Host,
    /// The scheme's default filled in.
    Port,
    /// Without query.
    Path,
}

/// A fact about the credential of a request (the first one that authenticates).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// `token`, `basic`, `api_key`, `cookie`, `signature`, `refresh`, `id_token`.
    Kind,
    /// `header:authorization`, `query:key`, `cookie:sid`.
    Place,
    /// The scheme as written.
    Scheme,
    /// The host that issued it.
    IssuerHost,
    /// Seconds since it was issued, by the server's clock.
    Age,
    /// Seconds it is to live.
    Lifetime,
    /// Whether an earlier exchange carried or issued it.
    SeenBefore,
}

/// A claim of a JWT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Issuer.
    Iss,
    /// Audiences.
    Aud,
    /// Expiry, seconds since 1970.
    Exp,
    /// Scopes.
    Scp,
}

/// What is counted of an actor before an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Successful logins and token calls.
    Logins,
    /// Successful refreshes.
    Refreshes,
    /// Successful logouts.
    Logouts,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'v> {
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(Cow<'v, str>),
}

impl Value<'_> {
    /// The value as text.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Bool(b) => Cow::Borrowed(if *b { "true" } else { "false" }),
            Self::Number(n) => Cow::Owned(n.to_string()),
            Self::Text(t) => Cow::Borrowed(t),
        }
    }

    /// The value as number.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(n) => Some(*n),
            Self::Text(t) => t.trim().parse().ok(),
            Self::Bool(_) => None,
        }
    }

    /// Nothing but blanks.
    pub fn blank(&self) -> bool {
        matches!(self, Self::Text(t) if t.trim().is_empty())
    }

    /// Equal as number where either is one, else as text.
    pub fn same(&self, other: &Value<'_>) -> bool {
        match (self, other) {
            (Value::Number(a), b) | (b, Value::Number(a)) => b.number() == Some(*a),
            (a, b) => a.text() == b.text(),
        }
    }
}

/// What an exchange holds of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Got<'v> {
    /// All its values; none: it is absent.
    Values(Vec<Value<'v>>),
    /// A log writes one mark for both.
    AbsentOrEmpty,
    /// It was not recorded.
    NotObserved,
}

impl<'v> Got<'v> {
    fn one(value: Option<Value<'v>>) -> Self {
        Self::Values(value.into_iter().collect())
    }

    fn known(value: Option<Value<'v>>) -> Self {
        value.map_or(Self::NotObserved, |v| Self::Values(vec![v]))
    }

    fn text(value: impl Into<Cow<'v, str>>) -> Self {
        Self::Values(vec![Value::Text(value.into())])
    }
}

/// Logins, refreshes and logouts of an actor before an exchange, counted once.
#[derive(Debug, Default)]
pub struct Counts(FxHashMap<Id, [u32; 3]>);

impl Counts {
    /// Counts, if the matcher asks for it.
    pub fn of(cx: &Cx<'_>, matcher: &Matcher) -> Self {
        if !matcher.asks(&|f| matches!(f, Field::Before(_))) {
            return Self::default();
        }
        let mut now: FxHashMap<facts::StrId, [u32; 3]> = FxHashMap::default();
        let mut out = FxHashMap::default();
        for ex in cx.all() {
            let so_far = now.entry(ex.actor()).or_default();
            out.insert(ex.id(), *so_far);
            let slot = match ex.class() {
                Class::Login | Class::Token => 0,
                Class::Refresh => 1,
                Class::Logout => 2,
                _ => continue,
            };
            if let Some(n) = so_far.get_mut(slot).filter(|_| ex.accepted()) {
                *n += 1;
            }
        }
        Self(out)
    }
}

impl Field {
    /// Its value in an exchange.
    pub fn get<'t>(&self, cx: &Cx<'t>, ex: Ex<'t>, counts: &Counts) -> Got<'t> {
        match self {
            Self::Denied => Got::Values(vec![Value::Bool(ex.denied())]),
            Self::Status => Got::known(Some(ex.status()).filter(|s| *s > 0).map(|s| Value::Number(f64::from(s)))),
            Self::Method => Got::text(ex.method()),
            Self::Url(part) => url(ex, *part),
            Self::Query(name) => query(ex, name),
            Self::ReqHeader(name) => header(cx, ex.req(name), ex.detail().map_or(&[], |d| &d.request)),
            Self::ResHeader(name) => header(cx, ex.res(name), ex.detail().map_or(&[], |d| &d.response)),
            Self::ReqBody => body(ex.body(), ex.fact().flags.sees_body),
            Self::ResBody => body(ex.answer(), ex.fact().flags.sees_answer),
            Self::ReqJson(path) => json(ex.body(), ex.fact().flags.sees_body, path),
            Self::ResJson(path) => json(ex.answer(), ex.fact().flags.sees_answer, path),
            Self::Class => {
                let said = ex.node().said.iter().filter(|s| !s.vague);
                Got::Values(said.map(|s| Value::Text(s.class.name().into())).collect())
            }
            Self::Credential(of) => credential(cx, ex, *of),
            Self::Jwt(claim) => jwt(cx, ex, *claim),
            Self::Before(count) => {
                let slot = *count as usize;
                let n = counts.0.get(&ex.id()).and_then(|c| c.get(slot)).copied().unwrap_or(0);
                Got::Values(vec![Value::Number(f64::from(n))])
            }
        }
    }
}

fn url(ex: Ex<'_>, part: UrlPart) -> Got<'_> {
    let text = match part {
        UrlPart::Scheme => ex.origin().split("://").next().filter(|s| s.len() < ex.origin().len()).unwrap_or_default(),
        UrlPart::Host => ex.host(),
        UrlPart::Port => return Got::known(ex.port().map(|p| Value::Number(f64::from(p)))),
        UrlPart::Path => ex.path(),
    };
    Got::known(Some(text).filter(|t| !t.is_empty()).map(|t| Value::Text(t.into())))
}

fn query<'t>(ex: Ex<'t>, name: &str) -> Got<'t> {
    let Some(d) = ex.detail() else { return Got::NotObserved };
    let found = d.query.iter().filter(|f| f.path.trim_start_matches('?') == name);
    Got::Values(found.map(|f| Value::Text(starred(&f.line))).collect())
}

fn header<'t>(cx: &Cx<'t>, seen: Observed<&'t Line>, lines: &'t [Line]) -> Got<'t> {
    match seen {
        Observed::Present(first) => {
            let same = lines.iter().filter(|l| cx.text(l.name) == cx.text(first.name));
            Got::Values(same.map(|l| Value::Text(starred(l))).collect())
        }
        Observed::Absent => Got::Values(Vec::new()),
        Observed::AbsentOrEmpty => Got::AbsentOrEmpty,
        Observed::NotObserved(_) => Got::NotObserved,
    }
}

fn body(body: Option<&BodyFact>, seen: bool) -> Got<'_> {
    match body {
        Some(b) => Got::text(starred(&b.head).to_lowercase()),
        None if seen => Got::Values(Vec::new()),
        None => Got::NotObserved,
    }
}

fn json<'t>(body: Option<&'t BodyFact>, seen: bool, path: &str) -> Got<'t> {
    match body {
        Some(b) => Got::one(b.field(path).map(|f| Value::Text(starred(&f.line)))),
        None if seen => Got::Values(Vec::new()),
        None => Got::NotObserved,
    }
}

/// The text of a line with a star for every byte of a secret.
fn starred(line: &Line) -> Cow<'_, str> {
    if line.marks.is_empty() {
        return line.text();
    }
    let mut bytes = line.bytes().to_vec();
    for mark in &line.marks {
        if let Some(secret) = bytes.get_mut(mark.range.clone()) {
            secret.fill(b'*');
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

fn credential<'t>(cx: &Cx<'t>, ex: Ex<'t>, of: Of) -> Got<'t> {
    let Some(used) = ex.credentials().next() else {
        return if ex.sees_credentials() { Got::Values(Vec::new()) } else { Got::NotObserved };
    };
    let life = ex.life(used);
    let trace = cx.trace;
    let issued = life.and_then(|l| l.issued_before(|id| trace.position(id), trace.position(ex.id())));
    match of {
        Of::Kind => Got::text(kind(used.kind)),
        Of::Place => Got::text(place(cx, used)),
        Of::Scheme => Got::one(Some(cx.text(used.scheme)).filter(|s| !s.is_empty()).map(|s| Value::Text(s.into()))),
        Of::IssuerHost => Got::known(issued.map(|i| Value::Text(trace.ex(i.by).host().to_owned().into()))),
        Of::Age => {
            let age = issued.and_then(|i| Some((ex.server_now()? - trace.ex(i.by).server_now()?) / 1_000_000));
            Got::known(age.map(|s| Value::Number(s as f64)))
        }
        Of::Lifetime => Got::known(issued.and_then(|i| i.lifetime).map(|s| Value::Number(s as f64))),
        Of::SeenBefore => {
            let used_before = life.and_then(|l| l.uses.first()).is_some_and(|u| trace.ex(u.by).precedes(ex));
            Got::Values(vec![Value::Bool(issued.is_some() || used_before)])
        }
    }
}

fn jwt<'t>(cx: &Cx<'t>, ex: Ex<'t>, claim: Claim) -> Got<'t> {
    let found = ex.credentials().find_map(|u| cx.life(u.value)?.jwt.as_deref());
    let Some(jwt) = found else {
        return if ex.sees_credentials() { Got::Values(Vec::new()) } else { Got::NotObserved };
    };
    let texts = |list: &'t [String]| Got::Values(list.iter().map(|t| Value::Text(t.as_str().into())).collect());
    match claim {
        Claim::Iss => Got::one(jwt.iss.as_deref().map(|t| Value::Text(t.into()))),
        Claim::Aud => texts(&jwt.aud),
        Claim::Exp => Got::one(jwt.exp.map(Value::Number)),
        Claim::Scp => texts(jwt.scopes.as_deref().unwrap_or_default()),
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Basic => "basic",
        Kind::ApiKey => "api_key",
        Kind::Cookie => "cookie",
        Kind::Signature => "signature",
        Kind::Refresh => "refresh",
        Kind::IdToken => "id_token",
        Kind::Password => "password",
        _ => "token",
    }
}

fn place(cx: &Cx<'_>, used: &Use) -> String {
    match used.place {
        facts::Place::Header(n) => format!("header:{}", cx.text(n)),
        facts::Place::Query(n) => format!("query:{}", cx.text(n)),
        facts::Place::Cookie(n) => format!("cookie:{}", cx.text(n)),
        facts::Place::Field(n) => format!("body:{}", cx.text(n)),
        facts::Place::Userinfo => "userinfo".to_owned(),
        facts::Place::Path => "path".to_owned(),
    }
}
