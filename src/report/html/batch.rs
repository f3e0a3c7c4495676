//! The page of many captures: totals, the causes as a table, the first card of each, all others in one line.

use std::fmt::Write as _;

use super::card::card;
use super::text::escaped;
use crate::report::batch::{Cause, causes};
use crate::report::build::Block;
use crate::report::model::{Capture, Report};
use crate::report::words::{count, thousands};

/// Captures that are named of one cause, or as healthy.
const NAMED: usize = 2000;
/// Causes with a button of their own.
const BUTTONS: usize = 5;

/// What a capture came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Came {
    Cause,
    Unreadable,
    Cut,
    Refused,
    Fine,
}

/// Title, body, what j and k do.
pub(super) fn page(report: &Report, blocks: &[Block], links: &[Option<String>]) -> (String, String, &'static str) {
    let list = causes(blocks);
    let came = came(report, blocks);
    let of = |what: Came| came.iter().filter(|c| **c == what).count() as u64;
    let all = count(report.captures.len() as u64, "capture");
    let head = match (of(Came::Cause), list.len() as u64) {
        (0, _) => format!("{all}, none with a visible cause"),
        (with, n) => format!("{} of {all} with a cause, {}", thousands(with), count(n, "cause")),
    };
    let mut out = format!("<header><h1>{}</h1>", escaped(&head));
    let exchanges = report.captures.iter().map(|c| c.exchanges).sum();
    let _ = write!(
        out,
        "<p>{} &middot; {}</p></header>\n<ul class=\"tot\"><li class=\"x\"><b>{}</b> with a cause</li>",
        count(exchanges, "exchange"),
        count(report.summary.denied, "refused request"),
        thousands(of(Came::Cause))
    );
    for (what, words) in [
        (Came::Fine, "nothing refused"),
        (Came::Refused, "refused without a visible cause"),
        (Came::Cut, "read in part"),
        (Came::Unreadable, "not readable"),
    ] {
        if of(what) > 0 {
            let _ = write!(out, "<li><b>{}</b> {words}</li>", thousands(of(what)));
        }
    }
    out.push_str("</ul>");
    if !list.is_empty() {
        table(&mut out, &list);
        captures(&mut out, &list, blocks, links);
    }
    problems(&mut out, report, links);
    healthy(&mut out, report, &came, links);
    (head, out, "next and previous capture")
}

fn came(report: &Report, blocks: &[Block]) -> Vec<Came> {
    let mut out: Vec<Came> = report
        .captures
        .iter()
        .map(|c| match (c.format.is_some(), c.problems.is_empty(), c.denied) {
            (false, ..) => Came::Unreadable,
            (_, false, _) => Came::Cut,
            (_, _, 0) => Came::Fine,
            _ => Came::Refused,
        })
        .collect();
    for b in blocks.iter().filter(|b| b.finding.root_cause) {
        if let Some(c) = out.get_mut(b.capture) {
            *c = Came::Cause;
        }
    }
    out
}

