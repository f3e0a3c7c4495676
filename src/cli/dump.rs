//! `why401 dump`: what was read, one line an exchange; nothing is judged.

mod rows;

use std::process::ExitCode;

use serde::Serialize;

use self::rows::{Capture, Rows};
use super::args::{self, Format};
use crate::format;
use crate::mask::printable;
use crate::source::{self, Body, Limits, Origin, Piece, SourceError, Stretch, Visitor};

/// Everything that was read.
#[derive(Debug, Serialize)]
struct Dump {
    schema: &'static str,
    captures: Vec<Capture>,
    /// Files met in folders that are no captures.
    skipped: Vec<String>,
}

pub(crate) fn run(a: &args::Dump) -> ExitCode {
    let forced = match a.inputs.format() {
        Ok(format) => format,
        Err(e) => return super::fail(&e),
    };
    let selection = a.inputs.selection(Limits::default(), 1);
    let walked = source::walk(&selection.paths, &selection.include, &selection.exclude);
    let mut reader = Reader {
        forced,
        options: a.inputs.reading(),
        text: a.format == Format::Text,
        named: true,
        unreadable: !walked.errors.is_empty(),
        dump: Dump { schema: "why401-dump/1", captures: Vec::new(), skipped: Vec::new() },
    };
    for error in &walked.errors {
        super::fail(&error.to_string());
    }
    for input in &walked.inputs {
        reader.named = input.origin == Origin::Named;
        source::open(input, &Limits::default(), &mut reader);
    }
    if !reader.text {
        super::print(&(serde_json::to_string(&reader.dump).unwrap_or_default() + "\n"));
    }
    ExitCode::from(if reader.unreadable { 2 } else { 0 })
}

/// Reads each capture and tells it, or keeps it for the JSON.
struct Reader {
    forced: Option<&'static format::Format>,
    options: format::Options,
    text: bool,
    named: bool,
    unreadable: bool,
    dump: Dump,
}

impl Visitor for Reader {
    fn piece(&mut self, piece: Piece<'_>) {
        let Some(found) = self.forced.or_else(|| format::recognise(piece.head, &self.options)) else {
            if self.named && !piece.member {
                let why = crate::analysis::unknown(piece.head).message;
                return self.refuse(&format!("{}: {why}", printable(piece.name)));
            }
            self.dump.skipped.push(printable(piece.name));
            return;
        };
        let mut rows = Rows::default();
        let mut reader = (found.open)(&self.options);
        let fed = match piece.body {
            Body::File { file, len } => source::feed(&mut Stretch::new(file, 0, len), &mut *reader, BLOCK, &mut rows),
            Body::Stream(stream) => source::feed(stream, &mut *reader, BLOCK, &mut rows),
        };
        if let Err(error) = fed {
            return self.refuse(&SourceError::io(piece.name, &error).to_string());
        }
        let capture = rows.capture(piece.name, found.name);
        if self.text {
            super::print(&capture.text());
        } else {
            self.dump.captures.push(capture);
        }
    }

    fn refused(&mut self, error: SourceError) {
        self.refuse(&error.to_string());
    }
}

/// Bytes that are read at once.
const BLOCK: usize = 1 << 20;

impl Reader {
    fn refuse(&mut self, why: &str) {
        super::fail(why);
        self.unreadable = true;
    }
}
