//! `insecure-session-cookie`: a session cookie without its guards.

use super::common::{Groups, site};
use crate::auth::cookie::{self, SetCookie};
use crate::auth::url;
use crate::facts::{Kind as Value, Line};
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "insecure-session-cookie",
    chapter: Chapter::Exposure,
    severity: Severity::Warning,
    tier: None,
    confidence: Confidence::Likely,
    needs: &[&[Need::Sh]],
    summary: "a session cookie without Secure, HttpOnly or SameSite",
    explain: include_str!("insecure_session_cookie.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    let mut groups = Groups::default();
    for ex in cx.all().filter(|e| e.detail().is_some()) {
        for (nth, line) in ex.ress("set-cookie").enumerate() {
            let Some(c) = cookie::parse_set_cookie(line.bytes()).filter(|c| !c.deletes) else { continue };
            if !authenticates(cx, ex, &c, line) {
                continue;
            }
            if let Some((words, severity)) = lacks(ex, &c) {
                groups.add(format!("{}\t{}\t{words}", site(ex.host()), c.name), ex, (nth, c.name, words, severity));
            }
        }
    }
    for g in groups.into_list() {
        let (nth, name, words, severity) = &g.what;
        let shown =
            if name.len() <= 16 { format!("the session cookie \"{name}\"") } else { "a session cookie".to_owned() };
        let f = Finding::new(&RULE, g.first.id(), format!("{shown} {words}"))
            .hygiene()
            .severity(*severity)
            .see(Evidence::row(g.first.id(), Part::Line))
            .see(Evidence::primary(g.first.id(), Part::Res("set-cookie".to_owned(), *nth), "its attributes"));
        out.push(
            g.counted(f)
                .fix("(server) set it with Secure; HttpOnly; SameSite=Lax")
                .sure(Confidence::Likely, "the attributes as set; its name or its login says that it is a session")
                .or("a cookie that is no session", "what the server does without it"),
        );
    }
}

/// Whether the cookie opens a session: a login set it, or an accepted call shows that it counts.
fn authenticates(cx: &Cx<'_>, ex: Ex<'_>, c: &SetCookie, line: &Line) -> bool {
    if !cookie::session_like(&c.name) {
        return false;
    }
    if ex.class().issues() && ex.accepted() || ex.class() == Class::Callback && ex.accepted() {
        return true;
    }
    // An anonymous session becomes one when a login is accepted with it.
    line.marks.iter().any(|m| {
        m.kind == Value::Cookie
            && cx.life(m.value).is_some_and(|l| {
                l.uses.iter().take(50).map(|u| cx.trace.ex(u.by)).any(|o| o.class().issues() && o.accepted())
            })
    })
}

/// What is missing, and how bad that is: browsers take a cookie without SameSite for Lax.
fn lacks(ex: Ex<'_>, c: &SetCookie) -> Option<(&'static str, Severity)> {
    let https = ex.origin().starts_with("https://");
    let lower = c.name.to_ascii_lowercase();
    let host_rule = lower.starts_with("__host-") && (!c.secure || c.domain.is_some() || c.path.as_deref() != Some("/"));
    if host_rule || lower.starts_with("__secure-") && !c.secure {
        return Some(("breaks the rule of its prefix: browsers drop it", Severity::Warning));
    }
    if c.same_site.as_deref() == Some("none") && !c.secure && https {
        return Some(("has SameSite=None without Secure: browsers drop it", Severity::Warning));
    }
    let open = https && !c.secure && !url::is_loopback(ex.host());
    match (open, !c.http_only, c.same_site.is_none()) {
        (true, true, _) => Some(("has neither Secure nor HttpOnly", Severity::Warning)),
        (true, false, _) => Some(("has no Secure", Severity::Warning)),
        (false, true, _) => Some(("has no HttpOnly", Severity::Warning)),
        (false, false, true) => Some(("has no SameSite", Severity::Note)),
        (false, false, false) => None,
    }
}
