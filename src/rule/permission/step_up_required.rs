//! `step-up-required`: a stronger or newer login is asked.

use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, words};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "step-up-required",
    chapter: Chapter::Permission,
    severity: Severity::Error,
    tier: Some((6, 10)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Sh, Need::Sb]],
    summary: "a stronger or newer login is asked",
    explain: include_str!("step_up_required.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied().filter(|e| e.said() == Some(Says::StepUp)) {
        // A request that shows no credential has no login that could be stronger.
        if ex.bare() && !ex.class().issues() && !ex.class().oauth() {
            continue;
        }
        let silent = ex.param_text("prompt").as_deref() == Some("none");
        let mut f = Finding::new(&RULE, ex.id(), message(ex))
            .see(Evidence::row(ex.id(), Part::Line))
            .see(Evidence::primary(ex.id(), place(ex), "asks for another login"))
            .fix("log in again with the user present, with what the server asks for, then repeat the call")
            .sure(Confidence::Certain, "the server names it");
        if let Some(line) = parameters(ex) {
            f = f.paste(line);
        }
        out.push(if silent { f.severity(Severity::Note) } else { f });
    }
}

/// The challenge of RFC 9470 or of claims, else a header that names it, else the body.
fn place(ex: Ex<'_>) -> Part {
    if asked(ex).next().is_some() || ex.answer().is_none() {
        return Part::Res("www-authenticate".to_owned(), 0);
    }
    let header = ex.profile().auth.step_up_headers.iter().find(|n| ex.ress(n).next().is_some());
    header.map_or_else(|| words::speaker(ex), |n| Part::Res(n.clone(), 0))
}

/// The parameters of the challenge that say which login is wanted.
fn asked(ex: Ex<'_>) -> impl Iterator<Item = (&'static str, String)> {
    let list = ex.challenges();
    ["acr_values", "max_age", "claims"]
        .into_iter()
        .filter_map(move |n| list.iter().find_map(|c| c.get(n)).map(|v| (n, v.to_owned())))
}

fn message(ex: Ex<'_>) -> String {
    let list: Vec<_> = asked(ex).collect();
    if let Some((_, secs)) = list.iter().find(|(n, v)| *n == "max_age" && v.len() < 8) {
        return format!("the server asks for a login that is at most {secs} s old");
    }
    match list.first() {
        Some(("acr_values", v)) if v.len() <= 24 => format!("the server asks for a stronger login: {v}"),
        Some(("claims", _)) => "the server asks for a token with further claims".to_owned(),
        _ => "the server asks for a stronger login, such as a second factor".to_owned(),
    }
}

/// What to add to the authorization request.
fn parameters(ex: Ex<'_>) -> Option<String> {
    let list: Vec<String> = asked(ex)
        .map(|(n, v)| match n {
            "claims" => "claims=$CLAIMS (of the challenge, decoded)".to_owned(),
            _ => format!("{n}={}", v.replace(' ', "%20")),
        })
        .collect();
    (!list.is_empty()).then(|| format!("authorize?...&{}", list.join("&")))
}
