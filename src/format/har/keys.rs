//! Which member names tell what: an entry, a log, a place to go on after a break.

use super::cursor::{Cursor, Fault};

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An entry.
    Entry,
    /// A log, or what is around it.
    Holder,
}

/// What has not told its kind within so many bytes is no entry.
const DECIDED: usize = 1 << 20;

/// What a member of this name says about the object that has it.
pub(super) fn tells(key: &[u8]) -> Option<Kind> {
    match key {
        b"request" | b"response" | b"startedDateTime" | b"pageref" | b"timings" | b"cache" | b"serverIPAddress"
        | b"_initiator" | b"_resourceType" | b"_connectionId" => Some(Kind::Entry),
        b"log" | b"entries" | b"creator" | b"browser" | b"pages" | b"version" => Some(Kind::Holder),
        _ => None,
    }
}

/// What the object is that begins at this brace; `None` if more bytes are needed.
pub(super) fn kind(bytes: &[u8], at: usize, last: bool) -> Option<Kind> {
    let mut cur = Cursor::new(bytes, at + 1, 0);
    loop {
        let key = match cur.key() {
            Ok(Some(key)) => key,
            Ok(None) | Err(Fault::Bad(_)) => return Some(Kind::Holder),
            Err(Fault::More) => break,
        };
        if cur.pos() - at > DECIDED {
            return Some(Kind::Holder);
        }
        if let Some(kind) = tells(key) {
            return Some(kind);
        }
        match cur.skip() {
            Ok(()) => {}
            Err(Fault::Bad(_)) => return Some(Kind::Holder),
            Err(Fault::More) => break,
        }
    }
    (last || bytes.len() - at > DECIDED).then_some(Kind::Holder)
}

/// Blanks between a brace and its first key, and the key itself, are no longer than this.
const FIRST_KEY: usize = 256;

/// Whether the object at this brace begins as an entry or a capture does: `{"startedDateTime":`, or with the key
/// `usual`, with which entries of this file begin. `Err` if more bytes are needed.
pub(super) fn begins(bytes: &[u8], at: usize, last: bool, usual: &[u8]) -> Result<Option<Kind>, ()> {
    let rest = bytes.get(at + 1..).unwrap_or_default();
    let (seen, cut) = match rest.get(..FIRST_KEY) {
        Some(seen) => (seen, false),
        None => (rest, !last),
    };
    let mut cur = Cursor::new(seen, 0, 0);
    match cur.peek() {
        Ok(b'"') => {}
        Err(Fault::More) if cut => return Err(()),
        _ => return Ok(None),
    }
    match cur.key() {
        Ok(Some(key)) if key == usual => Ok(Some(Kind::Entry)),
        Ok(Some(key)) => Ok(first(key)),
        Err(Fault::More) if cut => Err(()),
        _ => Ok(None),
    }
}

/// The first key of the entry at this brace; empty if other objects of an entry begin with it too.
pub(super) fn usual(bytes: &[u8], at: usize) -> &[u8] {
    match Cursor::new(bytes, at + 1, 0).key() {
        Ok(Some(b"name" | b"value" | b"id" | b"type" | b"comment" | b"size" | b"log")) => b"",
        Ok(Some(key)) if key.len() < FIRST_KEY / 2 => key,
        _ => b"",
    }
}

/// Names that exporters write first, and that begin nothing else in a HAR but a page.
fn first(key: &[u8]) -> Option<Kind> {
    match key {
        b"log" => Some(Kind::Holder),
        b"startedDateTime" | b"pageref" | b"request" | b"time" | b"_initiator" | b"_connectionId" | b"_priority"
        | b"_resourceType" | b"_fetchType" | b"_fromCache" | b"_id" | b"_charlesStatus" | b"serverIPAddress"
        | b"connection" | b"cache" => Some(Kind::Entry),
        _ => None,
    }
}
