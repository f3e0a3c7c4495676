//! Logs whose columns a header line names: W3C extended (IIS, CloudFront; `#Fields:`) and Zeek's `http.log`
//! (`#fields`). The header may come again with other columns.

mod column;

use memchr::memchr;

use self::column::{CLOUDFRONT, Column, column};
use super::access_log::emit::Emitter;
use super::access_log::entry::Entry;
use super::access_log::keys::{Meaning, Unit, meaning};
use super::access_log::values::{any_time, nothing};
use super::lines::{Line, Lines, head_lines};
use super::{Options, Reader, Sink, Window};
use crate::http::{Coding, Text};

/// How sure `head` is such a log.
pub fn sniff(head: &[u8]) -> u8 {
    let mut first = head_lines(head, 40);
    if first.any(|l| names(l.bytes).is_some_and(|n| n.iter().any(|c| *c != Column::Field(Meaning::Nothing)))) {
        return 90;
    }
    let mut state = State::default();
    match head_lines(head, 3).all(|l| state.line(l).is_some_and(|e| e.is_some())) && !head.is_empty() {
        true => 70,
        false => 0,
    }
}

/// A reader for a whole log.
pub fn open(_options: &Options) -> Box<dyn Reader + Send> {
    Box::new(W3c::default())
}

#[derive(Default)]
struct W3c {
    lines: Lines,
    emitter: Emitter,
    state: State,
}

impl Reader for W3c {
    fn read(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let Self { lines, emitter, state } = self;
        lines.read(window, sink, "a line with the columns that the header names", &mut |line, sink| {
            let read = state.line(line);
            if let Some((name, version)) = state.program.take() {
                sink.recorder(&name, &version);
            }
            match read {
                Some(Some(entry)) => emitter.emit(entry, sink),
                Some(None) => {}
                None => return false,
            }
            true
        })
    }
}

/// The columns that are in force.
#[derive(Default)]
struct State {
    columns: Vec<Column>,
    /// Zeek escapes with backslashes, CloudFront with percent signs, IIS writes `+` for a blank.
    zeek: bool,
    /// The program that a header line told, until it is handed on.
    program: Option<(String, String)>,
}

impl State {
    /// The entry of a line; `Some(None)` for a header line, `None` for what cannot be read.
    fn line<'l>(&mut self, line: Line<'l>) -> Option<Option<Entry<'l>>> {
        if line.bytes.starts_with(b"#") {
            self.program = program(line.bytes);
            if let Some(columns) = names(line.bytes) {
                self.columns = columns;
                self.zeek = line.bytes.starts_with(b"#fields");
            }
            return Some(None);
        }
        let tabs = memchr(b'\t', line.bytes).is_some();
        if self.columns.is_empty() && tabs {
            // CloudFront's order is fixed, so a piece without its header can be read.
            self.columns = CLOUDFRONT.iter().map(|n| column(n.as_bytes())).collect();
        }
        let separator = if tabs { b'\t' } else { b' ' };
        let mut entry = Entry { at: line.span(), ..Entry::default() };
        let (mut date, mut time): (&[u8], &[u8]) = Default::default();
        let mut count = 0;
        for (value, column) in line.bytes.split(|b| *b == separator).zip(&self.columns) {
            count += 1;
            match column {
                Column::Date => date = value,
                Column::Time => time = value,
                Column::Substatus if nothing(value) || value == b"0" => {}
                Column::Substatus => entry.reason = line.text(value),
                Column::Port => entry.scheme = entry.scheme.or(port_scheme(value)),
                Column::Field(Meaning::Duration(Unit::Guess)) if !value.contains(&b'.') => {
                    entry.put(Meaning::Duration(Unit::Millis), line.text(value));
                }
                Column::Field(meaning) => entry.put(meaning.clone(), self.text(line, meaning, value, tabs)),
            }
        }
        if !date.is_empty() {
            entry.time = any_time(&[date, time].join(&b' '));
            entry.time_is_end = true;
        }
        (count > 3 && entry.complete()).then_some(Some(entry))
    }

    fn text<'l>(&self, line: Line<'l>, meaning: &Meaning, value: &'l [u8], tabs: bool) -> Text<'l> {
        let text = line.text(value);
        if self.zeek {
            return text.with_coding(Coding::Log);
        }
        let Meaning::Request(name) = meaning else { return text };
        let (mark, at) = (if tabs { b'%' } else { b'+' }, text.at());
        if memchr(mark, value).is_none() {
            return text;
        }
        if tabs {
            return Text::made(percent_encoding::percent_decode(value).collect::<Vec<u8>>(), at);
        }
        Text::made(with_blanks(name, value), at)
    }
}

/// IIS writes `+` for a blank and for a plus. Agents have blanks; a credential has one, behind its scheme; cookies
/// have them behind semicolons.
fn with_blanks(name: &str, value: &[u8]) -> Vec<u8> {
    let mut before = 0;
    let mut pluses = 0;
    value
        .iter()
        .map(|&b| {
            pluses += u32::from(b == b'+');
            let blank = match name {
                "authorization" => pluses == 1,
                "cookie" => before == b';',
                _ => true,
            };
            before = b;
            if b == b'+' && blank { b' ' } else { b }
        })
        .collect()
}

fn port_scheme(port: &[u8]) -> Option<&'static str> {
    match port {
        b"443" => Some("https"),
        b"80" => Some("http"),
        _ => None,
    }
}

/// `#Software: Microsoft Internet Information Services 10.0`; CloudFront and Zeek are told by their columns.
fn program(line: &[u8]) -> Option<(String, String)> {
    if let Some(name) = line.strip_prefix(b"#Software:") {
        let name = String::from_utf8_lossy(name).trim().to_owned();
        let (head, version) = name.rsplit_once(' ').unwrap_or((&name, ""));
        let numbered = version.starts_with(|c: char| c.is_ascii_digit());
        return Some(if numbered { (head.to_owned(), version.to_owned()) } else { (name, String::new()) });
    }
    if line.starts_with(b"#fields") {
        return Some(("Zeek".to_owned(), String::new()));
    }
    let edge = line.starts_with(b"#Fields:") && memchr::memmem::find(line, b"x-edge-location").is_some();
    edge.then(|| ("CloudFront".to_owned(), String::new()))
}

/// The columns that a header line names.
fn names(line: &[u8]) -> Option<Vec<Column>> {
    if let Some(rest) = line.strip_prefix(b"#Fields:") {
        let names: Vec<&[u8]> = rest.split(u8::is_ascii_whitespace).filter(|n| !n.is_empty()).collect();
        // CloudFront: `cs(Host)` is the distribution, `x-host-header` what the client asked for.
        let asked = names.contains(&&b"x-host-header"[..]);
        let one = |n: &&[u8]| if asked && *n == b"cs(Host)" { Column::Field(Meaning::Nothing) } else { column(n) };
        return Some(names.iter().map(one).collect());
    }
    let rest = line.strip_prefix(b"#fields\t")?;
    Some(rest.split(|b| *b == b'\t').map(|n| Column::Field(zeek(n))).collect())
}

fn zeek(name: &[u8]) -> Meaning {
    match name {
        b"uid" | b"id.resp_h" | b"username" => Meaning::Nothing,
        _ => meaning(name),
    }
}

#[cfg(test)]
mod tests;
