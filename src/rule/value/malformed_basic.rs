//! `malformed-basic`: the Basic value does not decode to user:password.

use super::common;
use crate::auth::{
    authorization::Form,
    basic::{self, BasicFault},
};
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "malformed-basic",
    chapter: Chapter::Value,
    severity: Severity::Error,
    tier: Some((3, 100)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Qh]],
    summary: "the Basic value does not decode to user:password",
    explain: include_str!("malformed_basic.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for (ex, line, a) in common::refused(cx) {
        if !a.scheme.eq_ignore_ascii_case("basic") || !matches!(a.form, Form::SchemeAndToken | Form::ManyWords) {
            continue;
        }
        let value = line.bytes().get(a.rest.clone()).unwrap_or_default();
        let words = match basic::parse_basic(value) {
            Err(fault) => fault.words(),
            Ok(b) if b.empty_user && b.empty_password => "decodes to a lone colon: no user and no password",
            Ok(b) if b.empty_user && !b.empty_password && !ex.profile().auth.basic_empty_user => {
                "decodes to an empty user"
            }
            Ok(b)
                if b.empty_password
                    && !ex.profile().auth.basic_empty_password
                    && !b.empty_user
                    && ex.class().issues() =>
            {
                "decodes to an empty password"
            }
            Ok(_) => continue,
        };
        // A token under the wrong scheme decodes to anything: the challenge tells.
        let challenges = ex.challenges();
        let nothing = basic::parse_basic(value).is_ok_and(|b| b.empty_user && b.empty_password);
        if !challenges.is_empty()
            && !nothing
            && !challenges.iter().any(|c| c.is("basic"))
            && basic::parse_basic(value) != Err(BasicFault::Raw)
        {
            continue;
        }
        let raw = basic::parse_basic(value) == Err(BasicFault::Raw);
        let fix = if raw {
            "encode user:password as base64, or let the client do it"
        } else {
            "let the client encode user:password"
        };
        out.push(
            Finding::new(&RULE, ex.id(), format!("the Basic value {words}"))
                .field("authorization")
                .see(
                    Evidence::primary(
                        ex.id(),
                        Part::Req("authorization".to_owned(), 0),
                        "what should be base64 of user:password",
                    )
                    .at(a.rest.clone()),
                )
                .fix(fix)
                .paste(recipe::basic(ex))
                .sure(Confidence::Certain, "the value was decoded; its text is never shown"),
        );
    }
}
