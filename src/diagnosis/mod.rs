//! From findings to one diagnosis per refused request (rules.md 4): causes and consequences, ranking, stories.
//! No rule's name decides anything here; tiers, ranks, confidence and the suppression table do.

mod agree;
mod edges;
mod examine;
mod local;
mod scope;
mod story;
mod suppress;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::Id;
use crate::rule::{Alternative, Confidence, Cx, Finding, Findings, Kind, RULES, Rule, Severity};
use crate::trace::Trace;
use crate::workers;

pub use edges::{Scope, all as all_edges, edges};
pub use examine::{By, Examined, Fate, Weighed, examine};

/// What was found, sorted out.
#[derive(Debug, Default)]
pub struct Outcome {
    /// One diagnosis per story, in order of time.
    pub diagnoses: Vec<Diagnosis>,
    /// Findings that explain no refusal.
    pub hygiene: Vec<Finding>,
    /// Rules that could not look at some refusals: rule, and how many.
    pub not_checked: Vec<(&'static Rule, usize)>,
}

/// One cause and all that follows from it.
#[derive(Debug)]
pub struct Diagnosis {
    /// The root cause; it explains every refused request of the story.
    pub root: Finding,
    /// What only follows from it, in order of time.
    pub consequences: Vec<Finding>,
    /// What else it could be.
    pub alternatives: Vec<Alternative>,
}

/// Judges a capture.
pub fn diagnose(trace: &Trace<'_>) -> Outcome {
    diagnose_with(trace, RULES)
}

/// Judges a capture with these rules only; their order decides nothing.
pub fn diagnose_with(trace: &Trace<'_>, rules: &[&'static Rule]) -> Outcome {
    let cx = Cx { trace };
    let prepared = Prepared::new(&cx, rules);
    let denied: Vec<Id> = trace.denied().map(|d| d.id()).collect();
    let judged = |id| pick(trace, prepared.candidates(&cx, rules, id), id);
    let verdicts = workers::each(trace.facts, &denied, |id| {
        let own = judged(*id)?;
        Some(better(trace, own, other_view(trace, *id).and_then(judged)))
    });
    let mut stories = story::Stories::default();
    for verdict in verdicts.into_iter().flatten() {
        stories.add(trace, verdict);
    }
    let mut diagnoses = stories.finish(trace);
    let hygiene = attach(&mut diagnoses, prepared.hygiene);
    Outcome { diagnoses, hygiene: story::accepted(hygiene), not_checked: not_checked(&cx, rules) }
}

/// What the rules found in the whole capture, before any refusal is judged.
struct Prepared {
    /// Findings that can explain refusals, in order of time.
    claims: Vec<Finding>,
    hygiene: Vec<Finding>,
    index: Index,
}

impl Prepared {
    fn new(cx: &Cx<'_>, rules: &[&'static Rule]) -> Self {
        let trace = cx.trace;
        let found = workers::each(trace.facts, rules, |rule| {
            let mut found = Findings::default();
            match rule.kind {
                Kind::Rule(check) => check(cx, &mut found),
                Kind::Custom(custom) => custom.check(rule, cx, &mut found),
                Kind::Fallback(_) | Kind::Link => {}
            }
            found.list
        });
        let mut list: Vec<Finding> = found
            .into_iter()
            .flatten()
            .filter_map(|f| agree::adjust(trace, f))
            .filter_map(|f| local::settle(trace, f))
            .collect();
        list.sort_by(|a, b| story::order(trace, a).cmp(&story::order(trace, b)));
        let (mut claims, hygiene): (Vec<_>, Vec<_>) =
            list.into_iter().partition(|f| f.rule.diagnoses() && !f.explains.is_empty());
        claims.retain_mut(|f| {
            // Only refused requests are explained.
            f.explains.retain(|id| trace.node(*id).denial.is_some() && !trace.node(*id).expected);
            !f.explains.is_empty()
        });
        let own = claims.len();
        let explained: FxHashSet<Id> = claims.iter().flat_map(|f| f.explains.iter().copied()).collect();
        claims.extend(last_resorts(cx, rules, &explained));
        let index = Index::new(trace, &claims, own);
        Self { claims, hygiene, index }
    }

    /// The claims about one refused exchange, with the edges between them.
    fn candidates(&self, cx: &Cx<'_>, rules: &[&'static Rule], d: Id) -> Vec<Candidate<'_>> {
        let own = self.index.by_denied.get(&d).map_or(&[][..], Vec::as_slice);
        let mut set: Vec<Candidate<'_>> = own
            .iter()
            .filter_map(|i| self.claims.get(*i))
            .map(|f| Candidate { finding: std::borrow::Cow::Borrowed(f), earlier: false, caused_by: Vec::new() })
            .collect();
        if let Some(f) = fallback(cx, rules, d) {
            set.push(Candidate { finding: std::borrow::Cow::Owned(f), earlier: false, caused_by: Vec::new() });
        }
        add_earlier(cx.trace, &self.claims, &self.index, d, &mut set);
        connect(cx.trace, &mut set, d, &self.index.forward);
        set
    }
}

