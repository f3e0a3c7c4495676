//! The linked model itself, for people and machines: credentials with their lives, logins, grants, logouts, redirects.
//! Every text has passed the mask.

use std::fmt::Write as _;

use serde::Serialize;

use super::build::kind_word;
use super::words::{count, ranges};
use crate::facts::{Id, Kind, ValueId};
use crate::mask::{Masker, printable};
use crate::rule::words::span;
use crate::trace::{Class, Ex, Life, Trace};

/// Credentials that are listed; the rest is counted.
const CREDENTIALS: usize = 500;
/// Uses that are listed of one credential.
const USES: usize = 200;

/// The model of some captures.
#[derive(Clone, Debug, Serialize)]
pub struct Model {
    /// `why401-trace/1`.
    pub schema: &'static str,
    /// One a capture.
    pub captures: Vec<Capture>,
}

impl Default for Model {
    fn default() -> Self {
        Self { schema: "why401-trace/1", captures: Vec::new() }
    }
}

/// The model of one capture.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Capture {
    /// Its name.
    pub file: String,
    /// Its format.
    pub format: String,
    /// Exchanges.
    pub exchanges: u64,
    /// Clients that are told apart.
    pub clients: u64,
    /// Servers, in the order in which they are first asked, each with the profile that speaks for it.
    pub servers: Vec<Server>,
    /// Credentials in the order in which they are first seen.
    pub credentials: Vec<Credential>,
    /// How many there are.
    pub credentials_count: u64,
    /// Logins, token calls, logouts, challenges, redirects and preflights, in order of time.
    pub steps: Vec<Step>,
    /// OAuth grants.
    pub grants: Vec<Grant>,
}

/// A server.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Server {
    /// `scheme://host[:port]`.
    pub origin: String,
    /// The id of its profile.
    pub profile: String,
    /// Seconds that its clock is ahead of the recorder's; null if not known.
    pub clock_offset_s: Option<i64>,
}

/// A credential and its life.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Credential {
    /// Its alias.
    pub alias: String,
    /// What it is.
    pub kind: String,
    /// As reports show it.
    pub shown: String,
    /// Exchanges that issued it.
    pub issued_by: Vec<u64>,
    /// Seconds it is to live, by the answer's own words.
    pub lifetime_s: Option<i64>,
    /// The exchange that replaced it, and by what.
    pub replaced: Option<Replaced>,
    /// Exchanges that ended it.
    pub ended_by: Vec<u64>,
    /// The first uses.
    pub uses: Vec<Use>,
    /// How many there are.
    pub uses_count: u64,
}

/// What replaced a credential.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Replaced {
    /// The exchange.
    pub by: u64,
    /// The new one.
    pub with: String,
}

/// One use.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Use {
    /// The exchange.
    pub exchange: u64,
    /// Where it stood.
    pub place: String,
    /// `accepted`, `refused`, `expected` or `unknown`.
    pub outcome: &'static str,
    /// Seconds since it was issued, by the server's clock.
    pub age_s: Option<i64>,
}

/// A step that is more than a call.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Step {
    /// The exchange.
    pub exchange: u64,
    /// What it is.
    pub what: &'static str,
    /// `METHOD URL -> STATUS`.
    pub line: String,
    /// What it led to, in words.
    pub then: String,
}

/// An OAuth grant.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Grant {
    /// The authorization request.
    pub authorize: Option<u64>,
    /// The authorization response.
    pub callback: Option<u64>,
    /// Token calls.
    pub token_calls: Vec<u64>,
    /// Whether a token was issued.
    pub issued: bool,
}

/// Makes the model of one capture.
pub fn model(file: &str, format: &str, trace: &Trace<'_>, masker: &mut Masker) -> Capture {
    masker.learn(trace.facts.values.iter().map(|(id, v, k)| (v, trace.life(id).map_or(k, |l| l.kind))));
    let mut b = Builder { trace, masker };
    let (credentials, total) = b.credentials();
    let actors: std::collections::BTreeSet<u32> = trace.all().map(|ex| ex.actor().0).collect();
    Capture {
        file: printable(file),
        format: format.to_owned(),
        exchanges: trace.facts.list.len() as u64,
        clients: actors.len() as u64,
        servers: b.servers(),
        credentials,
        credentials_count: total,
        steps: trace.all().filter_map(|ex| b.step(ex)).collect(),
        grants: trace.grants.iter().map(grant).collect(),
    }
}

fn grant(g: &crate::trace::Grant) -> Grant {
    Grant {
        authorize: g.authorize.map(u64::from),
        callback: g.callback.map(u64::from),
        token_calls: g.calls.iter().map(|c| u64::from(c.call)).collect(),
        issued: g.calls.iter().any(|c| c.good),
    }
}

