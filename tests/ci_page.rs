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

/// The test that shows how another crate keeps verdicts, as the page shows it.
fn example() -> String {
    let file = std::fs::read_to_string(format!("{ROOT}/tests/insta_example.rs")).unwrap();
    let shown = file.split_once("// shown in docs/ci.md\n").unwrap().1.split_once("// end").unwrap().0.to_owned();
    format!("<!-- insta -->\n```rust\n{shown}```\n<!-- end of insta -->")
}

#[test]
fn the_page_shows_the_example_of_another_crate() {
    let page = page();
    let (before, rest) = page.split_once("<!-- insta -->").unwrap();
    let new = format!("{before}{}{}", example(), rest.split_once("<!-- end of insta -->").unwrap().1);
    assert!(page == new || std::env::var_os("UPDATE").is_some(), "UPDATE=1 cargo test --test ci_page");
}

/// The `run` of a step, without its indentation.
fn step(action: &str, name: &str) -> String {
    let rest = action.split_once(&format!("- name: {name}\n")).unwrap().1;
    let run = rest.split_once("run: ").unwrap().1;
    match run.strip_prefix("|\n") {
        None => run.lines().next().unwrap().to_owned(),
        Some(block) => {
            block.lines().take_while(|l| l.starts_with("        ")).map(|l| format!("{}\n", l.trim_start())).collect()
        }
    }
}

/// The composite action: its steps are run as a runner would, but that the program is built already.
#[test]
fn the_action_works() {
    let action = std::fs::read_to_string(format!("{ROOT}/docs/action/action.yml")).unwrap();
    let install = step(&action, "install");
    assert!(
        install.contains("--path \"$GITHUB_ACTION_PATH/../..\"") && install.contains("--root \"$RUNNER_TEMP/why401\"")
    );
    assert!(Path::new(ROOT).join("docs/action/../../Cargo.toml").exists());
    let dir = folder("action");
    let bin = dir.join("temp/why401/bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_why401"), bin.join("why401")).unwrap();
    let run = |captures: &str, baseline: &str| {
        let mut bash = Command::new("bash");
        bash.args(["-eo", "pipefail", "-c", &step(&action, "check")]).current_dir(&dir);
        bash.env("RUNNER_TEMP", dir.join("temp")).env("GITHUB_STEP_SUMMARY", dir.join("summary.md"));
        bash.env("CAPTURES", captures).env("BASELINE", baseline).output().unwrap()
    };
    let out = run("captures/scheme-case.curl.txt\ncaptures/blank-token.curl.txt\n", "");
    let said = String::from_utf8(out.stdout).unwrap();
    assert_eq!((out.status.code(), said.matches("::error file=captures/").count()), (Some(1), 2), "{said}");
    assert!(std::fs::read_to_string(dir.join("summary.md")).unwrap().contains("scheme-case"));
    assert!(std::fs::read_to_string(dir.join("why401.sarif")).unwrap().contains("blank-token"));
    shell(&dir, "why401 baseline captures/ -o known.json");
    assert_eq!(run("captures/", "known.json").status.code(), Some(0));
    assert_eq!(run("none/", "").status.code(), Some(2));
}

/// The hook for other repositories: pre-commit appends the files that are committed.
#[test]
fn the_hook_works() {
    let hooks = std::fs::read_to_string(format!("{ROOT}/docs/pre-commit-hooks.yaml")).unwrap();
    let entry = hooks.lines().find_map(|l| l.trim().strip_prefix("entry: ")).unwrap();
    let dir = folder("hook");
    let out = shell(&dir, &format!("{entry} captures/blank-token.curl.txt captures/scheme-case.curl.txt"));
    assert_eq!(out.status.code(), Some(1));
    assert_eq!(String::from_utf8(out.stdout).unwrap().lines().count(), 2);
    for key in ["id", "name", "entry", "language", "files"] {
        assert!(hooks.contains(&format!("{key}: ")), "{key}");
    }
}

fn page() -> String {
    std::fs::read_to_string(format!("{ROOT}/docs/ci.md")).unwrap()
}

#[test]
fn commands_print_what_the_page_shows() {
    let (mut page, dir) = (page(), folder("console"));
    if std::env::var_os("UPDATE").is_some() {
        let (before, rest) = page.split_once("<!-- insta -->").unwrap();
        page = format!("{before}{}{}", example(), rest.split_once("<!-- end of insta -->").unwrap().1);
    }
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
    assert_eq!(commands.len(), 3, "{commands:?}");
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
    for file in ["summary.md", "gl-code-quality.json", "why401.xml"] {
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
    for option in words.split_whitespace().filter(|w| w.starts_with("--") && !["-->", "--fail-with-body"].contains(w)) {
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
