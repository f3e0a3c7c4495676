//! `wrong-api-version`: the path lacks the API version, or names one that is retired.

use crate::facts::Kind as Value;
use crate::provider::Profile;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::{Class, Ex};

use super::common;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "wrong-api-version",
    chapter: Chapter::Routing,
    severity: Severity::Error,
    tier: Some((1, 50)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Profile]],
    summary: "the path lacks the API version, or names one that is retired",
    explain: include_str!("wrong_api_version.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied().filter(|e| matches!(e.status(), 401 | 403 | 404 | 410)) {
        let profile = ex.profile();
        let Some(wanted) = profile.roles.api_path.as_ref() else { continue };
        if wanted.is_match(ex.path()) || ex.class() == Class::Authorize || !api_client(ex) {
            continue;
        }
        let prefix = readable(wanted.as_str());
        let sent = version(ex.path());
        let message = match (&sent, lacks(profile, ex)) {
            (Some(v), _) if profile.role_of_path(ex.path()) == Some("api") => {
                format!("the path names version {v}, this API is under {prefix}")
            }
            (None, true) => format!("the path lacks the API version; calls go to {prefix}"),
            _ => continue,
        };
        if taken(ex, sent.as_deref()) {
            continue;
        }
        out.push(
            Finding::new(&RULE, ex.id(), message)
                .see(Evidence::primary(ex.id(), Part::Line, format!("{prefix} is expected")).at(common::path(ex)))
                .fix("put the version into the base URL")
                .paste(format!("BASE={}{}", ex.origin(), prefix.trim_end_matches('/')))
                .sure(Confidence::Strong, format!("profile \"{}\" names the path of the API", profile.id)),
        );
    }
}

/// A call of an API client: it carries a token, or the fields of an API login. A person's login page is none.
fn api_client(ex: Ex<'_>) -> bool {
    let token = ex.uses().iter().any(|u| matches!(u.kind, Value::Token | Value::ApiKey));
    let login = ex.profile().endpoint_of("login");
    let fields = login.is_some_and(|e| !e.fields.is_empty() && e.fields.iter().all(|n| ex.param(n).is_some()));
    ex.fact().flags.api_like() && (token || fields || ex.class() == Class::Login && !ex.fact().flags.browser)
}

/// A known route of the API without its prefix.
fn lacks(profile: &Profile, ex: Ex<'_>) -> bool {
    profile.roles.api_routes.iter().any(|p| p.is_match(ex.path()))
}

/// The first segment that looks like a version: `3.1`, `v2`.
fn version(path: &str) -> Option<String> {
    let is = |s: &&str| {
        let digits = s.strip_prefix('v').unwrap_or(s);
        s.len() <= 8 && digits.starts_with(|c: char| c.is_ascii_digit()) && digits.contains(['.']) | s.starts_with('v')
    };
    path.split('/').find(is).map(str::to_owned)
}

/// The same server accepted calls of this version, or calls without any.
fn taken(ex: Ex<'_>, sent: Option<&str>) -> bool {
    let wanted = ex.profile().roles.api_path.as_ref();
    let fits = |o: &Ex<'_>| {
        o.accepted()
            && o.fact().origin == ex.fact().origin
            && version(o.path()).as_deref() == sent
            && !wanted.is_some_and(|w| w.is_match(o.path()))
            && (sent.is_some() || lacks(ex.profile(), *o))
    };
    ex.before().take(200).any(|o| fits(&o)) || ex.after().take(200).any(|o| fits(&o))
}

/// `^/api/(4\.0)/` as people write it.
fn readable(pattern: &str) -> String {
    pattern.chars().filter(|c| !matches!(c, '^' | '$' | '(' | ')' | '\\')).collect()
}
