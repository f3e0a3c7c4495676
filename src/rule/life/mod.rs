//! Rules of the chapter "life".

pub(super) mod clock_skew;
pub(super) mod expired_token;
pub(super) mod login_per_request;
pub(super) mod presigned_url_expired;
pub(super) mod refresh_token_expired;
pub(super) mod refresh_token_reuse;
pub(super) mod retry_storm;
pub(super) mod session_expired;
pub(super) mod superseded_token;
pub(super) mod token_after_logout;
pub(super) mod token_cross_host;
