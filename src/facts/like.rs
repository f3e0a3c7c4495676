//! What like exchanges have in common.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use super::short::{Loud, Short, Shorts, hash};
use super::strings::Kind;
use super::{Detail, Fact, Id, Line, Outcome, Place, StrId, Strings, ValueId, Values, names};

/// The tables that the numbers of a row count into: texts are compared by their bytes, in whatever stretch they stand.
#[derive(Clone, Copy)]
pub(super) struct Tables<'t> {
    pub(super) texts: &'t Strings,
    pub(super) values: &'t Values,
    hashes: &'t Hashes,
}

/// The hashes of all texts and values of a stretch, by their numbers.
#[derive(Debug)]
pub(super) struct Hashes {
    texts: Vec<u64>,
    values: Vec<u64>,
}

impl Hashes {
    pub(super) fn new(texts: &Strings, values: &Values) -> Self {
        Self {
            texts: texts.iter().map(|text| hash(text.as_bytes())).collect(),
            values: values.iter().map(|(_, value, _)| hash(value)).collect(),
        }
    }
}

impl<'t> Tables<'t> {
    pub(super) fn new(texts: &'t Strings, values: &'t Values, hashes: &'t Hashes) -> Self {
        Self { texts, values, hashes }
    }

    pub(super) fn text(&self, id: StrId) -> u64 {
        self.hashes.texts.get(id.0 as usize).copied().unwrap_or_default()
    }

    pub(super) fn value(&self, id: ValueId) -> u64 {
        self.hashes.values.get(id.0 as usize).copied().unwrap_or_default()
    }

    fn place(&self, place: Place) -> (u8, u64) {
        match place {
            Place::Header(s) => (1, self.text(s)),
            Place::Query(s) => (2, self.text(s)),
            Place::Cookie(s) => (3, self.text(s)),
            Place::Field(s) => (4, self.text(s)),
            Place::Userinfo => (5, 0),
            Place::Path => (6, 0),
        }
    }
}

/// How much refusals must have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grain {
    /// Client, credential, and the logins between them.
    Fine(u32),
    /// Of a misspelled credential only the slip, whoever sent it, and the last other refusal of its client (0: none), which may
    /// be why; of all others the same.
    Coarse(u32, Id),
    /// Of a token what became of it, whoever sent it.
    Story(u64),
    /// That there was no credential, whoever sent none.
    Challenge,
}

/// Whether a call may end a session: its method or its path says so.
pub(super) fn ends(f: &Fact) -> bool {
    let Some(d) = &f.detail else { return false };
    f.outcome.code() < 400 && ending(&d.url.text())
}

/// Whether a path is one of a call that ends a session.
pub(super) fn ending(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ["logout", "signout", "revo", "logoff"].iter().any(|w| path.contains(w))
}

/// Whether an exchange with a detail was accepted and matters only if something comes of it: a login, a logout. Whatever
/// may be a refusal behind a status of success, a step of a flow, or a redirect that is followed is none.
pub(super) fn quiet(f: &Fact) -> bool {
    let Some(d) = &f.detail else { return false };
    let accepted = matches!(f.outcome, Outcome::Status(200..400));
    let odd = d.typed.is_some() || d.failure.is_some() || !d.odd.is_empty() || f.flags.preflight || f.flags.masked;
    let flow = !d.query.is_empty() || !d.fragment.is_empty() || !d.url.marks.is_empty() || f.flags.secret_referer;
    // Whatever else an answer says may be a refusal.
    let told = |a: &super::BodyFact| {
        let status = |n: &str| ["code", "status", "rror", "success"].iter().any(|w| n.contains(w));
        a.login_page || a.len > 0 && (d.issues.is_empty() || a.fields.iter().any(|f| status(&f.path)))
    };
    let grpc = d.response.iter().any(|l| l.spelled.eq_ignore_ascii_case("grpc-status"));
    let soft = !d.hits.is_empty() || d.answer.as_deref().is_some_and(told) || grpc;
    let redirect = (300..400).contains(&f.outcome.code()) && f.outcome.code() != 304 && f.flags.sees_response;
    accepted && !odd && !flow && !soft && !redirect
}

/// What quiet exchanges that look the same to all rules have in common: everything but who sent them, and the secrets.
pub(super) fn quiet_shape(f: &Fact, d: &Detail, t: Tables<'_>) -> u64 {
    let mut h = FxHasher::default();
    whole(f, d, t, &mut h);
    (t.text(f.route), t.text(f.method), f.flags.script, f.flags.navigation, f.flags.cross_origin).hash(&mut h);
    (
        f.flags.browser,
        f.flags.behind_tls,
        f.flags.certificate,
        f.flags.asset,
        f.flags.wants_json,
        f.flags.allows_origin,
        f.flags.unreadable,
    )
        .hash(&mut h);
    for u in &f.uses {
        (u.kind, u.odd, t.place(u.place), t.text(u.scheme)).hash(&mut h);
    }
    for l in d.request.iter().chain(&d.response) {
        line(l, t, &mut h);
        for m in &l.marks {
            (m.kind, m.range.start).hash(&mut h);
        }
        attributes(l).hash(&mut h);
    }
    for i in &d.issues {
        (i.kind, &i.key, i.from, i.weak).hash(&mut h);
    }
    bodies(d, &mut h);
    h.finish()
}

