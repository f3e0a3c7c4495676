//! One packet: its fields by name, whatever their nesting and spelling.

use crate::format::access_log::values::any_time;
use crate::format::json::cursor::{Cursor, Read};
use crate::http::{
    Body, Coding, Exchange, Header, Headers, Origin, Request, Response, Seen, Side, Span, Text, Time, Why,
};

/// Deeper trees are passed over.
const DEEPEST: u8 = 24;

/// The fields of a packet that are used, by name with `_` for `.`, in their order.
#[derive(Debug)]
pub(super) struct Packet<'a> {
    pub(super) at: Span,
    fields: Vec<(String, Text<'a>)>,
    /// The columns of a table: a field without a value was not there.
    columns: Vec<Box<str>>,
}

/// Header fields that may be chosen one by one.
const NAMED: [(&str, &str); 12] = [
    ("http_authorization", "authorization"),
    ("http_proxy_authorization", "proxy-authorization"),
    ("http_cookie", "cookie"),
    ("http_host", "host"),
    ("http_user_agent", "user-agent"),
    ("http_content_type", "content-type"),
    ("http_www_authenticate", "www-authenticate"),
    ("http_proxy_authenticate", "proxy-authenticate"),
    ("http_set_cookie", "set-cookie"),
    ("http_location", "location"),
    ("http_server", "server"),
    ("http_date", "date"),
];

/// Fields of HTTP/2 frames that are used.
const USED_OF_HTTP2: [&str; 8] = [
    "http2_type",
    "http2_streamid",
    "http2_length",
    "http2_flags_end_stream",
    "http2_header_count",
    "http2_header_name",
    "http2_header_value",
    "http2_data_data",
];

impl<'a> Packet<'a> {
    /// A packet of fields that are known.
    pub(super) fn of(at: Span, fields: Vec<(String, Text<'a>)>, columns: Vec<Box<str>>) -> Self {
        Self { at, fields, columns }
    }

    /// Reads a packet; `None` if the object is none.
    pub(super) fn read(bytes: &'a [u8], start: u64) -> Option<Self> {
        let mut packet = Self { at: Span::at(start, bytes.len()), fields: Vec::new(), columns: Vec::new() };
        let mut cur = Cursor::new(bytes, 0, start);
        let mut layers = false;
        packet.outside(&mut cur, &mut layers).ok()?;
        layers.then_some(packet)
    }

    fn outside(&mut self, cur: &mut Cursor<'a>, layers: &mut bool) -> Read<()> {
        cur.bump();
        while let Some(key) = cur.key()? {
            match key {
                b"_source" if cur.peek()? == b'{' => self.outside(cur, layers)?,
                b"layers" if cur.enter(b'{')? => {
                    *layers = true;
                    self.tree(cur, 0)?;
                }
                // The line before a document, for bulk imports.
                b"index" => {
                    *layers = true;
                    cur.skip()?;
                }
                b"timestamp" => {
                    if let Some(text) = cur.text()? {
                        self.fields.push(("timestamp".to_owned(), text));
                    }
                }
                _ => cur.skip()?,
            }
        }
        Ok(())
    }

    fn tree(&mut self, cur: &mut Cursor<'a>, depth: u8) -> Read<()> {
        while let Some(key) = cur.key()? {
            match cur.peek()? {
                b'{' if depth < DEEPEST => {
                    cur.bump();
                    self.tree(cur, depth + 1)?;
                }
                b'[' if depth < DEEPEST => {
                    cur.bump();
                    self.list(cur, key, depth + 1)?;
                }
                _ => self.field(cur, key)?,
            }
        }
        Ok(())
    }

    fn list(&mut self, cur: &mut Cursor<'a>, key: &[u8], depth: u8) -> Read<()> {
        while cur.element()? {
            match cur.peek()? {
                b'{' if depth < DEEPEST => {
                    cur.bump();
                    self.tree(cur, depth + 1)?;
                }
                b'[' | b'{' => cur.skip()?,
                _ => self.field(cur, key)?,
            }
        }
        Ok(())
    }

    fn field(&mut self, cur: &mut Cursor<'a>, key: &[u8]) -> Read<()> {
        let name = name(key);
        let value = cur.text()?;
        let used = name.starts_with("http_")
            || USED_OF_HTTP2.contains(&name.as_str())
            || matches!(name.as_str(), "tcp_stream" | "frame_time_epoch" | "ip_src" | "ipv6_src" | "tcp_srcport");
        if let (true, Some(value)) = (used, value) {
            self.fields.push((name, value));
        }
        Ok(())
    }

    pub(super) fn get(&self, name: &str) -> Option<&Text<'a>> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// All values of a field, in their order.
    pub(super) fn all<'s>(&'s self, name: &'static str) -> impl Iterator<Item = &'s Text<'a>> {
        self.fields.iter().filter(move |(n, _)| n == name).map(|(_, v)| v)
    }

