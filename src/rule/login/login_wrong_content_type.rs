//! `login-wrong-content-type`: the body's format differs from what the endpoint reads.

use super::common;
use crate::facts::Media;
use crate::http::Origin;
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "login-wrong-content-type",
    chapter: Chapter::Login,
    severity: Severity::Error,
    tier: Some((2, 20)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Qb, Need::Qh]],
    summary: "the body's format differs from what the endpoint reads",
    explain: include_str!("login_wrong_content_type.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in common::failed(cx).filter(|e| e.method() == "POST" || e.method() == "PUT") {
        if let Some((words, because, sure, want)) = judge(ex) {
            let shown = if ex.reqs("content-type").next().is_some() {
                Part::Req("content-type".to_owned(), 0)
            } else {
                Part::ReqAbsent("content-type".to_owned())
            };
            let mut f = Finding::new(&RULE, ex.id(), words).see(Evidence::primary(
                ex.id(),
                shown,
                "the format that is announced",
            ));
            if ex.body().is_some() {
                f = f.see(Evidence::related(
                    ex.id(),
                    Part::ReqBody(0..ex.body().map_or(0, |b| b.head.bytes().len().min(40))),
                    "the format that is sent",
                ));
            }
            let (fix, paste) = if want == Media::Json {
                ("send the call as JSON", recipe::json(ex))
            } else {
                ("send the login as a form", recipe::form(ex, &names(ex)))
            };
            out.push(f.fix(fix).paste(paste).sure(sure, because));
        }
    }
}

fn names(ex: Ex<'_>) -> Vec<&str> {
    let own = common::endpoint(ex).map(|e| e.fields.iter().map(String::as_str).collect::<Vec<_>>()).unwrap_or_default();
    if own.is_empty() { vec!["grant_type", "client_id", "client_secret"] } else { own }
}

type Verdict = (String, String, Confidence, Media);

fn judge(ex: Ex<'_>) -> Option<Verdict> {
    let declared = declared(ex);
    let shape = ex.body().map_or(Media::Unknown, |b| b.media);
    if let Some(e) = common::endpoint(ex).filter(|e| !e.content_types.is_empty()) {
        let want = if e.content_types.iter().any(|t| t.contains("json")) { Media::Json } else { Media::Form };
        let fits = declared.as_deref().is_some_and(|d| e.content_types.iter().any(|t| t == d));
        let takes = |word: &str| e.content_types.iter().any(|t| t.contains(word));
        let body_fits = match shape {
            Media::Json => takes("json"),
            Media::Form => takes("urlencoded"),
            other => other == want || other == Media::Unknown,
        };
        if !fits || !body_fits {
            let sent = if fits { form(shape).to_owned() } else { sent(declared.as_deref()) };
            // The credentials themselves may be wrong too, but no server gets so far.
            return Some((
                format!("this endpoint reads {}, {sent} was sent", word(want)),
                format!("profile \"{}\" names the format", ex.profile().id),
                Confidence::Certain,
                want,
            ));
        }
        return None;
    }
    if let Some(want) = named_by_server(ex, declared.as_deref(), shape) {
        let sent = sent(declared.as_deref());
        return Some((
            format!("this endpoint reads {}, {sent} was sent", word(want)),
            "the server's answer names the format".to_owned(),
            Confidence::Certain,
            want,
        ));
    }
    contradiction(ex, declared.as_deref(), shape).or_else(|| form_only(ex, declared.as_deref(), shape))
}

/// The answer says which format it wants, and it is not the one that was sent.
fn named_by_server(ex: Ex<'_>, declared: Option<&str>, shape: Media) -> Option<Media> {
    let text = ex.answer()?.head.text().to_ascii_lowercase();
    let about = text.contains("content-type")
        || text.contains("content type")
        || text.contains("media type")
        || ex.status() == 415;
    if !about {
        return None;
    }
    let (json, form) = (text.contains("application/json"), text.contains("x-www-form-urlencoded"));
    let sent_json = shape == Media::Json && declared.is_none_or(|d| d.ends_with("json"));
    match (json, form) {
        (true, false) if !sent_json => Some(Media::Json),
        (false, true) if sent_json || declared.is_none_or(|d| !d.contains("x-www-form-urlencoded")) => {
            Some(Media::Form)
        }
        (false, false) if ex.status() == 415 && sent_json => Some(Media::Form),
        _ => None,
    }
}

