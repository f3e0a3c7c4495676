//! OAuth grants: authorization request, callback and token calls that belong together (rules.md 5.9).

use rustc_hash::FxHashMap;

use super::{Class, Ex, Trace};
use crate::auth::{form, token::is_mask, url};
use crate::facts::{Id, StrId};

/// A token call of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The token call.
    pub call: Id,
    /// Whether it issued a token.
    pub good: bool,
}

/// One authorization: what was asked, what came back, and how the code was redeemed.
#[derive(Clone, Debug, Default)]
pub struct Grant {
    /// The authorization request.
    pub authorize: Option<Id>,
    /// The authorization response, as the callback request shows it.
    pub callback: Option<Id>,
    /// The token calls with its code, in order.
    pub calls: Vec<Attempt>,
}

/// A grant lasts this long (microseconds).
const LASTS: i64 = 900_000_000;

/// Links authorization requests to callbacks (state, else client and redirect_uri) and callbacks to token calls (code,
/// else order).
pub(super) fn grants(t: &mut Trace<'_>) {
    let mut b = Builder::default();
    for ex in t.all() {
        match ex.class() {
            Class::Authorize => b.authorize(&ex),
            Class::Callback => b.callback(&ex),
            Class::Token if redeems_code(&ex) => b.call(&ex),
            _ => {}
        }
    }
    let owners: Vec<(Id, usize)> = b
        .grants
        .iter()
        .enumerate()
        .flat_map(|(n, g)| {
            g.authorize.into_iter().chain(g.callback).chain(g.calls.iter().map(|c| c.call)).map(move |id| (id, n))
        })
        .collect();
    t.grants = b.grants;
    for (id, n) in owners {
        t.node_mut(id, |node| node.grant = Some(n));
    }
}

/// Whether a token call redeems, or should redeem, an authorization code.
pub(crate) fn redeems_code(ex: &Ex<'_>) -> bool {
    match ex.param_text("grant_type") {
        Some(g) => g == "authorization_code" || ex.param("code_verifier").is_some(),
        None => ex.param("code").is_some() || ex.param("code_verifier").is_some(),
    }
}

#[derive(Default)]
struct Builder {
    grants: Vec<Grant>,
    by_state: FxHashMap<String, usize>,
    by_code: FxHashMap<Vec<u8>, usize>,
    /// The latest authorization of an actor that waits for its callback or its token call.
    open: FxHashMap<StrId, usize>,
}

impl Builder {
    fn authorize(&mut self, ex: &Ex<'_>) {
        // A login form posts back to the same authorization, and redirects repeat it.
        let state = ex.param_text("state");
        if let Some(known) = state.as_ref().and_then(|s| self.by_state.get(s))
            && self.grants.get(*known).is_some_and(|g| g.callback.is_none() && g.calls.is_empty())
        {
            return;
        }
        let n = self.push(Grant { authorize: Some(ex.id()), ..Grant::default() });
        if let Some(state) = state {
            self.by_state.insert(state, n);
        }
        self.open.insert(ex.actor(), n);
        self.code_of_location(ex, n);
    }

    /// The code as the redirect hands it out: the callback itself may not be in the capture.
    fn code_of_location(&mut self, ex: &Ex<'_>, n: usize) {
        let t = ex.trace();
        for value in &ex.node().issued {
            if t.life(*value).is_some_and(|l| l.kind == crate::facts::Kind::Code) {
                self.by_code.insert(t.facts.values.get(*value).to_vec(), n);
            }
        }
    }

    fn callback(&mut self, ex: &Ex<'_>) {
        let state = back(ex, "state");
        let by_state = state.as_ref().and_then(|s| self.by_state.get(s)).copied();
        let by_code = back(ex, "code").and_then(|c| self.by_code.get(c.as_bytes()).copied());
        // An authorization that was answered already is not answered again with another state and code.
        let waits = |n: &usize| self.recent(ex, *n) && self.grants.get(*n).is_some_and(|g| g.callback.is_none());
        let recent = self.open.get(&ex.actor()).copied().filter(waits);
        let n = by_state.or(by_code).or(recent).unwrap_or_else(|| self.push(Grant::default()));
        if let Some(g) = self.grants.get_mut(n) {
            // A reload of the callback keeps the first.
            g.callback.get_or_insert(ex.id());
        }
        if let Some(code) = back(ex, "code") {
            self.by_code.insert(code.into_bytes(), n);
        }
        self.open.insert(ex.actor(), n);
    }

