//! `redirect-dropped-credentials`: the redirect's target was asked without the credential.

use crate::auth::url;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "redirect-dropped-credentials",
    chapter: Chapter::Routing,
    severity: Severity::Error,
    tier: Some((1, 70)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh], &[Need::Sh]],
    summary: "the redirect's target was asked without the credential",
    explain: include_str!("redirect_dropped_credentials.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx
        .denied_calls()
        .filter(|e| e.class() == Class::Call && e.sees_credentials() && e.credentials().next().is_none())
    {
        let Some(from) = first_with_credential(cx, ex) else { continue };
        if ex.public_route() {
            continue;
        }
        let what = change(from, ex);
        out.push(
            Finding::new(&RULE, ex.id(), format!("the client dropped the credential on a redirect to another {what}"))
                .field("authorization")
                .see(Evidence::related(from.id(), Part::Line, "sent with a credential"))
                .see(Evidence::related(from.id(), Part::Res("location".to_owned(), 0), format!("another {what}")))
                .see(Evidence::primary(ex.id(), Part::Line, "asked without it"))
                .see(Evidence::row(ex.id(), Part::ReqAbsent("authorization".to_owned())))
                .fix("ask the final URL directly")
                .paste(format!("BASE={}", ex.origin()))
                .paste(recipe::redirect(ex))
                .sure(Confidence::Strong, format!("#{} carried it, its redirect target did not get it", from.id())),
        );
    }
}

/// The hop before that still carried a credential.
fn first_with_credential<'t>(cx: &Cx<'t>, ex: Ex<'t>) -> Option<Ex<'t>> {
    let mut at = ex;
    for _ in 0..10 {
        let from = cx.trace.ex(at.node().redirected_from?);
        if from.credentials().any(|u| !matches!(u.kind, crate::facts::Kind::Cookie)) {
            return Some(from);
        }
        at = from;
    }
    None
}

/// What differs between both ends.
fn change(a: Ex<'_>, b: Ex<'_>) -> &'static str {
    let (x, y) = (url::parse_url(a.origin()), url::parse_url(b.origin()));
    if x.host() != y.host() {
        "host"
    } else if x.port() != y.port() && x.scheme() == y.scheme() {
        "port"
    } else if x.scheme() != y.scheme() {
        "scheme"
    } else {
        "path"
    }
}
