//! `secret-in-browser`: a browser page sent a client secret or API key pair.

use crate::auth::{basic::basic_parts, url};
use crate::facts::{Field, Kind as Value};
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, words};
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
        let Some((name, part)) = secret(cx, ex).filter(|_| from_page(ex)) else { continue };
        let forbidden = ex.profile().endpoint(ex.method(), ex.path()).is_some_and(|e| e.cors == Some(false));
        let field = match &part {
            Part::ReqField(path) | Part::Query(path) => path.clone(),
            _ => "authorization".to_owned(),
        };
        let (page, because) = match ex.req("origin").present() {
            Some(_) => ("origin", "the request carries Origin and a secret"),
            None => ("referer", "a script of another site's page sent a secret"),
        };
        let f = Finding::new(&RULE, ex.id(), format!("a page sent {name}: everybody who opens it can read it"))
            .field(field)
            .see(Evidence::primary(ex.id(), part, "a secret in a browser"))
            .see(Evidence::related(ex.id(), Part::Req(page.to_owned(), 0), "sent by a page"))
            .fix("use the code flow with PKCE, or fetch the token on a server")
            .sure(Confidence::Strong, because);
        out.push(if forbidden && ex.denied() { f.severity(Severity::Error) } else { f.hygiene() });
    }
}

/// The secret of a client: a field, or the password of Basic at a token endpoint (RFC 6749 2.3.1). Elsewhere Basic holds
/// what the user typed.
fn secret(cx: &Cx<'_>, ex: Ex<'_>) -> Option<(String, Part)> {
    let named = |f: &&Field| matches!(f.name(), "client_secret" | "api_secret" | "clientSecret") && !f.is_blank();
    if let Some(f) = ex.fields().find(named) {
        return Some((f.name().to_owned(), words::param_part(ex, &f.path)));
    }
    let used = ex.bearer().filter(|u| u.kind == Value::Basic && ex.class() != Class::Login)?;
    let (_, password) = basic_parts(cx.bytes(used.value))?;
    let client = ex.param_text("grant_type").is_some() && !password.is_empty();
    client.then(|| ("a client's secret".to_owned(), Part::Req("authorization".to_owned(), 0)))
}

/// A script of another origin; the vendor's own pages may do as they like.
fn from_page(ex: Ex<'_>) -> bool {
    let f = ex.fact().flags;
    // Recorders that leave Origin out still show the page that asked.
    let line = match ex.req("origin").present() {
        Some(origin) if f.cross_origin => origin,
        Some(_) => return false,
        None if f.script => match ex.req("referer").present() {
            Some(referer) => referer,
            None => return false,
        },
        None => return false,
    };
    f.browser && url::parse_url(&line.text()).host() != ex.host()
}
