//! What is wrong with a preflight (Fetch 3.2).

use super::Ex;
use crate::facts::{Kind, Outcome};

/// Requests before that are looked at.
const USES: usize = 200;

/// What is wrong with the answer to a preflight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PreflightFault {
    /// Its status is outside 200 to 299; a redirect is not followed.
    Status,
    /// Access-Control-Allow-Origin is absent or names another origin.
    Origin,
    /// Access-Control-Allow-Headers lacks this field (lower case); `*` does not cover `authorization`.
    Header(String),
    /// Access-Control-Allow-Methods lacks this method.
    Method(String),
    /// Nothing is wrong for a call without cookies; the call did not follow, and one with cookies needs the exact origin
    /// and Access-Control-Allow-Credentials.
    Credentials,
}

/// Why a browser cannot take the answer to a preflight as leave (Fetch standard, CORS-preflight fetch); `None` if it
/// can, or if no answer was seen.
pub fn preflight_fault(ex: Ex<'_>) -> Option<PreflightFault> {
    // The status tells enough even where the recorder kept no header of the answer.
    match ex.fact().outcome {
        Outcome::Status(200..300) if ex.fact().flags.sees_response => {}
        Outcome::Status(200..300) | Outcome::None | Outcome::Unknown => return None,
        Outcome::Status(_) => return Some(PreflightFault::Status),
    }
    let text = |line: crate::http::Observed<&crate::facts::Line>| line.present().map(|l| l.text().trim().to_owned());
    let origin = text(ex.req("origin")).unwrap_or_default();
    let allowed = text(ex.res("access-control-allow-origin"));
    if allowed.is_none_or(|a| a != "*" && !a.eq_ignore_ascii_case(&origin)) {
        return Some(PreflightFault::Origin);
    }
    let names = listed(ex.ress("access-control-allow-headers"));
    let wild = |list: &[String]| list.iter().any(|n| n == "*");
    let lacks = |h: &String| !names.contains(h) && (h == "authorization" || !wild(&names));
    if let Some(h) = listed(ex.reqs("access-control-request-headers")).into_iter().find(lacks) {
        return Some(PreflightFault::Header(h));
    }
    let method = text(ex.req("access-control-request-method")).unwrap_or_default();
    let methods = listed(ex.ress("access-control-allow-methods"));
    let simple = matches!(method.as_str(), "GET" | "HEAD" | "POST");
    let given = methods.contains(&method.to_ascii_lowercase()) || wild(&methods);
    if !simple && !given && !method.is_empty() {
        return Some(PreflightFault::Method(method));
    }
    // The call was tried and stopped, or never came although cookies go to this host.
    let cookie = |o: Ex<'_>| o.fact().origin == ex.fact().origin && o.uses().iter().any(|u| u.kind == Kind::Cookie);
    let unsent = match ex.node().actual {
        Some(a) => ex.trace().ex(a).fact().outcome == Outcome::None,
        None => ex.before().take(USES).any(cookie),
    };
    let cookies = text(ex.res("access-control-allow-credentials")).is_some_and(|a| a == "true");
    let exact = text(ex.res("access-control-allow-origin")).is_some_and(|a| a != "*");
    (unsent && ex.fact().flags.browser && !(cookies && exact)).then_some(PreflightFault::Credentials)
}

/// The members of a comma list that may stand in several lines, in lower case.
fn listed<'l>(lines: impl Iterator<Item = &'l crate::facts::Line>) -> Vec<String> {
    let text: Vec<String> = lines.map(|l| l.text().to_ascii_lowercase()).collect();
    let members = text.iter().flat_map(|t| t.split(','));
    members.map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect()
}
