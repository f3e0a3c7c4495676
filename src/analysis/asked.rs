//! Which findings a user asked for: of some rules, at a host, from a time on.

use crate::facts::Id;
use crate::http::{Time, parse_iso};
use crate::rule::Finding;
use crate::trace::Trace;

/// From when on findings are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Since {
    /// From a point in time on, by the capture's clock.
    At(Time),
    /// In the last seconds of each capture, counted back from its last request.
    Last(i64),
}

impl Since {
    /// `2026-05-05`, `2026-05-05T10:00:00Z` (without a zone it is UTC), or a length before the end of the capture: `90s`,
    /// `15min`, `2h`, `3d`.
    ///
    /// # Errors
    /// A message that shows what can be written.
    pub fn parse(text: &str) -> Result<Self, String> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at_checked(digits).unwrap_or((text, ""));
        let length = match unit.trim_start() {
            "s" => Some(1),
            "m" | "min" => Some(60),
            "h" => Some(3600),
            "d" => Some(86_400),
            _ => None,
        };
        if let (Some(unit), Ok(n)) = (length, number.parse::<i64>()) {
            return Ok(Self::Last(n.saturating_mul(unit)));
        }
        let day = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
        parse_iso(&day).map(Self::At).ok_or_else(|| {
            "write a time (2026-05-05T10:00:00Z, 2026-05-05) or a length (90s, 15min, 2h, 3d)".to_owned()
        })
    }

    /// The point in time for one capture; none if it holds no times.
    fn begin(self, trace: &Trace<'_>) -> Option<Time> {
        match self {
            Self::At(time) => Some(time),
            Self::Last(secs) => {
                let last = trace.all().filter_map(|ex| latest(trace, ex.id())).max();
                let last = last.max(trace.facts.latest())?;
                Some(last.plus_secs(secs.saturating_neg()))
            }
        }
    }
}

/// When an exchange, or the last of those like it, began; by the server's clock where the recorder kept none.
fn latest(trace: &Trace<'_>, id: Id) -> Option<Time> {
    let ex = trace.ex(id);
    let own = ex.start().or_else(|| ex.server_now());
    own.max(ex.fact().like.as_ref().and_then(|l| l.last))
}

/// What a user asked for of one capture.
pub(super) struct Asked<'a> {
    rules: &'a [&'static str],
    host: Option<&'a str>,
    from: Option<Time>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(
        rules: &'a [&'static str],
        host: Option<&'a str>,
        since: Option<Since>,
        trace: &Trace<'_>,
    ) -> Self {
        Self { rules, host, from: since.and_then(|s| s.begin(trace)) }
    }

    /// Whether the finding is of a wanted rule, and where it stands or something that it explains is at the host, and not
    /// too early. A request whose time was not recorded may be as late as any.
    pub(super) fn wants(&self, trace: &Trace<'_>, f: &Finding) -> bool {
        let here = |id: Id| self.at(trace.ex(id).host()) && self.late(latest(trace, id));
        (self.rules.is_empty() || self.rules.contains(&f.rule.name))
            && (here(f.subject) || f.explains.iter().any(|id| here(*id)))
    }

    fn at(&self, host: &str) -> bool {
        let below = |wanted: &str| host.strip_suffix(wanted).is_some_and(|h| h.is_empty() || h.ends_with('.'));
        self.host.is_none_or(below)
    }

    fn late(&self, time: Option<Time>) -> bool {
        self.from.zip(time).is_none_or(|(from, time)| time >= from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_lengths_are_read() {
        let at = |text: &str| Since::At(parse_iso(text).unwrap());
        assert_eq!(Since::parse("2026-05-05"), Ok(at("2026-05-05T00:00:00Z")));
        assert_eq!(Since::parse("2026-05-05T12:00:00+02:00"), Ok(at("2026-05-05T10:00:00Z")));
        assert_eq!(Since::parse("15min"), Ok(Since::Last(900)));
        assert_eq!(Since::parse("2 h"), Ok(Since::Last(7200)));
        for odd in ["", "15", "min", "yesterday", "2026-13-05", "-5min", "15 fortnights"] {
            assert!(Since::parse(odd).unwrap_err().starts_with("write a time"), "{odd}");
        }
    }
}
