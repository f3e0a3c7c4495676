//! One line of a log, understood: what every grammar fills and what becomes an exchange.

use std::borrow::Cow;
use std::sync::Arc;

use super::keys::{Meaning, Unit, verdict};
use super::values::{address, any_time, nothing, request_line, status};
use crate::format::Sink;
use crate::http::{Body, Exchange, Header, Headers, Origin, Request, Response, Seen, Side, Span, Text, Time, Why};

/// One line of a log, as far as it was understood.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry<'l> {
    pub(crate) at: Span,
    pub(crate) client: Text<'l>,
    pub(crate) method: Text<'l>,
    pub(crate) target: Text<'l>,
    pub(crate) query: Text<'l>,
    pub(crate) version: Text<'l>,
    pub(crate) host: Text<'l>,
    pub(crate) scheme: Option<&'static str>,
    pub(crate) status: Option<u16>,
    pub(crate) status_at: Span,
    /// Why, in the words of the log: a flag, a sub-status.
    pub(crate) reason: Text<'l>,
    pub(crate) time: Option<Time>,
    /// `time` is when the answer was done, not when the request came.
    pub(crate) time_is_end: bool,
    pub(crate) duration: Option<i64>,
    pub(crate) request: Fields<'l>,
    pub(crate) response: Fields<'l>,
    pub(crate) body: Option<Text<'l>>,
    pub(crate) join: Text<'l>,
    pub(crate) side: Side,
    pub(crate) failure: Option<Text<'l>>,
    /// A request or a method was named, be it empty.
    pub(crate) has_request: bool,
}

/// The headers that a line shows, and those it would have shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields<'l> {
    pub(crate) list: Vec<Header<'l>>,
    pub(crate) names: Vec<Cow<'static, str>>,
    /// The line shows every header.
    pub(crate) all: bool,
}

impl<'l> Fields<'l> {
    /// A header that the format has a place for.
    pub(crate) fn add(&mut self, name: Cow<'static, str>, value: Text<'l>) {
        if !nothing(value.raw()) {
            self.show(name.clone(), value);
        }
        if !self.all && !self.names.contains(&name) {
            self.names.push(name);
        }
    }

    /// A header that is there, whatever its value.
    pub(crate) fn show(&mut self, name: Cow<'static, str>, value: Text<'l>) {
        let at = Span::at(value.at().start, 0);
        let name = match name {
            Cow::Borrowed(n) => Text::made(n.as_bytes(), at),
            Cow::Owned(n) => Text::made(n.into_bytes(), at),
        };
        self.list.push(Header { name, value });
    }

    fn value(&self, name: &str) -> &[u8] {
        let same = |h: &&Header<'l>| h.name.raw().eq_ignore_ascii_case(name.as_bytes());
        self.list.iter().find(same).map_or(&[], |h| h.value.raw())
    }
}

/// What HAProxy writes for a request that it could not read.
const BAD: &[u8] = b"<BADREQ>";

impl<'l> Entry<'l> {
    /// Takes a value by what it means.
    pub(crate) fn put(&mut self, meaning: Meaning, value: Text<'l>) {
        match meaning {
            Meaning::Request(name) => self.request.add(name, value),
            Meaning::Auth if verdict(value.raw()) => {}
            Meaning::Auth => self.request.add("authorization".into(), value),
            Meaning::Response(name) => self.response.add(name, value),
            Meaning::Status => self.put_status(&value),
            Meaning::Time if self.time.is_none() => self.time = any_time(value.raw()),
            Meaning::Duration(unit) => self.duration = self.duration.or_else(|| duration(value.raw(), unit)),
            Meaning::Scheme => self.scheme = self.scheme.or_else(|| scheme(value.raw())),
            Meaning::View => self.side = side(value.raw()).unwrap_or(self.side),
            Meaning::Method => {
                if value.raw() == BAD {
                    self.has_request = true;
                    return;
                }
                // `create`, `Login`: another kind of log.
                if value.raw().iter().any(|b| !b.is_ascii_uppercase() && !matches!(b, b'-' | b'_')) {
                    return;
                }
                self.has_request = true;
                if !nothing(value.raw()) {
                    self.method = value;
                }
            }
            Meaning::Target => {
                // `uri` beside `url`: the longer one has the query or the host.
                if !nothing(value.raw()) && value.raw() != BAD && value.raw().len() > self.target.raw().len() {
                    self.target = value;
                }
            }
            _ if nothing(value.raw()) => {}
            Meaning::Host => fill(&mut self.host, value),
            Meaning::Version => match scheme(value.raw()) {
                Some(s) => self.scheme = self.scheme.or(Some(s)),
                None => fill(&mut self.version, value),
            },
            Meaning::Query => fill(&mut self.query, value),
            Meaning::Client if side(value.raw()).is_some() => self.side = side(value.raw()).unwrap_or(self.side),
            Meaning::Client => fill(&mut self.client, without_port(value)),
            Meaning::Join => fill(&mut self.join, value),
            Meaning::Body => self.body = Some(value),
            Meaning::RequestLine | Meaning::Time | Meaning::Nothing => {}
        }
    }

