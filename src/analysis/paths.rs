//! Paths -> report: the inputs are read and judged by several workers, and told in the order in which they were named.

mod streams;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, Read};
use std::sync::OnceLock;
use std::sync::mpsc::channel;

use rayon::prelude::*;

use self::streams::{Counting, Fold, Spares};
use super::progress::Progress;
use super::{Judged, Options, Run, judge, unknown};
use crate::facts::Facts;
use crate::format::{Format, Split, Window};
use crate::mask::printable;
use crate::source::{
    Body, Input, Kind, Limits, Origin, Parallel, Piece, SourceError, Stretch, Visitor, feed, feed_parallel, open, walk,
};

/// What to read, and how.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Files, folders, patterns; `-` is standard input.
    pub paths: Vec<OsString>,
    /// Of folders, only files that fit one of these patterns; empty for all.
    pub include: Vec<String>,
    /// Of folders and patterns, no files that fit one of these.
    pub exclude: Vec<String>,
    /// What packed inputs may cost.
    pub limits: Limits,
    /// Worker threads; 0 is one a core.
    pub threads: usize,
    /// All captures show the same traffic, or one login and its calls: they are judged together.
    pub join: bool,
}

/// So many inputs are read before they are told: enough for the workers, few enough to keep.
const GROUP: usize = 32;

/// Reads and judges everything that was selected. One bad input never stops the rest: what could not be read stands in
/// [`Run::refused`], what is no capture in the report's list of skipped inputs.
///
/// The outcome is the same for any number of threads, any [`Options::block`], and whether an input is a file, a pipe or
/// packed.
pub fn analyze_paths(selection: &Selection, options: &Options, progress: &Progress) -> Run {
    analyze_each(selection, options, progress, |_| true)
}

/// The same, and `told` is called as soon as a capture and all before it stand in the report, in the order of the inputs.
/// What it takes out of the report ([`Run::drain`]) is forgotten, so that a run over any number of captures needs memory for
/// a few of them. When it answers `false`, no further input is read.
pub fn analyze_each(
    selection: &Selection,
    options: &Options,
    progress: &Progress,
    mut told: impl FnMut(&mut Run) -> bool,
) -> Run {
    let mut run = Run::new(options);
    let walked = walk(&selection.paths, &selection.include, &selection.exclude);
    progress.begin(walked.inputs.len() as u64, known_bytes(&walked.inputs));
    let pool = match selection.threads {
        0 => None,
        n => rayon::ThreadPoolBuilder::new().num_threads(n).build().ok(),
    };
    let work = Work { selection, options, progress, pool: pool.as_ref() };
    let go_on = work.all(&walked.inputs, &mut run, &mut told);
    for error in walked.errors.iter().take_while(|_| go_on) {
        run.refuse(error.name(), &error.why());
        told(&mut run);
    }
    run
}

/// Reads everything that was selected, one capture after the other, and tells each without judging it.
pub fn each_capture(
    selection: &Selection,
    options: &Options,
    mut tell: impl FnMut(Result<(&str, &'static Format, &Facts), Refused>),
) {
    let progress = Progress::default();
    let work = Work { selection, options, progress: &progress, pool: None };
    let walked = walk(&selection.paths, &selection.include, &selection.exclude);
    for got in walked.inputs.iter().flat_map(|input| work.read(input)) {
        match got {
            Got::Capture(c) => tell(Ok((&c.name, c.format, &c.facts))),
            Got::Refused { name, why, .. } => tell(Err(Refused { name, why })),
            Got::Skipped { .. } => {}
        }
    }
    for error in &walked.errors {
        tell(Err(Refused { name: error.name().to_owned(), why: error.why() }));
    }
}

/// The length of all inputs, 0 if one of them does not tell.
fn known_bytes(inputs: &[Input]) -> u64 {
    let len = |i: &Input| match &i.kind {
        Kind::File(path) => std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|m| m.len()),
        Kind::Stdin => None,
    };
    inputs.iter().map(len).sum::<Option<u64>>().unwrap_or(0)
}

struct Work<'w> {
    selection: &'w Selection,
    options: &'w Options,
    progress: &'w Progress,
    /// The workers, if their number was named.
    pool: Option<&'w rayon::ThreadPool>,
}

/// What an input, or a member of it, gave.
enum Got {
    Capture(Box<Captured>),
    /// Cannot be read: name and why. `named`: the user named it.
    Refused {
        name: String,
        why: String,
        named: bool,
    },
    /// No capture, and nobody said that it was one.
    Skipped {
        name: String,
        why: String,
    },
}

