//! One line of a log, understood: what every grammar fills.

use std::borrow::Cow;

use super::keys::{Meaning, Unit, verdict};
use super::values::{address, any_time, nothing, request_line, status};
use crate::http::{Header, Side, Span, Text, Time};

/// One line of a log, as far as it was understood.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry<'l> {
    pub(crate) at: Span,
    /// The whole line, if it can be read by itself.
    pub(crate) line: &'l [u8],
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
    /// The program that writes such lines, where only one does.
    pub(crate) by: &'static str,
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

    /// Whether a header of this name (lower case) would be shown, or is.
    pub(crate) fn shows(&self, name: &str) -> bool {
        self.all || self.names.iter().any(|n| n == name) || !self.value(name).is_empty()
    }

    /// The value of the first header of this name.
    pub(crate) fn value(&self, name: &str) -> &[u8] {
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
