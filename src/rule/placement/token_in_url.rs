//! `token-in-url`: a token travels in the query.

use crate::facts::{Kind as Value, Place, Use};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, Severity, recipe};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "token-in-url",
    chapter: Chapter::Placement,
    severity: Severity::Error,
    tier: Some((3, 200)),
    confidence: Confidence::Likely,
    needs: &[],
    summary: "a token travels in the query",
    explain: include_str!("token_in_url.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    let mut warned = rustc_hash::FxHashSet::default();
    for ex in cx.detailed().filter(|e| !e.class().oauth() && !e.class().issues() && e.class() != Class::Logout) {
        let Some((used, name)) = in_query(cx, ex) else { continue };
        if ex.presigned()
            || ex.profile().auth.public_keys.iter().any(|p| cx.bytes(used.value).starts_with(p.as_bytes()))
        {
            continue;
        }
        if ex.denied() {
            out.extend(refused(cx, ex, used, &name));
        } else if ex.accepted() && warned.insert((used.value, ex.fact().origin)) {
            out.push(accepted(cx, ex, used, &name));
        }
    }
}

fn in_query<'t>(cx: &Cx<'t>, ex: Ex<'t>) -> Option<(&'t Use, String)> {
    ex.uses().iter().find_map(|u| match u.place {
        Place::Query(n) if matches!(u.kind, Value::Token | Value::ApiKey | Value::IdToken) => {
            let name = cx.text(n).to_owned();
            // Paging and anti-forgery values look like tokens and are none.
            let other = ["page", "next", "cursor", "csrf", "captcha", "continuation", "sync", "upload"]
                .iter()
                .any(|w| name.to_ascii_lowercase().contains(w));
            (!other).then_some((u, name))
        }
        _ => None,
    })
}

/// It explains a refusal only where the query is shown to be the wrong place.
fn refused(cx: &Cx<'_>, ex: Ex<'_>, used: &Use, name: &str) -> Option<Finding> {
    if !ex.sees_credentials()
        || ex.uses().iter().any(|u| matches!(u.place, Place::Header(_)) && u.kind != Value::Csrf)
        || ex.profile().takes_at(&format!("query:{name}"))
    {
        return None;
    }
    let header = cx
        .trace
        .origin(ex.fact().origin)
        .is_some_and(|o| o.accepted_places.iter().any(|(p, ..)| matches!(p, Place::Header(_))));
    let unseen =
        ex.challenges().iter().any(|c| c.is("bearer") && c.get("error").is_none()) || ex.said() == Some(Says::Missing);
    let known = cx.life(used.value).is_some_and(|l| !l.issued.is_empty() || !l.accepted.is_empty());
    if !header && !unseen && ex.profile().auth.place.is_none() {
        return None;
    }
    let f = Finding::new(&RULE, ex.id(), format!("the token is in the URL (\"{name}\"), this API reads the header"))
        .field(name)
        .see(Evidence::primary(ex.id(), Part::Query(name.to_owned()), "not read here"))
        .see(Evidence::row(ex.id(), Part::ReqAbsent("authorization".to_owned())))
        .fix("send it in the Authorization header, then replace it: URLs end up in logs")
        .paste(recipe::header(ex, &recipe::scheme(ex)));
    Some(if known {
        f.sure(Confidence::Strong, "a token of this capture, and the server saw no credential")
    } else {
        f.sure(Confidence::Likely, "the server saw no credential")
            .or("unknown-token", "the same call with the token in the header")
    })
}

fn accepted(_cx: &Cx<'_>, ex: Ex<'_>, _used: &Use, name: &str) -> Finding {
    // A page cannot set headers on a WebSocket or on a stream of events.
    let stream = ["accept", "content-type"].into_iter().any(|n| {
        let line = if n == "accept" { ex.req(n) } else { ex.res(n) };
        line.present().is_some_and(|l| l.text().to_ascii_lowercase().starts_with("text/event-stream"))
    });
    let socket = ex.res("upgrade").present().is_some() || ex.status() == 101 || stream;
    let f = Finding::new(&RULE, ex.id(), "accepted, but the token travels in the URL and so into logs")
        .hygiene()
        .severity(if socket { Severity::Note } else { Severity::Warning })
        .see(Evidence::primary(ex.id(), Part::Query(name.to_owned()), "in the URL"))
        .fix("send it as a header, then replace it");
    f.paste(recipe::header(ex, &recipe::scheme(ex))).sure(Confidence::Strong, "seen in the request line")
}
