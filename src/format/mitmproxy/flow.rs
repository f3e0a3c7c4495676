//! One flow: what the versions call its parts, and the exchange that it becomes.

use super::tnet::{Dict, Item};
use crate::format::Sink;
use crate::format::lines::offset_in;
use crate::format::message::{Raw, body_of, value};
use crate::http::{Body, Exchange, Header, Headers, Request, Response, Span, Text, Time, Why};

/// A flow of HTTP.
pub(super) struct Flow<'a> {
    payload: &'a [u8],
    start: u64,
    at: Span,
    all: Dict<'a>,
    request: Dict<'a>,
}

impl<'a> Flow<'a> {
    /// Reads the payload of a flow that begins at `start`; `None` if it shows no request.
    pub(super) fn read(payload: &'a [u8], start: u64, at: Span) -> Option<Self> {
        let all = Dict::of(payload);
        if all.bytes("type").is_some_and(|t| t != b"http") {
            return None;
        }
        let request = all.dict("request")?;
        // The request may be cut away.
        request.bytes("method")?;
        Some(Self { payload, start, at, all, request })
    }

    /// The version of the program, or of the file format where that has replaced it.
    pub(super) fn version(&self) -> String {
        let Some(version) = self.all.get("version") else { return String::new() };
        if version.kind == b'#' {
            return String::new();
        }
        let parts: Vec<String> =
            version.list().iter().map(|p| String::from_utf8_lossy(p.payload).into_owned()).collect();
        parts.join(".")
    }

