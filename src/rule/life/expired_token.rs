//! `expired-token`: a token was used after its lifetime.

use crate::facts::{Kind as Value, Use};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};
use crate::trace::{Ex, Life};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "expired-token",
    chapter: Chapter::Life,
    severity: Severity::Error,
    tier: Some((4, 50)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh], &[Need::T, Need::Sb]],
    summary: "a token was used after its lifetime",
    explain: include_str!("expired_token.md"),
    kind: Kind::Rule(check),
};

/// Leeway for lifetimes, seconds (rules.md 1.3).
const LEEWAY: i64 = 5;
/// Longer gaps mean stitched recordings: ages are not to be trusted.
const STITCHED: i64 = 12 * 3600;

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in
        cx.denied_calls().filter(|e| matches!(e.status(), 0 | 200 | 302 | 400 | 401 | 403 | 419 | 422 | 440 | 498))
    {
        // A key behind Basic or in a signature: the answer alone can say that it has expired.
        let key = |u: &&Use| keyed(u) && matches!(u.place, crate::facts::Place::Header(_)) && ex.says(Says::Expired);
        let token = ex.token().filter(|u| u.kind != Value::IdToken);
        let Some(used) = token.or_else(|| ex.credentials().find(key)) else {
            out.extend(told(ex));
            continue;
        };
        let Some(life) = cx.life(used.value) else { continue };
        out.extend(judge(cx, ex, used, life));
    }
}

/// The credential was not recorded, but the server names what is wrong with it.
fn told(ex: Ex<'_>) -> Option<Finding> {
    let hidden = !ex.req("authorization").seen() && ex.credentials().next().is_none();
    if !hidden || ex.said() != Some(Says::Expired) || ex.status() == 200 {
        return None;
    }
    let f = Finding::new(&RULE, ex.id(), "the token has expired, says the server")
        .see(Evidence::row(ex.id(), Part::Line))
        .see(Evidence::primary(ex.id(), crate::rule::words::speaker(ex), "the server's words"))
        .fix("log in again 60 s before the lifetime ends, and retry a refused call once")
        .paste(recipe::renew(ex))
        .not_seen("the credential");
    // Which of its ends has passed, its own or that of its issuer's answer, only the token would tell.
    Some(f.sure(Confidence::Likely, "the server says so; the token itself was not seen").at_most(Confidence::Likely))
}

fn keyed(used: &Use) -> bool {
    matches!(used.kind, Value::Basic | Value::Signature)
}

