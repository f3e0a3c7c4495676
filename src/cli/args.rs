//! What can be typed.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::analysis::Since;
use crate::report::sink::{FORMS, Form};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args as Arguments, CommandFactory, Parser, Subcommand, ValueEnum};

/// Explain failed authentication in captured HTTP traffic.
#[derive(Debug, Parser)]
#[command(name = "why401", version, about, after_help = AFTER, disable_help_subcommand = true)]
#[command(
    override_usage = "why401 [check] [OPTIONS] [PATH]...     reads HAR, curl -v, logs; - is stdin\n       why401 COMMAND ..."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER: &str = "\
Examples:
  why401 session.har                 the cause of every refused request
  curl -v ... 2>&1 | why401          a transcript from a pipe
  why401 captures/ --format json     a folder, for machines
  why401 explain token-cross-host    one rule

Exit: 0 nothing at or above --fail-on, 1 findings, 2 usage or a named path unreadable";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say why requests were refused (the default command)
    Check(Check),
    /// List the rules
    Rules(Rules),
    /// Explain a rule, or one request of a capture (FILE#7)
    Explain(Explain),
    /// Write down the findings of today, so that only new ones fail
    Baseline(Baseline),
    /// Keep one report a capture, and compare with those that are kept
    Snapshot(Snapshot),
    /// List what was read, one line an exchange
    Dump(Dump),
    /// List the providers that are known, or tell what is known of one
    Providers(Providers),
    /// Show the linked model: credentials and their lives, logins, grants
    Trace(Trace),
    /// Write an answer to whoever sent a capture: the fix, or what to record next
    Reply(Reply),
    /// Print the JSON Schema of the report
    Schema,
    /// Print completions for a shell
    #[command(hide = true)]
    Complete(Complete),
    /// Print the manual page
    #[command(hide = true)]
    Man,
}

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// How the rules are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RulesFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
    /// A table a chapter, for documentation.
    Markdown,
}

/// What makes the exit status 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// A refused request, or an error.
    Denied,
    /// An error.
    Error,
    /// A warning or an error.
    Warning,
    /// Any finding.
    Note,
    /// Nothing.
    Never,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Which configuration is in force.
#[derive(Clone, Debug, Default, Arguments)]
pub(crate) struct Configuration {
    /// This configuration instead of the nearest why401.toml, from here upwards
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// No configuration at all
    #[arg(long, conflicts_with = "config")]
    pub(crate) no_config: bool,
    /// A provider profile of your own (may be repeated)
    #[arg(long, value_name = "FILE")]
    pub(crate) profile: Vec<PathBuf>,
}

#[derive(Debug, Arguments)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// How the report is written to standard output
    #[arg(long, value_name = "FORM", default_value = "text", value_parser = forms())]
    pub(crate) format: Form,
    /// Write the report to a file, too, in this form (may be repeated); html-dir=FOLDER writes a page a capture and an index
    #[arg(short, long, value_name = "FORM=FILE", value_parser = output)]
    pub(crate) output: Vec<Target>,
    /// Only causes and findings of this rule (may be repeated)
    #[arg(long, value_name = "RULE")]
    pub(crate) only: Vec<String>,
    /// Only findings at this host or its subdomains
    #[arg(long, value_name = "HOST")]
    pub(crate) host: Option<String>,
    /// Only findings of requests from then on: 2026-05-05T10:00:00Z, 2026-05-05, or 15min before the end of a capture
    #[arg(long, value_name = "TIME", value_parser = Since::parse)]
    pub(crate) since: Option<Since>,
    /// Findings that this file knows are not told and do not fail (why401 baseline writes it)
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Judge all captures as one: views of the same requests, or a login in one and its calls in another
    #[arg(long)]
    pub(crate) join: bool,
    #[command(flatten)]
    pub(crate) configuration: Configuration,
    /// What makes the exit status 1
    #[arg(long, value_enum, default_value = "denied")]
    pub(crate) fail_on: FailOn,
    /// Problems of reading make the exit status 2
    #[arg(long)]
    pub(crate) strict: bool,
    /// Colours in the text report
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) color: Colour,
    /// Columns of the text report
    #[arg(long, value_name = "N")]
    pub(crate) width: Option<usize>,
    /// One line a cause
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// Hygiene notes and the rules that could not look, too
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Name every explained exchange, not the first 100
    #[arg(long)]
    pub(crate) full: bool,
    /// Show secrets as they are (never share such a report)
    #[arg(long)]
    pub(crate) show_secrets: bool,
    /// What packed inputs may unpack to: 512M, 8G (default 4G)
    #[arg(long, value_name = "SIZE", value_parser = crate::source::parse_size)]
    pub(crate) max_unpacked: Option<u64>,
    /// Worker threads; 0 is one a core
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) threads: usize,
    /// Bytes read at once
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 20, hide = true)]
    pub(crate) block_size: usize,
}