/// The same of a line that was told in short.
pub(super) fn quiet_shape_of(s: &Short, loud: &Loud, of: &Shorts, texts: &Strings) -> u64 {
    let text = |id: Option<StrId>| id.map_or(0, |id| hash(texts.get(id).as_bytes()));
    let route = of.routes.get(s.route as usize);
    let credential = of.credentials.get(s.credential as usize);
    let mut h = FxHasher::default();
    (text(of.origins.get(s.origin as usize).copied()), text(route.map(|r| r.text)), s.status, s.side).hash(&mut h);
    (text(credential.map(|c| c.scheme)), credential.map(|c| c.kind), s.flags.browser, loud.headers).hash(&mut h);
    h.finish()
}

/// What follows a secret in its line, numbers left out: the attributes of a cookie.
fn attributes(l: &Line) -> u64 {
    let Some(last) = l.marks.last() else { return 0 };
    let tail = l.bytes().get(last.range.end..).unwrap_or_default();
    let mut h = FxHasher::default();
    for word in tail.split(|b| *b == b';').filter(|w| told(w)) {
        h.write(word);
    }
    h.finish()
}

/// What like refusals have in common; `None` for one that is like no other: it hands something out, or is a step of a
/// flow that its own values tell apart.
pub(super) fn shape(f: &Fact, t: Tables<'_>, grain: Grain) -> Option<u64> {
    let d = f.detail.as_deref()?;
    let own =
        !d.issues.is_empty() || d.typed.is_some() || d.failure.is_some() || (300..400).contains(&f.outcome.code());
    if own || !d.query.is_empty() && f.outcome.code() < 400 || f.flags.preflight {
        return None;
    }
    let mut h = FxHasher::default();
    let fine = match grain {
        Grain::Fine(phase) => Some(phase),
        Grain::Coarse(phase, _) => (!misspelled(f, d, t)).then_some(phase),
        Grain::Story(_) | Grain::Challenge => None,
    };
    whole(f, d, t, &mut h);
    match (fine, grain) {
        (Some(phase), _) => (t.text(f.actor), phase).hash(&mut h),
        (_, Grain::Story(story)) => (1, story).hash(&mut h),
        (_, Grain::Challenge) => 2.hash(&mut h),
        (_, Grain::Fine(other) | Grain::Coarse(_, other)) => other.hash(&mut h),
    }
    let fine = fine.is_some();
    // A server that does not know who asks looks at no route; one that refuses somebody does.
    if !matches!(f.outcome.code(), 401 | 407) {
        (t.text(f.route), t.text(f.method)).hash(&mut h);
    }
    for u in &f.uses {
        (t.place(u.place), t.text(u.scheme)).hash(&mut h);
        if fine {
            t.value(u.value).hash(&mut h);
        }
    }
    for l in &d.request {
        line(l, t, &mut h);
        for m in &l.marks {
            m.range.start.hash(&mut h);
            if fine {
                t.value(m.value).hash(&mut h);
            } else {
                l.bytes().get(..m.range.start).hash(&mut h);
            }
        }
    }
    bodies(d, &mut h);
    for q in &d.query {
        q.path.hash(&mut h);
    }
    Some(h.finish())
}

/// Whether a call is refused for what its Authorization line shows by itself: a slip in its spelling, or no credential
/// behind its scheme.
pub(super) fn misspelled(f: &Fact, d: &Detail, t: Tables<'_>) -> bool {
    let line = d.request.iter().any(|l| t.texts.get(l.name) == "authorization");
    line && f.uses.iter().all(|u| u.odd) && d.body.is_none() && !f.flags.masked
}

/// Whether an answer might have handed out a credential, so that a client that was refused may have none afterwards: anything
/// but a plain read with a token.
pub(super) fn hands_out(f: &Fact, d: &Detail, t: Tables<'_>) -> bool {
    let read = matches!(t.texts.get(f.method), "GET" | "HEAD")
        && d.body.is_none()
        && d.query.iter().all(|q| q.line.marks.is_empty());
    let token = f.uses.iter().all(|u| matches!(u.kind, Kind::Token | Kind::ApiKey | Kind::Signature));
    !(read && token) || names::auth_path(&d.url.text())
}

fn whole(f: &Fact, d: &Detail, t: Tables<'_>, h: &mut FxHasher) {
    (t.text(f.origin), f.outcome, f.media, f.flags.masked, f.side, t.text(f.server)).hash(h);
    (d.odd.len(), d.request.len(), d.response.len()).hash(h);
    for hit in &d.hits {
        (hit.class, hit.place, hit.weak).hash(h);
    }
}

fn line(l: &Line, t: Tables<'_>, h: &mut FxHasher) {
    (t.text(l.name), &l.spelled).hash(h);
    // A value without a secret may be the flaw itself: a blank header, a scheme, a content type.
    if l.marks.is_empty() && told(l.bytes()) {
        l.bytes().hash(h);
    }
}

fn bodies(d: &Detail, h: &mut FxHasher) {
    for body in d.body.iter().chain(&d.answer) {
        body.media.hash(h);
        for field in &body.fields {
            field.path.hash(h);
        }
    }
}

/// Whether a value is the same in like requests: no number, no id.
pub(super) fn told(value: &[u8]) -> bool {
    value.len() < 64 && !value.iter().any(u8::is_ascii_digit)
}
