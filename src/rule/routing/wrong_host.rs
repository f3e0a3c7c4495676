//! `wrong-host`: the right path on the wrong host of the service.

use crate::auth::url;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::{Class, Ex};

use super::common;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "wrong-host",
    chapter: Chapter::Routing,
    severity: Severity::Error,
    tier: Some((1, 40)),
    confidence: Confidence::Likely,
    needs: &[&[Need::Profile, Need::Sb]],
    summary: "the right path on the wrong host of the service",
    explain: include_str!("wrong_host.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied_calls().filter(|e| e.class() == Class::Call) {
        out.extend(named(cx, ex).or_else(|| told(ex)).or_else(|| role(ex)));
    }
}

/// The answer that issued the token names the base URL of the API, and it is another host.
fn named(cx: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    let used = ex.credentials().find(|u| cx.life(u.value).is_some_and(|l| !l.issued.is_empty()))?;
    let life = cx.life(used.value)?;
    let issued = life.issued.iter().rev().find(|i| cx.trace.ex(i.by).precedes(ex))?;
    let login = cx.trace.ex(issued.by);
    let own =
        ex.profile().auth.base_url_from.as_deref().and_then(|key| Some((key.to_owned(), login.answer_text(key)?)));
    let generic = || {
        let key = ["instance_url", "api_domain", "api_endpoint", "base_url"]
            .into_iter()
            .find(|k| login.answer_text(k).is_some_and(|t| issued.base_url.as_deref() == Some(t.as_str())))?;
        Some((key.to_owned(), login.answer_text(key)?))
    };
    let (key, base) = own.or_else(generic)?;
    let target = if base.contains("://") { base.clone() } else { format!("https://{base}") };
    let host = url::parse_url(&target).host().to_owned();
    // The login host serves some paths of its own: user information, keys.
    let own_path = login.host() == ex.host() && (ex.path().contains("/oauth") || ex.path().contains("userinfo"));
    let alias = life.uses.iter().take(200).any(|u| {
        let o = cx.trace.ex(u.by);
        o.accepted() && o.fact().origin == ex.fact().origin && o.class() == Class::Call
    });
    if host.is_empty() || !host.contains('.') || host == ex.host() || own_path || alias {
        return None;
    }
    Some(
        Finding::new(&RULE, ex.id(), "the login named another base URL than the one that was called")
            .see(Evidence::related(login.id(), Part::ResField(key), "where this token's API lives"))
            .see(Evidence::primary(ex.id(), Part::Line, "another host").at(common::authority(ex)))
            .fix("take the base URL from the login's answer")
            .paste(format!("BASE={}", url::parse_url(&target).origin()))
            .sure(Confidence::Certain, format!("#{} names the host of the API, and this is another", login.id())),
    )
}

/// The refusal names the right host: `Wrong endpoint. Use https://api-free.example.com`.
fn told(ex: Ex<'_>) -> Option<Finding> {
    const KEYS: [&str; 5] = ["message", "error_description", "error.message", "detail", "error"];
    const LONGEST: usize = 300;
    let (key, text) = KEYS.iter().find_map(|k| Some((*k, ex.answer_text(k).filter(|t| t.len() <= LONGEST)?)))?;
    let low = text.to_ascii_lowercase();
    let wrong = ["wrong ", "incorrect ", "invalid ", "instead", "please use", "must use", "should use"];
    let place = ["endpoint", "host", "region", "server", "domain", "data center", "datacenter", "cluster", "base url"];
    let at = low.find("https://").filter(|_| wrong.iter().any(|w| low.contains(w)))?;
    let named = place.iter().any(|w| low.contains(w));
    let target = text.get(at..)?.split([' ', '"', '\'', ',', ')']).next()?.trim_end_matches('.');
    let host = url::parse_url(target).host().to_owned();
    let site = |h: &str| url::registrable_domain(h).map(str::to_owned);
    let sibling = site(&host).is_some() && site(&host) == site(ex.host());
    if !named || !sibling || host == ex.host() || host.starts_with("docs.") || host.starts_with("www.") {
        return None;
    }
    Some(
        Finding::new(&RULE, ex.id(), "the server names another host of its own for this credential")
            .see(Evidence::related(ex.id(), Part::Line, "another host").at(common::authority(ex)))
            .see(Evidence::primary(ex.id(), Part::ResField(key.to_owned()), "the server's words"))
            .fix("send the call to the host that the answer names")
            .paste(format!("BASE={}", url::parse_url(target).origin()))
            .sure(Confidence::Certain, "the server says so"),
    )
}

/// The profile gives hosts a role, and the path needs another one.
fn role(ex: Ex<'_>) -> Option<Finding> {
    let profile = ex.profile();
    // The pages of such a host call paths like these with their cookie.
    if !ex.fact().flags.api_like() || ex.cookie_app() {
        return None;
    }
    let host = profile.role_of_host(ex.host())?;
    let path = profile.role_of_path(ex.path())?;
    // A host that took calls of this kind has the role, whatever its name says.
    let taken = |o: &Ex<'_>| {
        o.accepted() && o.fact().origin == ex.fact().origin && profile.role_of_path(o.path()) == Some(path)
    };
    if host == path || ex.before().take(200).any(|o| taken(&o)) {
        return None;
    }
    let right = profile.roles.hosts.get(path).and_then(|l| l.first()).filter(|h| !h.contains('*')).cloned();
    let mut f = Finding::new(
        &RULE,
        ex.id(),
        format!("this is the {host} host of the service, the path belongs to the {path} host"),
    )
    .see(Evidence::primary(ex.id(), Part::Line, format!("the {host} host")).at(common::authority(ex)))
    .see(Evidence::row(ex.id(), Part::Say(format!("profile \"{}\": roles of hosts and paths", profile.id))));
    f = match right {
        Some(r) => f.fix(format!("send the call to the {path} host")).paste(format!("BASE=https://{r}")),
        None => f.fix(format!("send the call to the {path} host")),
    };
    Some(f.sure(Confidence::Likely, format!("profile \"{}\" tells the hosts apart", profile.id)))
}
