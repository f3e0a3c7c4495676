//! Rules of the chapter "value".

pub(super) mod blank_token;
mod common;
pub(super) mod doubled_scheme;
pub(super) mod duplicate_authorization;
pub(super) mod id_token_as_access_token;
pub(super) mod malformed_authorization;
pub(super) mod malformed_basic;
pub(super) mod mangled_token;
pub(super) mod missing_scheme;
pub(super) mod placeholder_token;
pub(super) mod refresh_token_as_access_token;
pub(super) mod scheme_case;
pub(super) mod wrong_credential_type;
pub(super) mod wrong_scheme;
