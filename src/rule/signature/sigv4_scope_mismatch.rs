//! `sigv4-scope-mismatch`: signed for another day, region or service.

use super::common;
use crate::auth::sigv4::{Credential, Sigv4};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "sigv4-scope-mismatch",
    chapter: Chapter::Signature,
    severity: Severity::Error,
    tier: Some((3, 280)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh]],
    summary: "signed for another day, region or service",
    explain: include_str!("sigv4_scope_mismatch.md"),
    kind: Kind::Rule(check),
};

/// What is wrong with a scope.
struct Fault {
    message: String,
    /// The piece of the scope that is wrong.
    piece: String,
    label: String,
    /// The server names it.
    named: bool,
    /// The region and service to sign for.
    right: (String, String),
}

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for (ex, sig) in common::refused(cx).filter(|(ex, sig)| sig.regional() && !ex.says(Says::Skew)) {
        let Some(fault) = sig.credential().and_then(|c| fault(ex, &sig, &c)) else { continue };
        let (sure, because) = match fault.named {
            true => (Confidence::Certain, "the service says so"),
            false => (Confidence::Strong, "the scope against the host and the signed time"),
        };
        let mut f = Finding::new(&RULE, ex.id(), fault.message)
            .field("authorization")
            .see(Evidence::row(ex.id(), Part::Line))
            .see(common::scope_row(ex, &sig, &fault.piece, fault.label));
        if fault.named {
            f = f.see(Evidence::row(ex.id(), Part::ResBody(0..0)));
        }
        let (region, service) = fault.right;
        out.push(
            f.fix("sign for the region and service of the host that is called, on the day of the signed time")
                .paste(recipe::sign(ex, &region, &service))
                .sure(sure, because),
        );
    }
}

fn fault(ex: Ex<'_>, sig: &Sigv4, c: &Credential) -> Option<Fault> {
    let host = ex.profile().signing_scope(ex.host());
    let right = common::scope_of(ex, sig);
    let day = common::signed_time(ex).map(|(_, t)| t.utc().get(..10).unwrap_or_default().replace('-', ""));
    let make = |message: String, piece: &str, label: String, named| {
        Some(Fault { message, piece: piece.to_owned(), label, named, right: right.clone() })
    };
    if c.terminator != "aws4_request" {
        return make("the scope must end in aws4_request".into(), &c.terminator, "not aws4_request".into(), false);
    }
    if let Some(want) = named_region(ex, &c.region) {
        let message = match (&want, &host.region) {
            (Some(w), _) => format!("signed for region {}, the service wants {w}", c.region),
            (None, Some(h)) if *h != c.region => format!("signed for region {}, the host is in {h}", c.region),
            (None, _) => format!("signed for region {}, which the service refuses", c.region),
        };
        let mut f = make(message, &c.region, "the region that was signed for".into(), true)?;
        f.right.0 = want.or(host.region).unwrap_or_else(|| "REGION".to_owned());
        return Some(f);
    }
    if let Some(want) = named_service(ex).filter(|w| *w != c.service) {
        let message = format!("signed for service {}, this one is {want}", c.service);
        let mut f = make(message, &c.service, "the service that was signed for".into(), true)?;
        f.right.1 = want;
        return Some(f);
    }
    if let Some(region) = host.region.filter(|r| *r != c.region) {
        let message = format!("signed for region {}, the host is in {region}", c.region);
        return make(message, &c.region, format!("the host is in {region}"), false);
    }
    if let Some(service) = host.service.filter(|s| *s != c.service) {
        let message = format!("signed for service {}, the host is {service}", c.service);
        return make(message, &c.service, format!("the host is {service}"), false);
    }
    let day = day.filter(|d| *d != c.day)?;
    make(format!("signed for day {}, but at {day}", c.day), &c.day, format!("the signed time is of {day}"), false)
}

/// The service refuses the region, and names the right one if it does.
fn named_region(ex: Ex<'_>, sent: &str) -> Option<Option<String>> {
    let text = message(ex)?;
    let refused =
        text.contains(&format!("valid region, not '{sent}'")) || text.contains(&format!("region '{sent}' is wrong"));
    let expected = text.split_once("expecting '").and_then(|(_, t)| Some(t.split_once('\'')?.0.to_owned()));
    refused.then(|| expected.or_else(|| ex.answer_text("Region")))
}

/// `Credential should be scoped to correct service: 'execute-api'.`
fn named_service(ex: Ex<'_>) -> Option<String> {
    let text = message(ex)?;
    let (_, tail) = text.split_once("correct service: '").or_else(|| text.split_once("correct service: "))?;
    Some(tail.split(['\'', '.', ' ']).next()?.to_owned())
}

fn message(ex: Ex<'_>) -> Option<String> {
    ex.answer_text("message").or_else(|| ex.answer().map(|a| a.head.text().into_owned()))
}
