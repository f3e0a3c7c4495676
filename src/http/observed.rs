//! Present, absent and not observed are three things.

/// Why a value could not be seen in the capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Why {
    /// The format or its configuration has no place for it.
    NotRecorded,
    /// The recorder or a person removed it.
    Redacted,
    /// The capture ends or was cut before it.
    Truncated,
}

/// A value of a capture: what a rule may say "missing" of is only what was observable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Observed<T> {
    /// The value was recorded.
    Present(T),
    /// The place was recorded and held nothing.
    Absent,
    /// The recorder writes the same mark (a log's `-`) for "absent" and for "empty".
    AbsentOrEmpty,
    /// The place was not recorded: nothing may be concluded.
    NotObserved(Why),
}

impl<T> Observed<T> {
    /// The value, if it was recorded.
    pub fn present(self) -> Option<T> {
        match self {
            Self::Present(v) => Some(v),
            _ => None,
        }
    }

    /// Whether the place was recorded, with or without a value.
    pub fn seen(&self) -> bool {
        !matches!(self, Self::NotObserved(_))
    }

    /// Whether the place was recorded and held no usable value.
    pub fn lacking(&self) -> bool {
        matches!(self, Self::Absent | Self::AbsentOrEmpty)
    }

    /// The same for a borrowed value.
    pub fn as_ref(&self) -> Observed<&T> {
        match self {
            Self::Present(v) => Observed::Present(v),
            Self::Absent => Observed::Absent,
            Self::AbsentOrEmpty => Observed::AbsentOrEmpty,
            Self::NotObserved(w) => Observed::NotObserved(*w),
        }
    }

    /// Maps the value and keeps the way in which it is lacking.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Observed<U> {
        match self {
            Self::Present(v) => Observed::Present(f(v)),
            Self::Absent => Observed::Absent,
            Self::AbsentOrEmpty => Observed::AbsentOrEmpty,
            Self::NotObserved(w) => Observed::NotObserved(w),
        }
    }
}
