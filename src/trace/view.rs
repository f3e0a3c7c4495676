//! A view of one exchange: what rules ask, in the words of rules.md.

use crate::auth::{challenge, url};
use crate::facts::{BodyFact, Detail, Fact, Field, HeadSeen, Id, Line, Media, Outcome, StrId};
use crate::http::{Observed, Time, Why};
use crate::provider::{Class as Says, Profile};

use super::{Class, Denial, Node, Trace};

/// One exchange of the linked model. Cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Ex<'t> {
    trace: &'t Trace<'t>,
    id: Id,
}

impl PartialEq for Ex<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl<'t> Ex<'t> {
    pub(super) fn new(trace: &'t Trace<'_>, id: Id) -> Self {
        // A trace never changes while it is viewed, so its own lifetime may shrink to that of the view.
        Self { trace: shrink(trace), id }
    }

    /// Its number in the file.
    pub fn id(self) -> Id {
        self.id
    }

    /// The model it belongs to.
    pub fn trace(self) -> &'t Trace<'t> {
        self.trace
    }

    /// Its record.
    pub fn fact(self) -> &'t Fact {
        static NONE: std::sync::OnceLock<Fact> = std::sync::OnceLock::new();
        self.trace.facts.get(self.id).unwrap_or_else(|| NONE.get_or_init(Fact::default))
    }

    /// What trace knows of it.
    pub fn node(self) -> &'t Node {
        self.trace.node(self.id)
    }

    /// Its detail, if it can matter.
    pub fn detail(self) -> Option<&'t Detail> {
        self.fact().detail.as_deref()
    }

    /// What it is for.
    pub fn class(self) -> Class {
        self.node().class
    }

    /// The profile of its origin.
    pub fn profile(self) -> &'t Profile {
        let t = self.trace;
        t.profiles.get(self.node().profile).copied().unwrap_or_else(|| Profile::generic())
    }

    /// The method as written.
    pub fn method(self) -> &'t str {
        self.trace.text(self.fact().method)
    }

    /// The path without query.
    pub fn path(self) -> &'t str {
        self.trace.text(self.fact().path)
    }

    /// `scheme://host[:port]`.
    pub fn origin(self) -> &'t str {
        self.trace.text(self.fact().origin)
    }

    /// The host, lower case, without port.
    pub fn host(self) -> &'t str {
        match self.trace.origin(self.fact().origin) {
            Some(o) => &o.host,
            None => url::parse_url(self.origin()).host(),
        }
    }

    /// The port, the scheme's default filled in.
    pub fn port(self) -> Option<u16> {
        match self.trace.origin(self.fact().origin) {
            Some(o) => o.port,
            None => url::parse_url(self.origin()).port(),
        }
    }

    /// The URL as captured; without detail only origin and path are known.
    pub fn full_url(self) -> String {
        match self.detail() {
            Some(d) => d.url.text().into_owned(),
            None => format!("{}{}", self.origin(), self.path()),
        }
    }

    /// The status code, 0 if none was seen.
    pub fn status(self) -> u16 {
        self.fact().outcome.code()
    }

    /// When it started, by the recorder's clock.
    pub fn start(self) -> Option<Time> {
        self.fact().start
    }

    /// When its answer ended, by the recorder's clock.
    pub fn end(self) -> Option<Time> {
        self.fact().start.map(|s| s.plus(self.fact().duration))
    }

    /// The server's time when it answered (rules.md 1.3).
    pub fn server_now(self) -> Option<Time> {
        self.trace.clocks.server_now(self.trace, self.id)
    }

    /// Whether the server did what was asked: 2xx or 3xx, no soft refusal, no login page.
    pub fn accepted(self) -> bool {
        (200..400).contains(&self.status()) && self.node().denial.is_none()
    }

    /// Whether it was refused, and not as intended.
    pub fn denied(self) -> bool {
        self.node().denial.is_some() && !self.node().expected
    }

    /// How it was refused.
    pub fn denial(self) -> Option<Denial> {
        self.node().denial
    }

    /// The first request header of this name (lower case), redaction settled.
    pub fn req(self, name: &str) -> Observed<&'t Line> {
        let Some(d) = self.detail() else { return Observed::NotObserved(Why::NotRecorded) };
        let found = d.request.iter().find(|l| self.trace.text(l.name) == name);
        match found {
            Some(l) => Observed::Present(l),
            None => self.lack(name, &d.request_seen, true),
        }
    }

    /// All request headers of this name (lower case).
    pub fn reqs(self, name: &'t str) -> impl Iterator<Item = &'t Line> {
        let lines = self.detail().map_or(&[][..], |d| &d.request);
        lines.iter().filter(move |l| self.trace.text(l.name) == name)
    }

    /// The first request header of this name (lower case), as captured.
    pub fn reqs_named(self, name: &str) -> Option<&'t Line> {
        self.detail()?.request.iter().find(|l| self.trace.text(l.name) == name)
    }

    /// The first response header of this name (lower case), redaction settled.
    pub fn res(self, name: &str) -> Observed<&'t Line> {
        let Some(d) = self.detail() else { return Observed::NotObserved(Why::NotRecorded) };
        if self.fact().outcome == Outcome::None {
            return Observed::NotObserved(Why::NotRecorded);
        }
        let found = d.response.iter().find(|l| self.trace.text(l.name) == name);
        match found {
            Some(l) => Observed::Present(l),
            None => self.lack(name, &d.response_seen, false),
        }
    }

    /// All response headers of this name (lower case).
    pub fn ress(self, name: &'t str) -> impl Iterator<Item = &'t Line> {
        let lines = self.detail().map_or(&[][..], |d| &d.response);
        lines.iter().filter(move |l| self.trace.text(l.name) == name)
    }

    /// Whether the page set an Authorization header, as the preflight of its call tells: it lists every header that a page
    /// adds and that is not harmless (Fetch 4.8). `None` if there is none, or its list was not recorded.
    pub fn asked_to_authorize(self) -> Option<bool> {
        let preflight = self.trace.ex(self.node().preflight?);
        match preflight.req("access-control-request-headers") {
            Observed::Present(l) => Some(l.text().split(',').any(|n| n.trim().eq_ignore_ascii_case("authorization"))),
            Observed::Absent => Some(false),
            _ => None,
        }
    }

    /// The recorder left Authorization out, but there was none, nor cookies: the preflight names no such header, and its
    /// answer would not have let a call with cookies go out.
    fn without_credentials(self) -> bool {
        let Some(preflight) = self.node().preflight.map(|id| self.trace.ex(id)) else { return false };
        self.asked_to_authorize() == Some(false)
            && matches!(preflight.res("access-control-allow-credentials"), Observed::Absent)
    }

    fn lack<T>(self, name: &str, seen: &HeadSeen, request: bool) -> Observed<T> {
        let stripped = if request { matches!(name, "authorization" | "cookie") } else { name == "set-cookie" };
        let stripped = stripped && !(name == "authorization" && self.without_credentials());
        match seen {
            HeadSeen::All if stripped && self.trace.redaction_at(self.id).stripped => {
                Observed::NotObserved(Why::Redacted)
            }
            HeadSeen::All => Observed::Absent,
            HeadSeen::Only(names) if names.iter().any(|n| &**n == name) => Observed::AbsentOrEmpty,
            HeadSeen::Only(_) => Observed::NotObserved(Why::NotRecorded),
            HeadSeen::None(why) => Observed::NotObserved(why.unwrap_or(Why::NotRecorded)),
        }
    }

    /// A query parameter.
    pub fn query(self, name: &str) -> Option<&'t Field> {
        self.detail()?.query.iter().find(|f| f.path.trim_start_matches('?') == name)
    }

    /// The request body.
    pub fn body(self) -> Option<&'t BodyFact> {
        self.detail()?.body.as_deref()
    }

    /// A field of the request body (path compared without case).
    pub fn field(self, path: &str) -> Option<&'t Field> {
        self.body()?.field(path)
    }

    /// All fields of the request: body first, then query.
    pub fn fields(self) -> impl Iterator<Item = &'t Field> {
        let body = self.body().map_or(&[][..], |b| &b.fields);
        let query = self.detail().map_or(&[][..], |d| &d.query);
        body.iter().chain(query)
    }

    /// A parameter: body field, else query.
    pub fn param(self, name: &str) -> Option<&'t Field> {
        self.field(name).or_else(|| self.query(name))
    }

    /// A parameter's text, empty values left out.
    pub fn param_text(self, name: &str) -> Option<String> {
        self.param(name).map(|f| f.text().into_owned()).filter(|t| !t.is_empty())
    }

    /// The response body.
    pub fn answer(self) -> Option<&'t BodyFact> {
        self.detail()?.answer.as_deref()
    }

    /// A field of the response body.
    pub fn answer_field(self, path: &str) -> Option<&'t Field> {
        self.answer()?.field(path)
    }

    /// A text of a response field, empty values left out.
    pub fn answer_text(self, path: &str) -> Option<String> {
        self.answer_field(path).map(|f| f.text().into_owned()).filter(|t| !t.is_empty())
    }

    /// The challenges of the answer.
    pub fn challenges(self) -> Vec<challenge::Challenge> {
        let lines: Vec<&[u8]> = self.ress("www-authenticate").map(Line::bytes).collect();
        challenge::parse_challenges(&lines)
    }

    /// Whether the server's text is of this class and not vague.
    pub fn says(self, class: Says) -> bool {
        self.node().said.iter().any(|s| s.class == class && !s.vague)
    }

    /// The first class that the server's text names, vague ones left out.
    pub fn said(self) -> Option<Says> {
        self.node().said.iter().find(|s| !s.vague).map(|s| s.class)
    }

    /// Whether the server's text names the cause in so many words (anything but invalid, missing, vague).
    pub fn said_else(self, but: &[Says]) -> bool {
        self.said().is_some_and(|c| !but.contains(&c) && !matches!(c, Says::Invalid | Says::Missing | Says::Other))
    }

    /// The page of its own that an authorization server sends a browser to when it refuses (`/home/error?errorId=..`).
    pub fn error_page(self) -> Option<Self> {
        let to = self.trace.ex(self.node().redirected_to.filter(|_| self.class() == Class::Authorize)?);
        let own = to.fact().origin == self.fact().origin && to.method() == "GET" && to.class() == Class::Call;
        let named =
            to.path().split(['/', '.']).any(|s| s.eq_ignore_ascii_case("error") || s.eq_ignore_ascii_case("errors"));
        (own && named && to.html() && to.denial().is_none()).then_some(to)
    }

    /// An HTML page. Some frameworks call a line of plain text so.
    pub fn html(self) -> bool {
        let text = self.answer().filter(|a| a.len > 0).map(|a| a.head.text());
        self.fact().media == Media::Html && text.is_none_or(|t| t.trim_start().is_empty() || t.contains('<'))
    }

    /// `User-Agent`, if recorded.
    pub fn agent(self) -> String {
        self.req("user-agent").present().map(|l| l.text().into_owned()).unwrap_or_default()
    }

    /// The actor's number.
    pub fn actor(self) -> StrId {
        self.fact().actor
    }

    /// Exchanges of the same actor before this one, latest first.
    pub fn before(self) -> impl Iterator<Item = Self> {
        let t = self.trace;
        let list = t.of_actor(self.actor());
        let at = list.partition_point(|i| t.position(*i) < t.position(self.id));
        list.get(..at).unwrap_or_default().iter().rev().map(move |i| t.ex(*i))
    }

    /// Exchanges of the same actor behind this one, earliest first.
    pub fn after(self) -> impl Iterator<Item = Self> {
        let t = self.trace;
        let list = t.of_actor(self.actor());
        let at = list.partition_point(|i| t.position(*i) <= t.position(self.id));
        list.get(at..).unwrap_or_default().iter().map(move |i| t.ex(*i))
    }

    /// Logins, token calls and authorization requests of the same actor before this one, latest first.
    pub fn steps_before(self) -> impl Iterator<Item = Self> {
        let t = self.trace;
        let list = t.steps_of(self.actor());
        let at = list.partition_point(|i| t.position(*i) < t.position(self.id));
        list.get(..at).unwrap_or_default().iter().rev().map(move |i| t.ex(*i))
    }

    /// Whether it comes before another in the order of time.
    pub fn precedes(self, other: Self) -> bool {
        self.trace.position(self.id) < self.trace.position(other.id)
    }

    /// Whether both go to one audience.
    pub fn same_audience(self, other: Self) -> bool {
        self.trace.same_audience(self.fact().origin, other.fact().origin)
    }

    /// G3: its route answered 2xx without any credential in this capture.
    pub fn public_route(self) -> bool {
        self.trace.route(self.fact().route).is_some_and(|r| r.public.is_some_and(|id| id != self.id))
    }

    /// G4: a session cookie was accepted at this audience.
    pub fn cookie_app(self) -> bool {
        self.trace.origin(self.fact().origin).is_some_and(|o| o.cookie_app)
    }
}

/// `Trace` is covariant in its lifetime.
fn shrink<'s>(trace: &'s Trace<'_>) -> &'s Trace<'s> {
    trace
}
