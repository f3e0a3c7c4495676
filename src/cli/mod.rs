//! The command line: one file a subcommand. Printing happens here and nowhere else.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod args;
mod baseline;
mod check;
mod config;
mod dump;
mod examine;
mod explain;
mod files;
mod inputs;
mod page;
mod pages;
mod progress;
mod providers;
mod reply;
mod shell;
mod sinks;
mod snapshot;
mod trace;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

/// Runs a command line; the answer is the exit status: 0 nothing found, 1 findings, 2 usage or a named path unreadable.
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    let arguments = args::with_default_command(arguments);
    let parsed = match args::Args::try_parse_from(arguments) {
        Ok(a) => a,
        Err(e) => {
            let _ = e.print();
            return if e.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    match parsed.command {
        args::Command::Check(a) => check::run(&a),
        args::Command::Rules(a) => explain::rules(&a),
        args::Command::Explain(a) => explain::explain(&a),
        args::Command::Baseline(a) => baseline::run(&a),
        args::Command::Dump(a) => dump::run(&a),
        args::Command::Providers(a) => providers::run(&a),
        args::Command::Snapshot(a) => snapshot::run(&a),
        args::Command::Reply(a) => reply::run(&a),
        args::Command::Schema => shell::schema(),
        args::Command::Complete(a) => shell::complete(&a),
        args::Command::Man => shell::man(),
        args::Command::Trace(a) => trace::run(&a),
    }
}

/// Writes to standard output; a closed pipe is no error.
pub(crate) fn print(text: &str) -> bool {
    put(text).map_or_else(|e| e.kind() == std::io::ErrorKind::BrokenPipe, |()| true)
}

/// Writes to standard output at once.
fn put(text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// An error for people, on standard error; nobody may be listening.
pub(crate) fn complain(message: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "error: {message}");
}

/// An error that ends the run.
pub(crate) fn fail(message: &str) -> ExitCode {
    complain(message);
    ExitCode::from(2)
}
