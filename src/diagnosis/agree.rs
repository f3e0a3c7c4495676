//! What the server's words and the guards do to the confidence of a finding (rules.md 2.7, 3, 4.1).

use crate::facts::Outcome;
use crate::provider::Class;
use crate::rule::{Confidence, Finding, Part};
use crate::trace::Trace;

/// Which rules a class of texts confirms.
const CONFIRMS: &[(Class, &[&str])] = &[
    (
        Class::Missing,
        &[
            "missing-credentials",
            "no-login",
            "token-not-sent",
            "credentials-stripped",
            "header-in-body",
            "token-in-body",
            "token-in-url",
            "token-in-cookie",
            "wrong-header-name",
            "redirect-dropped-credentials",
            "session-cookie-not-sent",
            "malformed-header",
        ],
    ),
    (Class::Blank, &["blank-token"]),
    (
        Class::Malformed,
        &[
            "malformed-header",
            "malformed-authorization",
            "doubled-scheme",
            "missing-scheme",
            "mangled-token",
            "jwt-malformed",
            "malformed-basic",
            "placeholder-token",
            "sigv4-malformed",
            "wrong-credential-type",
            "blank-token",
        ],
    ),
    (Class::Scheme, &["wrong-scheme", "wrong-credential-type", "scheme-case", "missing-scheme"]),
    (Class::Expired, &["expired-token", "jwt-expired", "session-expired", "presigned-url-expired"]),
    (
        Class::AmbiguousExpired,
        &[
            "expired-token",
            "token-cross-host",
            "wrong-host",
            "session-expired",
            "token-after-logout",
            "superseded-token",
            "presigned-url-expired",
        ],
    ),
    (Class::Revoked, &["token-after-logout", "fresh-token-rejected", "superseded-token", "session-expired"]),
    (Class::Audience, &["jwt-wrong-audience", "id-token-as-access-token"]),
    (Class::Issuer, &["jwt-wrong-issuer"]),
    (
        Class::Signature,
        &[
            "jwt-malformed",
            "jwt-alg-none",
            "sigv4-malformed",
            "sigv4-scope-mismatch",
            "sigv4-payload-mismatch",
            "hmac-timestamp-stale",
            "mangled-token",
        ],
    ),
    (Class::Scope, &["insufficient-scope", "sigv4-scope-mismatch"]),
    (Class::Permission, &["insufficient-permissions"]),
    (Class::Client, &["oauth-client-auth-failed", "oauth-client-mismatch"]),
    (Class::User, &["login-failed"]),
    (Class::Code, &["oauth-code-reuse", "oauth-code-expired"]),
    (Class::Refresh, &["refresh-token-reuse", "refresh-token-expired"]),
    (
        Class::Pkce,
        &["pkce-mismatch", "pkce-missing-verifier", "pkce-malformed-verifier", "pkce-not-used", "pkce-plain"],
    ),
    (Class::Redirect, &["redirect-uri-mismatch"]),
    (Class::Csrf, &["csrf-token-missing", "csrf-cookie-not-set"]),
    (Class::StepUp, &["step-up-required"]),
    (Class::Rate, &["rate-limit-not-auth"]),
    (Class::Route, &["missing-route-masked"]),
    (Class::Port, &["wrong-port"]),
    (
        Class::Skew,
        &["clock-skew", "sigv4-clock-skew", "jwt-not-yet-valid", "hmac-timestamp-stale", "dpop-proof-invalid"],
    ),
    (Class::Conflict, &["conflicting-credentials", "duplicate-authorization"]),
    (Class::Dpop, &["dpop-nonce-missing", "dpop-proof-invalid", "dpop-scheme-mismatch"]),
    (Class::Cors, &["cors-origin-not-allowed"]),
    (Class::Intermediary, &["intermediary-denied"]),
];

/// Classes so narrow that they speak against every rule that they do not confirm.
const NARROW: &[Class] = &[
    Class::Expired,
    Class::Revoked,
    Class::Audience,
    Class::Issuer,
    Class::Scope,
    Class::Csrf,
    Class::Rate,
    Class::StepUp,
    Class::Skew,
    Class::Conflict,
];

/// Raises, lowers or drops a finding. Where something in front of the API answered (G9), the answer speaks against every
/// rule about the credential.
pub(super) fn adjust(trace: &Trace<'_>, mut f: Finding) -> Option<Finding> {
    if f.explains.is_empty() {
        return Some(f);
    }
    let ex = trace.ex(f.subject);
    if let Some(class) = ex.said() {
        let confirmed = CONFIRMS.iter().any(|(c, rules)| *c == class && rules.contains(&f.rule.name));
        if confirmed {
            f.confidence = f.confidence.raise().min(f.at_most);
        } else if (NARROW.contains(&class) || ex.node().foreign.is_some())
            && f.confidence < Confidence::Certain
            && f.rule.tier.is_some_and(|t| (3..=6).contains(&t.0))
        {
            f.confidence = f.confidence.lower()?;
        }
    }
    // Of a pasted answer not even the status is known: its words alone make nothing certain (rules.md 2.7).
    if ex.fact().outcome == Outcome::Unknown && !shown_by_request(&f) {
        f.confidence = f.confidence.min(Confidence::Strong);
    }
    // G2: the same credential was accepted a moment later, so it cannot be the token.
    let healed = ex.node().healed_by.is_some_and(|(_, same)| same);
    if healed && f.rule.tier.is_some_and(|t| (3..=5).contains(&t.0)) && !ex.uses().is_empty() {
        f.confidence = Confidence::Possible;
    }
    Some(f)
}

/// Whether the mistake itself stands in the request; that a request was refused is no such place.
fn shown_by_request(f: &Finding) -> bool {
    let permission = f.rule.tier.is_some_and(|t| t.0 == 6);
    f.evidence.iter().filter(|e| e.primary).any(|e| match e.part {
        Part::Req(..) | Part::ReqAbsent(_) | Part::ReqOdd(_) | Part::Typed(_) => true,
        Part::Query(_) | Part::ReqField(_) | Part::ReqBody(_) => true,
        Part::Line => !permission,
        _ => false,
    })
}
