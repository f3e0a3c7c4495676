//! What is written while captures are read, and what of it a user asks for: lines, pages, `--host`, `--since`, `--only`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_why401"));
    command.current_dir(ROOT).arg("check").arg("--no-config").args(arguments);
    command
}

fn why401(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn text(arguments: &[&str]) -> String {
    String::from_utf8(why401(arguments).stdout).unwrap()
}

fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("streams-{name}"));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

#[test]
fn lines_are_the_same_written_piece_by_piece_or_at_once() {
    let dir = folder("same");
    let file = dir.join("all.ndjson");
    let at_once = format!("ndjson={}", file.display());
    let alone = text(&["--format", "ndjson", "--threads", "1", "samples", "Cargo.toml"]);
    assert_eq!(alone, text(&["--format", "ndjson", "--threads", "3", "samples", "Cargo.toml"]));
    assert_eq!(alone, text(&["--format", "ndjson", "-o", &at_once, "samples", "Cargo.toml"]));
    assert_eq!(alone, std::fs::read_to_string(&file).unwrap());
    assert_eq!(why401(&["--format", "ndjson", "samples"]).status.code(), Some(1));
    assert_eq!(why401(&["--format", "ndjson", "samples/ok-plain.curl.txt"]).status.code(), Some(0));
}

/// Everything that the JSON report holds, with the same numbers and aliases.
#[test]
fn lines_hold_the_report() {
    let report: Value = serde_json::from_str(&text(&["--format", "json", "samples"])).unwrap();
    let lines = text(&["--format", "ndjson", "samples"]);
    let lines: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    for (what, list) in [
        ("capture", "captures"),
        ("finding", "findings"),
        ("diagnosis", "diagnoses"),
        ("credential", "credentials"),
        ("skipped", "skipped"),
    ] {
        let of = lines.iter().filter(|l| l["type"] == what).map(|l| {
            let mut body = l.clone();
            body.as_object_mut().unwrap().remove("type");
            body
        });
        assert!(of.eq(report[list].as_array().unwrap().iter().cloned()), "{what}");
    }
    assert_eq!((lines[0]["type"].clone(), lines[0]["schema"].clone()), ("report".into(), "why401/1".into()));
    assert_eq!(lines.last().unwrap()["denied"], report["summary"]["denied"]);
    // In the order of the inputs, each finding behind its capture.
    let mut file = Value::Null;
    for l in &lines {
        match l["type"].as_str().unwrap() {
            "capture" => file = l["file"].clone(),
            "finding" => assert_eq!(l["exchange"]["file"], file),
            _ => {}
        }
    }
}

