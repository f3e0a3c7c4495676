//! HTTP/2 as tshark takes it apart: frames of several streams in one packet, lists that stand side by side.
//!
//! `-T json` nests the fields of a frame, `-T ek` lists those of all frames of a packet. Both give the same lists in the
//! same order: types, streams and lengths of frames, counts, names and values of header fields, bytes of bodies.

use rustc_hash::FxHashMap;

use super::packet::{Packet, hex};
use crate::format::Sink;
use crate::format::content;
use crate::format::pending::Pending;
use crate::http::{Body, Exchange, Header, Headers, Origin, Request, Response, Seen, Span, Text, Why};

/// So much of a body is kept.
const MOST: usize = 1 << 20;
/// So many streams may be open; what is above is read without bodies.
const STREAMS: usize = 4096;

/// A frame that matters.
#[derive(Debug)]
enum Frame {
    Head(Vec<Header<'static>>),
    Data(Vec<u8>, Span),
}

/// What came of a stream besides its heads.
#[derive(Debug, Default)]
struct Stream {
    sent: Vec<u8>,
    received: Vec<u8>,
    sent_at: Span,
    received_at: Span,
    /// The client's port: what comes from it is sent.
    port: Box<[u8]>,
    answered: bool,
    cut: bool,
}

/// The open streams of all connections.
#[derive(Debug, Default)]
pub(super) struct Streams(FxHashMap<Box<[u8]>, Stream>);

impl Streams {
    /// Takes the HTTP/2 frames of a packet.
    pub(super) fn packet(&mut self, packet: &Packet<'_>, pending: &mut Pending<Box<[u8]>>, sink: &mut dyn Sink) {
        for (id, frame, last) in frames(packet) {
            let key: Box<[u8]> = [&*packet.stream(), b"/", id.as_slice()].concat().into();
            match frame {
                Frame::Head(list) => self.head(&key, list, packet, pending, sink),
                Frame::Data(bytes, at) => self.data(&key, &bytes, at, packet),
            }
            if last && self.is_received(&key, packet) {
                self.end(&key, pending, sink);
            }
        }
    }

    /// The input ends: what is open is told as far as it goes.
    pub(super) fn finish(&mut self, pending: &mut Pending<Box<[u8]>>) {
        for (key, stream) in std::mem::take(&mut self.0) {
            if let Some(x) = pending.oldest(&key) {
                bodies(x, stream);
            }
        }
    }

    fn is_received(&self, key: &[u8], packet: &Packet<'_>) -> bool {
        let Some(stream) = self.0.get(key) else { return false };
        match packet.get("tcp_srcport") {
            Some(port) if !stream.port.is_empty() => *stream.port != *port.raw(),
            _ => stream.answered,
        }
    }

    fn head(
        &mut self,
        key: &[u8],
        list: Vec<Header<'static>>,
        packet: &Packet<'_>,
        pending: &mut Pending<Box<[u8]>>,
        sink: &mut dyn Sink,
    ) {
        let pseudo = |name: &str| list.iter().find(|h| h.name.raw() == name.as_bytes()).map(|h| h.value.clone());
        let plain: Vec<_> = list.iter().filter(|h| !h.name.raw().starts_with(b":")).cloned().collect();
        let headers = Headers { list: plain, odd: Vec::new(), seen: Seen::All };
        if let Some(method) = pseudo(":method") {
            let port = packet.get("tcp_srcport").map(|p| p.raw().into()).unwrap_or_default();
            if self.0.len() < STREAMS {
                self.0.insert(key.into(), Stream { port, ..Stream::default() });
            }
            let part = |name| pseudo(name).map(|t| t.lossy().into_owned()).unwrap_or_default();
            let (scheme, authority, path) = (part(":scheme"), part(":authority"), part(":path"));
            let scheme = if scheme.is_empty() { scheme } else { scheme + ":" };
            let at = pseudo(":path").map_or(packet.at, |p| p.at());
            let request = Request {
                method,
                url: Text::made(format!("{scheme}//{authority}{path}").into_bytes(), at),
                version: Text::made(&b"HTTP/2"[..], Span::at(packet.at.start, 0)),
                headers,
                started: packet.time(),
                ..Request::default()
            };
            pending.begin(key.into(), packet.exchange(request, Origin::Parsed), sink);
            return;
        }
        let status = pseudo(":status").and_then(|s| Some((s.lossy().trim().parse::<u16>().ok()?, s.at())));
        // Trailers have no status; interim answers are not the answer.
        let Some((status, status_at)) = status.filter(|(s, _)| *s >= 200) else { return };
        let Some(x) = pending.oldest(&key.into()) else { return };
        x.at = x.at.join(packet.at);
        x.request.duration = packet.time().zip(x.request.started).map(|(e, b)| (e - b).max(0));
        x.response = Some(Response { status: Some(status), status_at, headers, ..Response::default() });
        if let Some(stream) = self.0.get_mut(key) {
            stream.answered = true;
        }
    }

