//! `--output html-dir=FOLDER`: a page a capture as soon as it was judged, and an index of all.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::analysis::Run;
use crate::report::html;

/// Longer names of captures are cut.
const NAME: usize = 120;
/// The page that leads to all others.
const INDEX: &str = "index.html";

pub(super) struct Pages {
    folder: PathBuf,
    /// Names that were given, lower case: some file systems know no other.
    names: BTreeSet<String>,
    /// The page of each capture.
    links: Vec<Option<String>>,
    error: Option<String>,
}

impl Pages {
    /// # Errors
    /// A message, if there is no such folder and none can be made.
    pub(super) fn new(folder: &Path) -> Result<Self, String> {
        std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let names = BTreeSet::from([INDEX.to_owned()]);
        Ok(Self { folder: folder.to_owned(), names, links: Vec::new(), error: None })
    }

    /// Writes the page of what was added last; answers whether that was possible.
    pub(super) fn told(&mut self, run: &mut Run) -> bool {
        let from = self.links.len();
        let Some(first) = run.report.captures.get(from) else { return true };
        // Joined captures share a page; one that could not be read has none.
        let name = first.format.is_some().then(|| self.name(&first.file));
        self.links.resize(run.report.captures.len(), name.clone());
        let Some(name) = name else { return true };
        let page = html::page_of(&run.report, from, &run.blocks, INDEX);
        run.report.sequence = None;
        self.write(&name, &page)
    }

    pub(super) fn end(mut self, run: &mut Run) -> Result<(), String> {
        if self.error.is_none() {
            let page = html::index(&run.report, &run.blocks, &self.links);
            self.write(INDEX, &page);
        }
        self.error.map_or(Ok(()), Err)
    }

    fn write(&mut self, name: &str, page: &str) -> bool {
        let path = self.folder.join(name);
        let written = super::files::replace(&path, page.as_bytes());
        self.error = written.err().map(|e| format!("{}: {e}", path.display()));
        self.error.is_none()
    }

    /// `logs/a.har` -> `logs_a.har.html`: a name of its own that needs no escape, neither in a URL nor in a shell.
    fn name(&mut self, capture: &str) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
        let name: String = capture.chars().map(plain).collect();
        let name = name.trim_start_matches(['.', '_', '-']);
        let tail = name.get(name.len().saturating_sub(NAME)..).filter(|t| !t.is_empty()).unwrap_or("capture");
        let mut n = 1_u64;
        loop {
            let number = if n == 1 { String::new() } else { format!("-{n}") };
            let file = format!("{tail}{number}.html");
            if self.names.insert(file.to_ascii_lowercase()) {
                return file;
            }
            n += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_differ() {
        let mut pages = Pages { folder: PathBuf::new(), names: BTreeSet::new(), links: Vec::new(), error: None };
        let mut name = |capture: &str| pages.name(capture);
        assert_eq!(name("logs/a b.har"), "logs_a_b.har.html");
        assert_eq!(name("logs_a_b.har"), "logs_a_b.har-2.html");
        assert_eq!(name("LOGS_a_b.har"), "LOGS_a_b.har-3.html");
        assert_eq!(name("../../\"><script>.har"), "script_.har.html");
        assert_eq!(name("\u{5831}"), "capture.html");
    }
}
