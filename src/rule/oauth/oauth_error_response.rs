//! `oauth-error-response`: the server answered an OAuth error and no finer rule applies.

use super::common;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Kind, Part, Rule, Severity};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "oauth-error-response",
    chapter: Chapter::Oauth,
    severity: Severity::Error,
    tier: Some((2, 220)),
    confidence: Confidence::Strong,
    needs: &[],
    summary: "the server answered an OAuth error and no finer rule applies",
    explain: include_str!("oauth_error_response.md"),
    kind: Kind::Fallback(fits),
};

fn fits(_: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    let grant = ex.param_text("grant_type");
    let own = matches!(grant.as_deref(), Some("password" | "client_credentials"));
    let fits = matches!(ex.class(), Class::Authorize | Class::Callback | Class::Refresh | Class::Device)
        || ex.class() == Class::Token && !own;
    if !fits {
        return None;
    }
    let code = common::error_code(ex);
    let (message, fix) = match code.as_deref() {
        Some(c) => (format!("the authorization server answered \"{c}\""), advice(c)),
        None => (
            "the authorization server refused this step".to_owned(),
            "read the server's words, and compare every parameter with the registration",
        ),
    };
    let f = Finding::new(&RULE, ex.id(), message);
    let f = match ex.class() {
        Class::Callback | Class::Authorize if ex.query("error").is_some() => {
            f.see(Evidence::primary(ex.id(), Part::Query("error".to_owned()), "the server's code"))
        }
        Class::Authorize if code.is_some() && ex.res("location").present().is_some() => {
            f.see(Evidence::primary(ex.id(), Part::Res("location".to_owned(), 0), "the server's code"))
        }
        _ => common::answer(f, ex),
    };
    let f = if ex.query("error_description").is_some() {
        f.see(Evidence::row(ex.id(), Part::Query("error_description".to_owned())))
    } else {
        f
    };
    Some(match (code, common::error_text(ex)) {
        (Some(_), _) => f.fix(fix).sure(Confidence::Strong, "the server's own error"),
        // A page or other words, without a code: what it refuses is for the reader to see.
        (None, Some(_)) if ex.answer_field("access_token").is_none() => f
            .fix(fix)
            .sure(Confidence::Likely, "refused by its status and in the server's words, without an OAuth error code")
            .or("a fault of the server", "the same step repeated a minute later"),
        _ => f
            .fix("record the step again, with its answer")
            .sure(Confidence::Possible, "refused by its status alone; the answer names no error")
            .not_seen("the server's error"),
    })
}

/// One piece of advice for each error of RFC 6749 4.1.2.1, 5.2 and RFC 8628 3.5.
fn advice(code: &str) -> &'static str {
    match code {
        "access_denied" => "ask again, or have an administrator grant consent: the user or a policy said no",
        "invalid_scope" => "ask only for scopes that this client may have, spelled as registered",
        "unsupported_response_type" => "ask for response_type=code",
        "unsupported_grant_type" => "use a grant that the server offers for this client",
        "invalid_grant" => "start the login again: the code or refresh token is spent, expired or of another client",
        "invalid_request" => "compare every parameter with the server's documentation",
        "login_required" | "interaction_required" | "consent_required" => "start the login with a page, not silently",
        "server_error" | "temporarily_unavailable" => "try again later; the fault is the server's",
        "expired_token" => "start the device login again: the device code has expired",
        _ => "look the error up in the server's documentation",
    }
}
