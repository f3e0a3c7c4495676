//! CONTRIBUTING.md says that a new rule is two files and two lines: this counts the places where each rule's name occurs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use why401::format::FORMATS;
use why401::rule::RULES;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Tables of how rules stand to one another and to what servers say: the only code beside the rules that may name them.
const TABLES: [&str; 2] = ["src/diagnosis/suppress.rs", "src/diagnosis/agree.rs"];

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, out);
        } else {
            out.push(path);
        }
    }
}

/// The lines of code that hold a text: `src/rule/mod.rs: &value::blank_token::RULE,`. Comments, pages and tests are none.
fn lines_with(sources: &[(String, String)], text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (path, source) in sources.iter().filter(|(_, source)| source.contains(text)) {
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = code.lines().map(str::trim).filter(|l| l.contains(text) && !l.starts_with("//"));
        out.extend(lines.map(|l| format!("{path}: {l}")));
    }
    out
}

fn sources() -> Vec<(String, String)> {
    let mut list = Vec::new();
    files(&Path::new(ROOT).join("src"), &mut list);
    let code = list.into_iter().filter(|p| p.extension().is_some_and(|e| e == "rs") && !p.ends_with("tests.rs"));
    let shown = |p: &Path| p.strip_prefix(ROOT).unwrap().display().to_string();
    let mut out: Vec<_> = code.map(|p| (shown(&p), std::fs::read_to_string(&p).unwrap())).collect();
    out.sort();
    out
}

#[test]
fn a_rule_is_two_files_and_two_lines() {
    let sources = sources();
    let mut wrong = Vec::new();
    for rule in RULES {
        let snake = rule.name.replace('-', "_");
        let own = lines_with(&sources, "static RULE: Rule = Rule {")
            .into_iter()
            .filter(|l| l.contains(&format!("/{snake}.rs: ")))
            .count();
        let declared = lines_with(&sources, &format!(" mod {snake};"));
        let listed = lines_with(&sources, &format!("::{snake}::RULE"));
        let ok = own == 1
            && matches!(&declared[..], [one] if one.starts_with("src/rule/") && one.contains("/mod.rs: "))
            && matches!(&listed[..], [one] if one.starts_with("src/rule/mod.rs: "));
        if !ok {
            wrong.push(format!("{}: {own} definitions, declared {declared:?}, listed {listed:?}", rule.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_code_decides_by_a_rules_name() {
    let sources = sources();
    let mut wrong = Vec::new();
    for rule in RULES {
        for line in lines_with(&sources, &format!("\"{}\"", rule.name)) {
            // A rule names itself, and others as the other reading of the same evidence.
            let in_rule = line.starts_with("src/rule/") && !line.starts_with("src/rule/mod.rs");
            if !in_rule && !TABLES.iter().any(|t| line.starts_with(t)) {
                wrong.push(line);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rules_and_formats_have_unlike_names() {
    let rules: BTreeSet<&str> = RULES.iter().map(|r| r.name).collect();
    let formats: BTreeSet<&str> = FORMATS.iter().map(|f| f.name).collect();
    assert_eq!((rules.len(), formats.len()), (RULES.len(), FORMATS.len()));
    for name in rules.iter().chain(&formats) {
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{name}");
    }
}

/// Paths that the guide names exist.
#[test]
fn the_guide_names_what_is_there() {
    let page = std::fs::read_to_string(Path::new(ROOT).join("CONTRIBUTING.md")).unwrap();
    let mut seen = 0;
    for word in page.split('`').skip(1).step_by(2).flat_map(str::split_whitespace) {
        let path = word.replace("CHAPTER", "value").replace("NAME", "har").replace("*.toml", "looker.toml");
        let is_path = ["src/", "tests/", ".ci/", "samples/"].iter().any(|start| path.starts_with(start));
        if is_path {
            seen += 1;
            assert!(Path::new(ROOT).join(&path).exists(), "CONTRIBUTING.md names {word}");
        }
    }
    assert!(seen > 5, "the guide names {seen} paths");
}
