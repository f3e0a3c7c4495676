//! One record: what its tags set and unset, and the exchange that it becomes.

use crate::format::Sink;
use crate::format::access_log::values::any_time;
use crate::http::{Body, Exchange, Header, Headers, Origin, Request, Response, Seen, Side, Span, Text, Why, has_room};

/// Whose view a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Of the client's request.
    Request,
    /// Of the request to the backend.
    Backend,
}

/// A record that is being read.
pub(super) struct Record {
    kind: Kind,
    /// The id that both views share: the client request's.
    id: Text<'static>,
    at: Span,
    exchange: Exchange<'static>,
    response: Response<'static>,
    answered: bool,
    /// VCL was called: what follows is not what the client sent.
    called: bool,
}

impl Record {
    pub(super) fn new(kind: Kind, id: &[u8], at: Span) -> Self {
        let headers = Headers { list: Vec::new(), odd: Vec::new(), seen: Seen::All };
        Self {
            kind,
            id: Text::made([b"vxid-", id].concat(), at),
            at,
            exchange: Exchange { request: Request { headers, ..Request::default() }, ..Exchange::default() },
            response: Response::default(),
            answered: false,
            called: false,
        }
    }

    /// Takes one tag.
    pub(super) fn tag(&mut self, name: &[u8], value: Text<'_>, line: Span) {
        self.at = self.at.join(line);
        if self.kind == Kind::Request && name == b"VCL_call" {
            self.called = true;
        }
        match name {
            b"Begin" if self.kind == Kind::Backend => {
                // `bereq 32770 pass`
                if let Some(parent) = word(&value, 1) {
                    self.id = Text::made([b"vxid-", &*parent].concat(), value.at());
                }
            }
            b"Timestamp" => self.time(&value),
            b"ReqStart" => self.exchange.actor = Text::made(word(&value, 0).unwrap_or_default(), value.at()),
            b"RespStatus" | b"BerespStatus" => {
                self.answered = true;
                self.response.status = std::str::from_utf8(value.raw()).ok().and_then(|s| s.parse().ok());
                self.response.status_at = value.at();
            }
            b"RespReason" | b"BerespReason" => self.response.reason = value.into_owned(),
            b"RespHeader" | b"BerespHeader" => set(&mut self.response.headers, &value),
            b"RespUnset" | b"BerespUnset" => unset(&mut self.response.headers, &value),
            b"FetchError" => self.exchange.failure = Some(value.into_owned()),
            // What the client sent stands before the first call.
            _ if self.called => {}
            b"ReqMethod" | b"BereqMethod" => self.exchange.request.method = value.into_owned(),
            b"ReqURL" | b"BereqURL" => self.exchange.request.url = value.into_owned(),
            b"ReqProtocol" | b"BereqProtocol" => self.exchange.request.version = value.into_owned(),
            b"ReqHeader" | b"BereqHeader" => set(&mut self.exchange.request.headers, &value),
            b"ReqUnset" | b"BereqUnset" => unset(&mut self.exchange.request.headers, &value),
            _ => {}
        }
    }

    /// `Start: 1795252328.288083 0.000000 0.000000`: the time, since the start, since the last.
    fn time(&mut self, value: &Text<'_>) {
        let (Some(name), Some(time)) = (word(value, 0), word(value, 1)) else { return };
        let Some(time) = any_time(&time) else { return };
        match &*name {
            b"Start:" => self.exchange.request.started = Some(time),
            b"Resp:" | b"BerespBody:" | b"Beresp:" | b"Error:" => {
                self.exchange.request.duration = self.exchange.request.started.map(|s| (time - s).max(0));
            }
            _ => {}
        }
    }

    /// Pushes the exchange, if the record shows a request.
    pub(super) fn emit(self, sink: &mut dyn Sink) {
        let Self { kind, id, at, mut exchange, response, answered, .. } = self;
        if exchange.request.method.is_empty() {
            return;
        }
        let request = &mut exchange.request;
        let host = request.headers.get("host").present().map(|h| h.value.lossy().into_owned()).unwrap_or_default();
        if request.url.raw().starts_with(b"/") && !host.is_empty() {
            request.url = Text::made([b"//", host.as_bytes(), request.url.raw()].concat(), request.url.at());
        }
        let carries = request.headers.get("content-length").present().is_some_and(|h| h.value.raw() != b"0")
            || request.headers.get("transfer-encoding").present().is_some();
        request.body = if carries { Body::NotObserved(Why::NotRecorded) } else { Body::Absent };
        exchange.at = at;
        exchange.response = answered.then_some(response);
        exchange.status_seen = true;
        exchange.origin = Origin::Parsed;
        exchange.side = if kind == Kind::Request { Side::Server } else { Side::Upstream };
        exchange.join = Some(id);
        sink.exchange(exchange);
    }
}

fn word(value: &Text<'_>, n: usize) -> Option<Vec<u8>> {
    value.raw().split(|b| *b == b' ').filter(|w| !w.is_empty()).nth(n).map(<[u8]>::to_vec)
}

fn parts(value: &Text<'_>) -> Option<Header<'static>> {
    let raw = value.raw();
    let colon = memchr::memchr(b':', raw).filter(|c| *c > 0)?;
    let (name, rest) = raw.split_at_checked(colon)?;
    let rest = rest.get(1..)?;
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let start = value.at().start;
    let from = start + (raw.len() - rest.len()) as u64;
    Some(Header { name: Text::plain(name, start).into_owned(), value: Text::plain(rest, from).into_owned() })
}

fn set(headers: &mut Headers<'static>, value: &Text<'_>) {
    match parts(value) {
        Some(header) if has_room(&headers.list) => headers.list.push(header),
        None if has_room(&headers.odd) => headers.odd.push(value.clone().into_owned()),
        _ => {}
    }
}

/// Removes one field with this name and value: one that was changed is set again.
fn unset(headers: &mut Headers<'static>, value: &Text<'_>) {
    let Some(gone) = parts(value) else { return };
    let same = |h: &Header<'_>| h.name.raw().eq_ignore_ascii_case(gone.name.raw()) && h.value.raw() == gone.value.raw();
    if let Some(at) = headers.list.iter().position(same) {
        headers.list.remove(at);
    }
}
