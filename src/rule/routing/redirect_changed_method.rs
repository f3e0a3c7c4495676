//! `redirect-changed-method`: a redirected login became a GET and lost its body.

use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, Severity, recipe};

use super::common;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "redirect-changed-method",
    chapter: Chapter::Routing,
    severity: Severity::Error,
    tier: Some((1, 80)),
    confidence: Confidence::Strong,
    needs: &[],
    summary: "a redirected login became a GET and lost its body",
    explain: include_str!("redirect_changed_method.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied().filter(|e| e.class().issues() && matches!(e.method(), "GET" | "HEAD")) {
        let Some(from) = ex.node().redirected_from.map(|id| cx.trace.ex(id)) else { continue };
        // 307 and 308 keep the method; a 303 after a login that worked leads to another place.
        if from.method() != "POST" || !matches!(from.status(), 301..=303) || !from.class().issues() {
            continue;
        }
        let message = format!("the {} made a GET of the login, and its body was lost", from.status());
        let f = Finding::new(&RULE, ex.id(), message)
            .see(Evidence::related(from.id(), Part::Line, "sent with a body"))
            .see(Evidence::related(from.id(), Part::Res("location".to_owned(), 0), "moved"))
            .see(Evidence::primary(ex.id(), Part::Line, "a GET without the body").at(0..ex.method().len()));
        out.push(
            common::answer(f, ex, "the answer to the GET")
                .fix("send the login to the final URL, or let the server redirect with 307 or 308")
                .paste(format!("LOGIN={}{}", ex.origin(), ex.path()))
                .paste(recipe::keep_method(ex))
                .sure(Confidence::Strong, "POST, redirect, then GET on its target (RFC 9110 15.4)"),
        );
    }
}