/// Fallbacks that are the verdict on their exchange and reach forward from it by the suppression table: an OAuth error at a
/// token call, whose token is then missed. In order of time.
fn last_resorts(cx: &Cx<'_>, rules: &[&'static Rule], explained: &FxHashSet<Id>) -> Vec<Finding> {
    let reach = |r: &Rule| edges::reaches_forward(r.name);
    if !rules.iter().any(|r| r.is_fallback() && reach(r)) {
        return Vec::new();
    }
    let bare = cx.trace.denied().filter(|ex| ex.class() != crate::trace::Class::Call && !explained.contains(&ex.id()));
    bare.filter_map(|ex| fallback(cx, rules, ex.id())).filter(|f| reach(f.rule)).collect()
}

/// A remark on a refusal whose cause is known, and which the table makes a consequence of that cause, is told beside it.
fn attach(diagnoses: &mut [Diagnosis], hygiene: Vec<Finding>) -> Vec<Finding> {
    let mut by_denied: FxHashMap<Id, usize> = FxHashMap::default();
    for (i, d) in diagnoses.iter().enumerate().filter(|(_, d)| d.root.confidence >= Confidence::Likely) {
        by_denied.extend(d.root.explains.iter().map(|id| (*id, i)));
    }
    let mut rest = Vec::new();
    for mut f in hygiene {
        let cause = by_denied.get(&f.subject).and_then(|i| diagnoses.get_mut(*i));
        match cause.filter(|d| edges(d.root.rule.name, f.rule.name).contains(&Scope::SameExchange)) {
            Some(d) => {
                f.severity = Severity::Note;
                d.consequences.push(f);
            }
            None => rest.push(f),
        }
    }
    rest
}

/// The same refused request as another recorder saw it: in another of several joined captures, or at another hop.
fn other_view(trace: &Trace<'_>, id: Id) -> Option<Id> {
    let twin = trace.node(id).twin?;
    let side = |id| trace.ex(id).fact().side;
    let apart = trace.facts.file_of(id) != trace.facts.file_of(twin) || side(id) != side(twin);
    (apart && trace.ex(twin).denied()).then_some(twin)
}

/// Of two views of one request, the one that tells more has the verdict on both; of two that tell the same, the first.
fn better(trace: &Trace<'_>, own: Judged, other: Option<Judged>) -> Judged {
    let Some(other) = other else { return own };
    let rank = |j: &Judged| {
        let f = &j.root;
        let (tier, rank) = f.rule.tier.unwrap_or((9, 0));
        let blind = !trace.ex(j.denied).fact().flags.sees_authorization;
        let sure = std::cmp::Reverse(f.confidence);
        (f.severity == Severity::Note, f.rule.is_fallback(), blind, sure, tier, rank, j.denied)
    };
    if rank(&other) < rank(&own) { Judged { denied: own.denied, ..other } } else { own }
}

/// Claims by the refused exchange that they explain.
struct Index {
    by_denied: FxHashMap<Id, Vec<usize>>,
    forward: scope::Forward,
}

impl Index {
    /// Claims from `own` on are fallbacks: they explain their own exchange without an index.
    fn new(trace: &Trace<'_>, claims: &[Finding], own: usize) -> Self {
        let mut by_denied: FxHashMap<Id, Vec<usize>> = FxHashMap::default();
        for (i, f) in claims.iter().take(own).enumerate() {
            let mut ids = f.explains.clone();
            ids.sort_unstable();
            ids.dedup();
            for id in ids {
                by_denied.entry(id).or_default().push(i);
            }
        }
        Self { by_denied, forward: scope::Forward::new(trace, claims) }
    }
}

