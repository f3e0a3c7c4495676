//! `refresh-token-as-access-token`: a refresh token was sent as access token.

use super::common;
use crate::facts::Kind as Value;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::Class;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "refresh-token-as-access-token",
    chapter: Chapter::Value,
    severity: Severity::Error,
    tier: Some((3, 110)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Qh]],
    summary: "a refresh token was sent as access token",
    explain: include_str!("refresh_token_as_access_token.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for (ex, _, a) in common::refused(cx).filter(|(e, _, _)| e.class() == Class::Call) {
        let Some(used) = ex.bearer() else { continue };
        let Some(life) = cx.life(used.value) else { continue };
        let text = String::from_utf8_lossy(cx.bytes(used.value)).into_owned();
        let issued = life.issued.iter().find(|_| life.kind == Value::Refresh);
        let claims = life.jwt.as_ref().is_some_and(|j| {
            j.payload_typ.as_deref().is_some_and(|t| t.eq_ignore_ascii_case("refresh"))
                || j.token_use.as_deref() == Some("refresh")
                || j.typ.as_deref() == Some("rt+jwt")
        });
        let prefix = ex.profile().prefix_of(&text).is_some_and(|p| p.kind == "refresh")
            || ["1//", "ghr_", "xoxe-1-"].iter().any(|p| text.starts_with(p));
        if issued.is_none() && !claims && !prefix {
            continue;
        }
        let mut f = Finding::new(&RULE, ex.id(), "a refresh token was sent where an access token belongs");
        if let Some(i) = issued {
            f = f.see(Evidence::row(i.by, Part::Line)).see(Evidence::related(
                i.by,
                Part::ResField(i.key.to_string()),
                "issued as refresh token",
            ));
        }
        let because = if issued.is_some() {
            "the value was issued as refresh_token"
        } else {
            "the value names itself a refresh token"
        };
        out.push(
            f.field("authorization")
                .see(
                    Evidence::primary(ex.id(), Part::Req("authorization".to_owned(), 0), "sent as access token")
                        .at(a.rest.clone()),
                )
                .fix("send the access_token; redeem the refresh token at the token endpoint only")
                .paste("grant_type=refresh_token&refresh_token=$REFRESH_TOKEN")
                .sure(Confidence::Certain, because),
        );
    }
}
