//! Evidence -> rows: the captured text, masked, with the place of its marks; and the bytes, line and column behind it.

use std::ops::Range;

use super::place::{self, Place};
use crate::facts::{Field, HeadSeen, Id};
use crate::http::Span;
use crate::mask::{Masker, Piece, Pieces};
use crate::rule::{Evidence, Part};
use crate::trace::Trace;

/// A row of a block.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Row {
    /// The exchange.
    pub exchange: Id,
    /// The first row of its exchange: the gutter gets its number.
    pub opens: bool,
    /// `METHOD URL -> STATUS`; the number of bytes of the URL.
    pub url: Option<usize>,
    /// Something left out: printed behind `:`.
    pub gap: bool,
    /// What stands before the captured text: `Authorization: `.
    pub lead: String,
    /// The captured text, masked, in pieces of one character or one alias.
    pub pieces: Pieces,
    /// What is marked in it.
    pub marks: Vec<Mark>,
    /// Rows of one source are shown as one row with several marks.
    pub source: String,
    /// The report's own words: wrapped, not cut.
    pub made: bool,
}

/// Marked bytes of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mark {
    /// Bytes of the captured value.
    pub range: Range<usize>,
    /// What they show.
    pub label: String,
    /// `^` or `-`.
    pub primary: bool,
    /// Line and column.
    pub place: Option<(u64, u64)>,
}

/// What machines are told of a piece of evidence.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Told {
    /// The name of the part.
    pub part: String,
    /// The bytes of the input.
    pub span: Option<Span>,
    /// Offset within the decoded value, if the span is not exact.
    pub value_offset: Option<u64>,
    /// Line and column of the marked place.
    pub place: Option<(u64, u64)>,
    /// The masked value.
    pub quote: String,
}

/// Quotes for machines end here.
const QUOTE: usize = 400;
/// The whole value.
const WHOLE: Range<usize> = 0..usize::MAX;
/// This much of a long value is kept on each side of what is marked.
const AROUND: usize = 400;
/// This much of a URL is kept; servers accept far less.
const URL: usize = 64 << 10;

impl Row {
    /// The whole row as text.
    pub fn text(&self) -> String {
        format!("{}{}", self.lead, self.pieces.text())
    }
}

pub(crate) fn text_of(pieces: &[Piece]) -> String {
    pieces.iter().map(|p| p.shown.as_str()).collect()
}

/// Resolves a piece of evidence.
pub(crate) fn resolve(trace: &Trace<'_>, masker: &mut Masker, e: &Evidence) -> (Row, Told) {
    let ex = trace.ex(e.exchange);
    let mut row = Row { exchange: e.exchange, source: place::source_name(&e.part), ..Row::default() };
    let mut told = Told { part: place::part_name(&e.part), ..Told::default() };
    let label = masker.text(&e.label);
    let open = e.mark.is_some() && matches!(&e.part, Part::ResBody(r) if r.is_empty());
    let found = ex.detail().and_then(|d| if open { place::spoken(d) } else { place::find(trace, d, &e.part) });
    match (&e.part, found) {
        (Part::Gap(text), _) => {
            row.gap = true;
            row.pieces = masker.made(text).into();
        }
        (Part::Say(text), _) => row.pieces = masker.made(text).into(),
        (Part::ReqAbsent(name), _) => row.pieces = masker.made(&absent(trace, e.exchange, name)).into(),
        (Part::ResAbsent(name), _) => row.pieces = masker.made(&format!("{}: (absent)", title(name))).into(),
        (Part::ReqUnseen(name, why), _) => {
            row.pieces = masker.made(&format!("{}: (not recorded: {why})", title(name))).into();
        }
        (Part::Line, _) => request_line(trace, masker, e, &mut row, &mut told),
        (Part::Query(name), _) => query(trace, masker, e, name, &mut row, &mut told),
        (_, Some(p)) => captured(masker, e, p, &mut row, &mut told),
        (part, None) => row.pieces = masker.made(&format!("({} was not recorded)", place::part_name(part))).into(),
    }
    if let (Some(span), Some(d)) = (told.span, ex.detail()) {
        told.place = Some(d.lines.locate(ex.fact().at.start, span.start));
    }
    if told.quote.is_empty() {
        told.quote = if row.url.is_some() { row.text() } else { row.pieces.text().to_owned() };
    }
    told.quote = bounded(&told.quote);
    row.made = !row.gap && row.source.is_empty();
    for m in &mut row.marks {
        m.label.clone_from(&label);
        m.primary = e.primary;
        m.place = told.place;
    }
    (row, told)
}

