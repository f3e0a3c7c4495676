//! Tells a HAR, or a piece of one, from other JSON.

use super::cursor::{Cursor, Read};

/// How sure `head` is the begin of a HAR.
pub fn sniff(head: &[u8]) -> u8 {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let mut cur = Cursor::new(text, 0, 0);
    let score = match cur.peek() {
        Ok(b'{') => object(&mut cur),
        Ok(b'[') => {
            cur.bump();
            match cur.peek() {
                Ok(b'{') => object(&mut cur),
                _ => 0,
            }
        }
        _ => 0,
    };
    if score > 0 { score } else { within(text) }
}

/// By the members of a whole capture or of an entry; those that are not in the head do not count.
fn object(cur: &mut Cursor<'_>) -> u8 {
    let mut seen = Seen::default();
    // What was seen before the end of the head or a fault still counts.
    let _ = members(cur, &mut seen);
    match seen {
        Seen { log: true, .. } => 98,
        Seen { entries: true, .. } | Seen { request: true, entry: true, .. } => 95,
        Seen { request: true, response: true, .. } => 60,
        _ => 0,
    }
}

#[derive(Default)]
struct Seen {
    log: bool,
    entries: bool,
    request: bool,
    response: bool,
    /// A member that only entries have.
    entry: bool,
}

fn members(cur: &mut Cursor<'_>, seen: &mut Seen) -> Read<()> {
    cur.bump();
    while let Some(key) = cur.key()? {
        let opens = cur.peek()?;
        match (key, opens) {
            (b"log", b'{') => seen.log |= is_log(*cur),
            // Around a capture: `{"data": {"log": ...}}`.
            (b"data" | b"har" | b"HAR" | b"result", b'{') => {
                let mut inner = *cur;
                inner.bump();
                if let Ok(Some(b"log")) = inner.key() {
                    seen.log |= matches!(inner.peek(), Ok(b'{')) && is_log(inner);
                }
            }
            (b"entries", b'[') => seen.entries |= is_entries(*cur),
            (b"request", b'{') => seen.request = true,
            (b"response", b'{') => seen.response = true,
            (b"startedDateTime" | b"timings" | b"pageref", _) => seen.entry = true,
            _ => {}
        }
        if seen.log {
            // Nothing says more.
            return Ok(());
        }
        cur.skip()?;
    }
    Ok(())
}

/// An object `log` with a member that the format defines.
fn is_log(mut cur: Cursor<'_>) -> bool {
    cur.bump();
    while let Ok(Some(key)) = cur.key() {
        if matches!(key, b"entries" | b"creator" | b"browser" | b"pages" | b"version") {
            return true;
        }
        if cur.skip().is_err() {
            return false;
        }
    }
    false
}

fn is_entries(mut cur: Cursor<'_>) -> bool {
    cur.bump();
    if !matches!(cur.peek(), Ok(b'{')) {
        return false;
    }
    let mut seen = Seen::default();
    let _ = members(&mut cur, &mut seen);
    seen.request || seen.entry
}

/// A HAR behind something else: a wrapping call, a line of text. All of its marks must be there.
fn within(head: &[u8]) -> u8 {
    let marks = [&b"\"log\""[..], b"\"entries\"", b"\"startedDateTime\"", b"\"request\""];
    // In a quoted text (a log that holds a HAR) the quotes would have backslashes.
    let all = marks.iter().all(|m| memchr::memmem::find(head, m).is_some_and(|at| bare(head, at)));
    if all { 55 } else { 0 }
}

fn bare(head: &[u8], at: usize) -> bool {
    at == 0 || head.get(at - 1) != Some(&b'\\')
}
