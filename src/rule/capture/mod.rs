//! Rules of the chapter "capture".

pub(super) mod capture_sanitized;
pub(super) mod challenge_missing;
mod common;
pub(super) mod credentials_not_recorded;
pub(super) mod fresh_token_rejected;
mod log_recipes;
pub(super) mod unknown_token;
