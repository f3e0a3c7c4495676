//! `oauth-iss-mismatch`: the answer came from another issuer.

use super::common;
use crate::auth::url;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, Severity};
use crate::trace::Class;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "oauth-iss-mismatch",
    chapter: Chapter::Oauth,
    severity: Severity::Error,
    tier: Some((2, 90)),
    confidence: Confidence::Strong,
    needs: &[],
    summary: "the answer came from another issuer",
    explain: include_str!("oauth_iss_mismatch.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for cb in cx.of_class(Class::Callback) {
        let Some(iss) = crate::trace::callback_param(&cb, "iss") else { continue };
        let Some(a) =
            cb.node().grant.and_then(|n| cx.trace.grants.get(n)).and_then(|g| g.authorize).map(|id| cx.trace.ex(id))
        else {
            continue;
        };
        let u = url::parse_url(&iss);
        // Issuers of one host differ by path: only then the path decides, and a slash at the end never does.
        let tenant = |p: &str| p.trim_matches('/').split('/').next().unwrap_or_default().to_owned();
        let host = u.host() != a.host();
        let path = !u.path().trim_matches('/').is_empty()
            && !a.path().starts_with(u.path().trim_end_matches('/'))
            && tenant(u.path()) != tenant(a.path());
        if !host && (!path || !cb.denied()) {
            continue;
        }
        let f = Finding::new(&RULE, cb.id(), "the answer names another issuer than the one that was asked")
            .field("iss")
            .see(Evidence::related(a.id(), Part::Line, "asked here"))
            .see(Evidence::primary(cb.id(), common::param_part(cb, "iss"), "answered by this issuer"))
            .fix("compare iss with the issuer before the code is redeemed")
            .sure(Confidence::Strong, "both values were recorded");
        out.push(if cb.denied() { f } else { f.hygiene() });
    }
}
