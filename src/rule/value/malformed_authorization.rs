//! `malformed-authorization`: the value is not a scheme, one blank and a credential.

use super::common;
use crate::auth::authorization::{Form, Gap};
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "malformed-authorization",
    chapter: Chapter::Value,
    severity: Severity::Error,
    tier: Some((3, 20)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Qh]],
    summary: "the value is not a scheme, one blank and a credential",
    explain: include_str!("malformed_authorization.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for (ex, line, a) in common::refused(cx) {
        let whole = 0..line.bytes().len();
        let (words, label, at, sure) = match &a.form {
            Form::Punctuated(at) => (
                "a \":\" or \"=\" stands behind the scheme",
                "this sign does not belong here",
                *at..*at + 1,
                Confidence::Certain,
            ),
            Form::Quoted => (
                "the whole value stands in quotes or brackets",
                "the quotes are part of the value",
                whole,
                Confidence::Certain,
            ),
            Form::Joined => (
                "no blank stands between scheme and token",
                "scheme and token run together",
                a.scheme_at.clone(),
                Confidence::Certain,
            ),
            Form::ManyWords if !a.scheme.is_empty() && !known_with_blanks(cx, ex, line, &a) => {
                ("several words stand behind the scheme", "one word belongs here", a.rest.clone(), Confidence::Strong)
            }
            Form::SchemeAndToken if a.gap != Gap::Blank => {
                let exact = ex.profile().exact();
                let sure = if exact { Confidence::Strong } else { Confidence::Possible };
                (
                    "more than one blank stands between scheme and token",
                    "one blank belongs here",
                    a.scheme_at.end..a.rest.start,
                    sure,
                )
            }
            _ => continue,
        };
        let words_taken = matches!(a.form, Form::ManyWords) && common::scheme_accepted(cx, ex, &a.scheme);
        if words_taken || taken_so(cx, ex) {
            continue;
        }
        out.push(
            Finding::new(&RULE, ex.id(), words)
                .field("authorization")
                .see(Evidence::primary(ex.id(), Part::Req("authorization".to_owned(), 0), label).at(at))
                .fix("write the scheme, one blank, then the token")
                .paste(recipe::header(ex, &recipe::scheme(ex)))
                .sure(sure, "the value as sent"),
        );
    }
}

/// This server accepted the same value in the same odd spelling: it reads it so.
fn taken_so(cx: &Cx<'_>, ex: crate::trace::Ex<'_>) -> bool {
    let Some(used) = ex.bearer().filter(|u| u.odd) else { return false };
    let Some(life) = cx.life(used.value) else { return false };
    life.uses.iter().take(200).map(|u| cx.trace.ex(u.by)).any(|o| {
        let same =
            |u: &crate::facts::Use| u.odd && u.value == used.value && u.place == used.place && u.scheme == used.scheme;
        o.accepted() && o.same_audience(ex) && o.uses().iter().any(same)
    })
}

/// A token of this capture with blanks inside.
fn known_with_blanks(
    cx: &Cx<'_>,
    _ex: crate::trace::Ex<'_>,
    line: &crate::facts::Line,
    a: &crate::auth::authorization::Authorization,
) -> bool {
    let value = line.bytes().get(a.rest.clone()).unwrap_or_default();
    cx.trace.facts.values.find(value).and_then(|v| cx.life(v)).is_some_and(|l| !l.issued.is_empty())
}
