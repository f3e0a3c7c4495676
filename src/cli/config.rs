//! Which configuration and profiles are in force, and `why401 rules test`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use super::args;
use crate::config::{CaseResult, Config, ConfigError, find};
use crate::provider::Profiles;

/// Reads the named configuration, else the nearest one, and the named profiles (asked first).
pub(crate) fn load(a: &args::Configuration) -> Result<(Config, Profiles), ConfigError> {
    let mut profiles = Profiles::new();
    for file in &a.profile {
        find::profile(file, &mut profiles)?;
    }
    let config = match path(a) {
        Some(file) => find::load(&file, &mut profiles)?,
        None => Config::default(),
    };
    Ok((config, profiles))
}

fn path(a: &args::Configuration) -> Option<PathBuf> {
    if a.config.is_some() || a.no_config {
        return a.config.clone();
    }
    let here = std::env::current_dir().ok()?;
    let found = find::nearest(&here)?;
    // Shown as the way up from here, so that a report names no folder of the machine.
    let up = here.ancestors().position(|d| found.parent() == Some(d))?;
    Some((0..up).map(|_| "..").collect::<PathBuf>().join(find::NAME))
}

/// Tries the rules of a configuration on the captures beside them.
pub(crate) fn test(a: &args::Configuration) -> ExitCode {
    let config = match load(a) {
        Ok((config, _)) => config,
        Err(e) => return super::fail(&e.message),
    };
    if config.own.is_empty() {
        return super::fail("no [[rule]] to test: why401.toml was not found or holds none (--config FILE names one)");
    }
    let (mut out, mut failed) = (String::new(), 0);
    for rule in &config.own {
        let cases: Vec<_> = config.cases.iter().filter(|c| c.rule == rule.name).collect();
        if cases.is_empty() {
            let _ = writeln!(out, "untested  {}", rule.name);
        }
        for (i, case) in cases.iter().enumerate() {
            match case.run(&config) {
                CaseResult::Passed => {
                    let _ = writeln!(out, "ok        {} test {}", rule.name, i + 1);
                }
                CaseResult::Failed(why) => {
                    failed += 1;
                    let _ = writeln!(out, "FAILED    {} test {}: {why}", rule.name, i + 1);
                }
            }
        }
    }
    let _ = writeln!(out, "\n{} rules, {} tests, {failed} failed", config.own.len(), config.cases.len());
    super::print(&out);
    ExitCode::from(u8::from(failed > 0))
}
