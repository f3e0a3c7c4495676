//! The rules: one list, everything else derived from it. A rule judges the linked model and parses nothing.

mod capture;
mod context;
mod cors;
pub mod custom;
mod dpop;
mod exposure;
mod finding;
mod jwt;
mod life;
mod login;
mod missing;
mod oauth;
mod permission;
mod placement;
pub mod recipe;
mod routing;
mod signature;
mod typed;
mod value;
pub mod words;

pub(crate) use context::STEPS;
pub use context::{Cx, Findings};
pub use finding::{Alternative, Confidence, Evidence, Finding, Fix, Part, Severity};

/// A chapter of the catalogue; also the folder of its rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Chapter {
    /// Transport and routing.
    Routing,
    /// Missing credentials.
    Missing,
    /// Credentials in the wrong place.
    Placement,
    /// Credentials with a wrong spelling or value.
    Value,
    /// Login and token calls.
    Login,
    /// The life of a token.
    Life,
    /// JSON Web Tokens.
    Jwt,
    /// DPoP.
    Dpop,
    /// OAuth and PKCE.
    Oauth,
    /// Cross-origin requests.
    Cors,
    /// Permission.
    Permission,
    /// Exposure of secrets.
    Exposure,
    /// Signatures.
    Signature,
    /// The capture itself, and last resorts.
    Capture,
    /// A user's own rule.
    Custom,
}

/// What a rule must be able to see (rules.md 1.1): groups joined by "and", each a list joined by "or".
pub type Needs = &'static [&'static [Need]];

/// A capability of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// Request headers.
    Qh,
    /// Request body.
    Qb,
    /// Response headers.
    Sh,
    /// Response body.
    Sb,
    /// Times.
    T,
    /// Header lines as sent.
    Raw,
    /// Browser context.
    Nav,
    /// A profile other than the generic one.
    Profile,
}

impl Need {
    /// The noun for reports.
    pub fn words(self) -> &'static str {
        match self {
            Self::Qh => "request headers",
            Self::Qb => "request bodies",
            Self::Sh => "response headers",
            Self::Sb => "response bodies",
            Self::T => "times",
            Self::Raw => "header lines as sent",
            Self::Nav => "browser context",
            Self::Profile => "a known provider",
        }
    }

    /// The code of rules.md.
    pub fn code(self) -> &'static str {
        match self {
            Self::Qh => "QH",
            Self::Qb => "QB",
            Self::Sh => "SH",
            Self::Sb => "SB",
            Self::T => "T",
            Self::Raw => "RAW",
            Self::Nav => "NAV",
            Self::Profile => "PROFILE",
        }
    }
}

impl Chapter {
    /// What its rules are about.
    pub fn title(self) -> &'static str {
        match self {
            Self::Routing => "the way to the server",
            Self::Missing => "credentials that are missing",
            Self::Placement => "credentials in the wrong place",
            Self::Value => "credentials with a wrong spelling or value",
            Self::Login => "logins and token calls",
            Self::Life => "the life of a token",
            Self::Jwt => "JSON Web Tokens",
            Self::Dpop => "DPoP",
            Self::Oauth => "OAuth and PKCE",
            Self::Cors => "calls across origins",
            Self::Permission => "permission",
            Self::Exposure => "exposed secrets (warnings)",
            Self::Signature => "signatures and Digest",
            Self::Capture => "the capture itself, and last resorts",
            Self::Custom => "own rules",
        }
    }
}

/// How a rule is run.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Judges the whole model and pushes findings.
    Rule(fn(&Cx<'_>, &mut Findings)),
    /// Tried in diagnosis on a refused exchange that no rule explains.
    Fallback(fn(&Cx<'_>, crate::trace::Ex<'_>) -> Option<Finding>),
    /// Made in diagnosis: only ever a consequence.
    Link,
    /// A user's own rule.
    Custom(&'static custom::Custom),
}

impl std::fmt::Debug for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Rule(_) => "Rule",
            Self::Fallback(_) => "Fallback",
            Self::Link => "Link",
            Self::Custom(_) => "Custom",
        })
    }
}