    fn text(&self, part: &'a [u8]) -> Text<'a> {
        Text::plain(part, self.place(part))
    }

    fn place(&self, part: &[u8]) -> u64 {
        self.start + offset_in(self.payload, part) as u64
    }

    /// Pushes the exchange.
    pub(super) fn emit(&self, sink: &mut dyn Sink) {
        let request = &self.request;
        let began = request.micros("timestamp_start");
        let response = self.all.dict("response").filter(|r| status(r).is_some());
        let ended = response.as_ref().and_then(|r| r.micros("timestamp_end"));
        let headers = self.headers(request);
        let body = self.body(request, &headers);
        let exchange = Exchange {
            at: self.at,
            request: Request {
                method: self.text(request.bytes("method").unwrap_or_default()),
                url: self.url(&headers),
                version: self.version_of(request),
                body,
                headers,
                started: began.map(Time),
                duration: began.and_then(|b| Some((ended? - b).max(0))),
                typed: None,
            },
            response: response.as_ref().map(|r| self.response(r)),
            failure: self.failure(),
            status_seen: true,
            actor: self.client(),
            ..Exchange::default()
        };
        sink.exchange(exchange);
    }

    fn response(&self, response: &Dict<'a>) -> Response<'a> {
        let headers = self.headers(response);
        let (code, number) = status(response).unwrap_or_default();
        let reason = response.bytes("reason").or_else(|| response.bytes("msg")).unwrap_or_default();
        Response {
            status: Some(number),
            status_at: Span::at(self.place(code), code.len()),
            reason: self.text(reason),
            body: self.body(response, &headers),
            headers,
        }
    }

    fn failure(&self) -> Option<Text<'a>> {
        let error = self.all.dict("error")?;
        error.bytes("msg").map(|m| self.text(m))
    }

    fn version_of(&self, message: &Dict<'a>) -> Text<'a> {
        if let Some(version) = message.bytes("http_version") {
            return self.text(version);
        }
        let Some(version) = message.get("httpversion") else { return Text::default() };
        let numbers: Vec<String> =
            version.list().iter().map(|p| String::from_utf8_lossy(p.payload).into_owned()).collect();
        let at = Span::at(self.place(version.payload), version.payload.len());
        Text::made(format!("HTTP/{}", numbers.join(".")).into_bytes(), at)
    }

    /// Header fields; the pseudo fields of HTTP/2 are none.
    fn headers(&self, message: &Dict<'a>) -> Headers<'a> {
        let Some(list) = message.get("headers") else { return Headers::not_observed(Why::Truncated) };
        let mut headers = Headers::default();
        for pair in list.list() {
            let pair = pair.list();
            let (Some(name), Some(value)) = (pair.first().and_then(|i| i.bytes()), pair.get(1)) else { continue };
            if !name.starts_with(b":") && (value.bytes().is_some() || value.kind == 0) {
                headers.list.push(Header { name: self.text(name), value: self.text(value.payload) });
            }
        }
        if list.kind == 0 {
            headers.seen = crate::http::Seen::None(Why::Truncated);
        }
        headers
    }

    fn body(&self, message: &Dict<'a>, headers: &Headers<'_>) -> Body<'a> {
        let Some(content) = message.get("content") else { return Body::NotObserved(Why::Truncated) };
        if content.is_null() {
            return Body::NotObserved(Why::NotRecorded);
        }
        if content.payload.is_empty() {
            return Body::Absent;
        }
        // Chunks were put together by the recorder, whatever the header says.
        let plain: Vec<Header<'_>> =
            headers.list.iter().filter(|h| h.name.raw().eq_ignore_ascii_case(b"content-encoding")).cloned().collect();
        body_of(&plain, Raw::plain(content.payload, self.place(content.payload)))
    }

    /// The URL as the client meant it: behind a transparent proxy, the host is an address, the name is in the head.
    fn url(&self, headers: &Headers<'_>) -> Text<'a> {
        let request = &self.request;
        let path = request.bytes("path").unwrap_or_default();
        let authority = request.bytes("authority").filter(|a| !a.is_empty());
        let host = request.bytes("host").unwrap_or_default();
        let port = request.get("port").and_then(Item::number).unwrap_or(0.0) as u64;
        if request.bytes("method") == Some(b"CONNECT") {
            let target = authority.map_or_else(|| [host, format!(":{port}").as_bytes()].concat(), <[u8]>::to_vec);
            return Text::made(target, Span::at(self.place(host), host.len()));
        }
        if memchr::memmem::find(path, b"://").is_some_and(|n| n < 8) {
            return self.text(path);
        }
        let scheme = request.bytes("scheme").unwrap_or_default();
        let default = matches!((scheme, port), (b"http", 80) | (b"https", 443) | (_, 0));
        let mut named = match host.contains(&b':') {
            true => [b"[", host, b"]"].concat(),
            false => host.to_vec(),
        };
        if !default {
            named.extend_from_slice(format!(":{port}").as_bytes());
        }
        let address = std::str::from_utf8(host).is_ok_and(|h| h.parse::<std::net::IpAddr>().is_ok());
        let header = value(&headers.list, "host").map(|h| h.trim().as_bytes().to_vec());
        if let Some(better) = authority.map(<[u8]>::to_vec).or(header).filter(|h| address && !h.is_empty()) {
            named = better;
        }
        let mut url = if scheme.is_empty() { Vec::new() } else { [scheme, b":"].concat() };
        url.extend_from_slice(b"//");
        url.extend_from_slice(&named);
        url.extend_from_slice(path);
        Text::made(url, Span::at(self.place(path), path.len()))
    }

    /// The address of the client, which each version keeps elsewhere.
    fn client(&self) -> Text<'a> {
        let inner = || self.request.dict("client_conn");
        let Some(conn) = self.all.dict("client_conn").or_else(inner) else { return Text::default() };
        let found = conn.get("peername").filter(|p| p.kind == b']').or_else(|| conn.get("address"));
        let pair = match found {
            Some(item) if item.kind == b'}' => item.dict().get("address"),
            other => other,
        };
        let host = pair.and_then(|p| p.list().first().and_then(|h| h.bytes()));
        host.filter(|h| !h.is_empty()).map(|h| self.text(h)).unwrap_or_default()
    }
}

/// The digits of a status, and the number.
fn status<'a>(response: &Dict<'a>) -> Option<(&'a [u8], u16)> {
    let item = response.get("status_code").or_else(|| response.get("code"))?;
    let number = item.number()?;
    Some((item.payload, number as u16))
}
