//! The jobs of URL requests, from their events.

use base64::Engine;
use rustc_hash::FxHashMap;

use super::constants::{Constants, Kind};
use super::event::{Event, header};
use crate::format::Sink;
use crate::format::message::{request_line, status_line};
use crate::format::pending::Pending;
use crate::http::{Body, Exchange, Headers, Origin, Request, Response, Seen, Span, Text, Why};

/// So many requests are remembered before their job begins.
const MOST: usize = 1024;
/// So much of a body is kept; what is judged is less.
const BODY: usize = 128 << 10;

/// Jobs that are under way.
#[derive(Debug)]
pub(super) struct Jobs {
    pending: Pending<u64>,
    /// Requests of scripts whose job has not begun: CORS may refuse them.
    asked: FxHashMap<u64, Exchange<'static>>,
}

impl Default for Jobs {
    fn default() -> Self {
        Self { pending: Pending::new(worth), asked: FxHashMap::default() }
    }
}

/// What was neither sent nor failed came from the cache, or is no HTTP.
fn worth(x: &Exchange<'_>) -> bool {
    x.response.is_some() || x.failure.is_some() || matches!(x.request.headers.seen, Seen::All)
}

impl Jobs {
    pub(super) fn event(&mut self, e: Event<'_>, constants: &Constants, sink: &mut dyn Sink) {
        match (e.kind, e.phase) {
            (Kind::CorsRequest, 1) => self.asked(&e, constants),
            (Kind::CorsRequest, 2) => {
                self.asked.remove(&e.source);
            }
            (Kind::CorsError, _) => self.refused(&e, constants, sink),
            (Kind::Job, 1) => self.job(&e, constants, sink),
            (Kind::Job, 2) => self.job_end(&e, constants, sink),
            (Kind::Send, _) => self.sent(&e, constants, sink),
            (Kind::Answer, _) => self.answer(&e, constants),
            (Kind::Bytes, _) => self.bytes(&e),
            (Kind::Alive, 2) => self.pending.end(&e.source, sink),
            _ => {}
        }
    }

    pub(super) fn finish(&mut self, sink: &mut dyn Sink) {
        self.pending.finish(sink);
    }

    fn asked(&mut self, e: &Event<'_>, constants: &Constants) {
        let line = e.params.line.decoded();
        let Some((method, _, _)) = request_line(line.trim_ascii_end()) else { return };
        if self.asked.len() >= MOST {
            self.asked.clear();
        }
        let mut x = begun(e, constants);
        x.request.method = Text::made(method.to_vec(), e.params.line.at());
        x.request.headers = headers(e.params.headers.as_deref().unwrap_or_default());
        x.resource = Text::made(&b"fetch"[..], Span::at(e.at.start, 0));
        self.asked.insert(e.source, x);
    }

    /// CORS refused a request before it was sent.
    fn refused(&mut self, e: &Event<'_>, constants: &Constants, sink: &mut dyn Sink) {
        let Some(mut x) = self.asked.remove(&e.source) else { return };
        let failed = e.params.failed.lossy();
        let why = match (e.params.cors_error, failed.is_empty()) {
            (Some(n), false) => format!("net::ERR_FAILED (CORS preflight, error {n}: {failed})"),
            (Some(n), true) => format!("net::ERR_FAILED (CORS preflight, error {n})"),
            (None, _) => "net::ERR_FAILED (CORS preflight)".to_owned(),
        };
        x.failure = Some(Text::made(why.into_bytes(), e.at));
        x.at = x.at.join(e.at);
        // It was asked for before its preflight, and would have been sent behind it.
        x.request.started = Some(constants.time(e.ticks));
        self.pending.begin(e.source, x, sink);
        self.pending.end(&e.source, sink);
    }

    fn job(&mut self, e: &Event<'_>, constants: &Constants, sink: &mut dyn Sink) {
        self.asked.remove(&e.source);
        // A redirect: the same request, another job.
        self.pending.end(&e.source, sink);
        if !e.params.url.raw().starts_with(b"http") {
            return;
        }
        let mut x = begun(e, constants);
        x.request.method = e.params.method.clone().into_owned();
        if e.params.request_type.raw() == b"main frame" {
            x.resource = Text::made(&b"document"[..], e.params.request_type.at());
        }
        self.pending.begin(e.source, x, sink);
    }