fn bounded(text: &str) -> String {
    if text.chars().nth(QUOTE).is_none() {
        return text.to_owned();
    }
    text.chars().take(QUOTE - 3).chain("...".chars()).collect()
}

/// `Authorization: (absent, all 7 request headers were recorded)`.
fn absent(trace: &Trace<'_>, id: Id, name: &str) -> String {
    let detail = trace.ex(id).detail();
    let all = detail.filter(|d| d.request_seen == HeadSeen::All && d.request.len() > 1).map(|d| d.request.len());
    match all {
        Some(n) => format!("{}: (absent, all {n} request headers were recorded)", title(name)),
        None => format!("{}: (absent)", title(name)),
    }
}

/// A header, a body, a typed option: captured bytes with a mark.
fn captured(masker: &mut Masker, e: &Evidence, p: Place<'_>, row: &mut Row, told: &mut Told) {
    let wanted = e.mark.clone();
    let len = p.value.bytes().len();
    let mark = wanted.clone().map(|m| m.start.min(len)..m.end.min(len));
    let mark = match (&p.within, mark) {
        (Some(range), Some(_)) => Some(range.clone()),
        (_, m) => m,
    };
    let at = mark.clone().unwrap_or(0..len);
    if p.value.exact {
        told.span = Some(Span { start: p.value.at.start + at.start as u64, end: p.value.at.start + at.end as u64 });
    } else {
        told.span = Some(p.value.at);
        told.value_offset = Some(at.start as u64);
    }
    row.lead = p.lead;
    let shown = match p.shown {
        None => mark,
        Some((_, field)) => mark.map(|m| within_body(field, m, p.quoted)),
    };
    let line = p.shown.map_or(p.value, |(head, _)| head);
    if p.shown.is_some() {
        let hide: &[Range<usize>] = if p.hides_value { std::slice::from_ref(&WHOLE) } else { &[] };
        told.quote = text_of(&masker.apart(|m| m.window(p.value, hide, 0..QUOTE * 2)));
    }
    let window = match &shown {
        Some(m) => m.start.saturating_sub(AROUND)..m.end.min(m.start.saturating_add(AROUND)).saturating_add(AROUND),
        None => 0..AROUND * 2,
    };
    let mut pieces = masker.window(line, &p.hidden, window);
    if let Some(from) = p.title {
        pieces.retain(|piece| piece.from.start >= from.start && piece.from.end <= from.end);
    }
    if p.body {
        squeeze(&mut pieces);
    }
    if !p.tail.is_empty() {
        pieces.push(Piece { from: len..len, shown: p.tail.to_owned(), alias: false });
    }
    row.pieces = pieces.into();
    row.marks.extend(shown.map(|range| Mark { range, ..Mark::default() }));
}

/// Where a mark in a field's value stands in the body: exact where nothing is escaped, else the whole value. A whole
/// string takes its quotes along.
fn within_body(field: &Field, mark: Range<usize>, quoted: bool) -> Range<usize> {
    let len = field.bytes().len();
    let r = &field.range;
    let whole = mark.start == 0 && mark.end >= len;
    if whole || len != r.len() {
        let q = usize::from(quoted);
        return r.start.saturating_sub(q)..r.end + q;
    }
    r.start + mark.start..r.start + mark.end
}

/// Line breaks of a pretty-printed body, with the blanks around them, are shown as one blank.
fn squeeze(pieces: &mut Vec<Piece>) {
    let blank = |p: &Piece| !p.alias && matches!(p.shown.as_str(), " " | "\\n" | "\\r" | "\\t");
    let mut out: Vec<Piece> = Vec::with_capacity(pieces.len());
    let mut list = pieces.drain(..).peekable();
    while let Some(first) = list.next() {
        if !blank(&first) {
            out.push(first);
            continue;
        }
        let mut breaks = first.shown == "\\n" || first.shown == "\\r";
        let mut run = vec![first];
        while let Some(next) = list.next_if(blank) {
            breaks |= next.shown == "\\n" || next.shown == "\\r";
            run.push(next);
        }
        if !breaks {
            out.extend(run);
            continue;
        }
        let inside = |p: Option<&Piece>| p.is_some_and(|p| matches!(p.shown.as_str(), "{" | "[" | "}" | "]"));
        let bare = out.is_empty() || inside(out.last()) || inside(list.peek()) || list.peek().is_none();
        let from = run.first().map_or(0, |p| p.from.start)..run.last().map_or(0, |p| p.from.end);
        if !bare {
            out.push(Piece { from, shown: " ".to_owned(), alias: false });
        }
    }
    drop(list);
    *pieces = out;
}

