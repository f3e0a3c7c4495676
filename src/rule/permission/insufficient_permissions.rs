//! `insufficient-permissions`: authenticated, not allowed.

use super::common::{accepted_elsewhere, changes, csrf_cookies, csrf_header, csrf_name, header_of};
use super::scopes;
use crate::facts::{Kind as Value, Place};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, words};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "insufficient-permissions",
    chapter: Chapter::Permission,
    severity: Severity::Error,
    tier: Some((6, 40)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh, Need::Sb]],
    summary: "authenticated, but not allowed to do this",
    explain: include_str!("insufficient_permissions.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied().filter(|e| !matches!(e.class(), Class::Login | Class::Logout | Class::Callback)) {
        // No credential, no permission to lack; the same call accepted a moment later is no matter of rights.
        let healed = ex.node().healed_by.is_some_and(|(_, same)| same);
        let shows = !ex.bare() || ex.class().issues() || ex.class().oauth();
        if !healed && shows && !ex.says(Says::Missing) {
            out.extend(named(cx, ex).or_else(|| shown(cx, ex)));
        }
    }
}

/// The server says that the caller is known and not allowed.
fn named(cx: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    let oauth = ex.class().issues() || ex.class().oauth();
    let privileges = ex.says(Says::Permission) && ex.said() == Some(Says::Scope) && no_scopes(cx, ex);
    if ex.said() != Some(Says::Permission) && !privileges || ex.html() && !oauth {
        return None;
    }
    let mut f = finding(cx, ex, accepted_elsewhere(cx, ex).map(|(o, _)| o)).see(Evidence::primary(
        ex.id(),
        words::speaker(ex),
        "not allowed",
    ));
    let named = ex.profile().auth.needed_permissions.as_ref();
    if let Some((name, line)) = named.and_then(|n| Some((n, ex.res(n).present()?))) {
        f = f.see(Evidence::row(ex.id(), Part::Res(name.clone(), 0)));
        f = f.paste(format!("grant: {}", line.text()));
    }
    if privileges {
        return Some(
            f.sure(Confidence::Strong, "the server speaks of privileges and names no scope")
                .or("insufficient-scope", "the scope that the token was issued with"),
        );
    }
    let seen = ex.sees_credentials() && ex.credentials().next().is_some() || oauth;
    Some(if seen {
        f.sure(Confidence::Certain, "the server names it: known, but not allowed")
    } else {
        f.sure(Confidence::Likely, "the server's words; the credential was not recorded")
            .or("missing-credentials", "the request's own headers")
            .not_seen("the credential")
    })
}

/// Neither what the token carries nor what the call needs is known.
fn no_scopes(cx: &Cx<'_>, ex: Ex<'_>) -> bool {
    scopes::needed(ex).is_none() && scopes::granted(cx, ex).is_none()
}

/// A 403 without telling words, to a credential that works elsewhere.
fn shown(cx: &Cx<'_>, ex: Ex<'_>) -> Option<Finding> {
    let forbidden = ex.status() == 403 || graph_forbidden(ex);
    // Words that name another cause speak against it; a page in front of a JSON API is not the API's answer.
    let page = ex.html() && cx.trace.origin(ex.fact().origin).is_some_and(|o| o.media[0] > o.media[1]);
    let said = ex.said().is_some_and(|s| s != Says::Permission);
    if !forbidden || said || page || ex.class() != Class::Call || !ex.fact().flags.api_like() {
        return None;
    }
    let (other, used) = accepted_elsewhere(cx, ex)?;
    let f = finding(cx, ex, Some(other));
    let f = match header_of(cx, used) {
        Some(part) => f.see(Evidence::row(ex.id(), part)),
        None => f,
    };
    let by_login = cx.life(used.value).is_some_and(|l| l.issued.iter().any(|i| cx.trace.ex(i.by).class().issues()));
    if unguarded(cx, ex) {
        return Some(
            f.sure(Confidence::Likely, format!("the session is accepted in #{}", other.id()))
                .or("csrf-token-missing", "the same call with the anti-forgery token as header"),
        );
    }
    Some(if used.kind != Value::Cookie || by_login {
        f.sure(Confidence::Strong, format!("403, not 401: the same credential is accepted in #{}", other.id()))
    } else {
        f.sure(Confidence::Likely, format!("the same cookie is accepted in #{}", other.id()))
            .or("session-expired", "a page that only a logged-in user can open")
    })
}

fn finding<'t>(_cx: &Cx<'t>, ex: Ex<'t>, other: Option<Ex<'t>>) -> Finding {
    let message = match ex.class() {
        Class::Call => "the credential is good, but its user may not do this",
        _ => "the login is known, but may not have this token",
    };
    let mut f = Finding::new(&RULE, ex.id(), message);
    if let Some(o) = other {
        f = f.see(Evidence::related(o.id(), Part::Line, "accepted with the same credential"));
    }
    f = f.see(Evidence::primary(ex.id(), Part::Line, "refused"));
    let own = ex.profile().advice.get("insufficient-permissions").cloned();
    let ask = "ask an administrator for the role that this call needs, or call as a user who has it";
    f.fix(own.map_or_else(
        || ask.to_owned(),
        |a| format!("ask an administrator for the role that this call needs; {}", a.trim_end_matches('.')),
    ))
}

/// A cookie session changes something without an anti-forgery token although it has one.
fn unguarded(cx: &Cx<'_>, ex: Ex<'_>) -> bool {
    let header = ex.uses().iter().any(|u| matches!(u.place, Place::Header(_)) && u.kind != Value::Csrf);
    changes(ex)
        && !header
        && !csrf_cookies(cx, ex).is_empty()
        && !ex.detail().is_some_and(|d| d.request.iter().any(|l| csrf_header(ex, cx.text(l.name))))
        && !ex.fields().any(|f| csrf_name(f.name()))
}

/// GraphQL answers 200 and puts the refusal into `errors`.
fn graph_forbidden(ex: Ex<'_>) -> bool {
    ex.answer().is_some_and(|a| {
        a.fields.iter().any(|f| {
            f.path.starts_with("errors.")
                && matches!(f.name(), "code" | "type" | "classification" | "errorType")
                && matches!(
                    f.text().to_ascii_uppercase().replace('-', "_").as_str(),
                    "FORBIDDEN" | "AUTH_NOT_AUTHORIZED" | "ACCESS_DENIED" | "PERMISSION_DENIED"
                )
        })
    })
}
