//! A view of one exchange: what rules ask, in the words of rules.md.

use crate::auth::{authorization, challenge, url};
use crate::facts::{
    BodyFact, Detail, Fact, Field, HeadSeen, Id, Kind, Line, Media, Outcome, Place, StrId, Use, ValueId,
};
use crate::http::{Observed, Time, Why};
use crate::provider::{Class as Says, Profile};

use super::{Class, Denial, Life, Node, Trace};

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

    fn lack<T>(self, name: &str, seen: &HeadSeen, request: bool) -> Observed<T> {
        let stripped = if request { matches!(name, "authorization" | "cookie") } else { name == "set-cookie" };
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

    /// The Authorization header, parsed, with its line; `None` if there is none to read.
    pub fn authorization(self) -> Option<(&'t Line, authorization::Authorization)> {
        let line = self.req("authorization").present()?;
        Some((line, authorization::parse_authorization(line.bytes())))
    }

    /// The credentials it carried.
    pub fn uses(self) -> &'t [Use] {
        &self.fact().uses
    }

    /// Credentials that authenticate a call: tokens, keys, Basic, signatures, session cookies; not states, codes, csrf tokens
    /// or cookies that no login set and that look like no session.
    pub fn credentials(self) -> impl Iterator<Item = &'t Use> {
        self.uses().iter().filter(move |u| match u.kind {
            Kind::Token | Kind::ApiKey | Kind::Basic | Kind::Signature | Kind::IdToken | Kind::Refresh => true,
            Kind::Password => u.place == Place::Userinfo,
            Kind::Cookie => self.session_cookie(u),
            _ => false,
        })
    }

    fn session_cookie(self, u: &Use) -> bool {
        let Place::Cookie(name) = u.place else { return u.kind == Kind::Cookie };
        // An anti-forgery cookie authenticates nobody, even if the login set it.
        let lower = self.trace.text(name).to_ascii_lowercase();
        if lower.contains("csrf") || lower.contains("xsrf") {
            return false;
        }
        let by_login =
            self.trace.life(u.value).is_some_and(|l| l.issued.iter().any(|i| self.trace.node(i.by).class.issues()));
        by_login || crate::auth::cookie::session_like(self.trace.text(name))
    }

    /// The use in the Authorization header, if any.
    pub fn bearer(self) -> Option<&'t Use> {
        self.uses().iter().find(|u| matches!(u.place, Place::Header(n) if self.trace.text(n) == "authorization"))
    }

    /// The token that a call rests on: in `Authorization`, else the first other one (a gateway's key may stand beside it).
    pub fn token(self) -> Option<&'t Use> {
        let token = |u: &&Use| matches!(u.kind, Kind::Token | Kind::ApiKey | Kind::IdToken);
        self.bearer().filter(token).or_else(|| self.credentials().find(token))
    }

    /// What is known of a value.
    pub fn life(self, u: &Use) -> Option<&'t Life> {
        self.trace.life(u.value)
    }

    /// Whether a credential is there but masked.
    pub fn masked(self) -> bool {
        self.fact().flags.masked
    }

    /// Whether credentials could have been recorded: Authorization and Cookie were observable, or one was seen.
    pub fn sees_credentials(self) -> bool {
        self.req("authorization").seen() && !self.masked() && !self.by_certificate()
    }

    /// Whether a TLS certificate was, or may have been, all that the client showed. A server that says that nothing was
    /// shown, or asks for something else, is believed.
    pub fn by_certificate(self) -> bool {
        self.fact().flags.certificate
            && self.uses().is_empty()
            && self.reqs("authorization").next().is_none()
            && self.said() != Some(Says::Missing)
            && self.challenges().is_empty()
    }

    /// Whether no credential of any kind is there although it could have been seen.
    pub fn bare(self) -> bool {
        self.sees_credentials()
            && !self.masked()
            && self.credentials().next().is_none()
            && self.reqs("authorization").next().is_none()
            && !self.unexpanded()
    }

    /// A typed command puts a variable where a credential belongs (`?key=$API_KEY`): what was sent is not known.
    fn unexpanded(self) -> bool {
        const NAMES: [&str; 8] =
            ["key", "api_key", "apikey", "api-key", "token", "access_token", "auth_token", "subscription-key"];
        let variable =
            |f: &Field| f.bytes().first() == Some(&b'$') && NAMES.contains(&f.name().to_ascii_lowercase().as_str());
        self.fact().origin_of_lines == crate::http::Origin::Typed
            && self.detail().is_some_and(|d| d.query.iter().any(variable))
    }

    /// A query parameter.
    pub fn query(self, name: &str) -> Option<&'t Field> {
        self.detail()?.query.iter().find(|f| f.path.trim_start_matches('?') == name)
    }

    /// The request body.
    pub fn body(self) -> Option<&'t BodyFact> {
        self.detail()?.body.as_ref()
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
        self.detail()?.answer.as_ref()
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

    /// Refresh tokens that it carries, wherever they stand.
    pub fn refresh_tokens(self) -> impl Iterator<Item = ValueId> {
        let t = self.trace;
        let known = move |v: ValueId| t.life(v).is_some_and(|l| l.kind == Kind::Refresh);
        let fields = self.fields().filter(|f| !f.line.marks.is_empty()).flat_map(move |f| {
            let named = f.name().eq_ignore_ascii_case("refresh_token") || f.name().eq_ignore_ascii_case("refreshtoken");
            f.line.marks.iter().map(|m| m.value).filter(move |v| named || known(*v))
        });
        let mut all: Vec<ValueId> =
            fields.chain(self.uses().iter().map(|u| u.value).filter(move |v| known(*v))).collect();
        all.dedup();
        all.into_iter()
    }

    /// Who logs in or calls: client id, user name or subject, as a key for grouping; never printed.
    pub fn principal(self) -> String {
        let named = ["client_id", "username", "user", "email", "login"].iter().find_map(|n| self.param_text(n));
        if let Some(name) = named {
            return name;
        }
        let basic = self.uses().iter().find(|u| u.kind == Kind::Basic);
        basic.map(|u| format!("basic {}", u.value.0)).unwrap_or_default()
    }

    /// An HTML page.
    pub fn html(self) -> bool {
        self.fact().media == Media::Html
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
