//! `jwt-malformed`: the value looks like a JWT but cannot be one.

use super::common;
use crate::auth::jwt::{self, JwtFault};
use crate::http::Origin;
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Rule, Severity, words};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "jwt-malformed",
    chapter: Chapter::Jwt,
    severity: Severity::Error,
    tier: Some((4, 90)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh]],
    summary: "the value looks like a JWT but cannot be one",
    explain: include_str!("jwt_malformed.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied_calls().filter(|e| !e.masked() && e.fact().origin_of_lines != Origin::Typed) {
        let Some(used) = common::bearer(ex) else { continue };
        let value = String::from_utf8_lossy(cx.bytes(used.value));
        let fault = fault(&value);
        if let Some(fault) = fault {
            // The whole token, or one of its parts: `it has two parts`, `its payload: it is no JSON`.
            let (place, label) = match fault.part {
                "token" => (String::new(), fault.what.to_owned()),
                part => (format!("in its {part}, "), format!("the {part} does not decode")),
            };
            let message = format!("the token is no whole JWT: {place}{}", fault.what);
            let f = Finding::new(&RULE, ex.id(), message)
                .field("authorization")
                .see(Evidence::primary(ex.id(), words::place(cx, used), label))
                .fix("send the token as the issuer returned it, whole")
                .sure(Confidence::Strong, "decoded part by part");
            out.push(f);
        } else if wants_jwt(ex) && opaque(&value) {
            let f = Finding::new(&RULE, ex.id(), "an opaque token was sent where the API reads a JWT")
                .field("authorization")
                .see(Evidence::primary(ex.id(), words::place(cx, used), "no dots: opaque"))
                .see(Evidence::row(ex.id(), words::speaker(ex)))
                .fix("request the token for this API (audience=, resource=), so that the issuer makes a JWT")
                .sure(Confidence::Likely, "the server tried to decode it");
            out.push(f);
        }
    }
}

/// What is wrong with a value that is meant to be a JWT.
fn fault(value: &str) -> Option<JwtFault> {
    // Every JWT begins with `{"` in base64url; masks and blanks are for other rules.
    if !value.starts_with("eyJ") || value.contains("...") || value.contains(['*', '[', '<', '"', ' ', '%', '…']) {
        return None;
    }
    match jwt::parse_jwt(value) {
        Err(f) => Some(f),
        Ok(j) if j.encrypted || j.signature_cut || j.signature_len == 0 => None,
        Ok(j) => {
            let wrong = jwt::signature_len(&j.alg).is_some_and(|n| n != j.signature_len) && j.alg.starts_with("ES");
            wrong.then_some(JwtFault { part: "signature", what: "it is not of the length that its alg has" })
        }
    }
}

/// The server's words name a JWT.
fn wants_jwt(ex: Ex<'_>) -> bool {
    let text = ex.answer().map_or_else(String::new, |a| a.head.text().to_ascii_lowercase());
    let challenge = ex
        .challenges()
        .iter()
        .any(|c| c.get("error_description").is_some_and(|d| d.to_ascii_lowercase().contains("jwt")));
    ex.says(Says::Malformed)
        && (text.contains("jwt") || text.contains("segments") || text.contains("compact") || challenge)
}

fn opaque(value: &str) -> bool {
    value.len() >= 16 && !value.contains(['.', ' ', '*', '<', '$', '{']) && value.is_ascii()
}
