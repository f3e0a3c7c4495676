//! From bytes to verdict: the whole line in one place.

mod asked;
#[cfg(feature = "cli")]
mod paths;
#[cfg(feature = "cli")]
mod progress;

#[cfg(feature = "cli")]
pub use self::{
    paths::{Refused, Selection, analyze_each, analyze_paths, each_capture},
    progress::{Progress, Seen},
};

pub use self::asked::Since;

use crate::config::{Config, Kept, Tally};
use crate::diagnosis::{self, Outcome};
use crate::facts::{Facts, Id};
use crate::format::{self, Format};
use crate::mask::Masker;
use crate::provider::Profiles;
use crate::report::baseline::{Baseline, Comparison};
use crate::report::{self, Block, Report, model};
use crate::trace::Trace;
use asked::Asked;

/// What a user may choose for a whole run.
#[derive(Debug)]
pub struct Options {
    /// The format of the inputs; by default it is recognised.
    pub format: Option<&'static Format>,
    /// What readers are told.
    pub reading: format::Options,
    /// Bytes that are read at once.
    pub block: usize,
    /// The profiles in force.
    pub profiles: Profiles,
    /// The user's configuration.
    pub config: Config,
    /// Only findings of these rules; empty for all.
    pub only: Vec<&'static str>,
    /// Only findings at this host (lower case) or its subdomains.
    pub host: Option<String>,
    /// Only findings of requests from then on.
    pub since: Option<Since>,
    /// Findings that are known and not told.
    pub baseline: Option<Baseline>,
    /// Name every explained exchange.
    pub full: bool,
    /// Show secrets.
    pub show_secrets: bool,
    /// Keep the sequence of a single capture for reports that draw it.
    pub sequence: bool,
    /// Keep the sequence of the capture that was added last, however many there are.
    pub each_sequence: bool,
    /// Lines of logs that begin here or behind may be read in short where nothing hangs on them; `u64::MAX` reads all in
    /// full. No verdict depends on it.
    #[doc(hidden)]
    pub short_from: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            format: None,
            reading: format::Options::default(),
            block: 1 << 20,
            profiles: Profiles::new(),
            config: Config::default(),
            only: Vec::new(),
            host: None,
            since: None,
            baseline: None,
            full: false,
            show_secrets: false,
            sequence: false,
            each_sequence: false,
            short_from: 0,
        }
    }
}

/// Why an input could not be judged at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// What was found instead, and what to do.
    pub message: String,
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Unreadable {}

/// A report that is being made: captures are added in the order of the inputs.
#[derive(Debug)]
pub struct Run {
    /// The JSON structs.
    pub report: Report,
    /// The blocks of the text report.
    pub blocks: Vec<Block>,
    /// Inputs that the user named and that could not be read.
    #[cfg(feature = "cli")]
    pub refused: Vec<Refused>,
    /// What was added so far, also what was taken out again.
    pub totals: Totals,
    masker: Masker,
    full: bool,
    sequence: bool,
    each_sequence: bool,
    only: Vec<&'static str>,
    host: Option<String>,
    since: Option<Since>,
    config: Config,
    tally: Tally,
    baseline: Option<Comparison>,
}

/// Counts over everything that a run has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// Captures, readable or not.
    pub captures: u64,
    /// Those that could not be read in whole.
    pub broken: u64,
    /// Root causes that are told.
    pub causes: u64,
}

/// So many skipped inputs are named.
const SKIPPED: u64 = 100;

/// A capture that was judged, before it is told.
#[derive(Debug)]
pub struct Judged<'f> {
    trace: Trace<'f>,
    outcome: Outcome,
}

/// Judges what a capture left behind.
pub fn judge<'f>(facts: &'f Facts, options: &'f Options) -> Judged<'f> {
    let trace = Trace::build(facts, &options.profiles);
    let outcome = diagnosis::diagnose_with(&trace, &options.config.rules());
    Judged { trace, outcome }
}

impl Run {
    /// An empty report.
    pub fn new(options: &Options) -> Self {
        let report = Report { schema: "why401/1", open: options.show_secrets, ..Report::default() };
        Self {
            report,
            blocks: Vec::new(),
            #[cfg(feature = "cli")]
            refused: Vec::new(),
            masker: Masker::new(options.show_secrets),
            full: options.full,
            sequence: options.sequence,
            each_sequence: options.each_sequence,
            only: options.only.clone(),
            host: options.host.clone(),
            since: options.since,
            totals: Totals::default(),
            tally: Tally::new(&options.config),
            config: options.config.clone(),
            baseline: options.baseline.clone().map(Comparison::new),
        }
    }

