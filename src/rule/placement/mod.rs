//! Rules of the chapter "placement".

pub(super) mod conflicting_credentials;
pub(super) mod header_in_body;
pub(super) mod malformed_header;
pub(super) mod token_in_body;
pub(super) mod token_in_cookie;
pub(super) mod token_in_url;
pub(super) mod wrong_header_name;
