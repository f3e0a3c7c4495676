//! `id-token-as-access-token`: an ID token was sent as access token.

use super::common;
use crate::facts::Kind as Value;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::Class;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "id-token-as-access-token",
    chapter: Chapter::Value,
    severity: Severity::Error,
    tier: Some((3, 120)),
    confidence: Confidence::Likely,
    needs: &[&[Need::Qh]],
    summary: "an ID token was sent as access token",
    explain: include_str!("id_token_as_access_token.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for (ex, _, a) in common::refused(cx).filter(|(e, _, _)| e.class() == Class::Call) {
        let Some(used) = ex.bearer() else { continue };
        let Some(life) = cx.life(used.value).filter(|_| !ex.profile().auth.accepts_id_token) else { continue };
        let issued = life.issued.iter().find(|_| life.kind == Value::IdToken);
        let claims = life.jwt.as_ref().is_some_and(|j| {
            let plain = j.scopes.is_none() && !j.has_roles;
            j.token_use.as_deref() == Some("id")
                || j.payload_typ.as_deref() == Some("ID")
                || plain && !j.id_claims.is_empty()
        });
        if issued.is_none() && !claims {
            continue;
        }
        let mut f = Finding::new(&RULE, ex.id(), "an ID token was sent where an access token belongs");
        if let Some(i) = issued {
            f = f.see(Evidence::row(i.by, Part::Line)).see(Evidence::related(
                i.by,
                Part::ResField(i.key.to_string()),
                "issued as id_token",
            ));
        }
        f = f
            .field("authorization")
            .see(
                Evidence::primary(ex.id(), Part::Req("authorization".to_owned(), 0), "sent as access token")
                    .at(a.rest.clone()),
            )
            .fix("send the access_token, and ask for the API's audience or scope at login");
        out.push(match issued {
            Some(_) => f.sure(Confidence::Certain, "the value was issued as id_token"),
            None => f
                .sure(Confidence::Likely, "its claims are those of an ID token (no scope, but nonce or at_hash)")
                .or("jwt-wrong-audience", "the audience that the API expects"),
        });
    }
}
