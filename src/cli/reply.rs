//! `why401 reply`: the answer to whoever sent a capture.

use std::process::ExitCode;

use super::args;
use crate::analysis::{Options, Progress, analyze_paths};
use crate::report::reply;
use crate::source::Limits;

pub(crate) fn run(a: &args::Reply) -> ExitCode {
    let (config, profiles) = match super::config::load(&a.configuration) {
        Ok(loaded) => loaded,
        Err(e) => return super::fail(&e.message),
    };
    let mut options = Options { config, profiles, reading: a.inputs.reading(), ..Options::default() };
    match a.inputs.format() {
        Ok(format) => options.format = format,
        Err(e) => return super::fail(&e),
    }
    let mut run = analyze_paths(&a.inputs.selection(Limits::default(), 0), &options, &Progress::default());
    run.finish();
    for refused in &run.refused {
        super::complain(&refused.to_string());
    }
    super::print(&reply::render(&run.report, &run.blocks));
    ExitCode::from(if run.refused.is_empty() && !run.report.captures.is_empty() { 0 } else { 2 })
}
