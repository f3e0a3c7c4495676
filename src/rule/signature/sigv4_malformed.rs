//! `sigv4-malformed`: the signature is incomplete, or leaves out what it must cover.

use super::common;
use crate::auth::sigv4::{self, Sigv4};
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "sigv4-malformed",
    chapter: Chapter::Signature,
    severity: Severity::Error,
    tier: Some((3, 270)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Qh]],
    summary: "the signature is incomplete",
    explain: include_str!("sigv4_malformed.md"),
    kind: Kind::Rule(check),
};

/// Headers that recorders and connections drop or add: their absence from a capture tells nothing.
const HOP: [&str; 9] = [
    "host",
    "content-length",
    "connection",
    "transfer-encoding",
    "expect",
    "te",
    "user-agent",
    "accept-encoding",
    "cookie",
];
/// `x-amz-` headers that are set behind the signer.
const LATER: [&str; 2] = ["x-amz-cf-id", "x-amz-security-token"];

/// What to do about a signature that is not complete.
const SIGN: &str = "sign host, every x-amz-* header and nothing that is not sent; let a signer write the header";
/// What to do about a request that was changed on its way.
const PASS: &str = "sign what the service gets: let proxies pass the signed parts on unchanged, or sign behind them";

/// What is wrong, how sure, and the row that shows it.
type Fault = (String, Confidence, Evidence);

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for (ex, sig) in common::refused(cx).filter(|(_, s)| !s.algorithm.to_ascii_uppercase().starts_with("GOOG4")) {
        let own =
            parts(ex, &sig).or_else(|| session(ex, &sig)).or_else(|| unsigned(ex, &sig)).or_else(|| absent(ex, &sig));
        let fix = if own.is_some() { SIGN } else { PASS };
        let Some((message, sure, row)) = own.or_else(|| altered(ex, &sig)) else { continue };
        let (region, service) = common::scope_of(ex, &sig);
        let mut f =
            Finding::new(&RULE, ex.id(), message).field("authorization").see(Evidence::row(ex.id(), Part::Line));
        if fix == PASS {
            f.evidence.extend(common::sent_row(ex, &sig));
        }
        out.push(
            f.see(row)
                .fix(fix)
                .paste(recipe::sign(ex, &region, &service))
                .sure(sure, "the signature against the request as sent"),
        );
    }
}

/// The parts that every signature has.
fn parts(ex: Ex<'_>, sig: &Sigv4) -> Option<Fault> {
    let at = common::place(ex, sig);
    let bad =
        |words: String, label: &str| Some((words, Confidence::Certain, Evidence::primary(ex.id(), at.clone(), label)));
    let missing: Vec<&str> = [
        ("Credential", sig.credential_text.is_none()),
        ("SignedHeaders", sig.signed_headers.is_none()),
        ("Signature", sig.signature.is_none()),
    ]
    .into_iter()
    .filter_map(|(n, missing)| missing.then_some(n))
    .collect();
    if !missing.is_empty() {
        return bad(format!("the signature has no {}", missing.join(", ")), "a part is missing");
    }
    if sig.credential().is_none() {
        return bad("the credential has not five parts".to_owned(), "key/day/region/service/aws4_request");
    }
    let broken = |(len, hex): (usize, bool)| sig.regional() && (len != 64 || !hex);
    if let Some((len, _)) = sig.signature.filter(|s| broken(*s)).filter(|(len, _)| *len > 3) {
        return bad(format!("the signature is no hash: {len} characters"), "64 hexadecimal digits belong here");
    }
    let lacks_time = common::signed_time(ex).is_none() && ex.reqs_named("x-amz-date").is_none() && common::sees_all(ex);
    if lacks_time && !sig.presigned {
        let row = Evidence::primary(ex.id(), Part::ReqAbsent("x-amz-date".to_owned()), "no time is signed");
        return Some(("the request has neither X-Amz-Date nor Date".to_owned(), Confidence::Certain, row));
    }
    let list = sig.signed_headers.as_deref()?;
    if list.iter().any(|n| n.bytes().any(|b| b.is_ascii_uppercase())) {
        return bad("SignedHeaders must be in lower case".to_owned(), "names in lower case, sorted");
    }
    if !list.is_sorted() {
        return bad("SignedHeaders are not sorted".to_owned(), "names in lower case, sorted");
    }
    None
}

