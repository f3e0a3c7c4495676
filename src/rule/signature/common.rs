//! What the rules about AWS Signature Version 4 share.

use crate::auth::sigv4::{self, Difference, Sigv4};
use crate::auth::{token, url};
use crate::http::Time;
use crate::provider::Class as Says;
use crate::rule::{Cx, Evidence, Part};
use crate::trace::Ex;

/// Refused requests with an AWS signature, unless the answer shows that the signature itself was taken.
pub(super) fn refused<'t>(cx: &Cx<'t>) -> impl Iterator<Item = (Ex<'t>, Sigv4)> + use<'t> {
    let cx = *cx;
    cx.denied().filter(|ex| !ex.masked() && !taken(*ex)).filter_map(|ex| Some((ex, ex.sigv4()?)))
}

/// The signature was good: the answer is about permission, rate or a route.
fn taken(ex: Ex<'_>) -> bool {
    let other = matches!(ex.said(), Some(Says::Permission | Says::Scope | Says::Rate | Says::Route | Says::Other));
    other && ex.answer_field("HeadersNotSigned").is_none()
}

/// Where the signature stands.
pub(super) fn place(ex: Ex<'_>, sig: &Sigv4) -> Part {
    let query = |n: &str| ex.query_like(n).map(|f| Part::Query(f.path.to_string()));
    if sig.presigned {
        return query("X-Amz-Credential").or_else(|| query("X-Amz-Signature")).unwrap_or(Part::Line);
    }
    Part::Req("authorization".to_owned(), 0)
}

/// A row that shows the signature, with a piece of the credential's scope marked where it is readable.
pub(super) fn scope_row(ex: Ex<'_>, sig: &Sigv4, piece: &str, label: String) -> Evidence {
    let row = Evidence::primary(ex.id(), place(ex, sig), label);
    let Some(line) = ex.reqs("authorization").next().filter(|_| !sig.presigned) else { return row };
    let text = line.text();
    let Some(start) = text.find("Credential=") else { return row };
    let after_key = text.get(start..).and_then(|t| t.find('/')).map_or(start, |n| start + n);
    match text.get(after_key..).and_then(|t| t.find(piece)).filter(|_| !piece.is_empty()) {
        Some(n) => row.at(after_key + n..after_key + n + piece.len()),
        None => row,
    }
}

/// The signed time, and where it stands.
pub(super) fn signed_time(ex: Ex<'_>) -> Option<(Part, Time)> {
    let header = |n: &str| Some((Part::Req(n.to_owned(), 0), sigv4::parse_time(&ex.reqs_named(n)?.text())?));
    let query = || {
        let f = ex.query_like("X-Amz-Date")?;
        Some((Part::Query(f.path.to_string()), sigv4::parse_time(&f.text())?))
    };
    header("x-amz-date").or_else(query).or_else(|| header("date"))
}

/// Whether every request header could be seen.
pub(super) fn sees_all(ex: Ex<'_>) -> bool {
    ex.detail().is_some_and(|d| d.request_seen == crate::facts::HeadSeen::All)
}

/// The captured body is the one that was sent, byte by byte: its length is the one that was announced.
pub(super) fn faithful(ex: Ex<'_>) -> Option<bool> {
    let body = ex.body()?;
    if ex.reqs_named("content-encoding").is_some() || body.head.text().contains('\u{fffd}') {
        return Some(false);
    }
    let announced = ex.reqs_named("content-length")?.text().trim().parse::<u64>().ok()?;
    Some(announced == body.len)
}

/// What the service hashed and what was sent: the field of the answer that quotes it, and the first difference.
pub(super) fn difference(ex: Ex<'_>, sig: &Sigv4) -> Option<(String, Difference)> {
    let canonical = || {
        let (path, text, at) = told(ex, "CanonicalRequest", sigv4::quoted_canonical)?;
        Some((path, sigv4::first_difference(&text, at, &laid_out(ex, sig)?)?))
    };
    let to_sign = || {
        let (path, text, at) = told(ex, "StringToSign", sigv4::quoted_to_sign)?;
        Some((path, to_sign(ex, sig)?.difference(&text, at)?))
    };
    canonical().or_else(to_sign)
}

/// Whether the service, by what it quotes, hashed the very request that was captured: then only the key can be wrong.
pub(in crate::rule) fn agreed(ex: Ex<'_>) -> Option<Part> {
    let sig = ex.sigv4()?;
    if !complete(ex, &sig) || difference(ex, &sig).is_some() {
        return None;
    }
    if let Some((path, ..)) = told(ex, "CanonicalRequest", sigv4::quoted_canonical) {
        return Some(Part::ResField(path));
    }
    let (path, text, at) = told(ex, "StringToSign", sigv4::quoted_to_sign)?;
    to_sign(ex, &sig)?.agrees(&text, at).then_some(Part::ResField(path))
}

/// What the answer quotes: in a field of this name, or within its message.
fn told(
    ex: Ex<'_>,
    field: &str,
    within: impl Fn(&str) -> Option<std::ops::Range<usize>>,
) -> Option<(String, String, std::ops::Range<usize>)> {
    if let Some(f) = ex.answer_field(field) {
        let text = f.text().into_owned();
        let whole = 0..text.len();
        return Some((f.path.to_string(), text, whole));
    }
    let f = ex.answer_field("message")?;
    let text = f.text().into_owned();
    let at = within(&text)?;
    Some((f.path.to_string(), text, at))
}

/// What was signed, as far as the capture shows it.
fn to_sign(ex: Ex<'_>, sig: &Sigv4) -> Option<sigv4::ToSign> {
    let header = ex.reqs_named("x-amz-date").map(|l| l.text().trim().to_owned());
    let query = || ex.query_like("X-Amz-Date").map(|f| f.text().into_owned());
    let c = sig.credential()?;
    let ours = laid_out(ex, sig)?;
    let hash = |once_more| sigv4::sha256_hex(ours.text(once_more).as_bytes());
    let hashes = if complete(ex, sig) { vec![hash(true), hash(false)] } else { Vec::new() };
    let time = header.or_else(query).unwrap_or_default();
    Some(sigv4::ToSign { time, scope: format!("{}/{}/{}/{}", c.day, c.region, c.service, c.terminator), hashes })
}

/// Whether the capture shows every part of the canonical request.
fn complete(ex: Ex<'_>, sig: &Sigv4) -> bool {
    let Some(ours) = laid_out(ex, sig) else { return false };
    ours.payload.is_some() && ours.headers.iter().all(|(_, value)| !value.is_empty())
}

/// The canonical request of what was captured.
fn laid_out(ex: Ex<'_>, sig: &Sigv4) -> Option<sigv4::Canonical> {
    let d = ex.detail()?;
    let text = d.url.text().into_owned();
    let parsed = url::parse_url(&text);
    let query = parsed.query_at().and_then(|r| text.get(r)).unwrap_or_default();
    let shown = |l: &crate::facts::Line| if token::is_mask(&l.text()) { String::new() } else { l.text().into_owned() };
    let mut headers: Vec<(&str, String)> = d.request.iter().map(|l| (ex.trace().text(l.name), shown(l))).collect();
    if !headers.iter().any(|(n, _)| *n == "host") {
        let authority = parsed.origin().split_once("://").map(|(_, a)| a.to_owned()).unwrap_or_default();
        headers.push(("host", authority));
    }
    let named = ex.reqs_named("x-amz-content-sha256").map(|l| l.text().into_owned());
    let hashed = ex.body().filter(|_| faithful(ex) == Some(true)).and_then(|b| b.sha256.clone());
    let payload = named.or_else(|| hashed.map(String::from));
    let request =
        sigv4::Request { method: ex.method(), path: parsed.path(), query, headers, payload: payload.as_deref() };
    Some(sigv4::canonical(&request, sig.signed_headers.as_deref()?))
}

/// A row that shows what the service hashed. The line itself is told where it can hold no secret; a JSON message is too
/// long to show it in place.
pub(super) fn hashed_row(ex: Ex<'_>, path: &str, d: &Difference) -> Evidence {
    let open =
        matches!(&d.part, sigv4::Part::Method | sigv4::Part::SignedHeaders | sigv4::Part::Time | sigv4::Part::Scope)
            || matches!(&d.part, sigv4::Part::Header(n) if n == "host");
    let line = ex.answer_text(path).and_then(|t| t.get(d.at.clone()).map(str::to_owned));
    match line.filter(|_| open) {
        Some(line) => Evidence::row(ex.id(), Part::Say(format!("the service hashed: {line}"))),
        None => Evidence::related(ex.id(), Part::ResField(path.to_owned()), "what the service hashed").at(d.at.clone()),
    }
}

/// A row that shows what was sent where the service hashed something else.
pub(super) fn sent_row(ex: Ex<'_>, sig: &Sigv4) -> Option<Evidence> {
    let name = match difference(ex, sig)?.1.part {
        sigv4::Part::Header(name) => name,
        sigv4::Part::Time => "x-amz-date".to_owned(),
        _ => return None,
    };
    ex.reqs_named(&name)?;
    Some(Evidence::primary(ex.id(), Part::Req(name, 0), "as it was sent"))
}

/// The region and service to sign for: those of the host, else those of the credential.
pub(super) fn scope_of(ex: Ex<'_>, sig: &Sigv4) -> (String, String) {
    let own = sig.credential().unwrap_or_default();
    let host = ex.profile().signing_scope(ex.host());
    (host.region.unwrap_or(own.region), host.service.unwrap_or(own.service))
}
