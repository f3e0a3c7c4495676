//! A user's own rules: checked when they are loaded, and tried on the captures beside them.

use serde::Deserialize;
use toml::Spanned;

use super::schema::{At, severity};
use super::{Config, ConfigError, matcher};
use crate::analysis::{Options, analyze};
use crate::rule::custom::{Custom, Matcher};
use crate::rule::{Chapter, Confidence, Kind, Rule, Severity};

/// Ranks of custom rules begin here, so that the catalogue goes first within a tier.
const FIRST_RANK: u16 = 1000;

/// A rule as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    name: Spanned<String>,
    severity: Spanned<String>,
    #[serde(default)]
    tier: Option<Spanned<u8>>,
    #[serde(default)]
    rank: Option<u16>,
    #[serde(default)]
    confidence: Option<Spanned<String>>,
    message: Spanned<String>,
    fix: String,
    #[serde(default)]
    suppresses: Vec<Spanned<String>>,
    #[serde(default)]
    when: Option<Spanned<matcher::Raw>>,
    #[serde(default)]
    when_cel: Option<Spanned<String>>,
    #[serde(default)]
    test: Vec<RawCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCase {
    capture: String,
    #[serde(default)]
    format: Option<Spanned<String>>,
    #[serde(default)]
    exchange: Option<u64>,
    fires: bool,
}

/// A test of a custom rule: a capture, and whether the rule speaks of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The rule.
    pub rule: &'static str,
    /// The capture itself.
    pub capture: String,
    /// Its format, if it is not to be recognised.
    pub format: Option<&'static crate::format::Format>,
    /// The exchange at which the rule must speak; any if none is named.
    pub exchange: Option<u64>,
    /// Whether the rule must speak.
    pub fires: bool,
}

/// What became of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseResult {
    /// As it should be.
    Passed,
    /// What was expected and what was found.
    Failed(String),
}

impl Case {
    /// Tries the rule on its capture, with a configuration's rules in force.
    pub fn run(&self, config: &Config) -> CaseResult {
        let options = Options { format: self.format, config: config.clone(), ..Options::default() };
        let run = match analyze("test", self.capture.as_bytes(), &options) {
            Ok(run) => run,
            Err(e) => return CaseResult::Failed(e.message),
        };
        if run.report.captures.iter().all(|c| c.exchanges == 0) {
            return CaseResult::Failed("the capture holds no exchange".to_owned());
        }
        let at: Vec<u64> =
            run.report.findings.iter().filter(|f| f.rule == self.rule).map(|f| f.exchange.index).collect();
        let spoke = match self.exchange {
            Some(n) => at.contains(&n),
            None => !at.is_empty(),
        };
        if spoke == self.fires {
            return CaseResult::Passed;
        }
        let places: Vec<String> = at.iter().map(|n| format!("#{n}")).collect();
        let found =
            if places.is_empty() { "it is silent".to_owned() } else { format!("it fires at {}", places.join(", ")) };
        let place = self.exchange.map_or_else(String::new, |n| format!(" at #{n}"));
        CaseResult::Failed(format!(
            "expected {}{place}, but {found}",
            if self.fires { "it to fire" } else { "silence" }
        ))
    }
}

