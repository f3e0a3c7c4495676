//! Rules of the chapter "exposure": it works, but a secret is open to others. They explain no refusal.

pub(super) mod cleartext_credentials;
mod common;
pub(super) mod insecure_session_cookie;
pub(super) mod password_in_url;
pub(super) mod secret_in_referer;
pub(super) mod token_leaked_third_party;
pub(super) mod token_response_cacheable;
