//! `oauth-implicit-flow`: tokens come back in the fragment.

use rustc_hash::FxHashSet;

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
    fragments(cx, out);
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

/// A redirect hands the token out in its fragment, and no recorded request asked for that.
fn fragments(cx: &Cx<'_>, out: &mut Findings) {
    let mut told = FxHashSet::default();
    for ex in cx.detailed().filter(|e| (300..400).contains(&e.status()) && e.class() != Class::Authorize) {
        let Some(line) = ex.res("location").present() else { continue };
        let text = line.text();
        let Some((_, fragment)) = text.split_once('#') else { continue };
        let token = fragment.split('&').any(|p| p.starts_with("access_token=") && p.len() > "access_token=".len());
        if !token || !told.insert(ex.fact().origin) {
            continue;
        }
        out.push(
            Finding::new(&RULE, ex.id(), "the redirect hands out an access token in the address bar")
                .hygiene()
                .see(Evidence::row(ex.id(), Part::Line))
                .see(Evidence::primary(ex.id(), Part::Res("location".to_owned(), 0), "a token in the fragment"))
                .fix("use the code flow with PKCE")
                .paste("response_type=code&code_challenge_method=S256&code_challenge=...")
                .sure(Confidence::Strong, "the redirect as sent"),
        );
    }
}
