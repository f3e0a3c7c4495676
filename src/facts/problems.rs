//! Problems of all stretches of a capture: the first are told, the others counted, however the capture was cut.

use super::{Facts, Located};
use crate::format::Unit;

/// What was told of one kind.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told {
    one_by_one: u64,
    /// The problem that stands for the others.
    others: Option<usize>,
}

impl Facts {
    /// Takes the problems of the stretch that follows.
    pub(super) fn take_problems(&mut self, next: Vec<Located>) {
        for mut p in next {
            let Some(tally) = p.problem.tally else {
                self.problems.push(p);
                continue;
            };
            let told = match tally.unit {
                Unit::Line => &mut self.told.0,
                Unit::Place => &mut self.told.1,
            };
            if tally.counted == 0 && told.one_by_one < tally.unit.most() {
                told.one_by_one += 1;
                self.problems.push(p);
                continue;
            }
            match told.others.and_then(|at| self.problems.get_mut(at)) {
                Some(others) => others.problem.count(tally.counted.max(1)),
                None => {
                    p.problem.count(u64::from(tally.counted == 0));
                    told.others = Some(self.problems.len());
                    self.problems.push(p);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{Problem, Tally};
    use crate::http::Span;

    #[test]
    fn however_a_capture_is_cut_the_first_are_told_and_the_others_counted() {
        let one = |at: u64, counted| {
            let tally = Some(Tally { unit: Unit::Line, counted: 0 });
            let mut problem = Problem { tally, ..Problem::new(Span::at(at, 1), "a line", "the line was left out") };
            problem.count(counted);
            Located { problem, line: 0, column: 0 }
        };
        let lines: Vec<u64> = (0..40).collect();
        for cut in [4, 5, 7, 40] {
            let mut facts = Facts::default();
            for stretch in lines.chunks(cut) {
                let more = stretch.len().saturating_sub(3) as u64;
                let mut told: Vec<Located> = stretch.iter().take(3).map(|at| one(*at, 0)).collect();
                told.extend(stretch.get(3).filter(|_| more > 0).map(|at| one(*at, more)));
                facts.take_problems(told);
            }
            let told: Vec<(u64, &str)> =
                facts.problems.iter().map(|p| (p.problem.at.start, p.problem.done.as_str())).collect();
            let first = (0..3).map(|at| (at, "the line was left out"));
            let others = (3, "37 more lines were left out; this is the first of them");
            assert_eq!(told, first.chain([others]).collect::<Vec<_>>(), "{cut}");
        }
    }
}
