//! Guard G1: refusals that belong to a handshake, and other denials that work as intended.

use rustc_hash::FxHashMap;

use super::{Class, Denial, Ex, Trace, link};
use crate::auth::challenge::Challenge;
use crate::auth::url;
use crate::facts::{Id, Kind, StrId};

/// The answer to a challenge comes within this time (microseconds) ...
const SOON: i64 = 30_000_000;
/// ... and within this many exchanges of the actor.
const STEPS: usize = 10;

/// Marks expected refusals.
pub(super) fn all(t: &mut Trace<'_>) {
    second_factors(t);
    let mut open: FxHashMap<StrId, Vec<Waiting>> = FxHashMap::default();
    let mut answered: Vec<(Id, Id)> = Vec::new();
    let mut known: Vec<(StrId, String)> = Vec::new();
    let mut logins: FxHashMap<StrId, Id> = FxHashMap::default();
    for ex in t.all() {
        if ex.class().issues() && ex.accepted() {
            logins.insert(ex.actor(), ex.id());
        }
        let list = open.entry(ex.actor()).or_default();
        list.retain_mut(|w| w.keeps(&ex));
        list.retain(|w| {
            let done = w.answers(&ex);
            if done {
                answered.push((w.id, ex.id()));
            }
            !done
        });
        // Its login was on the way already: the client did not ask how to log in, it was too early (G6).
        let early = logins.get(&ex.actor()).is_some_and(|l| within_login(&ex, &t.ex(*l)));
        if let Some(w) = Waiting::new(&ex).filter(|_| !early) {
            // A second vault needs no new token call: the place it names was asked before.
            if let Some(place) = w.token_place.clone() {
                if known.contains(&(ex.actor(), place.clone())) && has_credential_soon(&ex) {
                    answered.push((ex.id(), ex.id()));
                    continue;
                }
                known.push((ex.actor(), place));
            }
            list.push(w);
        }
    }
    for (id, by) in answered {
        t.node_mut(id, |n| {
            n.expected = true;
            n.answered_by = (by != id).then_some(by);
        });
    }
}

/// Whether a request began while a login for its host ran.
fn within_login(ex: &Ex<'_>, login: &Ex<'_>) -> bool {
    let apart = login.id() != ex.id() && login.host() == ex.host();
    apart && matches!((ex.start(), login.end()), (Some(start), Some(end)) if start < end)
}

/// A person needs this long for a second factor (microseconds).
const FACTOR: i64 = 300_000_000;

/// A login that asked for a second factor and then went through with it: the refusal was the question (rules.md 5.4).
fn second_factors(t: &mut Trace<'_>) {
    let mut asked: FxHashMap<(StrId, StrId), Id> = FxHashMap::default();
    let mut answered: Vec<(Id, Id)> = Vec::new();
    for ex in t.all().filter(|ex| ex.class().issues()) {
        let key = (ex.actor(), ex.fact().origin);
        if ex.denial().is_some() && ex.said() == Some(crate::provider::Class::StepUp) {
            asked.insert(key, ex.id());
        } else if ex.accepted()
            && let Some(id) = asked.remove(&key)
            && link::within(t, id, ex.id(), FACTOR)
        {
            answered.push((id, ex.id()));
        }
    }
    for (id, by) in answered {
        t.node_mut(id, |n| {
            n.expected = true;
            n.answered_by = Some(by);
        });
    }
}

fn has_credential_soon(ex: &Ex<'_>) -> bool {
    ex.after().take(STEPS).any(|o| o.fact().origin == ex.fact().origin && carries(&o))
}

/// A masked credential is one, too; of an accepted request often only the mark is kept.
fn carries(ex: &Ex<'_>) -> bool {
    ex.masked() || ex.credentials().next().is_some()
}

/// A challenge that waits for its answer.
struct Waiting {
    id: Id,
    steps: usize,
    origin: StrId,
    path: StrId,
    schemes: Vec<String>,
    /// A handshake's own leg was refused (NTLM type 2, Digest stale, DPoP nonce): the next leg must follow.
    leg: bool,
    /// Host and path where the challenge says that a token is to be had.
    token_place: Option<String>,
    registry: bool,
    /// What the next leg must carry: the nonces that a stale Digest answer or a DPoP proof was refused for.
    nonces: Vec<String>,
    /// Neither challenge nor answer to it can be seen: the acceptance of the same request closes it.
    unseen: bool,
}

impl Waiting {
    fn new(ex: &Ex<'_>) -> Option<Self> {
        let bound = ex.denial().and_then(|_| ex.wants_nonce());
        let challenged = matches!(ex.denial(), Some(Denial::Auth | Denial::Proxy)) && matches!(ex.status(), 401 | 407);
        if !challenged && bound.is_none() {
            return None;
        }
        let header = if ex.status() == 407 { "proxy-authenticate" } else { "www-authenticate" };
        let lines: Vec<&[u8]> = ex.ress(header).map(crate::facts::Line::bytes).collect();
        let challenges = crate::auth::challenge::parse_challenges(&lines);
        // A proxy's log shows no challenge; status 407 stands for one.
        let unseen = ex.status() == 407 && !ex.res(header).seen();
        if challenges.is_empty() && bound.is_none() && !unseen {
            return None;
        }
        let own = if ex.status() == 407 { "proxy-authorization" } else { "authorization" };
        let sent =
            ex.reqs(own).next().is_some() || ex.status() != 407 && ex.credentials().any(|u| u.kind != Kind::Cookie);
        let leg = bound.is_some() || leg(&challenges);
        // A client that showed its secret in the body, and was refused as a client, asked nobody how to log in.
        let shown = ex.field("client_secret").is_some_and(|f| !f.is_blank()) && ex.says(crate::provider::Class::Client);
        if (sent || shown || misplaced(ex, &challenges)) && !leg || lost_on_redirect(ex, &challenges) {
            return None;
        }
        let stale = challenges.iter().filter(|c| sent && stale(c)).filter_map(|c| c.get("nonce")).map(str::to_owned);
        Some(Self {
            id: ex.id(),
            steps: STEPS,
            origin: ex.fact().origin,
            path: ex.fact().path,
            schemes: challenges.iter().map(|c| c.scheme.to_ascii_lowercase()).collect(),
            leg,
            token_place: challenges.iter().find_map(token_place),
            // A registry is asked at `/v2/` how it wants to be logged in to, whatever the scheme.
            registry: challenges.iter().any(|c| c.get("service").is_some()) || matches!(ex.path(), "/v2/" | "/v2"),
            nonces: bound.into_iter().chain(stale).collect(),
            unseen,
        })
    }