fn table(out: &mut String, list: &[Cause<'_>]) {
    out.push_str(
        "\n<h2>Causes, by captures</h2>\n<table class=\"tb causes\"><thead><tr><th scope=\"col\" class=\"num\">captures</th>\
         <th scope=\"col\" class=\"o\"><span class=\"vh\">share</span></th><th scope=\"col\">cause</th>\
         <th scope=\"col\">certainty</th><th scope=\"col\" class=\"num o\">refused</th><th scope=\"col\" class=\"o\">hosts</th>\
         </tr></thead><tbody>",
    );
    let most = list.iter().map(|c| c.captures).max().unwrap_or(1).max(1);
    for c in list {
        let share = c.captures * 1000 / most;
        let note = if c.first.finding.severity == "error" { "" } else { " nt" };
        let host = match c.hosts.as_slice() {
            [] => String::new(),
            [one] => escaped(one),
            [first, rest @ ..] => format!("{} and {} more", escaped(first), thousands(rest.len() as u64)),
        };
        let _ = write!(
            out,
            "\n<tr><td class=\"num\"><b>{}</b></td><td class=\"o barc{note}\"><svg class=\"bg\" viewBox=\"0 0 100 8\" \
             preserveAspectRatio=\"none\" aria-hidden=\"true\" height=\"8\"><rect width=\"{}.{}\" height=\"8\" \
             fill=\"currentColor\"/></svg></td><th scope=\"row\"><a class=\"m\" href=\"#c-{rule}\">{rule}</a><br>\
             <span class=\"dim\">{}</span></th><td>{}</td><td class=\"num o\">{}</td><td class=\"o m\">{host}</td></tr>",
            thousands(c.captures as u64),
            share / 10,
            share % 10,
            escaped(&summary(c)),
            escaped(c.confidence),
            thousands(c.refused),
            rule = escaped(c.rule),
        );
    }
    out.push_str("</tbody></table>");
}

/// What the rule is about; the sentence of the first capture for a rule of the user's.
fn summary(c: &Cause<'_>) -> String {
    let known = crate::rule::RULES.iter().find(|r| r.name == c.rule);
    known.map_or_else(|| c.first.finding.message.clone(), |r| r.summary.to_owned())
}

/// The name of a capture, leading to its page if it has one. Names of pages are made by `html-dir` and hold nothing that
/// needs an escape.
fn named(file: &str, link: Option<&Option<String>>) -> String {
    match link.and_then(Option::as_deref) {
        Some(page) => format!("<a class=\"m\" href=\"{page}\">{}</a>", escaped(file)),
        None => format!("<span class=\"m\">{}</span>", escaped(file)),
    }
}

fn captures(out: &mut String, list: &[Cause<'_>], blocks: &[Block], links: &[Option<String>]) {
    let all: usize = list.iter().map(|c| c.captures).sum();
    let _ = write!(
        out,
        "\n<h2>Captures</h2>\n<div class=\"bar js\" hidden><button data-f=\"all\" aria-pressed=\"true\">all {}</button>",
        thousands(all as u64)
    );
    for c in list.iter().take(BUTTONS) {
        let (rule, n) = (escaped(c.rule), thousands(c.captures as u64));
        let _ = write!(out, "<button data-f=\"{rule}\" aria-pressed=\"false\">{rule} {n}</button>");
    }
    out.push_str(
        "<output aria-live=\"polite\"></output><input type=\"search\" placeholder=\"file, words ( / )\" \
         aria-label=\"filter captures\"></div>",
    );
    let mut by_rule: rustc_hash::FxHashMap<&str, Vec<&Block>> = rustc_hash::FxHashMap::default();
    for b in blocks.iter().filter(|b| b.finding.root_cause) {
        by_rule.entry(&b.finding.rule).or_default().push(b);
    }
    for (i, c) in list.iter().enumerate() {
        cause(out, i, c, by_rule.get(c.rule).map_or(&[], Vec::as_slice), links);
    }
}

fn cause(out: &mut String, at: usize, c: &Cause<'_>, own: &[&Block], links: &[Option<String>]) {
    let rule = escaped(c.rule);
    let open = if at == 0 { " open" } else { "" };
    let _ = write!(
        out,
        "\n<details id=\"c-{rule}\"{open}><summary><b>{}</b> &nbsp;{} <span class=\"m dim\">{rule}</span></summary>\
         <div class=\"in\">",
        thousands(c.captures as u64),
        escaped(&summary(c))
    );
    let by = format!("{} &middot; ", named(&c.first.file, links.get(c.first.capture)));
    card(out, c.first, &by, &format!("f{}", at + 1), &|_| false);
    out.push_str("</div><ul class=\"cl\">");
    for b in own.iter().take(NAMED) {
        let f = &b.finding;
        let refused =
            if f.explains_count > 0 { format!("; {} refused", thousands(f.explains_count)) } else { String::new() };
        let _ = write!(
            out,
            "<li class=\"cap\" data-k=\"{rule}\"><b>{}</b> <span>{}{refused}</span></li>",
            named(&b.file, links.get(b.capture)),
            escaped(&f.message)
        );
    }
    out.push_str("</ul>");
    if let Some(rest) = own.len().checked_sub(NAMED).filter(|n| *n > 0) {
        let _ = write!(out, "<p class=\"cuts\">and {}</p>", count(rest as u64, "more finding"));
    }
    out.push_str("</details>");
}

fn problems(out: &mut String, report: &Report, links: &[Option<String>]) {
    let bad: Vec<(usize, &Capture)> =
        report.captures.iter().enumerate().filter(|(_, c)| !c.problems.is_empty()).collect();
    if bad.is_empty() {
        return;
    }
    out.push_str("\n<h2>Files with a problem</h2>\n<ul class=\"p\">");
    for (at, c) in bad.iter().take(NAMED) {
        let Some(p) = c.problems.first() else { continue };
        let _ = write!(out, "<li>{}: ", named(&c.file, links.get(*at)));
        match &c.format {
            None => out.push_str(&escaped(&p.done)),
            Some(_) => {
                let _ = write!(
                    out,
                    "line {}: {} expected; {}; {} read",
                    p.line,
                    escaped(&p.expected),
                    escaped(&p.done),
                    count(c.exchanges, "exchange")
                );
            }
        }
        out.push_str("</li>");
    }
    out.push_str("</ul>");
}

fn healthy(out: &mut String, report: &Report, came: &[Came], links: &[Option<String>]) {
    let all = report.captures.iter().zip(came).enumerate();
    let fine: Vec<(usize, &Capture)> =
        all.filter(|(_, (_, w))| **w == Came::Fine).map(|(at, (c, _))| (at, c)).collect();
    if fine.is_empty() {
        return;
    }
    let exchanges = fine.iter().map(|(_, c)| c.exchanges).sum();
    let _ = write!(
        out,
        "\n<h2>Nothing refused</h2>\n<details><summary>{}, {}</summary><ul class=\"okl\">",
        count(fine.len() as u64, "capture"),
        count(exchanges, "exchange")
    );
    for (at, c) in fine.iter().take(NAMED) {
        let _ = write!(out, "<li>{}</li>", named(&c.file, links.get(*at)));
    }
    out.push_str("</ul>");
    if let Some(rest) = fine.len().checked_sub(NAMED).filter(|n| *n > 0) {
        let _ = write!(out, "<p class=\"cuts\">and {}</p>", count(rest as u64, "more capture"));
    }
    out.push_str("</details>");
}
