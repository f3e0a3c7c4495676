//! One big file, several workers: guessed starts, verified stops, an ordered fold.
//!
//! The file is cut at fixed places. Near each the format guesses where an exchange begins; a worker reads from one
//! guess to the next. A worker that does not stop exactly where the next begins shows that the guess was wrong: that
//! one is read on in sequence, up to the first guess where it does stop, and what was read from wrong guesses is
//! dropped. So every exchange that is kept was read from a place which the reader before it had reached.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use rayon::ThreadPool;
use rayon::prelude::*;

use super::blocks::{Bounds, End, WindowSink, read_on};
use super::buffer::Buffer;
use super::bytes::Stretch;
use crate::format::{Format, Options, Reader, Split};

/// How a big file is shared.
#[derive(Clone, Copy, Debug)]
pub struct Parallel {
    /// Workers; 0: the threads of the pool that is in force. With 1 the same stretches are read one after the other.
    pub threads: usize,
    /// Bytes that a worker reads at once.
    pub block: usize,
    /// Bytes between two guesses. It decides what a reader that counts its problems reports, so it is not `block`.
    pub stretch: u64,
    /// A smaller file is read by one reader.
    pub least: u64,
}

impl Default for Parallel {
    fn default() -> Self {
        Self { threads: 0, block: 1 << 20, stretch: 1 << 20, least: 8 << 20 }
    }
}

/// So many stretches a worker are read before their outcomes are folded: few enough to keep them all.
const GROUP: u64 = 3;

/// Reads the first `len` bytes of a file with the workers of `plan`, and folds what they found in file order.
///
/// * `make_sink` makes an empty sink for a stretch; it is called on any thread.
/// * `fold` gets each sink that counts once, in file order, one at a time. The bytes that the sinks were
///   [passed](WindowSink::passed) follow one another without gap: from 0 for the first to `len` for the last.
/// * The reader of a stretch is `format.open` for the first and `split.inside` for the others. It is held to
///   [`Window::limit`](crate::format::Window::limit); after it was stopped there it may be given a greater limit.
/// * Exchanges are the same for every plan. Problems are the same for every number of threads and every block; of what a
///   reader counts ("5 more lines") it tells the first for its stretch, and the fold has to put that together.
///
/// Returns how many stretches were read (1 for a small file or a format that cannot be split).
///
/// # Errors
/// A file that is not split cannot be read at all. Any other error is a problem of the sink at hand, as in
/// [`feed`](super::feed).
pub fn feed_parallel<S: WindowSink + Send>(
    (file, len): (&File, u64),
    format: &Format,
    options: &Options,
    plan: Parallel,
    make_sink: impl Fn() -> S + Sync,
    mut fold: impl FnMut(S) + Send,
) -> io::Result<u64> {
    let mut sink = make_sink();
    let Some(split) = format.split.filter(|_| len >= plan.least) else {
        // A small file is read at once: one byte more than it has shows its end.
        let block = plan.block.min(usize::try_from(len).map_or(usize::MAX, |len| len.saturating_add(1)));
        super::feed(&mut Stretch::new(file, 0, len), &mut *(format.open)(options), block, &mut sink)?;
        fold(sink);
        return Ok(1);
    };
    let first = Run { reader: (format.open)(options), at: 0, from: 0, sink };
    let work = Work { file, len, split, options, plan, make_sink, buffers: Mutex::default() };
    let pool = match plan.threads {
        0 | 1 => None,
        n => rayon::ThreadPoolBuilder::new().num_threads(n).build().ok(),
    };
    Ok(work.all(first, pool.as_ref(), &mut fold))
}

/// A reader on its way, and what it found so far.
struct Run<S> {
    reader: Box<dyn Reader + Send>,
    /// Where it stands.
    at: u64,
    /// Only a start behind this is a limit for it: it stands there, or ran over it.
    from: u64,
    sink: S,
}

struct Work<'w, M> {
    file: &'w File,
    len: u64,
    split: Split,
    options: &'w Options,
    plan: Parallel,
    make_sink: M,
    /// Buffers that are not in use: fresh ones cost as much as reading into them.
    buffers: Mutex<Vec<Buffer>>,
}

/// Does a job for every item, on several threads if there is more than one.
fn each<I: Send, O: Send>(pool: Option<&ThreadPool>, items: Vec<I>, job: &(impl Fn(I) -> O + Sync)) -> Vec<O> {
    if items.len() < 2 {
        return items.into_iter().map(job).collect();
    }
    let all = || items.into_par_iter().with_max_len(1).map(job).collect();
    match pool {
        Some(pool) => pool.install(all),
        None => all(),
    }
}

