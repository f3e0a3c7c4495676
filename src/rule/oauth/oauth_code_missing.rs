//! `oauth-code-missing`: no code where one is needed.

use super::common;
use crate::auth::token::is_placeholder;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, Severity, typed, words};
use crate::trace::{Class, Ex, callback_param};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "oauth-code-missing",
    chapter: Chapter::Oauth,
    severity: Severity::Error,
    tier: Some((2, 100)),
    confidence: Confidence::Certain,
    needs: &[],
    summary: "no code where one is needed",
    explain: include_str!("oauth_code_missing.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    answers(cx, out);
    for call in
        cx.of_class(Class::Token).filter(|e| e.denied() && (e.body().is_some() || e.query("grant_type").is_some()))
    {
        let code_grant = call.param_text("grant_type").is_some_and(|g| g == "authorization_code");
        let field = call.param("code");
        let empty = field.is_none_or(|f| f.is_blank() || is_placeholder(&f.text()).is_some());
        if !code_grant || !empty || call.masked() {
            continue;
        }
        let message = match field {
            Some(f) if !f.is_blank() => {
                format!("the token call sends \"{}\" as code", f.text().chars().take(20).collect::<String>())
            }
            Some(_) => "the token call sends an empty code".to_owned(),
            None => "the token call has no code".to_owned(),
        };
        let part = if field.is_some() { words::param_part(call, "code") } else { Part::ReqBody(0..0) };
        let mut f = Finding::new(&RULE, call.id(), message).field("code");
        if let Some(cb) = callback(cx, call) {
            f = f.see(Evidence::row(cb.id(), Part::Line));
        }
        f = f.see(Evidence::primary(call.id(), part, "no code"));
        f = common::answer(f, call)
            .fix("read code from the query of the redirect, and stop if it is not there")
            .paste("new URLSearchParams(location.search).get('code')")
            .sure(Confidence::Certain, "the value as sent");
        out.push(typed::unquoted(f, call));
    }
}

/// The authorization answered with neither a code nor an error, and the application cannot go on.
fn answers(cx: &Cx<'_>, out: &mut Findings) {
    for cb in cx.of_class(Class::Callback).filter(|c| c.denied() && c.method() == "GET") {
        let Some(a) = common::authorize_of(cx, cb) else { continue };
        let code = a.param_text("response_type").is_some_and(|t| t == "code");
        // A fragment stays in the browser, and a signed answer holds all in one parameter.
        let elsewhere = a.param_text("response_mode").is_some_and(|m| m != "query");
        let brings = ["code", "error", "response", "iss"].iter().any(|n| callback_param(&cb, n).is_some());
        let state = callback_param(&cb, "state").is_some_and(|s| a.param_text("state").is_some_and(|x| x == s));
        if !code || elsewhere || brings || !state {
            continue;
        }
        let f = Finding::new(&RULE, cb.id(), "the callback brings neither a code nor an error")
            .field("code")
            .see(Evidence::related(a.id(), Part::Line, "a code was asked for"))
            .see(Evidence::primary(cb.id(), Part::Line, "no code among the parameters"));
        out.push(
            f.fix("look at what redirects to the callback: it must keep the whole query")
                .sure(Confidence::Certain, "the parameters as sent"),
        );
    }
}

fn callback<'t>(cx: &Cx<'t>, call: Ex<'t>) -> Option<Ex<'t>> {
    let g = call.node().grant.and_then(|n| cx.trace.grants.get(n))?;
    g.callback.map(|id| cx.trace.ex(id))
}
