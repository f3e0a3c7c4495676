//! Rules of the chapter "cors".

pub(super) mod cors_hides_denial;
pub(super) mod cors_origin_not_allowed;
pub(super) mod cors_preflight_failed;
