//! What the report says of what was found: causes, findings, their evidence, and the credentials that they name.

use serde::Serialize;

/// One cause.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Diagnosis {
    /// The id of its finding.
    pub finding: String,
    /// The rule.
    pub rule: String,
    /// How sure.
    pub confidence: String,
    /// The message.
    pub summary: String,
    /// Ids of findings that only follow from it.
    pub consequences: Vec<String>,
    /// What else it could be.
    pub alternatives: Vec<Alternative>,
    /// What happened, a sentence each, in order of time.
    pub story: Vec<String>,
    /// What to change.
    pub fix: Fix,
}

/// Another reading.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Alternative {
    /// A rule or a cause in words.
    pub rule: String,
    /// How sure on its own.
    pub confidence: String,
    /// The observation that would decide.
    pub decided_by: String,
}

/// What to change.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Fix {
    /// One sentence.
    pub text: String,
    /// Lines to paste.
    pub paste: Vec<String>,
}

/// One finding.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Finding {
    /// `F1`, in order of the report.
    pub id: String,
    /// The rule.
    pub rule: String,
    /// `error`, `warning`, `note`.
    pub severity: String,
    /// `certain`, `strong`, `likely`, `possible`.
    pub confidence: String,
    /// Whether it is the cause of what it explains.
    pub root_cause: bool,
    /// Where the mistake stands.
    pub exchange: Exchange,
    /// Refused exchanges that it accounts for, the first 100.
    pub explains: Vec<Place>,
    /// How many they are.
    pub explains_count: u64,
    /// The message.
    pub message: String,
    /// What to change.
    pub fix: Fix,
    /// The rows.
    pub evidence: Vec<Evidence>,
    /// Why so sure.
    pub because: String,
    /// What was not recorded and mattered.
    pub not_seen: Vec<String>,
    /// Stable over positions: for baselines.
    pub fingerprint: String,
}

/// An exchange.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Exchange {
    /// The capture.
    pub file: String,
    /// Its number, from 0.
    pub index: u64,
    /// The method.
    pub method: String,
    /// The URL, masked.
    pub url: String,
    /// The status; null if none was recorded.
    pub status: Option<u16>,
}

/// The place of an exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Place {
    /// The capture.
    pub file: String,
    /// Its number, from 0.
    pub index: u64,
}

/// A row of evidence.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Evidence {
    /// The capture.
    pub file: String,
    /// The exchange.
    pub exchange: u64,
    /// `request.headers.authorization`, `response.body.error`, ...
    pub part: String,
    /// Line, from 1; null where no captured bytes stand behind it.
    pub line: Option<u64>,
    /// Column, from 1.
    pub column: Option<u64>,
    /// Bytes of the input.
    pub bytes: Option<[u64; 2]>,
    /// Where in the decoded value, if it had to be decoded.
    pub value_offset: Option<u64>,
    /// The masked text.
    pub quote: String,
    /// What it shows.
    pub why: String,
}

/// A credential.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Credential {
    /// Its alias.
    pub alias: String,
    /// What it is.
    pub kind: String,
    /// Which exchange issued it; null if the capture does not show it.
    pub issued_by: Option<Place>,
    /// Uses.
    pub uses: u64,
    /// Accepted ones.
    pub accepted: u64,
    /// Refused ones.
    pub denied: u64,
    /// The first five.
    pub first_uses: Vec<Place>,
}
