//! The JSON report, version 1: its own structs, frozen apart from the model that fills them.
//! Keys are never dropped, only null or empty. Every text has passed the mask.

mod capture;
mod finding;

use serde::Serialize;

pub use self::capture::{Capture, Healthy, NotChecked, Problem, Skipped};
pub use self::finding::{Alternative, Credential, Diagnosis, Evidence, Exchange, Finding, Fix, Place};

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
