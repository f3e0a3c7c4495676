//! `wrong-port`: the API call was sent to the web port.

use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "wrong-port",
    chapter: Chapter::Routing,
    severity: Severity::Error,
    tier: Some((1, 10)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Sb, Need::Profile]],
    summary: "the API call was sent to the web port",
    explain: include_str!("wrong_port.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied() {
        let profile = ex.profile();
        let variant = profile.variant(ex.host());
        let routed = variant.is_some_and(|v| v.ui_ports.is_empty() && !v.api_ports.is_empty());
        let port = ex.port().unwrap_or(0);
        let said = ex.says(Says::Port);
        let other = sibling(cx, ex);
        let ui = variant.is_some_and(|v| v.ui_ports.contains(&port) && !v.api_ports.contains(&port));
        let needs_api =
            profile.role_of_path(ex.path()) == Some("api") && !profile.roles.ui.iter().any(|p| p.is_match(ex.path()));
        if routed || !needs_api || !(said || ui && other.is_some()) {
            continue;
        }
        let api =
            other.and_then(|o| o.port()).or_else(|| variant.and_then(|v| v.api_ports.first().copied())).unwrap_or(0);
        if api == port {
            continue;
        }
        let mut f =
            Finding::new(&RULE, ex.id(), format!("the API call went to the web port ({port}), not the API ({api})"));
        if let Some(o) = other {
            f = f.see(Evidence::related(o.id(), Part::Line, "accepted on the API port"));
        }
        f = f.see(Evidence::primary(ex.id(), Part::Line, "the web port").at(super::common::authority(ex)));
        if said {
            f = f.see(Evidence::related(
                ex.id(),
                Part::ResBody(0..ex.answer().map_or(0, |a| a.head.bytes().len())),
                "only the web port answers this",
            ));
        }
        let because = if said {
            "this body comes from the web server alone"
        } else {
            "the same host takes API calls on another port"
        };
        let sure = if said { Confidence::Certain } else { Confidence::Strong };
        out.push(
            f.fix("put the port into the base URL")
                .paste(format!("BASE={}:{api}", without_port(ex)))
                .sure(sure, because),
        );
    }
}

/// An accepted API call of the same host on another port.
fn sibling<'t>(cx: &Cx<'t>, ex: Ex<'t>) -> Option<Ex<'t>> {
    if !cx.trace.several_ports(ex) {
        return None;
    }
    let near = ex.before().take(200).chain(ex.after().take(200));
    let fits = |o: &Ex<'t>| {
        o.accepted()
            && o.host() == ex.host()
            && o.port() != ex.port()
            && o.profile().role_of_path(o.path()) == Some("api")
    };
    near.into_iter().find(fits)
}

fn without_port(ex: Ex<'_>) -> String {
    let scheme = ex.origin().split("://").next().unwrap_or("https").to_owned();
    format!("{scheme}://{}", ex.host())
}
