//! What the rules about JSON Web Tokens share. Tokens are decoded, never verified; no claims beyond iss, aud, azp, exp,
//! nbf, iat, scp, alg and typ are shown.

use crate::auth::{jwt::Jwt, url};
use crate::facts::{Kind, Place, Use};
use crate::http::Time;
use crate::provider::Class as Says;
use crate::rule::Cx;
use crate::trace::{Class, Ex};

/// Leeway that verifiers grant, in seconds (rules.md 5.6).
pub(super) const LEEWAY: i64 = 60;

/// What the second of a `Date`, and the way to the server, may take away: no difference at all.
pub(super) const NOTHING: i64 = 5;

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

/// Refused calls whose only credential is a JWT in a session cookie, where the server says that it has expired.
pub(super) fn in_cookie<'t>(cx: &Cx<'t>) -> impl Iterator<Item = Refused<'t>> + use<'t> {
    let cx = *cx;
    cx.denied_calls().filter(|ex| ex.says(Says::Expired) && bearer(*ex).is_none()).filter_map(move |ex| {
        let jwt = |u: &Use| cx.life(u.value).and_then(|l| l.jwt.as_deref());
        ex.credentials().filter(|u| u.kind == Kind::Cookie).find_map(|u| Some((ex, u, jwt(u)?)))
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

/// Metadata documents that are looked through.
const DOCUMENTS: usize = 64;

/// The metadata of the resource that an exchange calls (RFC 9728), if the capture shows them.
fn metadata<'t>(cx: &Cx<'t>, ex: Ex<'t>) -> Option<Ex<'t>> {
    cx.of_class(Class::Discovery)
        .take(DOCUMENTS)
        .find(|o| o.fact().origin == ex.fact().origin && o.accepted() && o.path().contains("/oauth-protected-resource"))
}

/// The identifier that a resource gives itself in its metadata, and the document.
pub(super) fn resource<'t>(cx: &Cx<'t>, ex: Ex<'t>) -> Option<(Ex<'t>, String)> {
    let by = metadata(cx, ex)?;
    Some((by, by.answer_text("resource")?))
}

/// The issuers whose tokens a resource takes, as its metadata list them, and the document.
pub(super) fn servers<'t>(cx: &Cx<'t>, ex: Ex<'t>) -> Option<(Ex<'t>, Vec<String>)> {
    let by = metadata(cx, ex)?;
    let fields = &by.answer()?.fields;
    let list: Vec<String> =
        fields.iter().filter(|f| f.path.starts_with("authorization_servers.")).map(|f| f.text().into_owned()).collect();
    // One that lists itself hands logins on to another server, whose name the tokens bear.
    let itself = list.iter().any(|s| url::parse_url(s).host() == ex.host());
    (!list.is_empty() && !itself).then_some((by, list))
}
