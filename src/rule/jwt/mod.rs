//! Rules of the chapter "jwt".

mod common;
pub(super) mod jwt_alg_none;
pub(super) mod jwt_expired;
pub(super) mod jwt_malformed;
pub(super) mod jwt_not_yet_valid;
pub(super) mod jwt_wrong_audience;
pub(super) mod jwt_wrong_issuer;
