//! `retry-storm`: the same refused request repeated unchanged.

use crate::http::Time;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Part, Rule, Severity, recipe, words};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "retry-storm",
    chapter: Chapter::Life,
    severity: Severity::Warning,
    tier: None,
    confidence: Confidence::Strong,
    needs: &[],
    summary: "the same refused request repeated unchanged",
    explain: include_str!("retry_storm.md"),
    kind: Kind::Rule(check),
};

/// This many repetitions within [`WINDOW`] are a storm,
const MANY: usize = 5;
/// (microseconds)
const WINDOW: i64 = 60_000_000;
/// or this many, each within [`AT_ONCE`] of the one before.
const FAST: usize = 3;
/// Nobody waits so short (microseconds).
const AT_ONCE: i64 = 250_000;

fn check(cx: &Cx<'_>, out: &mut Findings) {
    // The last request of each chain -> the chain; a refusal joins the chain of the one that it repeats.
    let mut chains: Vec<Vec<Ex<'_>>> = Vec::new();
    let mut open: rustc_hash::FxHashMap<crate::facts::Id, usize> = rustc_hash::FxHashMap::default();
    for ex in cx.denied().filter(|e| e.class() != Class::Device) {
        let before = ex.node().retry_of.map(|id| cx.trace.ex(id)).filter(|b| b.denied() && unchanged(*b, ex));
        let at = before.and_then(|b| open.remove(&b.id())).unwrap_or_else(|| {
            chains.push(Vec::new());
            chains.len() - 1
        });
        open.insert(ex.id(), at);
        if let Some(chain) = chains.get_mut(at) {
            chain.push(ex);
        }
    }
    out.extend(chains.iter().filter_map(|c| judge(c)));
}

/// Same credentials in the same spelling, same body: nothing that could change the answer.
fn unchanged(a: Ex<'_>, b: Ex<'_>) -> bool {
    // Where credentials are not recorded, or masked, each attempt may have had another.
    if !a.sees_credentials() || !b.sees_credentials() {
        return false;
    }
    // Requests under way at the same time repeat nothing, and one line logged twice is one request.
    if let (Some(from), Some(to)) = (a.start(), b.start()) {
        let twice = from == to && from != Time::from_secs(from.secs());
        if twice || a.fact().duration > 0 && a.end().is_some_and(|end| end > to) {
            return false;
        }
    }
    let line = |e: Ex<'_>| e.reqs_named("authorization").map(|l| l.bytes().to_vec());
    let body = |e: Ex<'_>| e.body().map(|b| (b.len, b.head.bytes().to_vec()));
    a.uses() == b.uses() && line(a) == line(b) && body(a) == body(b)
}

fn judge(chain: &[Ex<'_>]) -> Option<Finding> {
    let times: Vec<Time> = chain.iter().map(|e| e.start().or(e.server_now())).collect::<Option<_>>()?;
    let within = |n: usize, most: i64| {
        times.windows(n + 1).any(|w| w.first().zip(w.last()).is_some_and(|(a, b)| *b - *a <= most))
    };
    let at_once = times.windows(FAST + 1).any(|w| w.windows(2).all(|p| matches!(p, [a, b] if *b - *a < AT_ONCE)));
    // Whole seconds of a Date header cannot show that nobody waited.
    let exact = chain.iter().all(|e| e.start().is_some_and(|t| t != Time::from_secs(t.secs())));
    let storm = within(MANY, WINDOW) || at_once && exact;
    if !storm {
        return None;
    }
    let (first, last) = (chain.first()?, chain.last()?);
    let took = times.first().zip(times.last()).map_or(0, |(a, b)| (*b - *a) / 1_000_000);
    let n = chain.len() - 1;
    let span = if took == 0 { "one second".to_owned() } else { words::span(took) };
    let message = format!("the refused request was repeated {n} times unchanged within {span}");
    Some(
        Finding::new(&RULE, first.id(), message)
            .hygiene()
            .see(Evidence::row(first.id(), Part::Line))
            .see(Evidence::row(last.id(), Part::Gap(format!("{} more of the same", n.saturating_sub(1)))))
            .see(Evidence::related(last.id(), Part::Line, "the last one"))
            .fix("after a 401 renew once, repeat once, then stop: the same request gets the same answer")
            .paste(recipe::renew(*first))
            .sure(Confidence::Strong, "same method, URL, body and credential"),
    )
}
