//! `password-in-url`: a password in the URL.

use super::common::Groups;
use crate::facts::Kind as Value;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, Severity};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "password-in-url",
    chapter: Chapter::Exposure,
    severity: Severity::Warning,
    tier: None,
    confidence: Confidence::Strong,
    needs: &[],
    summary: "a password in the URL",
    explain: include_str!("password_in_url.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    let mut groups = Groups::default();
    for ex in cx.all() {
        if let Some((part, name)) = secret(cx, ex) {
            groups.add(format!("{}\t{name}", ex.origin()), ex, (part, name));
        }
    }
    for g in groups.into_list() {
        let (part, name) = &g.what;
        let short = if name.len() <= 20 { format!(" (\"{name}\")") } else { String::new() };
        let message = match part {
            Part::Line => "the URL holds user and password, and URLs end up in logs".to_owned(),
            _ => format!("the URL holds a secret{short}, and URLs end up in logs"),
        };
        let f = Finding::new(&RULE, g.first.id(), message).hygiene().see(Evidence::primary(
            g.first.id(),
            part.clone(),
            "in the URL",
        ));
        let fix = match part {
            Part::Line => "send it as Basic credentials in the header, then change the password",
            _ => "send it in the body or in a header, then change it",
        };
        out.push(g.counted(f).fix(fix).sure(Confidence::Strong, "seen in the request line"));
    }
}

fn secret(cx: &Cx<'_>, ex: Ex<'_>) -> Option<(Part, String)> {
    let d = ex.detail()?;
    let userinfo = ex.uses().iter().find(|u| u.place == crate::facts::Place::Userinfo);
    if let Some(u) = userinfo {
        let bytes = cx.bytes(u.value);
        let colon = bytes.iter().position(|b| *b == b':');
        if colon.is_some_and(|at| at + 1 < bytes.len()) {
            return Some((Part::Line, "user part".to_owned()));
        }
    }
    let field = d.query.iter().find(|f| {
        f.line.marks.iter().any(|m| m.kind == Value::Password && m.range.len() == f.bytes().len())
            && !f.is_blank()
            // `pwd` is also the name of a folder.
            && !f.bytes().starts_with(b"/")
    })?;
    Some((Part::Query(field.path.to_string()), field.name().to_owned()))
}
