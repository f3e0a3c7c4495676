//! One row an exchange: what is known of it, and what could have been known.

use std::fmt::Write as _;

use serde::Serialize;

use crate::facts::{Fact, Facts, Place};
use crate::format::{Problem, Sink};
use crate::http::{self, Exchange, Seen, Span};
use crate::mask::{Masker, printable};
use crate::report::model;
use crate::source::WindowSink;

/// One capture.
#[derive(Debug, Serialize)]
pub(super) struct Capture {
    file: String,
    format: &'static str,
    recorder: Option<String>,
    exchanges: Vec<Row>,
    problems: Vec<model::Problem>,
}

/// One exchange.
#[derive(Debug, Serialize)]
struct Row {
    index: usize,
    method: Option<String>,
    url: String,
    status: Option<u16>,
    request: Half,
    response: Option<Half>,
    /// When the request started, UTC.
    started: Option<String>,
    /// Places of credentials in the request (`header authorization`).
    credentials: Vec<String>,
    /// A person typed the command; what it sent may not have been recorded.
    typed: bool,
    /// It failed without an answer of HTTP.
    failed: bool,
    bytes: [u64; 2],
}

/// What a request or an answer shows.
#[derive(Debug, Serialize)]
struct Half {
    /// Which headers were observable.
    seen: Headers,
    headers: usize,
    /// Lines of the head that are no header.
    odd: usize,
    body: Body,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Headers {
    All,
    Some,
    NotObserved,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Body {
    Absent,
    NotObserved,
    Present,
}

/// Keeps the rows, and the facts that know where credentials stand.
#[derive(Debug, Default)]
pub(super) struct Rows {
    rows: Vec<Row>,
    facts: Facts,
}

impl Sink for Rows {
    fn exchange(&mut self, x: Exchange<'_>) {
        let method = x.request.method.lossy();
        self.rows.push(Row {
            index: self.rows.len(),
            method: (!method.is_empty()).then(|| printable(&method)),
            url: String::new(),
            status: x.response.as_ref().and_then(|r| r.status),
            request: half(&x.request.headers, &x.request.body),
            response: x.response.as_ref().map(|r| half(&r.headers, &r.body)),
            started: x.request.started.map(http::Time::utc),
            credentials: Vec::new(),
            typed: x.request.typed.is_some(),
            failed: x.failure.is_some(),
            bytes: [x.at.start, x.at.end],
        });
        self.facts.exchange(x);
    }

    fn problem(&mut self, problem: Problem) {
        self.facts.problem(problem);
    }

    fn recorder(&mut self, name: &str, version: &str) {
        self.facts.recorder(name, version);
    }
}

impl WindowSink for Rows {
    fn passed(&mut self, bytes: &[u8], offset: u64) {
        self.facts.passed(bytes, offset);
    }
}

fn half(headers: &http::Headers<'_>, body: &http::Body<'_>) -> Half {
    Half {
        seen: match headers.seen {
            Seen::All => Headers::All,
            Seen::None(_) => Headers::NotObserved,
            _ => Headers::Some,
        },
        headers: headers.list.len(),
        odd: headers.odd.len(),
        body: match body {
            http::Body::Absent => Body::Absent,
            http::Body::NotObserved(_) => Body::NotObserved,
            _ => Body::Present,
        },
    }
}

impl Rows {
    /// The capture, with everything through the mask.
    pub(super) fn capture(mut self, file: &str, format: &'static str) -> Capture {
        let facts = &self.facts;
        let mut masker = Masker::new(false);
        masker.learn(facts.values.iter().map(|(_, value, kind)| (value, kind)));
        for (row, fact) in self.rows.iter_mut().zip(&facts.list) {
            row.url = url(facts, fact, &mut masker);
            row.credentials = fact.uses.iter().map(|u| masker.text(&place(facts, u.place))).collect();
            row.credentials.dedup();
        }
        let problems = facts.problems.iter().map(|p| model::Problem {
            line: p.line,
            column: p.column,
            bytes: span(p.problem.at),
            expected: masker.text(&p.problem.expected),
            done: masker.text(&p.problem.done),
        });
        let recorder = facts.recorder.as_ref().map(|(name, version)| printable(format!("{name} {version}").trim()));
        Capture { file: printable(file), format, recorder, problems: problems.collect(), exchanges: self.rows }
    }
}

fn span(at: Span) -> [u64; 2] {
    [at.start, at.end]
}

/// The URL without its secrets. A query of which nothing was kept is not shown.
fn url(facts: &Facts, fact: &Fact, masker: &mut Masker) -> String {
    match &fact.detail {
        Some(detail) => masker.line_text(&detail.url),
        None => masker.text(&format!("{}{}", facts.strings.get(fact.origin), facts.strings.get(fact.path))),
    }
}

fn place(facts: &Facts, place: Place) -> String {
    match place {
        Place::Header(name) => format!("header {}", facts.strings.get(name)),
        Place::Query(name) => format!("query {}", facts.strings.get(name)),
        Place::Cookie(name) => format!("cookie {}", facts.strings.get(name)),
        Place::Field(path) => format!("field {}", facts.strings.get(path)),
        Place::Userinfo => "userinfo".to_owned(),
        Place::Path => "path".to_owned(),
    }
}

impl Capture {
    /// One line an exchange, then one a problem.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        let recorder = self.recorder.as_ref().map(|r| format!(" by {r}")).unwrap_or_default();
        let count = self.exchanges.len();
        let _ = writeln!(
            out,
            "{}: {}{recorder}, {count} exchange{}",
            self.file,
            self.format,
            if count == 1 { "" } else { "s" }
        );
        for row in &self.exchanges {
            row.text(&mut out);
        }
        for p in &self.problems {
            let _ = writeln!(out, "  problem at {}:{}: expected {}; {}", p.line, p.column, p.expected, p.done);
        }
        out
    }
}

impl Row {
    fn text(&self, out: &mut String) {
        let status = match (self.status, &self.response) {
            (Some(code), _) => code.to_string(),
            (None, Some(_)) => "status?".to_owned(),
            (None, None) if self.failed => "failed".to_owned(),
            (None, None) => "no answer".to_owned(),
        };
        let _ = write!(
            out,
            "  #{} {} {} -> {status}  {}{}",
            self.index,
            self.method.as_deref().unwrap_or("method?"),
            if self.url.is_empty() { "url?" } else { &self.url },
            self.request.text("QH", "QB"),
            self.response.as_ref().map(|r| format!(" {}", r.text("SH", "SB"))).unwrap_or_default(),
        );
        let _ = write!(out, " T={}", self.started.as_deref().unwrap_or("?"));
        if self.typed {
            out.push_str(" typed");
        }
        if !self.credentials.is_empty() {
            let _ = write!(out, "  [{}]", self.credentials.join(", "));
        }
        out.push('\n');
    }
}

impl Half {
    /// `QH=7 QB=no`: a count, `~` behind it where only some could be seen, `?` where none could.
    fn text(&self, head: &str, body: &str) -> String {
        let body_word = match self.body {
            Body::Absent => "no",
            Body::NotObserved => "?",
            Body::Present => "yes",
        };
        let odd = if self.odd > 0 { format!("+{}odd", self.odd) } else { String::new() };
        match self.seen {
            Headers::All => format!("{head}={}{odd} {body}={body_word}", self.headers),
            Headers::Some => format!("{head}={}~{odd} {body}={body_word}", self.headers),
            Headers::NotObserved if self.headers > 0 => format!("{head}={}?{odd} {body}={body_word}", self.headers),
            Headers::NotObserved => format!("{head}=? {body}={body_word}"),
        }
    }
}
