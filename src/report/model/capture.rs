//! What the report says of what was read: captures, what could not be read in them, and what was left out.

use serde::Serialize;

/// A capture that was read.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Capture {
    /// Its name as the user gave it.
    pub file: String,
    /// Its format; null if it could not be read.
    pub format: Option<String>,
    /// The program that wrote it.
    pub recorder: Option<String>,
    /// Exchanges.
    pub exchanges: u64,
    /// Refused ones, expected refusals left out.
    pub denied: u64,
    /// Refusals that belong to a handshake.
    pub expected_denials: u64,
    /// Refusals whose diagnosis the configuration ignores.
    pub ignored_denials: u64,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Rules that could not look.
    pub not_checked: Vec<NotChecked>,
    /// Expected refusals that the configuration wants; they count in `expected_denials`.
    #[serde(skip)]
    pub wanted: u64,
    /// Refusals of known findings ([`super::Compared::denied`]).
    #[serde(skip)]
    pub known: u64,
    /// Refusals whose cause was not asked for.
    #[serde(skip)]
    pub unasked: u64,
    /// The user named it and it could not be read: that is said on standard error already.
    #[serde(skip)]
    pub refused: bool,
    /// Length of what was read; tells whether a problem stands at the end.
    #[serde(skip)]
    pub bytes: u64,
    /// What the text report says of a healthy capture.
    #[serde(skip)]
    pub healthy: Healthy,
}

/// What a healthy capture is said to hold.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Healthy {
    /// Logins that issued something.
    pub logins: usize,
    /// Tokens in use.
    pub tokens: usize,
    /// What the format could not show.
    pub not_seen: Vec<&'static str>,
    /// Answers of 400 and above that are no refusal, by status.
    pub failed: Vec<(u16, u64)>,
    /// Requests without an answer.
    pub silent: u64,
}

/// A place that could not be read.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Problem {
    /// Line, from 1.
    pub line: u64,
    /// Column, from 1.
    pub column: u64,
    /// Bytes.
    pub bytes: [u64; 2],
    /// What was expected.
    pub expected: String,
    /// What was done about it.
    pub done: String,
}

/// A rule that could not look at some refusals.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct NotChecked {
    /// The rule.
    pub rule: String,
    /// What it needs, in words.
    pub needs: String,
    /// At how many refusals.
    pub count: u64,
}

/// An input that was left out.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Skipped {
    /// Its name.
    pub file: String,
    /// Why.
    pub reason: String,
}
