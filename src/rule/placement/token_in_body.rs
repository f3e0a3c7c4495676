//! `token-in-body`: the access token sits in a body field although the API wants the header.

use crate::facts::{Kind as Value, Place};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "token-in-body",
    chapter: Chapter::Placement,
    severity: Severity::Error,
    tier: Some((3, 190)),
    confidence: Confidence::Likely,
    needs: &[&[Need::Qb], &[Need::Qh]],
    summary: "the access token sits in a body field although the API wants the header",
    explain: include_str!("token_in_body.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied_calls().filter(|e| e.class() == Class::Call && e.sees_credentials()) {
        if ex.uses().iter().any(|u| matches!(u.place, Place::Header(_)) && u.kind != Value::Csrf) {
            continue;
        }
        if let Some(f) = judge(cx, ex) {
            out.push(f);
        }
    }
}

fn judge(cx: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    let (used, path) = ex.uses().iter().find_map(|u| match u.place {
        Place::Field(p) if matches!(u.kind, Value::Token | Value::ApiKey) => Some((u, cx.text(p))),
        _ => None,
    })?;
    let name = path.rsplit('.').next().unwrap_or(path).to_ascii_lowercase();
    let life = cx.life(used.value)?;
    let known = !life.issued.is_empty() || !life.accepted.is_empty();
    let named =
        matches!(name.as_str(), "access_token" | "token" | "auth_token" | "api_key" | "jwt" | "accesstoken" | "apikey");
    if !known && !named || name.contains("authorization") || taken_there(ex, &name) || accepted_there(cx, ex, used) {
        return None;
    }
    if (standard_place(ex, &name) || !known && read(ex)) && !unseen(ex) {
        return None;
    }
    let f = Finding::new(&RULE, ex.id(), format!("the token stands in the body field \"{name}\", not in a header"))
        .field(path)
        .see(Evidence::primary(ex.id(), Part::ReqField(path.to_owned()), "the API reads the header"))
        .see(Evidence::row(ex.id(), Part::ReqAbsent("authorization".to_owned())))
        .fix("send it in the Authorization header")
        .paste(recipe::header(ex, &recipe::scheme(ex)));
    Some(if known {
        f.sure(Confidence::Strong, "the value is a token of this capture, and no header carries one")
    } else {
        f.sure(Confidence::Likely, "no header carries a credential")
            .or("unknown-token", "the API's documentation of this field")
    })
}

/// The profile takes the token in a form or in JSON: what reads one need not read the other (Slack reads no JSON field).
fn taken_there(ex: Ex<'_>, name: &str) -> bool {
    let json = ex.body().is_some_and(|b| b.media == crate::facts::Media::Json);
    ex.profile().takes_at(&format!("{}:{name}", if json { "json" } else { "body" }))
}

/// A form field `access_token`, not of a GET: a place where servers may read the token (RFC 6750 2.2).
fn standard_place(ex: Ex<'_>, name: &str) -> bool {
    let form = ex.body().is_some_and(|b| b.media == crate::facts::Media::Form);
    form && name == "access_token" && ex.method() != "GET"
}

/// The server speaks of the value, so that it has read it: `api_key is invalid`.
fn read(ex: Ex<'_>) -> bool {
    use Says::{AmbiguousExpired, Expired, Invalid, Revoked, Signature, Skew};
    matches!(ex.said(), Some(AmbiguousExpired | Expired | Invalid | Revoked | Signature | Skew))
}

/// The server says that it saw no credential.
fn unseen(ex: Ex<'_>) -> bool {
    let asked = ex.challenges();
    ex.said() == Some(Says::Missing) || !asked.is_empty() && asked.iter().all(|c| c.get("error").is_none())
}

/// A call with a credential in this very field was accepted here.
fn accepted_there(cx: &Cx<'_>, ex: Ex<'_>, used: &crate::facts::Use) -> bool {
    cx.trace.origin(ex.fact().origin).is_some_and(|o| o.accepted_places.iter().any(|(place, ..)| *place == used.place))
}
