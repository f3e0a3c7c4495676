//! One object of the list.

use crate::format::Sink;
use crate::format::json::cursor::{Cursor, Read};
use crate::format::message::{Raw, body_of};
use crate::http::{
    Body, Coding, Exchange, Header, Headers, Origin, Request, Response, Seen, Span, Text, Time, Why, parse_iso,
};

/// The members that are used.
#[derive(Default)]
struct Members<'a> {
    status: Option<Text<'a>>,
    error: Option<Text<'a>>,
    method: Text<'a>,
    version: Text<'a>,
    scheme: Text<'a>,
    host: Text<'a>,
    port: Option<u64>,
    path: Text<'a>,
    query: Option<Text<'a>>,
    client: Text<'a>,
    tunnel: bool,
    began: Option<Time>,
    ended: Option<Time>,
    request: Option<Half<'a>>,
    response: Option<Half<'a>>,
}

/// A request or a response.
#[derive(Default)]
struct Half<'a> {
    status: Option<(u16, Span)>,
    first: Text<'a>,
    headers: Option<Vec<Header<'a>>>,
    body: Option<Body<'a>>,
    /// Bytes of the body, if the session tells.
    size: Option<f64>,
}

/// Pushes the exchange of an object; `false` if it shows none.
pub(super) fn read(bytes: &[u8], start: u64, sink: &mut dyn Sink) -> bool {
    let mut cur = Cursor::new(bytes, 0, start);
    let Ok(m) = members(&mut cur) else { return false };
    let (Some(request), false) = (m.request, m.host.is_empty() || m.method.is_empty()) else { return false };
    let url = url(&m.scheme, &m.host, m.port, &m.path, m.query.as_ref(), m.tunnel || m.method.raw() == b"CONNECT");
    let failed = m.status.as_ref().is_some_and(|s| !matches!(s.raw(), b"COMPLETE" | b"RECEIVING_RESPONSE_BODY"));
    let response = m.response.filter(|r| r.status.is_some()).map(|r| Response {
        status: r.status.map(|s| s.0),
        status_at: r.status.map(|s| s.1).unwrap_or_default(),
        reason: Text::default(),
        body: r.body(),
        headers: r.headers(),
    });
    sink.exchange(Exchange {
        at: Span::at(start, bytes.len()),
        request: Request {
            method: m.method,
            url,
            version: m.version,
            body: request.body(),
            headers: request.headers(),
            started: m.began,
            duration: m.ended.zip(m.began).map(|(e, b)| (e - b).max(0)),
            typed: None,
        },
        failure: if failed && response.is_none() { m.error.or(m.status) } else { None },
        response,
        status_seen: true,
        origin: Origin::Parsed,
        actor: m.client,
        ..Exchange::default()
    });
    true
}

fn members<'a>(cur: &mut Cursor<'a>) -> Read<Members<'a>> {
    let mut m = Members::default();
    cur.bump();
    while let Some(key) = cur.key()? {
        match key {
            b"status" => m.status = cur.text()?,
            b"errorMessage" | b"error" => m.error = cur.text()?,
            b"method" => m.method = cur.text()?.unwrap_or_default(),
            b"protocolVersion" => m.version = cur.text()?.unwrap_or_default(),
            b"scheme" => m.scheme = cur.text()?.unwrap_or_default(),
            b"host" => m.host = cur.text()?.unwrap_or_default(),
            b"port" | b"actualPort" => m.port = m.port.or(cur.number()?.map(|n| n.0 as u64)),
            b"path" => m.path = cur.text()?.unwrap_or_default(),
            b"query" => m.query = cur.text()?,
            b"clientAddress" => m.client = cur.text()?.unwrap_or_default(),
            b"tunnel" => m.tunnel = cur.truthy()?,
            b"times" => times(cur, &mut m)?,
            b"request" => m.request = half(cur)?,
            b"response" => m.response = half(cur)?,
            _ => cur.skip()?,
        }
    }
    Ok(m)
}

fn times<'a>(cur: &mut Cursor<'a>, m: &mut Members<'a>) -> Read<()> {
    if !cur.enter(b'{')? {
        return cur.skip();
    }
    while let Some(key) = cur.key()? {
        let time = |t: Option<Text<'_>>| t.and_then(|t| parse_iso(&t.lossy()));
        match key {
            b"start" => m.began = time(cur.text()?),
            b"end" => m.ended = time(cur.text()?),
            _ => cur.skip()?,
        }
    }
    Ok(())
}

