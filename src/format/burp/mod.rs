//! Items that Burp saved (`<items burpVersion="...">`): requests and answers in base64 or as they are, with damaged line
//! ends. What Burp shows of HTTP/2 is written in the form of HTTP/1.

mod item;

use memchr::memmem;

use super::{Options, Reader, Sink, Window};
use crate::format::problems::Problems;
use crate::http::Span;

/// How sure `head` is a list of items.
pub fn sniff(head: &[u8]) -> u8 {
    let named = memmem::find(head, b"<items burpVersion=").is_some();
    let xml = head.trim_ascii_start().strip_prefix(b"\xef\xbb\xbf").unwrap_or(head.trim_ascii_start());
    match (named, xml.first()) {
        (true, Some(b'<')) => 98,
        _ => 0,
    }
}

/// A reader for a whole list.
pub fn open(_options: &Options) -> Box<dyn Reader + Send> {
    Box::new(Burp::default())
}

/// A longer item is passed over.
const LONGEST: usize = 128 << 20;
const EXPECTED: &str = "an item with a url and a request";

/// Reads the items.
#[derive(Debug, Default)]
struct Burp {
    named: bool,
    /// Inside an item that is passed over.
    skipping: bool,
    problems: Problems,
}

impl Reader for Burp {
    fn read(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let mut pos = 0;
        loop {
            let rest = window.bytes.get(pos..).unwrap_or_default();
            if self.skipping {
                match memmem::find(rest, END) {
                    Some(at) => pos += at + END.len(),
                    None if window.last => return self.end(window, sink),
                    None => return keep(window, pos, END.len()),
                }
                self.skipping = false;
                continue;
            }
            let begin = memmem::find(rest, BEGIN);
            self.version(rest.get(..begin.unwrap_or(rest.len())).unwrap_or_default(), sink);
            let Some(at) = begin else {
                return match window.last {
                    true => self.end(window, sink),
                    false => keep(window, pos, VERSION.len() + LONG_VERSION),
                };
            };
            let item = rest.get(at..).unwrap_or_default();
            let start = window.offset + (pos + at) as u64;
            match end_of(item) {
                Some(len) => {
                    self.item(item.get(..len).unwrap_or_default(), start, sink);
                    pos += at + len;
                }
                None if window.last => {
                    self.problems.add(sink, Span::at(start, item.len()), "the end of the item", "it was left out");
                    return self.end(window, sink);
                }
                None if item.len() > LONGEST => {
                    self.problems.add(sink, Span::at(start, LONGEST), "an item of at most 128 MiB", "it was left out");
                    self.skipping = true;
                    pos += at + BEGIN.len();
                }
                None => return pos + at,
            }
        }
    }
}

const BEGIN: &[u8] = b"<item>";
const END: &[u8] = b"</item>";
const VERSION: &[u8] = b"burpVersion=\"";
/// A version has no more bytes, its closing quote included.
const LONG_VERSION: usize = 64;

/// All but the last bytes, which may be the begin of a mark.
fn keep(window: Window<'_>, pos: usize, mark: usize) -> usize {
    pos.max(window.bytes.len().saturating_sub(mark))
}

/// The length of the item that begins here. Inside of CDATA anything may stand.
fn end_of(item: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr(b'<', item.get(at..)?)?;
        let tag = item.get(at..)?;
        if tag.starts_with(END) {
            return Some(at + END.len());
        }
        at += if tag.starts_with(b"<![CDATA[") { memmem::find(tag, b"]]>")? } else { 1 };
    }
}

impl Burp {
    /// The version, which stands before the first item.
    fn version(&mut self, preamble: &[u8], sink: &mut dyn Sink) {
        if self.named {
            return;
        }
        let value = |at: usize| {
            let rest = preamble.get(at + VERSION.len()..)?;
            let text = rest.get(..LONG_VERSION).unwrap_or(rest);
            text.get(..memchr::memchr3(b'"', b'<', b'\n', text)?).filter(|v| text.get(v.len()) == Some(&b'"'))
        };
        if let Some(version) = memmem::find_iter(preamble, VERSION).find_map(value) {
            self.named = true;
            sink.recorder("Burp", &String::from_utf8_lossy(version));
        }
    }

    fn end(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        self.problems.close(sink);
        window.bytes.len()
    }

    fn item(&mut self, bytes: &[u8], start: u64, sink: &mut dyn Sink) {
        if !item::read(bytes, start, sink) {
            self.problems.add(sink, Span::at(start, bytes.len()), EXPECTED, "the item was left out");
        }
    }
}

#[cfg(test)]
mod tests;
