//! `missing-scheme`: a bare token was sent without a scheme.

use super::common;
use crate::auth::{authorization::Form, jwt, token};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "missing-scheme",
    chapter: Chapter::Value,
    severity: Severity::Error,
    tier: Some((3, 90)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh]],
    summary: "a bare token was sent without a scheme",
    explain: include_str!("missing_scheme.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for (ex, line, a) in common::refused(cx).filter(|(_, _, a)| a.form == Form::BareToken) {
        if ex.profile().auth.authorization_bare || common::scheme_accepted(cx, ex, "") {
            continue;
        }
        let text = line.text();
        let word = text.trim();
        let used = ex.bearer().and_then(|u| cx.life(u.value));
        let known = used.is_some_and(|l| {
            !l.issued.is_empty()
                || l.uses.iter().take(200).any(|u| cx.trace.ex(u.by).accepted() && !cx.text(u.scheme).is_empty())
        });
        // The server says that the form is wrong: then the value need not look like a token.
        let told = ex.says(Says::Malformed) && !word.contains(char::is_whitespace);
        let shape = told
            || jwt::looks_like_jwt(word)
            || token::looks_like_token(word)
            || ex.profile().prefix_of(word).is_some();
        let schemes = common::taken(ex);
        if !known && !shape {
            continue;
        }
        // A 403 that names what its caller lacks has read the token.
        if ex.status() == 403 && matches!(ex.said(), Some(Says::Permission | Says::Scope | Says::StepUp)) {
            continue;
        }
        // Where neither challenge nor profile nor answer speaks, the standard alone says that a scheme belongs there.
        let spoken = !schemes.is_empty() || jwt::looks_like_jwt(word) || ex.said().is_some();
        let wants = if schemes.is_empty() { "\"Bearer\"".to_owned() } else { common::quoted(&schemes) };
        let f = Finding::new(&RULE, ex.id(), format!("the token stands alone; the server wants {wants} first"))
            .field("authorization")
            .see(
                Evidence::primary(ex.id(), Part::Req("authorization".to_owned(), 0), "no scheme before the token")
                    .at(a.rest.clone()),
            )
            .fix("write the scheme, one blank, then the token")
            .paste(recipe::header(ex, &recipe::scheme(ex)));
        out.push(if known {
            f.sure(Confidence::Certain, "the value is a token that this capture knows with its scheme")
        } else if told {
            f.sure(Confidence::Strong, "one word, and the server says that the header has another form")
        } else if spoken {
            f.sure(Confidence::Strong, "the value has the shape of a token and no scheme")
        } else {
            f.or("unknown-token", "the API's documentation: some APIs take the bare key")
                .sure(Confidence::Likely, "the value has the shape of a token and no scheme")
        });
    }
}
