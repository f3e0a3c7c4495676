//! The JSON report, version 1: its own structs, frozen apart from the model that fills them.
//! Keys are never dropped, only null or empty. Every text has passed the mask.

use serde::Serialize;

use super::baseline::Known;

/// The whole report of a run.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Report {
    /// `why401/1`.
    pub schema: &'static str,
    /// The program.
    pub tool: Tool,
    /// What was read.
    pub captures: Vec<Capture>,
    /// One cause each.
    pub diagnoses: Vec<Diagnosis>,
    /// Everything that was found: causes, consequences, hygiene.
    pub findings: Vec<Finding>,
    /// Credentials that the findings name.
    pub credentials: Vec<Credential>,
    /// Inputs that were left out: no captures, met while walking a folder or in an archive. The first 100, all with
    /// `--full`; [`Summary::skipped`] counts them. They never change the exit status.
    pub skipped: Vec<Skipped>,
    /// The `[[expect]]` and `[[ignore]]` entries of the configuration, and how often they were met.
    pub entries: Vec<Entry>,
    /// How the run compares with a baseline; null if it was compared with none.
    pub baseline: Option<Compared>,
    /// Totals.
    pub summary: Summary,
    /// Secrets are shown as they are.
    #[serde(skip)]
    pub open: bool,
    /// The sequence of a single capture, or of the one that was added last, if it was asked for.
    #[serde(skip)]
    pub sequence: Option<Box<super::sequence::Sequence>>,
    /// What each input added, in order.
    #[serde(skip)]
    pub parts: Vec<Part>,
    /// Findings and credentials that were taken out ([`Report::drain`]); numbers go on behind them.
    #[serde(skip)]
    pub(crate) taken: [u64; 2],
}

/// Where what one input added ends in the lists of a report; it begins where the one before ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part {
    /// In [`Report::captures`].
    pub captures: usize,
    /// In [`Report::findings`].
    pub findings: usize,
    /// In [`Report::diagnoses`].
    pub diagnoses: usize,
    /// In [`Report::credentials`].
    pub credentials: usize,
    /// In [`Report::skipped`].
    pub skipped: usize,
}

impl Report {
    /// Notes that an input has added all that it holds.
    pub(crate) fn close_part(&mut self) {
        self.parts.push(Part {
            captures: self.captures.len(),
            findings: self.findings.len(),
            diagnoses: self.diagnoses.len(),
            credentials: self.credentials.len(),
            skipped: self.skipped.len(),
        });
    }

    /// Takes out what the inputs so far have added; totals stay, and numbers go on.
    pub(crate) fn drain(&mut self) {
        let [findings, credentials] = self.taken;
        self.taken = [findings + self.findings.len() as u64, credentials + self.credentials.len() as u64];
        self.captures.clear();
        self.findings.clear();
        self.diagnoses.clear();
        self.credentials.clear();
        self.skipped.clear();
        self.parts.clear();
        self.sequence = None;
    }
}

/// The program.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Tool {
    /// `why401`.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

impl Default for Tool {
    fn default() -> Self {
        Self { name: "why401", version: env!("CARGO_PKG_VERSION") }
    }
}

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
    /// Refusals of known findings ([`Compared::denied`]).
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

/// An entry of the configuration, and how often it was met in this run.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Entry {
    /// `expect` or `ignore`.
    pub kind: &'static str,
    /// The rule, if it names one.
    pub rule: Option<String>,
    /// The host glob, if it names one.
    pub host: Option<String>,
    /// The path glob.
    pub path: String,
    /// Why it is there.
    pub reason: String,
    /// Refusals or findings that it covered.
    pub matched: u64,
    /// Requests to its route (`expect`).
    pub called: u64,
    /// What is odd about it: it covered nothing. Null if all is well.
    pub warning: Option<String>,
}

/// A run beside a baseline. What is known stands nowhere else in the report.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Compared {
    /// Findings that are known and left out.
    pub known: u64,
    /// Refused exchanges that they explain; they count nowhere else.
    pub denied: u64,
    /// Findings of the baseline that this run did not meet.
    pub resolved: Vec<Known>,
}

/// Totals.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Summary {
    /// Findings of severity error.
    pub errors: u64,
    /// Warnings.
    pub warnings: u64,
    /// Notes.
    pub notes: u64,
    /// Refused exchanges, expected refusals left out.
    pub denied: u64,
    /// Those that a finding explains.
    pub explained: u64,
    /// Inputs that were left out since they are no captures.
    pub skipped: u64,
}
