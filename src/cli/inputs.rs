//! What was typed of inputs -> what the library reads.

use super::args;
use crate::analysis::Selection;
use crate::format::{self, Format};
use crate::source::Limits;

impl args::Inputs {
    /// The format that was named.
    ///
    /// # Errors
    /// A message with the nearest name.
    pub(crate) fn format(&self) -> Result<Option<&'static Format>, String> {
        let Some(name) = &self.input_format else { return Ok(None) };
        let known = || format::FORMATS.iter().map(|f| f.name);
        let all = || known().collect::<Vec<_>>().join(", ");
        let wrong = || format!("{} (known: {})", super::explain::unknown("input format", name, known()), all());
        Ok(Some(format::by_name(name).ok_or_else(wrong)?))
    }

    /// What is read: standard input if nothing was named.
    pub(crate) fn selection(&self, limits: Limits, threads: usize) -> Selection {
        let paths = if self.paths.is_empty() { vec!["-".into()] } else { self.paths.clone() };
        Selection { paths, include: self.include.clone(), exclude: self.exclude.clone(), limits, threads, join: false }
    }

    /// What readers are told.
    pub(crate) fn reading(&self) -> format::Options {
        format::Options { log_format: self.log_format.clone() }
    }
}