    /// Adds a capture that was judged; findings that the user did not ask for are dropped.
    pub fn add_judged(&mut self, file: &str, format: &str, judged: Judged<'_>) {
        let Judged { trace, mut outcome } = judged;
        let from = self.report.captures.len();
        let mut kept = self.config.apply(&trace, &mut outcome, &mut self.tally);
        if let Some(baseline) = &mut self.baseline {
            kept.known = baseline.apply(&trace, &mut outcome);
        }
        let asked = Asked::new(&self.only, self.host.as_deref(), self.since, &trace);
        outcome.diagnoses.retain(|d| {
            let wanted = asked.wants(&trace, &d.root);
            kept.unasked.extend(d.root.explains.iter().filter(|_| !wanted));
            wanted
        });
        outcome.hygiene.retain(|f| asked.wants(&trace, f));
        self.totals.causes += outcome.diagnoses.len() as u64;
        if trace.facts.files.is_empty() {
            self.capture(file, format, &trace, &outcome, &kept, None);
        }
        for (n, part) in trace.facts.files.iter().enumerate() {
            self.capture(&part.name, part.format, &trace, &outcome, &kept, Some(n));
        }
        let blocks = report::build::add(&mut self.report, &mut self.masker, file, &trace, &outcome, self.full);
        self.blocks.extend(blocks);
        let draw = self.each_sequence || self.sequence && self.totals.captures == 0;
        self.report.sequence = draw.then(|| {
            let wanted =
                kept.expected.iter().map(|e| e.0).chain(kept.ignored.iter().chain(&kept.known).copied()).collect();
            Box::new(self.masker.aside(|m| report::sequence::build(&trace, m, &wanted)))
        });
        self.added(from);
    }

    /// Closes what one input added: captures from this one on.
    fn added(&mut self, from: usize) {
        let new = self.report.captures.get(from..).unwrap_or_default();
        self.totals.captures += new.len() as u64;
        self.totals.broken += new.iter().filter(|c| !c.problems.is_empty()).count() as u64;
        self.report.close_part();
    }

    /// Takes everything out that the inputs so far have added, once it was told elsewhere. Totals, aliases, the numbers of
    /// findings, and what is counted over all captures (configuration, baseline) go on.
    pub fn drain(&mut self) {
        self.report.drain();
        self.blocks.clear();
    }

    /// A text with the secrets of the captures so far masked, by the aliases of the report.
    #[cfg(feature = "cli")]
    pub(crate) fn masked(&mut self, text: &str) -> String {
        self.masker.text(text)
    }

    /// Adds an input that could not be read.
    pub fn add_unreadable(&mut self, file: &str, why: &str) {
        let file = crate::mask::printable(file);
        let problem =
            model::Problem { expected: "a capture".to_owned(), done: why.to_owned(), ..model::Problem::default() };
        self.report.captures.push(model::Capture { file, problems: vec![problem], ..model::Capture::default() });
        self.report.sequence = None;
        self.added(self.report.captures.len() - 1);
    }

    /// Adds an input that is no capture, which nobody said it was. The first are named, all are counted.
    pub fn skip(&mut self, file: &str, why: &str) {
        self.report.summary.skipped += 1;
        if self.full || self.report.summary.skipped <= SKIPPED {
            let skipped = model::Skipped { file: crate::mask::printable(file), reason: why.to_owned() };
            self.report.skipped.push(skipped);
        }
        self.report.close_part();
    }

    /// Adds an input that the user named and that could not be read.
    #[cfg(feature = "cli")]
    pub fn refuse(&mut self, name: &str, why: &str) {
        self.add_unreadable(name, why);
        if let Some(c) = self.report.captures.last_mut() {
            c.refused = true;
        }
        self.refused.push(Refused { name: name.to_owned(), why: why.to_owned() });
    }

    /// Closes the report: how often each entry of the configuration was met, and what became of the baseline.
    pub fn finish(&mut self) {
        self.report.baseline = self.baseline.as_ref().map(Comparison::told);
        self.report.entries = self.config.entries(&self.tally);
        self.report.summary.warnings +=
            self.report.entries.iter().filter(|e| e.kind == "expect" && e.warning.is_some()).count() as u64;
    }

