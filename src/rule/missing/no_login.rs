//! `no-login`: the API was called without ever authenticating.

use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Kind, Need, Part, Rule, Severity, recipe, typed};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "no-login",
    chapter: Chapter::Missing,
    severity: Severity::Error,
    tier: Some((7, 10)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh]],
    summary: "the API was called without ever authenticating",
    explain: include_str!("no_login.md"),
    kind: Kind::Fallback(fits),
};

fn fits(cx: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    if !ex.bare() || ex.public_route() || ex.cookie_app() || ex.class() != Class::Call {
        return None;
    }
    if !login_based(cx, ex) || ex.steps_before().next().is_some() {
        return None;
    }
    let first = ex.before().next().is_none()
        && !ex.agent().starts_with("curl/")
        && ex.fact().origin_of_lines != crate::http::Origin::Typed;
    let mut f = Finding::new(&RULE, ex.id(), "the API was called without a login and without a token");
    f = if first && !ex.fact().flags.navigation {
        f.sure(Confidence::Likely, "the capture begins with this request, so a login may have come before")
            .or("token-not-sent", "a capture that begins with the login")
    } else {
        f.sure(Confidence::Strong, format!("no login for {} in the capture, no credential in the request", ex.host()))
    };
    if ex.fact().flags.navigation {
        f = f.see(Evidence::row(
            ex.id(),
            Part::Say("a browser's address bar cannot send the Authorization header".to_owned()),
        ));
    }
    f = f
        .see(Evidence::primary(ex.id(), Part::Line, "refused"))
        .see(Evidence::row(ex.id(), Part::ReqAbsent("authorization".to_owned())));
    let login = ex.profile().endpoint_of("login");
    let fix = match login {
        Some(_) => "log in first, then send the token in the Authorization header",
        None => "get a token first, then send it in the Authorization header",
    };
    Some(typed::unquoted(f.fix(fix).paste(recipe::header(ex, &recipe::scheme(ex))), ex))
}

/// The provider is known to want a login, or the capture shows one for this audience.
fn login_based(cx: &Cx<'_>, ex: Ex<'_>) -> bool {
    let tokens = ex.profile().endpoint_of("token").is_some() && !ex.profile().auth.keys;
    let known = ex.profile().endpoint_of("login").is_some() || tokens;
    known || cx.trace.login_for(ex)
}