    fn data(&mut self, key: &[u8], bytes: &[u8], at: Span, packet: &Packet<'_>) {
        let received = self.is_received(key, packet);
        let Some(stream) = self.0.get_mut(key) else { return };
        let (body, place) = match received {
            true => (&mut stream.received, &mut stream.received_at),
            false => (&mut stream.sent, &mut stream.sent_at),
        };
        *place = if body.is_empty() { at } else { place.join(at) };
        let room = MOST.saturating_sub(body.len());
        stream.cut |= bytes.len() > room;
        body.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
    }

    fn end(&mut self, key: &[u8], pending: &mut Pending<Box<[u8]>>, sink: &mut dyn Sink) {
        let key: Box<[u8]> = key.into();
        if let (Some(stream), Some(x)) = (self.0.remove(&key), pending.oldest(&key)) {
            bodies(x, stream);
        }
        pending.end(&key, sink);
    }
}

fn bodies(x: &mut Exchange<'static>, stream: Stream) {
    let sent = (stream.sent, stream.sent_at);
    x.request.body = body(&x.request.headers, sent, stream.cut);
    if let Some(response) = &mut x.response {
        response.body = body(&response.headers, (stream.received, stream.received_at), stream.cut);
    }
}

/// The bytes that came, without their codings; none came where none was announced.
fn body(headers: &Headers<'_>, (bytes, at): (Vec<u8>, Span), cut: bool) -> Body<'static> {
    let value = |name: &str| headers.get(name).present().map(|h| h.value.lossy().into_owned()).unwrap_or_default();
    if bytes.is_empty() {
        let announced = value("content-length").trim().bytes().any(|b| matches!(b, b'1'..=b'9'));
        return if announced { Body::NotObserved(Why::NotRecorded) } else { Body::Absent };
    }
    if cut {
        return Body::NotObserved(Why::Truncated);
    }
    match content::decode(&bytes, &value("content-encoding")) {
        Some(plain) => Body::Text { text: Text::made(plain.into_owned(), at), source: Origin::Wire },
        None => Body::NotObserved(Why::NotRecorded),
    }
}

/// The frames of a packet: the stream, what it brings, whether its side of the stream ends.
fn frames(packet: &Packet<'_>) -> Vec<(Vec<u8>, Frame, bool)> {
    let all = |name: &'static str| packet.all(name).collect::<Vec<_>>();
    let (types, ids, lengths) = (all("http2_type"), all("http2_streamid"), all("http2_length"));
    if types.is_empty() || types.len() != ids.len() {
        return Vec::new();
    }
    let (names, values) = (all("http2_header_name"), all("http2_header_value"));
    let mut counts = all("http2_header_count").into_iter().filter_map(|c| c.lossy().trim().parse::<usize>().ok());
    let mut data = all("http2_data_data").into_iter();
    let mut ends = all("http2_flags_end_stream").into_iter();
    let (mut taken, mut out) = (0, Vec::new());
    for (i, (kind, id)) in types.iter().zip(&ids).enumerate() {
        let ending = |text: Option<&Text<'_>>| text.is_some_and(|t| matches!(t.raw(), b"1" | b"true" | b"True"));
        match kind.raw() {
            b"0" => {
                let last = ending(ends.next());
                let empty = lengths.len() == types.len() && lengths.get(i).is_some_and(|l| l.raw() == b"0");
                let (bytes, at) = match (!empty).then(|| data.next()).flatten() {
                    Some(text) => (hex(&text.decoded()).unwrap_or_default(), text.at()),
                    None => (Vec::new(), packet.at),
                };
                out.push((id.raw().to_vec(), Frame::Data(bytes, at), last));
            }
            // HEADERS, PUSH_PROMISE, CONTINUATION: header fields in their order.
            b"1" | b"5" | b"9" => {
                let last = kind.raw() == b"1" && ending(ends.next());
                let Some(count) = counts.next() else { continue };
                let pairs = names.iter().zip(&values).skip(taken).take(count);
                let list: Vec<_> = pairs.map(|(n, v)| Header { name: owned(n), value: owned(v) }).collect();
                taken += count;
                if kind.raw() != b"5" && list.len() == count {
                    out.push((id.raw().to_vec(), Frame::Head(list), last));
                }
            }
            _ => {}
        }
    }
    out
}

fn owned(text: &Text<'_>) -> Text<'static> {
    text.clone().into_owned()
}
