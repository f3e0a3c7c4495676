//! `why401 check`: read, judge, tell.

use std::process::ExitCode;

use super::args::{self, FailOn, Format};
use crate::analysis::{Options, Progress, Run, Selection, analyze_paths};
use crate::report::{self, text};
use crate::source::Limits;

pub(crate) fn run(a: &args::Check) -> ExitCode {
    let mut options =
        Options { block: a.block_size.max(1), full: a.full, show_secrets: a.show_secrets, ..Options::default() };
    match super::config::load(&a.configuration) {
        Ok((config, profiles)) => (options.config, options.profiles) = (config, profiles),
        Err(e) => return super::fail(&e.message),
    }
    options.reading.log_format.clone_from(&a.log_format);
    if let Some(name) = &a.input_format {
        match crate::format::by_name(name) {
            Some(f) => options.format = Some(f),
            None => {
                return super::fail(&super::explain::unknown(
                    "input format",
                    name,
                    crate::format::FORMATS.iter().map(|f| f.name),
                ));
            }
        }
    }
    for name in &a.only {
        match options.config.rule(name) {
            Some(r) => options.only.push(r.name),
            None => return super::fail(&super::explain::unknown_rule(name)),
        }
    }
    options.host = a.host.as_ref().map(|h| h.to_ascii_lowercase());
    let selection = Selection {
        paths: if a.paths.is_empty() { vec!["-".into()] } else { a.paths.clone() },
        include: a.include.clone(),
        exclude: a.exclude.clone(),
        limits: a.max_unpacked.map_or_else(Limits::default, Limits::with_unpacked),
        threads: a.threads,
    };
    let progress = Progress::default();
    let mut run = super::progress::shown(&progress, || analyze_paths(&selection, &options, &progress));
    run.finish();
    for refused in &run.refused {
        super::complain(&refused.to_string());
    }
    if let Some(message) = nothing(&run) {
        super::complain(&message);
    }
    let shown = match a.format {
        Format::Json => report::to_json(&run.report).map(|j| j + "\n").unwrap_or_default(),
        Format::Text => report::render(&run.report, &run.blocks, style(a)),
    };
    if !super::print(&shown) {
        return super::fail("the report cannot be written to standard output");
    }
    status(a, &run)
}

/// That nothing at all was judged although nothing failed.
fn nothing(run: &Run) -> Option<String> {
    let empty = run.report.captures.is_empty() && run.refused.is_empty();
    let n = run.report.summary.skipped;
    let looked = if n == 1 { "1 file".to_owned() } else { format!("{} files", report::thousands(n)) };
    empty.then(|| format!("no captures found ({looked} looked at, all of unknown form)"))
}

fn style(a: &args::Check) -> text::Style {
    use std::io::IsTerminal;
    let terminal = std::io::stdout().is_terminal();
    let colour = match a.color {
        args::Colour::Always => true,
        args::Colour::Never => false,
        args::Colour::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
    };
    let width = match (a.width, terminal) {
        (Some(n), _) => n.clamp(40, 1000),
        (None, true) => terminal_size::terminal_size().map_or(100, |(w, _)| usize::from(w.0)).clamp(72, 120),
        (None, false) => 100,
    };
    text::Style { width, colour, quiet: a.quiet, verbose: a.verbose, all: !a.only.is_empty() }
}

fn status(a: &args::Check, run: &Run) -> ExitCode {
    let s = &run.report.summary;
    let problems = run.report.captures.iter().any(|c| !c.problems.is_empty());
    if !run.refused.is_empty() || run.report.captures.is_empty() || a.strict && problems {
        return ExitCode::from(2);
    }
    let found = match a.fail_on {
        FailOn::Denied if !a.only.is_empty() || a.host.is_some() => !run.report.diagnoses.is_empty() || s.errors > 0,
        FailOn::Denied => s.denied > 0 || s.errors > 0,
        FailOn::Error => s.errors > 0,
        FailOn::Warning => s.errors + s.warnings > 0,
        FailOn::Note => s.errors + s.warnings + s.notes > 0,
        FailOn::Never => false,
    };
    ExitCode::from(u8::from(found))
}
