//! `oauth-client-auth-failed`: the client, not the user, was refused.

use super::common;
use crate::facts::Kind as Value;
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, words};
use crate::trace::Class;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "oauth-client-auth-failed",
    chapter: Chapter::Oauth,
    severity: Severity::Error,
    tier: Some((2, 200)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Sh, Need::Sb]],
    summary: "the client, not the user, was refused",
    explain: include_str!("oauth_client_auth_failed.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for call in
        cx.denied().filter(|e| matches!(e.class(), Class::Token | Class::Refresh | Class::Device | Class::Login))
    {
        let error = call.answer_text("error");
        let client =
            matches!(error.as_deref(), Some("invalid_client" | "unauthorized_client" | "incorrect_client_credentials"))
                || call.says(Says::Client);
        if !client || call.class() == Class::Login && error.as_deref() != Some("invalid_client") {
            continue;
        }
        let basic = call.uses().iter().any(|u| u.kind == Value::Basic);
        let in_body = call.param("client_secret").is_some_and(|f| !f.is_blank());
        let wants_basic = call.challenges().iter().any(|c| c.is("basic"));
        let (message, fix) = match (basic, in_body, wants_basic) {
            (true, true, _) => (
                "the client's secret was sent twice: as Basic and in the body",
                "send the client's secret in one place",
            ),
            (false, true, true) => (
                "the server does not take this client's id and secret",
                "check id and secret of this app and tenant; if it is registered for Basic, send them so",
            ),
            (false, false, _) if call.fact().flags.sees_body => (
                "the client sent no secret, and the server wants one",
                "send the client's secret, or register the client as public",
            ),
            _ => (
                "the server does not take this client's id and secret",
                "check id and secret of this very app and tenant, and whether the secret has expired",
            ),
        };
        let part = if in_body {
            words::param_part(call, "client_secret")
        } else if basic {
            Part::Req("authorization".to_owned(), 0)
        } else {
            Part::Line
        };
        let f = Finding::new(&RULE, call.id(), message).field("client_secret").see(Evidence::related(
            call.id(),
            part,
            "the client's credential",
        ));
        out.push(
            common::answer(f, call).fix(fix).sure(Confidence::Certain, "the server names the client, not the user"),
        );
    }
}
