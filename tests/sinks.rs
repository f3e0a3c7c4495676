//! Every form of the report, over every sample: valid where a schema is published, well-formed elsewhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

mod xsd;

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

fn schema(name: &str) -> String {
    std::fs::read_to_string(root().join("tests/schemas").join(name)).unwrap()
}

#[test]
fn junit_fits_the_schema_and_has_a_case_a_capture() {
    let run = all();
    let text = written(&run, Form::Junit);
    let (schema, report) = (xsd::Schema::new(&schema("junit-10.xsd")), xsd::parse(&text));
    assert_eq!(schema.faults(&report), [""; 0]);
    let suite = &report.children[0];
    let with = |name: &str| suite.children.iter().filter(|c| c.children.iter().any(|c| c.name == name)).count();
    assert_eq!(suite.children.len(), run.report.captures.len());
    let total = |key: &str| suite.attributes[key].parse::<usize>().unwrap();
    assert_eq!((total("tests"), total("failures"), total("errors")), (suite.children.len(), with("failure"), 1));
    assert!(suite.children.iter().any(|c| c.attributes["name"].contains("\"strange\" & <bad>")));
    // A reader that fits everything would prove nothing.
    for (from, to) in [
        ("<testcase ", "<testcas "),
        ("classname=", "class="),
        (" tests=\"", " test=\""),
        ("<failure ", "<system-out/>text<failure "),
        ("</testcase>", "<property name=\"a\" value=\"b\"/></testcase>"),
    ] {
        let broken = text.replace(from, to).replace("</testcas>", "</testcase>").replace(
            "</testcase>",
            match to {
                "<testcas " => "</testcas>",
                _ => "</testcase>",
            },
        );
        assert!(!schema.faults(&xsd::parse(&broken)).is_empty(), "{to}");
    }
}

/// Where libxml2 is at hand, it says the same.
#[test]
fn junit_fits_the_schema_for_xmllint_too() {
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("junit.xml");
    std::fs::write(&file, written(&all(), Form::Junit)).unwrap();
    let xsd = root().join("tests/schemas/junit-10.xsd");
    let lint = std::process::Command::new("xmllint").arg("--noout").arg("--schema").arg(xsd).arg(&file).output();
    if let Ok(out) = lint {
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }
}

#[test]
fn gitlab_issues_fit_the_schema_and_have_all_that_gitlab_reads() {
    let run = all();
    let issues: Vec<Value> = serde_json::from_str(&written(&run, Form::Gitlab)).unwrap();
    let validator =
        jsonschema::validator_for(&serde_json::from_str(&schema("gitlab-codeclimate.json")).unwrap()).unwrap();
    let mut seen = std::collections::HashSet::new();
    for i in &issues {
        assert!(validator.is_valid(i), "{i}");
        // The schema leaves these open; without them GitLab shows nothing.
        assert!(i["check_name"].is_string());
        assert!(matches!(i["severity"].as_str().unwrap(), "info" | "minor" | "major" | "critical" | "blocker"));
        assert!(i["location"]["lines"]["begin"].as_u64().unwrap() >= 1 && i["location"]["path"].is_string());
        seen.insert(i["fingerprint"].as_str().unwrap().to_owned());
    }
    assert!(issues.len() > 80 && seen.len() == issues.len(), "{} {}", issues.len(), seen.len());
    let mut broken = issues[0].clone();
    broken.as_object_mut().unwrap().remove("fingerprint");
    assert!(!validator.is_valid(&broken));
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
