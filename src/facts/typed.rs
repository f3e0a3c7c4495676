//! The typed command, with its secrets marked.

use super::detail::TypedFact;
use super::heads::{line, mark_odd};
use super::record::Line;
use super::{Facts, uses};
use crate::http::Text;

/// The typed command as kept.
pub(super) fn typed(facts: &mut Facts, t: &crate::http::TypedCommand<'_>) -> TypedFact {
    let mut headers = Vec::new();
    for h in &t.headers {
        let (mut l, _) = line(facts, &Text::default(), h);
        let shown = l.text().into_owned();
        match shown.split_once(':') {
            Some((name, _)) => mark_typed(facts, &mut l, &name.trim().to_ascii_lowercase(), name.len() + 1),
            None => mark_odd(facts, &mut l),
        }
        headers.push(l);
    }
    let flags = t.flags.iter().map(|f| f.lossy().as_ref().into()).collect();
    let lost = t.lost.as_ref().map(|l| l.lossy().as_ref().into());
    TypedFact { at: t.at, program: t.program.lossy().as_ref().into(), headers, flags, lost }
}

/// Marks the secret of a typed `Name: value` where its value begins at `from`.
fn mark_typed(facts: &mut Facts, l: &mut Line, lower: &str, from: usize) {
    let bytes = l.bytes().to_vec();
    let tail = bytes.get(from..).unwrap_or_default();
    let skip = from + tail.len() - tail.trim_ascii_start().len();
    let mut value = Line::new(facts.strings.id(lower), "", bytes.get(skip..).unwrap_or_default(), l.at, false);
    let mut none = super::Uses::new();
    uses::header(facts, &mut value, lower, &mut none);
    l.marks.extend(value.marks.into_iter().map(|mut m| {
        m.range = m.range.start + skip..m.range.end + skip;
        m
    }));
}