/// The body contradicts its own header.
fn contradiction(ex: Ex<'_>, declared: Option<&str>, shape: Media) -> Option<Verdict> {
    if ex.said_else(&[Says::Client]) && !ex.says(Says::Malformed) {
        return None;
    }
    let because = || "the body contradicts its Content-Type".to_owned();
    match (declared, shape) {
        (Some(d), Media::Json) if d.contains("x-www-form-urlencoded") => Some((
            "a JSON body was sent under the type of a form".to_owned(),
            because(),
            Confidence::Strong,
            Media::Json,
        )),
        (Some(d), Media::Form) if d.ends_with("json") => {
            Some(("a form was sent under the type of JSON".to_owned(), because(), Confidence::Strong, Media::Form))
        }
        (Some("text/plain"), Media::Json)
            if ex.fact().flags.browser || ex.req("sec-fetch-mode").present().is_some() =>
        {
            Some((
                "JSON was sent as text/plain, as pages do without mode 'cors'".to_owned(),
                because(),
                Confidence::Strong,
                Media::Json,
            ))
        }
        _ => None,
    }
}

/// Token endpoints read forms (RFC 6749 4.1.3); JSON is taken by some.
fn form_only(ex: Ex<'_>, declared: Option<&str>, shape: Media) -> Option<Verdict> {
    let asked = ex.param("grant_type").is_some() && matches!(ex.class(), Class::Token | Class::Refresh);
    let error = ex.answer_text("error");
    let confused = ex.status() == 415
        || match error.as_deref() {
            Some(e) => e == "invalid_request" || e == "unsupported_grant_type" || e.contains(' ') && ex.status() == 400,
            None => ex.status() == 400,
        };
    let client = ex.says(Says::Client)
        || ex.says(Says::Code)
        || ex.says(Says::Pkce)
        || ex.says(Says::Redirect)
        || ex.says(Says::User);
    if !asked || !confused || client || error.is_some_and(|e| e == "invalid_grant" || e == "invalid_client") {
        return None;
    }
    let json = shape == Media::Json && declared.is_none_or(|d| d.ends_with("json"));
    let multipart = declared.is_some_and(|d| d.starts_with("multipart/"));
    let query_only = ex.query("grant_type").is_some() && ex.field("grant_type").is_none();
    // curl and most clients add the type by themselves: only sent lines can show that it is not there.
    let sent_lines = ex.fact().origin_of_lines != Origin::Typed;
    let untyped = declared.is_none() && shape == Media::Form && sent_lines && ex.req("content-type").lacking();
    let what = if json {
        "JSON"
    } else if multipart {
        "multipart"
    } else if query_only {
        "the query"
    } else if untyped {
        "no Content-Type"
    } else {
        return None;
    };
    Some((
        format!("token endpoints read a form, {what} was sent"),
        "a form is the standard's format (RFC 6749 4.1.3)".to_owned(),
        Confidence::Strong,
        Media::Form,
    ))
}

fn declared(ex: Ex<'_>) -> Option<String> {
    let own = ex
        .req("content-type")
        .present()
        .map(|l| l.text().split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    let named = own.or_else(|| ex.body().and_then(|b| b.declared.as_deref().map(str::to_owned)));
    named.filter(|d| !d.is_empty())
}

fn word(m: Media) -> &'static str {
    if m == Media::Json { "JSON" } else { "a form" }
}

/// What a body is made of, in words.
fn form(m: Media) -> &'static str {
    match m {
        Media::Json => "JSON",
        Media::Form => "a form",
        Media::Multipart => "multipart",
        Media::Xml => "XML",
        _ => "another body",
    }
}

/// A declared type in words.
fn sent(declared: Option<&str>) -> String {
    match declared {
        None => "no Content-Type".to_owned(),
        Some("application/x-www-form-urlencoded") => "a form".to_owned(),
        Some(t) if t.starts_with("multipart/") => "multipart".to_owned(),
        Some(t) if t.ends_with("json") => "JSON".to_owned(),
        Some(t) => t.to_owned(),
    }
}
