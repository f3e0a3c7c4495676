//! From what the user typed to a list of inputs: files, folders, patterns, standard input.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use ignore::WalkBuilder;

use super::error::SourceError;
use super::patterns::{Patterns, glob};

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// As the user would type it, with `/` between folders; `stdin` for standard input.
    pub name: String,
    /// How it came on the list.
    pub origin: Origin,
    /// What it is.
    pub kind: Kind,
}

/// How an input came on the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The user named it, or a pattern that it fits: if it cannot be read, that is an error.
    Named,
    /// It lies in a folder: if it is no capture, it is passed over.
    Walked,
}

/// What an input is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file, or a pipe with a name.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

/// The inputs in order, and what was named in vain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walked {
    /// What can be read.
    pub inputs: Vec<Input>,
    /// What cannot.
    pub errors: Vec<SourceError>,
}

/// Lists the inputs of a command line, in the order of `paths`; what lies in a folder in the order of the bytes of its
/// path. No input is listed twice.
///
/// Hidden files and links in folders are passed over; ignore files have no say. `include` and `exclude` hold for
/// folders, `exclude` also for patterns that why401 expands itself. A path that exists is never taken for a pattern.
pub fn walk(paths: &[OsString], include: &[String], exclude: &[String]) -> Walked {
    let mut out = Walked::default();
    let mut patterns = |list| {
        Patterns::new(list).unwrap_or_else(|e| {
            out.errors.push(e);
            Patterns::default()
        })
    };
    let filter = Filter { include: patterns(include), exclude: patterns(exclude) };
    for path in paths {
        if let Err(error) = one(path, &filter, &mut out) {
            out.errors.push(error);
        }
    }
    let mut seen = HashSet::new();
    out.inputs.retain(|input| {
        seen.insert(match &input.kind {
            Kind::File(path) => Some(path.components().filter(|c| *c != Component::CurDir).collect::<PathBuf>()),
            Kind::Stdin => None,
        })
    });
    out
}

struct Filter {
    include: Patterns,
    exclude: Patterns,
}

fn one(typed: &OsString, filter: &Filter, out: &mut Walked) -> Result<(), SourceError> {
    if typed == "-" {
        out.inputs.push(Input { name: "stdin".into(), origin: Origin::Named, kind: Kind::Stdin });
        return Ok(());
    }
    let path = Path::new(typed);
    let name = shown(path);
    match std::fs::metadata(path) {
        Ok(meta) if meta.is_dir() => folder(path, &name, filter, out),
        Ok(_) => out.inputs.push(Input { name, origin: Origin::Named, kind: Kind::File(path.to_owned()) }),
        Err(_) if name.contains(['*', '?', '[', '{']) => return expand(&name, filter, out),
        Err(error) => return Err(SourceError::io(&name, &error)),
    }
    Ok(())
}

/// A path as it is typed.
fn shown(path: &Path) -> String {
    let name = path.to_string_lossy();
    if cfg!(windows) { name.replace('\\', "/") } else { name.into_owned() }
}

/// The files of a folder.
fn folder(path: &Path, name: &str, filter: &Filter, out: &mut Walked) {
    let prefix = match name {
        "." | "./" => String::new(),
        _ => format!("{}/", name.trim_end_matches('/')),
    };
    for (path, inside) in files(path, &prefix, None, filter, out) {
        if filter.include.is_empty() || filter.include.fit(&inside) {
            let name = format!("{prefix}{inside}");
            out.inputs.push(Input { name, origin: Origin::Walked, kind: Kind::File(path) });
        }
    }
}

/// The files that fit a pattern.
fn expand(typed: &str, filter: &Filter, out: &mut Walked) -> Result<(), SourceError> {
    let plain = typed.strip_prefix("./").unwrap_or(typed);
    let special = plain.find(['*', '?', '[', '{']).unwrap_or(0);
    let cut = plain.get(..special).and_then(|p| p.rfind('/')).map_or(0, |i| i + 1);
    let (prefix, rest) = plain.split_at_checked(cut).unwrap_or(("", plain));
    let depth = if rest.contains("**") || rest.contains('{') { None } else { Some(rest.split('/').count()) };
    let matcher = glob(rest, typed)?.compile_matcher();
    let before = out.inputs.len();
    let base = if prefix.is_empty() { Path::new(".") } else { Path::new(prefix) };
    if !base.is_dir() {
        return Err(SourceError::NoMatch { pattern: typed.to_owned() });
    }
    for (path, inside) in files(base, prefix, depth, filter, out) {
        if matcher.is_match(&inside) {
            let name = format!("{prefix}{inside}");
            out.inputs.push(Input { name, origin: Origin::Named, kind: Kind::File(path) });
        }
    }
    if out.inputs.len() == before {
        return Err(SourceError::NoMatch { pattern: typed.to_owned() });
    }
    Ok(())
}