impl Got {
    /// Whether freeing it takes longer than asking another thread to do it.
    fn is_long(&self) -> bool {
        matches!(self, Self::Capture(c) if crate::workers::helps(&c.facts))
    }
}

struct Captured {
    name: String,
    format: &'static Format,
    facts: Facts,
}

impl Work<'_> {
    /// Reads, judges, tells. Answers whether all was told.
    fn all(&self, inputs: &[Input], run: &mut Run, told: &mut dyn FnMut(&mut Run) -> bool) -> bool {
        if self.selection.join {
            self.joined(inputs, run);
            return told(run);
        }
        let size = if self.selection.threads == 1 { 1 } else { GROUP };
        inputs.chunks(size).all(|group| match group {
            [one] => {
                let got = self.within(|| self.read(one));
                let judged = self.within(|| self.judged(&got));
                let go_on = add(run, &got, judged, told);
                if got.iter().any(Got::is_long) {
                    self.forget(got);
                }
                go_on
            }
            _ => self.group(group, run, told),
        })
    }

    /// Reads and judges some inputs on several threads; this one adds each to the report when its turn has come.
    fn group(&self, group: &[Input], run: &mut Run, told: &mut dyn FnMut(&mut Run) -> bool) -> bool {
        let slots: Vec<OnceLock<Vec<Got>>> = group.iter().map(|_| OnceLock::new()).collect();
        let mut go_on = true;
        self.scope(|scope| {
            let (done, ready) = channel();
            for (turn, (input, slot)) in group.iter().zip(&slots).enumerate() {
                let done = done.clone();
                scope.spawn_fifo(move |_| {
                    let got = slot.get_or_init(|| self.read(input));
                    let _ = done.send((turn, (got, self.judged(got))));
                });
            }
            drop(done);
            let (mut waiting, mut next) = (BTreeMap::new(), 0);
            for (turn, what) in ready {
                waiting.insert(turn, what);
                while let Some((got, judged)) = waiting.remove(&next).filter(|_| go_on) {
                    go_on = add(run, got, judged, told);
                    next += 1;
                }
            }
        });
        self.forget(slots);
        go_on
    }

    /// Frees what was told, while this thread goes on.
    fn forget(&self, told: impl Send + 'static) {
        match self.pool {
            Some(pool) => pool.spawn(move || drop(told)),
            None => rayon::spawn(move || drop(told)),
        }
    }

    /// This thread stays outside the pool, so that waiting costs no worker.
    fn scope<'s>(&self, body: impl FnOnce(&rayon::ScopeFifo<'s>)) {
        match self.pool {
            Some(pool) => pool.in_place_scope_fifo(body),
            None => rayon::in_place_scope_fifo(body),
        }
    }

    fn judged<'c>(&'c self, got: &'c [Got]) -> Vec<Option<Judged<'c>>> {
        let one = |g: &'c Got| if let Got::Capture(c) = g { Some(self.judge(c)) } else { None };
        got.iter().map(one).collect()
    }

    /// Reads everything, then judges it as one.
    fn joined(&self, inputs: &[Input], run: &mut Run) {
        let mut all = Facts::whole();
        for group in inputs.chunks(GROUP) {
            for got in self.each(group, |input| self.read(input)).into_iter().flatten() {
                match got {
                    Got::Capture(c) => all.join(&c.name, c.format.name, c.facts),
                    other => drop(add(run, &[other], vec![None], &mut |_| true)),
                }
            }
        }
        if !all.files.is_empty() {
            crate::trace::align(&mut all);
            run.add_judged("", "", self.within(|| judge(&all, self.options)));
        }
    }

    /// Does a job for every item, on several threads if that was not forbidden.
    fn each<'i, I: Sync, O: Send>(&self, items: &'i [I], job: impl Fn(&'i I) -> O + Sync + Send) -> Vec<O> {
        if self.selection.threads == 1 {
            return items.iter().map(job).collect();
        }
        self.within(|| items.par_iter().with_max_len(1).map(job).collect())
    }

    /// Does work inside the pool, if there is one.
    fn within<O: Send>(&self, work: impl FnOnce() -> O + Send) -> O {
        match self.pool {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }

    fn judge<'c>(&self, c: &'c Captured) -> Judged<'c>
    where
        Self: 'c,
    {
        let judged = judge(&c.facts, self.options);
        if !judged.outcome.diagnoses.is_empty() {
            self.progress.cause();
        }
        judged
    }

    fn read(&self, input: &Input) -> Vec<Got> {
        let mut reading = Reading { work: self, input, got: Vec::new() };
        open(input, &self.selection.limits, &mut reading);
        self.progress.done();
        reading.got
    }
}

