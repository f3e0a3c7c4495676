//! `cors-origin-not-allowed`: the answer, or the token, is not for the origin of this page.

use crate::auth::url;
use crate::facts::Outcome;
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::{Class, Denial, Ex, PreflightFault, preflight_fault};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "cors-origin-not-allowed",
    chapter: Chapter::Cors,
    severity: Severity::Error,
    tier: Some((0, 20)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Sh]],
    summary: "the answer, or the token, is not for the origin of this page",
    explain: include_str!("cors_origin_not_allowed.md"),
    kind: Kind::Rule(check),
};

const ALLOW: &str = "access-control-allow-origin";

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.trace.denied() {
        let found = match ex.class() {
            Class::Preflight => preflight(cx, ex),
            _ if ex.fact().outcome == Outcome::None => named(ex),
            _ => answered(ex).or_else(|| bound(cx, ex)),
        };
        out.extend(found);
    }
}

/// The preflight is allowed to another origin, or to none.
fn preflight(cx: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    match preflight_fault(ex)? {
        PreflightFault::Origin => {}
        PreflightFault::Credentials => return credentialed(cx, ex),
        _ => return None,
    }
    let f = other_origin(ex)?.explains(ex.node().actual.filter(|a| cx.trace.ex(*a).denied()));
    Some(match ex.node().healed_by {
        Some((by, _)) => f.sure(Confidence::Possible, format!("#{by} asked the same later, and it was allowed")),
        None => f.sure(Confidence::Strong, "a browser takes only * or exactly the page's origin"),
    })
}

/// The preflight would do for a call without cookies, but the call never came.
fn credentialed(cx: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    let origin = ex.req("origin").present()?.text().into_owned();
    let failed = ex.node().actual.map(|a| cx.trace.ex(a));
    let cookies = ex.cookie_app() || failed.is_some_and(|a| a.req("cookie").present().is_some());
    let f = with_cookies(ex, &origin).explains(failed.filter(|a| a.denied()).map(Ex::id));
    Some(if cookies {
        f.sure(Confidence::Likely, "the call did not follow its preflight, and this host works with cookies")
    } else {
        f.sure(Confidence::Possible, "the call did not follow its preflight; the capture does not tell why")
    })
}

/// An answer that would do for a call without cookies.
fn with_cookies(ex: Ex<'_>, origin: &str) -> Finding {
    const CREDENTIALS: &str = "access-control-allow-credentials";
    let mut f = Finding::new(&RULE, ex.id(), "a call with cookies needs the exact origin and Allow-Credentials")
        .field("origin")
        .see(Evidence::row(ex.id(), Part::Line))
        .see(Evidence::related(ex.id(), Part::Req("origin".to_owned(), 0), "the page"))
        .see(Evidence::primary(ex.id(), Part::Res(ALLOW.to_owned(), 0), "what is allowed"));
    if ex.res(CREDENTIALS).present().is_none() {
        f = f.see(Evidence::row(ex.id(), Part::ResAbsent(CREDENTIALS.to_owned())));
    }
    f.fix("answer with the exact origin and Access-Control-Allow-Credentials: true, or call without cookies")
        .paste(format!("Access-Control-Allow-Origin: {origin}"))
        .paste("Access-Control-Allow-Credentials: true")
}

/// The call itself was answered, and the page may not read it; or the server says that it refuses the origin.
fn answered(ex: Ex<'_>) -> Option<Finding> {
    if !ex.fact().flags.cross_origin || !ex.fact().flags.sees_response {
        return None;
    }
    let said = ex.says(Says::Cors);
    if !said && ex.denial() != Some(Denial::Cors) {
        return None;
    }
    let origin = ex.req("origin").present()?.text().into_owned();
    let allowed = ex.res(ALLOW).present().map(|l| l.text().trim().to_owned());
    if !said && allowed.is_some_and(|a| a == "*" || a.eq_ignore_ascii_case(&origin)) {
        return Some(with_cookies(ex, &origin).sure(Confidence::Strong, "the browser hides the answer from the page"));
    }
    let mut f = other_origin(ex)?;
    if said {
        f = f.see(Evidence::related(ex.id(), Part::ResBody(0..80), "the server's reason"));
        return Some(f.sure(Confidence::Certain, "the server names the origin as the reason"));
    }
    Some(f.sure(Confidence::Strong, "the answer came, but the browser hides it from the page"))
}

