//! `why401 rules` and `why401 explain RULE`.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde::Serialize;

use super::args::{self, RulesFormat as Format};
use crate::diagnosis;
use crate::rule::{self, RULES};

#[derive(Serialize)]
struct Listed {
    name: &'static str,
    severity: rule::Severity,
    tier: Option<u8>,
    rank: Option<u16>,
    confidence: rule::Confidence,
    needs: String,
    fallback: bool,
    summary: &'static str,
}

fn listed(r: &'static rule::Rule) -> Listed {
    let needs: Vec<String> =
        r.needs.iter().map(|any| any.iter().map(|n| n.code()).collect::<Vec<_>>().join("|")).collect();
    Listed {
        name: r.name,
        severity: r.severity,
        tier: r.tier.map(|t| t.0),
        rank: r.tier.map(|t| t.1),
        confidence: r.confidence,
        needs: if needs.is_empty() { "-".to_owned() } else { needs.join(",") },
        fallback: r.is_fallback() || matches!(r.kind, rule::Kind::Link),
        summary: r.summary,
    }
}

#[derive(Serialize)]
struct List {
    rules: Vec<Listed>,
    edges: Vec<(&'static str, String, &'static str)>,
}

pub(crate) fn rules(a: &args::Rules) -> ExitCode {
    if let Some(args::RulesCommand::Test(c)) = &a.command {
        return super::config::test(c);
    }
    let config = match super::config::load(&a.configuration) {
        Ok((config, _)) => config,
        Err(e) => return super::fail(&e.message),
    };
    let all: Vec<&'static rule::Rule> = RULES.iter().chain(&config.own).copied().collect();
    let text = match a.format {
        Format::Json => {
            let edges = if a.edges { diagnosis::all_edges() } else { Vec::new() };
            let edges = edges.into_iter().map(|(x, s, y)| (x, s.name().to_owned(), y)).collect();
            let list = List { rules: all.iter().map(|r| listed(r)).collect(), edges };
            serde_json::to_string_pretty(&list).unwrap_or_default() + "\n"
        }
        Format::Text => table(&all),
        Format::Markdown => markdown(&all),
    };
    super::print(&text);
    ExitCode::SUCCESS
}

fn table(all: &[&rule::Rule]) -> String {
    let mut out = String::new();
    for r in all {
        let _ = writeln!(out, "{:<36} {:<8} {}", r.name, r.severity.word(), r.summary);
    }
    out
}

/// A table a chapter.
fn markdown(all: &[&rule::Rule]) -> String {
    let mut chapters: Vec<(rule::Chapter, Vec<&rule::Rule>)> = Vec::new();
    for r in all {
        match chapters.iter_mut().find(|c| c.0 == r.chapter) {
            Some((_, rules)) => rules.push(r),
            None => chapters.push((r.chapter, vec![r])),
        }
    }
    let mut out = "# Rules of why401\n".to_owned();
    for (chapter, rules) in chapters {
        let _ = write!(out, "\n## {}\n\n| rule | severity | what it finds |\n|---|---|---|\n", chapter.title());
        for r in rules {
            let summary = r.summary.replace('|', "\\|");
            let _ = writeln!(out, "| `{}` | {} | {summary} |", r.name, r.severity.word());
        }
    }
    out
}

pub(crate) fn explain(a: &args::Explain) -> ExitCode {
    if let Some((file, id)) = super::examine::place(&a.rule) {
        return super::examine::run(a, file, id);
    }
    let config = match super::config::load(&a.configuration) {
        Ok((config, _)) => config,
        Err(e) => return super::fail(&e.message),
    };
    match config.rule(&a.rule) {
        Some(r) => {
            super::print(&super::page::render(r));
            ExitCode::SUCCESS
        }
        None => super::fail(&unknown_rule(&a.rule)),
    }
}

/// `unknown rule "sceme-case"`, with the nearest name and where to find the others.
pub(crate) fn unknown_rule(name: &str) -> String {
    format!("{} (why401 rules lists all)", unknown("rule", name, RULES.iter().map(|r| r.name)))
}

/// `unknown rule "sceme-case"; did you mean ...`, on lines of their own.
pub(crate) fn unknown<'n>(what: &str, name: &str, known: impl Iterator<Item = &'n str>) -> String {
    crate::provider::unknown(what, name, known).replace("; did", "\n  did")
}
