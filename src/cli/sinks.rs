//! What `check` writes while captures are still being read: lines to standard output, pages to a folder.

use std::io;

use super::args::{Check, Target};
use super::pages::Pages;
use crate::analysis::Run;
use crate::report::ndjson;
use crate::report::sink::Form;

pub(super) struct Sinks {
    lines: Option<Lines>,
    pub(super) pages: Option<Pages>,
}

impl Sinks {
    /// # Errors
    /// A message, if the folder of pages cannot be made.
    pub(super) fn new(a: &Check) -> Result<Self, String> {
        let mut folders = a.output.iter().filter_map(|t| if let Target::Pages(f) = t { Some(f) } else { None });
        let pages = folders.next().map(|f| Pages::new(f)).transpose()?;
        if folders.next().is_some() {
            return Err("--output html-dir is given twice; name one folder".to_owned());
        }
        // Whoever writes the whole report needs it whole.
        let lines = (a.format == Form::Ndjson).then(|| Lines { drain: a.output.is_empty(), ..Lines::default() });
        Ok(Self { lines, pages })
    }

    /// A capture was added: tells it, and answers whether to go on.
    pub(super) fn told(&mut self, run: &mut Run) -> bool {
        let pages = self.pages.as_mut().is_none_or(|pages| pages.told(run));
        pages && self.lines.as_mut().is_none_or(|lines| lines.told(run))
    }

    /// Whether whoever read the lines has gone.
    pub(super) fn closed(&self) -> bool {
        let error = self.lines.as_ref().and_then(|lines| lines.error.as_ref());
        error.is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    }

    /// All captures were added.
    ///
    /// # Errors
    /// A message, if something could not be written.
    pub(super) fn end(self, run: &mut Run) -> Result<(), String> {
        self.pages.map_or(Ok(()), |pages| pages.end(run))?;
        self.lines.map_or(Ok(()), |lines| lines.end(run))
    }
}

/// NDJSON: the lines of each capture as soon as it and all before it were judged.
#[derive(Default)]
struct Lines {
    begun: bool,
    /// What was told is forgotten.
    drain: bool,
    /// Parts of the report that were told.
    told: usize,
    error: Option<io::Error>,
}

impl Lines {
    fn told(&mut self, run: &mut Run) -> bool {
        // Files that want the whole report still get it when nobody reads the lines any more.
        if self.error.is_some() {
            return !self.drain;
        }
        let head = if self.begun { Ok(String::new()) } else { ndjson::head(&run.report) };
        self.begun = true;
        let text = head.and_then(|head| Ok(head + &ndjson::parts(&run.report, self.told)?));
        self.told = run.report.parts.len();
        if self.drain {
            run.drain();
            self.told = 0;
        }
        self.error = text.map_err(io::Error::from).and_then(|text| super::put(&text)).err();
        self.error.is_none() || !self.drain
    }

    fn end(mut self, run: &mut Run) -> Result<(), String> {
        if self.error.is_none() && self.told(run) && self.error.is_none() {
            self.error = ndjson::end(&run.report).map_err(io::Error::from).and_then(|text| super::put(&text)).err();
        }
        match self.error {
            Some(e) if e.kind() != io::ErrorKind::BrokenPipe => {
                Err(format!("the report cannot be written to standard output: {e}"))
            }
            _ => Ok(()),
        }
    }
}