/// What is common: the page's origin and the one that is allowed.
fn other_origin(ex: Ex<'_>) -> Option<Finding> {
    let origin = ex.req("origin").present()?.text().into_owned();
    let list = ex.profile().cors.allowlist.clone();
    let fix = match &list {
        Some(name) => format!("add the page's origin to the {name}"),
        None => "allow the page's origin on the server, the answers to errors included".to_owned(),
    };
    let f =
        Finding::new(&RULE, ex.id(), format!("the answer is not for {} (Access-Control-Allow-Origin)", short(&origin)))
            .field("origin")
            .see(Evidence::row(ex.id(), Part::Line))
            .see(Evidence::related(ex.id(), Part::Req("origin".to_owned(), 0), "the page"))
            .see(match ex.res(ALLOW).present() {
                Some(_) => Evidence::primary(ex.id(), Part::Res(ALLOW.to_owned(), 0), "another origin"),
                None => Evidence::primary(ex.id(), Part::ResAbsent(ALLOW.to_owned()), "no origin is allowed"),
            })
            .fix(fix)
            .paste(format!("{}: {origin}", "Access-Control-Allow-Origin"));
    Some(f)
}

/// The host of an origin, for a message.
fn short(origin: &str) -> String {
    let host = url::parse_url(origin).host().to_owned();
    if host.is_empty() || host.len() > 28 { "this page".to_owned() } else { host }
}

/// The recorder gives the browser's own reason.
fn named(ex: Ex<'_>) -> Option<Finding> {
    let text = ex.detail()?.failure.as_ref()?.text().to_ascii_lowercase();
    let other = ["preflight", "header", "method"].iter().any(|w| text.contains(w)) && !text.contains("origin");
    // The preflight's own answer says more.
    if other || ex.node().preflight.is_some() {
        return None;
    }
    Some(
        Finding::new(&RULE, ex.id(), "the browser says that the server does not allow this page's origin")
            .see(Evidence::row(ex.id(), Part::Line))
            .see(Evidence::primary(ex.id(), Part::Failure, "the browser's reason"))
            .fix("allow the page's origin on the server, the answers to errors included")
            .sure(Confidence::Certain, "the browser names CORS as the reason"),
    )
}

/// The token came from a grant of another origin, and the provider binds tokens to the origin that logged in.
fn bound(cx: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    if !ex.profile().cors.token_bound_to_origin || ex.class() != Class::Call {
        return None;
    }
    let here = url::parse_url(&ex.req("origin").present()?.text()).origin();
    let issued = cx.life(ex.bearer()?.value)?.issued.last()?;
    let login = cx.trace.ex(issued.by);
    let grant = login.node().grant.and_then(|n| cx.trace.grants.get(n));
    let start = grant.and_then(|g| g.authorize).map(|id| cx.trace.ex(id));
    let (from, uri) =
        [Some(login), start].into_iter().flatten().find_map(|e| Some((e, e.param_text("redirect_uri")?)))?;
    let home = url::parse_url(&uri).origin();
    if home == here || home.is_empty() {
        return None;
    }
    let part = match from.field("redirect_uri") {
        Some(_) => Part::ReqField("redirect_uri".to_owned()),
        None => Part::Query("redirect_uri".to_owned()),
    };
    Some(
        Finding::new(&RULE, ex.id(), "the token was issued to a page of another origin")
            .field("origin")
            .see(Evidence::related(from.id(), part, "logged in for this origin"))
            .see(Evidence::row(ex.id(), Part::Line))
            .see(Evidence::primary(ex.id(), Part::Req("origin".to_owned(), 0), "used from another"))
            .fix("log in from the origin that makes the calls")
            .sure(
                Confidence::Strong,
                format!("profile \"{}\": a token works only from its own origin", ex.profile().id),
            ),
    )
}
