//! `request-before-login`: the request started before the login answer arrived.

use crate::facts::Kind as Value;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, STEPS, Severity};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "request-before-login",
    chapter: Chapter::Missing,
    severity: Severity::Error,
    tier: Some((3, 50)),
    confidence: Confidence::Strong,
    needs: &[&[Need::T], &[Need::Qh]],
    summary: "the request started before the login answer arrived",
    explain: include_str!("request_before_login.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied_calls().filter(|e| e.class() == Class::Call && e.sees_credentials()) {
        let Some(start) = ex.start() else { continue };
        if ex.credentials().any(|u| matches!(u.kind, Value::Token | Value::ApiKey | Value::Basic)) {
            continue;
        }
        let running = |o: &Ex<'_>| matches!((o.start(), o.end()), (Some(s), Some(e)) if s <= start && start < e);
        let login = ex.steps_before().take(STEPS).find(|o| {
            o.class().issues() && o.accepted() && cx.serves(*o, ex) && running(o) && !cx.answered_before(*o, ex)
        });
        let Some(login) = login else { continue };
        // An older token was there to be sent.
        let older =
            login.steps_before().take(STEPS).any(|o| o.class().issues() && o.accepted() && !o.node().issued.is_empty());
        if older {
            continue;
        }
        let late = login.end().map_or(0, |e| (e - start) / 1000);
        out.push(
            Finding::new(&RULE, ex.id(), "this request left before the login was answered")
                .see(Evidence::row(login.id(), Part::Line))
                .see(Evidence::row(ex.id(), Part::Gap(format!("{late} ms before that answer ended"))))
                .see(Evidence::primary(ex.id(), Part::Line, "no token yet"))
                .fix("wait for the login, and share one promise between all calls")
                .paste("const token = await login(); // before the first call")
                .sure(
                    Confidence::Strong,
                    format!("the login of #{} was still running when this request started", login.id()),
                ),
        );
    }
}