    fn owned(&self, name: &str) -> Text<'static> {
        self.get(name).map(|t| t.clone().into_owned()).unwrap_or_default()
    }

    /// The connection.
    pub(super) fn stream(&self) -> Box<[u8]> {
        self.get("tcp_stream").map(|t| t.raw().into()).unwrap_or_default()
    }

    pub(super) fn time(&self) -> Option<Time> {
        let known = ["frame_time_epoch", "timestamp"];
        known.iter().find_map(|name| any_time(&self.get(name)?.decoded()))
    }

    /// The request that the packet holds, if any.
    pub(super) fn request(&self) -> Option<Exchange<'static>> {
        let method = self.get("http_request_method")?;
        let (headers, origin) = self.headers("http_request_line");
        let reads = matches!(method.raw(), b"GET" | b"HEAD" | b"OPTIONS" | b"DELETE");
        let body = match self.body() {
            Body::NotObserved(_) if matches!(headers.seen, Seen::All) && reads || none(&headers, 0) => Body::Absent,
            body => body,
        };
        let request = Request {
            method: method.clone().into_owned(),
            url: self.url(&["http_request_full_uri", "http_request_uri"]),
            version: self.owned("http_request_version"),
            headers,
            body,
            started: self.time(),
            ..Request::default()
        };
        Some(self.exchange(request, origin))
    }

    /// An exchange that begins with this packet.
    pub(super) fn exchange(&self, request: Request<'static>, origin: Origin) -> Exchange<'static> {
        Exchange {
            at: self.at,
            request,
            status_seen: true,
            origin,
            side: Side::Client,
            actor: self.get("ip_src").or(self.get("ipv6_src")).map(|t| t.clone().into_owned()).unwrap_or_default(),
            ..Exchange::default()
        }
    }

    fn url(&self, names: &[&str]) -> Text<'static> {
        let found = names.iter().find_map(|n| self.get(n));
        let Some(url) = found else { return Text::default() };
        let host = self.get("http_host").map(|h| h.lossy().into_owned()).unwrap_or_default();
        if url.raw().starts_with(b"/") && !host.is_empty() {
            return Text::made(format!("//{host}{}", url.lossy()).into_bytes(), url.at());
        }
        url.clone().into_owned()
    }

    /// The answer that the packet holds, and its time.
    pub(super) fn response(&self) -> Option<(Response<'static>, Option<Time>)> {
        let code = self.get("http_response_code")?;
        let status: u16 = std::str::from_utf8(code.raw()).ok()?.trim().parse().ok()?;
        if (100..200).contains(&status) && status != 101 {
            return None;
        }
        let headers = self.headers("http_response_line").0;
        let response = Response {
            status: Some(status),
            status_at: code.at(),
            reason: self.owned("http_response_phrase"),
            body: match self.body() {
                Body::NotObserved(_) if none(&headers, status) => Body::Absent,
                body => body,
            },
            headers,
        };
        Some((response, self.time()))
    }

    /// A request that was not captured, known from its answer.
    pub(super) fn unseen(&self) -> Option<Exchange<'static>> {
        let url = self.url(&["http_response_for_uri", "http_request_full_uri"]);
        if url.is_empty() {
            return None;
        }
        let request = Request { url, headers: Headers::not_observed(Why::NotRecorded), ..Request::default() };
        Some(Exchange { at: self.at, request, status_seen: true, ..Exchange::default() })
    }

    /// All lines of the head, or the fields that were chosen; of the latter, a lack means nothing.
    fn headers(&self, lines: &str) -> (Headers<'static>, Origin) {
        let mut list: Vec<Header<'static>> = Vec::new();
        for (_, line) in self.fields.iter().filter(|(n, _)| n == lines) {
            list.extend(header(line));
        }
        if !list.is_empty() {
            return (Headers { list, odd: Vec::new(), seen: Seen::All }, Origin::Wire);
        }
        for (name, value) in &self.fields {
            if let Some((_, header)) = NAMED.iter().find(|(n, _)| n == name) {
                let name = Text::made(header.as_bytes(), Span::at(value.at().start, 0));
                list.push(Header { name, value: value.clone().into_owned() });
            }
        }
        let shown = NAMED.iter().filter(|(n, _)| self.columns.iter().any(|c| &**c == *n));
        let shown: Vec<Box<str>> = shown.map(|(_, header)| Box::from(*header)).collect();
        let seen = if shown.is_empty() { Seen::None(Why::NotRecorded) } else { Seen::Listed(shown.into()) };
        (Headers { list, odd: Vec::new(), seen }, Origin::Parsed)
    }

    /// The decoded body, as `7b:22:..` or as text.
    fn body(&self) -> Body<'static> {
        let Some(data) = self.get("http_file_data").filter(|d| !d.is_empty()) else {
            return Body::NotObserved(Why::NotRecorded);
        };
        let shown = data.decoded();
        let bytes = hex(&shown).unwrap_or_else(|| shown.to_vec());
        Body::Text { text: Text::made(bytes, data.at()), source: Origin::Wire }
    }
}

