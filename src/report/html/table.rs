//! The sequence as a table: time goes down, hosts have lanes, tokens have tracks at the right.

use std::fmt::Write as _;

use rustc_hash::FxHashSet;

use super::card::chip;
use super::exchanges::{listed, word};
use super::text::{breakable, escaped};
use crate::report::build::Block;
use crate::report::model::Report;
use crate::report::sequence::{Exchange, LANES, Row, Sequence, Sign, TRACKS, Verdict};
use crate::report::words::{count, thousands};

/// The track of a token by its place in the list.
pub(super) fn track(at: usize) -> Option<usize> {
    (at < TRACKS).then_some(at)
}

/// Where a track begins, ends and is last met, by rows.
#[derive(Clone, Copy, Default)]
struct Track {
    first: Option<usize>,
    end: Option<usize>,
    last: usize,
}

struct Table<'t> {
    seq: &'t Sequence,
    tracks: Vec<Track>,
    /// Exchanges with a warning: file and number in it.
    warned: FxHashSet<(&'t str, u64)>,
    files: Vec<&'t str>,
}

/// The sequence with its filters and its legend.
pub(super) fn sequence<'t>(out: &mut String, seq: &'t Sequence, report: &'t Report, shown: &[&'t Block]) {
    if seq.rows.is_empty() {
        return;
    }
    let warned = shown.iter().filter(|b| !b.finding.root_cause);
    let table = Table {
        seq,
        tracks: tracks(seq),
        warned: warned.map(|b| (b.finding.exchange.file.as_str(), b.finding.exchange.index)).collect(),
        files: report.captures.iter().map(|c| c.file.as_str()).collect(),
    };
    out.push_str("\n<h2 id=\"seq\">What happened</h2>\n");
    table.filters(out);
    table.head(out);
    for (at, row) in seq.rows.iter().enumerate() {
        table.row(out, at, row);
    }
    out.push_str("</tbody></table>\n<p class=\"cuts\">");
    if seq.left_out > 0 {
        let are = if seq.left_out == 1 { "is" } else { "are" };
        let n = count(seq.left_out, "accepted request");
        let _ = write!(out, "{n} {are} counted here, not listed. ");
    }
    if !table.tracks.is_empty() {
        out.push_str(
            "&#9670; issued &nbsp; &#9679; accepted &nbsp; &#10005; refused &nbsp; &#9524; expires or ends &nbsp; ",
        );
    }
    if seq.rows.iter().any(|r| matches!(r, Row::Exchange(e) if e.verdict == Verdict::Expected)) {
        out.push_str("dashed arrow: a challenge that was answered, or a refusal that is expected or known");
    }
    out.push_str("</p>");
}

fn tracks(seq: &Sequence) -> Vec<Track> {
    let mut list = vec![Track::default(); seq.tokens.len().min(TRACKS)];
    for (at, row) in seq.rows.iter().enumerate() {
        let mut note = |track: usize, sign: Sign| {
            let Some(t) = list.get_mut(track) else { return };
            t.first = t.first.or(Some(at));
            t.last = at;
            if matches!(sign, Sign::Expires | Sign::Ends) {
                t.end = t.end.or(Some(at));
            }
        };
        match row {
            Row::Exchange(e) => e.marks.iter().for_each(|(track, sign)| note(*track, *sign)),
            Row::Event { track, sign, .. } => note(*track, *sign),
            Row::Gap(_) | Row::Fold { .. } => {}
        }
    }
    list
}

