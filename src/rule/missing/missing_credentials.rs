//! `missing-credentials`: no credential was sent and nothing more specific is known.

use crate::auth::{token, url};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Kind, Need, Part, Rule, Severity, recipe, typed};
use crate::trace::{Class, Denial, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "missing-credentials",
    chapter: Chapter::Missing,
    severity: Severity::Error,
    tier: Some((7, 20)),
    confidence: Confidence::Likely,
    needs: &[&[Need::Qh]],
    summary: "no credential was sent and nothing more specific is known",
    explain: include_str!("missing_credentials.md"),
    kind: Kind::Fallback(fits),
};

fn fits(_cx: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    let challenges = ex.challenges();
    let uncounted = !ex.bare()
        && cookies_only(ex)
        && challenges.iter().any(|c| SCHEMES.iter().any(|s| c.is(s)) && c.get("error").is_none());
    let bare = ex.bare() && !ex.cookie_app() || uncounted;
    // A name and a password in the body log in with each call (WS-Security, XML of vendors).
    let inside = |f: &crate::facts::Field| f.line.marks.iter().any(|m| m.kind == crate::facts::Kind::Password);
    if ex.body().is_some_and(|b| b.media == crate::facts::Media::Xml && b.fields.iter().any(inside)) {
        return None;
    }
    // Whoever hears that his name or password is wrong has sent some, be it under names that no list knows.
    if ex.said() == Some(Says::User) && ex.fields().next().is_some() {
        return None;
    }
    if !bare || ex.public_route() || !matches!(ex.class(), Class::Call | Class::Register) {
        return None;
    }
    let asked = !challenges.is_empty() || ex.said() == Some(Says::Missing);
    let api =
        ex.status() == 401 || ex.denial() == Some(Denial::Soft) || ex.fact().outcome == crate::facts::Outcome::Unknown;
    let judged = ex.said() == Some(Says::Invalid);
    let taken = ex.status() == 403 && !ex.html() && (accepted_with(ex) || login_refused(ex));
    if !asked && !api && !judged && !taken {
        return None;
    }
    let schemes: Vec<&str> = challenges.iter().map(|c| c.scheme.as_str()).filter(|s| !s.is_empty()).collect();
    let wants =
        if schemes.is_empty() { String::new() } else { format!(", the server asks for {}", schemes.join(" or ")) };
    let sure = match asked {
        true if !uncounted => Confidence::Strong,
        false if stranger(ex) => Confidence::Possible,
        _ => Confidence::Likely,
    };
    // In a stripped export only the preflight shows that there was none.
    let stripped = ex.trace().redaction_at(ex.id()).stripped;
    let (sure, because) = match stripped {
        true => (sure.min(Confidence::Likely), "its preflight names no Authorization, and no cookies may go along"),
        false => (sure, "every sent header was recorded, and none is a credential"),
    };
    let mut f = Finding::new(&RULE, ex.id(), format!("the request carries no credential{wants}"))
        .see(Evidence::row(ex.id(), Part::Line))
        .see(Evidence::row(ex.id(), Part::ReqAbsent("authorization".to_owned())))
        .sure(sure, because)
        .or("no-login", "a capture that begins with the login");
    if !schemes.is_empty() {
        f = f.see(Evidence::primary(ex.id(), Part::Res("www-authenticate".to_owned(), 0), "what the server takes"));
    }
    if let Some(name) = own_header(ex).filter(|_| !asked) {
        f = f
            .see(Evidence::row(ex.id(), Part::Say(format!("{name}: an opaque value, perhaps the credential"))))
            .sure(
                Confidence::Possible,
                "a header of this vendor holds an opaque value, and the server asks for nothing",
            )
            .or("unknown-token", "what the API's documentation says of this header");
    }
    // G5: a certificate shown in TLS may be what was judged.
    if ex.profile().auth.client_cert && ex.said() != Some(Says::Missing) {
        f = f
            .not_seen("client certificate")
            .sure(Confidence::Possible, "a certificate may stand for a credential here");
    }
    let (fix, paste) = recipe::credential(ex);
    Some(typed::unquoted(f.fix(fix).paste(paste), ex))
}

/// The same route was answered with success to a request of this client that carried a credential.
fn accepted_with(ex: Ex<'_>) -> bool {
    const NEAR: usize = 50;
    let same = |o: &Ex<'_>| o.fact().route == ex.fact().route && o.fact().origin == ex.fact().origin;
    let good = |o: Ex<'_>| same(&o) && o.accepted() && o.credentials().next().is_some();
    ex.before().take(NEAR).chain(ex.after().take(NEAR)).any(good)
}

/// The last login of this client here was refused, so that it has nothing to show.
fn login_refused(ex: Ex<'_>) -> bool {
    const NEAR: usize = 20;
    let trace = ex.trace();
    let list = trace.steps_of(ex.actor());
    let upto = list.partition_point(|id| trace.position(*id) < trace.position(ex.id()));
    let mut before = list.get(..upto).unwrap_or_default().iter().rev().take(NEAR).map(|id| trace.ex(*id));
    before.find(|o| o.class().issues() && o.same_audience(ex)).is_some_and(|o| o.denied())
}

/// A page's call to another site that never took a credential here and asks for none: a tracker, an advertisement.
fn stranger(ex: Ex<'_>) -> bool {
    let flags = ex.fact().flags;
    let page = ex.req("origin").present().or(ex.req("referer").present()).map(|l| l.text().into_owned());
    let (own, other) = (page.as_deref().map(url::parse_url), url::registrable_domain(ex.host()));
    let cross = own.is_some_and(|o| url::registrable_domain(o.host()) != other);
    let known = ex.trace().origin(ex.fact().origin).is_some_and(|o| !o.accepted_places.is_empty());
    flags.browser && cross && !known
}

/// Schemes that are sent in the Authorization header.
const SCHEMES: [&str; 3] = ["basic", "digest", "bearer"];

/// Nothing but cookies, none of them of a login, and the server asks for a scheme: it does not go by these cookies.
fn cookies_only(ex: Ex<'_>) -> bool {
    let of_login = |u: &crate::facts::Use| {
        ex.life(u).is_some_and(|l| l.issued.iter().any(|i| ex.trace().ex(i.by).class().issues()))
    };
    ex.sees_credentials()
        && ex.reqs("authorization").next().is_none()
        && ex.credentials().all(|u| matches!(u.place, crate::facts::Place::Cookie(_)) && !of_login(u))
}

/// A vendor's header with a value that only a credential or an id looks like.
fn own_header(ex: Ex<'_>) -> Option<String> {
    const IDS: [&str; 14] = [
        "id",
        "trace",
        "request",
        "correlation",
        "client",
        "device",
        "span",
        "forwarded",
        "nonce",
        "time",
        "version",
        "transaction",
        "csrf",
        "xsrf",
    ];
    let lines = ex.detail().map_or(&[][..], |d| &d.request);
    let vendor = |name: &str| {
        name.starts_with("x-")
            && !name.split('-').any(|part| IDS.iter().any(|i| part.starts_with(i) || part.ends_with("id")))
    };
    let found = lines
        .iter()
        .find(|l| vendor(ex.trace().text(l.name)) && l.bytes().len() >= 24 && token::looks_like_token(&l.text()))?;
    Some(found.spelled.to_string())
}
