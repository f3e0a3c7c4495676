//! `why401 rules` and `why401 explain RULE`.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde::Serialize;

use super::args::{self, Format};
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

pub(crate) fn explain(a: &args::Explain) -> ExitCode {
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
