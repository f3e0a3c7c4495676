//! What a missing or masked header means in this capture (rules.md 1.2).

use crate::facts::{Facts, Redaction};
use crate::http::Why;

/// What the recorder took away.
#[derive(Clone, Debug, Default)]
pub struct Resolved {
    /// The export has none of Authorization, Cookie and Set-Cookie although its recorder strips just these.
    pub stripped: bool,
    /// Some values are masks: a value that is empty behind its scheme is one too.
    pub masks: bool,
    /// Name and version of the recorder.
    pub recorder: Option<String>,
}

/// Why a header is not there to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// The recorder left it out, or it was masked.
    Redacted,
    /// The format has no place for it.
    NotRecorded,
    /// The capture ends before it.
    Truncated,
}

impl From<Why> for Unseen {
    fn from(why: Why) -> Self {
        match why {
            Why::NotRecorded => Self::NotRecorded,
            Why::Redacted => Self::Redacted,
            Why::Truncated => Self::Truncated,
        }
    }
}

/// Settles redaction from what was counted while reading.
pub(super) fn resolve(facts: &Facts) -> Resolved {
    settle(facts.redaction, facts.recorder.as_ref(), facts.list.is_empty())
}

/// The same for each of several joined captures.
pub(super) fn of_each(facts: &Facts) -> Vec<Resolved> {
    let one = |(n, p): (usize, &crate::facts::Part)| {
        settle(p.redaction, p.recorder.as_ref(), facts.of_file(n).next().is_none())
    };
    facts.files.iter().enumerate().map(one).collect()
}

fn settle(r: Redaction, by: Option<&(String, String)>, empty: bool) -> Resolved {
    let recorder = by.map(|(n, v)| format!("{n} {v}").trim().to_owned());
    // Chrome and its kin strip exactly these three since 2024, unless "with sensitive data" was chosen.
    let browser = by.is_some_and(|(n, _)| n == "WebInspector");
    let none = !r.saw_authorization && !r.saw_cookie && !r.saw_set_cookie;
    Resolved { stripped: browser && none && !empty, masks: r.masks, recorder }
}
