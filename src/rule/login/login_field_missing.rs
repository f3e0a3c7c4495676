//! `login-field-missing`: the login or token call lacks a required field, or sends it empty.

use super::common;
use crate::facts::Kind as Value;
use crate::rule::{
    Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe, typed, words,
};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "login-field-missing",
    chapter: Chapter::Login,
    severity: Severity::Error,
    tier: Some((2, 40)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Qb]],
    summary: "the login or token call lacks a required field, or sends it empty",
    explain: include_str!("login_field_missing.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in common::failed(cx) {
        let sees = ex.body().is_some() || ex.fact().flags.sees_body;
        if !sees || ex.masked() || ex.body().is_some_and(|b| b.fields.is_empty() && b.len > 0) {
            continue;
        }
        if let Some(f) = misspelt(ex) {
            out.push(typed::unquoted(f, ex));
            continue;
        }
        if let Some(f) = blank(ex) {
            out.push(typed::unquoted(f, ex));
            continue;
        }
        let (fields, profile) = required(ex);
        let gap = fields.iter().find(|n| lacks(ex, n));
        let Some(name) = gap.filter(|_| !complete_otherwise(ex, profile)) else { continue };
        let empty = ex.param(name).is_some();
        let named = ex
            .answer_text("error_description")
            .or_else(|| ex.answer_text("message"))
            .is_some_and(|m| m.contains(*name));
        let words = if empty { format!("the login sends {name} empty") } else { format!("the login lacks {name}") };
        let part = match (ex.field(name).is_some(), ex.query(name).is_some()) {
            (true, _) => Part::ReqField((*name).to_owned()),
            (_, true) => Part::Query((*name).to_owned()),
            _ if ex.body().is_some() => Part::ReqBody(0..0),
            _ => Part::Line,
        };
        let f = Finding::new(&RULE, ex.id(), words)
            .field(*name)
            .see(Evidence::row(ex.id(), Part::Line))
            .see(Evidence::primary(ex.id(), part, if empty { "empty" } else { "not among the fields" }))
            .fix("print the variables before the login, and send every field")
            .paste(recipe::form(ex, &fields));
        let f = if profile || named {
            f.sure(Confidence::Certain, "the endpoint needs this field")
        } else {
            f.sure(Confidence::Strong, "the grant needs this field (RFC 6749)")
        };
        out.push(typed::unquoted(f, ex));
    }
}

/// A token call that has a parameter of OAuth under nearly its name (`cliend_id`, `redirect_url`), and not under its own.
fn misspelt(ex: Ex<'_>) -> Option<Finding> {
    // RFC 6749 4.1.3, 4.3.2, 4.4.2, 6.
    const NAMES: [&str; 7] =
        ["grant_type", "redirect_uri", "client_id", "client_secret", "refresh_token", "username", "password"];
    let last = ex.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let token_call = matches!(ex.class(), Class::Token | Class::Refresh) || matches!(&*last, "token" | "access_token");
    if !token_call || common::endpoint(ex).is_some_and(|e| !e.fields.is_empty()) {
        return None;
    }
    // `clientId` may be the server's own style, unless other names of the same call are written as OAuth writes them.
    let snake = NAMES.iter().any(|n| n.contains('_') && ex.param(n).is_some());
    let near = |sent: &str, right: &str| {
        let plain = |s: &str| s.replace(['_', '-'], "").to_ascii_lowercase();
        let style = plain(sent) == plain(right);
        sent.len() >= 6 && (style && snake || !style && strsim::osa_distance(&sent.to_ascii_lowercase(), right) <= 2)
    };
    let other = |f: &&crate::facts::Field| !NAMES.contains(&f.name());
    let (field, right) = ex.fields().filter(other).find_map(|f| {
        let right = NAMES.iter().find(|right| ex.param(right).is_none() && near(f.name(), right))?;
        Some((f, *right))
    })?;
    let sent: String = field.name().chars().take(20).collect();
    let named = ex.answer_text("error_description").is_some_and(|m| m.contains(right));
    let f = Finding::new(&RULE, ex.id(), format!("the token call sends {sent} instead of {right}"))
        .field(right)
        .see(Evidence::row(ex.id(), Part::Line))
        .see(Evidence::primary(ex.id(), words::param_part(ex, field.name()), format!("not {right}")))
        .fix(format!("write {right}"));
    Some(if named {
        f.sure(Confidence::Certain, "the server misses that very parameter")
    } else {
        f.sure(Confidence::Strong, "one slip from a parameter of RFC 6749 that the call lacks")
    })
}

