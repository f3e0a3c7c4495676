//! Every rule's page is its test: the captures in its fences are run, and must give what the fence says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use why401::analysis::{Options, analyze};
use why401::format;
use why401::report::Report;
use why401::rule::{RULES, Rule};

/// A fence of a page: its info words and its text.
struct Fence {
    info: Vec<String>,
    text: String,
}

fn fences(page: &str) -> Vec<Fence> {
    let mut out = Vec::new();
    let mut open: Option<Fence> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                open = Some(Fence { info: info.split_whitespace().map(str::to_owned).collect(), text: String::new() })
            }
            (Some(_), Some("")) => out.extend(open.take()),
            (Some(f), _) => {
                f.text.push_str(line);
                f.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is not closed");
    out
}

fn judge(fence: &Fence, rule: &Rule) -> Report {
    let format = format::by_name(&fence.info[0]);
    assert!(format.is_some(), "{}: unknown format {}", rule.name, fence.info[0]);
    let options = Options { format, ..Options::default() };
    let run = analyze("example", fence.text.as_bytes(), &options).unwrap();
    assert!(run.report.captures[0].exchanges > 0, "{}: nothing was read of\n{}", rule.name, fence.text);
    run.report
}

fn shown(report: &Report) -> String {
    let list = report.findings.iter().map(|f| {
        format!("  {} at #{} root={} {} {}", f.rule, f.exchange.index, f.root_cause, f.severity, f.confidence)
    });
    list.collect::<Vec<_>>().join("\n")
}

/// Checks one fence; gives what went wrong.
fn check(fence: &Fence, rule: &Rule) -> Option<String> {
    let words: Vec<&str> = fence.info.iter().map(String::as_str).collect();
    let report = judge(fence, rule);
    let at = |n: &str| n.trim_start_matches('#').parse::<u64>().unwrap();
    let good = match words[1..] {
        ["ok"] => report.findings.iter().all(|f| !f.root_cause && f.severity != "error"),
        ["no", name] => report.findings.iter().all(|f| f.rule != name),
        ["root", name, n] => {
            report.findings.iter().any(|f| f.rule == name && f.root_cause && f.exchange.index == at(n))
        }
        ["note", name, n] => {
            let here = |f: &&why401::report::model::Finding| f.rule == name && f.exchange.index == at(n);
            report.findings.iter().any(|f| here(&f) && f.severity == "note")
                && report.findings.iter().all(|f| f.severity != "error")
        }
        // The diagnosis of a request names this rule as the other reading of the evidence.
        ["or", name, n] => report.diagnoses.iter().any(|d| {
            let here = |f: &why401::report::model::Finding| f.id == d.finding && f.exchange.index == at(n);
            report.findings.iter().any(here) && d.alternatives.iter().any(|a| a.rule == name)
        }),
        ["finding", name, n] => report.findings.iter().any(|f| f.rule == name && f.exchange.index == at(n)),
        _ => panic!("{}: what does the fence `{}` expect?", rule.name, fence.info.join(" ")),
    };
    (!good).then(|| {
        format!("{}: expected `{}`, got\n{}\nin\n{}", rule.name, fence.info.join(" "), shown(&report), fence.text)
    })
}

#[test]
fn every_page_is_right() {
    let mut wrong = Vec::new();
    for rule in RULES {
        for fence in fences(rule.explain).iter().filter(|f| f.info.len() > 1) {
            wrong.extend(check(fence, rule));
        }
    }
    assert!(wrong.is_empty(), "{} fences are wrong:\n\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn every_page_shows_the_mistake_and_its_twin() {
    for rule in RULES {
        let list = fences(rule.explain);
        let own = |word: &str| list.iter().any(|f| f.info.get(1).is_some_and(|w| w == word));
        let fires = list.iter().any(|f| {
            f.info.get(2).is_some_and(|n| n == rule.name)
                && f.info.get(1).is_some_and(|w| w == "root" || w == "finding")
        });
        let link = matches!(rule.kind, why401::rule::Kind::Link);
        assert!(fires || link, "{}: no fence shows it", rule.name);
        assert!(own("ok") || own("no"), "{}: no fence shows what is right", rule.name);
        assert!(
            rule.explain.starts_with(&format!("# {}\n", rule.name)),
            "{}: the page begins with its name",
            rule.name
        );
    }
}

#[test]
fn names_are_unique_and_files_bear_them() {
    let mut names: Vec<&str> = RULES.iter().map(|r| r.name).collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rule");
    let mut files = Vec::new();
    for chapter in std::fs::read_dir(root).unwrap().flatten().filter(|e| e.path().is_dir()) {
        for file in std::fs::read_dir(chapter.path()).unwrap().flatten() {
            let name = file.file_name().into_string().unwrap();
            if let Some(stem) = name.strip_suffix(".md") {
                files.push(stem.replace('_', "-"));
            }
        }
    }
    files.sort_unstable();
    assert_eq!(files, names, "one page a rule, one rule a page");
}
