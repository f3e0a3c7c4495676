//! Evidence -> rows: the captured text, masked, with the place of its marks; and the bytes, line and column behind it.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use crate::facts::{BodyFact, Detail, Field, Id, Line};
use crate::http::Span;
use crate::mask::{Masker, Piece};
use crate::rule::{Evidence, Part};
use crate::trace::Trace;

/// A row of a block.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The exchange, if the row begins one.
    pub exchange: Id,
    /// `METHOD URL -> STATUS` of the exchange: the gutter gets its number.
    pub opens: bool,
    /// Something left out: printed behind `:`.
    pub gap: bool,
    /// What stands before the captured text: `Authorization: `.
    pub lead: String,
    /// The captured text, masked, in pieces of one character or one alias.
    pub pieces: Vec<Piece>,
    /// The marked range of the captured value.
    pub mark: Option<Range<usize>>,
    /// The label under the marks.
    pub label: String,
    /// `^` or `-`.
    pub primary: bool,
    /// The name of the part for machines.
    pub part: String,
    /// The bytes of the input.
    pub span: Option<Span>,
    /// Offset within the decoded value, if the span is not exact.
    pub value_offset: Option<u64>,
    /// Line and column of the marked place.
    pub place: Option<(u64, u64)>,
}

impl Row {
    /// The whole row as text.
    pub fn text(&self) -> String {
        let shown: String = self.pieces.iter().map(|p| p.shown.as_str()).collect();
        format!("{}{shown}", self.lead)
    }

    /// Display column and width of the marks, both counted from the start of the row.
    pub fn marks(&self) -> Option<(usize, usize)> {
        let mark = self.mark.as_ref()?;
        let mut before = self.lead.width();
        let mut inside = 0;
        for p in &self.pieces {
            if p.from.end <= mark.start {
                before += p.shown.width();
            } else if p.from.start < mark.end {
                inside += p.shown.width();
            }
        }
        Some((before, inside.max(1)))
    }
}

/// Resolves a piece of evidence.
pub(crate) fn resolve(trace: &Trace<'_>, masker: &mut Masker, e: &Evidence) -> Row {
    let mut row = Row { exchange: e.exchange, label: masker.text(&e.label), primary: e.primary, ..Row::default() };
    let ex = trace.ex(e.exchange);
    let source = ex.detail().and_then(|d| find(trace, d, &e.part));
    match (&e.part, source) {
        (Part::Gap(text), _) => {
            row.gap = true;
            row.pieces = made(masker, text);
        }
        (Part::Say(text), _) => row.pieces = made(masker, text),
        (Part::ReqAbsent(name) | Part::ResAbsent(name), _) => {
            row.pieces = made(masker, &format!("{}: (absent)", title(name)))
        }
        (Part::ReqUnseen(name, why), _) => {
            row.pieces = made(masker, &format!("{}: (not recorded: {why})", title(name)))
        }
        (Part::Line, _) => request_line(trace, masker, e, &mut row),
        (_, Some(s)) => fill(masker, e, s, &mut row),
        (part, None) => row.pieces = made(masker, &format!("({} was not recorded)", part_name(part))),
    }
    row.part = part_name(&e.part);
    if let (Some(span), Some(d)) = (row.span, ex.detail()) {
        row.place = Some(d.lines.locate(ex.fact().at.start, span.start));
    }
    row
}

/// A part's text in the record.
struct Source<'s> {
    lead: String,
    line: &'s Line,
}

fn find<'s>(trace: &Trace<'_>, d: &'s Detail, part: &Part) -> Option<Source<'s>> {
    let header = |list: &'s [Line], name: &str, n: usize| {
        let line = list.iter().filter(|l| trace.text(l.name) == name).nth(n)?;
        Some(Source { lead: format!("{}: ", line.spelled), line })
    };
    let field = |body: Option<&'s BodyFact>, path: &str, lead: &str| {
        let f: &'s Field = body?.field(path)?;
        Some(Source { lead: format!("{lead}{} = ", f.path), line: &f.line })
    };
    match part {
        Part::Query(name) => {
            let f = d.query.iter().chain(&d.fragment).find(|f| f.path.trim_start_matches('?') == name.as_str())?;
            Some(Source { lead: format!("query: {name}="), line: &f.line })
        }
        Part::Req(name, n) => header(&d.request, name, *n),
        Part::Res(name, n) => header(&d.response, name, *n),
        Part::ReqOdd(n) => d.odd.get(*n).map(|line| Source { lead: String::new(), line }),
        Part::Typed(n) => d.typed.as_ref()?.headers.get(*n).map(|line| Source { lead: "typed: -H ".to_owned(), line }),
        Part::ReqField(path) => field(d.body.as_ref(), path, "body: "),
        Part::ResField(path) => field(d.answer.as_ref(), path, "answer: "),
        Part::ReqBody(_) => d.body.as_ref().map(|b| Source { lead: "body: ".to_owned(), line: &b.head }),
        Part::ResBody(_) => d.answer.as_ref().map(|b| Source { lead: "answer: ".to_owned(), line: &b.head }),
        Part::Failure => d.failure.as_ref().map(|line| Source { lead: "failed: ".to_owned(), line }),
        _ => None,
    }
}