impl<S: WindowSink + Send, M: Fn() -> S + Sync> Work<'_, M> {
    /// Group by group; while one is read, the one before it is folded. The last run of each is left for the next, which
    /// knows where it has to stop.
    fn all(&self, first: Run<S>, pool: Option<&ThreadPool>, fold: &mut (impl FnMut(S) + Send)) -> u64 {
        let cuts = self.len.div_ceil(self.plan.stretch.max(1));
        let group = match (self.plan.threads, pool) {
            (1, _) => 1,
            (_, Some(pool)) => GROUP * pool.current_num_threads() as u64,
            (_, None) => GROUP * rayon::current_num_threads() as u64,
        };
        let (mut carry, mut ready, mut folded) = (first, Vec::new(), 0);
        let mut cut = 1;
        while cut < cuts {
            let next = (cut + group).min(cuts);
            folded += ready.len() as u64;
            let read = || self.group(carry, cut..next, pool);
            ((ready, carry), ()) = self.both(pool, read, || ready.into_iter().for_each(&mut *fold));
            cut = next;
        }
        folded += ready.len() as u64 + 1;
        ready.into_iter().for_each(&mut *fold);
        self.with_buffer(|buffer| {
            buffer.begin(carry.at);
            self.go_on(&mut carry, buffer, u64::MAX)
        });
        fold(carry.sink);
        folded
    }

    /// Does two things at a time, if there is more than one worker.
    fn both<A: Send, B: Send>(
        &self,
        pool: Option<&ThreadPool>,
        a: impl FnOnce() -> A + Send,
        b: impl FnOnce() -> B + Send,
    ) -> (A, B) {
        match (self.plan.threads, pool) {
            (1, _) => {
                let b = b();
                (a(), b)
            }
            (_, Some(pool)) => pool.join(a, b),
            (_, None) => rayon::join(a, b),
        }
    }

    /// Reads what begins behind the last run and before the last guess of these cuts: the runs that count, in order, and the
    /// run that comes next.
    fn group(&self, carry: Run<S>, cuts: Range<u64>, pool: Option<&ThreadPool>) -> (Vec<S>, Run<S>) {
        let starts = each(pool, cuts.collect(), &|cut| self.start(cut));
        let mut starts: Vec<u64> = starts.into_iter().flatten().filter(|s| *s > carry.from).collect();
        starts.dedup();
        if starts.is_empty() {
            return (Vec::new(), carry);
        }
        let inner = starts.iter().map(|at| self.inside(*at));
        let mut runs: Vec<Run<S>> = std::iter::once(carry).chain(inner).collect();
        let last = runs.pop();
        let jobs: Vec<(Run<S>, u64)> = runs.into_iter().zip(starts.iter().copied()).collect();
        let done = each(pool, jobs, &|(mut run, limit)| {
            let end = self.with_buffer(|buffer| {
                buffer.begin(run.at);
                self.go_on(&mut run, buffer, limit)
            });
            (run, end)
        });
        self.verify(done.into_iter().chain(last.map(|run| (run, End::Beyond))), &starts)
    }

    /// Takes the runs that begin where the one before stopped, and reads on where one did not stop.
    fn verify(&self, runs: impl Iterator<Item = (Run<S>, End)>, starts: &[u64]) -> (Vec<S>, Run<S>) {
        let mut runs = runs.peekable();
        let mut limits = starts.iter().copied().peekable();
        let mut current = runs.next();
        let mut sinks = Vec::new();
        while let Some((mut run, mut end)) = current {
            let mut guess = limits.next();
            let mut buffer = None;
            while end == End::Beyond {
                // A wrong guess: the run that began there is dropped.
                let Some(wrong) = guess else { return (sinks, run) };
                run.from = run.from.max(wrong).max(run.at);
                runs.next();
                guess = limits.next();
                let Some(limit) = guess else { return (sinks, run) };
                if limit > run.from {
                    let buffer = buffer.get_or_insert_with(|| Buffer::at(run.at));
                    end = self.go_on(&mut run, buffer, limit);
                }
            }
            sinks.push(run.sink);
            current = runs.next();
        }
        (sinks, self.inside(self.len))
    }

    /// Reads on from where `buffer` stands, which is where the run stands.
    fn go_on(&self, run: &mut Run<S>, buffer: &mut Buffer, limit: u64) -> End {
        let mut source = Stretch::new(self.file, buffer.reach(), self.len);
        let bounds = Bounds { limit, block: self.plan.block };
        let end = read_on(&mut source, &mut *run.reader, buffer, bounds, &mut run.sink);
        run.at = buffer.offset();
        end
    }

    fn inside(&self, at: u64) -> Run<S> {
        Run { reader: (self.split.inside)(self.options), at, from: at, sink: (self.make_sink)() }
    }

    fn with_buffer<T>(&self, work: impl FnOnce(&mut Buffer) -> T) -> T {
        let idle = || self.buffers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut buffer = idle().pop().unwrap_or_default();
        let done = work(&mut buffer);
        idle().push(buffer);
        done
    }

    /// Guesses where an exchange begins between this cut and the next, from as few bytes as it takes. What cannot be
    /// read gives no guess: the run that comes by will say so.
    fn start(&self, cut: u64) -> Option<u64> {
        let begin = cut * self.plan.stretch;
        let end = self.len.min(begin.saturating_add(self.plan.stretch));
        self.with_buffer(|buffer| {
            buffer.begin(begin);
            let mut source = Stretch::new(self.file, begin, end);
            for size in [64 << 10, 512 << 10, u64::MAX] {
                let want = begin.saturating_add(size).min(end).saturating_sub(buffer.reach());
                buffer.extend(&mut source, usize::try_from(want).ok()?, self.plan.block);
                let guess = (self.split.next)(buffer.window()).map(|at| begin + at as u64);
                if guess.is_some() || buffer.reach() >= end || buffer.ended() {
                    return guess.filter(|at| *at < end);
                }
            }
            None
        })
    }
}

#[cfg(test)]
mod tests;
