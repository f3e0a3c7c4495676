//! `authorize-via-xhr`: the authorization was fetched by a script, not navigated to.

use super::common;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::Class;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "authorize-via-xhr",
    chapter: Chapter::Oauth,
    severity: Severity::Error,
    tier: Some((1, 110)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Nav]],
    summary: "the authorization was fetched by a script, not navigated to",
    explain: include_str!("authorize_via_xhr.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for a in cx.of_class(Class::Authorize).filter(|a| a.fact().flags.script && a.method() == "GET") {
        let page = a.answer().is_some_and(|b| b.login_page) || a.html() && (200..300).contains(&a.status());
        let blocked = a.fact().outcome == crate::facts::Outcome::None || a.denied();
        let refused = common::failure_of(cx, a);
        if !page && !blocked && refused.is_none() && a.fact().flags.allows_origin {
            continue;
        }
        let f = Finding::new(&RULE, a.id(), "a script fetched the authorization page; a browser must go there")
            .see(Evidence::primary(a.id(), Part::Line, "fetched by script"))
            .fix("send the browser there")
            .paste("location.assign(url)")
            .sure(Confidence::Strong, "the request is marked as a script's");
        out.push(common::at(f, refused.unwrap_or(a)));
    }
}
