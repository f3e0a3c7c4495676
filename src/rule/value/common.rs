//! What the rules about the Authorization value share.

use crate::auth::authorization::Authorization;
use crate::facts::{Line, Place};
use crate::http::Origin;
use crate::rule::Cx;
use crate::trace::Ex;

/// Refused requests with an Authorization header that can be read: line, parsed value. Masks are left out (G8).
pub(super) fn refused<'t>(cx: &Cx<'t>) -> impl Iterator<Item = (Ex<'t>, &'t Line, Authorization)> + use<'t> {
    let cx = *cx;
    cx.denied().filter(|ex| !ex.masked()).filter_map(|ex| header(ex).map(|(line, a)| (ex, line, a)))
}

/// The Authorization header of a request, if it can be read.
pub(super) fn header(ex: Ex<'_>) -> Option<(&Line, Authorization)> {
    let (line, a) = ex.authorization()?;
    (ex.fact().origin_of_lines != Origin::Typed || !line.bytes().is_empty()).then_some((line, a))
}

/// Whether the same spelling was accepted at this origin elsewhere in the capture.
pub(super) fn scheme_accepted(cx: &Cx<'_>, ex: Ex<'_>, scheme: &str) -> bool {
    let Some(o) = cx.trace.origin(ex.fact().origin) else { return false };
    o.accepted_places.iter().any(|(place, s, _)| {
        matches!(place, Place::Header(n) if cx.text(*n) == "authorization") && cx.text(*s) == scheme
    })
}

/// The schemes that the server is known to take, for people: profile first, then its challenges.
pub(super) fn taken(ex: Ex<'_>) -> Vec<String> {
    let known = &ex.profile().auth.schemes;
    if !known.is_empty() {
        return known.clone();
    }
    let mut out: Vec<String> = ex.challenges().into_iter().map(|c| c.scheme).filter(|s| !s.is_empty()).collect();
    out.dedup();
    out
}

/// `"token" or "Bearer"`.
pub(super) fn quoted(schemes: &[String]) -> String {
    schemes.iter().map(|s| format!("\"{s}\"")).collect::<Vec<_>>().join(" or ")
}
