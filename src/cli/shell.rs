//! What other programs read of this one: the schema of the report, completions, the manual page.

use std::process::ExitCode;

use clap::CommandFactory;

use super::args::{self, Args};

/// The JSON Schema of the report.
pub(crate) fn schema() -> ExitCode {
    super::print(&(crate::report::schema() + "\n"));
    ExitCode::SUCCESS
}

pub(crate) fn complete(a: &args::Complete) -> ExitCode {
    let mut out = Vec::new();
    clap_complete::generate(a.shell, &mut Args::command(), "why401", &mut out);
    super::print(&String::from_utf8_lossy(&out));
    ExitCode::SUCCESS
}

/// The manual page: the program's own, and a section a command.
pub(crate) fn man() -> ExitCode {
    let mut out = Vec::new();
    // Nothing but memory is written to.
    let _ = clap_mangen::Man::new(Args::command()).render(&mut out);
    for command in Args::command().get_subcommands().filter(|c| !c.is_hide_set()) {
        let man = clap_mangen::Man::new(command.clone());
        out.extend(format!(".SH \"WHY401 {}\"\n", command.get_name().to_uppercase()).into_bytes());
        let _ = man.render_description_section(&mut out);
        let _ = man.render_options_section(&mut out);
    }
    super::print(&String::from_utf8_lossy(&out));
    ExitCode::SUCCESS
}
