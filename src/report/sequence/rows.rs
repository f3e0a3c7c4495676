//! The rows: requests, gaps between them, tokens that expire or end, runs that fold.

use rustc_hash::{FxHashMap, FxHashSet};

use super::tokens::{Chosen, carried, expiry};
use super::{Exchange, LANES, ROWS, Row, Sequence, Sign, TRACKS, Verdict, detail, verdict, when};
use crate::facts::{Id, ValueId};
use crate::http::Time;
use crate::mask::{Masker, Piece, printable};
use crate::report::rows::{outcome, text_of};
use crate::rule::words::span;
use crate::trace::{Class, Ex, Trace};

/// Microseconds without an exchange that are told.
const GAP: i64 = 60_000_000;
/// Exchanges of which header fields are told.
const DETAILS: usize = 500;
/// Characters of a path.
const PATH: usize = 160;
/// Accepted requests in a row that fold.
const RUN: usize = 3;

/// Fills in hosts, times and rows.
pub(super) fn fill(
    out: &mut Sequence,
    trace: &Trace<'_>,
    masker: &mut Masker,
    chosen: &Chosen,
    wanted: &FxHashSet<Id>,
) {
    let many = trace.facts.list.len() > ROWS;
    let plain = |ex: &Ex<'_>| verdict(*ex, wanted) == Verdict::Accepted && ex.node().issued.is_empty();
    let shown: Vec<Ex<'_>> = trace.all().filter(|ex| !many || !plain(ex)).take(ROWS).collect();
    out.left_out = trace.facts.exchanges().saturating_sub(shown.len() as u64);
    let lanes = lanes(out, trace, masker);
    let times = || shown.iter().filter_map(|ex| when(*ex));
    out.span = times().min().zip(times().max()).map(|(a, b)| (Time(a).utc(), Time(b).utc()));
    let mut b = Builder { trace, masker, chosen, wanted, lanes: &lanes, base: None, details: 0, tracked: many };
    let mut due = b.expiries();
    let mut last: Option<i64> = None;
    for ex in shown {
        let now = when(ex);
        b.before(&mut out.rows, last, now, &mut due);
        out.rows.push(Row::Exchange(Box::new(b.exchange(ex))));
        b.ended(&mut out.rows, ex);
        let end = now.map(|n| n.saturating_add(ex.fact().duration.max(0)));
        last = end.max(last);
    }
    out.rows = folded(std::mem::take(&mut out.rows));
}

/// Lanes of the hosts, by first use.
fn lanes(out: &mut Sequence, trace: &Trace<'_>, masker: &mut Masker) -> FxHashMap<String, usize> {
    let mut known: FxHashMap<String, usize> = FxHashMap::default();
    for host in trace.all().map(Ex::host).filter(|h| !h.is_empty()) {
        if known.contains_key(host) {
            continue;
        }
        known.insert(host.to_owned(), known.len().min(LANES));
        if out.hosts.len() < LANES {
            out.hosts.push(masker.text(host));
        }
    }
    out.hosts_count = known.len();
    out.others = known.len() > LANES;
    known
}

struct Builder<'b, 't> {
    trace: &'t Trace<'t>,
    masker: &'b mut Masker,
    chosen: &'b Chosen,
    wanted: &'b FxHashSet<Id>,
    lanes: &'b FxHashMap<String, usize>,
    /// The last time that was told in full.
    base: Option<i64>,
    details: usize,
    /// Accepted requests are left out: gaps say nothing.
    tracked: bool,
}

/// When, which track, what is said.
type Due = (i64, usize, String);

impl Builder<'_, '_> {
    /// Expiries of the tokens with a track, latest first.
    fn expiries(&mut self) -> Vec<Due> {
        let mut due: Vec<Due> = Vec::new();
        for (track, value) in self.chosen.list.iter().take(TRACKS).enumerate() {
            if let Some((at, words)) = expiry(self.trace, *value) {
                due.push((at, track, format!("{} expires, {words}", self.alias(*value))));
            }
        }
        due.sort_by(|a, b| b.cmp(a));
        due
    }

