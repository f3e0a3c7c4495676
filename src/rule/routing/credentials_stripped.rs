//! `credentials-stripped`: the client sent the credential, and the server did not get it as it was sent.

use crate::auth::authorization::Form;
use crate::facts::{Line, Place, Use};
use crate::http::{Observed, Side};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::Ex;

use super::common;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "credentials-stripped",
    chapter: Chapter::Routing,
    severity: Severity::Error,
    tier: Some((1, 90)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Qh]],
    summary: "the client sent the credential, and the server did not get it as it was sent",
    explain: include_str!("credentials_stripped.md"),
    kind: Kind::Rule(check),
};

const FIX: &str = "let the proxy pass the header on; bypass the proxy once to be sure";

fn check(cx: &Cx<'_>, out: &mut Findings) {
    let passes = passes(cx);
    for ex in cx.denied() {
        if ex.node().twin.is_some() {
            out.extend(if passes { None } else { two_views(cx, ex) });
        } else if !ex.class().issues() && !ex.class().oauth() {
            out.extend(one_view(ex));
        }
    }
}

/// Whether some request was accepted although its two lines tell different credentials: then the gateway exchanges the
/// token on purpose, or the second log does not record it.
fn passes(cx: &Cx<'_>) -> bool {
    let header = |u: &&Use| matches!(u.place, Place::Header(_));
    let differ = |edge: Ex<'_>, upstream: Ex<'_>| {
        let same = |u: &Use| upstream.uses().iter().any(|o| o.place == u.place && o.value == u.value);
        edge.uses().iter().filter(header).any(|u| !same(u))
    };
    cx.all()
        .filter(|e| e.node().twin.is_some() && e.accepted())
        .any(|ex| views(cx, ex).is_some_and(|(edge, upstream)| differ(edge, upstream)))
}

/// What the edge and the upstream saw of one request, asked from either line.
fn views<'t>(cx: &Cx<'t>, ex: Ex<'t>) -> Option<(Ex<'t>, Ex<'t>)> {
    let twin = cx.trace.ex(ex.node().twin?);
    let hop = |e: Ex<'t>| match e.fact().side {
        Side::Client => 0,
        Side::Server => 1,
        Side::Upstream => 2,
    };
    let carries = |e: Ex<'t>| e.credentials().next().is_some() || e.reqs("authorization").next().is_some();
    match hop(ex).cmp(&hop(twin)) {
        std::cmp::Ordering::Greater => Some((twin, ex)),
        std::cmp::Ordering::Less => Some((ex, twin)),
        // No line names its side: the one with the credential is nearer to the client.
        _ if carries(ex) => Some((ex, twin)),
        _ => Some((twin, ex)),
    }
}

/// The first header whose credential the edge saw and the upstream did not, or not in the same way.
fn difference(edge: Ex<'_>, upstream: Ex<'_>) -> Option<(String, bool)> {
    if edge.masked() || upstream.masked() {
        return None;
    }
    let trace = edge.trace();
    let held = edge.uses().iter().filter_map(|u| match u.place {
        Place::Header(n) => Some(trace.text(n)),
        _ => None,
    });
    let held = held.chain(edge.reqs("authorization").next().map(|_| "authorization"));
    for name in held.filter(|n| *n != "cookie") {
        let sent = edge.req(name).present()?;
        match upstream.req(name) {
            Observed::Absent | Observed::AbsentOrEmpty => return Some((name.to_owned(), false)),
            Observed::Present(got) if got.bytes().trim_ascii() != sent.bytes().trim_ascii() => {
                return Some((name.to_owned(), true));
            }
            _ => {}
        }
    }
    None
}

/// Both lines of one request are in the capture.
fn two_views(cx: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    let (edge, upstream) = views(cx, ex)?;
    let (name, altered) = difference(edge, upstream)?;
    // One finding a pair: on the line of the edge, unless only the upstream's was refused.
    let subject = if edge.denied() { edge } else { upstream };
    if subject != ex {
        return None;
    }
    let shown = spelled(edge, &name);
    let message = if altered {
        format!("{shown} reached the upstream with another value than was sent")
    } else {
        format!("{shown} was sent, but it did not reach the upstream")
    };
    let named = edge.fact().side != upstream.fact().side;
    let see = if altered {
        Evidence::primary(upstream.id(), Part::Req(name.clone(), 0), "another value here")
    } else {
        Evidence::primary(upstream.id(), Part::ReqAbsent(name.clone()), "gone on the way")
    };
    let sure = if named { Confidence::Certain } else { Confidence::Strong };
    let mut f = Finding::new(&RULE, subject.id(), message)
        .field(name.clone())
        .see(Evidence::row(edge.id(), Part::Line))
        .see(Evidence::related(edge.id(), Part::Req(name.clone(), 0), "as the client sent it"))
        .see(Evidence::row(upstream.id(), Part::Line))
        .see(see)
        .fix(FIX)
        .sure(sure, format!("#{} and #{} are one request, by its id", edge.id(), upstream.id()));
    f.explains.extend([edge, upstream].into_iter().filter(|e| e.denied() && *e != subject).map(Ex::id));
    Some(pastes(f, &name))
}

