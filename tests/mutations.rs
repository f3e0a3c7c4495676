//! A mended mistake is not found any more, and a planted one is found: over the samples, driven by two tables.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "mutations/edit.rs"]
mod edit;
#[path = "mutations/plants.rs"]
mod plants;
#[path = "mutations/repairs.rs"]
mod repairs;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use edit::{Edit, Sample};
use why401::analysis::{Options, analyze};
use why401::report::Report;

/// An accepted answer without a word about authentication.
const ACCEPTED: (u16, &str) = (200, r#"{"items":[{"ship":"Aurelia","quay":4}]}"#);
/// A refused answer that names no cause.
const REFUSED: (u16, &str) = (401, "");

fn judged(bytes: &[u8]) -> Report {
    analyze("capture", bytes, &Options { full: true, ..Options::default() }).unwrap().report
}

/// Root causes that are more than a note, and errors.
fn told(report: &Report) -> Vec<(String, Vec<u64>)> {
    let findings = report.findings.iter().filter(|f| f.root_cause && f.severity != "note" || f.severity == "error");
    findings.map(|f| (f.rule.clone(), f.explains.iter().map(|p| p.index).collect())).collect()
}

fn report(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} disagreements:\n{}", wrong.len(), wrong.join("\n"));
}

fn mended((_, sample, refused, edits): &repairs::Repair, answer: Option<(u16, &'static str)>) -> Sample {
    let mut sample = Sample::open(sample);
    let answered = |at: usize| edits.iter().any(|e| matches!(e, Edit::Answer(n, ..) | Edit::Cut(n) if *n == at));
    edits.iter().for_each(|e| sample.edit(*e));
    for at in refused.iter().copied().filter(|at| !answered(*at)) {
        let (status, body) = answer.unwrap_or(ACCEPTED);
        sample.edit(Edit::Answer(at, status, body));
    }
    sample
}

#[test]
fn a_mended_mistake_is_gone_and_no_other_error_is_told() {
    let mut wrong = Vec::new();
    for repair in repairs::REPAIRS {
        let (rule, name, refused, _) = repair;
        let before = told(&judged(&Sample::open(name).bytes()));
        if !before.iter().any(|(r, at)| r == rule && refused.iter().any(|i| at.contains(&(*i as u64)))) {
            wrong.push(format!("{rule} is no diagnosis of {name}: {before:?}"));
        }
        let after = told(&judged(&mended(repair, None).bytes()));
        if !after.is_empty() {
            wrong.push(format!("{rule} mended in {name}: {after:?}"));
        }
    }
    report(&wrong);
}

/// The request alone decides: mended, but refused all the same, it has another cause.
#[test]
fn a_mended_mistake_is_no_cause_of_a_refusal_that_stays() {
    let mut wrong = Vec::new();
    for repair in repairs::REPAIRS {
        let after = told(&judged(&mended(repair, Some(REFUSED)).bytes()));
        // The last resort fits every refusal of its kind.
        let fallback = why401::rule::RULES.iter().any(|r| r.name == repair.0 && r.is_fallback());
        if !fallback && after.iter().any(|(rule, _)| rule == repair.0) {
            wrong.push(format!("{} mended in {}: {after:?}", repair.0, repair.1));
        }
    }
    report(&wrong);
}

#[test]
fn a_planted_mistake_is_found() {
    let mut wrong = Vec::new();
    for (rule, name, at, edits) in plants::PLANTS {
        let mut sample = Sample::open(name);
        let healthy = told(&judged(&sample.bytes()));
        if !healthy.is_empty() && *name != "ok-refresh-after-401.har" {
            wrong.push(format!("{name} is not healthy: {healthy:?}"));
        }
        edits.iter().for_each(|e| sample.edit(*e));
        let place = sample.place(*at);
        let report = judged(&sample.bytes());
        // Some causes are notes by their nature: the rate of calls is no mistake of the credential.
        let mut roots = report.findings.iter().filter(|f| f.root_cause && f.rule == *rule);
        let found = roots.any(|f| f.explains.iter().any(|p| p.index == place));
        let after = told(&report);
        if !found || after.iter().any(|(r, _)| r != rule && !healthy.iter().any(|(h, _)| h == r)) {
            wrong.push(format!("{rule} planted in {name} at {place}: {after:?}"));
        }
    }
    report(&wrong);
}

#[test]
fn the_tables_cover_forty_rules() {
    let all = repairs::REPAIRS.iter().map(|r| r.0).chain(plants::PLANTS.iter().map(|p| p.0));
    let unknown: Vec<_> = all.filter(|rule| !why401::rule::RULES.iter().any(|r| r.name == *rule)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    assert!(repairs::REPAIRS.iter().map(|r| r.0).collect::<BTreeSet<_>>().len() >= 40);
    assert!(plants::PLANTS.iter().map(|p| p.0).collect::<BTreeSet<_>>().len() >= 40);
}

#[test]
fn two_mistakes_at_different_requests_are_two_diagnoses() {
    let mut sample = Sample::open("ok-identity-provider.har");
    for edit in [
        Edit::Head(1, "Authorization", "Bearer Bearer {0.access_token}"),
        Edit::Answer(1, REFUSED.0, REFUSED.1),
        Edit::Head(2, "Authorization", "Bearer \"{0.access_token}\""),
        Edit::Answer(2, REFUSED.0, REFUSED.1),
    ] {
        sample.edit(edit);
    }
    let mut found = told(&judged(&sample.bytes()));
    found.sort();
    assert_eq!(found, [("doubled-scheme".to_owned(), vec![1]), ("mangled-token".to_owned(), vec![2])]);
}

#[test]
fn one_mistake_with_ten_followers_is_one_diagnosis() {
    let mut sample = Sample::open("login-failed.har");
    for n in 3..11 {
        sample.edit(Edit::Copy(2));
        sample.edit(Edit::Later(n, n as i64));
    }
    let found = told(&judged(&sample.bytes()));
    assert_eq!(found, [("login-failed".to_owned(), (0..11).collect::<Vec<u64>>())]);
}

/// Samples, the shared captures and the corpus, as far as they are there.
fn captures() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = ["curl", "flow", "har", "log"].map(|f| format!("../shared/corpus/{f}"));
    let folders = ["samples", "../shared/captures"].into_iter().chain(corpus.iter().map(String::as_str));
    let mut files: Vec<_> = folders
        .filter_map(|f| std::fs::read_dir(root.join(f)).ok())
        .flatten()
        .map(|e| e.unwrap().path())
        .filter(|p| p.is_file() && !p.extension().is_some_and(|e| e == "md" || e == "tsv"))
        .collect();
    files.sort();
    files.iter().map(|p| (p.display().to_string(), std::fs::read(p).unwrap())).collect()
}

#[test]
fn every_refusal_has_one_root_and_an_accepted_request_no_error() {
    let mut wrong = Vec::new();
    let (mut files, mut refusals) = (0, 0);
    for (name, bytes) in captures() {
        let Ok(run) = analyze(&name, &bytes, &Options { full: true, ..Options::default() }) else { continue };
        files += 1;
        let mut roots: BTreeMap<u64, usize> = BTreeMap::new();
        for f in run.report.findings.iter().filter(|f| f.root_cause) {
            f.explains.iter().for_each(|p| *roots.entry(p.index).or_default() += 1);
        }
        if roots.values().any(|n| *n != 1) {
            wrong.push(format!("{name}: refusals with several roots: {roots:?}"));
        }
        let denied: u64 = run.report.captures.iter().map(|c| c.denied).sum();
        refusals += denied;
        if roots.len() as u64 != denied {
            wrong.push(format!("{name}: {denied} refusals, {} with a root: {roots:?}", roots.len()));
        }
        let idle = run.report.findings.iter().filter(|f| f.severity == "error" && f.explains.is_empty());
        wrong.extend(idle.map(|f| format!("{name}: {} is an error on an accepted request", f.rule)));
    }
    assert!(files >= 200 && refusals > 200, "{files} files with {refusals} refusals were looked at");
    report(&wrong);
}
