//! Patterns of file names: `*.har`, `old/**`, as shells and git understand them.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::error::SourceError;

/// Patterns of `--include` or `--exclude`. One without `/` is held against the name alone, else against the path from
/// the folder that was named on.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    names: GlobSet,
    paths: GlobSet,
    any: bool,
}

impl Patterns {
    pub(super) fn new(patterns: &[String]) -> Result<Self, SourceError> {
        let (paths, names): (Vec<&String>, Vec<&String>) = patterns.iter().partition(|p| p.contains('/'));
        Ok(Self { names: set(&names)?, paths: set(&paths)?, any: !patterns.is_empty() })
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        !self.any
    }

    /// Whether a path (with `/`, from the named folder on) fits.
    pub(super) fn fit(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        self.any && (self.names.is_match(name) || self.paths.is_match(path))
    }
}

fn set(patterns: &[&String]) -> Result<GlobSet, SourceError> {
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        builder.add(glob(pattern.trim_start_matches("./").trim_end_matches('/'), pattern)?);
    }
    builder.build().map_err(|e| SourceError::Pattern { pattern: String::new(), why: e.to_string() })
}

/// A pattern in which `*` does not go over `/`; `typed` is named in the error.
pub(super) fn glob(pattern: &str, typed: &str) -> Result<globset::Glob, SourceError> {
    GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .map_err(|e| SourceError::Pattern { pattern: typed.to_owned(), why: e.kind().to_string() })
}