fn fill(masker: &mut Masker, e: &Evidence, s: Source<'_>, row: &mut Row) {
    row.lead = s.lead;
    row.pieces = masker.line(s.line);
    let len = s.line.bytes().len();
    let inner = match &e.part {
        Part::ReqBody(r) | Part::ResBody(r) => Some(r.clone()),
        _ => None,
    };
    let mark = e.mark.clone().map(|m| m.start.min(len)..m.end.min(len));
    let mark = if e.mark.is_some() { inner.map(|r| r.start.min(len)..r.end.min(len)).or(mark) } else { mark };
    let at = mark.clone().unwrap_or(0..len);
    if s.line.exact {
        row.span = Some(Span { start: s.line.at.start + at.start as u64, end: s.line.at.start + at.end as u64 });
    } else {
        row.span = Some(s.line.at);
        row.value_offset = Some(at.start as u64);
    }
    row.mark = mark;
}

/// Method, URL and status; marks within the URL are counted in the URL, a mark of the whole line is on the status.
fn request_line(trace: &Trace<'_>, masker: &mut Masker, e: &Evidence, row: &mut Row) {
    let ex = trace.ex(e.exchange);
    row.opens = true;
    row.lead = format!("{} ", if ex.method().is_empty() { "(method not recorded)" } else { ex.method() });
    let url_len = ex.detail().map_or(0, |d| d.url.bytes().len());
    row.pieces = match ex.detail() {
        Some(d) => masker.line(&d.url),
        None => made(masker, &ex.full_url()),
    };
    let tail = format!(" -> {}", outcome(trace, e.exchange));
    let status_from = url_len + 4;
    for (i, c) in tail.char_indices() {
        row.pieces.push(Piece { from: url_len + i..url_len + i + c.len_utf8(), shown: c.to_string(), alias: false });
    }
    row.span = Some(ex.detail().map_or(ex.fact().at, |d| d.url.at));
    match &e.mark {
        Some(m) if m.end == usize::MAX => {
            row.mark = Some(status_from..url_len + tail.len());
            let status = ex.detail().map(|d| d.status_at).filter(|s| !s.is_empty());
            row.span = status.or(row.span);
        }
        Some(m) => {
            row.mark = Some(m.clone());
            if let Some(d) = ex.detail().filter(|d| d.url.exact) {
                row.span = Some(Span { start: d.url.at.start + m.start as u64, end: d.url.at.start + m.end as u64 });
            }
        }
        None => {}
    }
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

fn made(masker: &mut Masker, text: &str) -> Vec<Piece> {
    let shown = masker.text(text);
    shown.char_indices().map(|(i, c)| Piece { from: i..i + c.len_utf8(), shown: c.to_string(), alias: false }).collect()
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

fn part_name(part: &Part) -> String {
    match part {
        Part::Line => "request.line".to_owned(),
        Part::Query(n) => format!("request.query.{n}"),
        Part::Req(n, _) | Part::ReqAbsent(n) | Part::ReqUnseen(n, _) => format!("request.headers.{n}"),
        Part::ReqOdd(_) => "request.head".to_owned(),
        Part::Typed(_) => "command.header".to_owned(),
        Part::Res(n, _) | Part::ResAbsent(n) => format!("response.headers.{n}"),
        Part::ReqField(p) => format!("request.body.{p}"),
        Part::ResField(p) => format!("response.body.{p}"),
        Part::ReqBody(_) => "request.body".to_owned(),
        Part::ResBody(_) => "response.body".to_owned(),
        Part::Failure => "failure".to_owned(),
        Part::Say(_) | Part::Gap(_) => "remark".to_owned(),
    }
}
