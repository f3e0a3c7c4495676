//! A server's log format string as a parser: nginx `log_format` and Apache `LogFormat`, bare or with the directive.
//!
//! A variable ends where the literal behind it begins; inside quotes, at the quote that is not escaped. Two variables
//! without a literal between them cannot be told apart, so such a format is refused, unless the second one is a path
//! (`$host$request_uri`): that begins with a slash.

mod apache;
mod nginx;

use memchr::{memchr2, memmem};

use super::access_log::entry::Entry;
use super::access_log::keys::Meaning;
use super::lines::Line;
use crate::http::{Coding, Text};

/// A compiled format.
#[derive(Clone, Debug)]
pub(super) struct LogFormat {
    parts: Vec<Part>,
    /// How values are escaped.
    coding: Coding,
    /// nginx logs the end of a request, Apache its start.
    time_is_end: bool,
}

/// A piece of a format.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(Vec<u8>),
    /// The value before ends where a path begins, or with what stands behind the path.
    Slash,
    Variable {
        slot: Slot,
        /// The value may hold blanks without being quoted.
        blanks: bool,
    },
}

/// Where a value goes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Slot {
    Field(Meaning),
    /// A port: 443 tells the scheme.
    Port,
}

/// Whether a format string can be used; the error says why not.
///
/// # Errors
/// If no variable is found, or two stand without a literal between them.
pub fn check(format: &str) -> Result<(), String> {
    compile(format).map(|_| ())
}

/// Compiles a format string of nginx (`$name`) or Apache (`%x`).
pub(super) fn compile(format: &str) -> Result<LogFormat, String> {
    let format = format.trim();
    let compiled = if nginx::looks_like(format) { nginx::compile(format)? } else { apache::compile(format)? };
    let mut before: Option<&Part> = None;
    for part in &compiled.parts {
        if let (Some(Part::Variable { .. }), Part::Variable { .. }) = (before, part) {
            return Err("two variables stand without a literal between them: where one ends cannot be told".into());
        }
        before = Some(part);
    }
    match compiled.parts.iter().any(|p| matches!(p, Part::Variable { .. })) {
        true => Ok(compiled),
        false => Err("no variable was found: expected nginx ($status) or Apache (%s) syntax".into()),
    }
}

impl LogFormat {
    /// Reads a line of this format; `None` if it does not fit or has no status.
    pub(super) fn parse<'l>(&self, line: Line<'l>) -> Option<Entry<'l>> {
        let mut entry = Entry { at: line.span(), time_is_end: self.time_is_end, ..Entry::default() };
        let mut rest = line.bytes;
        let mut in_quotes = false;
        let mut parts = self.parts.iter().peekable();
        while let Some(part) = parts.next() {
            match part {
                Part::Literal(text) => {
                    rest = rest.strip_prefix(&text[..])?;
                    in_quotes = text.ends_with(b"\"");
                }
                Part::Slash => {}
                Part::Variable { slot, blanks } => {
                    let next = match parts.peek() {
                        Some(Part::Literal(text)) => &text[..],
                        Some(Part::Slash) => {
                            let behind = match parts.clone().nth(2) {
                                Some(Part::Literal(text)) => &text[..],
                                _ => b"",
                            };
                            let (value, after) = before_path(rest, behind)?;
                            rest = after;
                            self.put(&mut entry, slot, line, value);
                            continue;
                        }
                        _ => b"",
                    };
                    let quoted = in_quotes && next.starts_with(b"\"");
                    let (value, after) = self.value(rest, next, quoted, parts.len() <= 1)?;
                    if !quoted && !blanks && value.contains(&b' ') {
                        return None;
                    }
                    rest = after;
                    self.put(&mut entry, slot, line, value);
                }
            }
        }
        // A format without the method still names a request.
        entry.has_request |= !entry.target.is_empty();
        (rest.trim_ascii().is_empty() && entry.complete()).then_some(entry)
    }

    fn value<'l>(&self, rest: &'l [u8], next: &[u8], quoted: bool, last: bool) -> Option<(&'l [u8], &'l [u8])> {
        if next.is_empty() {
            return Some((rest, rest.get(rest.len()..)?));
        }
        if quoted && self.coding != Coding::Plain {
            return rest.split_at_checked(closing(rest)?);
        }
        // Unescaped values may hold the literal itself; at the end of the line the last one counts.
        let at = if last { memmem::rfind(rest, next) } else { memmem::find(rest, next) };
        rest.split_at_checked(at?)
    }

    fn put<'l>(&self, entry: &mut Entry<'l>, slot: &Slot, line: Line<'l>, value: &'l [u8]) {
        let text = |part| line.text(part).with_coding(self.coding);
        match slot {
            Slot::Port if value == b"443" => entry.scheme = entry.scheme.or(Some("https")),
            Slot::Port => {}
            Slot::Field(Meaning::RequestLine) => entry.put_request(value, text),
            Slot::Field(Meaning::Time) => {
                let inside = value.strip_prefix(b"[").and_then(|v| v.strip_suffix(b"]")).unwrap_or(value);
                entry.put(Meaning::Time, Text::plain(inside, line.offset(inside)));
            }
            Slot::Field(meaning) => entry.put(meaning.clone(), text(value)),
        }
    }
}

/// What stands before a path; all of it if there is no path before `behind`.
fn before_path<'l>(rest: &'l [u8], behind: &[u8]) -> Option<(&'l [u8], &'l [u8])> {
    let end = if behind.is_empty() { rest.len() } else { memmem::find(rest, behind)? };
    let at = memchr::memchr(b'/', rest.get(..end)?).unwrap_or(end);
    rest.split_at_checked(at)
}

/// The place of the quote that is not escaped.
fn closing(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memchr2(b'"', b'\\', bytes.get(from..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at);
        }
        from = at + 2;
    }
}

/// Adds a literal byte, or joins it to the literal before it.
fn push_literal(parts: &mut Vec<Part>, byte: u8) {
    match parts.last_mut() {
        Some(Part::Literal(text)) => text.push(byte),
        _ => parts.push(Part::Literal(vec![byte])),
    }
}

#[cfg(test)]
mod tests;