/// A rule: its facts, its text and its check.
#[derive(Debug)]
pub struct Rule {
    /// Its id: file name, test name and docs anchor.
    pub name: &'static str,
    /// Its chapter.
    pub chapter: Chapter,
    /// Default severity.
    pub severity: Severity,
    /// Tier (0 transport .. 7 last resorts) and rank within it; `None` for hygiene.
    pub tier: Option<(u8, u16)>,
    /// Default confidence.
    pub confidence: Confidence,
    /// What it must be able to see.
    pub needs: Needs,
    /// One line for lists.
    pub summary: &'static str,
    /// Its page: what happens, how to see it, what is right; its examples are tests.
    pub explain: &'static str,
    /// Its check.
    pub kind: Kind,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Rule {
    /// What it must be able to see, in words: `request headers and times`.
    pub fn needs_words(&self) -> String {
        let any = |list: &&[Need]| list.iter().map(|n| n.words()).collect::<Vec<_>>().join(" or ");
        self.needs.iter().map(any).collect::<Vec<_>>().join(" and ")
    }

    /// Whether it may be a diagnosis.
    pub fn diagnoses(&self) -> bool {
        self.tier.is_some() && !matches!(self.kind, Kind::Link)
    }

    /// Whether it is tried only when nothing else explains a refusal.
    pub fn is_fallback(&self) -> bool {
        matches!(self.kind, Kind::Fallback(_))
    }
}

/// Every rule, by chapter. The order decides nothing.
pub static RULES: &[&Rule] = &[
    &capture::capture_sanitized::RULE,
    &capture::challenge_missing::RULE,
    &capture::credentials_not_recorded::RULE,
    &capture::fresh_token_rejected::RULE,
    &capture::unknown_token::RULE,
    &cors::cors_hides_denial::RULE,
    &cors::cors_origin_not_allowed::RULE,
    &cors::cors_preflight_failed::RULE,
    &exposure::cleartext_credentials::RULE,
    &exposure::insecure_session_cookie::RULE,
    &exposure::password_in_url::RULE,
    &exposure::secret_in_referer::RULE,
    &exposure::token_leaked_third_party::RULE,
    &exposure::token_response_cacheable::RULE,
    &dpop::dpop_nonce_missing::RULE,
    &dpop::dpop_proof_invalid::RULE,
    &dpop::dpop_scheme_mismatch::RULE,
    &jwt::jwt_alg_none::RULE,
    &jwt::jwt_expired::RULE,
    &jwt::jwt_malformed::RULE,
    &jwt::jwt_not_yet_valid::RULE,
    &jwt::jwt_wrong_audience::RULE,
    &jwt::jwt_wrong_issuer::RULE,
    &life::clock_skew::RULE,
    &life::expired_token::RULE,
    &life::login_per_request::RULE,
    &life::presigned_url_expired::RULE,
    &life::refresh_token_expired::RULE,
    &life::refresh_token_reuse::RULE,
    &life::retry_storm::RULE,
    &life::session_expired::RULE,
    &life::superseded_token::RULE,
    &life::token_after_logout::RULE,
    &life::token_cross_host::RULE,
    &login::login_failed::RULE,
    &login::login_failure_ignored::RULE,
    &login::login_field_missing::RULE,
    &login::login_wrong_content_type::RULE,
    &login::login_wrong_method::RULE,
    &login::secret_in_browser::RULE,
    &missing::missing_credentials::RULE,
    &missing::no_login::RULE,
    &missing::request_before_login::RULE,
    &missing::session_cookie_not_sent::RULE,
    &missing::token_not_sent::RULE,
    &oauth::auth_endpoint_on_api_host::RULE,
    &oauth::authorize_via_xhr::RULE,
    &oauth::oauth_authorize_parameter_missing::RULE,
    &oauth::oauth_client_auth_failed::RULE,
    &oauth::oauth_client_mismatch::RULE,
    &oauth::oauth_code_expired::RULE,
    &oauth::oauth_code_missing::RULE,
    &oauth::oauth_code_reuse::RULE,
    &oauth::oauth_error_response::RULE,
    &oauth::oauth_implicit_flow::RULE,
    &oauth::oauth_insecure_redirect::RULE,
    &oauth::oauth_iss_mismatch::RULE,
    &oauth::oauth_missing_state::RULE,
    &oauth::oauth_password_grant::RULE,
    &oauth::oauth_state_mismatch::RULE,
    &oauth::pkce_malformed_verifier::RULE,
    &oauth::pkce_mismatch::RULE,
    &oauth::pkce_missing_verifier::RULE,
    &oauth::pkce_not_used::RULE,
    &oauth::pkce_plain::RULE,
    &oauth::redirect_uri_mismatch::RULE,
    &oauth::token_endpoint_on_ui_host::RULE,
    &permission::csrf_cookie_not_set::RULE,
    &permission::csrf_token_missing::RULE,
    &permission::insufficient_permissions::RULE,
    &permission::insufficient_scope::RULE,
    &permission::step_up_required::RULE,
    &placement::conflicting_credentials::RULE,
    &placement::header_in_body::RULE,
    &placement::malformed_header::RULE,
    &placement::token_in_body::RULE,
    &placement::token_in_cookie::RULE,
    &placement::token_in_url::RULE,
    &placement::wrong_header_name::RULE,
    &routing::credentials_stripped::RULE,
    &routing::intermediary_denied::RULE,
    &routing::missing_route_masked::RULE,
    &routing::not_found_masks_denial::RULE,
    &routing::proxy_auth_required::RULE,
    &routing::rate_limit_not_auth::RULE,
    &routing::redirect_changed_method::RULE,
    &routing::redirect_dropped_credentials::RULE,
    &routing::wrong_api_version::RULE,
    &routing::wrong_host::RULE,
    &routing::wrong_port::RULE,
    &signature::digest_malformed::RULE,
    &signature::digest_stale_nonce::RULE,
    &signature::hmac_timestamp_stale::RULE,
    &signature::sigv4_clock_skew::RULE,
    &signature::sigv4_malformed::RULE,
    &signature::sigv4_payload_mismatch::RULE,
    &signature::sigv4_scope_mismatch::RULE,
    &value::blank_token::RULE,
    &value::doubled_scheme::RULE,
    &value::duplicate_authorization::RULE,
    &value::id_token_as_access_token::RULE,
    &value::malformed_authorization::RULE,
    &value::malformed_basic::RULE,
    &value::mangled_token::RULE,
    &value::missing_scheme::RULE,
    &value::placeholder_token::RULE,
    &value::refresh_token_as_access_token::RULE,
    &value::scheme_case::RULE,
    &value::wrong_credential_type::RULE,
    &value::wrong_scheme::RULE,
];

/// The rule of this name.
pub fn by_name(name: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|r| r.name == name)
}