/// Only the client's view: the server says that it saw no credential, and something stands in between.
fn one_view(ex: Ex<'_>) -> Option<Finding> {
    let explicit = ex.detail()?.hits.iter().any(|h| h.class == Says::Missing && !h.weak);
    let profiled = ex.profile().messages.iter().any(|m| m.class == Says::Missing && !m.vague);
    if ex.said() != Some(Says::Missing) || !(explicit || profiled) || ex.masked() {
        return None;
    }
    let (line, a) = ex.authorization()?;
    let right = matches!(a.form, Form::SchemeAndToken) && ex.reqs("authorization").count() == 1 && odd(ex) == 0;
    if !right || !scheme_fits(ex, &a.scheme) {
        return None;
    }
    let sign = between(ex)?;
    let _ = line;
    let f = Finding::new(&RULE, ex.id(), "the server says that it saw no credential, though one was sent")
        .field("authorization")
        .see(Evidence::row(ex.id(), Part::Line))
        .see(Evidence::primary(ex.id(), Part::Req("authorization".to_owned(), 0), "sent, in the right form"))
        .see(Evidence::related(ex.id(), Part::Res(sign.clone(), 0), "something stands in between"));
    Some(
        pastes(common::answer(f, ex, "nothing arrived"), "authorization")
            .fix(FIX)
            .or("unknown-token", "the log of the server behind the proxy: did it get the header?")
            .sure(Confidence::Likely, format!("header {sign} tells of a hop where headers get lost")),
    )
}

fn odd(ex: Ex<'_>) -> usize {
    ex.detail().map_or(0, |d| d.odd.len())
}

/// The scheme is one that the server asks for or has accepted.
fn scheme_fits(ex: Ex<'_>, scheme: &str) -> bool {
    let places = ex.trace().origin(ex.fact().origin).map_or(&[][..], |o| &o.accepted_places);
    let spelled = |s: &str| places.iter().any(|(_, taken, _)| ex.trace().text(*taken) == s);
    let other = places.iter().any(|(_, taken, _)| ex.trace().text(*taken).eq_ignore_ascii_case(scheme));
    // The server took the scheme in another spelling: this one it may not know.
    if other && !spelled(scheme) {
        return false;
    }
    let asked = ex.challenges();
    if !asked.is_empty() {
        // A challenge that names an error has looked at the credential.
        return asked.iter().any(|c| c.scheme.eq_ignore_ascii_case(scheme))
            && asked.iter().all(|c| c.get("error").is_none());
    }
    let taken = ex
        .trace()
        .origin(ex.fact().origin)
        .is_some_and(|o| o.accepted_places.iter().any(|(_, s, _)| ex.trace().text(*s).eq_ignore_ascii_case(scheme)));
    taken || scheme.eq_ignore_ascii_case("bearer")
}

/// A response header that tells of a proxy, or of a server that hands requests to a program (CGI, WSGI) and is known to
/// keep Authorization for itself.
fn between(ex: Ex<'_>) -> Option<String> {
    let lines = ex.detail().map_or(&[][..], |d| &d.response);
    let hop = |l: &&Line| {
        let name = l.spelled.to_ascii_lowercase();
        let value = l.text().to_ascii_lowercase();
        let programs = ["mod_wsgi", "php", "cgi", "gunicorn", "uwsgi", "litespeed"];
        let program = value == "apache" || value.starts_with("apache/") || programs.iter().any(|p| value.contains(p));
        matches!(name.as_str(), "via" | "forwarded" | "x-served-by" | "x-envoy-upstream-service-time" | "x-proxy-cache")
            || name.starts_with("x-forwarded")
            || name.starts_with("x-kong-")
            || matches!(name.as_str(), "server" | "x-powered-by") && program
    };
    lines.iter().find(hop).map(|l| l.spelled.to_ascii_lowercase())
}

/// The header as the client wrote it.
fn spelled(ex: Ex<'_>, name: &str) -> String {
    if name == "authorization" {
        return "Authorization".to_owned();
    }
    ex.reqs_named(name).map_or_else(|| name.to_owned(), |l| l.spelled.to_string())
}

/// What to write into the configuration of the usual proxies.
fn pastes(f: Finding, name: &str) -> Finding {
    if name == "authorization" {
        return f
            .paste("nginx: proxy_set_header Authorization $http_authorization;")
            .paste("Apache: CGIPassAuth On (CGI, PHP), WSGIPassAuthorization On (mod_wsgi)");
    }
    let under = name.contains('_');
    f.paste(format!("nginx: proxy_set_header {name} $http_{};", name.replace('-', "_"))).paste(if under {
        "nginx: underscores_in_headers on; or a name with hyphens"
    } else {
        "look at the proxy's list of headers it removes"
    })
}
