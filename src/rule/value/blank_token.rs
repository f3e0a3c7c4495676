//! `blank-token`: a scheme without a token was sent.

use super::common;
use crate::auth::authorization::Form;
use crate::facts::Place;
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "blank-token",
    chapter: Chapter::Value,
    severity: Severity::Error,
    tier: Some((3, 60)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Qh, Need::Sb]],
    summary: "a scheme without a token was sent",
    explain: include_str!("blank_token.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for (ex, line, a) in common::refused(cx) {
        let negotiates = a.scheme.eq_ignore_ascii_case("negotiate") || a.scheme.eq_ignore_ascii_case("ntlm");
        // In a file that masks elsewhere an empty value may be a mask.
        let open = cx.trace.redaction_at(ex.id()).masks && !ex.says(Says::Blank);
        if !matches!(a.form, Form::Empty | Form::SchemeOnly) || negotiates || open {
            continue;
        }
        let scheme = if a.scheme.is_empty() { String::new() } else { format!(" behind \"{}\"", a.scheme) };
        let end = a.scheme_at.end;
        out.push(
            Finding::new(&RULE, ex.id(), format!("the Authorization header holds no token{scheme}"))
                .field("authorization")
                .see(
                    Evidence::primary(ex.id(), Part::Req("authorization".to_owned(), 0), "nothing after the scheme")
                        .at(end..line.bytes().len().max(end + 1)),
                )
                .fix("print the variable before use, and stop when the login gave no token")
                .paste(recipe::check(ex))
                .sure(Confidence::Certain, "the header as sent ends behind the scheme"),
        );
    }
    keys(cx, out);
    named(cx, out);
}

/// An API-key header without a value.
fn keys(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied_calls().filter(|e| !e.masked() && e.credentials().next().is_none()) {
        let Some(d) = ex.detail() else { continue };
        let empty = d.request.iter().find(|l| {
            let name = cx.text(l.name);
            crate::facts::is_credential_header(name) && !name.contains("csrf") && l.bytes().trim_ascii().is_empty()
        });
        let Some(line) = empty else { continue };
        let name = cx.text(line.name).to_owned();
        out.push(
            Finding::new(&RULE, ex.id(), format!("the header {} is empty", line.spelled))
                .field(name.clone())
                .see(Evidence::primary(ex.id(), Part::Req(name, 0), "no value"))
                .fix("print the variable before use")
                .sure(Confidence::Certain, "the header as sent has no value"),
        );
    }
}

/// The server says so of a value that is masked here.
fn named(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied_calls().filter(|e| e.masked() && e.says(Says::Blank)) {
        let at = ex.uses().iter().find_map(|u| match u.place {
            Place::Header(n) => Some(cx.text(n).to_owned()),
            _ => None,
        });
        out.push(
            Finding::new(&RULE, ex.id(), "the server received no token behind the scheme")
                .field(at.unwrap_or_else(|| "authorization".to_owned()))
                .see(Evidence::primary(ex.id(), Part::ResBody(0..usize::MAX), "the server's words"))
                .fix("print the variable before use, and stop when the login gave no token")
                .paste(recipe::check(ex))
                .sure(Confidence::Certain, "the server says that the token is empty"),
        );
    }
}
