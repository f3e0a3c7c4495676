//! Every form of the report, over every sample: valid where a schema is published, well-formed elsewhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::path::PathBuf;

use serde_json::Value;
use why401::analysis::{Options, Run, judge, read};
use why401::report::sink::{FORMS, Form};
use why401::report::text::Style;

fn root() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

/// All samples in one report, and an input that is none.
fn all() -> Run {
    let options = Options::default();
    let mut run = Run::new(&options);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(root().join("samples")).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let bytes = std::fs::read(&file).unwrap();
        if name.ends_with(".md") || name.ends_with(".tsv") {
            continue;
        }
        let (format, facts) = read(&bytes, &options).unwrap();
        run.add_judged(&name, format.name, judge(&facts, &options));
    }
    run.add_unreadable("a \"strange\" & <bad>\u{7}.har", "it is empty");
    run.finish();
    run
}

fn written(run: &Run, form: Form) -> String {
    form.write(&run.report, &run.blocks, Style::default()).unwrap()
}

#[test]
fn sarif_fits_the_schema() {
    let run = all();
    let sarif: Value = serde_json::from_str(&written(&run, Form::Sarif)).unwrap();
    let mut schema: Value =
        serde_json::from_slice(&std::fs::read(root().join("tests/schemas/sarif-2.1.0.json")).unwrap()).unwrap();
    // As published, this pattern has an unpaired bracket, which strict engines refuse; nothing here has a language.
    for part in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][part]["properties"]["language"];
        assert!(language.as_object_mut().unwrap().remove("pattern").is_some());
    }
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(&sarif).take(5).map(|e| format!("{} at {}", e, e.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.len() > 80);
    for r in results {
        let rule = &sarif["runs"][0]["tool"]["driver"]["rules"][r["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], r["ruleId"]);
        let region = &r["locations"][0]["physicalLocation"]["region"];
        assert!(region["startLine"].as_u64().unwrap() >= 1 && region["startColumn"].as_u64().unwrap() >= 1, "{r}");
        let uri = r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.starts_with('/') && !uri.contains(' '), "{uri}");
    }
    assert!(results.iter().any(|r| r["codeFlows"].is_array()));
}

/// The committed schema is the program's, and all samples' reports fit it. `UPDATE=1` writes it anew.
#[test]
fn json_fits_the_committed_schema() {
    let file = root().join("docs/report.schema.json");
    let now = why401::report::schema() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &now).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(kept.replace("\r\n", "\n") == now, "UPDATE=1 cargo test --test sinks writes docs/report.schema.json");
    let validator = jsonschema::validator_for(&serde_json::from_str(&now).unwrap()).unwrap();
    let known = Some(why401::report::baseline::Baseline::of(&all().blocks[..3]));
    let mut compared = Run::new(&Options { baseline: known, ..Options::default() });
    compared.finish();
    assert!(compared.report.baseline.as_ref().unwrap().resolved.len() > 1);
    for run in [all(), compared] {
        let report: Value = serde_json::from_str(&written(&run, Form::Json)).unwrap();
        let faults: Vec<String> = validator.iter_errors(&report).take(5).map(|e| e.to_string()).collect();
        assert!(faults.is_empty(), "{faults:#?}");
    }
    // A schema that fits everything would prove nothing.
    let mut broken: Value = serde_json::from_str(&written(&all(), Form::Json)).unwrap();
    broken["findings"][0]["severity"] = 3.into();
    assert!(!validator.is_valid(&broken));
    broken["findings"][0].as_object_mut().unwrap().remove("severity");
    assert!(!validator.is_valid(&broken));
}

/// Element names and attributes, in order.
fn xml(text: &str) -> Vec<(String, Vec<(String, String)>)> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(text);
    let mut out = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(e) | Event::Empty(e) => {
                let attributes = e.attributes().map(|a| {
                    let a = a.unwrap();
                    let key = String::from_utf8(a.key.as_ref().to_vec()).unwrap();
                    (key, a.unescape_value().unwrap().into_owned())
                });
                out.push((String::from_utf8(e.name().as_ref().to_vec()).unwrap(), attributes.collect()));
            }
            Event::Eof => return out,
            _ => {}
        }
    }
}

