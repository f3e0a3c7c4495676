//! Rules of the chapter "oauth".

pub(super) mod auth_endpoint_on_api_host;
pub(super) mod authorize_via_xhr;
mod common;
pub(super) mod oauth_authorize_parameter_missing;
pub(super) mod oauth_client_auth_failed;
pub(super) mod oauth_client_mismatch;
pub(super) mod oauth_code_expired;
pub(super) mod oauth_code_missing;
pub(super) mod oauth_code_reuse;
pub(super) mod oauth_error_response;
pub(super) mod oauth_implicit_flow;
pub(super) mod oauth_insecure_redirect;
pub(super) mod oauth_iss_mismatch;
pub(super) mod oauth_missing_state;
pub(super) mod oauth_password_grant;
pub(super) mod oauth_state_mismatch;
pub(super) mod pkce_malformed_verifier;
pub(super) mod pkce_mismatch;
pub(super) mod pkce_missing_verifier;
pub(super) mod pkce_not_used;
pub(super) mod pkce_plain;
pub(super) mod redirect_uri_mismatch;
pub(super) mod token_endpoint_on_ui_host;
