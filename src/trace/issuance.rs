//! Tokens: who issued them, who used them, what ended or replaced them.

use rustc_hash::FxHashMap;

use super::{Class, Ex, Issued, Life, Trace, Used};
use crate::auth::jwt;
use crate::facts::{Id, Issue, IssuePlace, Kind, ValueId};
use crate::http::{Time, parse_iso};

/// Lives of all values: issuances and uses in order of time.
pub(super) fn lives(t: &mut Trace<'_>) {
    let mut lives: Vec<Life> = t.facts.values.iter().map(|(_, bytes, kind)| new_life(bytes, kind)).collect();
    for ex in t.all() {
        for u in &ex.fact().uses {
            if let Some(l) = lives.get_mut(u.value.0 as usize) {
                l.uses.push(Used { by: ex.id(), place: u.place, scheme: u.scheme });
                l.token |= !matches!(u.kind, Kind::Cookie | Kind::Csrf);
            }
        }
    }
    let mut per_exchange: Vec<(Id, ValueId)> = Vec::new();
    for ex in t.all() {
        for issue in ex.detail().map_or(&[][..], |d| &d.issues) {
            if let Some(issued) = issued(&ex, issue, &lives) {
                per_exchange.push((ex.id(), issue.value));
                if let Some(l) = lives.get_mut(issue.value.0 as usize) {
                    if l.kind == Kind::Token || issue.kind == Kind::Refresh || issue.kind == Kind::IdToken {
                        l.kind = issue.kind;
                    }
                    l.token |= issue.kind != Kind::Cookie;
                    l.issued.push(issued);
                }
            }
        }
    }
    t.lives = lives;
    for (id, value) in per_exchange {
        t.node_mut(id, |n| n.issued.push(value));
    }
}

fn new_life(bytes: &[u8], kind: Kind) -> Life {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let claims = if jwt::looks_like_jwt(text) { jwt::parse_jwt(text).ok() } else { None };
    Life {
        kind,
        issued: Vec::new(),
        uses: Vec::new(),
        accepted: Vec::new(),
        accepted_at: Vec::new(),
        ended_by: Vec::new(),
        replaced: None,
        jwt: claims.map(Box::new),
        token: false,
    }
}

/// Whether the answer really issues this value, and on what terms.
fn issued(ex: &Ex<'_>, issue: &Issue, lives: &[Life]) -> Option<Issued> {
    let status_fits = match ex.fact().outcome {
        crate::facts::Outcome::Status(s) => {
            matches!(s, 200 | 201 | 301 | 302 | 303 | 307 | 308) || issue.from == IssuePlace::Cookie
        }
        crate::facts::Outcome::Unknown => true,
        crate::facts::Outcome::None => false,
    };
    // Echo guard: a value that came with the request is used, not issued.
    let echoed = ex.fact().uses.iter().any(|u| u.value == issue.value)
        || ex.fields().any(|f| f.line.marks.iter().any(|m| m.value == issue.value));
    let used_later = lives.get(issue.value.0 as usize).is_some_and(|l| !l.uses.is_empty());
    let login = ex.class().issues();
    if !status_fits || echoed || issue.weak && !login && !used_later {
        return None;
    }
    if issue.from == IssuePlace::Cookie {
        return Some(terms(ex, issue));
    }
    (ex.status() < 400).then(|| terms(ex, issue))
}

fn terms(ex: &Ex<'_>, issue: &Issue) -> Issued {
    let prefix = issue.key.rsplit_once('.').map(|(p, _)| p).unwrap_or_default();
    let beside = |name: &str| {
        let own = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
        ex.answer_field(&own).or_else(|| ex.answer_field(name))
    };
    let near = |name: &str| beside(name).filter(|f| !f.is_blank()).map(|f| f.text().into_owned());
    // `3600`, `"3600"`, and the duration of protobuf, `"3600s"`.
    let seconds = |t: String| t.trim().trim_end_matches('s').parse::<f64>().ok();
    let number = |names: &[&str]| names.iter().find_map(|n| seconds(near(n)?));
    let lifetime = match issue.kind {
        Kind::Refresh => number(&["refresh_expires_in", "refresh_token_expires_in", "refreshExpiresIn"]),
        Kind::Cookie => cookie_lifetime(ex, issue),
        _ => number(&LASTS).or_else(|| number(&["expires"]).filter(|s| *s < 1e8)),
    };
    let lifetime = lifetime.map(|s| s as i64).filter(|s| *s > 0 && *s < 400 * 86_400 && *s != 9999);
    let expires_at = (issue.kind == Kind::Token)
        .then(|| ENDS.iter().find_map(|n| instant(&near(n)?)).or_else(|| beside_header(ex, issue)))
        .flatten();
    Issued {
        by: ex.id(),
        key: issue.key.clone(),
        lifetime,
        expires_at,
        token_type: near("token_type").or_else(|| near("tokenType")).map(Into::into),
        // `"scope": ""` says that there is none; no scope at all says nothing.
        scope: beside("scope").filter(|f| !f.is_blank() || f.text().is_empty()).map(|f| f.text().as_ref().into()),
        base_url: ["instance_url", "api_domain", "api_endpoint", "base_url"]
            .iter()
            .find_map(|n| near(n))
            .map(Into::into),
    }
}

/// The names under which answers say how many seconds a token lives (`lease_duration`: Vault; `validity`: Pi-hole).
const LASTS: [&str; 22] = [
    "expires_in",
    "expiresIn",
    "ext_expires_in",
    "ExpiresIn",
    "expire_in",
    "expireIn",
    "expires_in_sec",
    "ttl",
    "lease_duration",
    "validity",
    "expiresInSeconds",
    "expires_in_seconds",
    "expiresInSec",
    "token_expires_in",
    "tokenExpiresIn",
    "access_token_expires_in",
    "accessTokenExpiresIn",
    "valid_for",
    "validFor",
    "lifetime",
    "timeToLive",
    "time_to_live",
];

