//! Labelled tab-separated values: `label:value<TAB>label:value` (<http://ltsv.org>).

use memchr::memchr;

use super::entry::Entry;
use super::keys::{Meaning, meaning};
use super::values::address;
use crate::format::lines::Line;
use crate::http::Coding;

/// A line of labels that name a request and its status.
pub(crate) fn parse(line: Line<'_>) -> Option<Entry<'_>> {
    memchr(b'\t', line.bytes)?;
    let mut entry = Entry { at: line.span(), ..Entry::default() };
    for field in line.bytes.split(|b| *b == b'\t') {
        let colon = memchr(b':', field)?;
        let (label, value) = field.split_at_checked(colon)?;
        let value = value.get(1..).unwrap_or_default();
        if label.is_empty()
            || label.len() > 64
            || !label.iter().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(b))
        {
            return None;
        }
        let text = line.text(value).with_coding(Coding::Log);
        match meaning(label) {
            // The label `host` is the client; the virtual host has a label of its own.
            Meaning::Host if label == b"host" && address(value).is_some() => entry.put(Meaning::Client, text),
            Meaning::RequestLine => entry.put_request(value, |part| line.text(part).with_coding(Coding::Log)),
            Meaning::Time => {
                let value = value.strip_prefix(b"[").and_then(|v| v.strip_suffix(b"]")).unwrap_or(value);
                entry.put(Meaning::Time, line.text(value));
            }
            known => entry.put(known, text),
        }
    }
    entry.complete().then_some(entry)
}