#[derive(Debug, Arguments)]
pub(crate) struct Rules {
    #[command(subcommand)]
    pub(crate) command: Option<RulesCommand>,
    #[command(flatten)]
    pub(crate) configuration: Configuration,
    /// How the list is written
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: RulesFormat,
    /// The suppression table, too (JSON)
    #[arg(long, hide = true)]
    pub(crate) edges: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Try the rules of a configuration on the captures beside them
    Test(Configuration),
}

#[derive(Debug, Arguments)]
pub(crate) struct Explain {
    #[command(flatten)]
    pub(crate) configuration: Configuration,
    /// A rule (why401 rules lists them), or a request: FILE#7
    #[arg(value_name = "RULE|FILE#N")]
    pub(crate) rule: String,
}

#[derive(Debug, Arguments)]
pub(crate) struct Baseline {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// The baseline that is written
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Only take out of it what these captures no longer show; add nothing
    #[arg(long)]
    pub(crate) prune: bool,
    #[command(flatten)]
    pub(crate) configuration: Configuration,
}

#[derive(Debug, Arguments)]
pub(crate) struct Snapshot {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// The folder of the snapshots, a text file a capture
    #[arg(short, long, value_name = "FOLDER")]
    pub(crate) output: PathBuf,
    /// Write nothing; show the lines that differ, and make the exit status 1
    #[arg(long)]
    pub(crate) check: bool,
    #[command(flatten)]
    pub(crate) configuration: Configuration,
}

#[derive(Debug, Arguments)]
pub(crate) struct Reply {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    #[command(flatten)]
    pub(crate) configuration: Configuration,
}

#[derive(Debug, Arguments)]
pub(crate) struct Complete {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Arguments)]
pub(crate) struct Dump {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// How the list is written
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: Format,
}

#[derive(Debug, Arguments)]
pub(crate) struct Providers {
    /// The id of a provider
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) configuration: Configuration,
}

#[derive(Debug, Arguments)]
pub(crate) struct Trace {
    #[command(flatten)]
    pub(crate) inputs: Inputs,
    /// How the model is written
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: Format,
    /// Show secrets as they are (never share such an output)
    #[arg(long)]
    pub(crate) show_secrets: bool,
    #[command(flatten)]
    pub(crate) configuration: Configuration,
}

/// What is read, and as what.
#[derive(Clone, Debug, Default, Arguments)]
pub(crate) struct Inputs {
    /// Captures, folders, globs; - is standard input
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<OsString>,
    /// Read every input as this format instead of recognising it
    #[arg(long, value_name = "NAME")]
    pub(crate) input_format: Option<String>,
    /// The log_format (nginx) or LogFormat (Apache) of a log
    #[arg(long, value_name = "STRING")]
    pub(crate) log_format: Option<String>,
    /// Only these files of a folder
    #[arg(long, value_name = "GLOB")]
    pub(crate) include: Vec<String>,
    /// Not these files of a folder
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,
}

/// The forms of the report, each with what it is for.
fn forms() -> impl TypedValueParser<Value = Form> {
    let known = FORMS.iter().map(|(_, name, help)| PossibleValue::new(name).help(help));
    PossibleValuesParser::new(known).map(|name| Form::by_name(&name).unwrap_or(Form::Text))
}

/// A form of the report.
fn form(name: &str) -> Result<Form, String> {
    let known = || FORMS.iter().map(|f| f.1).chain([PAGES]);
    let all = known().collect::<Vec<_>>().join(", ");
    Form::by_name(name).ok_or_else(|| format!("{} (known: {all})", super::explain::unknown("form", name, known())))
}

/// Where a report is written to.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// One file.
    File(Form, PathBuf),
    /// A folder with a page a capture.
    Pages(PathBuf),
}

/// The name of the form that is a folder.
const PAGES: &str = "html-dir";

/// `FORM=FILE`.
fn output(text: &str) -> Result<Target, String> {
    match text.split_once('=') {
        Some((PAGES, folder)) if !folder.is_empty() => Ok(Target::Pages(PathBuf::from(folder))),
        Some((name, file)) if !file.is_empty() => Ok(Target::File(form(name)?, PathBuf::from(file))),
        _ if text.trim_end_matches('=') == PAGES => Err(format!("a folder is missing, write --output {PAGES}=FOLDER")),
        _ => {
            let name = text.trim_end_matches('=');
            form(name)?;
            Err(format!("a file is missing, write --output {name}=FILE"))
        }
    }
}

/// `why401 session.har` means `why401 check session.har`; without any argument a pipe is read.
pub(crate) fn with_default_command(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let command = Args::command();
    let first = arguments.get(1).and_then(|a| a.to_str());
    let known = first
        .is_some_and(|a| command.find_subcommand(a).is_some() || matches!(a, "-h" | "--help" | "-V" | "--version"));
    if known {
        return arguments;
    }
    let nothing = first.is_none() && std::io::IsTerminal::is_terminal(&std::io::stdin());
    let insert = if nothing { "--help" } else { "check" };
    arguments.insert(1.min(arguments.len()), insert.into());
    arguments
}
