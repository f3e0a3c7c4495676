//! Rules of the chapter "routing".

pub(super) mod redirect_dropped_credentials;
pub(super) mod wrong_port;
