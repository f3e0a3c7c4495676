//! `why401.toml`: the user's own profiles and rules, what is off or milder, and refusals that are wanted (rules.md 7).
//!
//! A configuration is found from the working directory upwards or named; one beside a capture is never read, since a
//! capture may be a stranger's.

#[cfg(feature = "cel")]
mod expression;
#[cfg(feature = "cli")]
pub mod find;
mod matcher;
mod policy;
mod rules;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::rule::{RULES, Rule, Severity};

pub use policy::{Kept, Tally};
pub use rules::{Case, CaseResult};
pub use schema::{Expect, Ignore};

/// A configuration, checked.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Profile files that it names, as written; relative to its own folder.
    pub profiles: Vec<String>,
    /// The user's rules. They live as long as the process.
    pub own: Vec<&'static Rule>,
    /// The tests of the user's rules.
    pub cases: Vec<Case>,
    /// Rules that are off.
    pub off: Vec<&'static str>,
    /// Severities that differ from the catalogue.
    pub severity: BTreeMap<&'static str, Severity>,
    /// Findings that are not to be reported.
    pub ignore: Vec<Ignore>,
    /// Refusals that are wanted.
    pub expect: Vec<Expect>,
}

/// What is wrong with a configuration: file, line, what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// In one sentence, with the nearest known name where one is near.
    pub message: String,
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads a configuration; `file` names it in messages.
    ///
    /// # Errors
    /// [`ConfigError`] points at the offending line.
    pub fn parse(text: &str, file: &str) -> Result<Self, ConfigError> {
        schema::parse(text, file)
    }

    /// The rules in force: the catalogue without those that are off, and the user's.
    pub fn rules(&self) -> Vec<&'static Rule> {
        RULES.iter().chain(&self.own).copied().filter(|r| !self.off.contains(&r.name)).collect()
    }

    /// The rule of this name, the user's included.
    pub fn rule(&self, name: &str) -> Option<&'static Rule> {
        crate::rule::by_name(name).or_else(|| self.own.iter().copied().find(|r| r.name == name))
    }
}
