//! `cors-preflight-failed`: the preflight was refused, so the browser never sent the call.

use crate::auth::url;
use crate::facts::Outcome;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::{Class, Ex, PreflightFault, preflight_fault};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "cors-preflight-failed",
    chapter: Chapter::Cors,
    severity: Severity::Error,
    tier: Some((0, 10)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Sh]],
    summary: "the preflight was refused, so the browser never sent the call",
    explain: include_str!("cors_preflight_failed.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.of_class(Class::Preflight).filter(|e| e.denied()) {
        out.extend(refused(cx, ex));
    }
    for ex in cx.detailed().filter(|e| e.fact().outcome == Outcome::None && e.class() != Class::Preflight) {
        if ex.denied() {
            out.extend(named(ex));
        } else {
            out.extend(unseen(ex));
        }
    }
}

/// A preflight with its answer.
fn refused(cx: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    let header = |name: &str| Part::Res(name.to_owned(), 0);
    let (message, evidence, because) = match preflight_fault(ex)? {
        // The answer is a leave, but for another origin: cors-origin-not-allowed.
        PreflightFault::Origin | PreflightFault::Credentials => return None,
        PreflightFault::Status => {
            let status = ex.status();
            let message = match status {
                401 | 403 | 407 => {
                    format!("the preflight got {status}; browsers send no credentials with it")
                }
                300..=399 => format!("the preflight got {status}; browsers follow no redirect here"),
                _ => format!("the preflight got {status}; only 200 to 299 is a leave"),
            };
            let see = vec![Evidence::primary(ex.id(), Part::Line, "refused: the browser stops here")];
            (message, see, "a browser takes only a status of 200 to 299 as leave".to_owned())
        }
        PreflightFault::Header(name) => {
            let asked = asked_at(ex, &name);
            let mut see = vec![asked];
            see.push(match ex.res("access-control-allow-headers").present() {
                Some(_) => Evidence::primary(
                    ex.id(),
                    header("access-control-allow-headers"),
                    if name == "authorization" { "authorization must be named, * is not enough" } else { "not in it" },
                ),
                None => {
                    Evidence::primary(ex.id(), Part::ResAbsent("access-control-allow-headers".to_owned()), "no field")
                }
            });
            (format!("the preflight does not allow the header {name}"), see, "the answer names what it allows".into())
        }
        PreflightFault::Method(method) => {
            let mut see =
                vec![Evidence::related(ex.id(), Part::Req("access-control-request-method".to_owned(), 0), "asked for")];
            see.push(match ex.res("access-control-allow-methods").present() {
                Some(_) => Evidence::primary(ex.id(), header("access-control-allow-methods"), "not in it"),
                None => {
                    Evidence::primary(ex.id(), Part::ResAbsent("access-control-allow-methods".to_owned()), "no method")
                }
            });
            (format!("the preflight does not allow the method {method}"), see, "the answer names what it allows".into())
        }
    };
    let mut f = Finding::new(&RULE, ex.id(), message)
        .explains(ex.node().actual.filter(|a| cx.trace.ex(*a).denied()))
        .fix("answer OPTIONS without asking for credentials, and name origin, method and headers in it");
    f.evidence.push(Evidence::row(ex.id(), Part::Req("origin".to_owned(), 0)));
    f.evidence.extend(evidence);
    let origin = ex.req("origin").present().map(|l| l.text().into_owned()).unwrap_or_default();
    let method = ex.req("access-control-request-method").present().map(|l| l.text().into_owned()).unwrap_or_default();
    let headers = ex.req("access-control-request-headers").present().map(|l| l.text().into_owned()).unwrap_or_default();
    f = f
        .paste(format!("Access-Control-Allow-Origin: {origin}"))
        .paste(format!("Access-Control-Allow-Methods: {method}"));
    if !headers.is_empty() {
        f = f.paste(format!("Access-Control-Allow-Headers: {headers}"));
    }
    // A later preflight of the same call passed: it was a passing fault.
    Some(match ex.node().healed_by {
        Some((by, _)) => f.sure(Confidence::Possible, format!("#{by} asked the same later, and it was allowed")),
        None if stranger(ex) => f.sure(Confidence::Possible, "a call to another site that carries no credential"),
        None => f.sure(Confidence::Certain, because),
    })
}

