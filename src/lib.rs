//! Reads captured HTTP traffic and says why authentication failed.
//!
//! ```
//! use why401::analysis::{Options, analyze};
//!
//! let pasted = b"$ curl https://acme.example.test/v1/me -H 'Authorization: Bearer '\n{\"error\":\"token is empty\"}\n";
//! let run = analyze("pasted.txt", pasted, &Options::default())?;
//! let cause = &run.report.diagnoses[0];
//! assert_eq!(cause.rule, "blank-token");
//! println!("{}", why401::report::to_json(&run.report)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Bytes flow one way: [`source`] opens, [mod@format] reads and pushes exchanges, [`facts`] keeps what judging needs,
//! [`trace`] links it, [`rule`]s judge, [`diagnosis`] finds the root cause, [`report`] tells; [`mask`] is the only door
//! for secrets.

pub mod analysis;
pub mod auth;
#[cfg(feature = "cli")]
pub mod cli;
pub mod config;
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
mod workers;

/// The example of the page is run, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