    fn job_end(&mut self, e: &Event<'_>, constants: &Constants, sink: &mut dyn Sink) {
        if let Some(x) = self.pending.oldest(&e.source) {
            x.at = x.at.join(e.at);
            if let (Some(error), None) = (e.params.error, &x.response) {
                x.failure = Some(Text::made(constants.error(error).into_bytes(), e.at));
            }
        }
        if !constants.tells_end() {
            self.pending.end(&e.source, sink);
        }
    }

    fn sent(&mut self, e: &Event<'_>, constants: &Constants, sink: &mut dyn Sink) {
        let Some(x) = self.pending.oldest(&e.source) else { return };
        if x.response.is_some() {
            // An answer to a challenge is an exchange of its own.
            let mut again = begun(e, constants);
            again.request.method = x.request.method.clone();
            again.request.url = x.request.url.clone();
            again.resource = x.resource.clone();
            self.pending.end(&e.source, sink);
            self.pending.begin(e.source, again, sink);
        }
        let Some(x) = self.pending.oldest(&e.source) else { return };
        x.at = x.at.join(e.at);
        x.request.headers = headers(e.params.headers.as_deref().unwrap_or_default());
        let line = e.params.line.decoded();
        match request_line(line.trim_ascii_end()) {
            Some((_, _, version)) => x.request.version = Text::made(version.to_vec(), e.params.line.at()),
            None => x.request.version = Text::made(&b"h2"[..], Span::at(e.at.start, 0)),
        }
        let length = x.request.headers.get("content-length").present().map(|h| h.value.lossy().into_owned());
        let reads = matches!(x.request.method.raw(), b"GET" | b"HEAD" | b"OPTIONS");
        x.request.body = match length {
            None if reads => Body::Absent,
            Some(n) if n.trim() == "0" => Body::Absent,
            _ => Body::NotObserved(Why::NotRecorded),
        };
    }

    fn answer(&mut self, e: &Event<'_>, constants: &Constants) {
        let Some(x) = self.pending.oldest(&e.source) else { return };
        let lines = e.params.headers.as_deref().unwrap_or_default();
        let Some((first, rest)) = lines.split_first() else { return };
        let line = first.decoded();
        let Some((status, _, reason)) = status_line(&line) else { return };
        if (100..200).contains(&status) && status != 101 {
            return;
        }
        x.at = x.at.join(e.at);
        x.request.duration = x.request.started.map(|s| (constants.time(e.ticks) - s).max(0));
        x.response = Some(Response {
            status: Some(status),
            status_at: first.at(),
            reason: Text::made(reason.to_vec(), first.at()),
            headers: headers(rest),
            body: Body::NotObserved(Why::NotRecorded),
        });
    }

    /// A piece of the body, in base64.
    fn bytes(&mut self, e: &Event<'_>) {
        let Some(response) = self.pending.oldest(&e.source).and_then(|x| x.response.as_mut()) else { return };
        let engine = base64::engine::general_purpose::STANDARD;
        let Some(piece) = engine.decode(&*e.params.bytes.decoded()).ok().filter(|p| !p.is_empty()) else { return };
        let (mut all, at) = match &response.body {
            Body::Text { text, .. } => (text.raw().to_vec(), text.at().join(e.at)),
            _ => (Vec::new(), e.at),
        };
        if all.len() < BODY {
            all.extend_from_slice(&piece);
            response.body = Body::Text { text: Text::made(all, at), source: Origin::Parsed };
        }
    }
}

fn begun(e: &Event<'_>, constants: &Constants) -> Exchange<'static> {
    Exchange {
        at: e.at,
        request: Request {
            url: e.params.url.clone().into_owned(),
            headers: Headers::not_observed(Why::NotRecorded),
            started: Some(constants.time(e.ticks)),
            ..Request::default()
        },
        status_seen: true,
        origin: Origin::Parsed,
        ..Exchange::default()
    }
}

fn headers(lines: &[Text<'_>]) -> Headers<'static> {
    Headers { list: lines.iter().filter_map(header).collect(), odd: Vec::new(), seen: Seen::All }
}
