//! Where a configuration comes from: named, else the nearest `why401.toml` from the working directory upwards.

use std::path::{Path, PathBuf};

use super::{Config, ConfigError};
use crate::provider::{Profile, Profiles};
use crate::rule::{RULES, Severity};

/// The file that is looked for.
pub const NAME: &str = "why401.toml";
/// Longer configurations are refused.
const LONGEST: u64 = 4 << 20;

/// The nearest configuration, from `from` upwards.
pub fn nearest(from: &Path) -> Option<PathBuf> {
    from.ancestors().map(|d| d.join(NAME)).find(|f| f.is_file())
}

/// Reads a configuration and the profiles that it names.
///
/// # Errors
/// [`ConfigError`] if a file cannot be read, or says something that is not understood.
pub fn load(path: &Path, profiles: &mut Profiles) -> Result<Config, ConfigError> {
    let shown = path.display().to_string();
    let config = Config::parse(&read(path, &shown)?, &shown)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    for file in &config.profiles {
        profile(&folder.join(file), profiles)?;
    }
    Ok(config)
}

/// Reads a profile of the user's.
///
/// # Errors
/// [`ConfigError`] if the file cannot be read or is no profile.
pub fn profile(path: &Path, profiles: &mut Profiles) -> Result<(), ConfigError> {
    let shown = path.display().to_string();
    let text = read(path, &shown)?;
    let profile = Profile::parse(&text, &shown).map_err(|e| ConfigError { message: e.message })?;
    if let Some(wrong) = unknown_rule(&profile) {
        return Err(ConfigError { message: format!("{shown}: {wrong}") });
    }
    profiles.push(profile);
    Ok(())
}

/// What a profile says of a rule that there is none of, or in a word that is no severity.
fn unknown_rule(profile: &Profile) -> Option<String> {
    let names = || RULES.iter().map(|r| r.name);
    let named = profile.off.iter().chain(profile.severity.keys()).chain(profile.advice.keys());
    if let Some(name) = named.into_iter().find(|n| !names().any(|r| r == n.as_str())) {
        return Some(crate::provider::unknown("rule", name, names()));
    }
    let word = profile.severity.values().find(|w| Severity::from_word(w).is_none())?;
    Some(format!("{}; write note, warning or error", crate::provider::unknown("severity", word, [].into_iter())))
}

fn read(path: &Path, shown: &str) -> Result<String, ConfigError> {
    let fail = |why: String| ConfigError { message: format!("{shown}: {why}") };
    let meta = std::fs::metadata(path).map_err(|e| fail(reason(&e)))?;
    if meta.len() > LONGEST {
        return Err(fail(format!("longer than {LONGEST} bytes, so no configuration")));
    }
    let bytes = std::fs::read(path).map_err(|e| fail(reason(&e)))?;
    String::from_utf8(bytes).map_err(|_| fail("not UTF-8 text".to_owned()))
}

fn reason(e: &std::io::Error) -> String {
    match e.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "not readable (permission denied)".to_owned(),
        _ => e.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_names_rules_and_severities_that_there_are() {
        for p in Profiles::new().all() {
            assert_eq!(unknown_rule(p), None, "{}", p.id);
        }
        let wrong = |more: &str| {
            let text = format!("schema = 1\nid = \"x\"\nname = \"X\"\n{more}");
            unknown_rule(&Profile::parse(&text, "x.toml").unwrap()).unwrap()
        };
        assert_eq!(wrong("off = [\"blank-tokn\"]"), "unknown rule \"blank-tokn\"; did you mean \"blank-token\"?");
        let severity = wrong("[severity]\nblank-token = \"fatal\"");
        assert_eq!(severity, "unknown severity \"fatal\"; write note, warning or error");
    }
}