fn half<'a>(cur: &mut Cursor<'a>) -> Read<Option<Half<'a>>> {
    let mut half = Half::default();
    if !cur.enter(b'{')? {
        cur.skip()?;
        return Ok(None);
    }
    while let Some(key) = cur.key()? {
        match key {
            b"status" => half.status = cur.number()?.filter(|n| n.0 >= 100.0).map(|n| (n.0 as u16, n.1)),
            b"header" => header(cur, &mut half)?,
            b"body" => half.body = body(cur)?,
            b"sizes" => {
                if !cur.enter(b'{')? {
                    cur.skip()?;
                    continue;
                }
                while let Some(key) = cur.key()? {
                    match key {
                        b"body" => half.size = cur.number()?.map(|n| n.0),
                        _ => cur.skip()?,
                    }
                }
            }
            _ => cur.skip()?,
        }
    }
    Ok(Some(half))
}

fn header<'a>(cur: &mut Cursor<'a>, half: &mut Half<'a>) -> Read<()> {
    if !cur.enter(b'{')? {
        return cur.skip();
    }
    while let Some(key) = cur.key()? {
        match key {
            b"firstLine" => half.first = cur.text()?.unwrap_or_default(),
            b"headers" if cur.enter(b'[')? => {
                let mut list = Vec::new();
                while cur.element()? {
                    if !cur.enter(b'{')? {
                        cur.skip()?;
                        continue;
                    }
                    let mut one = Header::default();
                    while let Some(key) = cur.key()? {
                        match key {
                            b"name" => one.name = cur.text()?.unwrap_or_default(),
                            b"value" => one.value = cur.text()?.unwrap_or_default(),
                            _ => cur.skip()?,
                        }
                    }
                    if !one.name.is_empty() && !one.name.raw().starts_with(b":") {
                        list.push(one);
                    }
                }
                half.headers = Some(list);
            }
            _ => cur.skip()?,
        }
    }
    Ok(())
}

/// `text`, or `encoded` in base64.
fn body<'a>(cur: &mut Cursor<'a>) -> Read<Option<Body<'a>>> {
    let mut found = None;
    if !cur.enter(b'{')? {
        cur.skip()?;
        return Ok(None);
    }
    while let Some(key) = cur.key()? {
        match key {
            b"text" => found = cur.text()?.or(found),
            b"encoded" => found = cur.text()?.map(|t| t.with_coding(Coding::JsonBase64)).or(found),
            _ => cur.skip()?,
        }
    }
    Ok(found.filter(|t| !t.is_empty()).map(|text| Body::Text { text, source: Origin::Wire }))
}

impl<'a> Half<'a> {
    fn headers(self) -> Headers<'a> {
        match self.headers {
            Some(list) => Headers { list, odd: Vec::new(), seen: Seen::All },
            None => Headers::not_observed(Why::NotRecorded),
        }
    }

    /// Encoded bodies are as on the wire.
    fn body(&self) -> Body<'a> {
        match &self.body {
            Some(Body::Text { text, .. }) if text.coding() == Coding::JsonBase64 => {
                let plain = text.decoded();
                let list = self.headers.as_deref().unwrap_or_default();
                match body_of(list, Raw::made(&plain, text.at())) {
                    Body::Text { text, source } => Body::Text { text: text.into_owned(), source },
                    Body::Absent => Body::Absent,
                    _ => Body::NotObserved(Why::NotRecorded),
                }
            }
            Some(body) => body.clone(),
            None if self.size == Some(0.0) => Body::Absent,
            None => Body::NotObserved(Why::NotRecorded),
        }
    }
}

fn url<'a>(
    scheme: &Text<'a>,
    host: &Text<'a>,
    port: Option<u64>,
    path: &Text<'a>,
    query: Option<&Text<'a>>,
    tunnel: bool,
) -> Text<'a> {
    let at = host.at().join(if path.is_empty() { host.at() } else { path.at() });
    let host = host.lossy();
    if tunnel {
        return Text::made(format!("{host}:{}", port.unwrap_or(443)).into_bytes(), at);
    }
    let (scheme, path) = (scheme.lossy(), path.lossy());
    let default = matches!((&*scheme, port), ("http", Some(80)) | ("https", Some(443)) | (_, None | Some(0)));
    let mut url = if scheme.is_empty() { format!("//{host}") } else { format!("{scheme}://{host}") };
    if let (false, Some(port)) = (default, port) {
        url += &format!(":{port}");
    }
    url += &path;
    if let Some(query) = query.filter(|q| !q.is_empty()) {
        url += "?";
        url += &query.lossy();
    }
    Text::made(url.into_bytes(), at)
}
