//! `token-in-cookie`: the token came back as cookie only, the API wants a header.

use crate::auth::jwt;
use crate::facts::{Kind as Value, Place};
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};
use crate::trace::Class;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "token-in-cookie",
    chapter: Chapter::Placement,
    severity: Severity::Error,
    tier: Some((3, 210)),
    confidence: Confidence::Likely,
    needs: &[&[Need::Qh]],
    summary: "the token came back as cookie only, the API wants a header",
    explain: include_str!("token_in_cookie.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied_calls().filter(|e| e.class() == Class::Call && e.sees_credentials() && !e.cookie_app()) {
        if ex.uses().iter().any(|u| matches!(u.place, Place::Header(_)) && u.kind != Value::Csrf) {
            continue;
        }
        let asked = ex.said() == Some(crate::provider::Class::Missing)
            || ex.challenges().iter().any(|c| c.is("bearer"))
            || ex.profile().auth.place.as_deref() == Some("header:authorization");
        let hit = ex.uses().iter().find_map(|u| match u.place {
            Place::Cookie(n) => {
                let issued = cx
                    .life(u.value)
                    .is_some_and(|l| l.issued.iter().any(|i| i.key.contains("token")) && l.kind == Value::Token);
                let text = String::from_utf8_lossy(cx.bytes(u.value)).into_owned();
                (issued || jwt::looks_like_jwt(&text)).then(|| cx.text(n).to_owned())
            }
            _ => None,
        });
        let Some(name) = hit.filter(|_| asked) else { continue };
        out.push(
            Finding::new(&RULE, ex.id(), format!("the token is in the cookie \"{name}\", the server reads a header"))
                .field("cookie")
                .see(Evidence::primary(ex.id(), Part::Req("cookie".to_owned(), 0), "the API does not read it"))
                .see(Evidence::row(ex.id(), Part::ReqAbsent("authorization".to_owned())))
                .fix("send the token in the Authorization header")
                .paste(recipe::header(ex, &recipe::scheme(ex)))
                .or("session-expired", "the same cookie accepted by this API before")
                .sure(Confidence::Likely, "a Bearer challenge, and only a cookie carries a token"),
        );
    }
}