    /// Takes a request field: method, target and version, or whatever a client sent instead.
    pub(crate) fn put_request(&mut self, field: &'l [u8], text: impl Fn(&'l [u8]) -> Text<'l>) {
        self.has_request = true;
        if nothing(field) || field == BAD {
            return;
        }
        let Some((method, target, version)) = request_line(field) else {
            self.target = text(field);
            return;
        };
        if method != b"-" {
            self.method = text(method);
        }
        self.target = text(target);
        self.version = text(version);
    }

    fn put_status(&mut self, value: &Text<'l>) {
        if self.status.is_none()
            && let Some(n) = status(value.raw())
        {
            self.status = Some(n);
            self.status_at = value.at();
        }
    }

    /// Whether this is a request that was answered.
    pub(crate) fn complete(&self) -> bool {
        self.status.is_some() && self.has_request
    }

    /// The URL: absolute if the log says so, `//host/path` if only the scheme is unknown, else the target.
    fn url(&mut self) -> Text<'l> {
        let query = std::mem::take(&mut self.query);
        let mut target = std::mem::take(&mut self.target);
        if !query.is_empty() && !target.raw().contains(&b'?') {
            let query_text = query.decoded();
            let mut whole = target.decoded().into_owned();
            if !query_text.starts_with(b"?") {
                whole.push(b'?');
            }
            whole.extend_from_slice(&query_text);
            target = Text::made(whole, target.at().join(query.at()));
        }
        let path = target.raw().first() == Some(&b'/') || target.raw() == b"*";
        if self.host.is_empty() || !path {
            return target;
        }
        let mut scheme = self.scheme;
        let host = self.host.decoded();
        if scheme.is_none() && host.ends_with(b":443") {
            scheme = Some("https");
        }
        let mut whole = Vec::with_capacity(8 + host.len() + target.raw().len());
        if let Some(s) = scheme {
            whole.extend_from_slice(s.as_bytes());
            whole.push(b':');
        }
        whole.extend_from_slice(b"//");
        whole.extend_from_slice(&host);
        if target.raw() != b"*" {
            whole.extend_from_slice(&target.decoded());
        }
        Text::made(whole, target.at())
    }

    /// What tells the clients of a log apart. Not the user: it changes when a challenge is answered.
    fn actor(&self, buffer: &mut Vec<u8>) {
        buffer.clear();
        buffer.extend_from_slice(self.client.raw());
        for part in [self.request.value("user-agent"), self.request.value("x-forwarded-for")] {
            buffer.push(b' ');
            buffer.extend_from_slice(part);
        }
        buffer.truncate(buffer.trim_ascii_end().len());
    }
}

/// An address that a port follows, without it.
fn without_port(value: Text<'_>) -> Text<'_> {
    let short = address(value.raw()).filter(|a| a.len() < value.raw().len()).map(<[u8]>::to_vec);
    match short {
        Some(short) => Text::made(short, value.at()),
        None => value,
    }
}

fn fill<'l>(place: &mut Text<'l>, value: Text<'l>) {
    if place.is_empty() {
        *place = value;
    }
}

fn scheme(value: &[u8]) -> Option<&'static str> {
    match value {
        b"https" | b"wss" => Some("https"),
        b"http" | b"ws" => Some("http"),
        _ => None,
    }
}

