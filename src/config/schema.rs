//! The keys of `why401.toml`, and what is checked when it is loaded.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::{Config, ConfigError, rules};
use crate::provider::glob;
use crate::rule::{RULES, Severity};

/// A finding that is not to be reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignore {
    /// The rule.
    pub rule: &'static str,
    /// A glob on the host; any host if there is none.
    pub host: Option<String>,
    /// A glob on the path.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// A refusal that is wanted (rules.md 7.2). All given keys must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expect {
    /// The method.
    pub method: Option<String>,
    /// A glob on the host.
    pub host: Option<String>,
    /// A glob on the path.
    pub path: String,
    /// The status.
    pub status: Option<u16>,
    /// The diagnosis that it must have.
    pub rule: Option<&'static str>,
    /// Why.
    pub reason: String,
}

impl Ignore {
    /// Whether it speaks of a place.
    pub fn covers(&self, host: &str, path: &str) -> bool {
        self.host.as_ref().is_none_or(|h| glob(h, host)) && glob(&self.path, path)
    }
}

impl Expect {
    /// Whether it speaks of a route.
    pub fn covers(&self, method: &str, host: &str, path: &str) -> bool {
        self.method.as_ref().is_none_or(|m| m.eq_ignore_ascii_case(method))
            && self.host.as_ref().is_none_or(|h| glob(h, host))
            && glob(&self.path, path)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    profiles: Vec<String>,
    #[serde(default)]
    rules: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    ignore: Vec<RawIgnore>,
    #[serde(default)]
    expect: Vec<RawExpect>,
    #[serde(default)]
    rule: Vec<rules::Raw>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIgnore {
    rule: Spanned<String>,
    #[serde(default)]
    host: Option<String>,
    path: String,
    reason: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExpect {
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    host: Option<String>,
    path: String,
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    rule: Option<Spanned<String>>,
    reason: Spanned<String>,
}

/// Where messages point.
pub(super) struct At<'a> {
    pub(super) text: &'a str,
    pub(super) file: &'a str,
}

impl At<'_> {
    /// An error at a byte of the file.
    pub(super) fn error(&self, byte: usize, what: &str) -> ConfigError {
        let line = self.text.get(..byte).unwrap_or(self.text).matches('\n').count() + 1;
        ConfigError { message: format!("{}:{line}: {what}", self.file) }
    }

    /// A name that is not known, with the nearest one.
    pub(super) fn unknown<'n>(
        &self,
        byte: usize,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'n str>,
    ) -> ConfigError {
        self.error(byte, &crate::provider::unknown(what, name, known))
    }
}

pub(super) fn parse(text: &str, file: &str) -> Result<Config, ConfigError> {
    let raw: File =
        toml::from_str(text).map_err(|e| ConfigError { message: crate::provider::explain(&e, text, file) })?;
    let at = At { text, file };
    let mut config = Config { profiles: raw.profiles, ..Config::default() };
    for (i, rule) in raw.rule.iter().enumerate() {
        rules::add(rule, i, &at, &mut config)?;
    }
    for (name, level) in &raw.rules {
        let rule = named(&config, &at, name.span().start, name.as_ref())?;
        match level.as_ref().as_str() {
            "off" if rule.is_fallback() || matches!(rule.kind, crate::rule::Kind::Link) => {
                let what = format!(
                    "{} speaks when no other rule does and cannot be off; use [[expect]] for refusals that are wanted",
                    rule.name
                );
                return Err(at.error(level.span().start, &what));
            }
            "off" => config.off.push(rule.name),
            word => {
                let severity = severity(word).ok_or_else(|| {
                    at.unknown(level.span().start, "level", word, ["off", "note", "warning", "error"].into_iter())
                })?;
                config.severity.insert(rule.name, severity);
            }
        }
    }
    for i in raw.ignore {
        let rule = named(&config, &at, i.rule.span().start, i.rule.as_ref())?.name;
        let reason = reason(&at, i.reason)?;
        config.ignore.push(Ignore { rule, host: i.host.map(|h| h.to_ascii_lowercase()), path: i.path, reason });
    }
    for e in raw.expect {
        let rule = match &e.rule {
            Some(r) => Some(named(&config, &at, r.span().start, r.as_ref())?.name),
            None => None,
        };
        let reason = reason(&at, e.reason)?;
        let host = e.host.map(|h| h.to_ascii_lowercase());
        config.expect.push(Expect { method: e.method, host, path: e.path, status: e.status, rule, reason });
    }
    Ok(config)
}

pub(super) fn severity(word: &str) -> Option<Severity> {
    match word {
        "note" => Some(Severity::Note),
        "warning" => Some(Severity::Warning),
        "error" => Some(Severity::Error),
        _ => None,
    }
}

fn named(config: &Config, at: &At<'_>, byte: usize, name: &str) -> Result<&'static crate::rule::Rule, ConfigError> {
    let known = RULES.iter().chain(&config.own).map(|r| r.name);
    config.rule(name).ok_or_else(|| at.unknown(byte, "rule", name, known))
}

fn reason(at: &At<'_>, reason: Spanned<String>) -> Result<String, ConfigError> {
    if reason.as_ref().trim().is_empty() {
        return Err(at.error(reason.span().start, "a reason is needed: whoever reads this later wants to know why"));
    }
    Ok(reason.into_inner())
}
