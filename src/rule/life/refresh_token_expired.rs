//! `refresh-token-expired`: a refresh was refused because the refresh token is too old.

use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::Class;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "refresh-token-expired",
    chapter: Chapter::Life,
    severity: Severity::Error,
    tier: Some((2, 190)),
    confidence: Confidence::Likely,
    needs: &[&[Need::Qb, Need::Sb]],
    summary: "a refresh was refused because the refresh token is too old",
    explain: include_str!("refresh_token_expired.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for call in cx.of_class(Class::Refresh).filter(|e| e.denied()) {
        let Some(value) = call.refresh_tokens().next() else { continue };
        let Some(life) = cx.life(value).filter(|l| l.replaced.is_none_or(|(_, by)| !cx.trace.ex(by).precedes(call)))
        else {
            continue;
        };
        let said = [Says::Refresh, Says::Expired, Says::AmbiguousExpired].iter().any(|c| call.says(*c));
        let issued = life.issued.iter().rev().find(|i| cx.trace.ex(i.by).precedes(call));
        let age = issued.and_then(|i| Some((call.server_now()? - cx.trace.ex(i.by).server_now()?) / 1_000_000));
        let limit = issued.and_then(|i| i.lifetime).or(call.profile().auth.refresh_lifetime);
        let old = matches!((age, limit), (Some(a), Some(l)) if a > l);
        if !said && !old || call.says(Says::Client) {
            continue;
        }
        let message = match age.filter(|_| old) {
            Some(a) => format!("the refresh token is {} old, more than it may be", crate::rule::words::span(a)),
            None => "the server does not take this refresh token any more".to_owned(),
        };
        let mut f = Finding::new(&RULE, call.id(), message).field("refresh_token");
        if let Some(i) = issued {
            f = f.see(Evidence::related(i.by, Part::ResField(i.key.to_string()), "issued here"));
        }
        let field =
            call.body().and_then(|b| b.fields.iter().find(|f| f.name().to_ascii_lowercase().contains("refresh")));
        f = f.see(Evidence::primary(
            call.id(),
            field.map_or(Part::Line, |f| Part::ReqField(f.path.to_string())),
            "refused",
        ));
        if call.answer().is_some() {
            f = f.see(Evidence::row(call.id(), Part::ResBody(0..0)));
        }
        let sure = if said && old { Confidence::Strong } else { Confidence::Likely };
        out.push(
            f.fix("let the user log in again, and refresh before the refresh token ends")
                .or("refresh-token-reuse", "earlier refreshes with the same token, not in this capture")
                .sure(sure, if said { "the server's words" } else { "its age by the server's clock" }),
        );
    }
}