/// The verdict on one refused exchange.
pub(crate) struct Judged {
    /// The exchange.
    pub(crate) denied: Id,
    /// Its root.
    pub(crate) root: Finding,
    /// What follows.
    pub(crate) consequences: Vec<Finding>,
    /// Other roots.
    pub(crate) alternatives: Vec<Alternative>,
}

/// A claim under judgement, its edges within the set.
#[derive(Clone)]
struct Candidate<'c> {
    finding: std::borrow::Cow<'c, Finding>,
    /// On an earlier exchange, reached by a forward scope.
    earlier: bool,
    caused_by: Vec<usize>,
}

/// The first fallback, by rank, that fits.
fn fallback(cx: &Cx<'_>, rules: &[&'static Rule], d: Id) -> Option<Finding> {
    // A preflight carries no credential by design, so nothing can be said of one.
    if cx.trace.ex(d).fact().flags.preflight {
        return None;
    }
    let mut list: Vec<&'static Rule> = rules.iter().copied().filter(|r| r.is_fallback()).collect();
    list.sort_by_key(|r| r.tier);
    list.into_iter().find_map(|r| match r.kind {
        Kind::Fallback(fits) => fits(cx, cx.trace.ex(d)).and_then(|f| local::settle(cx.trace, f)),
        _ => None,
    })
}

/// Findings on earlier exchanges from which a forward scope leads to a finding on `d`, and from there back again.
fn add_earlier<'c>(trace: &Trace<'_>, claims: &'c [Finding], index: &Index, d: Id, set: &mut Vec<Candidate<'c>>) {
    let mut at = 0;
    while at < set.len() && set.len() < 64 {
        let Some(b) = set.get(at).map(|c| (c.finding.rule, c.finding.subject)) else { break };
        let from = if at < set.len() && set.get(at).is_some_and(|c| c.earlier) { b.1 } else { d };
        let forward = index.forward.causes(trace, b.0, from).into_iter().map(|(cause, _)| cause);
        // What an earlier finding follows from on its own exchange: a login that was refused for the rate, say.
        let beside = index.by_denied.get(&from).filter(|_| from != d).into_iter().flatten().copied();
        let beside = beside
            .filter(|i| claims.get(*i).is_some_and(|f| edges(f.rule.name, b.0.name).contains(&Scope::SameExchange)));
        for cause in forward.chain(beside).collect::<Vec<_>>() {
            let Some(f) = claims.get(cause) else { continue };
            let known = set.iter().any(|c| c.finding.rule == f.rule && c.finding.subject == f.subject);
            if !known && f.subject != d {
                set.push(Candidate { finding: std::borrow::Cow::Borrowed(f), earlier: true, caused_by: Vec::new() });
            }
        }
        at += 1;
    }
}

/// Puts in the edges of the suppression table.
fn connect(trace: &Trace<'_>, set: &mut [Candidate<'_>], d: Id, forward: &scope::Forward) {
    for b in 0..set.len() {
        let mut causes = Vec::new();
        for a in 0..set.len() {
            let (Some(x), Some(y)) = (set.get(a), set.get(b)) else { continue };
            if a != b && edge(trace, x, y, d, forward).is_some() {
                causes.push(a);
            }
        }
        if let Some(c) = set.get_mut(b) {
            c.caused_by = causes;
        }
    }
}

/// The scope in which the suppression table makes `b` a consequence of `a`.
fn edge(trace: &Trace<'_>, a: &Candidate<'_>, b: &Candidate<'_>, d: Id, forward: &scope::Forward) -> Option<Scope> {
    let (x, y) = (&*a.finding, &*b.finding);
    // On its own exchange a fallback yields to everything else; from there it reaches forward like any cause.
    if x.confidence < Confidence::Likely || x.rule.is_fallback() && !y.rule.is_fallback() && !a.earlier {
        return None;
    }
    if let Kind::Custom(custom) = x.rule.kind {
        let names = a.earlier == b.earlier && custom.suppresses.iter().any(|s| s == y.rule.name);
        return names.then_some(Scope::SameExchange);
    }
    let from = if b.earlier { y.subject } else { d };
    edges(x.rule.name, y.rule.name).iter().copied().find(|s| match s {
        Scope::SameExchange => a.earlier == b.earlier && (!a.earlier || x.subject == y.subject),
        Scope::SameHeader => a.earlier == b.earlier && same_field(x, y),
        // A claim may explain this refusal and yet stand on an earlier exchange (a helper call, a login).
        forward_scope => x.subject != from && forward.holds(trace, *forward_scope, x, from),
    })
}

