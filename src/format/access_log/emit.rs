//! An entry becomes an exchange.

use std::sync::Arc;

use super::entry::{Entry, Fields};
use crate::format::Sink;
use crate::http::{Body, Brief, Exchange, Headers, Origin, Request, Response, Seen, Side, Text, Time, Why};

impl<'l> Entry<'l> {
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
        if self.host.is_empty() && target.raw().starts_with(b"//") {
            // A doubled slash is no host: with an empty one before it, the path stays what it is.
            return Text::made([b"//", &*target.decoded()].concat(), target.at());
        }
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

    /// The line in short, if that is all it says; see [`Brief`].
    fn brief<'e>(&'e self, base: &'e mut Vec<u8>) -> Option<Brief<'e>> {
        let more = !self.response.list.is_empty()
            || self.body.is_some()
            || self.failure.is_some()
            || !self.query.is_empty()
            || self.request.all
            || self.target.raw().first() != Some(&b'/');
        if more {
            return None;
        }
        let mut headers = [&b""[..]; 4];
        for h in &self.request.list {
            let slot = match h.name.raw() {
                b"user-agent" => 0,
                b"x-forwarded-for" => 1,
                b"authorization" => 2,
                b"referer" if memchr::memchr2(b'?', b'#', h.value.raw()).is_none() => 3,
                _ => return None,
            };
            let slot = headers.get_mut(slot).filter(|s| s.is_empty())?;
            *slot = as_sent(&h.value)?;
        }
        let [agent, forwarded, authorization, referer] = headers;
        self.base(base)?;
        Some(Brief {
            at: self.at,
            line: self.line,
            client: as_sent(&self.client)?,
            agent,
            referer,
            forwarded,
            method: as_sent(&self.method)?,
            base,
            target: as_sent(&self.target)?,
            status: self.status?,
            started: self.started(),
            duration: self.duration.unwrap_or(0).max(0),
            authorization: (!authorization.is_empty()).then_some(authorization),
            join: trace_id(as_sent(&self.join)?),
            side: self.seen_from(),
            sees_authorization: self.request.shows("authorization"),
            sees_cookie: self.request.shows("cookie"),
            sees_response: self.response.all || !self.response.names.is_empty(),
            sees_set_cookie: self.response.shows("set-cookie"),
        })
    }

    /// What [`url`](Self::url) puts before a path.
    fn base(&self, base: &mut Vec<u8>) -> Option<()> {
        base.clear();
        if self.host.is_empty() {
            return (!self.target.raw().starts_with(b"//")).then_some(());
        }
        let host = as_sent(&self.host)?;
        let name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']');
        if !host.iter().all(name) {
            return None;
        }
        if let Some(s) = self.scheme.or(host.ends_with(b":443").then_some("https")) {
            base.extend_from_slice(s.as_bytes());
            base.push(b':');
        }
        base.extend_from_slice(b"//");
        base.extend_from_slice(host);
        Some(())
    }

    fn started(&self) -> Option<Time> {
        match (self.time, self.duration) {
            (Some(end), Some(d)) if self.time_is_end => Some(end.plus(-d)),
            (time, _) => time,
        }
    }

    fn seen_from(&self) -> Side {
        if self.side == Side::Upstream { Side::Upstream } else { Side::Server }
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

/// A text that needs no decoding.
fn as_sent<'t>(text: &'t Text<'_>) -> Option<&'t [u8]> {
    let raw = text.raw();
    (raw.is_ascii() && memchr::memchr(b'\\', raw).is_none()).then_some(raw)
}

/// Turns entries into exchanges; keeps what consecutive lines have in common.
#[derive(Debug, Default)]
pub(crate) struct Emitter {
    request: Known,
    response: Known,
    actor: Vec<u8>,
    base: Vec<u8>,
    /// The program was told.
    named: bool,
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
        if !entry.by.is_empty() && !std::mem::replace(&mut self.named, true) {
            sink.recorder(entry.by, "");
        }
        // Whole seconds order nothing within a second: parts of a second would only pretend to.
        let whole = |t: Time| t.0 % 1_000_000 == 0;
        if entry.time.is_some_and(whole) {
            entry.duration = entry.duration.map(|d| d / 1_000_000 * 1_000_000);
        }
        if entry.brief(&mut self.base).is_some_and(|brief| sink.brief(&brief)) {
            return;
        }
        entry.actor(&mut self.actor);
        let actor = Text::made(&self.actor[..], entry.client.at());
        let url = entry.url();
        let (started, side) = (entry.started(), entry.seen_from());
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
            side,
            actor,
            join: (!entry.join.is_empty()).then(|| joined(entry.join)),
            ..Exchange::default()
        });
    }
}

/// The id of a `traceparent`, which is the same on both sides, without the span, which is not.
fn joined(id: Text<'_>) -> Text<'_> {
    let whole = trace_id(id.raw());
    if whole.len() == id.raw().len() {
        return id;
    }
    Text::made(whole.to_vec(), id.at())
}

fn trace_id(id: &[u8]) -> &[u8] {
    let mut parts = id.split(|b| *b == b'-');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some([_, _]), Some(t), Some(s), Some(_)) if t.len() == 32 && s.len() == 16 => t,
        _ => id,
    }
}
