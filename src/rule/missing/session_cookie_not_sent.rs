//! `session-cookie-not-sent`: the login set a session cookie, the denied request lacks it.

use rustc_hash::FxHashMap;

use super::jar::{Bar, Held, Jars};
use crate::facts::{Kind as Value, Place};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "session-cookie-not-sent",
    chapter: Chapter::Missing,
    severity: Severity::Error,
    tier: Some((3, 220)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh], &[Need::Sh]],
    summary: "the login set a session cookie, the denied request lacks it",
    explain: include_str!("session_cookie_not_sent.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    let mut jars = Jars::default();
    let mut proved: FxHashMap<crate::facts::ValueId, bool> = FxHashMap::default();
    for ex in cx.detailed() {
        if candidate(cx, ex) {
            out.extend(judge(cx, ex, &jars, &mut proved));
        }
        jars.note(ex);
    }
}

/// A refused call that shows its cookies and carries no credential of its own.
fn candidate(cx: &Cx<'_>, ex: Ex<'_>) -> bool {
    let own = |u: &crate::facts::Use| match u.place {
        Place::Cookie(n) => crate::auth::cookie::session_like(cx.text(n)),
        _ => !matches!(u.kind, Value::Csrf | Value::State | Value::Code | Value::ClientId | Value::Verifier),
    };
    // Words that name another cause speak against a session that was not sent.
    let words = ex.said().is_none_or(|s| {
        matches!(
            s,
            Says::Missing | Says::Csrf | Says::Expired | Says::AmbiguousExpired | Says::Invalid | Says::Permission
        )
    });
    // A picture or script that a store refuses was never meant to see the session.
    let stored = ex.fact().flags.asset && ex.status() == 403;
    ex.denied()
        && !stored
        && !ex.fact().flags.preflight
        && ex.class() == Class::Call
        && words
        && ex.status() != 407
        && ex.req("cookie").seen()
        && !ex.masked()
        && !ex.uses().iter().any(own)
        && !ex.public_route()
}

fn judge(cx: &Cx<'_>, ex: Ex<'_>, jars: &Jars, proved: &mut FxHashMap<crate::facts::ValueId, bool>) -> Option<Finding> {
    let mut found: Vec<(Confidence, Bar, &Held)> = Vec::new();
    for held in jars.of(ex.actor()) {
        let Some(bar) = held.bar(cx, ex) else { continue };
        let sure = trust(cx, ex, held, proved);
        found.extend(sure.map(|s| (s, bar, held)));
    }
    // The surest, then the latest.
    let (sure, bar, held) = found.into_iter().max_by_key(|(s, _, h)| (*s, cx.trace.position(h.by)))?;
    Some(finding(cx, ex, sure, bar, held))
}

/// How sure it is that this cookie is the session: set by a login, or accepted before.
fn trust(
    cx: &Cx<'_>,
    ex: Ex<'_>,
    held: &Held,
    proved: &mut FxHashMap<crate::facts::ValueId, bool>,
) -> Option<Confidence> {
    let login = cx.trace.ex(held.by);
    let by_login = login.class().issues() && login.accepted();
    // A login that hands out a token authenticates with the token.
    let token = by_login && login.node().issued.iter().any(|v| cx.life(*v).is_some_and(|l| l.kind == Value::Token));
    let session = crate::auth::cookie::session_like(&held.cookie.name);
    let accepted = session
        && *proved.entry(held.value?).or_insert_with(|| {
            cx.life(held.value.unwrap_or(crate::facts::ValueId(u32::MAX))).is_some_and(|l| {
                l.uses.iter().take(200).map(|u| cx.trace.ex(u.by)).any(|o| {
                    o.accepted()
                        && o.same_audience(ex)
                        && (o.class().issues() || o.class() == Class::Call && !o.public_route())
                })
            })
        });
    match (by_login && !token, accepted, session) {
        (true, _, _) | (_, true, _) => Some(Confidence::Strong),
        (_, _, true) => Some(Confidence::Possible),
        _ => None,
    }
}

fn finding(cx: &Cx<'_>, ex: Ex<'_>, sure: Confidence, bar: Bar, held: &Held) -> Finding {
    let set = cx.trace.ex(held.by);
    let name = Some(held.cookie.name.as_str()).filter(|n| n.len() <= 16).unwrap_or("session cookie");
    let quoted =
        if name == held.cookie.name { format!("the cookie \"{name}\"") } else { "the session cookie".to_owned() };
    let mut f = Finding::new(&RULE, ex.id(), message(&quoted, bar, ex))
        .field("cookie")
        .see(Evidence::row(set.id(), Part::Line))
        .see(Evidence::related(set.id(), Part::Res("set-cookie".to_owned(), held.nth), bar.label()));
    if let Some(by) = held.deleted {
        f = f.see(Evidence::related(by, Part::Line, "deleted here"));
    }
    f = f.see(Evidence::primary(ex.id(), Part::Line, "asked without it"));
    f = match ex.reqs_named("cookie") {
        Some(_) => f.see(Evidence::row(ex.id(), Part::Req("cookie".to_owned(), 0))),
        None => f.see(Evidence::row(ex.id(), Part::ReqAbsent("cookie".to_owned()))),
    };
    f = f.fix(fix(bar));
    if matches!(bar, Bar::NotKept | Bar::SameSite | Bar::NoneWithoutSecure) {
        f = f.paste(recipe::jar(ex));
    }
    if sure == Confidence::Possible {
        return f.sure(sure, "the cookie looks like a session; nothing shows that it is one");
    }
    f.sure(
        sure,
        if set.class().issues() { "the login set it, and the request lacks it" } else { "it was accepted before" },
    )
}

fn message(cookie: &str, bar: Bar, ex: Ex<'_>) -> String {
    match bar {
        Bar::Path => format!("{cookie} is not sent: its Path does not cover this"),
        Bar::Secure => format!("{cookie} is Secure, but this goes over http"),
        Bar::SetOnHttp => format!("{cookie} is Secure and was set over http, so dropped"),
        Bar::HostOnly => format!("{cookie} stays on the host that set it"),
        Bar::Domain => format!("{cookie} names a Domain that is not its server's"),
        Bar::SameSite => format!("{cookie} is not sent across sites: SameSite"),
        Bar::NoneWithoutSecure => format!("{cookie} has SameSite=None without Secure"),
        Bar::Prefix => format!("{cookie} breaks the rule of its name prefix"),
        Bar::Deleted => format!("{cookie} was deleted before this call"),
        Bar::NotKept if ex.fact().flags.browser => format!("{cookie} was not sent: no credentials mode"),
        Bar::NotKept => format!("{cookie} of the login was not sent along"),
    }
}

fn fix(bar: Bar) -> &'static str {
    match bar {
        Bar::Path => "set the cookie with a Path that covers the API, such as Path=/",
        Bar::Secure => "call the https URL",
        Bar::SetOnHttp => "log in over https",
        Bar::HostOnly => "call the host that set the cookie, or set it with a Domain that covers both",
        Bar::Domain => "set the cookie without Domain, or with a Domain that its server belongs to",
        Bar::SameSite => "call from the same site, or set the cookie with SameSite=None; Secure, and include it",
        Bar::NoneWithoutSecure => "set the cookie with SameSite=None; Secure",
        Bar::Prefix => "set a __Host- cookie with Secure, Path=/ and no Domain (__Secure-: with Secure)",
        Bar::Deleted => "log in again after the call that deletes the cookie",
        Bar::NotKept => "keep the cookies of the login and send them with every call",
    }
}