/// The first capture is told while the second, a pipe, is still being written.
#[test]
fn a_capture_is_told_before_the_next_has_come() {
    let mut child = command(&["--format", "ndjson", "samples/scheme-case.curl.txt", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || lines.next().unwrap().unwrap();
    assert!(next().starts_with("{\"type\":\"report\""));
    assert!(next().contains("\"file\":\"samples/scheme-case.curl.txt\""));
    assert!(next().contains("\"rule\":\"scheme-case\""));
    let capture = std::fs::read(Path::new(ROOT).join("samples/blank-token.curl.txt")).unwrap();
    child.stdin.take().unwrap().write_all(&capture).unwrap();
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert!(rest.iter().any(|l| l.contains("\"file\":\"stdin\"") && l.contains("blank-token")), "{rest:?}");
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

/// Whoever has seen enough goes; that is no error.
#[test]
fn a_closed_pipe_ends_the_run_in_peace() {
    for form in ["ndjson", "text", "json"] {
        let mut child = command(&["--format", form, "samples", "samples", "samples"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut [0; 10]).unwrap();
        drop(out);
        let done = child.wait_with_output().unwrap();
        assert!(matches!(done.status.code(), Some(0 | 1)), "{form}: {:?}", done.status);
        assert!(done.stderr.is_empty(), "{form}: {}", String::from_utf8_lossy(&done.stderr));
    }
}

/// Memory does not grow with the captures that were told.
#[cfg(target_os = "linux")]
#[test]
fn lines_need_memory_for_a_few_captures_only() {
    let dir = folder("memory");
    for (copy, file) in (0..5).flat_map(|copy| glob("").into_iter().map(move |file| (copy, file))) {
        let to = dir.join(copy.to_string());
        std::fs::create_dir_all(&to).unwrap();
        std::fs::copy(Path::new(ROOT).join(&file), to.join(file.strip_prefix("samples/").unwrap())).unwrap();
    }
    let peak = |captures: PathBuf| {
        let mut child = command(&["--format", "ndjson", "--threads", "1", captures.to_str().unwrap()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let status = format!("/proc/{}/status", child.id());
        let (mut most, mut captures) = (0, 0);
        for line in BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap) {
            if !line.starts_with("{\"type\":\"capture\"") {
                continue;
            }
            captures += 1;
            let now = std::fs::read_to_string(&status).unwrap_or_default();
            let kib =
                now.lines().find_map(|l| l.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.trim().parse().ok());
            most = most.max(kib.unwrap_or(0_u64));
        }
        child.wait().unwrap();
        (most, captures)
    };
    let ((few, n), (many, m)) = (peak(dir.join("0")), peak(dir.clone()));
    assert!(few > 0 && m > 4 * n, "{n} {m}");
    // The whole report of the further captures alone would take more.
    assert!(many < few + 4 * 1024, "{few} KiB for {n} captures, {many} KiB for {m}");
}

/// A page a capture, and an index that leads to each.
#[test]
fn pages_and_their_index_lead_to_each_other() {
    let dir = folder("pages");
    let out = why401(&["-o", &format!("html-dir={}", dir.display()), "--quiet", "samples"]);
    assert_eq!(out.status.code(), Some(1));
    let index = std::fs::read_to_string(dir.join("index.html")).unwrap();
    let links: Vec<&str> = index.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let pages: std::collections::BTreeSet<&str> = links.iter().copied().filter(|l| !l.starts_with('#')).collect();
    let files: Vec<_> =
        std::fs::read_dir(&dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert!(pages.len() > 100 && pages.len() + 1 == files.len(), "{} {}", pages.len(), files.len());
    for page in pages {
        assert!(files.iter().any(|f| f == page), "{page}");
        assert!(page.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)), "{page}");
        let text = std::fs::read_to_string(dir.join(page)).unwrap();
        assert!(text.contains("<a href=\"index.html\">all captures</a>") && text.contains("<h2 id=\"seq\">"), "{page}");
        assert!(text.contains("default-src 'none'"), "{page}");
    }
    let message = String::from_utf8(why401(&["-o", "html-dir", "samples"]).stderr).unwrap();
    assert!(message.contains("a folder is missing, write --output html-dir=FOLDER"), "{message}");
    let twice = why401(&["-o", "html-dir=a", "-o", "html-dir=b", "samples"]);
    assert_eq!(twice.status.code(), Some(2));
}

const TWO: &str = "samples/mixed-expired-and-cross.har";

fn causes(more: &[&str]) -> (Vec<String>, i32, String) {
    let ask = |form: &'static str| {
        let mut all = vec![TWO, "--format", form];
        all.extend(more);
        why401(&all)
    };
    let report: Value = serde_json::from_slice(&ask("json").stdout).unwrap();
    let rules = report["diagnoses"].as_array().unwrap().iter().map(|d| d["rule"].as_str().unwrap().to_owned());
    let text = ask("text");
    let last = String::from_utf8(text.stdout).unwrap().lines().last().unwrap().to_owned();
    (rules.collect(), text.status.code().unwrap(), last)
}

#[test]
fn a_part_of_the_findings_can_be_asked_for() {
    assert_eq!(causes(&[]).0, ["token-cross-host", "expired-token"]);
    let (rules, code, last) = causes(&["--host", "BI-MILL.example.test"]);
    assert_eq!((rules.as_slice(), code), (["token-cross-host".to_owned()].as_slice(), 1));
    assert!(last.contains("2 refused, 1 cause, 1 refusal not as asked"), "{last}");
    assert_eq!(causes(&["--host", "example.test"]).0.len(), 2);
    // A part of a name is no subdomain.
    for none in [["--host", "mill.example.test"], ["--only", "no-login"], ["--since", "2040-01-01"]] {
        let (rules, code, last) = causes(&none);
        assert!(rules.is_empty() && code == 0, "{none:?}");
        assert!(last.ends_with("2 refused, none as asked (--only, --host, --since)"), "{last}");
    }
}

#[test]
fn a_time_cuts_off_what_came_before() {
    // The two refusals stand 1 h 5 min apart.
    assert_eq!(causes(&["--since", "2h"]).0.len(), 2);
    assert_eq!(causes(&["--since", "10min"]).0, ["expired-token"]);
    let out = why401(&[TWO, "--since", "yesterday"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8(out.stderr).unwrap().contains("write a time (2026-05-05T10:00:00Z"));
    // Nothing is hidden of a capture that holds no times.
    let untimed = ["samples/malformed-header-plain.curl.txt", "--since", "1s", "--quiet"];
    assert!(text(&untimed).starts_with("error[malformed-header]"));
}

/// A failed login at one host explains refusals at another: whoever asks for that host sees it.
#[test]
fn what_explains_a_refusal_at_the_host_is_told() {
    let (file, found) = ["har", "txt"]
        .iter()
        .flat_map(|ext| glob(ext))
        .find_map(|file| {
            let report: Value = serde_json::from_str(&text(&[&file, "--format", "json"])).ok()?;
            let all = report["findings"].as_array()?;
            all.iter().find_map(|f| {
                let subject = host(f["exchange"]["url"].as_str()?);
                let follower = all.iter().find(|c| {
                    f["root_cause"] == true
                        && host(c["exchange"]["url"].as_str().unwrap()) != subject
                        && f["explains"].as_array().unwrap().iter().any(|p| p["index"] == c["exchange"]["index"])
                })?;
                Some((file.clone(), (f["rule"].clone(), host(follower["exchange"]["url"].as_str()?))))
            })
        })
        .expect("no sample has a cause at one host and what follows at another");
    let asked: Value = serde_json::from_str(&text(&[&file, "--format", "json", "--host", &found.1])).unwrap();
    assert!(asked["diagnoses"].as_array().unwrap().iter().any(|d| d["rule"] == found.0), "{file} {found:?}");
}

fn glob(ext: &str) -> Vec<String> {
    let mut all: Vec<String> = std::fs::read_dir(Path::new(ROOT).join("samples"))
        .unwrap()
        .map(|e| format!("samples/{}", e.unwrap().file_name().into_string().unwrap()))
        .filter(|f| f.ends_with(ext))
        .collect();
    all.sort();
    all
}

fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, r)| r);
    rest.split(['/', '?', ':']).next().unwrap().to_owned()
}

/// No login failed in silence, and what else went wrong is not passed over.
#[test]
fn a_calm_line_says_what_failed_without_being_refused() {
    let calm = |capture: &str| {
        let file = folder("calm").join("c.txt");
        std::fs::write(&file, capture).unwrap();
        text(&[file.to_str().unwrap()]).lines().last().unwrap().split_once("c.txt: ").map(|l| l.1.to_owned()).unwrap()
    };
    let server = "> GET /v1/me HTTP/1.1\n> Host: api.example.test\n>\n< HTTP/1.1 503 Service Unavailable\n<\n";
    assert_eq!(calm(server), "1 exchange, nothing refused; 1 answered 503 (not seen: bodies)");
    let fine = "> GET /v1/me HTTP/1.1\n> Host: api.example.test\n>\n< HTTP/1.1 200 OK\n<\n{\"id\":1}\n";
    assert_eq!(calm(fine), "1 exchange, nothing refused");
}

/// A part of a batch, or its causes in a line each, names no capture that has nothing to say.
#[test]
fn of_many_captures_only_those_with_something_to_say_are_named() {
    let only = text(&["samples", "--only", "wrong-port"]);
    assert!(
        !only.contains("\nok: ") && !only.contains("none as asked") && only.contains("error[wrong-port]"),
        "{only}"
    );
    let counted = only.lines().find(|l| l.contains(" captures: ")).unwrap();
    assert!(counted.contains("refused, but not as asked"), "{counted}");
    let quiet = text(&["samples", "--quiet"]);
    assert!(quiet.lines().all(|l| l.contains("]: ") && l.contains("  samples/")), "{quiet}");
    let table = text(&["samples"]);
    assert!(table.contains("other causes; --verbose shows them all"), "{table}");
    let dir = folder("fine");
    for i in 0..25 {
        std::fs::copy(Path::new(ROOT).join("samples/ok-plain.curl.txt"), dir.join(format!("{i:02}.txt"))).unwrap();
    }
    assert_eq!(text(&[dir.to_str().unwrap(), "--quiet"]), "25 captures: 0 with a cause, 25 ok\n");
}
