//! The vocabulary of credentials: parsing, no judging. It stands beside the line; every room may ask it.

pub mod authorization;
pub mod basic;
pub mod challenge;
pub mod cookie;
pub mod form;
pub mod jwt;
pub mod mangling;
pub mod pkce;
pub mod token;
pub mod url;
