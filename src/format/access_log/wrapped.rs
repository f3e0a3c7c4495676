//! Log lines that a collector put into JSON: Docker's `{"log":"...","stream":"stdout"}`, journald, Filebeat, Loki, GCP.

use memchr::memmem;

use super::parse;
use crate::format::json_log::text_member;
use crate::format::lines::Line;
use crate::format::{Problem, Sink};
use crate::http::{Body, Exchange, Header, Headers, Request, Response, Span, Text};

/// Members that hold a whole line.
const NAMES: [&[u8]; 8] = [b"log", b"message", b"MESSAGE", b"msg", b"line", b"_raw", b"textPayload", b"original"];

/// The line inside, if it is one of an access log.
pub(super) fn inside(line: Line<'_>) -> Option<Vec<u8>> {
    if !line.bytes.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    let text = text_member(line, &NAMES)?;
    let inner = text.decoded().trim_ascii_end().to_vec();
    // Several lines, and what has no quote and no brace, are no line of an access log.
    let one = memchr::memchr(b'\n', &inner).is_none() && memchr::memchr2(b'"', b'{', &inner).is_some();
    let read =
        one.then(|| parse(Line { bytes: &inner, start: 0 }, &mut crate::format::json_log::Known::default()).is_some());
    (read == Some(true)).then_some(inner)
}

/// Whether a collector wraps a line that is none of an access log: another program's, which is no fault of this one.
pub(super) fn foreign(line: Line<'_>) -> bool {
    let begin = line.bytes.trim_ascii_start();
    begin.starts_with(b"{\"log\":\"") && memmem::find(begin, b"\"stream\":\"").is_some()
}

/// Hands on exchanges of which only the line is known where they stand: its text was unescaped.
pub(super) struct Placed<'s> {
    pub(super) sink: &'s mut dyn Sink,
    pub(super) at: Span,
}

impl Sink for Placed<'_> {
    fn exchange(&mut self, x: Exchange<'_>) {
        let at = self.at;
        let text = |t: &Text<'_>| Text::made(t.decoded().into_owned(), at);
        let body = |b: Body<'_>| match b {
            Body::Text { text: t, source } => Body::Text { text: text(&t), source },
            Body::Pairs(pairs) => Body::Pairs(pairs.iter().map(|(n, v)| (text(n), text(v))).collect()),
            Body::Absent => Body::Absent,
            Body::NotObserved(why) => Body::NotObserved(why),
        };
        let headers = |h: Headers<'_>| Headers {
            list: h.list.iter().map(|h| Header { name: text(&h.name), value: text(&h.value) }).collect(),
            odd: h.odd.iter().map(text).collect(),
            seen: h.seen,
        };
        let (q, r) = (x.request, x.response);
        self.sink.exchange(Exchange {
            at,
            request: Request {
                method: text(&q.method),
                url: text(&q.url),
                version: text(&q.version),
                headers: headers(q.headers),
                body: body(q.body),
                started: q.started,
                duration: q.duration,
                typed: None,
            },
            response: r.map(|r| Response {
                status: r.status,
                status_at: at,
                reason: text(&r.reason),
                headers: headers(r.headers),
                body: body(r.body),
            }),
            failure: x.failure.as_ref().map(text),
            actor: text(&x.actor),
            join: x.join.as_ref().map(text),
            resource: text(&x.resource),
            status_seen: x.status_seen,
            origin: x.origin,
            side: x.side,
            from_cache: x.from_cache,
            certificate: x.certificate,
        });
    }

    fn problem(&mut self, problem: Problem) {
        self.sink.problem(problem);
    }

    fn recorder(&mut self, name: &str, version: &str) {
        self.sink.recorder(name, version);
    }
}