impl Table<'_> {
    fn filters(&self, out: &mut String) {
        let of = |v: Verdict| self.seq.rows.iter().filter(|r| matches!(r, Row::Exchange(e) if e.verdict == v)).count();
        let all = self.seq.rows.iter().filter(|r| matches!(r, Row::Exchange(_))).count();
        out.push_str("<div class=\"bar js\" hidden>");
        for (key, name, n) in
            [("all", "all", all), ("bad", "refused", of(Verdict::Refused)), ("exp", "expected", of(Verdict::Expected))]
        {
            if n > 0 || key == "all" {
                let n = thousands(n as u64);
                let _ = write!(out, "<button data-f=\"{key}\" aria-pressed=\"{}\">{name} {n}</button>", key == "all");
            }
        }
        out.push_str(
            "<output aria-live=\"polite\"></output><input type=\"search\" placeholder=\"host, path, token ( / )\" \
             aria-label=\"filter the sequence\"></div>\n",
        );
    }

    fn lanes(&self) -> usize {
        1 + self.seq.hosts.len().max(1) + usize::from(self.seq.others)
    }

    fn head(&self, out: &mut String) {
        let n = self.lanes();
        let _ = write!(
            out,
            "<table class=\"seq n{n}\"><caption class=\"vh\">Requests in the order of time, with the host that answered \
             and the tokens used</caption><thead><tr><th class=\"n\" scope=\"col\"><span class=\"vh\">number</span></th>\
             <th class=\"t\" scope=\"col\">time</th><th class=\"l\" scope=\"col\"><div class=\"hd\"><b>client</b>"
        );
        for host in &self.seq.hosts {
            let _ = write!(out, "<b title=\"{0}\">{0}</b>", escaped(host));
        }
        if self.seq.hosts.is_empty() {
            out.push_str("<b>server</b>");
        }
        if self.seq.others {
            out.push_str("<b>other hosts</b>");
        }
        out.push_str("</div></th><th class=\"s\" scope=\"col\">answer</th>");
        for (i, t) in self.seq.tokens.iter().take(self.tracks.len()).enumerate() {
            let _ = write!(out, "<th class=\"k k{}\" scope=\"col\">", i + 1);
            chip(out, &t.alias, Some(i));
            out.push_str("</th>");
        }
        out.push_str("</tr></thead><tbody>");
    }

    fn row(&self, out: &mut String, at: usize, row: &Row) {
        match row {
            Row::Exchange(e) => self.exchange(out, at, e),
            Row::Gap(text) => {
                let _ = write!(
                    out,
                    "\n<tr class=\"gap\"><td class=\"n\"></td><td class=\"t\"></td><td class=\"g\" colspan=\"2\">{}</td>",
                    escaped(text)
                );
                self.cells(out, at, &[]);
            }
            Row::Event { time, text, track, sign } => {
                let _ = write!(
                    out,
                    "\n<tr class=\"evt\"><td class=\"n\"></td><td class=\"t\">{}</td><td class=\"l\"><div class=\"L s30\">\
                     <span class=\"lb\">{}</span></div></td><td class=\"s\"></td>",
                    escaped(time),
                    escaped(text)
                );
                self.cells(out, at, &[(*track, *sign)]);
            }
            Row::Fold { group, range, count, host, carried } => {
                let _ = write!(
                    out,
                    "\n<tr class=\"fold js\" data-o=\"{group}\" hidden><td class=\"n\"></td><td class=\"t\"></td><td class=\"l\">\
                     <div class=\"L s30\"><span class=\"lb\">#{} to #{}: {} more accepted by {}",
                    range.0,
                    range.1,
                    thousands(*count as u64),
                    escaped(host)
                );
                for (i, alias) in carried.iter().enumerate() {
                    out.push_str(if i == 0 { " with " } else { " " });
                    self.alias(out, alias);
                }
                out.push_str(" <button>show</button></span></div></td><td class=\"s\"></td>");
                let marks = self.seq.rows.get(at + 1);
                let marks = marks.and_then(|r| if let Row::Exchange(e) = r { Some(e.marks.clone()) } else { None });
                self.cells(out, at, &marks.unwrap_or_default());
            }
        }
        out.push_str("</tr>");
    }

    fn alias(&self, out: &mut String, alias: &str) {
        chip(out, alias, self.seq.tokens.iter().take(TRACKS).position(|t| t.alias == alias));
    }

    fn exchange(&self, out: &mut String, at: usize, e: &Exchange) {
        let (class, key) = match e.verdict {
            Verdict::Refused => ("bad", "bad"),
            Verdict::Expected => ("exp", "exp"),
            Verdict::Accepted => ("", "ok"),
            Verdict::Other => ("", "other"),
        };
        let _ = write!(out, "\n<tr id=\"x{}\" class=\"{class}\" data-k=\"{key}\"", e.id);
        if let Some(g) = e.group {
            let _ = write!(out, " data-g=\"{g}\"");
        }
        out.push_str("><th scope=\"row\" class=\"n\">");
        if listed(e) {
            let _ = write!(out, "<a href=\"#d{0}\">#{0}</a>", e.id);
        } else {
            let _ = write!(out, "<span class=\"dim\">#{}</span>", e.id);
        }
        let _ = write!(
            out,
            "</th><td class=\"t\">{}</td><td class=\"l\"><div class=\"L\"><span class=\"lb m\">",
            escaped(&e.time)
        );
        for alias in &e.carried {
            self.alias(out, alias);
            out.push(' ');
        }
        let _ = write!(out, "{} ", escaped(&e.method));
        breakable(out, &e.path);
        for (i, alias) in e.issued.iter().enumerate() {
            out.push_str(if i == 0 { " &rarr; issues " } else { " " });
            self.alias(out, alias);
        }
        let lane = e.lane.unwrap_or(0).min(LANES) + 1;
        let _ = write!(
            out,
            "<span class=\"h\">{}</span></span><span class=\"ar a{lane}\"></span></div></td><td class=\"s\">",
            escaped(&e.host)
        );
        self.answer(out, e);
        out.push_str("</td>");
        self.cells(out, at, &e.marks);
        out.push_str("</tr>");
    }

    fn answer(&self, out: &mut String, e: &Exchange) {
        let status = if e.status.starts_with("answered,") { "not recorded" } else { &e.status };
        let file = self.files.get(e.file).copied().unwrap_or_default();
        if e.verdict == Verdict::Accepted && self.warned.contains(&(file, e.index)) {
            let _ = write!(out, "<span class=\"wn\">{}, warning</span>", escaped(status));
        } else {
            let _ = write!(out, "{}{}", escaped(status), word(e.verdict));
        }
    }

    /// A cell for each track: the line, and the sign of this row.
    fn cells(&self, out: &mut String, at: usize, marks: &[(usize, Sign)]) {
        for (i, t) in self.tracks.iter().enumerate() {
            let _ = write!(out, "<td class=\"k k{}{}\">", i + 1, state(t, at));
            if let Some((_, sign)) = marks.iter().find(|(track, _)| *track == i) {
                let (drawn, said) = match sign {
                    Sign::Issued => ("\u{25c6}", "issued"),
                    Sign::Accepted => ("\u{25cf}", "accepted"),
                    Sign::Refused => ("\u{2715}", "refused"),
                    Sign::Used => ("\u{25cb}", "used"),
                    Sign::Expires => ("\u{2534}", "expires"),
                    Sign::Ends => ("\u{2534}", "ends"),
                };
                let alias = self.seq.tokens.get(i).map_or("", |t| t.alias.as_str());
                let _ = write!(
                    out,
                    "<i aria-hidden=\"true\">{drawn}</i><span class=\"vh\">{} {said}</span>",
                    escaped(alias)
                );
            }
            out.push_str("</td>");
        }
    }
}

/// How a track is drawn in a row: begins, goes on, ends, or is over.
fn state(t: &Track, at: usize) -> &'static str {
    let Some(first) = t.first.filter(|f| *f <= at) else { return "" };
    match t.end {
        Some(end) if at > end => {
            if at <= t.last {
                " off"
            } else {
                ""
            }
        }
        Some(end) if at == end => " end",
        None if at > t.last || first == t.last => "",
        None if at == t.last => " end",
        _ if at == first => " beg",
        _ => " on",
    }
}
