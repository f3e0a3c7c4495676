//! `why401 baseline`: writes down what is known, and takes out what is gone.

use std::path::Path;
use std::process::ExitCode;

use super::args;
use crate::analysis::{Options, Progress, analyze_paths};
use crate::report::baseline::Baseline;
use crate::report::words_of;
use crate::source::Limits;

/// Reads a baseline file.
///
/// # Errors
/// A message that names the file.
pub(crate) fn read(file: &Path) -> Result<Baseline, String> {
    let text = std::fs::read_to_string(file).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => {
            format!("{}: no such file; why401 baseline PATH... -o {} writes it", file.display(), file.display())
        }
        _ => format!("{}: {e}", file.display()),
    })?;
    Baseline::parse(&text).map_err(|why| format!("{}: {why}", file.display()))
}

pub(crate) fn run(a: &args::Baseline) -> ExitCode {
    match write(a) {
        Ok(told) => {
            super::print(&told);
            ExitCode::SUCCESS
        }
        Err(message) => super::fail(&message),
    }
}

fn write(a: &args::Baseline) -> Result<String, String> {
    let (config, profiles) = super::config::load(&a.configuration).map_err(|e| e.message)?;
    let mut options = Options { config, profiles, reading: a.inputs.reading(), ..Options::default() };
    options.format = a.inputs.format()?;
    let old = if a.prune { Some(read(&a.output)?) } else { None };
    options.baseline.clone_from(&old);
    let selection = a.inputs.selection(Limits::default(), 0);
    let mut run = analyze_paths(&selection, &options, &Progress::default());
    run.finish();
    // An unreadable capture would make its findings look resolved, or leave them out.
    if let Some(first) = run.refused.first() {
        return Err(first.to_string());
    }
    if run.report.captures.is_empty() {
        return Err("no captures found, nothing was written".to_owned());
    }
    let mut told = String::new();
    let new = match old {
        Some(mut old) => {
            let resolved = run.report.baseline.map(|c| c.resolved).unwrap_or_default();
            old.prune(&resolved);
            for k in &resolved {
                told.push_str(&format!("resolved: {} at {}\n", k.rule, k.request));
            }
            old
        }
        None => Baseline::of(&run.blocks),
    };
    let json = new.to_json().map_err(|e| e.to_string())?;
    super::files::replace(&a.output, json.as_bytes()).map_err(|e| format!("{}: {e}", a.output.display()))?;
    Ok(format!("{told}{}: {}\n", a.output.display(), words_of(new.findings.len() as u64, "known finding")))
}
