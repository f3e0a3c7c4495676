//! `insufficient-scope`: the token lacks a scope.

use super::common::short;
use super::scopes::{self, Scopes};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, words};
use crate::trace::{Denial, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "insufficient-scope",
    chapter: Chapter::Permission,
    severity: Severity::Error,
    tier: Some((6, 30)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Sh, Need::Sb]],
    summary: "the token lacks a scope",
    explain: include_str!("insufficient_scope.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied_calls().filter(|e| !e.bare()) {
        out.extend(judge(cx, ex));
    }
}

fn judge(cx: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    let named = ex.says(Says::Scope);
    let (needed, granted) = (scopes::needed(ex), scopes::granted(cx, ex));
    let lacking: Vec<&str> = match (&needed, &granted) {
        (Some(n), Some(g)) => n.lacking(g),
        _ => Vec::new(),
    };
    // Without words the comparison alone must show it, and 401 is no answer to a good token.
    let shown = matches!(ex.denial(), Some(Denial::Forbidden | Denial::Masked)) && !lacking.is_empty();
    if !named && (!shown || ex.said().is_some_and(|s| s != Says::Permission)) {
        return None;
    }
    // "Higher privileges" without a list of scopes is what frameworks say for a role, too.
    if needed.is_none() && granted.is_none() && ex.says(Says::Permission) {
        return None;
    }
    let any = needed.as_ref().is_some_and(|n| n.any);
    let mut f = Finding::new(&RULE, ex.id(), message(&lacking, any, needed.as_ref()));
    for (list, label) in [(granted.as_ref(), "what the token carries"), (needed.as_ref(), "what this call needs")] {
        let Some(Scopes { by, part, list, .. }) = list else { continue };
        f = match part {
            Some(p) if *by == ex.id() => f.see(Evidence::primary(ex.id(), p.clone(), label)),
            Some(p) => f.see(Evidence::row(*by, Part::Line)).see(Evidence::related(*by, p.clone(), label)),
            None => f.see(Evidence::row(*by, Part::Say(format!("scopes in the token: {}", few(list))))),
        };
    }
    f = f.see(Evidence::row(ex.id(), Part::Line));
    if needed.is_none() {
        f = f.see(Evidence::primary(ex.id(), words::speaker(ex), "the server names the scope as the cause"));
    }
    let f = f.fix("ask for the scope at login and consent again: a new token of the old login has the old scopes");
    let f = match needed.as_ref().filter(|_| !lacking.is_empty() || granted.is_none()) {
        Some(n) => f.paste(format!("scope=\"... {}\"", wanted(n, &lacking))),
        None => f,
    };
    Some(sure(f, named, &lacking, needed.is_some(), granted.is_some()))
}

/// `a b c`, the first few.
fn few(list: &[String]) -> String {
    let shown = list.iter().take(6).map(String::as_str).collect::<Vec<_>>().join(" ");
    if list.len() > 6 { format!("{shown} ({} in all)", list.len()) } else { shown }
}

fn wanted(needed: &Scopes, lacking: &[&str]) -> String {
    if needed.any {
        return needed.list.first().cloned().unwrap_or_default();
    }
    if lacking.is_empty() { few(&needed.list) } else { lacking.join(" ") }
}

fn message(lacking: &[&str], any: bool, needed: Option<&Scopes>) -> String {
    let one = match (lacking, needed) {
        ([one], _) => short(one),
        ([], Some(Scopes { list, .. })) if list.len() == 1 => list.first().and_then(|s| short(s)),
        _ => None,
    };
    match one {
        Some(scope) if lacking.is_empty() => format!("this call needs the scope \"{scope}\""),
        Some(scope) => format!("the token lacks the scope \"{scope}\""),
        None if any => "the token has none of the scopes that allow this call".to_owned(),
        None if lacking.len() > 1 => format!("the token lacks {} scopes that this call needs", lacking.len()),
        None => "the token lacks a scope that this call needs".to_owned(),
    }
}

fn sure(f: Finding, named: bool, lacking: &[&str], needed: bool, granted: bool) -> Finding {
    let role = "the rights of the user behind the token";
    match (named, lacking.is_empty()) {
        (true, false) => f.sure(Confidence::Certain, "the server names the scope, and the token does not have it"),
        (true, true) if needed && granted => f
            .sure(Confidence::Possible, "the server says so, though the token names the scope")
            .or("insufficient-permissions", role),
        (true, true) if needed => f.sure(Confidence::Certain, "the server names the scope"),
        (true, true) => f.sure(Confidence::Strong, "the server names the scope as the cause, not which"),
        (false, _) => {
            f.sure(Confidence::Strong, "granted and needed scopes, compared").or("insufficient-permissions", role)
        }
    }
}
