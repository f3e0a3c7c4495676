//! What the rules of this chapter share.

use crate::facts::{Kind, Place, Use};
use crate::rule::{Cx, Part};
use crate::trace::{Class, Ex};

/// A method that changes something (RFC 9110 9.2.1): frameworks guard only these against forgery.
pub(super) fn changes(ex: Ex<'_>) -> bool {
    !matches!(ex.method(), "GET" | "HEAD" | "OPTIONS" | "TRACE")
}

/// Whether a header, cookie or field of this name holds an anti-forgery token.
pub(super) fn csrf_name(name: &str) -> bool {
    let n = name.to_ascii_lowercase();
    ["csrf", "xsrf", "antiforgery", "authenticity_token", "requestverificationtoken", "-crumb"]
        .iter()
        .any(|w| n.contains(w))
}

/// Whether a request header of this name (lower case) guards against forged forms here.
pub(super) fn csrf_header(ex: Ex<'_>, name: &str) -> bool {
    let own = ex.profile().auth.csrf_header.as_deref().and_then(|h| h.split_once(':'));
    csrf_name(name) || own.is_some_and(|(n, _)| n.trim().eq_ignore_ascii_case(name))
}

/// The anti-forgery cookies that a request carries.
pub(super) fn csrf_cookies<'t>(cx: &Cx<'t>, ex: Ex<'t>) -> Vec<(&'t str, &'t Use)> {
    let named = |u: &'t Use| match u.place {
        Place::Cookie(n) if csrf_name(cx.text(n)) => Some((cx.text(n), u)),
        _ => None,
    };
    ex.uses().iter().filter_map(named).collect()
}

/// An earlier or later call that the same credential got through, on a route that is not public.
pub(super) fn accepted_elsewhere<'t>(cx: &Cx<'t>, ex: Ex<'t>) -> Option<(Ex<'t>, &'t Use)> {
    ex.credentials().find_map(|u| {
        let life = cx.life(u.value)?;
        let good = |o: &Ex<'t>| {
            (200..300).contains(&o.status())
                && o.accepted()
                && o.class() == Class::Call
                && o.same_audience(ex)
                && !o.public_route()
                && !o.fact().flags.asset
        };
        let other = life.uses.iter().take(500).map(|x| cx.trace.ex(x.by)).find(good)?;
        Some((other, u))
    })
}

/// The row for a credential, if it has a header line of its own.
pub(super) fn header_of(cx: &Cx<'_>, u: &Use) -> Option<Part> {
    match u.place {
        Place::Header(n) if u.kind != Kind::Cookie => Some(Part::Req(cx.text(n).to_owned(), 0)),
        _ => None,
    }
}

/// A name for a message, if it is short enough to be quoted there.
pub(super) fn short(name: &str) -> Option<&str> {
    (name.len() <= 28 && name.chars().all(|c| !c.is_control())).then_some(name)
}