/// Checks a rule and adds it, with its tests.
pub(super) fn add(raw: &Raw, position: usize, at: &At<'_>, config: &mut Config) -> Result<(), ConfigError> {
    let name = name(raw, at, config)?;
    let word = raw.severity.as_ref();
    let levels = || ["error", "warning", "note"].into_iter();
    let severity = severity(word).ok_or_else(|| at.unknown(raw.severity.span().start, "severity", word, levels()))?;
    let confidence = confidence(raw, at)?;
    if let Some(t) = raw.tier.as_ref().filter(|t| *t.as_ref() > 6) {
        return Err(at.error(t.span().start, "tier: 0 (transport) to 6 (permission); leave it out for hygiene"));
    }
    if raw.tier.is_none() && severity == Severity::Error {
        return Err(at.error(raw.severity.span().start, "an error explains refusals: give the rule a tier (0 to 6)"));
    }
    message(raw, at)?;
    let mut suppresses = Vec::new();
    for s in &raw.suppresses {
        let known = crate::rule::RULES.iter().chain(&config.own).map(|r| r.name);
        let rule = config.rule(s.as_ref()).ok_or_else(|| at.unknown(s.span().start, "rule", s.as_ref(), known))?;
        suppresses.push(rule.name.to_owned());
    }
    let when = when(raw, at)?;
    let rank = raw.rank.unwrap_or(FIRST_RANK.saturating_add(u16::try_from(position).unwrap_or(u16::MAX - FIRST_RANK)));
    let custom = Custom { when, message: raw.message.as_ref().clone(), fix: raw.fix.clone(), suppresses };
    let rule = keep(Rule {
        name: text(name),
        chapter: Chapter::Custom,
        severity,
        tier: raw.tier.as_ref().map(|t| (*t.as_ref(), rank)),
        confidence,
        needs: &[],
        summary: text(raw.message.as_ref()),
        explain: text(&format!("# {name}\n\n{}\n\nFix: {}\n", raw.message.as_ref(), raw.fix)),
        kind: Kind::Custom(keep(custom)),
    });
    config.own.push(rule);
    cases(raw, rule.name, at, config)
}

/// What must hold: the tree, or an expression that stands for one.
fn when(raw: &Raw, at: &At<'_>) -> Result<Matcher, ConfigError> {
    match (&raw.when, &raw.when_cel) {
        (Some(tree), None) => matcher::build(tree, at),
        (None, Some(source)) => expression(source, at),
        (None, None) => Err(at.error(raw.name.span().start, "a rule says when it holds: [rule.when], or when_cel")),
        (Some(_), Some(cel)) => Err(at.error(cel.span().start, "a rule has [rule.when] or when_cel, not both")),
    }
}

#[cfg(feature = "cel")]
fn expression(source: &Spanned<String>, at: &At<'_>) -> Result<Matcher, ConfigError> {
    super::expression::build(source, at)
}

#[cfg(not(feature = "cel"))]
fn expression(source: &Spanned<String>, at: &At<'_>) -> Result<Matcher, ConfigError> {
    let what = "this build reads no CEL: build it with --features cel, or write the test as [rule.when]";
    Err(at.error(source.span().start, what))
}

fn cases(raw: &Raw, rule: &'static str, at: &At<'_>, config: &mut Config) -> Result<(), ConfigError> {
    for case in &raw.test {
        let format = match &case.format {
            None => None,
            Some(f) => Some(crate::format::by_name(f.as_ref()).ok_or_else(|| {
                at.unknown(f.span().start, "format", f.as_ref(), crate::format::FORMATS.iter().map(|f| f.name))
            })?),
        };
        config.cases.push(Case {
            rule,
            capture: case.capture.clone(),
            format,
            exchange: case.exchange,
            fires: case.fires,
        });
    }
    Ok(())
}

fn name<'r>(raw: &'r Raw, at: &At<'_>, config: &Config) -> Result<&'r str, ConfigError> {
    let (name, start) = (raw.name.as_ref().as_str(), raw.name.span().start);
    let word = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if !name.contains('-') || !name.split('-').all(word) {
        return Err(at.error(start, "a name has a prefix of yours and lower-case words: \"acme-tenant-header\""));
    }
    if config.rule(name).is_some() {
        return Err(at.error(start, &format!("\"{name}\" is the name of another rule")));
    }
    Ok(name)
}

fn confidence(raw: &Raw, at: &At<'_>) -> Result<Confidence, ConfigError> {
    let Some(c) = &raw.confidence else { return Ok(Custom::default_confidence()) };
    let known = ["certain", "strong", "likely", "possible"].into_iter();
    let word = c.as_ref();
    Confidence::from_word(word).ok_or_else(|| at.unknown(c.span().start, "confidence", word, known))
}

fn message(raw: &Raw, at: &At<'_>) -> Result<(), ConfigError> {
    let text = raw.message.as_ref();
    if text.trim().is_empty() || text.chars().count() > 200 {
        return Err(at.error(raw.message.span().start, "a message has 1 to 200 characters"));
    }
    Ok(())
}

/// A custom rule lives as long as the process: rules are compared and kept by reference everywhere. A configuration is
/// read once a run.
fn keep<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn text(value: &str) -> &'static str {
    Box::leak(value.to_owned().into_boxed_str())
}
