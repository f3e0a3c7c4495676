//! Records of `varnishlog`: `*   << Request  >> 32770`, then one line a tag (`-   ReqURL  /x`), up to a blank line.
//!
//! A request and the one that Varnish made of it for the backend are two views, joined by their ids: what the client sent
//! stands before the first VCL call, what the backend got is what was set and not unset.

mod record;

use self::record::{Kind, Record};
use super::lines::{Lines, head_lines};
use super::{Options, Reader, Sink, Window};

const EXPECTED: &str = "a line of varnishlog (a record's head or a tag)";

/// How sure `head` is the output of varnishlog.
pub fn sniff(head: &[u8]) -> u8 {
    let (mut heads, mut tags, mut other) = (0_u32, 0_u32, 0_u32);
    for line in head_lines(head, 200) {
        if begin(line.bytes).is_some() {
            heads += 1;
        } else if tag(line.bytes).is_some() {
            tags += 1;
        } else {
            other += 1;
        }
    }
    if heads > 0 && tags > other * 4 { 97 } else { 0 }
}

/// A reader for a whole output.
pub fn open(_options: &Options) -> Box<dyn Reader + Send> {
    Box::new(Varnishlog::default())
}

/// Reads the records.
#[derive(Default)]
struct Varnishlog {
    lines: Lines,
    /// Records of one group may be nested, but are never mixed: one is open at a time.
    open: Option<Record>,
    named: bool,
}

impl Reader for Varnishlog {
    fn read(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let Self { lines, open, named } = self;
        let done = lines.read(window, sink, EXPECTED, &mut |line, sink| {
            if let Some((kind, id)) = begin(line.bytes) {
                close(open, sink);
                if !std::mem::replace(named, true) {
                    sink.recorder("varnishlog", "");
                }
                *open = kind.map(|kind| Record::new(kind, id, line.span()));
                return true;
            }
            let Some((name, value)) = tag(line.bytes) else { return false };
            if let Some(record) = open {
                record.tag(name, line.text(value), line.span());
            }
            if name == b"End" {
                close(open, sink);
            }
            true
        });
        if window.last {
            close(open, sink);
        }
        done
    }
}

fn close(open: &mut Option<Record>, sink: &mut dyn Sink) {
    if let Some(record) = open.take() {
        record.emit(sink);
    }
}

/// Kind and id of `**  << BeReq    >> 32771`; no kind for a session.
fn begin(line: &[u8]) -> Option<(Option<Kind>, &[u8])> {
    let stars = line.iter().take_while(|b| **b == b'*').count();
    if stars == 0 || stars > 9 {
        return None;
    }
    let rest = line.get(stars..)?.trim_ascii_start().strip_prefix(b"<< ")?;
    let end = memchr::memmem::find(rest, b" >> ")?;
    let (kind, id) = rest.split_at_checked(end)?;
    let id = id.get(4..)?.trim_ascii();
    let kind = match kind.trim_ascii() {
        b"Request" => Some(Kind::Request),
        b"BeReq" => Some(Kind::Backend),
        _ => None,
    };
    (!id.is_empty() && id.iter().all(u8::is_ascii_digit)).then_some((kind, id))
}

/// Name and value of `-   ReqURL         /x`.
fn tag(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let marks = line.iter().take_while(|b| **b == b'-').count();
    if marks == 0 || marks > 9 {
        return None;
    }
    let rest = line.get(marks..)?;
    let text = rest.trim_ascii_start();
    if text.len() == rest.len() {
        return None;
    }
    let end = text.iter().position(|b| *b == b' ').unwrap_or(text.len());
    let (name, value) = text.split_at_checked(end)?;
    let named = name.first().is_some_and(u8::is_ascii_uppercase)
        && name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    named.then(|| (name, value.trim_ascii_start()))
}

#[cfg(test)]
mod tests;
