//! `why401 trace FILE`: the linked model itself.

use std::process::ExitCode;

use super::args::{self, Format};
use crate::analysis::{Options, each_capture};
use crate::mask::Masker;
use crate::report::trace;
use crate::source::Limits;
use crate::trace::Trace;

pub(crate) fn run(a: &args::Trace) -> ExitCode {
    let profiles = match super::config::load(&a.configuration) {
        Ok((_, profiles)) => profiles,
        Err(e) => return super::fail(&e.message),
    };
    let format = match a.inputs.format() {
        Ok(format) => format,
        Err(e) => return super::fail(&e),
    };
    let options = Options { profiles, format, reading: a.inputs.reading(), ..Options::default() };
    let mut masker = Masker::new(a.show_secrets);
    let mut model = trace::Model::default();
    let mut code = ExitCode::SUCCESS;
    each_capture(&a.inputs.selection(Limits::default(), 1), &options, |read| match read {
        Ok((name, format, facts)) => {
            let linked = Trace::build(facts, &options.profiles);
            model.captures.push(trace::model(name, format.name, &linked, &mut masker));
        }
        Err(refused) => code = super::fail(&refused.to_string()),
    });
    let shown = match a.format {
        Format::Json => serde_json::to_string(&model).map(|j| j + "\n").unwrap_or_default(),
        Format::Text => trace::text(&model),
    };
    super::print(&shown);
    code
}
