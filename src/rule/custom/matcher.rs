//! The matcher: one tree of `all`, `any`, `not` over field tests, answered with yes, no or "not recorded".

use regex::bytes::Regex;

use super::{Counts, Field, Got, Value};
use crate::rule::Cx;
use crate::trace::Ex;

/// What a matcher says of an exchange. A field that was not recorded makes the answer unknown, not no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It holds.
    Yes,
    /// It does not hold.
    No,
    /// What it asks for was not recorded.
    Unknown,
}

/// A tree of tests.
#[derive(Clone, Debug)]
pub enum Matcher {
    /// Every branch holds.
    All(Vec<Matcher>),
    /// A branch holds.
    Any(Vec<Matcher>),
    /// The branch does not hold.
    Not(Box<Matcher>),
    /// A field fits.
    Field(Field, Test),
}

/// A test of a field's value.
#[derive(Clone, Debug)]
pub enum Test {
    /// Equal to one of these.
    In(Vec<Value<'static>>),
    /// Begins with this text.
    Prefix(String),
    /// Ends with this text.
    Suffix(String),
    /// Holds this text.
    Contains(String),
    /// This linear-time expression occurs.
    Regex(Box<Regex>),
    /// Greater than this number.
    Greater(f64),
    /// Less than this number.
    Less(f64),
    /// Is (`true`) or is not (`false`) there.
    Present(bool),
    /// Is there without a value (`true`), or has one (`false`).
    Blank(bool),
}

impl Matcher {
    /// What it says of an exchange.
    pub fn answer(&self, cx: &Cx<'_>, ex: Ex<'_>, counts: &Counts) -> Answer {
        match self {
            Self::All(list) => fold(list.iter().map(|m| m.answer(cx, ex, counts)), Answer::Yes, Answer::No),
            Self::Any(list) => fold(list.iter().map(|m| m.answer(cx, ex, counts)), Answer::No, Answer::Yes),
            Self::Not(inner) => match inner.answer(cx, ex, counts) {
                Answer::Yes => Answer::No,
                Answer::No => Answer::Yes,
                Answer::Unknown => Answer::Unknown,
            },
            Self::Field(field, test) => test.answer(&field.get(cx, ex, counts)),
        }
    }

    /// Whether a field of the tree fits.
    pub fn asks(&self, fits: &dyn Fn(&Field) -> bool) -> bool {
        match self {
            Self::All(list) | Self::Any(list) => list.iter().any(|m| m.asks(fits)),
            Self::Not(inner) => inner.asks(fits),
            Self::Field(field, _) => fits(field),
        }
    }
}

/// The deciding answer if one gives it, else unknown if one is unknown, else the other.
fn fold(answers: impl Iterator<Item = Answer>, otherwise: Answer, decides: Answer) -> Answer {
    let mut out = otherwise;
    for a in answers {
        if a == decides {
            return decides;
        }
        if a == Answer::Unknown {
            out = Answer::Unknown;
        }
    }
    out
}

impl Test {
    fn answer(&self, got: &Got<'_>) -> Answer {
        let yes = |b: bool| if b { Answer::Yes } else { Answer::No };
        match got {
            Got::NotObserved => Answer::Unknown,
            // A log's `-`: absent or empty. Only tests that treat both alike can be answered.
            Got::AbsentOrEmpty => match self {
                Self::Present(_) | Self::Blank(_) => Answer::Unknown,
                _ => Answer::No,
            },
            Got::Values(values) => match self {
                Self::Present(wanted) => yes(values.is_empty() != *wanted),
                Self::Blank(wanted) => yes(!values.is_empty() && values.iter().all(Value::blank) == *wanted),
                _ => yes(values.iter().any(|v| self.fits(v))),
            },
        }
    }

    fn fits(&self, value: &Value<'_>) -> bool {
        match self {
            Self::In(list) => list.iter().any(|w| w.same(value)),
            Self::Prefix(t) => value.text().starts_with(t.as_str()),
            Self::Suffix(t) => value.text().ends_with(t.as_str()),
            Self::Contains(t) => value.text().contains(t.as_str()),
            Self::Regex(r) => r.is_match(value.text().as_bytes()),
            Self::Greater(n) => value.number().is_some_and(|v| v > *n),
            Self::Less(n) => value.number().is_some_and(|v| v < *n),
            Self::Present(_) | Self::Blank(_) => false,
        }
    }
}
