//! `oauth-iss-mismatch`: the answer came from another issuer, or belongs to another login (`iss`, `nonce`).

use super::common;
use crate::auth::{token, url};
use crate::facts::{Id, Kind as Value, Place};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, STEPS, Severity, words};
use crate::trace::{Class, Ex, Life};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "oauth-iss-mismatch",
    chapter: Chapter::Oauth,
    severity: Severity::Error,
    tier: Some((2, 90)),
    confidence: Confidence::Strong,
    needs: &[],
    summary: "the answer came from another issuer",
    explain: include_str!("oauth_iss_mismatch.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    issuers(cx, out);
    nonces(cx, out);
}

/// The `iss` of an authorization response (RFC 9207 2.4).
fn issuers(cx: &Cx<'_>, out: &mut Findings) {
    for cb in cx.of_class(Class::Callback) {
        let Some(iss) = crate::trace::callback_param(&cb, "iss") else { continue };
        let Some(a) =
            cb.node().grant.and_then(|n| cx.trace.grants.get(n)).and_then(|g| g.authorize).map(|id| cx.trace.ex(id))
        else {
            continue;
        };
        let known = crate::trace::published_issuer(a);
        if known.as_ref().is_some_and(|k| *k != iss && k.trim_end_matches('/') == iss.trim_end_matches('/')) {
            out.push(slash(a, cb));
            continue;
        }
        let u = url::parse_url(&iss);
        // Issuers of one host differ by path: only then the path decides, and a slash at the end never does.
        let tenant = |p: &str| p.trim_matches('/').split('/').next().unwrap_or_default().to_owned();
        let host = u.host() != a.host();
        let path = !u.path().trim_matches('/').is_empty()
            && !a.path().starts_with(u.path().trim_end_matches('/'))
            && tenant(u.path()) != tenant(a.path());
        // Whether another host is another server, the trace has settled: it refuses such an answer.
        // A client that refuses it for its issuer has compared the names itself.
        let failed = cb.query("error").is_some() || cb.status() >= 400 && !cb.says(Says::Issuer);
        let other = if known.is_some() { known.as_deref() != Some(iss.as_str()) } else { host && !failed || path };
        if !other || !cb.denied() && known.is_none() {
            continue;
        }
        let mut f = Finding::new(&RULE, cb.id(), "the answer names another issuer than the one that was asked")
            .field("iss")
            .see(Evidence::related(a.id(), Part::Line, "asked here"))
            .see(Evidence::primary(cb.id(), words::param_part(cb, "iss"), "answered by this issuer"));
        if let Some(own) = known {
            f = f.see(Evidence::row(a.id(), Part::Say(format!("its metadata name the issuer {own}"))));
        }
        f = f
            .fix("compare iss with the issuer before the code is redeemed")
            .sure(Confidence::Strong, "both values were recorded");
        // A client that goes on all the same did not look: no failure, but no protection either.
        out.push(if cb.denied() { f } else { f.hygiene() });
    }
}

/// Only a slash at the end differs from the published name: clients that compare byte by byte refuse it.
fn slash(a: Ex<'_>, cb: Ex<'_>) -> Finding {
    Finding::new(&RULE, cb.id(), "iss differs from the published issuer by a slash at the end")
        .hygiene()
        .severity(Severity::Note)
        .field("iss")
        .see(Evidence::related(a.id(), Part::Line, "asked here"))
        .see(Evidence::primary(cb.id(), words::param_part(cb, "iss"), "not character by character the same"))
        .fix("let the server send its issuer as its metadata spell it")
        .sure(Confidence::Strong, "both values were recorded")
}

/// The `nonce` of an ID token is the one of its authorization request (OpenID Connect Core 3.1.3.7).
fn nonces(cx: &Cx<'_>, out: &mut Findings) {
    for life in cx.trace.lives.iter().filter(|l| l.kind == Value::IdToken) {
        let Some((holder, part)) = handed_over(cx, life) else { continue };
        let Some((sent, got)) = asked(cx, holder).zip(life.jwt.as_ref().and_then(|j| j.nonce.as_deref())) else {
            continue;
        };
        let (a, nonce) = sent;
        if nonce == got || token::is_mask(&nonce) || token::is_mask(got) {
            continue;
        }
        let other = common::authorizations(cx, holder).any(|o| o.param_text("nonce").as_deref() == Some(got));
        let message = match other {
            true => "the ID token belongs to another login: it has the nonce of that one",
            false => "the nonce in the ID token is not the one that was sent",
        };
        let refused: Vec<Id> =
            life.uses.iter().take(STEPS).map(|u| u.by).filter(|id| cx.trace.ex(*id).denied()).collect();
        let mut f = Finding::new(&RULE, holder.id(), message)
            .field("nonce")
            .see(Evidence::related(a.id(), words::param_part(a, "nonce"), "sent with the request"))
            .see(Evidence::primary(holder.id(), part, "its claim nonce is another"))
            .fix("keep state, nonce and verifier of every attempt apart, and read those of the state that came back")
            .sure(Confidence::Strong, "both values were recorded");
        f.subject = refused.first().copied().unwrap_or(f.subject);
        f.explains = refused;
        out.push(f);
    }
}

/// The step of a grant that brought an ID token, and where it stands there; a renewed one need not repeat the nonce.
fn handed_over<'t>(cx: &Cx<'t>, life: &Life) -> Option<(Ex<'t>, Part)> {
    let issued = life.issued.iter().map(|i| match cx.trace.ex(i.by) {
        ex if ex.class() == Class::Authorize => (ex, Part::Res("location".to_owned(), 0)),
        ex => (ex, Part::ResField(i.key.to_string())),
    });
    let posted = life.uses.iter().take(STEPS).filter_map(|u| match u.place {
        Place::Field(n) => Some((cx.trace.ex(u.by), Part::ReqField(cx.text(n).to_owned()))),
        _ => None,
    });
    let fits = |ex: &Ex<'_>| matches!(ex.class(), Class::Token | Class::Callback | Class::Authorize);
    issued.chain(posted).find(|(ex, _)| fits(ex) && ex.node().grant.is_some())
}

/// The authorization request of a step, and its nonce.
fn asked<'t>(cx: &Cx<'t>, step: Ex<'t>) -> Option<(Ex<'t>, String)> {
    let a = common::authorize_of(cx, step)?;
    Some((a, a.param_text("nonce")?))
}
