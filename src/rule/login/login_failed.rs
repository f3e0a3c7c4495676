//! `login-failed`: the login or token call did not yield a token.

use super::common;
use crate::auth::token::is_placeholder;
use crate::facts::{Media, Outcome};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, Severity, recipe};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "login-failed",
    chapter: Chapter::Login,
    severity: Severity::Error,
    tier: Some((2, 210)),
    confidence: Confidence::Strong,
    needs: &[],
    summary: "the login or token call did not yield a token",
    explain: include_str!("login_failed.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.detailed().filter(|e| concerns(*e)) {
        if let Some(f) = judge(ex) {
            out.push(f);
        }
    }
}

/// A login, or a token call of a grant that logs in by itself.
fn concerns(ex: Ex<'_>) -> bool {
    match ex.class() {
        Class::Login => ex.denied(),
        Class::Token => {
            let grant = ex.param_text("grant_type");
            ex.denied() && grant.is_none_or(|g| g == "password" || g == "client_credentials")
        }
        _ => false,
    }
}

fn judge(ex: Ex<'_>) -> Option<Finding> {
    if ex.says(Says::Client) && ex.class() == Class::Token || continues(ex) {
        return None;
    }
    // A refusal that holds the token is an edited recording: nothing can be said of it.
    let edited = ex.answer_field("access_token").is_some_and(|f| !f.is_blank());
    // Of which grant an unreadable call was, only the words of the answer can tell.
    let unread = ex.class() == Class::Token && ex.body().is_none() && !ex.fact().flags.sees_body;
    if edited || unread && !ex.says(Says::User) && ex.answer_text("error").is_some_and(|e| e == "invalid_grant") {
        return None;
    }
    // A code call without grant_type belongs to the OAuth rules.
    if ex.class() == Class::Token && ex.param("code").is_some() {
        return None;
    }
    let row = profile_row(ex);
    let said_user = ex.says(Says::User);
    let html = row.is_some_and(|r| r.at_most.is_some());
    let unseen = ex.body().is_none() && !ex.fact().flags.sees_body;
    let (sure, because) = match (said_user, html, ex.fact().outcome) {
        (true, false, _) => (Confidence::Certain, "the answer is that of wrong credentials".to_owned()),
        (true, true, _) => {
            (Confidence::Strong, "this page is shown for wrong credentials, and in an outage".to_owned())
        }
        (_, _, Outcome::Status(s)) if unseen => (Confidence::Likely, format!("a login path, answered {s}")),
        (_, _, Outcome::Status(s)) => (Confidence::Strong, format!("the login was answered {s}, no token was issued")),
        _ => (Confidence::Strong, "no token was issued".to_owned()),
    };
    let status = ex.status();
    let message = match (said_user, status) {
        (_, 0) => "the login was refused: these credentials are not known here".to_owned(),
        (true, s) => format!("login answered {s}: these credentials are not known here"),
        (false, s) => format!("login answered {s}, no token was issued"),
    };
    let mut f = Finding::new(&RULE, ex.id(), message).see(Evidence::row(ex.id(), Part::Line));
    if let Some(field) = common::credential_fields(ex).find(|f| !f.is_blank() && is_placeholder(&f.text()).is_none())
        && ex.field(&field.path).is_some()
    {
        f = f.see(Evidence::row(ex.id(), Part::ReqField(field.path.to_string())));
    }
    f = f.see(answer(ex));
    let advice = ex.profile().advice.get("login-failed").cloned();
    f = f.fix(
        advice
            .unwrap_or_else(|| {
                "check that user and key exist on this very server and are enabled; stop when login is not 200"
                    .to_owned()
            })
            .trim_end_matches('.')
            .to_owned(),
    );
    f = f.paste(recipe::check(ex));
    for a in row.map_or(&[][..], |r| &r.alternatives) {
        f = f.or(a.clone(), "the same login a few minutes later, with the path checked");
    }
    if unseen {
        f = f.not_seen("the login's fields").or("login-field-missing", "the body of the login call");
    }
    let f = f.sure(sure, because);
    let cap = row.and_then(|r| Confidence::from_word(r.at_most.as_deref()?));
    Some(match cap {
        Some(most) => f.at_most(most),
        None => f,
    })
}

/// A second factor is asked: the login goes on.
fn continues(ex: Ex<'_>) -> bool {
    let mfa = ["mfa_token", "stateToken", "challenge_id", "mfa_required", "ticket"]
        .iter()
        .any(|k| ex.answer_field(k).is_some_and(|f| !f.is_blank()));
    let status =
        ex.answer_text("status").is_some_and(|s| s.contains("MFA") || s.contains("CHALLENGE") || s.contains("mfa"));
    mfa || status || ex.answer_text("error").is_some_and(|e| e == "mfa_required")
}

fn profile_row(ex: Ex<'_>) -> Option<&crate::provider::Message> {
    let title = ex.answer().and_then(|a| a.title.as_deref());
    let rows = ex.profile().messages.iter().filter(|m| m.class == Says::User);
    let mut rows = rows.filter(|m| m.html_title.as_deref().is_none_or(|t| title.is_some_and(|x| x.contains(t))));
    rows.find(|m| m.json.iter().all(|(p, want)| ex.answer_text(p).is_some_and(|v| v == *want)))
}

fn answer(ex: Ex<'_>) -> Evidence {
    for key in ["error_description", "message", "error", "detail", "errors.0.message", "error.message"] {
        if ex.answer_text(key).is_some() {
            return Evidence::primary(ex.id(), Part::ResField(key.to_owned()), "the server's words");
        }
    }
    match ex.answer() {
        Some(a) if a.media != Media::Binary => {
            Evidence::primary(ex.id(), Part::ResBody(0..a.head.bytes().len().min(60)), "the answer holds no token")
        }
        _ => Evidence::primary(ex.id(), Part::Line, "no token"),
    }
}
