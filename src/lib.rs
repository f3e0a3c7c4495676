//! Reads captured HTTP traffic and says why authentication failed.
pub mod auth;
pub mod format;
pub mod http;