/// A page's call to another site: no login, no header of a credential, and no credential was ever accepted there. It may
/// be a counter whose answer nobody needs. A page under development calls its API from the machine itself.
fn stranger(ex: Ex<'_>) -> bool {
    const CREDENTIALS: [&str; 6] = ["auth", "token", "key", "csrf", "xsrf", "session"];
    let origin = ex.req("origin").present().map(|l| l.text().into_owned()).unwrap_or_default();
    let page = url::parse_url(&origin);
    let site = url::registrable_domain(page.host());
    let asked = ex.req("access-control-request-headers").present().map(|l| l.text().to_ascii_lowercase());
    let with_credential = asked.is_some_and(|h| CREDENTIALS.iter().any(|w| h.contains(w)));
    let path = ex.path().to_ascii_lowercase();
    let login = ["auth", "login", "signin", "session", "token"].iter().any(|w| path.contains(w));
    let known = ex.trace().origin(ex.fact().origin).is_some_and(|o| !o.accepted_places.is_empty());
    let works = |o: Ex<'_>| o.accepted() && o.fact().flags.api_like() && o.origin() != ex.origin();
    let page_works = ex.before().take(200).any(works) || ex.after().take(200).any(works);
    site.is_some() && site != url::registrable_domain(ex.host()) && !with_credential && !login && !known && page_works
}

/// Where the refused header was asked for.
fn asked_at(ex: Ex<'_>, name: &str) -> Evidence {
    let e = Evidence::related(ex.id(), Part::Req("access-control-request-headers".to_owned(), 0), "asked for");
    let line = ex.req("access-control-request-headers").present();
    let at = line.and_then(|l| {
        let start = l.text().to_ascii_lowercase().find(name)?;
        Some(start..start + name.len())
    });
    at.map_or(e.clone(), |range| e.at(range))
}

/// The recorder gives the browser's own reason, and it names the preflight.
fn named(ex: Ex<'_>) -> Option<Finding> {
    if ex.node().preflight.is_some() {
        return None;
    }
    let text = ex.detail()?.failure.as_ref()?.text().to_ascii_lowercase();
    let origin = text.contains("origin") && !text.contains("cross-origin") && !text.contains("header");
    let about = ["preflight", "allow-headers", "allow header", "allow-methods", "disallowedbypreflight"];
    if origin || !about.iter().any(|w| text.contains(w)) {
        return None;
    }
    Some(
        Finding::new(&RULE, ex.id(), "the browser says that the preflight of this call was refused")
            .see(Evidence::row(ex.id(), Part::Line))
            .see(Evidence::primary(ex.id(), Part::Failure, "the browser's reason"))
            .fix("answer OPTIONS without asking for credentials, and name origin, method and headers in it")
            .sure(Confidence::Strong, "the browser names the reason; this capture leaves preflights out")
            .not_seen("the preflight"),
    )
}

/// A call of a page to another origin that needs a preflight and got no answer, by a recorder that shows no preflights.
/// The connection may have failed for many reasons, so this is a hint only.
fn unseen(ex: Ex<'_>) -> Option<Finding> {
    let failure = ex.detail()?.failure.as_ref()?.text().to_ascii_lowercase();
    let stopped = failure == "net::err_failed" || failure.contains("ns_error_dom_bad_uri");
    if !stopped || ex.node().preflight.is_some() || ex.reqs("authorization").next().is_none() {
        return None;
    }
    let page = ex.before().take(200).find(|o| o.fact().flags.navigation && o.accepted())?;
    if page.origin() == ex.origin() || url::parse_url(ex.origin()).host().is_empty() {
        return None;
    }
    Some(
        Finding::new(&RULE, ex.id(), "the browser stopped this call to another origin, perhaps by CORS")
            .hygiene()
            .severity(Severity::Note)
            .see(Evidence::row(page.id(), Part::Line))
            .see(Evidence::primary(ex.id(), Part::Failure, "no answer, no reason"))
            .fix("look at the page's console, or record with a tool that shows preflights")
            .sure(Confidence::Possible, "Authorization to another origin needs a preflight, and none was recorded")
            .not_seen("the preflight"),
    )
}
