//! `auth-endpoint-on-api-host`: the authorization was asked on the API host or port.

use super::common;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "auth-endpoint-on-api-host",
    chapter: Chapter::Oauth,
    severity: Severity::Error,
    tier: Some((1, 20)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Profile]],
    summary: "the authorization was asked on the API host or port",
    explain: include_str!("auth_endpoint_on_api_host.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.detailed().filter(|e| e.status() >= 400 || e.denied()) {
        let Some(variant) = common::misplaced(ex, "authorize") else { continue };
        let port = ex.port().unwrap_or(0);
        // One port for both: nothing can be misplaced.
        if !variant.api_ports.contains(&port) || variant.ui_ports.is_empty() || variant.ui_ports.contains(&port) {
            continue;
        }
        let ui = format!("https://{}", ex.host());
        out.push(
            Finding::new(&RULE, ex.id(), format!("the authorization was asked on the API port ({port})"))
                .see(Evidence::primary(ex.id(), Part::Line, "the API port").at(common::authority(ex)))
                .fix("send the browser to the web host, without the API port")
                .paste(format!("{ui}{}?response_type=code&...", ex.path()))
                .sure(
                    Confidence::Strong,
                    format!("profile \"{}\": this path lives on the web host only", ex.profile().id),
                ),
        );
    }
}