fn judge(cx: &Cx<'_>, ex: Ex<'_>, used: &Use, life: &Life) -> Option<Finding> {
    let said = ex.says(Says::Expired);
    // A 403 speaks of rights, unless this very call was allowed with this token while it lived.
    let allowed = || {
        let place = |id| cx.trace.position(id);
        life.accepted_before(place, place(ex.id())).any(|id| same_call(cx.trace.ex(id), ex))
    };
    if ex.status() == 403 && !said && !allowed() || life.jwt.as_ref().is_some_and(|j| j.exp.is_some()) {
        return None;
    }
    let issued = life.issued_before(|id| cx.trace.position(id), cx.trace.position(ex.id()));
    let age = issued.and_then(|i| Some((ex.server_now()? - cx.trace.ex(i.by).server_now()?) / 1_000_000));
    let profile = ex.profile().auth.lifetime;
    // The cookie beside the body's token may be the one that says how long both live.
    let own = issued.and_then(|i| {
        let same = life.issued.iter().filter(|o| o.by == i.by);
        i.lifetime.or_else(|| same.filter_map(|o| o.lifetime).next())
    });
    let lifetime = own.or(profile);
    let over = match (age, lifetime) {
        (Some(a), Some(l)) if a < STITCHED + l => Some(a - l),
        _ => None,
    };
    let ended = issued.and_then(|i| i.expires_at).zip(ex.server_now()).map(|(end, now)| (now - end) / 1_000_000);
    let over = over.or(ended);
    let old = over.is_some_and(|o| o > LEEWAY);
    // "Session terminated", "invalid or expired": of a token that was accepted here, the latter.
    let worked = || life.accepted_before(|id| cx.trace.position(id), cx.trace.position(ex.id())).next().is_some();
    let open = !said && over.is_none() && ex.says(Says::AmbiguousExpired) && worked();
    // A lifetime of the profile is only a guess where the answer names none, and a young token has another flaw.
    if !old && !said && !open {
        return None;
    }
    let (sure, because) = match (old, said, own.is_some() || ended.is_some()) {
        (true, true, _) => (Confidence::Certain, "the server says so, and the age agrees".to_owned()),
        (true, false, true) => {
            (Confidence::Strong, "ages by the server's clock; the server does not name the reason".to_owned())
        }
        (true, false, false) => (Confidence::Likely, format!("profile \"{}\" gives the lifetime", ex.profile().id)),
        _ if open => (Confidence::Likely, "it was accepted before, and the server speaks of its end".to_owned()),
        _ => (Confidence::Strong, "the server says so".to_owned()),
    };
    let message = match over.filter(|_| old) {
        Some(o) => format!("the token was used {} after it expired", crate::rule::words::span(o)),
        None if keyed(used) => "the key has expired, says the server".to_owned(),
        None => "the token has expired, says the server".to_owned(),
    };
    let mut f = Finding::new(&RULE, ex.id(), message);
    if let Some(i) = issued {
        f = f.see(Evidence::row(i.by, Part::Line));
        let lasts = lifetime.map_or_else(
            || "issued here".to_owned(),
            |l| format!("issued here, to live {}", crate::rule::words::span(l)),
        );
        let part = if i.key.contains("cookie") { Part::Line } else { Part::ResField(i.key.to_string()) };
        f = f.see(Evidence::related(i.by, part, lasts));
        if let Some(a) = age {
            f = f.see(Evidence::row(ex.id(), Part::Gap(format!("{} later", crate::rule::words::span(a)))));
        }
    }
    f = f.see(place(cx, ex, used, age, lifetime));
    if (said || open) && !old {
        f = f.see(Evidence::row(ex.id(), crate::rule::words::speaker(ex)));
    }
    let refresh = issued.is_some_and(|i| {
        cx.trace.node(i.by).issued.iter().any(|v| cx.life(*v).is_some_and(|l| l.kind == Value::Refresh))
    });
    let fix = if keyed(used) {
        "make a new key, or fetch new temporary credentials, before the old ones end"
    } else if refresh {
        "redeem the refresh token 60 s before expires_in ends, and retry a refused call once"
    } else {
        "log in again 60 s before the lifetime ends, and retry a refused call once"
    };
    let f = f.field("authorization").fix(fix);
    let f = if old && clock_ahead(cx, ex, issued.map(|i| cx.trace.ex(i.by))) {
        f.or("clock-skew", "the server's clock against a time server: it runs ahead of the client's")
    } else {
        f
    };
    Some(if keyed(used) { f } else { f.paste(recipe::renew(ex)) }.sure(sure, because))
}

fn same_call(a: Ex<'_>, b: Ex<'_>) -> bool {
    a.fact().origin == b.fact().origin && a.fact().route == b.fact().route && a.fact().method == b.fact().method
}

/// The refusing server's clock runs ahead of the client's, and not as far at the server that issued the token: then the
/// token may be younger than it looks there.
fn clock_ahead(cx: &Cx<'_>, ex: Ex<'_>, issuer: Option<Ex<'_>>) -> bool {
    const APART: i64 = 60_000_000;
    let offset = |e: Ex<'_>| cx.trace.clocks.steady(e.fact().origin);
    let (Some(here), Some(issuer)) = (offset(ex), issuer) else { return false };
    here > APART && offset(issuer).is_some_and(|there| here - there > APART)
}

fn place(cx: &Cx<'_>, ex: Ex<'_>, used: &Use, age: Option<i64>, lifetime: Option<i64>) -> Evidence {
    let label = match (age, lifetime) {
        (Some(a), Some(l)) => format!("age {a} s of {l} s, by the server's clock"),
        _ => "refused as expired".to_owned(),
    };
    match used.place {
        crate::facts::Place::Header(n) => Evidence::primary(ex.id(), Part::Req(cx.text(n).to_owned(), 0), label),
        crate::facts::Place::Query(n) => Evidence::primary(ex.id(), Part::Query(cx.text(n).to_owned()), label),
        _ => Evidence::primary(ex.id(), Part::Line, label),
    }
}
