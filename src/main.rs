//! Parse arguments, run, turn the outcome into an exit status; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    why401::cli::run(std::env::args_os().collect())
}
