//! `jwt-wrong-audience`: a token made for another API.

use super::common;
use crate::auth::{jwt::Jwt, url};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, words};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "jwt-wrong-audience",
    chapter: Chapter::Jwt,
    severity: Severity::Error,
    tier: Some((4, 100)),
    confidence: Confidence::Likely,
    needs: &[&[Need::Qh]],
    summary: "a token made for another API",
    explain: include_str!("jwt_wrong_audience.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for (ex, used, jwt) in common::refused(cx) {
        let said = ex.says(Says::Audience);
        let expected = expected(cx, ex);
        let apart = !jwt.aud.is_empty()
            && !expected.is_empty()
            && !jwt.aud.iter().any(|a| expected.iter().any(|e| common::same(a, e)))
            && alike(&jwt.aud, &expected);
        // What the resource calls itself. An identifier of the same site may be its other name.
        let named = common::resource(cx, ex).filter(|(_, r)| {
            let urls = !jwt.aud.is_empty() && jwt.aud.iter().chain([r]).all(|a| web(a).is_some());
            urls && expected.is_empty() && !jwt.aud.iter().any(|a| web(a) == web(r))
        });
        if !said && (!apart && named.is_none() || ex.status() == 403) {
            continue;
        }
        let has = if jwt.aud.is_empty() { "no aud".to_owned() } else { format!("aud: {}", jwt.aud.join(", ")) };
        let mut f = Finding::new(&RULE, ex.id(), "the token is made for another API: its aud does not fit here")
            .field("authorization")
            .see(Evidence::primary(ex.id(), words::place(cx, used), "made for another audience"))
            .see(Evidence::row(ex.id(), Part::Say(has)));
        if !expected.is_empty() {
            f = f.see(Evidence::row(ex.id(), Part::Say(format!("expected here: {}", expected.join(", ")))));
        }
        if let Some((by, _)) = &named {
            f = f.see(Evidence::row(by.id(), Part::Line)).see(Evidence::related(
                by.id(),
                Part::ResField("resource".to_owned()),
                "what this API calls itself",
            ));
        }
        if said {
            f = f.see(Evidence::row(ex.id(), words::speaker(ex)));
        }
        let because = match (said, ex.profile().aliases.is_empty()) {
            (true, _) => "the server says so".to_owned(),
            (false, _) if named.is_some() => "the metadata of this API name another audience".to_owned(),
            (false, true) => "tokens with another aud are accepted here".to_owned(),
            (false, false) => format!("profile \"{}\" names the audiences of its API", ex.profile().id),
        };
        let sure = if said { Confidence::Certain } else { Confidence::Likely };
        out.push(
            f.fix("request the token for this API (audience=, resource=, or scope <api>/.default)").sure(sure, because),
        );
    }
}

/// The site of a URL on the web; `api://...` and `urn:...` are names only.
fn web(name: &str) -> Option<String> {
    let u = url::parse_url(name);
    let http = matches!(u.scheme(), "http" | "https");
    let host = u.host();
    (http && !host.is_empty()).then(|| url::registrable_domain(host).unwrap_or(host).to_owned())
}

/// The audiences that this server takes: its profile's names, else those of accepted tokens.
fn expected(cx: &Cx<'_>, ex: Ex<'_>) -> Vec<String> {
    if !ex.profile().aliases.is_empty() {
        return ex.profile().aliases.clone();
    }
    let list = common::accepted(cx, ex);
    let mut out: Vec<String> = list.into_iter().flat_map(|(_, j): (_, &Jwt)| j.aud.clone()).collect();
    out.sort();
    out.dedup();
    out.truncate(8);
    out
}

/// A GUID and a URI may be two names of one API; only names of one form can be compared.
fn alike(a: &[String], b: &[String]) -> bool {
    let uri = |s: &String| s.contains("://");
    a.iter().any(|x| b.iter().any(|y| uri(x) == uri(y)))
}
