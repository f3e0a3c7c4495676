//! `intermediary-denied`: a firewall, content network or proxy refused the request, not the API.

use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::{Ex, Foreign};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "intermediary-denied",
    chapter: Chapter::Routing,
    severity: Severity::Error,
    tier: Some((0, 50)),
    confidence: Confidence::Likely,
    needs: &[&[Need::Sh, Need::Sb]],
    summary: "a firewall, content network or proxy refused the request, not the API",
    explain: include_str!("intermediary_denied.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied() {
        let Some(sign) = ex.node().foreign else { continue };
        let (what, because) = match sign {
            Foreign::Text => ("who answered", "the text is that of a firewall, a content network or an address rule"),
            Foreign::Head => ("not the API", "a page from a server that stands in front of the API"),
            Foreign::Form => ("another server", "a page, where this API answers JSON by another server"),
        };
        let mut f = Finding::new(&RULE, ex.id(), "something in front of the API refused this, not the API itself")
            .see(Evidence::primary(ex.id(), Part::Line, "refused on the way"));
        if ex.res("server").present().is_some() {
            f = f.see(Evidence::related(ex.id(), Part::Res("server".to_owned(), 0), what));
        }
        let reference = reference(ex);
        if let Some(name) = &reference {
            f = f.see(Evidence::related(ex.id(), Part::Res(name.clone(), 0), "the reference to give"));
        }
        let page = ex.answer().map_or(0, |a| a.head.bytes().len().min(160));
        if page > 0 {
            f = f.see(Evidence::related(ex.id(), Part::ResBody(0..page), "what it says"));
        }
        let fix = match &reference {
            Some(name) => format!("ask who runs it why it refused, with the value of {name}"),
            None => "ask who runs it why it refused; give time, address and path".to_owned(),
        };
        out.push(
            f.fix(fix)
                .or("insufficient-permissions", "the same call past the firewall, or the API's own log")
                .sure(Confidence::Likely, because),
        );
    }
}

/// The header field with the number under which the operator finds the request.
fn reference(ex: Ex<'_>) -> Option<String> {
    let lines = ex.detail().map_or(&[][..], |d| &d.response);
    let names: Vec<String> = lines.iter().map(|l| l.spelled.to_ascii_lowercase()).collect();
    let ends = |n: &String| {
        ["-ray", "-ref", "-reference", "-iinfo", "-cf-id", "request-id", "requestid"].iter().any(|e| n.ends_with(e))
    };
    names.into_iter().find(ends)
}