#[test]
fn junit_has_a_case_a_capture() {
    let run = all();
    let elements = xml(&written(&run, Form::Junit));
    let count = |name: &str| elements.iter().filter(|e| e.0 == name).count();
    assert_eq!(count("testcase"), run.report.captures.len());
    assert_eq!(count("error"), 1);
    let totals = &elements.iter().find(|e| e.0 == "testsuite").unwrap().1;
    let total = |key: &str| totals.iter().find(|a| a.0 == key).unwrap().1.parse::<usize>().unwrap();
    assert_eq!((total("tests"), total("failures"), total("errors")), (count("testcase"), count("failure"), 1));
    assert!(elements.iter().any(|e| e.1.iter().any(|a| a.1.contains("\"strange\" & <bad>"))));
}

#[test]
fn gitlab_issues_have_all_that_gitlab_reads() {
    let run = all();
    let issues: Vec<Value> = serde_json::from_str(&written(&run, Form::Gitlab)).unwrap();
    let mut seen = std::collections::HashSet::new();
    for i in &issues {
        assert!(i["description"].is_string() && i["check_name"].is_string());
        assert!(matches!(i["severity"].as_str().unwrap(), "info" | "minor" | "major" | "critical" | "blocker"));
        assert!(i["location"]["lines"]["begin"].as_u64().unwrap() >= 1 && i["location"]["path"].is_string());
        seen.insert(i["fingerprint"].as_str().unwrap().to_owned());
    }
    assert!(issues.len() > 80 && seen.len() > 80);
}

#[test]
fn annotations_are_one_line_each() {
    let run = all();
    for line in written(&run, Form::Github).lines() {
        let (head, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        assert!(
            head.starts_with("error file=") || head.starts_with("warning file=") || head.starts_with("notice file=")
        );
        assert!(head.contains(",title=why401 ") && !message.is_empty(), "{line}");
    }
}

#[test]
fn ndjson_lines_are_objects_that_say_what_they_are() {
    let run = all();
    let text = written(&run, Form::Ndjson);
    let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let count = |kind: &str| lines.iter().filter(|l| l["type"] == kind).count();
    assert_eq!(count("capture"), run.report.captures.len());
    assert_eq!(count("finding"), run.report.findings.len());
    assert_eq!(lines.last().unwrap()["type"], "summary");
}

#[test]
fn markdown_fences_are_closed_and_diagrams_are_plain() {
    let run = all();
    let text = written(&run, Form::Markdown);
    assert_eq!(text.lines().filter(|l| l.starts_with("```")).count() % 2, 0);
    let diagrams: Vec<&str> = text.split("```mermaid\n").skip(1).map(|d| d.split("```").next().unwrap()).collect();
    assert!(diagrams.len() > 50);
    for line in diagrams.iter().flat_map(|d| d.lines()).filter(|l| l.contains(": ")) {
        assert!(!line.contains(['<', '"']), "{line}");
        let text = line.split_once(": ").unwrap().1;
        let bare =
            ["#59;", "#35;", "#60;", "#62;", "#34;", "#96;"].iter().fold(text.to_owned(), |t, e| t.replace(e, ""));
        assert!(!bare.contains([';', '#']), "{line}");
    }
}

#[test]
fn the_same_report_has_the_same_bytes() {
    let (a, b) = (all(), all());
    for (form, name, _) in FORMS {
        assert_eq!(written(&a, *form), written(&b, *form), "{name}");
    }
}

#[test]
fn forms_are_written_to_files_and_a_mistake_in_one_is_named() {
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("sinks");
    std::fs::create_dir_all(&dir).unwrap();
    let run = |arguments: &[&str]| {
        std::process::Command::new(env!("CARGO_BIN_EXE_why401")).args(arguments).current_dir(&dir).output().unwrap()
    };
    let capture = root().join("samples/scheme-case.curl.txt");
    let capture = capture.to_str().unwrap();
    let out = run(&["check", capture, "-o", "sarif=a.sarif", "--output", "markdown=a.md", "--format", "github"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(String::from_utf8(out.stdout).unwrap().starts_with("::error file="));
    assert!(std::fs::read_to_string(dir.join("a.sarif")).unwrap().contains("\"scheme-case\""));
    assert!(std::fs::read_to_string(dir.join("a.md")).unwrap().contains("sequenceDiagram"));
    let message = |arguments: &[&str]| String::from_utf8(run(arguments).stderr).unwrap();
    assert!(message(&["check", capture, "-o", "sarif"]).contains("a file is missing, write --output sarif=FILE"));
    assert!(message(&["check", capture, "-o", "sarf=x"]).contains("did you mean \"sarif\""));
    assert!(message(&["check", capture, "-o", "json=none/x"]).starts_with("error: none/x: "));
}
