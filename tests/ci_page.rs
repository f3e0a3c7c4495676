//! Every command of docs/ci.md is run: those of `console` fences print what stands below them, those of `yaml` fences work.
//!
//! `UPDATE=1 cargo test --test ci_page` writes what the commands print now; read the difference. It wants a POSIX shell.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The folder that the page speaks of.
fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ci-{name}"));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(dir.join("captures")).unwrap();
    for sample in ["blank-token.curl.txt", "scheme-case.curl.txt"] {
        std::fs::copy(format!("{ROOT}/samples/{sample}"), dir.join("captures").join(sample)).unwrap();
    }
    std::fs::write(dir.join("why401.toml"), "").unwrap();
    dir
}

fn shell(dir: &Path, command: &str) -> Output {
    let programs = Path::new(env!("CARGO_BIN_EXE_why401")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec 2>&1\n{command}")]).env("PATH", path).current_dir(dir);
    shell.env("GITHUB_STEP_SUMMARY", dir.join("summary.md")).env("CAPTURES", "captures/");
    shell.output().unwrap()
}

fn page() -> String {
    std::fs::read_to_string(format!("{ROOT}/docs/ci.md")).unwrap()
}

#[test]
fn commands_print_what_the_page_shows() {
    let (page, dir) = (page(), folder("console"));
    let (mut new, mut console, mut ran) = (String::new(), false, 0);
    for line in page.lines() {
        if line.starts_with("```") {
            console = line == "```console";
        }
        let command = line.strip_prefix("$ ").filter(|_| console);
        if !console || command.is_some() || line.starts_with("```") {
            new.push_str(&format!("{line}\n"));
        }
        if let Some(command) = command {
            ran += 1;
            let printed = String::from_utf8(shell(&dir, command).stdout).unwrap();
            new.push_str(&printed);
            if !printed.is_empty() && !printed.ends_with('\n') {
                new.push('\n');
            }
        }
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(format!("{ROOT}/docs/ci.md"), &new).unwrap();
        return;
    }
    assert!(ran > 8, "{ran}");
    assert_eq!(page, new, "UPDATE=1 cargo test --test ci_page");
}

/// The lines of a snippet that a CI runs.
fn snippets(page: &str) -> Vec<String> {
    let fences = page.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let command = |l: &str| {
        l.find("why401 ").filter(|at| l[..*at].ends_with(": ") || l[..*at].ends_with("- ")).map(|at| l[at..].to_owned())
    };
    fences.flat_map(|f| f.lines().filter_map(command)).filter(|c| c.contains("check")).collect()
}

#[test]
fn snippets_work() {
    let page = page();
    let commands = snippets(&page);
    assert_eq!(commands.len(), 4, "{commands:?}");
    let dir = folder("yaml");
    shell(&dir, "why401 baseline captures/ -o known.json");
    for command in &commands {
        // pre-commit appends the files that are committed.
        let files = if command.contains("captures/") || command.contains("$CAPTURES") {
            ""
        } else {
            " captures/scheme-case.curl.txt"
        };
        let out = shell(&dir, &format!("{command}{files}"));
        let wanted = if command.contains("known.json") { 0 } else { 1 };
        assert_eq!(out.status.code(), Some(wanted), "{command}: {}", String::from_utf8_lossy(&out.stdout));
    }
    for file in ["summary.md", "why401.sarif", "gl-code-quality.json", "why401.xml"] {
        assert!(std::fs::metadata(dir.join(file)).unwrap().len() > 20, "{file}");
    }
}

/// Commands and options that the documentation names are there.
#[test]
fn what_the_page_names_exists() {
    let dir = folder("names");
    let text = |command: &str| String::from_utf8(shell(&dir, command).stdout).unwrap();
    let help = text("why401 --help; why401 check --help; why401 baseline --help; why401 snapshot --help");
    let words = page().replace(['`', ',', ';'], " ");
    for option in words.split_whitespace().filter(|w| w.starts_with("--")) {
        assert!(help.contains(option) || option == "--path", "{option}");
    }
    for page in ["README.md", "docs/ci.md"] {
        let page = std::fs::read_to_string(format!("{ROOT}/{page}")).unwrap();
        for named in page.split("`why401 ").skip(1).filter_map(|rest| rest.split([' ', '`']).next()) {
            let command = named.bytes().all(|b| b.is_ascii_lowercase());
            assert!(!command || help.contains(&format!("\n  {named} ")), "why401 {named} is no command");
        }
    }
}