/// The names under which answers say when a token ends.
const ENDS: [&str; 37] = [
    "expires_at",
    "expires",
    "expiresAt",
    "expiration",
    "exp",
    "expires_on",
    "expiresOn",
    "ExpiresAt",
    "Expiration",
    "expiry",
    "expiryDate",
    "expiry_date",
    "expireAt",
    "expire_at",
    "expiredAt",
    "expired_at",
    "expireTime",
    "expire_time",
    "expiresTime",
    "expirationTime",
    "expiration_time",
    "expirationDate",
    "expiration_date",
    "validUntil",
    "valid_until",
    "validTo",
    "valid_to",
    "notAfter",
    "not_after",
    "tokenExpiry",
    "token_expiry",
    "tokenExpiresAt",
    "token_expires_at",
    "tokenExpiration",
    "access_token_expires_at",
    "accessTokenExpiresAt",
    "accessTokenExpiration",
];

/// A token in a header (OpenStack: `X-Subject-Token`) is described by the object `token` of the body.
fn beside_header(ex: &Ex<'_>, issue: &Issue) -> Option<Time> {
    let at = |n: &&str| instant(&ex.answer_field(&format!("token.{n}"))?.text());
    (issue.from == IssuePlace::Header).then(|| ENDS.iter().find_map(at)).flatten()
}

/// `Max-Age` of the Set-Cookie that set this value.
fn cookie_lifetime(ex: &Ex<'_>, issue: &Issue) -> Option<f64> {
    let d = ex.detail()?;
    let set = d.response.iter().find(|l| l.marks.iter().any(|m| m.value == issue.value))?;
    crate::auth::cookie::parse_set_cookie(set.bytes())?.max_age.map(|s| s as f64)
}

/// A point in time as answers write it: seconds, milliseconds, or ISO.
fn instant(text: &str) -> Option<Time> {
    if let Ok(n) = text.trim().parse::<f64>() {
        let secs = if n > 1e11 { n / 1000.0 } else { n };
        return (secs > 1e9).then(|| Time::from_secs_f64(secs));
    }
    parse_iso(text)
}

/// Logouts, revocations and rotations.
pub(super) fn endings(t: &mut Trace<'_>) {
    let mut ended: Vec<(ValueId, Id)> = Vec::new();
    let mut replaced: Vec<(ValueId, ValueId, Id)> = Vec::new();
    let mut last_of: FxHashMap<(crate::facts::StrId, Box<str>), ValueId> = FxHashMap::default();
    for ex in t.all() {
        match ex.class() {
            Class::Logout if ex.accepted() => ended.extend(named_values(&ex).into_iter().map(|v| (v, ex.id()))),
            Class::Refresh if ex.accepted() => rotation(t, &ex, &mut replaced),
            Class::Login | Class::Token if ex.accepted() && ex.profile().auth.single_session == Some(true) => {
                relogin(&ex, &mut last_of, &mut replaced);
            }
            _ => {}
        }
    }
    for (value, by) in ended {
        if let Some(l) = t.lives.get_mut(value.0 as usize) {
            l.ended_by.push(by);
        }
    }
    for (old, new, by) in replaced {
        if let Some(l) = t.lives.get_mut(old.0 as usize) {
            l.replaced.get_or_insert((new, by));
        }
    }
}

/// The tokens that a logout or revocation names: in its body, else its own credential.
fn named_values(ex: &Ex<'_>) -> Vec<ValueId> {
    let named: Vec<ValueId> = ex
        .fields()
        .filter(|f| matches!(f.name(), "token" | "access_token" | "refresh_token"))
        .flat_map(|f| f.line.marks.iter().map(|m| m.value))
        .collect();
    if !named.is_empty() {
        return named;
    }
    ex.fact().uses.iter().filter(|u| u.kind != Kind::Csrf).map(|u| u.value).collect()
}

/// A refresh replaces the access tokens that came with the refresh token, and a rotated refresh token.
fn rotation(t: &Trace<'_>, ex: &Ex<'_>, out: &mut Vec<(ValueId, ValueId, Id)>) {
    let new = |kind: Kind| t.node(ex.id()).issued.iter().copied().find(|v| t.life(*v).is_some_and(|l| l.kind == kind));
    let sent: Vec<ValueId> = ex.refresh_tokens().collect();
    for old in sent {
        if let Some(fresh) = new(Kind::Refresh).filter(|f| *f != old) {
            out.push((old, fresh, ex.id()));
        }
        let Some(access) = new(Kind::Token) else { continue };
        let Some(by) = t.life(old).and_then(|l| l.issued.last()).map(|i| i.by) else { continue };
        for sibling in &t.node(by).issued {
            if *sibling != access && t.life(*sibling).is_some_and(|l| l.kind == Kind::Token) {
                out.push((*sibling, access, ex.id()));
            }
        }
    }
}

fn relogin(
    ex: &Ex<'_>,
    last: &mut FxHashMap<(crate::facts::StrId, Box<str>), ValueId>,
    out: &mut Vec<(ValueId, ValueId, Id)>,
) {
    let t = ex.trace();
    let Some(new) = t.node(ex.id()).issued.iter().copied().find(|v| t.life(*v).is_some_and(|l| l.kind == Kind::Token))
    else {
        return;
    };
    let who: Box<str> = ex.principal().into();
    if let Some(old) = last.insert((ex.fact().origin, who), new)
        && old != new
    {
        out.push((old, new, ex.id()));
    }
}
