//! Guesses where an entry begins in the middle of a HAR, for readers that begin there.

use memchr::memmem;

use super::cursor::{Cursor, Read};

/// Offset of the first entry behind a guessed end of an entry.
///
/// An unescaped quote always delimits a string in JSON, so `"startedDateTime"` before a colon can only be a key. The
/// object around it ends where a walk over its other members ends; the next object is taken for an entry.
pub(super) fn next(bytes: &[u8]) -> Option<usize> {
    let finder = memmem::Finder::new(b"\"startedDateTime\"");
    let mut from = 0;
    loop {
        let at = from + finder.find(bytes.get(from..)?)?;
        from = at + KEY;
        if at > 0 && bytes.get(at - 1) == Some(&b'\\') {
            continue;
        }
        let mut cur = Cursor::new(bytes, from, 0);
        match behind(&mut cur) {
            Ok(true) if is_entry(bytes, cur.pos()) => return Some(cur.pos()),
            // On to the next key, but not over the same members again.
            _ => from = from.max(cur.pos()),
        }
    }
}

const KEY: usize = "\"startedDateTime\"".len();

/// Goes to the brace behind the object in which the cursor stands behind a key.
fn behind(cur: &mut Cursor<'_>) -> Read<bool> {
    if cur.peek()? != b':' {
        return Ok(false);
    }
    cur.bump();
    cur.skip()?;
    while cur.key()?.is_some() {
        cur.skip()?;
    }
    while cur.peek()? == b',' {
        cur.bump();
    }
    Ok(cur.peek()? == b'{')
}

/// Not a page of `pages`, which has `startedDateTime` too.
fn is_entry(bytes: &[u8], at: usize) -> bool {
    let mut cur = Cursor::new(bytes, at + 1, 0);
    loop {
        match cur.key() {
            Ok(Some(b"request" | b"response" | b"timings" | b"cache")) => return true,
            Ok(Some(b"pageTimings" | b"title" | b"id" | b"log" | b"entries")) | Err(_) => return false,
            Ok(Some(_)) if cur.skip().is_ok() => {}
            Ok(_) => return false,
        }
    }
}