    /// Counts a step; `false` when the time is over.
    fn keeps(&mut self, ex: &Ex<'_>) -> bool {
        self.steps = self.steps.saturating_sub(1);
        self.steps > 0 && link::within(ex.trace(), self.id, ex.id(), SOON)
    }

    fn answers(&self, ex: &Ex<'_>) -> bool {
        if let Some(place) = &self.token_place {
            let here = format!("{}{}", ex.host(), ex.path());
            if here == *place || ex.class().issues() && place.starts_with(ex.host()) {
                return true;
            }
        }
        // A client that finds its way by itself asks for the server's metadata next (RFC 9728 3, RFC 8414 3).
        let bearer = self.schemes.iter().any(|s| s == "bearer" || s == "dpop");
        if bearer && ex.class() == Class::Discovery && ex.fact().origin == self.origin {
            return true;
        }
        if ex.fact().origin != self.origin || !self.registry && ex.fact().path != self.path {
            return false;
        }
        if !self.nonces.is_empty() {
            return self.carries_nonce(ex);
        }
        if self.unseen {
            return ex.accepted();
        }
        let sent = ["authorization", "proxy-authorization"].into_iter().find_map(|n| ex.reqs(n).next());
        if let Some(line) = sent {
            let scheme = crate::auth::authorization::parse_authorization(line.bytes()).scheme.to_ascii_lowercase();
            let masked = ex.masked() && scheme.is_empty();
            return masked || self.leg || self.schemes.contains(&scheme) || ex.accepted();
        }
        ex.accepted() && carries(ex)
    }

    /// The next leg has the nonce that was asked for; where it cannot be read, its acceptance says so.
    fn carries_nonce(&self, ex: &Ex<'_>) -> bool {
        let proof = ex.proof().map(|p| p.nonce);
        let digest = ex.digest().map(|(_, d)| d.get("nonce").map(str::to_owned));
        match proof.or(digest) {
            Some(nonce) => nonce.is_some_and(|n| self.nonces.contains(&n)),
            None => ex.accepted(),
        }
    }
}

/// The client sent its headers as part of the body: it asked nobody how to log in. Schemes that clients answer by
/// themselves come without being asked for, whatever the body holds.
fn misplaced(ex: &Ex<'_>, challenges: &[Challenge]) -> bool {
    let header = |f: &crate::facts::Field| {
        f.path.eq_ignore_ascii_case("headers.authorization") || f.path.eq_ignore_ascii_case("headers.x-api-key")
    };
    let bearer = challenges.iter().all(|c| c.is("bearer"));
    bearer && ex.fields().any(header) && !ex.fields().any(|f| !f.path.contains('.') && f.bytes().starts_with(b"http"))
}

/// A redirect took the credential away: its target's challenge opens no handshake, the client had answered before. Schemes
/// that clients answer by themselves, and challenges that name the place of a token, start afresh on every host.
fn lost_on_redirect(ex: &Ex<'_>, challenges: &[Challenge]) -> bool {
    let automatic = |c: &Challenge| {
        let scheme = c.scheme.to_ascii_lowercase();
        matches!(scheme.as_str(), "basic" | "digest" | "ntlm" | "negotiate") || token_place(c).is_some()
    };
    let carried = |id: Id| ex.trace().ex(id).credentials().any(|u| u.kind != Kind::Cookie);
    !challenges.iter().any(automatic) && link::hops(ex.trace(), ex.id()).any(carried)
}

/// A leg of a handshake: its refusal is part of the protocol.
fn leg(challenges: &[Challenge]) -> bool {
    challenges.iter().any(|c| {
        let negotiates = c.is("ntlm") || c.is("negotiate");
        negotiates && c.token68.is_some() || stale(c)
    })
}

/// The answer was right but for its old nonce (RFC 7616 3.3).
fn stale(c: &Challenge) -> bool {
    c.is("digest") && c.get("stale").is_some_and(|s| s.eq_ignore_ascii_case("true"))
}

/// Where a challenge says that a token is to be had: Bearer `realm` with `service`, `authorization_uri`,
/// `authorization`, the metadata of the resource (RFC 9728 5.1).
fn token_place(c: &Challenge) -> Option<String> {
    let named = c.get("authorization_uri").or_else(|| c.get("authorization")).or_else(|| c.get("resource_metadata"));
    let realm = c
        .get("realm")
        .filter(|r| r.starts_with("http") && (c.get("service").is_some() || c.scheme.eq_ignore_ascii_case("bearer")));
    let target = named.or(realm)?;
    let u = url::parse_url(target);
    Some(format!("{}{}", u.host(), u.path()))
}