/// A login whose name or secret is there and empty, with no other field that could stand for it.
fn blank(ex: Ex<'_>) -> Option<Finding> {
    const NAMES: [&str; 8] = ["username", "user", "email", "login", "user_name", "userName", "client_id", "identifier"];
    const SECRETS: [&str; 8] = ["password", "passwd", "pwd", "pass", "client_secret", "api_key", "apikey", "secret"];
    if ex.class() != Class::Login || common::endpoint(ex).is_some_and(|e| !e.fields.is_empty()) {
        return None;
    }
    let gap = |names: &'static [&'static str]| {
        let sent = || names.iter().copied().filter(|n| ex.param(n).is_some());
        let full = sent().any(|n| ex.param(n).is_some_and(|f| !f.is_blank()));
        sent().next().filter(|_| !full)
    };
    let name = gap(&SECRETS).or_else(|| gap(&NAMES))?;
    let told = ["message", "error_description", "error", "detail", "errors.0.message"];
    let named = told.iter().find_map(|k| ex.answer_text(k)).is_some_and(|m| m.to_ascii_lowercase().contains(name));
    let f = Finding::new(&RULE, ex.id(), format!("the login sends {name} empty"))
        .field(name)
        .see(Evidence::row(ex.id(), Part::Line))
        .see(Evidence::primary(ex.id(), words::param_part(ex, name), "empty"))
        .fix("print the variables before the login, and send every field");
    Some(if named {
        f.sure(Confidence::Certain, "the server misses that very field")
    } else {
        f.sure(Confidence::Strong, "a login needs a name and a secret")
    })
}

/// The fields that the endpoint or its grant needs, and whether a profile says so.
fn required(ex: Ex<'_>) -> (Vec<&str>, bool) {
    if let Some(e) = common::endpoint(ex).filter(|e| !e.fields.is_empty()) {
        let own = e.fields.iter().map(String::as_str).filter(|f| !matches!(*f, "code" | "code_verifier")).collect();
        return (own, true);
    }
    let basic = ex.uses().iter().any(|u| u.kind == Value::Basic);
    // A client of mutual TLS shows a certificate (RFC 8705), and the server may be missing that.
    let mutual = ["error_description", "message"]
        .iter()
        .any(|n| ex.answer_text(n).is_some_and(|t| t.to_ascii_lowercase().contains("certificate")));
    let public = basic || mutual || ex.param("client_assertion").is_some() || ex.param("code_verifier").is_some();
    let fields = match ex.param("grant_type").map(|f| f.text().into_owned()).as_deref() {
        Some("password") => vec!["username", "password"],
        Some("client_credentials") if !public => vec!["client_id", "client_secret"],
        Some("refresh_token") => vec!["refresh_token"],
        Some("") => vec!["grant_type"],
        // A server that judges the client, the user or the code has understood which grant it is (GitHub asks for none).
        None if ex.said().is_some_and(grasped) => Vec::new(),
        None if ex.class() == Class::Token && ex.path().contains("token") && ex.query("service").is_none() => {
            vec!["grant_type"]
        }
        _ => Vec::new(),
    };
    (fields, false)
}

fn grasped(said: crate::provider::Class) -> bool {
    use crate::provider::Class::{Client, Code, Pkce, Redirect, Refresh, StepUp, User};
    matches!(said, Client | Code | Pkce | Redirect | Refresh | StepUp | User)
}

fn lacks(ex: Ex<'_>, name: &str) -> bool {
    ex.param(name).is_none_or(|f| f.is_blank() || unset(ex, f))
}

/// `client_secret=$SECRET` as typed, and the length that was sent says that the shell put nothing in its place.
fn unset(ex: Ex<'_>, f: &crate::facts::Field) -> bool {
    let Some(body) = ex.body().filter(|b| b.typed && f.bytes().starts_with(b"$")) else { return false };
    let sent = ex.req("content-length").present().and_then(|l| l.text().trim().parse::<u64>().ok());
    sent.is_some_and(|n| n + f.bytes().len() as u64 == body.len)
}

/// Another complete set of fields was sent (user and password of the web login): that is a login with wrong credentials.
fn complete_otherwise(ex: Ex<'_>, profile: bool) -> bool {
    let full = |names: [&str; 2]| names.iter().all(|n| ex.param(n).is_some_and(|f| !f.is_blank()));
    if !profile {
        // A token endpoint that names no grant may be a login of another kind; some call the user by address or number.
        let other = ex.param("grant_type").is_none() && ex.param("password").is_some_and(|f| !f.is_blank());
        return other || full(["email", "password"]) || full(["phone", "password"]) || full(["login", "password"]);
    }
    full(["email", "password"]) || full(["username", "password"])
}
