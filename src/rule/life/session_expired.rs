//! `session-expired`: a session cookie that was accepted is refused later.

use crate::auth::cookie::parse_set_cookie;
use crate::facts::{Kind as Value, Place, Use};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};
use crate::trace::{Class, Denial, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "session-expired",
    chapter: Chapter::Life,
    severity: Severity::Error,
    tier: Some((4, 60)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh]],
    summary: "a session cookie that was accepted is refused later",
    explain: include_str!("session_expired.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied_calls().filter(|e| e.class() == Class::Call) {
        let plain = matches!(ex.denial(), Some(Denial::Auth | Denial::Session | Denial::Soft))
            && ex.said() != Some(Says::Csrf)
            && ex.status() != 419;
        let header = ex.uses().iter().any(|u| matches!(u.place, Place::Header(_)) && u.kind != Value::Csrf);
        if !plain || header {
            continue;
        }
        let Some(used) = ex.credentials().find(|u| u.kind == Value::Cookie) else { continue };
        let Some(life) = cx.life(used.value) else { continue };
        let earlier = life.accepted_before(|id| cx.trace.position(id), cx.trace.position(ex.id()));
        let good = earlier
            .take(200)
            .map(|id| cx.trace.ex(id))
            .find(|o| o.same_audience(ex) && !o.public_route() && o.class() == Class::Call);
        let Some(good) = good else { continue };
        if life.ended_by.iter().any(|e| cx.trace.ex(*e).precedes(ex)) {
            continue;
        }
        if newer(cx, ex, used) {
            continue;
        }
        let gap = good.server_now().zip(ex.server_now()).map(|(a, b)| (b - a) / 1_000_000);
        let own = life.issued.last().and_then(|i| i.lifetime.zip(cx.trace.ex(i.by).server_now()));
        let passed = own.zip(ex.server_now()).is_some_and(|((l, from), now)| (now - from) / 1_000_000 > l);
        let idle = gap.zip(ex.profile().auth.session_idle).is_some_and(|(g, i)| g > i);
        let strong = ex.says(Says::Expired) || passed || idle;
        let name = match used.place {
            Place::Cookie(n) => cx.text(n).to_owned(),
            _ => "cookie".to_owned(),
        };
        let mut f =
            Finding::new(&RULE, ex.id(), format!("the session cookie \"{name}\" worked before and is refused now"))
                .field("cookie")
                .see(Evidence::related(good.id(), Part::Line, "accepted"));
        if let Some(g) = gap {
            f = f.see(Evidence::row(ex.id(), Part::Gap(format!("{} later", crate::rule::words::span(g)))));
        }
        f = f
            .see(Evidence::primary(ex.id(), Part::Line, "refused"))
            .fix("log in again, and renew the session before it ends")
            .paste(recipe::jar(ex));
        out.push(if strong {
            f.sure(Confidence::Strong, "its lifetime has passed, or the server says so")
        } else {
            f.sure(Confidence::Likely, "accepted before, no logout in between")
                .or("ended on the server", "the server's session log")
        });
    }
}

/// A later answer gave this cookie another value, and the old one was sent all the same.
fn newer(cx: &Cx<'_>, ex: Ex<'_>, used: &Use) -> bool {
    let Place::Cookie(name) = used.place else { return false };
    let name = cx.text(name);
    // The latest answer that sets the cookie, or request that sends this value, decides.
    let last = ex.before().take(200).filter(|o| o.same_audience(ex)).find_map(|o| {
        let set = o.ress("set-cookie").filter(|l| {
            let cookie = parse_set_cookie(l.bytes());
            cookie.is_some_and(|c| c.name == name && !c.deletes)
        });
        let same: Vec<bool> = set.map(|l| l.marks.iter().any(|m| m.value == used.value)).collect();
        let own = same.is_empty() && o.uses().iter().any(|u| u.value == used.value);
        (own || !same.is_empty()).then(|| !own && !same.contains(&true))
    });
    last == Some(true)
}
