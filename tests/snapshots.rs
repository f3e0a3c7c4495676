//! The report of every sample, as text and as JSON, beside `samples/`: who fires where, and in which words.
//!
//! `INSTA_UPDATE=always cargo test --test snapshots` writes them anew; read the difference before you commit it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;
use why401::analysis::{Options, Run, analyze};
use why401::report::sink::Form;
use why401::report::text::Style;
use why401::report::{render, to_json};

/// The report of a sample; nothing for the files that tell of samples.
fn judged(path: &Path) -> Option<Run> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let sample = path.is_file() && !name.ends_with(".md") && !name.ends_with(".tsv");
    sample.then(|| analyze(&name, &std::fs::read(path).unwrap(), &Options::default()).unwrap())
}

/// JSON with one line for each entry of each list; the tool's version is left out, and what is null.
fn lines(json: &str) -> String {
    let report: Value = serde_json::from_str(json).unwrap();
    let mut out = String::new();
    for (key, value) in report.as_object().unwrap().iter().filter(|(key, value)| *key != "tool" && !value.is_null()) {
        match value.as_array() {
            Some(list) => {
                let _ = writeln!(out, "{key}: {}", list.len());
                list.iter().for_each(|entry| writeln!(out, "  {entry}").unwrap());
            }
            None => writeln!(out, "{key}: {value}").unwrap(),
        }
    }
    out
}

/// Snapshots of samples that are gone or renamed would stay for ever.
fn no_orphans(kind: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(root.join("tests/snapshots")).unwrap().flatten() {
        let file = entry.file_name().into_string().unwrap();
        let Some(of) = file.strip_prefix(&format!("snapshots__{kind}@")) else { continue };
        let Some(sample) = of.strip_suffix(".snap") else { continue };
        assert!(root.join("samples").join(sample).exists(), "{file} belongs to no sample");
    }
}

#[test]
fn text() {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.bind(|| {
        insta::glob!("../samples", "*", |path| {
            let Some(run) = judged(path) else { return };
            insta::assert_snapshot!("text", render(&run.report, &run.blocks, Style::default()));
        });
    });
    no_orphans("text");
}

#[test]
fn json() {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.bind(|| {
        insta::glob!("../samples", "*", |path| {
            let Some(run) = judged(path) else { return };
            insta::assert_snapshot!("json", lines(&to_json(&run.report).unwrap()));
        });
    });
    no_orphans("json");
}

/// Every other form of a sample's report, without what the snapshots of text and JSON show already: the list of
/// rules, quoted text blocks, the bodies of lines.
fn forms(run: &Run) -> String {
    let written = |form: Form| form.write(&run.report, &run.blocks, Style::default()).unwrap();
    let mut out = String::new();
    for (name, text) in [
        ("sarif", sarif(&written(Form::Sarif))),
        ("junit", without(&written(Form::Junit), "\">", "</failure>")),
        ("github", written(Form::Github)),
        ("github-summary", written(Form::GithubSummary)),
        ("gitlab", written(Form::Gitlab)),
        ("markdown", without(&written(Form::Markdown), "```text\n", "\n```\n")),
        ("ndjson", kinds(&written(Form::Ndjson))),
        ("html", page(&written(Form::Html))),
    ] {
        let _ = write!(out, "== {name}\n{}\n", text.trim_end());
    }
    out
}

/// The results, without the list of rules.
fn sarif(text: &str) -> String {
    let log: Value = serde_json::from_str(text).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap().iter();
    results.map(|r| format!("{}\n", serde_json::to_string_pretty(r).unwrap())).collect()
}

/// The text without what stands between two marks.
fn without(text: &str, from: &str, to: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(to) {
        match before.rsplit_once(from) {
            Some((kept, _)) => out.push_str(&format!("{kept}{from}...{to}")),
            None => out.push_str(&format!("{before}{to}")),
        }
        rest = behind;
    }
    out + rest
}

fn kinds(text: &str) -> String {
    let line = |l: &str| {
        let l: Value = serde_json::from_str(l).unwrap();
        let name =
            ["file", "id", "finding", "alias"].iter().find_map(|key| l[key].as_str()).unwrap_or_default().to_owned();
        format!("{} {name}\n", l["type"].as_str().unwrap()).replace(" \n", "\n")
    };
    text.lines().map(line).collect()
}

/// What can be read on the page, a line each for blocks and rows.
fn page(html: &str) -> String {
    let body = html.split_once("<main>").unwrap().1.split_once("<footer>").unwrap().0;
    let mut out = String::new();
    for part in body.split('<') {
        let (tag, text) = part.split_once('>').unwrap_or(("", part));
        let name = tag.split(' ').next().unwrap();
        if ["p", "h1", "h2", "h3", "li", "tr", "dt", "summary", "section", "caption"].contains(&name) {
            out.push('\n');
        } else if ["td", "th", "dd", "button"].contains(&name) {
            out.push_str(" | ");
        }
        out.push_str(&text.replace("&nbsp;", " "));
    }
    let text = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    let text = text.iter().fold(out, |t, (from, to)| t.replace(from, to));
    text.lines().map(str::trim).filter(|l| !l.is_empty()).map(|l| format!("{l}\n")).collect()
}

#[test]
fn forms_beside_text_and_json() {
    let options = Options { sequence: true, ..Options::default() };
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.bind(|| {
        insta::glob!("../samples", "*", |path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.ends_with(".md") || name.ends_with(".tsv") || !path.is_file() {
                return;
            }
            let run = analyze(&name, &std::fs::read(path).unwrap(), &options).unwrap();
            insta::assert_snapshot!("forms", forms(&run));
        });
    });
    no_orphans("forms");
}
