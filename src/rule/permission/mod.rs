//! Rules of the chapter "permission".

mod common;
pub(super) mod csrf_cookie_not_set;
pub(super) mod csrf_token_missing;
pub(super) mod insufficient_permissions;
pub(super) mod insufficient_scope;
mod scopes;
pub(super) mod step_up_required;
