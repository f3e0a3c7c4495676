//! Every built-in profile has a case that hangs on what it knows: `tests/providers/cases.txt`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::collections::BTreeSet;

use why401::analysis::{Options, analyze};
use why401::provider::{OriginEvidence, Profiles};

/// A case: profile, verdict, transcript.
fn cases() -> Vec<(String, String, String)> {
    let text = include_str!("providers/cases.txt");
    let blocks = text.split("\n== ").skip(1);
    blocks
        .map(|block| {
            let (head, transcript) = block.split_once('\n').unwrap();
            let (profile, verdict) = head.split_once(": ").unwrap();
            (profile.to_owned(), verdict.to_owned(), transcript.to_owned())
        })
        .collect()
}

/// The last refused request and the rule that explains it.
fn root(transcript: &str) -> (u64, String) {
    let run = analyze("case.txt", transcript.as_bytes(), &Options { full: true, ..Options::default() }).unwrap();
    let last = run.report.captures[0].exchanges - 1;
    let of = |f: &&why401::report::model::Finding| f.root_cause && f.explains.iter().any(|p| p.index == last);
    (last, run.report.findings.iter().find(of).map_or_else(String::new, |f| f.rule.clone()))
}

#[test]
fn each_case_has_its_verdict() {
    let mut wrong = Vec::new();
    for (profile, verdict, transcript) in cases() {
        let (_, got) = root(&transcript);
        let good = verdict.strip_prefix("not ").map_or(got == verdict, |rule| got != rule && !got.is_empty());
        if !good {
            let url = transcript.lines().next().unwrap_or_default();
            wrong.push(format!("{profile}: {verdict} wanted, {got:?} told ({url})"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_profile_has_a_case_on_a_host_of_its_own() {
    let profiles = Profiles::new();
    let mut tested = BTreeSet::new();
    for (profile, _, transcript) in cases() {
        let hosts = transcript.lines().filter_map(|l| l.strip_prefix("> Host: "));
        let known = profiles.by_id(&profile).unwrap_or_else(|| panic!("no profile {profile}"));
        for host in hosts {
            let evidence = OriginEvidence {
                host: &host.split(':').next().unwrap().to_ascii_lowercase(),
                port: None,
                paths: &[],
                bodies: &[],
                headers: &[],
            };
            let by_host = profiles.for_origin(&evidence);
            // What is told by its answers alone has no host of its own.
            assert!(by_host.id == known.id || by_host.id == "generic", "{host} is taken for {}", by_host.id);
        }
        tested.insert(profile);
    }
    let untested: Vec<_> = profiles.all().map(|p| p.id.as_str()).filter(|id| !tested.contains(*id)).collect();
    assert!(untested.is_empty(), "without a case: {untested:?}");
}
