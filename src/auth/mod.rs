//! The vocabulary of credentials: parsing, no judging. It stands beside the line; every room may ask it.

pub mod authorization;
pub mod basic;
pub mod challenge;
pub mod cookie;
pub mod digest;
pub mod dpop;
pub mod form;
pub mod jwt;
pub mod mangling;
pub mod named_header;
pub mod params;
pub mod pkce;
pub mod signed_link;
pub mod signed_time;
pub mod sigv4;
pub mod token;
pub mod url;
