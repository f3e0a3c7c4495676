//! Reads captured HTTP traffic and says why authentication failed.
pub mod auth;
pub mod facts;
pub mod format;
pub mod http;
pub mod provider;
pub mod rule;
pub mod trace;
