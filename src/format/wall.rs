//! Times as a clock on the wall shows them: without a zone, some without a year or a day. The `Date` of an answer places
//! them, if a zone explains the difference; else only their differences are known, and no day is made up.

use super::transcript::line::Line;
use crate::http::{Time, parse_http_date};

/// A day, in microseconds.
const DAY: i64 = 86_400_000_000;
/// The clocks of client and server may differ by this much beside the zone.
const TOLERANCE: i64 = 60_000_000;
/// A known zone is kept while an answer's `Date` differs by no more than this: servers' clocks are wrong, too.
const SAME: i64 = 1_200_000_000;

/// What a line shows of its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// `17:00:00.123456`: microseconds since midnight.
    Clock(i64),
    /// `11-25 17:00:00.123`: month and day, microseconds since midnight.
    Day(i8, i8, i64),
    /// `2026-11-25 17:00:00`: microseconds since 1970, as if the zone were UTC.
    Full(i64),
}

impl Shown {
    /// The local time nearest to another that looks so, both as if the zone were UTC.
    fn near(self, local: i64) -> Option<i64> {
        match self {
            Self::Full(micros) => Some(micros),
            Self::Clock(clock) => {
                let off = (clock - local.rem_euclid(DAY) + DAY / 2).rem_euclid(DAY) - DAY / 2;
                Some(local + off)
            }
            Self::Day(month, day, clock) => {
                let year = jiff::Timestamp::from_microsecond(local).ok()?.to_zoned(jiff::tz::TimeZone::UTC).year();
                let on = |year: i16| {
                    let date = jiff::civil::Date::new(year, month, day).ok()?;
                    let zoned = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
                    Some(zoned.timestamp().as_microsecond() + clock)
                };
                (year - 1..=year + 1).filter_map(on).min_by_key(|at| (at - local).abs())
            }
        }
    }

    /// The same so many microseconds before, within the day.
    pub(crate) fn before(self, micros: i64) -> Self {
        match self {
            Self::Full(at) => Self::Full(at - micros),
            Self::Clock(at) => Self::Clock((at - micros).rem_euclid(DAY)),
            Self::Day(month, day, at) => Self::Day(month, day, (at - micros).max(0)),
        }
    }

    /// Microseconds from another time of the same clock to this one, if it can be no more than half a day.
    pub(crate) fn since(self, other: Self) -> Option<i64> {
        let days = match (other, self) {
            (Self::Clock(a), Self::Clock(b)) => return Some((b - a + DAY / 2).rem_euclid(DAY) - DAY / 2),
            (Self::Full(a), Self::Full(b)) => b - a,
            (Self::Day(.., a), Self::Day(.., b)) => (b - a + DAY / 2).rem_euclid(DAY) - DAY / 2,
            _ => return None,
        };
        (days.abs() < DAY / 2).then_some(days)
    }
}

/// The zone of the machine whose times are read, once it is known.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Zone {
    /// Microseconds that local time is ahead of UTC.
    ahead: Option<i64>,
    /// What was placed last.
    last: Option<Time>,
}

impl Zone {
    /// Whether what was read before tells on what follows.
    pub(crate) fn is_known(&self) -> bool {
        self.ahead.is_some()
    }

    /// When a request began. `answered`: what was shown when the answer came, and its `Date`.
    pub(crate) fn place(&mut self, began: Shown, answered: Option<(Shown, Time)>) -> Option<Time> {
        let time = match answered {
            Some((shown, date)) => {
                let ahead = self.kept(shown, date).or_else(|| zone(shown.near(date.0)? - date.0))?;
                self.ahead = Some(ahead);
                let back = shown.since(began).unwrap_or(0).max(0);
                Time(shown.near(date.0 + ahead)? - ahead - back)
            }
            None => {
                let (ahead, last) = (self.ahead?, self.last?);
                let time = Time(began.near(last.0 + ahead)? - ahead);
                // Without a day of its own it follows what stands before it.
                let follows = matches!(began, Shown::Full(_)) || time - last >= -TOLERANCE;
                follows.then_some(time)?
            }
        };
        self.last = Some(time);
        Some(time)
    }

    /// The known zone, if it still explains what is shown.
    fn kept(&self, shown: Shown, date: Time) -> Option<i64> {
        let ahead = self.ahead?;
        let local = date.0 + ahead;
        ((shown.near(local)? - local).abs() <= SAME).then_some(ahead)
    }
}

/// When a server wrote an answer, by its `Date`; a copy out of a cache (with an `Age`) tells nothing of now.
pub(crate) fn written(date: Option<&[u8]>, age: Option<&[u8]>) -> Option<Time> {
    let fresh = age.is_none_or(|a| a.trim_ascii() == b"0");
    parse_http_date(std::str::from_utf8(date.filter(|_| fresh)?).ok()?)
}

/// The zone that explains a difference from UTC, if any does.
fn zone(off: i64) -> Option<i64> {
    const QUARTER: i64 = 900_000_000;
    let quarters = (off + QUARTER / 2).div_euclid(QUARTER);
    if (off - quarters * QUARTER).abs() > TOLERANCE || !(-48..=56).contains(&quarters) {
        return None;
    }
    // Zones east of +12:00 look like zones of the day before where no day is shown.
    let known = |all: &[i64]| all.contains(&quarters) || all.contains(&(quarters + 96));
    let real = match quarters.rem_euclid(4) {
        0 => true,
        2 => known(&[-38, -14, -10, 14, 18, 22, 26, 38, 42]),
        _ => known(&[23, 35, 51, 55]),
    };
    real.then_some(quarters * QUARTER)
}

