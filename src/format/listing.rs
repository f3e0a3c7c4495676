//! A sink that keeps one line an exchange: for tests, and for `why401 dump`.

use std::fmt::Write as _;

use super::{Problem, Sink};
use crate::http::{Body, Exchange, Headers, Seen};

/// One line an exchange: method, URL, status and what was observable; no values of headers or bodies.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// The lines, in file order.
    pub lines: Vec<String>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// The program that wrote the capture.
    pub recorder: String,
}

impl Sink for Listing {
    fn exchange(&mut self, x: Exchange<'_>) {
        let mut line = String::new();
        let url = x.request.url.lossy();
        let url = url.split(['?', '#']).next().unwrap_or_default();
        let method = x.request.method.lossy();
        let _ = write!(line, "{} {}", if method.is_empty() { "-".into() } else { method }, without_userinfo(url));
        match x.response.as_ref().map(|r| r.status) {
            Some(Some(status)) => {
                let _ = write!(line, " {status}");
            }
            Some(None) => line.push_str(" answered"),
            None => line.push_str(" -"),
        }
        let _ = write!(line, " req={}{}", headers(&x.request.headers), body(&x.request.body));
        if let Some(r) = &x.response {
            let _ = write!(line, " res={}{}", headers(&r.headers), body(&r.body));
        }
        if x.request.started.is_some() {
            line.push_str(" time");
        }
        if x.request.typed.is_some() {
            line.push_str(" typed");
        }
        if x.failure.is_some() {
            line.push_str(" failed");
        }
        self.lines.push(line);
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn recorder(&mut self, name: &str, version: &str) {
        self.recorder = format!("{name} {version}").trim().to_owned();
    }
}

fn without_userinfo(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit_once('@').map_or(authority, |(_, h)| h);
    format!("{scheme}://{host}{path}")
}

fn headers(h: &Headers<'_>) -> String {
    match &h.seen {
        Seen::None(_) => "?".to_owned(),
        Seen::All => h.list.len().to_string(),
        _ => format!("{}~", h.list.len()),
    }
}

fn body(b: &Body<'_>) -> &'static str {
    match b {
        Body::Absent => "",
        Body::NotObserved(_) => "+body?",
        Body::Text { .. } | Body::Pairs(_) => "+body",
    }
}