/// Adds what an input gave, one after the other; answers whether to go on.
fn add(run: &mut Run, got: &[Got], judged: Vec<Option<Judged<'_>>>, told: &mut dyn FnMut(&mut Run) -> bool) -> bool {
    got.iter().zip(judged).all(|(g, judged)| {
        match (g, judged) {
            (Got::Capture(c), Some(judged)) => run.add_judged(&c.name, c.format.name, judged),
            (Got::Refused { name, why, named: true }, _) => run.refuse(name, why),
            (Got::Refused { name, why, .. }, _) => run.add_unreadable(name, why),
            (Got::Skipped { name, why }, _) => run.skip(name, why),
            (Got::Capture(_), None) => return true,
        }
        told(run)
    })
}

/// Reads what one input holds.
struct Reading<'r> {
    work: &'r Work<'r>,
    input: &'r Input,
    got: Vec<Got>,
}

impl Visitor for Reading<'_> {
    fn piece(&mut self, piece: Piece<'_>) {
        let name = piece.name.to_owned();
        let forced = self.work.options.format.filter(|_| self.wanted(&piece));
        let Some(format) = forced.or_else(|| crate::format::recognise(piece.head, &self.work.options.reading)) else {
            let why = unknown(piece.head).message;
            return self.got.push(match self.wanted(&piece) {
                true => Got::Refused { name, why, named: true },
                false => Got::Skipped { name, why },
            });
        };
        match self.work.facts(piece.body, format) {
            Ok(facts) => self.got.push(Got::Capture(Box::new(Captured { name, format, facts }))),
            Err(e) => self.refused(SourceError::io(&name, &e)),
        }
    }

    fn refused(&mut self, error: SourceError) {
        let named = self.input.origin == Origin::Named && error.name() == self.input.name;
        let (name, why) = (error.name().to_owned(), error.why());
        let nothing = matches!(error, SourceError::Empty { .. } | SourceError::NothingInside { .. });
        self.got.push(match named {
            false if nothing => Got::Skipped { name, why },
            named => Got::Refused { name, why, named },
        });
    }
}

impl Reading<'_> {
    /// Whether the user said that this is a capture.
    fn wanted(&self, piece: &Piece<'_>) -> bool {
        self.input.origin == Origin::Named && !piece.member
    }
}

impl Work<'_> {
    /// The facts of one capture.
    fn facts(&self, body: Body<'_>, format: &'static Format) -> io::Result<Facts> {
        let reading = &self.options.reading;
        let block = self.options.block.max(1);
        let mut all = if self.selection.join { Facts::whole() } else { Facts::default() };
        let alone = format.split.filter(|s| s.alone && !self.selection.join);
        if let Some(split) = alone {
            let reading = reading.clone();
            all.put_aside(move |bytes, offset| again(split, &reading, bytes, offset));
        }
        let plan = Parallel { threads: self.selection.threads.min(1), block, ..Parallel::default() };
        let spare = Spares::default();
        let empty = || Facts::stretch(self.options.short_from, alone.is_some(), spare.take());
        let mut in_sequence = |stream: &mut dyn Read| {
            let fold = Fold { all: &mut all, empty: &empty, spare: &spare, from: 0 };
            let mut sink = Counting { facts: empty(), progress: self.progress, fold: Some(fold) };
            feed(stream, &mut *(format.open)(reading), block, &mut sink)?;
            let last = sink.facts;
            all.absorb(last);
            Ok::<_, io::Error>(())
        };
        match body {
            Body::File { file, len } if format.split.is_some() || len < plan.least => {
                let counting = || Counting { facts: empty(), progress: self.progress, fold: None };
                feed_parallel((file, len), format, reading, plan, counting, |next| spare.put(all.absorb(next.facts)))?;
            }
            // Only one reader can read it, but what it found is thinned as it comes.
            Body::File { file, len } => in_sequence(&mut Stretch::new(file, 0, len))?,
            Body::Stream(stream) => in_sequence(stream)?,
        }
        all.finish();
        Ok(all)
    }
}

/// Reads the bytes of one exchange once more.
pub(crate) fn again(split: Split, reading: &crate::format::Options, bytes: &[u8], offset: u64) -> Facts {
    let mut facts = Facts::default();
    let window = Window { bytes, offset, last: true, limit: u64::MAX };
    (split.inside)(reading).read(window, &mut facts);
    facts.passed(bytes, offset);
    facts
}

/// An input that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its name.
    pub name: String,
    /// What is wrong and what to do.
    pub why: String,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", printable(&self.name), self.why)
    }
}

#[cfg(test)]
mod tests;
