//! What the rules about JSON Web Tokens share. Tokens are decoded, never verified; no claims beyond iss, aud, azp, exp,
//! nbf, iat, scp, alg and typ are shown.

use crate::auth::jwt::Jwt;
use crate::facts::{Kind, Place, Use};
use crate::http::Time;
use crate::rule::Cx;
use crate::trace::Ex;

/// Leeway that verifiers grant, in seconds (rules.md 5.6).
pub(super) const LEEWAY: i64 = 60;

/// A refused request, its token and the claims.
pub(super) type Refused<'t> = (Ex<'t>, &'t Use, &'t Jwt);

/// Refused calls that carried a JWT where a token belongs; a forwarded cookie's JWT is none.
pub(super) fn refused<'t>(cx: &Cx<'t>) -> impl Iterator<Item = Refused<'t>> + use<'t> {
    let cx = *cx;
    cx.denied_calls().filter_map(move |ex| {
        let used = bearer(ex)?;
        Some((ex, used, cx.life(used.value)?.jwt.as_deref()?))
    })
}

/// The token of a call, in a header or the query.
pub(super) fn bearer(ex: Ex<'_>) -> Option<&Use> {
    let token = |u: &&Use| matches!(u.kind, Kind::Token | Kind::ApiKey | Kind::IdToken);
    let readable = |u: &&Use| matches!(u.place, Place::Header(_) | Place::Query(_));
    ex.token().filter(readable).or_else(|| ex.credentials().filter(token).find(readable))
}

/// Seconds from a claim to the server's time: positive if the claim lies in the past.
pub(super) fn past(claim: f64, now: Time) -> i64 {
    (now - Time::from_secs_f64(claim)) / 1_000_000
}

/// Claims of tokens that this server accepted.
pub(super) fn accepted<'t>(cx: &Cx<'t>, ex: Ex<'t>) -> Vec<(Ex<'t>, &'t Jwt)> {
    cx.trace.jwts_near(ex, 32).collect()
}

/// Whether two claims name one thing: a slash at the end and the case of the host aside.
pub(super) fn same(a: &str, b: &str) -> bool {
    a.trim_end_matches('/').eq_ignore_ascii_case(b.trim_end_matches('/'))
}