    fn call(&mut self, ex: &Ex<'_>) {
        let by_code = ex.param("code").and_then(|f| self.by_code.get(f.bytes()).copied());
        let recent = self.open.get(&ex.actor()).copied().filter(|n| self.recent(ex, *n));
        let n = by_code.or(recent).unwrap_or_else(|| self.push(Grant::default()));
        let good = ex.accepted()
            && (ex.answer_field("access_token").is_some()
                || !ex.node().issued.is_empty()
                || !ex.fact().flags.sees_answer);
        if let Some(g) = self.grants.get_mut(n) {
            g.calls.push(Attempt { call: ex.id(), good });
        }
        if let Some(code) = ex.param("code").filter(|c| !c.is_blank()) {
            self.by_code.entry(code.bytes().to_vec()).or_insert(n);
        }
    }

    fn recent(&self, ex: &Ex<'_>, n: usize) -> bool {
        let first = self.grants.get(n).and_then(|g| g.authorize.or(g.callback));
        first.is_some_and(|id| super::link::within(ex.trace(), id, ex.id(), LASTS))
    }

    fn push(&mut self, g: Grant) -> usize {
        self.grants.push(g);
        self.grants.len() - 1
    }
}

/// A parameter of an authorization response: query, fragment or form post; of an authorization request, what its answer
/// redirects with.
pub(crate) fn back(ex: &Ex<'_>, name: &str) -> Option<String> {
    let d = ex.detail()?;
    if ex.class() == Class::Authorize {
        return redirected_with(ex, name);
    }
    let pair = d.query.iter().chain(&d.fragment).find(|f| f.path.trim_start_matches('?') == name);
    pair.or_else(|| ex.field(name)).map(|f| f.text().into_owned()).filter(|t| !t.is_empty())
}

/// A parameter of the query or fragment of `Location`.
fn redirected_with(ex: &Ex<'_>, name: &str) -> Option<String> {
    let text = ex.res("location").present()?.text().into_owned();
    let u = url::parse_url(&text);
    let parts = [u.query_at(), u.fragment_at()].into_iter().flatten().filter_map(|r| text.get(r));
    let pairs = parts.flat_map(|part| form::pairs(part.as_bytes()));
    let mut named = pairs.filter(|p| p.name == name && !p.value.is_empty());
    named.next().map(|p| String::from_utf8_lossy(&p.value).into_owned())
}

/// Whether a callback brings a state although none of the actor's authorization requests sent it. A mask, in whichever of
/// them, may stand for the right one.
pub(super) fn unmatched_state(t: &Trace<'_>, ex: &Ex<'_>) -> bool {
    let Some(state) = back(ex, "state").filter(|s| !is_mask(s)) else { return false };
    let mut sent = Vec::new();
    for other in ex.steps_before().filter(|o| o.class() == Class::Authorize).take(64) {
        if let Some(s) = other.param_text("state") {
            sent.push(s);
        }
    }
    let _ = t;
    !sent.is_empty() && !sent.iter().any(|s| *s == state || is_mask(s))
}

/// Whether a callback names another issuer than the server that its grant asked (RFC 9207 2.4).
pub(super) fn other_issuer(t: &Trace<'_>, ex: &Ex<'_>) -> bool {
    let Some(iss) = back(ex, "iss").filter(|i| !is_mask(i)) else { return false };
    let Some(grant) = ex.node().grant.and_then(|n| t.grants.get(n)) else { return false };
    let Some(asked) = grant.authorize.map(|id| t.ex(id)) else { return false };
    // A code that was redeemed shows that it belongs to the server.
    if grant.calls.iter().any(|c| c.good) {
        return false;
    }
    if let Some(own) = published_issuer(asked) {
        return own.trim_end_matches('/') != iss.trim_end_matches('/');
    }
    let u = url::parse_url(&iss);
    // `https://example.org` may well be the name of `auth.example.org`: only its metadata could tell.
    let within = |a: &str, b: &str| a.strip_suffix(b).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let akin = within(asked.host(), u.host()) || within(u.host(), asked.host());
    let known = || discoveries(t).filter_map(|o| o.answer_text("issuer"));
    !u.host().is_empty() && !akin && !known().any(|i| i.trim_end_matches('/') == iss.trim_end_matches('/'))
}

/// The issuer that the metadata in the capture give for the endpoint of an authorization request (RFC 8414 2).
pub(crate) fn published_issuer(authorize: Ex<'_>) -> Option<String> {
    let own = format!("{}{}", authorize.origin(), authorize.path());
    let endpoint = |o: &Ex<'_>| {
        o.answer_text("authorization_endpoint").is_some_and(|e| e.split('?').next().is_some_and(|e| e == own))
    };
    discoveries(authorize.trace()).find(endpoint)?.answer_text("issuer")
}

/// Metadata documents of the capture.
fn discoveries<'t>(t: &'t Trace<'t>) -> impl Iterator<Item = Ex<'t>> {
    t.all().filter(|o| o.class() == Class::Discovery).take(64)
}