/// `17:00:00` with or without a fraction behind `.` or `,`: microseconds since midnight, and the length.
pub(crate) fn clock(text: &[u8]) -> Option<(i64, usize)> {
    let [h1, h2, b':', m1, m2, b':', s1, s2, rest @ ..] = text else { return None };
    let two = |a: &u8, b: &u8| {
        let digits = a.is_ascii_digit() && b.is_ascii_digit();
        digits.then(|| i64::from(a - b'0') * 10 + i64::from(b - b'0'))
    };
    let (hours, minutes, seconds) = (two(h1, h2)?, two(m1, m2)?, two(s1, s2)?);
    if hours > 23 || minutes > 59 || seconds > 60 {
        return None;
    }
    let digits = match rest {
        [b'.' | b',', digits @ ..] => digits.iter().take_while(|b| b.is_ascii_digit()).count(),
        _ => 0,
    };
    let fraction = rest.get(1..=digits).unwrap_or_default();
    let micros = (0..6).fold(0, |n, i| n * 10 + fraction.get(i).map_or(0, |d| i64::from(d - b'0')));
    let length = 8 + if digits > 0 { digits + 1 } else { 0 };
    Some((((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + micros, length))
}

/// `2026-11-25 17:00:00,123`, also with `/` in the date and `T` behind it: the time, and the length.
pub(crate) fn full(text: &[u8]) -> Option<(Shown, usize)> {
    let date = std::str::from_utf8(text.get(..10)?).ok()?.replace('/', "-").parse::<jiff::civil::Date>().ok()?;
    let (clock, length) = matches!(text.get(10), Some(b' ' | b'T')).then(|| clock(text.get(11..)?))??;
    let day = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_microsecond();
    Some((Shown::Full(day + clock), 11 + length))
}

/// The local time that a logger wrote before a line of a transcript.
pub(crate) fn stamp(line: &Line<'_>) -> Option<Shown> {
    let raw = line.raw.trim_ascii_start();
    let (shown, length) = full(raw.strip_prefix(b"[").unwrap_or(raw))?;
    let zoned = matches!(raw.get(length), Some(b'Z' | b'+'));
    (!zoned).then_some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{parse_http_date, parse_iso};

    fn at(text: &str) -> Time {
        parse_iso(text).unwrap()
    }

    fn shown(text: &str) -> Shown {
        Shown::Clock(clock(text.as_bytes()).unwrap().0)
    }

    #[test]
    fn a_zone_explains_the_difference() {
        let date = at("2026-11-25T22:10:03Z");
        let mut zone = Zone::default();
        let began = zone.place(shown("03:40:02.100000"), Some((shown("03:40:02.900000"), date)));
        assert_eq!(began, Some(at("2026-11-25T22:10:02.1Z")), "half past: India");
        assert_eq!(zone.place(shown("03:45:00"), None), Some(at("2026-11-25T22:15:00Z")), "the day goes on");
        let odd = Some((shown("04:00:01"), at("2026-11-25T22:20:01Z")));
        assert_eq!(
            zone.place(shown("04:00:00"), odd),
            Some(at("2026-11-25T22:30:00Z")),
            "another server's clock is off"
        );
        assert_eq!(zone.place(shown("01:00:00"), None), None, "no day is made up");
    }

    #[test]
    fn what_no_zone_explains_has_no_time() {
        for (local, date) in [("10:07:00", "2026-11-25T10:00:00Z"), ("10:30:00", "2026-11-25T18:00:00Z")] {
            let mut zone = Zone::default();
            assert_eq!(zone.place(shown(local), Some((shown(local), at(date)))), None, "{local}");
            assert!(!zone.is_known());
        }
        assert_eq!(Zone::default().place(shown("10:00:00"), None), None);
    }

    #[test]
    fn midnight_and_the_turn_of_the_year() {
        let mut zone = Zone::default();
        let answered = Some((shown("00:00:01"), at("2026-11-25T23:00:01Z")));
        assert_eq!(zone.place(shown("23:59:59"), answered), Some(at("2026-11-25T22:59:59Z")));
        let mut zone = Zone::default();
        let began = Shown::Day(12, 31, clock(b"23:59:59").unwrap().0);
        let answered = Shown::Day(1, 1, 500_000);
        let date = parse_http_date("Fri, 01 Jan 2027 06:00:00 GMT").unwrap();
        assert_eq!(zone.place(began, Some((answered, date))), Some(at("2027-01-01T05:59:59Z")));
        assert_eq!(Shown::Day(2, 30, 0).near(0), None);
    }

    #[test]
    fn spellings() {
        assert_eq!(clock(b"01:02:03.5 x"), Some((3_723_500_000, 10)));
        assert_eq!(clock(b"01:02:03,123"), Some((3_723_123_000, 12)));
        assert_eq!(clock(b"01:02:03."), Some((3_723_000_000, 8)));
        assert_eq!(clock(b"25:00:00"), None);
        let (Shown::Full(micros), 23) = full(b"2026-11-25 17:00:00,123 - x").unwrap() else { panic!() };
        assert_eq!(Time(micros), at("2026-11-25T17:00:00.123Z"));
        assert_eq!(full(b"2026-13-25 17:00:00"), None);
    }
}
