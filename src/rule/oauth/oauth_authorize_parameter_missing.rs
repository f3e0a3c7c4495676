//! `oauth-authorize-parameter-missing`: the authorization request lacks a parameter that the server requires.

use super::common;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, Severity};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "oauth-authorize-parameter-missing",
    chapter: Chapter::Oauth,
    severity: Severity::Error,
    tier: Some((2, 50)),
    confidence: Confidence::Strong,
    needs: &[],
    summary: "the authorization request lacks a parameter that the server requires",
    explain: include_str!("oauth_authorize_parameter_missing.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for a in cx.detailed().filter(|e| e.class() == Class::Authorize || authorize_endpoint(*e)) {
        if a.param("request_uri").is_some() || a.param("request").is_some() {
            continue;
        }
        let Some(refused) = common::failure_of(cx, a) else { continue };
        let profile: Vec<String> =
            a.profile().endpoint(a.method(), a.path()).map(|e| e.required.clone()).unwrap_or_default();
        let from_profile = !profile.is_empty();
        let mut required =
            if from_profile { profile } else { vec!["response_type".to_owned(), "client_id".to_owned()] };
        let text = common::error_text(refused).unwrap_or_default();
        required.extend(missed(&text).map(str::to_owned));
        // state and the challenge have rules of their own where a profile does not demand them.
        let Some(gap) = required.iter().find(|r| lacks(a, r)) else { continue };
        let (name, want) = gap.split_once('=').unwrap_or((gap, ""));
        let sure = if text.contains(name) {
            Confidence::Certain
        } else if from_profile {
            Confidence::Strong
        } else {
            Confidence::Likely
        };
        let sent = a.param(name);
        let message = match (sent, want) {
            (Some(_), w) if !w.is_empty() => format!("{name} has another value than \"{w}\""),
            (Some(_), _) => format!("{name} is empty"),
            (None, "") => format!("the authorization request lacks {name}"),
            (None, w) => format!("the authorization request lacks {name}={w}"),
        };
        let part = if sent.is_some() { Part::Query(name.to_owned()) } else { Part::Line };
        let f = Finding::new(&RULE, a.id(), message)
            .field(name)
            .see(Evidence::primary(a.id(), part, "the gap"))
            .fix(format!("add {name} to the authorization request"))
            .paste(if want.is_empty() { format!("{name}=...") } else { gap.clone() })
            .or("oauth-client-mismatch", "the registration of the client");
        out.push(common::at(f, refused).sure(sure, "the parameters that were sent, against those that are needed"));
    }
}

/// Parameters that the server itself calls missing: the name and such a word within one sentence's reach.
fn missed(text: &str) -> impl Iterator<Item = &'static str> {
    const NAMES: [&str; 7] =
        ["response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge"];
    const LACKING: [&str; 5] = ["missing", "required", "must", "lacks", "specified"];
    let split = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    let words: Vec<&str> = text.split(split).filter(|w| !w.is_empty()).collect();
    let near = |at: usize| words.iter().skip(at.saturating_sub(5)).take(11).any(|w| LACKING.contains(w));
    let said: Vec<&str> = words.iter().enumerate().filter(|(at, _)| near(*at)).map(|(_, w)| *w).collect();
    NAMES.into_iter().filter(|n| said.contains(n)).collect::<Vec<_>>().into_iter()
}

fn authorize_endpoint(ex: Ex<'_>) -> bool {
    ex.profile().endpoint(ex.method(), ex.path()).is_some_and(|e| e.kind == "authorize")
}

fn lacks(a: Ex<'_>, required: &str) -> bool {
    let (name, want) = required.split_once('=').unwrap_or((required, ""));
    match a.param_text(name) {
        None => true,
        Some(v) => !want.is_empty() && !v.split(' ').any(|w| w == want),
    }
}
