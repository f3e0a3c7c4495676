//! `token-endpoint-on-ui-host`: the token call went to the web host.

use super::common;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "token-endpoint-on-ui-host",
    chapter: Chapter::Oauth,
    severity: Severity::Error,
    tier: Some((1, 30)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Profile]],
    summary: "the token call went to the web host",
    explain: include_str!("token_endpoint_on_ui_host.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.detailed().filter(|e| e.status() >= 400 || e.denied()) {
        let Some(variant) = common::misplaced(ex, "token") else { continue };
        let port = ex.port().unwrap_or(0);
        let lost = matches!(ex.status(), 404 | 405)
            || ex.html()
            || ex.status() == 401 && ex.answer_text("error").is_none_or(|e| !e.starts_with("invalid_"));
        if !variant.ui_ports.contains(&port) || variant.api_ports.contains(&port) || !lost {
            continue;
        }
        let api = variant.api_ports.first().copied().unwrap_or(port);
        out.push(
            Finding::new(&RULE, ex.id(), format!("the token call went to the web port ({port}), not the API ({api})"))
                .see(Evidence::primary(ex.id(), Part::Line, "the web port").at(common::authority(ex)))
                .fix("send the token call to the API host and port")
                .paste(format!("https://{}:{api}{}", ex.host(), ex.path()))
                .sure(
                    Confidence::Strong,
                    format!("profile \"{}\": this path lives on the API host only", ex.profile().id),
                ),
        );
    }
}