/// Which side a marker word names (`upstream`, `[edge]`, `backend:`).
pub(crate) fn side(word: &[u8]) -> Option<Side> {
    match word.strip_suffix(b":").unwrap_or(word) {
        b"upstream" | b"backend" | b"origin" | b"app" | b"application" | b"internal" => Some(Side::Upstream),
        b"edge" | b"frontend" | b"proxy" | b"gateway" | b"lb" | b"ingress" | b"external" => Some(Side::Server),
        _ => None,
    }
}

/// Microseconds of `0.001`, `3ms`, `12`, by the unit it names or else by `unit`.
pub(crate) fn duration(value: &[u8], unit: Unit) -> Option<i64> {
    let text = std::str::from_utf8(value).ok()?.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at_checked(end)?;
    let n: f64 = number.parse().ok()?;
    let micros = match (suffix.trim(), unit) {
        ("s", _) | ("", Unit::Seconds) => 1e6,
        ("ms", _) | ("", Unit::Millis) => 1e3,
        ("us" | "µs" | "μs", _) | ("", Unit::Micros) => 1.0,
        ("ns", _) | ("", Unit::Nanos) => 1e-3,
        ("", Unit::Guess) if number.contains('.') => 1e6,
        _ => return None,
    };
    Some((n * micros) as i64)
}

/// Turns entries into exchanges; keeps what consecutive lines have in common.
#[derive(Debug, Default)]
pub(crate) struct Emitter {
    request: Known,
    response: Known,
    actor: Vec<u8>,
}

/// The list of names that the last line had.
#[derive(Debug, Default)]
struct Known(Option<Arc<[Box<str>]>>);

impl Known {
    fn seen(&mut self, fields: &Fields<'_>) -> Seen {
        if fields.all {
            return Seen::All;
        }
        if fields.names.is_empty() {
            return Seen::None(Why::NotRecorded);
        }
        if let Some(known) = &self.0
            && known.iter().map(|n| &**n).eq(fields.names.iter().map(|n| &**n))
        {
            return Seen::Listed(known.clone());
        }
        let list: Arc<[Box<str>]> = fields.names.iter().map(|n| Box::from(&**n)).collect();
        self.0 = Some(list.clone());
        Seen::Listed(list)
    }
}

impl Emitter {
    /// Pushes the exchange of a complete entry.
    pub(crate) fn emit(&mut self, mut entry: Entry<'_>, sink: &mut dyn Sink) {
        entry.actor(&mut self.actor);
        let actor = Text::made(&self.actor[..], entry.client.at());
        let url = entry.url();
        let started = match (entry.time, entry.duration) {
            (Some(end), Some(d)) if entry.time_is_end => Some(end.plus(-d)),
            (time, _) => time,
        };
        let request_seen = self.request.seen(&entry.request);
        let response_seen = self.response.seen(&entry.response);
        let body = match entry.body {
            Some(text) => Body::Text { text, source: Origin::Parsed },
            None => Body::NotObserved(Why::NotRecorded),
        };
        let request = Request {
            method: entry.method,
            url,
            version: entry.version,
            headers: Headers { list: entry.request.list, odd: Vec::new(), seen: request_seen },
            body,
            started,
            duration: entry.duration,
            typed: None,
        };
        let response = Response {
            status: entry.status,
            status_at: entry.status_at,
            reason: entry.reason,
            headers: Headers { list: entry.response.list, odd: Vec::new(), seen: response_seen },
            ..Response::default()
        };
        sink.exchange(Exchange {
            at: entry.at,
            request,
            response: Some(response),
            failure: entry.failure,
            status_seen: true,
            side: if entry.side == Side::Upstream { Side::Upstream } else { Side::Server },
            actor,
            join: (!entry.join.is_empty()).then(|| joined(entry.join)),
            ..Exchange::default()
        });
    }
}

/// The id of a `traceparent`, which is the same on both sides, without the span, which is not.
fn joined(id: Text<'_>) -> Text<'_> {
    let mut parts = id.raw().split(|b| *b == b'-');
    let trace = match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some([_, _]), Some(t), Some(s), Some(_)) if t.len() == 32 && s.len() == 16 => t.to_vec(),
        _ => return id,
    };
    Text::made(trace, id.at())
}
