//! `why401 snapshot`: one normalised report a capture, to be kept beside the captures and compared.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use similar::{ChangeTag, TextDiff};

use super::args;
use crate::analysis::{Options, Run, each_capture, judge};
use crate::report::to_snapshot;
use crate::source::Limits;

pub(crate) fn run(a: &args::Snapshot) -> ExitCode {
    let made = make(a);
    let told = made.and_then(|texts| if a.check { check(a, &texts) } else { write(a, &texts) });
    match told {
        Ok((text, differs)) => {
            super::print(&text);
            ExitCode::from(u8::from(differs))
        }
        Err(message) => super::fail(&message),
    }
}

/// The snapshots by the file that holds them, relative to the output folder.
fn make(a: &args::Snapshot) -> Result<BTreeMap<PathBuf, String>, String> {
    let (config, profiles) = super::config::load(&a.configuration).map_err(|e| e.message)?;
    let mut options = Options { config, profiles, full: true, reading: a.inputs.reading(), ..Options::default() };
    options.format = a.inputs.format()?;
    let (mut texts, mut error) = (BTreeMap::new(), None);
    each_capture(&a.inputs.selection(Limits::default(), 1), &options, |read| {
        let (name, format, facts) = match read {
            Ok(capture) => capture,
            Err(refused) => return error = error.take().or(Some(refused.to_string())),
        };
        // Snapshots of an earlier run are no captures.
        if Path::new(name).starts_with(&a.output) {
            return;
        }
        // Each capture has a report of its own, so that aliases do not depend on its neighbours.
        let shown = below(name, &a.inputs.paths);
        let mut run = Run::new(&options);
        run.add_judged(&shown, format.name, judge(facts, &options));
        run.finish();
        let file = PathBuf::from(format!("{shown}.txt"));
        if texts.insert(file, to_snapshot(&run.report)).is_some() {
            error = error.take().or(Some(format!("two captures are named {shown}; take one folder at a time")));
        }
    });
    match error {
        Some(e) => Err(e),
        None if texts.is_empty() => Err("no captures found".to_owned()),
        None => Ok(texts),
    }
}

/// The name of a capture below the folder that was named, with `/`, never leading out of it.
fn below(name: &str, roots: &[std::ffi::OsString]) -> String {
    let path = Path::new(name);
    let inside = roots.iter().filter(|r| Path::new(r).is_dir()).find_map(|r| path.strip_prefix(r).ok());
    let file = || path.file_name().map_or(path, Path::new);
    let parts = inside.unwrap_or_else(file).components();
    let normal = parts.filter_map(|c| match c {
        Component::Normal(part) => Some(part.to_string_lossy().replace(['\\', ':'], "_")),
        _ => None,
    });
    normal.collect::<Vec<_>>().join("/")
}

fn write(a: &args::Snapshot, texts: &BTreeMap<PathBuf, String>) -> Result<(String, bool), String> {
    for (file, text) in texts {
        let path = a.output.join(file);
        let failed = |e: std::io::Error| format!("{}: {e}", path.display());
        std::fs::create_dir_all(path.parent().unwrap_or(&a.output)).map_err(failed)?;
        super::files::replace(&path, text.as_bytes()).map_err(failed)?;
    }
    let n = crate::report::words_of(texts.len() as u64, "snapshot");
    Ok((format!("{n} written to {}\n", a.output.display()), false))
}

fn check(a: &args::Snapshot, texts: &BTreeMap<PathBuf, String>) -> Result<(String, bool), String> {
    let (mut out, mut differ) = (String::new(), 0_u64);
    for (file, new) in texts {
        let path = a.output.join(file);
        let shown = path.display();
        match std::fs::read_to_string(&path) {
            Ok(old) if old.replace("\r\n", "\n") == *new => continue,
            Ok(old) => {
                let _ = writeln!(out, "{shown} differs");
                out.push_str(&diff(&old.replace("\r\n", "\n"), new));
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                let _ = writeln!(out, "{shown} is missing");
            }
            Err(e) => return Err(format!("{shown}: {e}")),
        }
        differ += 1;
    }
    for stale in kept(&a.output)?.into_iter().filter(|f| !texts.contains_key(f)) {
        let _ = writeln!(out, "{} belongs to no capture", a.output.join(stale).display());
        differ += 1;
    }
    let n = texts.len() as u64;
    let count = crate::report::words_of(n, "snapshot");
    let _ = match differ {
        0 => writeln!(out, "{count} as kept"),
        1 => writeln!(out, "1 of {count} differs; without --check it is written anew"),
        _ => writeln!(out, "{differ} of {count} differ; without --check they are written anew"),
    };
    Ok((out, differ > 0))
}

/// Snapshots in the output folder, relative to it, sorted.
fn kept(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        let list = std::fs::read_dir(&next).map_err(|e| format!("{}: {e}", next.display()))?;
        for path in list.filter_map(|entry| Some(entry.ok()?.path())) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "txt") {
                files.extend(path.strip_prefix(folder).map(Path::to_owned));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Changed lines with two lines around each, `-` as kept, `+` as it is now.
fn diff(old: &str, new: &str) -> String {
    let mut out = String::new();
    let diff = TextDiff::from_lines(old, new);
    for (i, group) in diff.grouped_ops(2).iter().enumerate() {
        if i > 0 {
            out.push_str("  ...\n");
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            let line = format!("  {sign} {}", change.value());
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }
    out
}
