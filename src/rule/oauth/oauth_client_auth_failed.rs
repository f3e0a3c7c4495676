//! `oauth-client-auth-failed`: the client, not the user, was refused.

use super::common;
use crate::auth::basic::basic_parts;
use crate::facts::Kind as Value;
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, words};
use crate::trace::{Class, Ex};

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
        let basic = call.uses().iter().any(|u| u.kind == Value::Basic);
        let in_body = call.param("client_secret").is_some_and(|f| !f.is_blank());
        // RFC 6749 2.3: one method a request, and a server may refuse two as invalid_request.
        let twice = basic && in_body && error.as_deref() == Some("invalid_request");
        let client = client || twice;
        if !client || call.class() == Class::Login && error.as_deref() != Some("invalid_client") && !twice {
            continue;
        }
        let wants_basic = call.challenges().iter().any(|c| c.is("basic"));
        let named = in_words(call);
        let (message, fix) = match (basic, in_body, wants_basic) {
            _ if named.is_some() => named.unwrap_or_default(),
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
        let f = if named.is_none() { otherwise(cx, call, basic, in_body, f) } else { f };
        let f = common::answer(f, call).fix(fix);
        out.push(match twice {
            true => f.sure(Confidence::Strong, "RFC 6749 2.3 allows one method of client authentication a request"),
            false => f.sure(Confidence::Certain, "the server names the client, not the user"),
        });
    }
}

/// What else a refused client may be, next to a wrong secret.
fn otherwise(cx: &Cx<'_>, call: Ex<'_>, basic: bool, in_body: bool, f: Finding) -> Finding {
    // RFC 6749 2.3.1: both parts are form-encoded before they are joined; few clients do so.
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~' | '%');
    let secret = call.bearer().filter(|_| basic).and_then(|u| basic_parts(cx.bytes(u.value))).map(|p| p.1);
    let f = match secret.is_some_and(|s| !s.chars().all(plain)) {
        true => f.or("a secret not form-encoded before Basic", "the same call with the secret percent-encoded first"),
        false => f,
    };
    // A server that speaks of the secret has found it.
    let found = call.answer_text("error_description").is_some_and(|d| d.to_ascii_lowercase().contains("secret"));
    if basic != in_body && !found {
        return f
            .or("the other way to send it", "how the app is registered: client_secret_basic or client_secret_post");
    }
    f
}

/// What exactly the server says of the client, and what to do.
fn in_words(call: Ex<'_>) -> Option<(&'static str, &'static str)> {
    let text = call.answer_text("error_description").or_else(|| call.answer_text("message"))?.to_ascii_lowercase();
    let all = |words: &[&str]| words.iter().all(|w| text.contains(w));
    if all(&["secret", "expired"]) {
        return Some(("the client's secret has expired, says the server", "make a new secret for this app"));
    }
    if all(&["tenant", "not found"]) || all(&["tenant", "does not exist"]) {
        return Some((
            "the server does not know the tenant in this URL",
            "take the tenant's id from the app's registration into the token URL",
        ));
    }
    if all(&["client is public"]) || all(&["public client", "secret"]) {
        return Some((
            "the client is registered as public, and sent a secret all the same",
            "leave the secret out and use PKCE, or register the client as confidential",
        ));
    }
    if all(&["was not found in the directory"]) || all(&["application", "not found", "tenant"]) {
        return Some((
            "the server does not know this client in this tenant",
            "compare client id and tenant with the app's registration",
        ));
    }
    None
}
