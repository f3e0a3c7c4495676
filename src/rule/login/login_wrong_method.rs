//! `login-wrong-method`: GET or another method on an endpoint that needs POST.

use super::common;
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, Severity, recipe};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "login-wrong-method",
    chapter: Chapter::Login,
    severity: Severity::Error,
    tier: Some((2, 10)),
    confidence: Confidence::Certain,
    needs: &[],
    summary: "GET or another method on an endpoint that needs POST",
    explain: include_str!("login_wrong_method.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.detailed().filter(|e| e.status() >= 400 && !e.fact().flags.preflight) {
        let Some((want, because, sure)) = wanted(ex) else { continue };
        let mut f = Finding::new(&RULE, ex.id(), format!("{} was sent, this endpoint takes {want}", ex.method()))
            .see(Evidence::primary(ex.id(), Part::Line, "the method"));
        if ex.res("allow").present().is_some() {
            f = f.see(Evidence::related(ex.id(), Part::Res("allow".to_owned(), 0), "what the server takes"));
        }
        let paste = if want == "POST" {
            recipe::form(ex, &["client_id", "client_secret"])
        } else {
            format!("curl -X {want} ...")
        };
        out.push(
            f.fix(format!("send the call as {want}; with curl, -d makes it a POST")).paste(paste).sure(sure, because),
        );
    }
}

fn wanted(ex: Ex<'_>) -> Option<(String, String, Confidence)> {
    let profile = ex.profile();
    if let Some(e) = profile.endpoint(ex.method(), ex.path()) {
        let want = e.method.as_deref()?;
        let kind = matches!(e.kind.as_str(), "login" | "token" | "refresh" | "logout");
        return (kind && want != ex.method() && ex.method() != "OPTIONS")
            .then(|| (want.to_owned(), format!("profile \"{}\" names the method", profile.id), Confidence::Certain));
    }
    // A registry's token endpoint is GET by design.
    if !ex.class().issues() && !login_path(ex)
        || ex.method() == "POST"
        || ex.query("service").is_some()
        || ex.class() == Class::Authorize
    {
        return None;
    }
    let allow = ex.res("allow").present().map(|l| l.text().to_ascii_uppercase());
    if ex.status() == 405 && allow.as_deref().is_some_and(|a| a.contains("POST")) {
        return Some(("POST".to_owned(), "405, and the Allow header names it".to_owned(), Confidence::Certain));
    }
    // The server read what was sent: it judges the code, the address, the verifier.
    let read = |s| matches!(s, Says::Code | Says::Redirect | Says::Pkce | Says::Refresh);
    if ex.said().is_some_and(read) {
        return None;
    }
    let fields = common::credential_fields(ex).filter(|f| f.name() != "code").count() >= 2;
    (fields && ex.method() == "GET" && ex.denial().is_some())
        .then(|| ("POST".to_owned(), "credential fields on a GET that was refused".to_owned(), Confidence::Strong))
}

fn login_path(ex: Ex<'_>) -> bool {
    let last = ex.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    matches!(last.as_str(), "login" | "token" | "signin" | "authenticate" | "auth")
}
