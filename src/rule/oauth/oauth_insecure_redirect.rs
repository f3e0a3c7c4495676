//! `oauth-insecure-redirect`: the redirect or the page is on plain http.

use crate::auth::url;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, Severity};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "oauth-insecure-redirect",
    chapter: Chapter::Oauth,
    severity: Severity::Warning,
    tier: None,
    confidence: Confidence::Strong,
    needs: &[],
    summary: "the redirect or the page is on plain http",
    explain: include_str!("oauth_insecure_redirect.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.detailed().filter(|e| matches!(e.class(), Class::Authorize | Class::Token)) {
        let Some((part, words)) = plain(ex) else { continue };
        out.push(
            Finding::new(&RULE, ex.id(), words)
                .hygiene()
                .see(Evidence::primary(ex.id(), part, "plain http"))
                .fix("serve the app and its redirect on https")
                .sure(Confidence::Strong, "the URI as sent; SubtleCrypto, and so PKCE, needs https"),
        );
    }
}

fn plain(ex: Ex<'_>) -> Option<(Part, &'static str)> {
    if ex.class() == Class::Authorize && ex.query("redirect_uri").is_some_and(|f| open(&f.text())) {
        return Some((Part::Query("redirect_uri".to_owned()), "the code travels to a redirect_uri on plain http"));
    }
    // A link on a plain page that leads to the authorization tells nothing of the page that redeems the code.
    let pages: &[&str] = if ex.class() == Class::Token { &["origin", "referer"] } else { &["origin"] };
    let name = pages.iter().find(|n| ex.req(n).present().is_some_and(|l| open(&l.text())))?;
    Some((Part::Req((*name).to_owned(), 0), "the page that logs in is on plain http"))
}

fn open(text: &str) -> bool {
    let u = url::parse_url(text);
    u.scheme() == "http" && !url::is_loopback(u.host())
}
