//! `jwt-wrong-issuer`: a token of another issuer or realm.

use super::common;
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, words};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "jwt-wrong-issuer",
    chapter: Chapter::Jwt,
    severity: Severity::Error,
    tier: Some((4, 110)),
    confidence: Confidence::Likely,
    needs: &[&[Need::Qh]],
    summary: "a token of another issuer or realm",
    explain: include_str!("jwt_wrong_issuer.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for (ex, used, jwt) in common::refused(cx) {
        let said = ex.says(Says::Issuer);
        let Some(iss) = jwt.iss.clone().or_else(|| said.then(String::new)) else { continue };
        let mut known: Vec<String> = common::accepted(cx, ex).into_iter().filter_map(|(_, j)| j.iss.clone()).collect();
        known.sort();
        known.dedup();
        // Several issuers side by side: a service for many tenants.
        let apart = known.len() == 1 && !known.iter().any(|k| common::same(k, &iss));
        let listed = common::servers(cx, ex)
            .filter(|(_, list)| known.is_empty() && !iss.is_empty() && !list.iter().any(|s| common::same(s, &iss)));
        if !said && (!apart && listed.is_none() || ex.status() == 403) {
            continue;
        }
        let has = if iss.is_empty() { "no iss".to_owned() } else { format!("iss: {iss}") };
        let mut f = Finding::new(&RULE, ex.id(), "the token comes from an issuer that this server does not take")
            .field("authorization")
            .see(Evidence::primary(ex.id(), words::place(cx, used), "issued elsewhere"))
            .see(Evidence::row(ex.id(), Part::Say(has)));
        if let Some(other) = known.first().filter(|_| apart) {
            f = f.see(Evidence::row(ex.id(), Part::Say(format!("accepted here: {other}"))));
        }
        if let Some((by, list)) = &listed {
            f = f
                .see(Evidence::row(by.id(), Part::Line))
                .see(Evidence::row(by.id(), Part::Say(format!("its authorization_servers: {}", list.join(", ")))));
        }
        if said {
            f = f.see(Evidence::row(ex.id(), words::speaker(ex)));
        }
        let because = match (said, &listed) {
            (true, _) => "the server says so",
            (false, Some(_)) => "the metadata of this API list other issuers",
            (false, None) => "tokens of another issuer are accepted here",
        };
        let sure = if said { Confidence::Certain } else { Confidence::Likely };
        out.push(
            f.fix("fetch the token from the issuer URL that the API is set up with, host name and realm alike")
                .sure(sure, because),
        );
    }
}
