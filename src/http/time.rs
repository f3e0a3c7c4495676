//! Points in time, in microseconds, and the spellings that captures use.

use std::ops::Sub;

/// A point in time: microseconds since 1970-01-01T00:00:00Z. Whose clock it is, is said where it is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Time(pub i64);

impl Time {
    /// From whole seconds.
    pub fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// From fractional seconds.
    pub fn from_secs_f64(secs: f64) -> Self {
        Self((secs * 1e6) as i64)
    }

    /// Whole seconds, rounded down.
    pub fn secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// `2026-05-05 10:00:00 UTC`, for people.
    pub fn utc(self) -> String {
        jiff::Timestamp::from_microsecond(self.0)
            .map(|t| t.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
            .unwrap_or_else(|_| "a time out of range".to_owned())
    }

    /// This time plus a number of microseconds.
    #[must_use]
    pub fn plus(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// This time plus a number of seconds.
    #[must_use]
    pub fn plus_secs(self, secs: i64) -> Self {
        self.plus(secs.saturating_mul(1_000_000))
    }
}

impl Sub for Time {
    type Output = i64;

    /// The difference in microseconds.
    fn sub(self, other: Self) -> i64 {
        self.0.saturating_sub(other.0)
    }
}

/// Parses the ISO 8601 / RFC 3339 forms that recorders write; without a zone the text is read as UTC.
///
/// Accepted: `2026-05-05T09:46:50.444511+00:00`, `...Z`, seven-digit fractions, `+0100`, a blank for the `T`.
pub fn parse_iso(text: &str) -> Option<Time> {
    let text = text.trim();
    if let Ok(t) = text.parse::<jiff::Timestamp>() {
        return Some(Time(t.as_microsecond()));
    }
    let civil = text.parse::<jiff::civil::DateTime>().ok()?;
    let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Time(zoned.timestamp().as_microsecond()))
}

/// Parses an HTTP-date (RFC 9110 5.6.7, all three forms), and the form with a numeric zone that clients write.
pub fn parse_http_date(text: &str) -> Option<Time> {
    let text = text.trim();
    if let Ok(t) = httpdate::parse_http_date(text) {
        let since = t.duration_since(std::time::UNIX_EPOCH).ok()?;
        return Some(Time::from_secs(i64::try_from(since.as_secs()).ok()?));
    }
    let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(Time(zoned.timestamp().as_microsecond()))
}

/// Parses the time of common log format: `05/May/2026:09:48:34 +0000`.
pub fn parse_clf(text: &str) -> Option<Time> {
    let t = jiff::fmt::strtime::parse("%d/%b/%Y:%H:%M:%S %z", text).ok()?;
    Some(Time(t.to_timestamp().ok()?.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_instant() {
        let want = Some(Time::from_secs(1_777_974_410));
        for s in [
            "2026-05-05T09:46:50Z",
            "2026-05-05T09:46:50.0000000+00:00",
            "2026-05-05T10:46:50+0100",
            "2026-05-05 09:46:50",
        ] {
            assert_eq!(parse_iso(s), want, "{s}");
        }
        assert_eq!(parse_http_date("Tue, 05 May 2026 09:46:50 GMT"), want);
        assert_eq!(parse_http_date("Tue, 05 May 2026 02:46:50 -0700"), want);
        assert_eq!(parse_clf("05/May/2026:09:46:50 +0000"), want);
        assert_eq!(parse_iso("yesterday"), None);
    }
}
