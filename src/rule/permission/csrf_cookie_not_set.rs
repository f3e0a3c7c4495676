//! `csrf-cookie-not-set`: the helper call that sets the CSRF cookie was answered by something else.

use super::common::{csrf_cookies, csrf_name};
use crate::auth::cookie;
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "csrf-cookie-not-set",
    chapter: Chapter::Permission,
    severity: Severity::Error,
    tier: Some((1, 100)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Sh]],
    summary: "the call that sets the CSRF cookie was answered by something else",
    explain: include_str!("csrf_cookie_not_set.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.of_class(Class::CsrfHelper).filter(|e| (200..300).contains(&e.status()) || e.status() == 304) {
        let page = ex.html();
        if sets(ex) || !csrf_cookies(cx, ex).is_empty() || !page && (!observed(ex) || hands_out(ex)) {
            continue;
        }
        let refused: Vec<Ex<'_>> = ex
            .after()
            .take(200)
            .take_while(|o| o.class() != Class::CsrfHelper)
            .filter(|o| o.denied() && (o.says(Says::Csrf) || o.status() == 419) && o.same_audience(ex))
            .collect();
        let Some(first) = refused.first().copied() else { continue };
        let mut f = Finding::new(&RULE, ex.id(), "the call that should set the CSRF cookie did not set it");
        f.explains = refused.iter().map(|o| o.id()).collect();
        f = f.see(Evidence::primary(ex.id(), Part::Line, "no CSRF cookie came of this"));
        f = if page {
            f.see(Evidence::primary(ex.id(), Part::Res("content-type".to_owned(), 0), "a page, not the helper"))
                .fix("route this path to the backend: a page of the web server answers it (proxy of the dev server)")
                .sure(Confidence::Strong, "the helper answers without a page")
        } else {
            f.see(Evidence::row(ex.id(), Part::ResAbsent("set-cookie".to_owned())))
                .fix("let the helper set its cookie for this origin, and keep it")
                .paste(recipe::jar(ex))
                .sure(Confidence::Likely, "its answer has no Set-Cookie")
                .or("csrf-token-missing", "the cookies that the client held before")
        };
        out.push(f.see(Evidence::related(first.id(), Part::Line, "refused for want of it")));
    }
}

/// The answer sets an anti-forgery cookie, or any cookie of a session.
fn sets(ex: Ex<'_>) -> bool {
    ex.ress("set-cookie")
        .filter_map(|l| cookie::parse_set_cookie(l.bytes()))
        .any(|c| !c.deletes && (csrf_name(&c.name) || cookie::session_like(&c.name)))
}

/// Set-Cookie could have been recorded.
fn observed(ex: Ex<'_>) -> bool {
    ex.res("set-cookie").seen()
}

/// It hands out the token in its body or in a header, so no cookie is due.
fn hands_out(ex: Ex<'_>) -> bool {
    let named = |n: &str| csrf_name(n) || n.eq_ignore_ascii_case("token");
    ex.answer().is_some_and(|a| a.fields.iter().any(|f| named(f.name()) && !f.is_blank()))
        || ["x-csrf-token", "x-xsrf-token"].into_iter().any(|n| ex.ress(n).next().is_some())
}
