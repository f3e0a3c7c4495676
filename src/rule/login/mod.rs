//! Rules of the chapter "login".

mod common;
pub(super) mod login_failed;
pub(super) mod login_failure_ignored;
pub(super) mod login_field_missing;
pub(super) mod login_wrong_content_type;
pub(super) mod login_wrong_method;
pub(super) mod secret_in_browser;