struct Builder<'b, 't> {
    trace: &'t Trace<'t>,
    masker: &'b mut Masker,
}

impl Builder<'_, '_> {
    fn servers(&mut self) -> Vec<Server> {
        let mut out: Vec<Server> = Vec::new();
        let mut known = std::collections::HashSet::new();
        for ex in self.trace.all().filter(|ex| !ex.origin().is_empty()) {
            if known.insert(ex.fact().origin) && out.len() < 1000 {
                let offset = self.trace.clocks.offset(ex.fact().origin);
                out.push(Server {
                    origin: self.masker.text(ex.origin()),
                    profile: ex.profile().id.clone(),
                    clock_offset_s: offset.map(|o| o / 1_000_000),
                });
            }
        }
        out
    }

    fn credentials(&mut self) -> (Vec<Credential>, u64) {
        let trace = self.trace;
        let mut list: Vec<(usize, ValueId, &[u8], &Life)> = trace
            .facts
            .values
            .iter()
            .filter_map(|(id, bytes, _)| {
                let life = trace.life(id)?;
                let shown = !matches!(life.kind, Kind::ClientId | Kind::State | Kind::Verifier | Kind::Password);
                let first = life.issued.first().map(|i| i.by).into_iter().chain(life.uses.first().map(|u| u.by));
                let first = first.map(|id| trace.position(id)).min()?;
                (shown && (life.token || !life.uses.is_empty())).then_some((first, id, bytes, life))
            })
            .collect();
        list.sort_by_key(|c| (c.0, c.1));
        let total = list.len() as u64;
        (list.into_iter().take(CREDENTIALS).map(|(_, _, bytes, life)| self.credential(bytes, life)).collect(), total)
    }

    fn credential(&mut self, bytes: &[u8], life: &Life) -> Credential {
        let issued = life.issued.first();
        let uses = life.uses.iter().take(USES);
        let replaced = life.replaced.map(|(with, by)| {
            let (value, kind) =
                (self.trace.facts.values.get(with), self.trace.life(with).map_or(life.kind, |l| l.kind));
            Replaced { by: u64::from(by), with: self.masker.alias(value, kind) }
        });
        Credential {
            alias: self.masker.alias(bytes, life.kind),
            kind: kind_word(life.kind, life.jwt.is_some()).to_owned(),
            shown: self.masker.apart(|m| m.secret(bytes, life.kind)),
            issued_by: life.issued.iter().map(|i| u64::from(i.by)).collect(),
            lifetime_s: issued.and_then(|i| i.lifetime),
            replaced,
            ended_by: life.ended_by.iter().map(|i| u64::from(*i)).collect(),
            uses: uses.map(|u| self.used(life, u)).collect(),
            uses_count: life.uses.len() as u64,
        }
    }

    fn used(&mut self, life: &Life, u: &crate::trace::Used) -> Use {
        let ex = self.trace.ex(u.by);
        let issued = life.issued_before(|id| self.trace.position(id), self.trace.position(u.by));
        let age = issued.and_then(|i| Some((ex.server_now()? - self.trace.ex(i.by).server_now()?) / 1_000_000));
        Use {
            exchange: u64::from(u.by),
            place: self.masker.text(&self.trace.place_words(u.place)),
            outcome: outcome(ex),
            age_s: age,
        }
    }

    fn step(&mut self, ex: Ex<'_>) -> Option<Step> {
        let what = what(ex)?;
        let mut then = Vec::new();
        let issued: Vec<String> = ex
            .node()
            .issued
            .iter()
            .filter_map(|v| Some((self.trace.facts.values.get(*v), self.trace.life(*v)?.kind)))
            .map(|(bytes, kind)| self.masker.alias(bytes, kind))
            .collect();
        if !issued.is_empty() {
            then.push(format!("issues {}", issued.join(", ")));
        }
        then.extend(ex.node().answered_by.map(|id| format!("answered by #{id}")));
        then.extend(ex.node().redirected_to.map(|id| format!("followed by #{id}")));
        then.extend(ex.node().actual.map(|id| format!("for #{id}")));
        if ex.denied() {
            then.push("refused".to_owned());
        }
        let status = if ex.status() == 0 { "no status".to_owned() } else { ex.status().to_string() };
        let url = match ex.detail() {
            Some(d) => self.masker.apart(|m| m.line_text(&d.url)),
            None => self.masker.text(&ex.full_url()),
        };
        let line = format!("{} {url} -> {status}", printable(ex.method()));
        Some(Step { exchange: u64::from(ex.id()), what, line, then: then.join(", ") })
    }
}

