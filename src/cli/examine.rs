//! `why401 explain FILE#7`: one request; what was weighed, what was ruled out, what could not be checked.

use std::fmt::Write as _;
use std::process::ExitCode;

use super::args;
use crate::analysis::{Options, Run, Selection, each_capture, judge};
use crate::diagnosis::{By, Examined, Fate, Scope, Weighed, examine};
use crate::facts::{Facts, Id};
use crate::mask::printable;
use crate::report::text::{Style, block};
use crate::report::{listed_rules as list, words_of};
use crate::rule::Rule;
use crate::trace::Trace;

/// `session.har#7` -> file and number.
pub(crate) fn place(text: &str) -> Option<(&str, Id)> {
    let (file, number) = text.rsplit_once('#')?;
    Some((file, number.parse().ok()?)).filter(|p| !p.0.is_empty())
}

pub(crate) fn run(a: &args::Explain, file: &str, id: Id) -> ExitCode {
    let (config, profiles) = match super::config::load(&a.configuration) {
        Ok(loaded) => loaded,
        Err(e) => return super::fail(&e.message),
    };
    let options = Options { config, profiles, full: true, ..Options::default() };
    let selection = Selection { paths: vec![file.into()], ..Selection::default() };
    let mut told: Vec<Result<String, String>> = Vec::new();
    each_capture(&selection, &options, |read| {
        told.push(match read {
            Ok((name, format, facts)) => tell(name, format.name, facts, &options, id),
            Err(refused) => Err(refused.to_string()),
        });
    });
    match (told.pop(), told.is_empty()) {
        (Some(Ok(text)), true) => {
            super::print(&text);
            ExitCode::SUCCESS
        }
        (Some(Err(why)), true) => super::fail(&why),
        (Some(_), false) => super::fail(&format!("{}: several captures; name one file", printable(file))),
        (None, _) => super::fail(&format!("{}: no capture found", printable(file))),
    }
}

fn tell(name: &str, format: &str, facts: &Facts, options: &Options, id: Id) -> Result<String, String> {
    let shown = printable(name);
    let trace = Trace::build(facts, &options.profiles);
    if facts.get(id).is_none() {
        let n = facts.exchanges();
        return Err(format!("{shown}: no exchange #{id} to look at ({}, numbered from 0)", words_of(n, "exchange")));
    }
    let ex = trace.ex(id);
    let mut run = Run::new(options);
    run.add_judged(name, format, judge(facts, options));
    let status = if ex.status() > 0 { ex.status().to_string() } else { "status not recorded".to_owned() };
    let request = run.masked(&format!("{} {}", ex.method(), ex.full_url()));
    let mut out = format!("{shown} #{id}: {request} -> {status}\n\n");
    let Some(seen) = examine(&trace, &options.config.rules(), id) else {
        out.push_str(not_refused(ex.node().expected, ex.accepted()));
        return Ok(out);
    };
    let explains = |b: &&crate::report::Block| b.finding.explains.iter().any(|p| p.index == u64::from(id));
    match run.blocks.iter().find(|b| b.finding.root_cause && explains(b)) {
        Some(b) => out.push_str(&block(b, Style { verbose: true, ..Style::default() })),
        None => out.push_str("refused; no rule names a cause, or the configuration wants or ignores it\n"),
    }
    weighed(&mut out, &seen, &mut run);
    group(&mut out, "Ruled out: these rules looked and found nothing", &seen.silent, |r| r.chapter.title().to_owned());
    group(&mut out, "Could not be checked: not recorded", &seen.blind, Rule::needs_words);
    Ok(out)
}

fn not_refused(expected: bool, accepted: bool) -> &'static str {
    match (expected, accepted) {
        (true, _) => "an expected refusal: it is part of a handshake (challenge, preflight, refresh), and no failure\n",
        (_, true) => "accepted: there is nothing to explain\n",
        _ => "not known to be refused: there is nothing to explain\n",
    }
}

/// The claims that lost, and by what.
fn weighed(out: &mut String, seen: &Examined, run: &mut Run) {
    let lost: Vec<&Weighed> = seen.weighed.iter().filter(|w| w.fate != Fate::Cause).collect();
    let cause = seen.weighed.iter().find(|w| w.fate == Fate::Cause);
    for (i, w) in lost.iter().enumerate() {
        if i == 0 {
            out.push_str("\nWeighed, and not the cause\n");
        }
        let f = &w.finding;
        let _ =
            writeln!(out, "  {} at #{} ({}): {}", f.rule.name, f.subject, f.confidence.word(), run.masked(&f.message));
        let _ = writeln!(out, "      {}", why_lost(&w.fate, cause));
    }
}

fn why_lost(fate: &Fate, cause: Option<&Weighed>) -> String {
    let name = cause.map_or("the cause", |c| c.finding.rule.name);
    match fate {
        Fate::Follows(rule, at, scope) => format!("follows from {rule} at #{at} ({}: {})", scope.name(), reach(*scope)),
        Fate::Outranked(By::Confidence) => format!("{name} is surer"),
        Fate::Outranked(By::Tier) => format!("{name} comes first on the way of a request to its answer"),
        Fate::Outranked(By::Time) => format!("{name} stands earlier in the session"),
        Fate::Outranked(By::Rank) => format!("{name} is the more special reading"),
        Fate::LastResort => "a last resort, for refusals that nothing else explains".to_owned(),
        Fate::Cause => String::new(),
    }
}

/// What a scope says, for readers.
fn reach(scope: Scope) -> &'static str {
    match scope {
        Scope::SameExchange => "on the same request",
        Scope::SameHeader => "in the same header or field",
        Scope::Chain => "of an earlier step that this request builds on",
        Scope::LaterOfActor => "later requests of the same client",
        Scope::LaterOfGrant => "later uses of the same grant",
        Scope::Retry => "the same request again",
    }
}

fn group(out: &mut String, title: &str, rules: &[&'static Rule], by: impl Fn(&Rule) -> String) {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for r in rules {
        let key = by(r);
        match groups.iter_mut().find(|g| g.0 == key) {
            Some(g) => g.1.push(r.name),
            None => groups.push((key, vec![r.name])),
        }
    }
    if !groups.is_empty() {
        let _ = writeln!(out, "\n{title}");
    }
    for (key, names) in &groups {
        list(out, key, names);
    }
}
