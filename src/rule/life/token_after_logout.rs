//! `token-after-logout`: a token was used after logout or revocation.

use crate::facts::Place;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::Class;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "token-after-logout",
    chapter: Chapter::Life,
    severity: Severity::Error,
    tier: Some((4, 20)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh]],
    summary: "a token was used after logout or revocation",
    explain: include_str!("token_after_logout.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    again(cx, out);
    for ex in cx.denied_calls().filter(|e| !matches!(e.class(), Class::Logout)) {
        for used in ex.credentials() {
            let Some(life) = cx.life(used.value) else { continue };
            let Some(end) = life.ended_by.iter().map(|e| cx.trace.ex(*e)).find(|e| e.precedes(ex)) else { continue };
            // A login may issue the same value anew.
            if life.issued.iter().any(|i| end.precedes(cx.trace.ex(i.by)) && cx.trace.ex(i.by).precedes(ex))
                || !end.same_audience(ex) && end.host() != ex.host()
            {
                continue;
            }
            let early = matches!((ex.start(), end.end()), (Some(s), Some(e)) if s < e);
            let part = match used.place {
                Place::Header(n) => Part::Req(cx.text(n).to_owned(), 0),
                _ => Part::Line,
            };
            let mut f = Finding::new(&RULE, ex.id(), "the token was ended by a logout before this request")
                .field("authorization");
            if let Some(i) = life.issued.first() {
                f = f.see(Evidence::row(i.by, Part::Line));
            }
            f = f
                .see(Evidence::related(end.id(), Part::Line, "ends the token"))
                .see(Evidence::primary(ex.id(), part, "used after its end"))
                .fix("log in again, or move the logout behind the last call");
            out.push(if early {
                f.sure(Confidence::Likely, "the request started while the logout was running")
                    .or("a race", "the server's log")
            } else {
                f.sure(Confidence::Strong, format!("logout #{} was answered {}", end.id(), end.status()))
            });
            break;
        }
    }
}

/// A second logout with a token that the first one ended: it is refused, as it must be, and nothing is broken.
fn again(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.of_class(Class::Logout).filter(|e| (400..500).contains(&e.status())) {
        let ended = |u: &crate::facts::Use| {
            let mut by = cx.life(u.value)?.ended_by.iter().map(|e| cx.trace.ex(*e));
            by.rfind(|e| e.precedes(ex) && e.same_audience(ex))
        };
        let Some(first) = ex.credentials().find_map(ended) else { continue };
        let f = Finding::new(&RULE, ex.id(), "this logout ends a token that was ended before")
            .severity(Severity::Note)
            .field("authorization")
            .see(Evidence::related(first.id(), Part::Line, "ends the token"))
            .see(Evidence::primary(ex.id(), Part::Line, "ends it again"))
            .fix("log out once, and drop the token then")
            .sure(Confidence::Strong, format!("logout #{} was answered {}", first.id(), first.status()));
        out.push(if ex.denied() { f } else { f.hygiene() });
    }
}
