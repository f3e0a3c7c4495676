//! `sigv4-payload-mismatch`: the body is not the one that was signed.

use super::common;
use crate::auth::sigv4::{self, EMPTY_PAYLOAD};
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "sigv4-payload-mismatch",
    chapter: Chapter::Signature,
    severity: Severity::Error,
    tier: Some((3, 290)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh], &[Need::Qb]],
    summary: "the body is not the one that was signed",
    explain: include_str!("sigv4_payload_mismatch.md"),
    kind: Kind::Rule(check),
};

/// The header that names the hash of the body.
const HASH: &str = "x-amz-content-sha256";

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for (ex, sig) in common::refused(cx) {
        let Some((message, sure, because)) = by_header(ex).or_else(|| by_answer(ex, &sig)) else { continue };
        let mut f = Finding::new(&RULE, ex.id(), message).field(HASH);
        if ex.reqs_named(HASH).is_some() {
            f = f.see(Evidence::primary(ex.id(), Part::Req(HASH.to_owned(), 0), "the hash that was signed"));
        }
        if let Some(hash) = ex.body().and_then(|b| b.sha256.as_deref()).filter(|_| common::faithful(ex) == Some(true)) {
            let len = ex.body().map_or(0, |b| b.len);
            let words = format!("the body sent: {len} bytes, sha256 {}...", hash.get(..4).unwrap_or_default());
            f = f.see(Evidence::row(ex.id(), Part::Say(words)));
        } else if let Some(l) = ex.reqs_named("content-length") {
            let words = format!("the body sent: {} bytes", l.text().trim());
            f = f.see(Evidence::row(ex.id(), Part::Say(words)));
        }
        if let Some((path, d)) = common::difference(ex, &sig).filter(|(_, d)| d.part == sigv4::Part::Payload) {
            f = f.see(common::hashed_row(ex, &path, &d));
        }
        let (region, service) = common::scope_of(ex, &sig);
        out.push(
            f.fix("sign last: nothing may change the body between signing and sending")
                .paste(recipe::sign(ex, &region, &service))
                .sure(sure, because),
        );
    }
}

type Found = (String, Confidence, &'static str);

/// The hash in the header against the body, or against its length alone.
fn by_header(ex: Ex<'_>) -> Option<Found> {
    let signed = ex.reqs_named(HASH)?.text().trim().to_ascii_lowercase();
    if signed.len() != 64 || !signed.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let length = ex.reqs_named("content-length").and_then(|l| l.text().trim().parse::<u64>().ok());
    if signed == EMPTY_PAYLOAD && length.is_some_and(|n| n > 0) {
        let words = format!("signed for an empty body, sent with {} bytes", length.unwrap_or_default());
        return Some((words, Confidence::Certain, "the hash is that of an empty body"));
    }
    if signed != EMPTY_PAYLOAD && length == Some(0) {
        let words = "signed for a body, sent without one".to_owned();
        return Some((words, Confidence::Certain, "an empty body has another hash"));
    }
    let body = ex.body()?;
    let hash = body.sha256.as_deref().filter(|h| *h != signed)?;
    let sure = match common::faithful(ex) {
        Some(true) => Confidence::Strong,
        Some(false) => return None,
        None if body.typed || hash == EMPTY_PAYLOAD => return None,
        None => Confidence::Likely,
    };
    let words = match body.signed_as {
        Some(what) => format!("signed for {what}"),
        None => "the body sent is not the one that was signed".to_owned(),
    };
    let sure = if body.signed_as.is_some() { Confidence::Certain } else { sure };
    Some((words, sure, "the hash that was signed against that of the captured body"))
}

/// The service quotes the hash of what it got.
fn by_answer(ex: Ex<'_>, sig: &sigv4::Sigv4) -> Option<Found> {
    let (_, d) = common::difference(ex, sig)?;
    let words = "the body that arrived is not the one that was sent".to_owned();
    (d.part == sigv4::Part::Payload).then_some((words, Confidence::Strong, "the hash that the service made"))
}