/// A temporary key (`ASIA`) works only with its session token.
fn session(ex: Ex<'_>, sig: &Sigv4) -> Option<Fault> {
    let temporary = sig.credential()?.key.starts_with("ASIA");
    let token = ex.reqs_named("x-amz-security-token").is_some() || ex.query_like("X-Amz-Security-Token").is_some();
    if !temporary || token || !sig.presigned && !common::sees_all(ex) {
        return None;
    }
    let row = if sig.presigned {
        Evidence::primary(ex.id(), common::place(ex, sig), "a temporary key, without its session token")
    } else {
        Evidence::primary(
            ex.id(),
            Part::ReqAbsent("x-amz-security-token".to_owned()),
            "the key is a temporary one (ASIA)",
        )
    };
    Some(("a temporary key was sent without its session token".to_owned(), Confidence::Certain, row))
}

/// `host` and every `x-amz-` header that is sent must be signed.
fn unsigned(ex: Ex<'_>, sig: &Sigv4) -> Option<Fault> {
    let signed = |n: &str| sig.signed_headers.as_ref().is_some_and(|l| l.iter().any(|s| s == n));
    if !signed("host") && !signed(":authority") {
        let row = Evidence::primary(ex.id(), common::place(ex, sig), "host is not among SignedHeaders");
        return Some(("the header host is not signed".to_owned(), Confidence::Certain, row));
    }
    let told: Vec<String> = ex
        .answer_text("HeadersNotSigned")
        .map(|t| t.split(',').map(|n| n.trim().to_lowercase()).collect())
        .unwrap_or_default();
    let t = ex.trace();
    let left_out = ex
        .detail()?
        .request
        .iter()
        .map(|l| t.text(l.name))
        .find(|n| told.iter().any(|x| x == n) || n.starts_with("x-amz-") && !LATER.contains(n) && !signed(n))?;
    let row = Evidence::primary(ex.id(), Part::Req(left_out.to_owned(), 0), "sent, but not signed");
    let sure = if told.is_empty() { Confidence::Strong } else { Confidence::Certain };
    Some((format!("the header {left_out} is sent, but not signed"), sure, row))
}

/// A header that was signed is not there.
fn absent(ex: Ex<'_>, sig: &Sigv4) -> Option<Fault> {
    if !common::sees_all(ex) {
        return None;
    }
    let gone = sig
        .signed_headers
        .as_ref()?
        .iter()
        .find(|n| !n.is_empty() && !n.starts_with(':') && !HOP.contains(&n.as_str()) && ex.req(n).lacking())?;
    let row = Evidence::primary(ex.id(), Part::ReqAbsent(gone.clone()), "signed, but not sent");
    Some((format!("the header {gone} is signed, but not sent"), Confidence::Strong, row))
}

/// The service quotes what it hashed, and that is not what was sent.
fn altered(ex: Ex<'_>, sig: &Sigv4) -> Option<Fault> {
    let (path, d) = common::difference(ex, sig)?;
    let what = match &d.part {
        sigv4::Part::Payload => return None,
        sigv4::Part::Method => "the method".to_owned(),
        sigv4::Part::Path => "the path".to_owned(),
        sigv4::Part::Query => "the query".to_owned(),
        sigv4::Part::Header(n) => format!("the header {n}"),
        sigv4::Part::SignedHeaders => "the list of signed headers".to_owned(),
        sigv4::Part::Time => "the signed time".to_owned(),
        sigv4::Part::Scope => "the scope of the credential".to_owned(),
    };
    let words = format!("{what} arrived otherwise than it was sent");
    Some((words, Confidence::Likely, common::hashed_row(ex, &path, &d)))
}
