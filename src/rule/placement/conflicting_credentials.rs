//! `conflicting-credentials`: two mechanisms on one request.

use crate::facts::{Kind as Value, Place};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "conflicting-credentials",
    chapter: Chapter::Placement,
    severity: Severity::Error,
    tier: Some((3, 40)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh]],
    summary: "two mechanisms on one request",
    explain: include_str!("conflicting_credentials.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.detailed().filter(|e| !e.masked() && !e.fact().flags.preflight) {
        let conflict = ex.says(Says::Conflict);
        if !(ex.denied() || conflict || ex.status() == 400) {
            continue;
        }
        let Some(places) = two(cx, ex) else { continue };
        // Two credentials alone are no fault: gateways want both at times.
        let signed = places.contains("presigned");
        let request = places.contains("query") && invalid_request(ex);
        let two_ways = (signed || request) && ex.denied();
        if !conflict && !two_ways {
            continue;
        }
        let sure = if conflict { Confidence::Certain } else { Confidence::Strong };
        let because = match (conflict, signed) {
            (true, _) => "the server says so",
            (_, true) => "a signed link takes no further credential",
            _ => "RFC 6750 2 allows one way to send a token in a request",
        };
        out.push(
            Finding::new(&RULE, ex.id(), format!("two credentials on one request: {places}"))
                .field("authorization")
                .see(Evidence::primary(ex.id(), Part::Req("authorization".to_owned(), 0), "one credential"))
                .fix("send one of them; drop Authorization on a signed link")
                .paste(recipe::without(ex))
                .sure(sure, because),
        );
    }
}

/// RFC 6750 3.1: a request that sends its token in more than one way is an `invalid_request`.
fn invalid_request(ex: Ex<'_>) -> bool {
    let challenge = ex.challenges().iter().any(|c| c.get("error").is_some_and(|e| e == "invalid_request"));
    ex.status() == 400 && (challenge || ex.answer_text("error").is_some_and(|e| e == "invalid_request"))
}

fn two(cx: &Cx<'_>, ex: Ex<'_>) -> Option<String> {
    let mut list = Vec::new();
    if ex.reqs("authorization").next().is_some() {
        list.push("Authorization".to_owned());
    }
    if ex.query("X-Amz-Signature").is_some() || ex.query("X-Goog-Signature").is_some() || ex.query("sig").is_some() {
        list.push("presigned query".to_owned());
    }
    for u in ex.uses() {
        match u.place {
            Place::Userinfo => list.push("user part of the URL".to_owned()),
            Place::Query(n) if u.kind == Value::Token || u.kind == Value::ApiKey => {
                list.push(format!("query {}", cx.text(n)))
            }
            Place::Header(n) if u.kind == Value::ApiKey && cx.text(n) != "authorization" => {
                list.push(format!("header {}", cx.text(n)))
            }
            _ => {}
        }
    }
    (list.len() >= 2).then(|| list.join(" and "))
}
