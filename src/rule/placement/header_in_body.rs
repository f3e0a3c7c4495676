//! `header-in-body`: the header was sent as part of the body.

use crate::auth::authorization::{Form, parse_authorization};
use crate::auth::url;
use crate::facts::{BodyFact, Field, Media};
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "header-in-body",
    chapter: Chapter::Placement,
    severity: Severity::Error,
    tier: Some((3, 180)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qb], &[Need::Qh]],
    summary: "the header was sent as part of the body",
    explain: include_str!("header_in_body.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied_calls().filter(|e| e.class() == Class::Call) {
        if !ex.sees_credentials() || ex.reqs("authorization").next().is_some() {
            continue;
        }
        if let Some(f) = in_fields(cx, ex).or_else(|| in_text(ex)) {
            out.push(f);
        }
    }
}

fn in_fields(cx: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    let body = ex.body()?;
    let hit = body.fields.iter().find(|f| is_header(f) && f.path.matches('.').count() < 5 && looks_sent(cx, f))?;
    let lower = hit.path.to_ascii_lowercase();
    // A request that carries other requests: batch calls, webhook registrations.
    if lower.split('.').any(|p| {
        p.parse::<usize>().is_ok() || matches!(p, "requests" | "request" | "steps" | "webhook" | "hooks" | "config")
    }) {
        return None;
    }
    if describes_another(ex, body, &lower) {
        return None;
    }
    let in_headers = lower.split('.').rev().nth(1) == Some("headers");
    let slip = slip(ex, in_headers, body.media);
    let name = hit.name().to_owned();
    let f = Finding::new(&RULE, ex.id(), format!("the {name} header was sent inside the body"))
        .field(name.to_ascii_lowercase())
        .see(Evidence::primary(ex.id(), Part::ReqField(hit.path.to_string()), slip))
        .see(Evidence::row(ex.id(), Part::ReqAbsent("authorization".to_owned())))
        .fix(fix(ex))
        .paste(recipe::header(ex, &recipe::scheme(ex)));
    Some(if in_headers {
        f.sure(Confidence::Certain, format!("refused, and the header stands only at body.{}", hit.path))
    } else {
        f.sure(Confidence::Strong, format!("the header stands only at body.{}", hit.path))
    })
}

/// A URL of another host stands beside the headers: a request to be made later (webhook, tester, proxy), not this one.
fn describes_another(ex: Ex<'_>, body: &BodyFact, path: &str) -> bool {
    let outer = path.rsplit_once("headers.").map_or("", |(outer, _)| outer);
    body.fields.iter().any(|f| {
        let p = f.path.to_ascii_lowercase();
        let beside = p.strip_prefix(outer).is_some_and(|rest| !rest.contains('.'));
        let text = f.text();
        let absolute = text.starts_with("http://") || text.starts_with("https://");
        beside && absolute && !ex.host().is_empty() && url::parse_url(&text).host() != ex.host()
    })
}

fn is_header(f: &Field) -> bool {
    let n = f.name().to_ascii_lowercase();
    matches!(n.as_str(), "authorization" | "x-api-key" | "x-auth-token")
}

/// A scheme and a token, or a token that is known.
fn looks_sent(cx: &Cx<'_>, f: &Field) -> bool {
    let parsed = parse_authorization(f.bytes());
    let shape =
        matches!(parsed.form, Form::SchemeAndToken | Form::DoubledScheme { .. } | Form::SchemeOnly | Form::Params);
    shape || cx.trace.facts.values.find(f.bytes()).is_some() || crate::auth::token::looks_like_token(&f.text())
}

fn slip(ex: Ex<'_>, in_headers: bool, media: Media) -> &'static str {
    match (recipe::client(ex), in_headers, media) {
        (recipe::Client::Axios, true, _) => "post(url, data, config): config is third",
        (recipe::Client::Fetch, true, _) => "headers belong beside body, not into it",
        (recipe::Client::Postman, ..) => "typed into the Body tab",
        (recipe::Client::Curl, ..) => "-d puts it into the body, -H into the head",
        (recipe::Client::Requests, ..) => "passed as data or json, not as headers",
        _ => "a field of the body, not a header",
    }
}

fn fix(ex: Ex<'_>) -> &'static str {
    match recipe::client(ex) {
        recipe::Client::Axios => "pass the headers as third argument, null when there is no data",
        recipe::Client::Curl => "pass the header with -H, not with -d",
        recipe::Client::Postman => "write it into the Headers or Authorization tab",
        _ => "pass it as a header, not as data",
    }
}

/// `Authorization: ...` as a line of a text body.
fn in_text(ex: Ex<'_>) -> Option<Finding> {
    let body = ex.body().filter(|b| matches!(b.media, Media::Text | Media::Form | Media::Unknown))?;
    let text = body.head.text();
    let at = text.to_ascii_lowercase().find("authorization:")?;
    if at > 0 && !text.get(..at)?.ends_with(['\n', '&', ' ', '"']) {
        return None;
    }
    Some(
        Finding::new(&RULE, ex.id(), "the Authorization header was sent inside the body")
            .field("authorization")
            .see(Evidence::primary(ex.id(), Part::ReqBody(at..at + 14), "a line of the body, not a header"))
            .see(Evidence::row(ex.id(), Part::ReqAbsent("authorization".to_owned())))
            .fix(fix(ex))
            .paste(recipe::header(ex, &recipe::scheme(ex)))
            .sure(Confidence::Strong, "the header's text stands only in the body"),
    )
}
