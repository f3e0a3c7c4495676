//! Rules of the chapter "missing".

mod jar;
pub(super) mod missing_credentials;
pub(super) mod no_login;
pub(super) mod request_before_login;
pub(super) mod session_cookie_not_sent;
pub(super) mod token_not_sent;
