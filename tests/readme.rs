//! Every command in README.md is run in the root of the repository, and prints what stands below it.
//!
//! `UPDATE=1 cargo test --test readme` writes what the commands print now into the file; read the difference before
//! you commit it. It wants a POSIX shell.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use std::path::Path;
use std::process::Command;

use why401::format::FORMATS;
use why401::rule::{Chapter, RULES};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn page() -> String {
    std::fs::read_to_string(format!("{ROOT}/README.md")).unwrap()
}

/// What a command prints, errors included, in a shell that finds the built program.
fn run(command: &str) -> String {
    let folder = Path::new(env!("CARGO_BIN_EXE_why401")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
    // `cargo run` would build the program that is already there.
    let command = command.replace("cargo run --quiet -- ", "why401 ");
    let shell = format!("exec 2>&1\n{command}");
    let output = Command::new("sh").args(["-c", &shell]).env("PATH", path).current_dir(ROOT).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The page as it should be: below each `$ ` line of a `console` fence, what that command prints; in a fence
/// `text PATH`, that file.
fn renewed(page: &str, run: &mut dyn FnMut(&str) -> Option<String>) -> String {
    let (mut out, mut console, mut replaced) = (String::new(), false, false);
    for line in page.lines() {
        let fence = line.starts_with("```");
        if fence {
            console = line == "```console";
            replaced = false;
        }
        let command = line.strip_prefix("$ ").filter(|_| console);
        if command.is_some() || fence || !replaced {
            out.push_str(line);
            out.push('\n');
        }
        let file = line.strip_prefix("```text ").map(|path| std::fs::read_to_string(format!("{ROOT}/{path}")).unwrap());
        if let Some(shown) = file.or_else(|| command.and_then(&mut *run)) {
            replaced = true;
            out.push_str(&shown);
        }
    }
    out
}

/// The tables that come from the lists of the program.
fn tables(page: &str) -> String {
    let mut out = page.to_owned();
    for (name, table) in [("formats", formats()), ("rules", rules())] {
        let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->\n"));
        let (before, rest) = out.split_once(&open).unwrap();
        let (_, after) = rest.split_once(&close).unwrap();
        out = format!("{before}{open}{table}{close}{after}");
    }
    out
}

fn formats() -> String {
    let row = |f: &why401::format::Format| format!("| `{}` | {} |\n", f.name, f.title);
    format!("| format | what it is |\n|---|---|\n{}", FORMATS.iter().map(row).collect::<String>())
}

/// The rules by chapter, in the order of the list.
fn rules() -> String {
    let mut chapters: Vec<(Chapter, Vec<String>)> = Vec::new();
    for rule in RULES {
        let name = format!("`{}`", rule.name);
        match chapters.iter_mut().find(|(chapter, _)| *chapter == rule.chapter) {
            Some((_, names)) => names.push(name),
            None => chapters.push((rule.chapter, vec![name])),
        }
    }
    chapters.sort_by_key(|(chapter, _)| chapter.title());
    let row = |(chapter, names): &(Chapter, Vec<String>)| format!("| {} | {} |\n", chapter.title(), names.join(", "));
    format!("| about | rules |\n|---|---|\n{}", chapters.iter().map(row).collect::<String>())
}

fn commands() -> Vec<String> {
    let mut list = Vec::new();
    renewed(&page(), &mut |command| {
        list.push(command.to_owned());
        None
    });
    list
}

#[test]
fn commands_print_what_the_page_shows() {
    let page = page();
    // Running the tests from a test would not end.
    let new = renewed(&tables(&page), &mut |command| (command != "cargo test").then(|| run(command)));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(format!("{ROOT}/README.md"), &new).unwrap();
        return;
    }
    let differs = page.lines().zip(new.lines()).enumerate().find(|(_, (old, new))| old != new);
    if let Some((at, (old, new))) = differs {
        panic!(
            "README.md:{}: shows\n{old}\nbut the program prints\n{new}\n(UPDATE=1 cargo test --test readme)",
            at + 1
        );
    }
    assert_eq!(page, new);
}

#[test]
fn every_command_stands_in_a_fence_that_is_run() {
    let page = page();
    let fences: Vec<&str> = page.lines().filter_map(|l| l.strip_prefix("```")).collect();
    let known = |f: &str| f.starts_with("text samples/") || ["", "console", "rust"].contains(&f);
    assert!(fences.iter().all(|f| known(f)), "{fences:?}: not run by any test");
    assert!(commands().len() > 5, "{:?}", commands());
}

#[test]
fn the_two_commands_of_a_fresh_machine_are_there() {
    let cargo: Vec<String> = commands().into_iter().filter(|c| c.starts_with("cargo ")).collect();
    let [main, tests] = &cargo[..] else { panic!("two cargo commands expected: {cargo:?}") };
    assert!(main.starts_with("cargo run --quiet -- samples/"), "{main}");
    assert_eq!(tests, "cargo test");
}

/// Everything else that the page sends a reader to: files of the repository, and options of the program.
#[test]
fn what_the_page_names_exists() {
    let page = page();
    let links = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    for link in links.filter(|l| !l.contains("://") && !l.starts_with('#')) {
        assert!(Path::new(ROOT).join(link).exists(), "{link} is no file");
    }
    let help = run("why401 check --help; why401 rules --help; why401 snapshot --help; why401 --help");
    // Formats are named by the options of the programs that write them.
    let prose: String = page.lines().filter(|l| !l.starts_with("| ")).map(|l| format!("{l}\n")).collect();
    let options = prose
        .split(|c: char| c.is_whitespace() || c == '`')
        .filter(|w| w.starts_with("--") && w.contains(char::is_alphabetic));
    for option in options.map(|w| w.split(['=', ',', '.', ';', ')']).next().unwrap()) {
        let elsewhere = ["--quiet", "--path", "--flow-detail"].contains(&option);
        assert!(elsewhere || help.contains(option), "{option} is no option");
    }
}