/// Whether a head tells that no body follows it (RFC 9112 6.3); status 0: of a request.
fn none(headers: &Headers<'_>, status: u16) -> bool {
    let has = |name: &str| headers.get(name).present().map(|h| h.value.decoded());
    let length = match has("content-length") {
        Some(length) => length.trim_ascii() == b"0",
        None => status == 0 && has("transfer-encoding").is_none(),
    };
    matches!(headers.seen, Seen::All) && (length || matches!(status, 204 | 304))
}

/// `http.request.line` and `http_http_request_line` are the same field.
fn name(key: &[u8]) -> String {
    let mut name = String::from_utf8_lossy(key).replace('.', "_");
    if let Some((protocol, rest)) = name.split_once('_')
        && rest.strip_prefix(protocol).is_some_and(|r| r.starts_with('_'))
    {
        name = rest.to_owned();
    }
    name
}

/// `Name: value\r\n`, with its escapes.
fn header(line: &Text<'_>) -> Option<Header<'static>> {
    let bytes = line.decoded();
    let text = bytes.trim_ascii_end();
    let text = if bytes.ends_with(b" \r\n") { bytes.strip_suffix(b"\r\n").unwrap_or(text) } else { text };
    let colon = text.iter().position(|b| *b == b':').filter(|c| *c > 0)?;
    let (name, value) = text.split_at_checked(colon)?;
    let value = value.get(1..)?;
    let value = value.strip_prefix(b" ").unwrap_or(value);
    // The line end is always escaped: where the value stands can still be told if nothing before it is.
    let from = text.len() - value.len();
    let raw = line.raw();
    let exact = line.coding() == Coding::Json && raw.get(..text.len()) == Some(text);
    let at = |a: usize, b: usize| match exact {
        true => Span { start: line.at().start + a as u64, end: line.at().start + b as u64 },
        false => line.at(),
    };
    let (name_at, value_at) = (at(0, colon), at(from, text.len()));
    Some(Header { name: Text::made(name.to_vec(), name_at), value: Text::made(value.to_vec(), value_at) })
}

pub(super) fn hex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
    let pair = |p: &[u8]| match p {
        [a, b] => Some(digit(*a)? * 16 + digit(*b)?),
        _ => None,
    };
    text.split(|b| *b == b':').map(pair).collect()
}
