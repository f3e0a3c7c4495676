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
    if let Some(micros) = usual(text.as_bytes()) {
        return Some(Time(micros));
    }
    if let Ok(t) = text.parse::<jiff::Timestamp>() {
        return Some(Time(t.as_microsecond()));
    }
    let civil = text.parse::<jiff::civil::DateTime>().ok()?;
    let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(Time(zoned.timestamp().as_microsecond()))
}

/// Microseconds of `2026-05-05T09:46:50.444Z`, the form that nearly every recorder writes: a captured hour has
/// thousands. Any other form, and any date that needs a calendar to be refused, is left to the whole parser.
fn usual(text: &[u8]) -> Option<i64> {
    let (head, rest) = text.split_at_checked(19)?;
    let [y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2, b'T', h1, h2, b':', m1, m2, b':', s1, s2] = head else {
        return None;
    };
    let digit = |n: i64, d: &u8| d.is_ascii_digit().then(|| n * 10 + i64::from(d - b'0'));
    let number = |digits: &[&u8]| digits.iter().try_fold(0, |n, d| digit(n, d));
    let (year, month, day) = (number(&[y1, y2, y3, y4])?, number(&[mo1, mo2])?, number(&[d1, d2])?);
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[m1, m2])?, number(&[s1, s2])?);
    let lasts = match month {
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1970..2200).contains(&year) || !(1..=lasts).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let fraction = rest.strip_suffix(b"Z").or_else(|| rest.strip_suffix(b"+00:00"))?;
    let micros = match fraction {
        [] => 0,
        [b'.', digits @ ..] if (1..=6).contains(&digits.len()) => {
            digits.iter().try_fold(0, digit)? * 10_i64.pow(6 - digits.len() as u32)
        }
        _ => return None,
    };
    // Days since 1970 in years that begin in March, so that the leap day is their last.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719_468;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000 + micros)
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
    fn the_usual_form_is_read_as_the_whole_parser_does() {
        for (n, zone) in (0_i64..6000).zip(["Z", "+00:00"].into_iter().cycle()) {
            // Eleven days and some, so that all months, leap days and centuries come by.
            let at = jiff::Timestamp::from_microsecond(n * 999_999_937_123).unwrap();
            let text = at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
            for fraction in ["", ".5", ".444", ".444511"] {
                let text = format!("{text}{fraction}{zone}");
                let want = text.parse::<jiff::Timestamp>().unwrap().as_microsecond();
                let leap = text.contains("-02-29");
                assert_eq!(usual(text.as_bytes()), (!leap).then_some(want), "{text}");
            }
        }
        for other in [
            "2026-02-30T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00.1234567Z",
            "20x6-01-01T00:00:00Z",
            "1969-12-31T23:59:59Z",
        ] {
            assert_eq!(usual(other.as_bytes()), None, "{other}");
        }
    }

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
