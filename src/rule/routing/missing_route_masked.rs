//! `missing-route-masked`: the gateway speaks of authentication, but the route does not exist.

use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::Ex;

use super::common;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "missing-route-masked",
    chapter: Chapter::Routing,
    severity: Severity::Error,
    tier: Some((1, 60)),
    confidence: Confidence::Likely,
    needs: &[&[Need::Sh, Need::Sb]],
    summary: "the gateway speaks of authentication, but the route does not exist",
    explain: include_str!("missing_route_masked.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied().filter(|e| e.says(Says::Route) && !signed(*e)) {
        let other = sibling(ex);
        let mut f = Finding::new(&RULE, ex.id(), "the gateway does not know this path, stage or method");
        if let Some(o) = other {
            f = f.see(Evidence::related(o.id(), Part::Line, "accepted without a signature"));
        }
        f = f.see(Evidence::primary(ex.id(), Part::Line, "no such route").at(common::path(ex)));
        if let Some(name) = telling(ex) {
            f = f.see(Evidence::related(ex.id(), Part::Res(name, 0), "the gateway's kind of error"));
        }
        f = common::answer(f, ex, "said for every unknown route");
        let (sure, because) = match other {
            Some(o) => (Confidence::Strong, format!("#{} shows that this API takes calls without a signature", o.id())),
            None => (Confidence::Likely, "the gateway says this for unknown routes, and for unsigned calls".to_owned()),
        };
        out.push(
            f.fix("compare stage, path and method with the deployed API; deploy the stage again")
                .or("missing-credentials", "whether the gateway wants signed requests for this method")
                .sure(sure, because),
        );
    }
}

/// A signed request: then the words mean what they say.
fn signed(ex: Ex<'_>) -> bool {
    ex.uses().iter().any(|u| u.kind == crate::facts::Kind::Signature)
}

/// A call that the same API accepted without a signature.
fn sibling(ex: Ex<'_>) -> Option<Ex<'_>> {
    let fits = |o: &Ex<'_>| o.accepted() && o.fact().origin == ex.fact().origin && !signed(*o);
    ex.before().take(200).find(fits).or_else(|| ex.after().take(200).find(fits))
}

/// The header field by which the profile knows the gateway.
fn telling(ex: Ex<'_>) -> Option<String> {
    let patterns = &ex.profile().matches.headers;
    let lines = ex.detail().map_or(&[][..], |d| &d.response);
    let names = lines.iter().map(|l| (l.spelled.to_ascii_lowercase(), l));
    names.filter(|(n, l)| patterns.iter().any(|p| p.is_match(&format!("{n}: {}", l.text())))).map(|(n, _)| n).next()
}
