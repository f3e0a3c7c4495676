//! `secret-in-browser`: a browser page sent a client secret or API key pair.

use crate::auth::url;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "secret-in-browser",
    chapter: Chapter::Login,
    severity: Severity::Warning,
    tier: Some((2, 30)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Nav], &[Need::Qb]],
    summary: "a browser page sent a client secret or API key pair",
    explain: include_str!("secret_in_browser.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.detailed().filter(|e| matches!(e.class(), Class::Login | Class::Token | Class::Refresh)) {
        let Some(field) =
            ex.fields().find(|f| matches!(f.name(), "client_secret" | "api_secret" | "clientSecret") && !f.is_blank())
        else {
            continue;
        };
        if !from_page(ex) {
            continue;
        }
        let part = if ex.field(&field.path).is_some() {
            Part::ReqField(field.path.to_string())
        } else {
            Part::Query(field.path.to_string())
        };
        let forbidden = ex.profile().endpoint(ex.method(), ex.path()).is_some_and(|e| e.cors == Some(false));
        let f =
            Finding::new(&RULE, ex.id(), format!("a page sent {}: everybody who opens it can read it", field.name()))
                .field(field.path.to_string())
                .see(Evidence::primary(ex.id(), part, "a secret in a browser"))
                .see(Evidence::related(ex.id(), Part::Req("origin".to_owned(), 0), "sent by a page"))
                .fix("use the code flow with PKCE, or fetch the token on a server")
                .sure(Confidence::Strong, "the request carries Origin and a secret");
        out.push(if forbidden && ex.denied() { f.severity(Severity::Error) } else { f.hygiene() });
    }
}

/// A script of another origin; the vendor's own pages may do as they like.
fn from_page(ex: Ex<'_>) -> bool {
    let Some(origin) = ex.req("origin").present() else { return false };
    let page = url::parse_url(&origin.text()).host().to_owned();
    ex.fact().flags.browser && ex.fact().flags.cross_origin && page != ex.host()
}