fn what(ex: Ex<'_>) -> Option<&'static str> {
    Some(match ex.class() {
        Class::Login => "login",
        Class::Token => "token",
        Class::Refresh => "refresh",
        Class::Authorize => "authorize",
        Class::Callback => "callback",
        Class::Logout => "logout",
        Class::Introspect => "introspect",
        Class::Discovery => "discovery",
        Class::Device => "device",
        Class::Preflight => "preflight",
        Class::Register => "register",
        Class::CsrfHelper => "csrf helper",
        Class::Call if ex.node().expected => "challenge",
        Class::Call if ex.node().redirected_to.is_some() => "redirect",
        Class::Call => return None,
    })
}

fn outcome(ex: Ex<'_>) -> &'static str {
    if ex.denied() {
        "refused"
    } else if ex.node().expected {
        "expected"
    } else if ex.accepted() {
        "accepted"
    } else {
        "unknown"
    }
}

/// The model as text.
pub fn text(model: &Model) -> String {
    let mut out = String::new();
    for c in &model.captures {
        capture(&mut out, c);
    }
    out
}

fn capture(out: &mut String, c: &Capture) {
    let _ = writeln!(
        out,
        "{}: {}, {}, {}, {}",
        c.file,
        count(c.exchanges, "exchange"),
        count(c.clients, "client"),
        count(c.servers.len() as u64, "server"),
        count(c.credentials_count, "credential")
    );
    section(out, "servers", c.servers.iter().map(server));
    section(out, "credentials", c.credentials.iter().flat_map(credential));
    if c.credentials_count > c.credentials.len() as u64 {
        let _ = writeln!(out, "  (the first {} are listed)", c.credentials.len());
    }
    let steps = c.steps.iter().map(|s| {
        let then = if s.then.is_empty() { String::new() } else { format!("  ({})", s.then) };
        format!("#{:<5} {:<11} {}{then}", s.exchange, s.what, s.line)
    });
    section(out, "steps", steps);
    section(out, "grants", c.grants.iter().map(grant_line));
    out.push('\n');
}

fn section(out: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    for (i, line) in lines.enumerate() {
        if i == 0 {
            let _ = writeln!(out, "\n{title}");
        }
        let _ = writeln!(out, "  {}", line.trim_end());
    }
}

fn server(s: &Server) -> String {
    let clock = match s.clock_offset_s {
        Some(0) | None => String::new(),
        Some(n) if n > 0 => format!("  clock {} ahead", span(n)),
        Some(n) => format!("  clock {} behind", span(-n)),
    };
    format!("{:<44} profile {}{clock}", s.origin, s.profile)
}

/// A head line, and one line a run of like uses.
fn credential(c: &Credential) -> Vec<String> {
    let mut head = format!("{:<4} {:<14} {}", c.alias, c.kind, c.shown);
    match c.issued_by.first() {
        Some(id) => {
            let _ = write!(head, "  issued by #{id}");
        }
        None => head.push_str("  not issued in this capture"),
    }
    if let Some(s) = c.lifetime_s {
        let _ = write!(head, ", lives {}", span(s));
    }
    if let Some(r) = &c.replaced {
        let _ = write!(head, ", replaced by {} in #{}", r.with, r.by);
    }
    if let Some(id) = c.ended_by.first() {
        let _ = write!(head, ", ended by #{id}");
    }
    let mut out = vec![head];
    for run in c.uses.chunk_by(|a, b| (a.outcome, &a.place) == (b.outcome, &b.place)) {
        let ids: Vec<Id> = run.iter().filter_map(|u| Id::try_from(u.exchange).ok()).collect();
        let Some(first) = run.first() else { continue };
        let age = first.age_s.map_or_else(String::new, |s| format!(", {} old", span(s)));
        out.push(format!("       {:<9} {}  {}{age}", first.outcome, ranges(&ids, 0), first.place));
    }
    if c.uses_count > c.uses.len() as u64 {
        out.push(format!("       and {}", count(c.uses_count - c.uses.len() as u64, "further use")));
    }
    out
}

fn grant_line(g: &Grant) -> String {
    let one = |name: &str, id: Option<u64>| match id {
        Some(id) => format!("{name} #{id}"),
        None => format!("{name} not in this capture"),
    };
    let calls: Vec<String> = g.token_calls.iter().map(|id| format!("#{id}")).collect();
    let token = if calls.is_empty() { "no token call".to_owned() } else { format!("token {}", calls.join(", ")) };
    let issued = if g.issued { "a token was issued" } else { "no token was issued" };
    format!("{} > {} > {token}: {issued}", one("authorize", g.authorize), one("callback", g.callback))
}
