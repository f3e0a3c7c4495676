//! What the routing rules share.

use std::ops::Range;

use crate::rule::{Evidence, Finding, Part};
use crate::trace::Ex;

/// Host and port within the URL.
pub(super) fn authority(ex: Ex<'_>) -> Range<usize> {
    let url = ex.full_url();
    let start = url.find("://").map_or(0, |i| i + 3);
    let len = url.get(start..).and_then(|r| r.find('/')).unwrap_or(url.len().saturating_sub(start));
    start..start + len
}

/// The path within the URL.
pub(super) fn path(ex: Ex<'_>) -> Range<usize> {
    let start = authority(ex).end;
    start..start + ex.path().len()
}

/// Adds the server's words: the field that holds them, else the beginning of the body.
pub(super) fn answer(f: Finding, ex: Ex<'_>, label: &str) -> Finding {
    for key in ["error_description", "error", "message", "detail", "error.message", "0.message"] {
        if ex.answer_text(key).is_some() {
            return f.see(Evidence::related(ex.id(), Part::ResField(key.to_owned()), label));
        }
    }
    match ex.answer() {
        Some(a) if !a.head.bytes().is_empty() => {
            let end = a.head.bytes().len().min(120);
            f.see(Evidence::related(ex.id(), Part::ResBody(0..end), label))
        }
        _ => f,
    }
}
