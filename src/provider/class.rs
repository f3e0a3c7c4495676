//! What a server's text says (rules.md 3).

use serde::Deserialize;

/// What a text of a server means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Class {
    #[default]
    Missing,
    Blank,
    Malformed,
    Scheme,
    Expired,
    AmbiguousExpired,
    Revoked,
    Invalid,
    Audience,
    Issuer,
    Signature,
    Scope,
    Permission,
    Client,
    User,
    Code,
    Refresh,
    Pkce,
    Redirect,
    Csrf,
    StepUp,
    Rate,
    Route,
    Port,
    Skew,
    Conflict,
    Dpop,
    Cors,
    Other,
    Intermediary,
}

impl Class {
    /// Its name in profiles, in the message table and in rules of the user's.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Blank => "blank",
            Self::Malformed => "malformed",
            Self::Scheme => "scheme",
            Self::Expired => "expired",
            Self::AmbiguousExpired => "ambiguous-expired",
            Self::Revoked => "revoked",
            Self::Invalid => "invalid",
            Self::Audience => "audience",
            Self::Issuer => "issuer",
            Self::Signature => "signature",
            Self::Scope => "scope",
            Self::Permission => "permission",
            Self::Client => "client",
            Self::User => "user",
            Self::Code => "code",
            Self::Refresh => "refresh",
            Self::Pkce => "pkce",
            Self::Redirect => "redirect",
            Self::Csrf => "csrf",
            Self::StepUp => "step-up",
            Self::Rate => "rate",
            Self::Route => "route",
            Self::Port => "port",
            Self::Skew => "skew",
            Self::Conflict => "conflict",
            Self::Dpop => "dpop",
            Self::Cors => "cors",
            Self::Other => "other",
            Self::Intermediary => "intermediary",
        }
    }
}
