//! Reads captured HTTP traffic and says why authentication failed.
pub mod analysis;
pub mod auth;
#[cfg(feature = "cli")]
pub mod cli;
pub mod diagnosis;
pub mod facts;
pub mod format;
pub mod http;
pub mod mask;
pub mod provider;
pub mod report;
pub mod rule;
pub mod source;
pub mod trace;