    /// Adds a capture, or one of several joined ones.
    fn capture(
        &mut self,
        file: &str,
        format: &str,
        trace: &Trace<'_>,
        outcome: &Outcome,
        kept: &Kept,
        part: Option<usize>,
    ) {
        let facts = trace.facts;
        let mine = |id: Id| part.is_none_or(|n| facts.file_of(id) == n);
        let weight = |id: Id| trace.weight(id);
        let wanted: u64 = kept.expected.iter().map(|(id, _)| *id).filter(|id| mine(*id)).map(weight).sum();
        let ignored: u64 = kept.ignored.iter().copied().filter(|id| mine(*id)).map(weight).sum();
        let known: u64 = kept.known.iter().copied().filter(|id| mine(*id)).map(weight).sum();
        let unasked: u64 = kept.unasked.iter().copied().filter(|id| mine(*id)).map(weight).sum();
        let denied: u64 = trace.denied().map(|ex| ex.id()).filter(|id| mine(*id)).map(weight).sum();
        let denied = denied.saturating_sub(wanted + ignored + known);
        let expected = trace.detailed().filter(|ex| mine(ex.id()) && ex.node().expected);
        let expected = expected.map(|ex| weight(ex.id())).sum::<u64>() + wanted;
        let from = |n: usize| facts.files.get(n).map_or(facts.problems.len(), |p| p.first_problem);
        let range = part.map_or(0..facts.problems.len(), |n| from(n)..from(n + 1));
        let problems = facts.problems.get(range).unwrap_or_default().iter().map(|p| model::Problem {
            line: p.line,
            column: p.column,
            bytes: [p.problem.at.start, p.problem.at.end],
            expected: self.masker.text(&p.problem.expected),
            done: self.masker.text(&p.problem.done),
        });
        // What no rule could look at in joined captures is told once.
        let told: &[_] = if part.unwrap_or(0) == 0 { &outcome.not_checked } else { &[] };
        let not_checked = told.iter().map(|(r, n)| model::NotChecked {
            rule: r.name.to_owned(),
            needs: r.needs_words(),
            count: *n as u64,
        });
        self.report.summary.denied += denied;
        let capture = model::Capture {
            file: crate::mask::printable(file),
            format: Some(format.to_owned()),
            recorder: trace.redaction_of(part.unwrap_or(0)).recorder.as_deref().map(crate::mask::printable),
            exchanges: part.map_or_else(|| facts.exchanges(), |n| facts.of_file(n).count() as u64),
            refused: false,
            denied,
            expected_denials: expected,
            ignored_denials: ignored,
            wanted,
            known,
            unasked,
            problems: problems.collect(),
            not_checked: not_checked.collect(),
            bytes: part.and_then(|n| facts.files.get(n)).map_or(facts.bytes, |p| p.bytes),
            healthy: report::healthy::of(trace, part),
        };
        self.report.captures.push(capture);
    }
}

/// Reads a capture in memory.
///
/// # Errors
/// [`Unreadable`] if the bytes are of no known format.
pub fn read(bytes: &[u8], options: &Options) -> Result<(&'static Format, Facts), Unreadable> {
    let head = bytes.get(..65_536).unwrap_or(bytes);
    let format = options.format.or_else(|| format::recognise(head, &options.reading)).ok_or_else(|| unknown(head))?;
    let mut reader = (format.open)(&options.reading);
    let mut facts = Facts::default();
    format::drive(&mut *reader, bytes, options.block, &mut facts);
    facts.passed(bytes, 0);
    facts.finish();
    Ok((format, facts))
}

/// Judges one capture in memory.
///
/// # Errors
/// [`Unreadable`] if the bytes are of no known format.
pub fn analyze(name: &str, bytes: &[u8], options: &Options) -> Result<Run, Unreadable> {
    let (format, facts) = read(bytes, options)?;
    let mut run = Run::new(options);
    run.add_judged(name, format.name, judge(&facts, options));
    run.finish();
    Ok(run)
}

/// Says what the first bytes are, and what could be read instead.
pub fn unknown(head: &[u8]) -> Unreadable {
    let start: String = String::from_utf8_lossy(head.get(..24).unwrap_or(head))
        .chars()
        .take_while(|c| !c.is_control())
        .take(12)
        .collect();
    // One long word may be a key that somebody saved in a file.
    let word = start.len() > 8 && start.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let start: String = if word { start.chars().take(4).chain("...".chars()).collect() } else { start };
    let found = if head.is_empty() {
        "it is empty".to_owned()
    } else if let Some(known) = format::hint(head) {
        format!("it is {known}")
    } else {
        format!("it starts with {:?}", crate::mask::printable(&start))
    };
    let names: Vec<&str> = format::FORMATS.iter().map(|f| f.name).collect();
    let message = format!(
        "not a capture why401 reads ({found}): no HAR, transcript, HTTP message, log line or export in its first 64 KiB; \
         --input-format NAME forces one of {}",
        names.join(", ")
    );
    Unreadable { message }
}
