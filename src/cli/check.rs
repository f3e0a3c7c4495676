//! `why401 check`: read, judge, tell.

use std::process::ExitCode;

use super::args::{self, FailOn, Target};
use super::sinks::Sinks;
use crate::analysis::{Options, Progress, Run, Selection, analyze_each};
use crate::report::sink::Form;
use crate::report::{self, text};
use crate::source::Limits;

pub(crate) fn run(a: &args::Check) -> ExitCode {
    let mut options = Options {
        block: a.block_size.max(1),
        full: a.full,
        show_secrets: a.show_secrets,
        sequence: html(a),
        ..Options::default()
    };
    match super::config::load(&a.configuration) {
        Ok((config, profiles)) => (options.config, options.profiles) = (config, profiles),
        Err(e) => return super::fail(&e.message),
    }
    options.reading = a.inputs.reading();
    match a.inputs.format() {
        Ok(format) => options.format = format,
        Err(e) => return super::fail(&e),
    }
    for name in &a.only {
        match options.config.rule(name) {
            Some(r) => options.only.push(r.name),
            None => return super::fail(&super::explain::unknown_rule(name)),
        }
    }
    match a.baseline.as_deref().map(super::baseline::read).transpose() {
        Ok(known) => options.baseline = known,
        Err(e) => return super::fail(&e),
    }
    options.host = a.host.as_ref().map(|h| h.to_ascii_lowercase());
    options.since = a.since;
    let mut sinks = match Sinks::new(a) {
        Ok(sinks) => sinks,
        Err(e) => return super::fail(&e),
    };
    options.each_sequence = sinks.pages.is_some();
    let limits = a.max_unpacked.map_or_else(Limits::default, Limits::with_unpacked);
    let selection = Selection { join: a.join, ..a.inputs.selection(limits, a.threads) };
    let progress = Progress::default();
    let mut run =
        super::progress::shown(&progress, || analyze_each(&selection, &options, &progress, |run| sinks.told(run)));
    run.finish();
    for refused in &run.refused {
        super::complain(&refused.to_string());
    }
    if let Some(message) = nothing(&run) {
        // Nobody waited for the first capture.
        if sinks.closed() {
            return ExitCode::SUCCESS;
        }
        super::complain(&message);
    }
    match sinks.end(&mut run).and_then(|()| write(a, &run)) {
        Ok(()) => status(a, &run),
        Err(e) => super::fail(&e),
    }
}

/// Whether a page is asked for.
fn html(a: &args::Check) -> bool {
    a.format == Form::Html || a.output.iter().any(|t| matches!(t, Target::File(Form::Html, _)))
}

/// Writes the report to standard output and to the named files. A file is replaced whole or not at all.
fn write(a: &args::Check, run: &Run) -> Result<(), String> {
    let text = |form: Form, style| form.write(&run.report, &run.blocks, style).map_err(|e| e.to_string());
    for target in &a.output {
        let Target::File(form, file) = target else { continue };
        let style = text::Style { width: a.width.unwrap_or(100), colour: false, ..style(a) };
        let shown = text(*form, style)?;
        super::files::replace(file, shown.as_bytes()).map_err(|e| format!("{}: {e}", file.display()))?;
    }
    if a.format == Form::Ndjson || super::print(&text(a.format, style(a))?) {
        return Ok(());
    }
    Err("the report cannot be written to standard output".to_owned())
}

/// That nothing at all was judged although nothing failed.
fn nothing(run: &Run) -> Option<String> {
    let empty = run.totals.captures == 0 && run.refused.is_empty();
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
    let (s, all) = (&run.report.summary, run.totals);
    if !run.refused.is_empty() || all.captures == 0 || a.strict && all.broken > 0 {
        return ExitCode::from(2);
    }
    let asked = !a.only.is_empty() || a.host.is_some() || a.since.is_some() || a.baseline.is_some();
    let found = match a.fail_on {
        // What is told is part of what was refused.
        FailOn::Denied if asked => all.causes > 0 || s.errors > 0,
        FailOn::Denied => s.denied > 0 || s.errors > 0,
        FailOn::Error => s.errors > 0,
        FailOn::Warning => s.errors + s.warnings > 0,
        FailOn::Note => s.errors + s.warnings + s.notes > 0,
        FailOn::Never => false,
    };
    ExitCode::from(u8::from(found))
}
