//! What a reader pushes, as plain texts.

use why401::format::{Problem, Sink};
use why401::http::{Body, Exchange, Headers};

/// Names and values.
pub(super) type Pairs = Vec<(String, String)>;

/// What was read of an exchange; `None` where the format does not show it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Seen {
    pub(super) method: String,
    pub(super) url: String,
    pub(super) status: Option<u16>,
    pub(super) headers: Pairs,
    pub(super) body: Option<String>,
    pub(super) answer_headers: Pairs,
    pub(super) answer: Option<String>,
}

/// Exchanges and problems, in their order.
#[derive(Default)]
pub(super) struct Reading(pub(super) Vec<Seen>, pub(super) Vec<Problem>);

impl Sink for Reading {
    fn exchange(&mut self, x: Exchange<'_>) {
        let body = |b: &Body<'_>| match b {
            Body::Text { text, .. } => Some(text.lossy().into_owned()),
            Body::Absent => Some(String::new()),
            _ => None,
        };
        let pairs = |h: &Headers<'_>| {
            h.list.iter().map(|h| (h.name.lossy().into_owned(), h.value.lossy().into_owned())).collect()
        };
        self.0.push(Seen {
            method: x.request.method.lossy().into_owned(),
            url: x.request.url.lossy().into_owned(),
            status: x.response.as_ref().and_then(|r| r.status),
            headers: pairs(&x.request.headers),
            body: body(&x.request.body),
            answer_headers: x.response.as_ref().map(|r| pairs(&r.headers)).unwrap_or_default(),
            answer: x.response.as_ref().and_then(|r| body(&r.body)),
        });
    }
    fn problem(&mut self, problem: Problem) {
        self.1.push(problem);
    }
    fn recorder(&mut self, _: &str, _: &str) {}
}