/// One header or field: unless both name different ones.
fn same_field(a: &Finding, b: &Finding) -> bool {
    match (&a.field, &b.field) {
        (Some(x), Some(y)) => x.eq_ignore_ascii_case(y),
        _ => true,
    }
}

/// Roots, sorted; the first is the diagnosis.
fn pick(trace: &Trace<'_>, set: Vec<Candidate<'_>>, d: Id) -> Option<Judged> {
    let mut roots: Vec<usize> =
        (0..set.len()).filter(|i| set.get(*i).is_some_and(|c| c.caused_by.is_empty())).collect();
    // An earlier cause is a root of this refusal only through an edge.
    let leads = |i: &usize| !set.get(*i).is_some_and(|c| c.earlier) || set.iter().any(|c| c.caused_by.contains(i));
    roots.retain(leads);
    let last = |i: &usize| set.get(*i).is_some_and(|c| c.finding.rule.is_fallback() && !c.earlier);
    let solid = |i: &usize| !last(i) && set.get(*i).is_some_and(|c| c.finding.confidence >= Confidence::Likely);
    if roots.iter().any(solid) {
        roots.retain(|i| !last(i));
    } else if roots.iter().any(last) {
        roots.sort_by_key(|i| !last(i));
    }
    if roots.iter().any(solid) || !roots.iter().any(last) {
        roots.sort_by_key(|i| set.get(*i).map(|c| story::rank(trace, &c.finding)));
    }
    let best = *roots.first()?;
    let mut root = set.get(best)?.finding.clone().into_owned();
    let alternatives = alternatives(&set, &roots, &root);
    if let Some(top) = alternatives.first() {
        let tie = top.confidence == root.confidence
            && roots
                .get(1)
                .and_then(|i| set.get(*i))
                .is_some_and(|c| c.finding.rule.tier.map(|t| t.0) != root.rule.tier.map(|t| t.0));
        if tie && top.confidence < Confidence::Certain {
            root.confidence = root.confidence.lower().unwrap_or(Confidence::Possible);
        }
    }
    let consequences = reachable(&set, best);
    Some(Judged { denied: d, root, consequences, alternatives })
}

fn alternatives(set: &[Candidate<'_>], roots: &[usize], root: &Finding) -> Vec<Alternative> {
    let mut out: Vec<Alternative> = roots
        .iter()
        .skip(1)
        .filter_map(|i| set.get(*i))
        .filter(|c| {
            c.finding.rule != root.rule && (c.finding.confidence >= Confidence::Likely || root.rule.is_fallback())
        })
        .map(|c| Alternative {
            rule: c.finding.rule.name.to_owned(),
            decided_by: "a repeat of the request with only this mended".to_owned(),
            confidence: c.finding.confidence,
        })
        .collect();
    out.extend(root.or.iter().cloned());
    out.dedup_by(|a, b| a.rule == b.rule);
    out
}

/// Everything that follows from a root.
fn reachable(set: &[Candidate<'_>], root: usize) -> Vec<Finding> {
    let mut reached = vec![root];
    let mut at = 0;
    while let Some(from) = reached.get(at).copied() {
        for (i, c) in set.iter().enumerate() {
            if c.caused_by.contains(&from) && !reached.contains(&i) {
                reached.push(i);
            }
        }
        at += 1;
    }
    reached.into_iter().skip(1).filter_map(|i| set.get(i)).map(|c| c.finding.clone().into_owned()).collect()
}

/// Rules that could not look at a refusal, since what they need was not recorded.
fn not_checked(cx: &Cx<'_>, rules: &[&'static Rule]) -> Vec<(&'static Rule, usize)> {
    let mut out: Vec<(&'static Rule, usize)> = Vec::new();
    for rule in rules.iter().filter(|r| r.tier.is_some()) {
        let count = match rule.kind {
            Kind::Custom(custom) => custom.not_checked(cx),
            _ => cx.denied().filter(|ex| !cx.meets(rule, *ex)).map(|ex| cx.trace.weight(ex.id()) as usize).sum(),
        };
        if count > 0 {
            out.push((rule, count));
        }
    }
    out.sort_by_key(|(r, _)| r.name);
    out
}

/// The severity that is shown: hints are notes.
pub(crate) fn capped(f: &Finding) -> Severity {
    if f.confidence == Confidence::Possible { Severity::Note } else { f.severity }
}
