//! `scheme-case`: scheme spelled in another case than the server accepts.

use super::common;
use crate::auth::authorization::Form;
use crate::provider::Accepts;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "scheme-case",
    chapter: Chapter::Value,
    severity: Severity::Error,
    tier: Some((3, 140)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Qh]],
    summary: "scheme spelled in another case than the server accepts",
    explain: include_str!("scheme_case.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for (ex, _, a) in common::refused(cx) {
        let fits = matches!(a.form, Form::SchemeAndToken | Form::Params);
        if !fits || a.scheme.is_empty() || common::scheme_accepted(cx, ex, &a.scheme) {
            continue;
        }
        let profile = ex.profile();
        let other = accepted_spelling(cx, ex, &a.scheme);
        let challenged =
            ex.challenges().into_iter().map(|c| c.scheme).find(|s| s.eq_ignore_ascii_case(&a.scheme) && *s != a.scheme);
        let (sure, because, right) = if profile.accepts_scheme(&a.scheme) == Accepts::OtherCase {
            (
                Confidence::Certain,
                format!("profile \"{}\" compares exactly", profile.id),
                common::quoted(&profile.auth.schemes),
            )
        } else if let Some(right) = other {
            (Confidence::Strong, format!("this server accepted \"{right}\" in this capture"), format!("\"{right}\""))
        } else if let Some(right) = challenged {
            (
                Confidence::Possible,
                "schemes are case-insensitive by standard, but some servers compare exactly".to_owned(),
                format!("\"{right}\""),
            )
        } else {
            continue;
        };
        let first = right.trim_matches('"').split('"').next().unwrap_or("Bearer").to_owned();
        let verb = if sure == Confidence::Possible { "the server may take" } else { "this server takes" };
        out.push(
            Finding::new(&RULE, ex.id(), format!("{verb} {right}, not \"{}\"", a.scheme))
                .field("authorization")
                .see(
                    Evidence::primary(ex.id(), Part::Req("authorization".to_owned(), 0), "case matters to this server")
                        .at(a.scheme_at.clone()),
                )
                .fix("write the scheme exactly")
                .paste(recipe::header(ex, &first))
                .sure(sure, because),
        );
    }
}

/// The spelling of the same scheme that this origin accepted.
fn accepted_spelling(cx: &Cx<'_>, ex: crate::trace::Ex<'_>, scheme: &str) -> Option<String> {
    let o = cx.trace.origin(ex.fact().origin)?;
    let spelled = o.accepted_places.iter().map(|(_, s, _)| cx.text(*s));
    spelled.into_iter().find(|s| s.eq_ignore_ascii_case(scheme) && *s != scheme).map(str::to_owned)
}
