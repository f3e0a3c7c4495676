//! What reports say keeps the rules of wording: every message, label, fix and reason of every finding, over all samples,
//! the captures in the pages of the rules, and `../shared/captures` where that is there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use why401::analysis::{Options, analyze};
use why401::format;
use why401::rule::RULES;

/// Subjects are requests, tokens, headers and servers, never people; nothing is judged beyond what was seen.
const BANNED: [&str; 17] = [
    "you",
    "your",
    "yours",
    "forgot",
    "invalid",
    "bad",
    "simply",
    "just",
    "please",
    "sorry",
    "oops",
    "obviously",
    "easily",
    "user error",
    "illegal",
    "stupid",
    "bogus",
];
/// A fix does not begin with these: it begins with what to do.
const NO_VERB: [&str; 16] =
    ["the", "a", "an", "this", "that", "these", "it", "its", "there", "should", "must", "can", "no", "is", "are", "we"];

/// The text without what the capture said: quoted words and `code`.
fn own(text: &str) -> String {
    let mut out = String::new();
    for (at, part) in text.split(['"', '`']).enumerate() {
        out.push_str(if at % 2 == 0 { part } else { "…" });
    }
    out
}

fn banned(text: &str) -> Option<&'static str> {
    let plain = format!(" {} ", own(text).to_lowercase().replace(|c: char| !c.is_alphanumeric() && c != '_', " "));
    BANNED.into_iter().find(|word| plain.contains(&format!(" {word} ")))
}

/// Lower case at the start, but for names that are written so: `JWT`, `T1`, `HTTP/2`, `Basic`-like words in quotes.
fn starts_low(text: &str) -> bool {
    let word: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '-').collect();
    let mut letters = word.chars();
    let Some(first) = letters.next() else { return true };
    !first.is_uppercase()
        || word.len() == 1
        || word.chars().skip(1).any(|c| c.is_uppercase() || c.is_ascii_digit())
        || NAMES.contains(&word.as_str())
}

/// Names of headers, schemes and things that begin with a capital.
const NAMES: [&str; 15] = [
    "Authorization",
    "Bearer",
    "Basic",
    "Digest",
    "Cookie",
    "Chrome",
    "Settings",
    "Postman",
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Headers",
    "Content-Type",
    "Referer",
    "Signature",
    "Proxy-Authorization",
    "Negotiate",
];

/// The length of a text: quoted words and hosts are the capture's, of any length, and count 12 at most.
fn template(text: &str) -> usize {
    let word = |w: &str| {
        let length = w.chars().count();
        if w.trim_end_matches(['.', ',', ';']).contains('.') { length.min(12) } else { length }
    };
    let plain = |part: &str| part.split(' ').map(|w| word(w) + 1).sum::<usize>() - 1;
    let parts = text.split('"').enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { part.chars().count().min(12) + 2 } else { plain(part) }).sum()
}

#[derive(Default)]
struct Lint {
    seen: BTreeSet<String>,
    wrong: BTreeSet<String>,
}

impl Lint {
    fn text(&mut self, rule: &str, what: &str, text: &str, most: usize) {
        if text.is_empty() || !self.seen.insert(format!("{rule} {what}: {text}")) {
            return;
        }
        let mut say = |fault: String| {
            self.wrong.insert(format!("{rule}, {what}: {fault}: {text}"));
        };
        // The renderer adds how sure it is.
        let chars = template(text.trim_start_matches("probably: ").trim_start_matches("possibly: "));
        if chars > most {
            say(format!("{chars} characters, at most {most}"));
        }
        if text.trim_end().ends_with(['.', '!']) && !text.ends_with("...") {
            say("ends with a stop".to_owned());
        }
        if text.contains('!') && own(text).contains('!') {
            say("calls out".to_owned());
        }
        if let Some(word) = banned(text) {
            say(format!("says \"{word}\""));
        }
        if !starts_low(text) {
            say("begins with a capital".to_owned());
        }
        if what == "fix" {
            let first = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
            if NO_VERB.contains(&first.as_str()) || first.ends_with("ing") {
                say(format!("\"{first}\" is nothing to do"));
            }
        }
    }

    fn capture(&mut self, bytes: &[u8], options: &Options) {
        let Ok(run) = analyze("example", bytes, options) else { return };
        let report: Value = serde_json::from_str(&why401::report::to_json(&run.report).unwrap()).unwrap();
        for f in report["findings"].as_array().unwrap() {
            let rule = f["rule"].as_str().unwrap();
            self.text(rule, "message", f["message"].as_str().unwrap(), 68);
            self.text(rule, "fix", f["fix"]["text"].as_str().unwrap(), 120);
            for e in f["evidence"].as_array().unwrap() {
                self.text(rule, "label", e["why"].as_str().unwrap_or_default(), 44);
            }
            self.text(rule, "reason", f["because"].as_str().unwrap(), 160);
            let paste = f["fix"]["paste"].as_array().unwrap();
            if paste.len() > 3 {
                self.wrong.insert(format!("{rule}, fix: {} lines to paste, at most 3", paste.len()));
            }
        }
        for d in report["diagnoses"].as_array().unwrap() {
            for a in d["alternatives"].as_array().unwrap() {
                self.text(d["rule"].as_str().unwrap(), "decided by", a["decided_by"].as_str().unwrap(), 120);
            }
        }
    }
}

fn fences(page: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some((info.split(' ').next().unwrap().to_owned(), String::new())),
            (Some(_), Some("")) => out.extend(open.take()),
            (Some((_, text)), _) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    out
}

#[test]
fn every_text_keeps_the_rules_of_wording() {
    let mut lint = Lint::default();
    for rule in RULES {
        lint.text(rule.name, "summary", rule.summary, 90);
        for (format, text) in fences(rule.explain) {
            let options = Options { format: format::by_name(&format), ..Options::default() };
            if options.format.is_some() {
                lint.capture(text.as_bytes(), &options);
            }
        }
    }
    for folder in ["samples", "../shared/captures"] {
        let Ok(list) = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)) else { continue };
        for path in list.flatten().map(|e| e.path()) {
            lint.capture(&std::fs::read(&path).unwrap(), &Options::default());
        }
    }
    assert!(lint.seen.len() > 300, "only {} texts were seen", lint.seen.len());
    let wrong: Vec<String> = lint.wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{} of {} texts\n{}", wrong.len(), lint.seen.len(), wrong.join("\n"));
}

#[test]
fn the_lint_can_fail() {
    let mut lint = Lint::default();
    for text in ["You forgot the token", "the token is invalid", "the header is gone.", &"x".repeat(69)] {
        let before = lint.wrong.len();
        lint.text("rule", "message", text, 68);
        assert!(lint.wrong.len() > before, "{text}");
    }
    lint.wrong.clear();
    lint.text("rule", "message", "the server says \"invalid token!\"", 68);
    lint.text("rule", "fix", "JWTs: send the access token", 68);
    assert!(lint.wrong.is_empty(), "{:?}", lint.wrong);
}