    fn alias(&mut self, value: ValueId) -> String {
        let kind = self.trace.life(value).map_or(crate::facts::Kind::Token, |l| l.kind);
        self.masker.alias(self.trace.facts.values.get(value), kind)
    }

    /// What lies between two exchanges: a gap, tokens that expire in it.
    fn before(&mut self, rows: &mut Vec<Row>, last: Option<i64>, now: Option<i64>, due: &mut Vec<Due>) {
        let Some(now) = now else { return };
        if let Some(gap) = last.map(|l| now.saturating_sub(l)).filter(|g| *g >= GAP && !self.tracked) {
            let day = last.map(date).filter(|d| *d != date(now));
            let day = day.map_or_else(String::new, |_| format!(", until {}", date(now)));
            rows.push(Row::Gap(format!("{} without an exchange{day}", span(gap / 1_000_000))));
        }
        while let Some((at, track, text)) = due.pop_if(|d| d.0 <= now) {
            rows.push(Row::Event { time: clock(at), text, track, sign: Sign::Expires });
        }
    }

    /// Tokens that this exchange ended.
    fn ended(&mut self, rows: &mut Vec<Row>, ex: Ex<'_>) {
        let tracked: Vec<ValueId> = self.chosen.list.iter().take(TRACKS).copied().collect();
        for (track, value) in tracked.into_iter().enumerate() {
            let Some(life) = self.trace.life(value) else { continue };
            let text = match life.replaced {
                Some((with, by)) if by == ex.id() => format!("{} replaces {}", self.alias(with), self.alias(value)),
                _ if life.ended_by.first() == Some(&ex.id()) => format!("logout ends {}", self.alias(value)),
                _ => continue,
            };
            rows.push(Row::Event { time: String::new(), text, track, sign: Sign::Ends });
        }
    }

    fn exchange(&mut self, ex: Ex<'_>) -> Exchange {
        let verdict = verdict(ex, self.wanted);
        let used = carried(ex);
        let mut marks: Vec<(usize, Sign)> = Vec::new();
        for track in used.iter().filter_map(|v| self.chosen.track(*v)) {
            marks.push((
                track,
                match verdict {
                    Verdict::Accepted => Sign::Accepted,
                    Verdict::Refused => Sign::Refused,
                    _ => Sign::Used,
                },
            ));
        }
        for track in ex.node().issued.iter().filter_map(|v| self.chosen.track(*v)) {
            marks.retain(|m| m.0 != track);
            marks.push((track, Sign::Issued));
        }
        let told = ex.node().issued.iter().filter(|v| self.chosen.list.contains(v));
        let issued: Vec<ValueId> = told.take(TRACKS).copied().collect();
        let pieces = self.url(ex);
        let (fields, more_fields) = self.fields(ex, verdict);
        let host = self.masker.text(ex.host());
        Exchange {
            id: ex.id(),
            index: u64::from(self.trace.facts.number(ex.id())),
            file: self.trace.facts.file_of(ex.id()),
            time: self.time(when(ex)),
            lane: self.lanes.get(ex.host()).copied(),
            host,
            carried: used.into_iter().map(|v| self.alias(v)).collect(),
            method: if ex.method().is_empty() { "(method not recorded)".to_owned() } else { printable(ex.method()) },
            path: path(&pieces),
            url: cut(&pieces, PATH * 4),
            issued: issued.into_iter().map(|v| self.alias(v)).collect(),
            status: outcome(self.trace, ex.id()),
            verdict,
            marks,
            group: None,
            fields,
            more_fields,
            line: ex.detail().map(|d| d.lines.locate(ex.fact().at.start, d.url.at.start).0),
        }
    }

    fn url(&mut self, ex: Ex<'_>) -> Vec<Piece> {
        match ex.detail() {
            Some(d) => self.masker.line(&d.url),
            None => self.masker.made(&ex.full_url()),
        }
    }

    fn fields(&mut self, ex: Ex<'_>, verdict: Verdict) -> (Vec<(String, String)>, usize) {
        let matters = matches!(verdict, Verdict::Refused | Verdict::Expected)
            || !ex.node().issued.is_empty()
            || ex.class() != Class::Call;
        if !matters || self.details >= DETAILS {
            return (Vec::new(), 0);
        }
        self.details += 1;
        detail::fields(ex, self.masker)
    }