/// Method, URL and status; marks within the URL are counted in the URL, a mark of the whole line is on the status.
fn request_line(trace: &Trace<'_>, masker: &mut Masker, e: &Evidence, row: &mut Row, told: &mut Told) {
    let ex = trace.ex(e.exchange);
    let url_len = line_pieces(trace, masker, row);
    told.span = Some(ex.detail().map_or(ex.fact().at, |d| d.url.at));
    match &e.mark {
        Some(m) if m.end == usize::MAX => {
            let end = row.pieces.iter().last().map_or(url_len, |p| p.from.end);
            row.marks.push(Mark { range: (url_len + 4).min(end)..end, ..Mark::default() });
            let status = ex.detail().map(|d| d.status_at).filter(|s| !s.is_empty());
            told.span = status.or(told.span);
        }
        Some(m) => {
            row.marks.push(Mark { range: m.clone(), ..Mark::default() });
            if let Some(d) = ex.detail().filter(|d| d.url.exact) {
                told.span = Some(Span { start: d.url.at.start + m.start as u64, end: d.url.at.start + m.end as u64 });
            }
        }
        None => {}
    }
}

/// A query parameter is shown where it stands: in the request line.
fn query(trace: &Trace<'_>, masker: &mut Masker, e: &Evidence, name: &str, row: &mut Row, told: &mut Told) {
    let ex = trace.ex(e.exchange);
    line_pieces(trace, masker, row);
    let Some(d) = ex.detail() else { return };
    told.span = Some(d.url.at);
    let Some((field, range)) = place::parameter(d, name) else { return };
    told.quote = masker.apart(|m| m.line_text(&field.line));
    let len = field.bytes().len();
    let Some(mark) = e.mark.clone() else { return };
    let whole = mark.start == 0 && mark.end >= len || len != range.len();
    let secret = !field.line.marks.is_empty();
    let shown = match (whole, secret) {
        // A secret is marked with its name, which says what it is.
        (true, true) => range.start.saturating_sub(name.len() + 1)..range.end,
        (true, false) => range.clone(),
        (false, _) => range.start + mark.start..range.start + mark.end.min(len),
    };
    if d.url.exact {
        told.span = Some(Span { start: d.url.at.start + shown.start as u64, end: d.url.at.start + shown.end as u64 });
    } else {
        told.value_offset = Some(shown.start as u64);
    }
    row.marks.push(Mark { range: shown, ..Mark::default() });
}

/// Fills in `METHOD URL -> STATUS`; gives the length of the URL.
fn line_pieces(trace: &Trace<'_>, masker: &mut Masker, row: &mut Row) -> usize {
    let ex = trace.ex(row.exchange);
    let method = if ex.method().is_empty() { "(method not recorded)" } else { ex.method() };
    row.lead = format!("{} ", crate::mask::printable(method));
    let mut pieces = match ex.detail() {
        Some(d) => masker.window(&d.url, &[], 0..URL),
        None => masker.made(&ex.full_url()),
    };
    let url_len = pieces.last().map_or(0, |p| p.from.end);
    let tail = format!(" -> {}", outcome(trace, row.exchange));
    for (i, c) in tail.char_indices() {
        pieces.push(Piece { from: url_len + i..url_len + i + c.len_utf8(), shown: c.to_string(), alias: false });
    }
    row.pieces = pieces.into();
    row.url = Some(url_len);
    url_len
}

/// The status in words.
pub(crate) fn outcome(trace: &Trace<'_>, id: Id) -> String {
    use crate::facts::Outcome;
    match trace.ex(id).fact().outcome {
        Outcome::Status(s) => s.to_string(),
        Outcome::Unknown => "answered, status not recorded".to_owned(),
        Outcome::None => "no answer".to_owned(),
    }
}

/// `www-authenticate` -> `WWW-Authenticate`.
pub(crate) fn title(name: &str) -> String {
    if name == "www-authenticate" {
        return "WWW-Authenticate".to_owned();
    }
    name.split('-')
        .map(|w| {
            let mut c = w.chars();
            c.next().map(|f| f.to_ascii_uppercase().to_string() + c.as_str()).unwrap_or_default()
        })
        .collect::<Vec<_>>()
        .join("-")
}
