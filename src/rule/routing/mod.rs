//! Rules of the chapter "routing".

mod common;
pub(super) mod credentials_stripped;
pub(super) mod intermediary_denied;
pub(super) mod missing_route_masked;
pub(super) mod not_found_masks_denial;
pub(super) mod proxy_auth_required;
pub(super) mod rate_limit_not_auth;
pub(super) mod redirect_changed_method;
pub(super) mod redirect_dropped_credentials;
pub(super) mod wrong_api_version;
pub(super) mod wrong_host;
pub(super) mod wrong_port;