    /// The time of day; behind it, for a minute, seconds since then.
    fn time(&mut self, now: Option<i64>) -> String {
        let Some(now) = now else { return String::new() };
        match self.base {
            Some(base) if (0..GAP).contains(&now.saturating_sub(base)) => {
                let tenths = (now - base) / 100_000;
                format!("+{}.{} s", tenths / 10, tenths % 10)
            }
            _ => {
                self.base = Some(now);
                clock(now)
            }
        }
    }
}

/// `10:26:19`.
fn clock(micros: i64) -> String {
    Time(micros).utc().split(' ').nth(1).unwrap_or_default().to_owned()
}

/// `2026-05-05`.
fn date(micros: i64) -> String {
    Time(micros).utc().split(' ').next().unwrap_or_default().to_owned()
}

/// A text of at most so many characters; aliases stay whole.
fn cut(pieces: &[Piece], most: usize) -> String {
    if pieces.len() <= most {
        return text_of(pieces);
    }
    text_of(pieces.get(..most.saturating_sub(3)).unwrap_or(pieces)) + "..."
}

/// Path and query of a URL with a host; any other URL as it stands.
fn path(pieces: &[Piece]) -> String {
    let plain = |p: &Piece, c: &str| !p.alias && p.shown == c;
    let authority =
        pieces.windows(3).position(|w| matches!(w, [a, b, c] if plain(a, ":") && plain(b, "/") && plain(c, "/")));
    let start = match pieces {
        [a, b, ..] if plain(a, "/") && plain(b, "/") => Some(2),
        _ => authority.filter(|at| *at < 8).map(|at| at + 3),
    };
    let Some(rest) = start.and_then(|at| pieces.get(at..)) else { return cut(pieces, PATH) };
    let at = rest.iter().position(|p| plain(p, "/") || plain(p, "?") || plain(p, "#"));
    match at.and_then(|at| rest.get(at..)) {
        Some(path) if path.first().is_some_and(|p| plain(p, "/")) => cut(path, PATH),
        Some(query) => format!("/{}", cut(query, PATH)),
        None => "/".to_owned(),
    }
}

/// Runs of accepted requests of one host and credential: the first stays, the others fold.
fn folded(rows: Vec<Row>) -> Vec<Row> {
    let mut out: Vec<Row> = Vec::with_capacity(rows.len());
    let mut groups = 0;
    let mut run: Vec<Exchange> = Vec::new();
    for row in rows {
        match row {
            Row::Exchange(e) if run.first().is_none_or(|first| alike(first, &e)) && foldable(&e) => run.push(*e),
            Row::Exchange(e) if foldable(&e) => {
                close(&mut out, &mut run, &mut groups);
                run.push(*e);
            }
            other => {
                close(&mut out, &mut run, &mut groups);
                out.push(other);
            }
        }
    }
    close(&mut out, &mut run, &mut groups);
    out
}

fn foldable(e: &Exchange) -> bool {
    e.verdict == Verdict::Accepted && e.issued.is_empty() && !e.host.is_empty()
}

fn alike(a: &Exchange, b: &Exchange) -> bool {
    a.host == b.host && a.carried == b.carried
}

fn close(out: &mut Vec<Row>, run: &mut Vec<Exchange>, groups: &mut usize) {
    let fold = run.len() >= RUN;
    for (i, mut e) in std::mem::take(run).into_iter().enumerate() {
        if fold && i == 1 {
            *groups += 1;
            out.push(Row::Fold {
                group: *groups,
                range: (e.id, e.id),
                count: 0,
                host: e.host.clone(),
                carried: e.carried.clone(),
            });
        }
        if fold && i > 0 {
            e.group = Some(*groups);
            let at = out.len().saturating_sub(i);
            if let Some(Row::Fold { range, count, .. }) = out.get_mut(at) {
                (range.1, *count) = (e.id, *count + 1);
            }
        }
        out.push(Row::Exchange(Box::new(e)));
    }
}
