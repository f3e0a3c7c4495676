//! `oauth-implicit-flow`: tokens come back in the fragment.

use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, Severity};
use crate::trace::Class;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "oauth-implicit-flow",
    chapter: Chapter::Oauth,
    severity: Severity::Warning,
    tier: None,
    confidence: Confidence::Strong,
    needs: &[],
    summary: "tokens come back in the fragment",
    explain: include_str!("oauth_implicit_flow.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for a in cx.of_class(Class::Authorize) {
        let Some(types) = a.param_text("response_type") else { continue };
        let words: Vec<&str> = types.split(' ').collect();
        let posted = a.param_text("response_mode").is_some_and(|m| m.contains("form_post"));
        let (token, id) = (words.contains(&"token"), words.contains(&"id_token"));
        if !(token || id && !words.contains(&"code")) || posted {
            continue;
        }
        let severity = if token { Severity::Warning } else { Severity::Note };
        out.push(
            Finding::new(&RULE, a.id(), format!("response_type={types} hands out tokens in the address bar"))
                .hygiene()
                .severity(severity)
                .see(Evidence::primary(a.id(), Part::Query("response_type".to_owned()), "tokens in the fragment"))
                .fix("use the code flow with PKCE")
                .paste("response_type=code&code_challenge_method=S256&code_challenge=...")
                .sure(Confidence::Strong, "the parameters as sent"),
        );
    }
}