/// Files below a folder that are not excluded, each with its path from there on, sorted by the bytes of that.
fn files(base: &Path, prefix: &str, depth: Option<usize>, filter: &Filter, out: &mut Walked) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let walker = WalkBuilder::new(base).standard_filters(false).hidden(true).max_depth(depth).build();
    let mut pruned: Option<PathBuf> = None;
    for entry in walker {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                out.errors.push(unreadable(error, base, prefix));
                continue;
            }
        };
        // What lies below an excluded folder is excluded.
        if pruned.as_deref().is_some_and(|p| entry.path().starts_with(p)) {
            continue;
        }
        let inside = entry.path().strip_prefix(base).map(shown).unwrap_or_default();
        if filter.exclude.fit(&inside) {
            pruned = Some(entry.into_path());
        } else if entry.file_type().is_some_and(|t| t.is_file()) {
            found.push((entry.into_path(), inside));
        }
    }
    found.sort_by(|a, b| a.0.as_os_str().as_encoded_bytes().cmp(b.0.as_os_str().as_encoded_bytes()));
    found
}

fn unreadable(error: ignore::Error, base: &Path, prefix: &str) -> SourceError {
    let mut path = base.to_owned();
    let mut inner = &error;
    loop {
        inner = match inner {
            ignore::Error::WithPath { path: at, err } => {
                path.clone_from(at);
                err
            }
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => err,
            _ => break,
        };
    }
    let name = match path.strip_prefix(base) {
        Ok(inside) => format!("{prefix}{}", shown(inside)),
        Err(_) => shown(&path),
    };
    match inner.io_error() {
        Some(io) => SourceError::io(&name, io),
        None => SourceError::Io { name, why: "the folder cannot be listed".into() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::testing::Folder;

    fn tree() -> Folder {
        let f = Folder::new();
        for name in ["b.har", "a/z.har", "a/y.log", "a.har", "a/deep/x.har", ".hidden.har", ".git/c.har", "old/q.har"] {
            f.put(name, "{}");
        }
        f.put(".gitignore", "*.har");
        f
    }

    fn names(f: &Folder, paths: &[&str], include: &[&str], exclude: &[&str]) -> (Vec<String>, Vec<String>) {
        let at = format!("{}/", f.path().display());
        let own = |l: &[&str]| l.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let paths: Vec<OsString> =
            paths.iter().map(|p| if *p == "-" { "-".into() } else { format!("{at}{p}").into() }).collect();
        let walked = walk(&paths, &own(include), &own(exclude));
        let strip = |s: String| s.replace(&at, "");
        (
            walked.inputs.into_iter().map(|i| strip(i.name)).collect(),
            walked.errors.into_iter().map(|e| strip(e.to_string())).collect(),
        )
    }

    #[test]
    fn folders_are_walked_in_the_order_of_bytes() {
        let f = tree();
        let (all, errors) = names(&f, &[""], &[], &[]);
        assert_eq!(all, ["a.har", "a/deep/x.har", "a/y.log", "a/z.har", "b.har", "old/q.har"]);
        assert!(errors.is_empty());
    }

    #[test]
    fn include_and_exclude() {
        let f = tree();
        assert_eq!(names(&f, &[""], &["*.har"], &["old", "a/deep/**"]).0, ["a.har", "a/z.har", "b.har"]);
        assert_eq!(names(&f, &["a"], &["deep/*.har"], &[]).0, ["a/deep/x.har"]);
        let (_, errors) = names(&f, &["a"], &["[z"], &[]);
        assert_eq!(errors.len(), 1);
        assert!(errors[0].contains("not a pattern"), "{errors:?}");
    }

    #[test]
    fn patterns_that_no_shell_expanded() {
        let f = tree();
        assert_eq!(names(&f, &["*.har"], &[], &[]).0, ["a.har", "b.har"]);
        assert_eq!(names(&f, &["a/*.{log,har}"], &[], &[]).0, ["a/y.log", "a/z.har"]);
        assert_eq!(names(&f, &["**/?.har"], &[], &["old"]).0, ["a.har", "a/deep/x.har", "a/z.har", "b.har"]);
        assert_eq!(names(&f, &["*.zip"], &[], &[]).1, ["*.zip: no file matches this pattern"]);
        f.put("w[1].har", "{}");
        assert_eq!(names(&f, &["w[1].har"], &[], &[]).0, ["w[1].har"]);
    }

    #[test]
    fn what_is_named_comes_first_and_once() {
        let f = tree();
        let (all, errors) = names(&f, &["b.har", "-", "gone.har", "./b.har", "a", "-"], &[], &[]);
        assert_eq!(all, ["b.har", "stdin", "a/deep/x.har", "a/y.log", "a/z.har"]);
        assert_eq!(errors, ["gone.har: no such file or folder; check the spelling"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_only_where_they_are_named() {
        let f = tree();
        std::os::unix::fs::symlink(f.path().join("b.har"), f.path().join("link.har")).unwrap();
        std::os::unix::fs::symlink(f.path(), f.path().join("a/loop")).unwrap();
        assert!(!names(&f, &[""], &[], &[]).0.iter().any(|n| n.contains("link") || n.contains("loop")));
        assert_eq!(names(&f, &["link.har"], &[], &[]).0, ["link.har"]);
    }
}
