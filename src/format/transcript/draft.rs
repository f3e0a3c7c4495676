//! An exchange while its lines come.

use super::bytes::Bytes;
use super::head::Head;
use super::line::Line;
use crate::format::Sink;
use crate::format::curl::line::number;
use crate::format::wall::{self, Shown, Zone};
use crate::http::{Body, Exchange, Origin, Request, Response, Span, Text, Time, Why};

/// A request, and what came of it so far.
#[derive(Clone, Debug, Default)]
pub(in crate::format) struct Draft {
    pub(in crate::format) at: Span,
    pub(in crate::format) method: Text<'static>,
    /// The target of the request line, or an absolute URL.
    pub(in crate::format) target: Text<'static>,
    pub(in crate::format) version: Text<'static>,
    /// Scheme (`http`) if it is told apart from the target.
    pub(in crate::format) scheme: Option<Vec<u8>>,
    /// Host and port if they are told apart from the target and the headers.
    pub(in crate::format) authority: Option<Vec<u8>>,
    pub(in crate::format) request: Head,
    pub(in crate::format) sent: Bytes,
    /// A request body would have been shown.
    pub(in crate::format) sent_seen: bool,
    pub(in crate::format) answer: Option<Answer>,
    pub(in crate::format) failure: Option<Text<'static>>,
    pub(in crate::format) started: Option<Time>,
    pub(in crate::format) duration: Option<i64>,
    pub(in crate::format) origin: Origin,
    /// Bodies are a printed view, not the bytes.
    pub(in crate::format) view: bool,
    /// A certificate of the client may stand for a credential.
    pub(in crate::format) certificate: bool,
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub(in crate::format) struct Answer {
    /// 0 if it is not told.
    pub(in crate::format) status: u16,
    pub(in crate::format) code: Span,
    pub(in crate::format) reason: Text<'static>,
    pub(in crate::format) head: Head,
    pub(in crate::format) body: Bytes,
}

impl Answer {
    /// An answer whose status stands at `from..to` of a line; of its headers nothing is known yet.
    pub(in crate::format) fn told(line: &Line<'_>, from: usize, to: usize) -> Self {
        let place = line.part(from, to);
        let status = number(place.raw()).min(999) as u16;
        Self { status, code: place.at(), head: Head::unseen(), ..Self::default() }
    }

    /// Whether answers of this kind have no body (RFC 9110 6.4.1).
    pub(in crate::format) fn bodiless(&self, method: &[u8]) -> bool {
        matches!(self.status, 100..=199 | 204 | 304) || method == b"HEAD" || self.head.length() == Some(0)
    }
}

impl Draft {
    /// A draft that begins at a line.
    pub(in crate::format) fn at(at: Span) -> Self {
        Self { at, ..Self::default() }
    }

    /// The draft goes on to here.
    pub(in crate::format) fn reach(&mut self, end: u64) {
        self.at.end = self.at.end.max(end);
    }

    /// Places it in time: when it began and when its answer came, by a clock whose zone the answers tell.
    pub(in crate::format) fn place(&mut self, zone: &mut Zone, began: Shown, came: Option<Shown>) {
        let head = self.answer.as_ref().map(|a| &a.head);
        let answered = came.zip(head.and_then(|h| wall::written(h.get("date"), h.get("age"))));
        self.started = zone.place(began, answered);
        self.duration = came.and_then(|c| c.since(began)).filter(|d| *d > 0).or(self.duration);
    }

    /// Whether a request was shown.
    pub(in crate::format) fn asked(&self) -> bool {
        !self.method.is_empty() || !self.target.is_empty()
    }

    /// Pushes the exchange.
    pub(in crate::format) fn push(self, sink: &mut dyn Sink) {
        let url = self.url();
        let source = if self.view { Origin::Parsed } else { Origin::Wire };
        let method = self.method.raw().to_vec();
        let response = self.answer.map(|a| {
            let bodiless = a.bodiless(&method);
            Response {
                body: received(a.body, &a.head, bodiless, source),
                status: (a.status > 0).then_some(a.status),
                status_at: a.code,
                reason: a.reason,
                headers: a.head.headers(),
            }
        });
        let body = sent(&self.request, self.sent, self.sent_seen, source);
        sink.exchange(Exchange {
            at: self.at,
            request: Request {
                method: self.method,
                url,
                version: self.version,
                headers: self.request.headers(),
                body,
                started: self.started,
                duration: self.duration,
                ..Request::default()
            },
            status_seen: response.as_ref().is_some_and(|r| r.status.is_some()) || self.failure.is_some(),
            response,
            failure: self.failure,
            origin: self.origin,
            certificate: self.certificate,
            ..Exchange::default()
        });
    }

    /// The absolute URL, or as much of it as is known.
    fn url(&self) -> Text<'static> {
        let target = self.target.raw();
        if memchr::memmem::find(target.get(..16).unwrap_or(target), b"://").is_some() || target.is_empty() {
            return self.target.clone();
        }
        let host = self.request.get("host").or_else(|| self.request.get(":authority"));
        let Some(host) = host.or(self.authority.as_deref()).filter(|h| !h.is_empty()) else {
            return self.target.clone();
        };
        let scheme = self.scheme.as_deref().or_else(|| self.request.get(":scheme"));
        let scheme = scheme.map(|s| [s, b":"].concat()).unwrap_or_default();
        if self.method.raw() == b"CONNECT" {
            return Text::made([&scheme, &b"//"[..], host, b"/"].concat(), self.target.at());
        }
        Text::made([&scheme, &b"//"[..], host, target].concat(), self.target.at())
    }
}

fn sent(head: &Head, bytes: Bytes, seen: bool, source: Origin) -> Body<'static> {
    let cut = bytes.cut;
    match bytes.text(head) {
        Some(_) if cut => Body::NotObserved(Why::Truncated),
        Some(text) => Body::Text { text, source },
        None if seen && !head.announces() && head.unseen.is_none() => Body::Absent,
        None => Body::NotObserved(Why::NotRecorded),
    }
}

fn received(bytes: Bytes, head: &Head, bodiless: bool, source: Origin) -> Body<'static> {
    if bodiless {
        return Body::Absent;
    }
    let cut = bytes.cut;
    match bytes.text(head) {
        Some(_) if cut => Body::NotObserved(Why::Truncated),
        Some(text) => Body::Text { text, source },
        None => Body::NotObserved(Why::NotRecorded),
    }
}
