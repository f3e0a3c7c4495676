//! A part of an exchange -> its captured bytes, and the bytes around them that are shown.

use std::ops::Range;

use crate::facts::{BodyFact, Detail, Field, Line, Media, Sort};
use crate::rule::Part;
use crate::trace::Trace;

/// Where a part stands.
pub(crate) struct Place<'s> {
    /// What is printed before it.
    pub(crate) lead: String,
    /// The value itself.
    pub(crate) value: &'s Line,
    /// The body that is shown around a field.
    pub(crate) shown: Option<(&'s Line, &'s Field)>,
    /// The range that the part itself names.
    pub(crate) within: Option<Range<usize>>,
    /// Ranges of what is shown that are hidden although no one registered them as secrets.
    pub(crate) hidden: Vec<Range<usize>>,
    /// The field's own value is hidden, too.
    pub(crate) hides_value: bool,
    /// What is printed behind it.
    pub(crate) tail: &'static str,
    /// The field stands between quotes.
    pub(crate) quoted: bool,
    /// A body.
    pub(crate) body: bool,
    /// Only this range of the value is shown: the title of a page.
    pub(crate) title: Option<Range<usize>>,
}

impl<'s> Place<'s> {
    fn new(lead: String, value: &'s Line) -> Self {
        Self {
            lead,
            value,
            shown: None,
            within: None,
            hidden: Vec::new(),
            hides_value: false,
            tail: "",
            quoted: false,
            body: false,
            title: None,
        }
    }
}

/// Finds a part in the record.
pub(crate) fn find<'s>(trace: &Trace<'_>, d: &'s Detail, part: &Part) -> Option<Place<'s>> {
    let header = |list: &'s [Line], name: &str, n: usize| {
        let line = list.iter().filter(|l| trace.text(l.name) == name).nth(n)?;
        let mut p = Place::new(format!("{}: ", crate::mask::printable(&line.spelled)), line);
        if line.marks.is_empty() && secret_name(name) {
            p.hidden.push(0..line.bytes().len());
        }
        Some(p)
    };
    match part {
        Part::Req(name, n) => header(&d.request, name, *n),
        Part::Res(name, n) => header(&d.response, name, *n),
        Part::ReqOdd(n) => d.odd.get(*n).map(|line| Place::new(String::new(), line)),
        Part::Typed(n) => {
            let t = d.typed.as_ref()?;
            let line = t.headers.get(*n)?;
            let quote = if line.bytes().contains(&b'"') { "'" } else { "\"" };
            let mut p = Place::new(format!("$ {} ... -H {quote}", crate::mask::printable(&t.program)), line);
            p.tail = quote;
            Some(p)
        }
        Part::ReqField(path) => in_body(d.body.as_ref()?, path, "body: "),
        Part::ResField(path) => in_body(d.answer.as_ref()?, path, "answer: "),
        Part::ReqBody(r) => Some(whole(d.body.as_ref()?, r, "body: ")),
        Part::ResBody(r) => Some(whole(d.answer.as_ref()?, r, "answer: ")),
        Part::Failure => d.failure.as_ref().map(|line| Place::new("failed: ".to_owned(), line)),
        _ => None,
    }
}

/// Names of fields that hold a server's words, the most telling first.
const WORDS: &[&str] = &[
    "error_description",
    "errordescription",
    "message",
    "detail",
    "description",
    "msg",
    "reason",
    "title",
    "error",
    "code",
];

/// Where the answer speaks, if a rule leaves that open: the field with the server's words, else its beginning.
pub(crate) fn spoken(d: &Detail) -> Option<Place<'_>> {
    let body = d.answer.as_ref()?;
    let says = |name: &str| {
        let fits = |f: &&Field| f.sort == Sort::String && !f.bytes().is_empty() && f.name().eq_ignore_ascii_case(name);
        body.fields.iter().find(fits)
    };
    let words = WORDS.iter().find_map(|name| says(name)).filter(|_| body.media != Media::Html);
    let found = words.and_then(|f| in_body(body, &f.path, "answer: "));
    Some(found.unwrap_or_else(|| whole(body, &(0..START), "answer: ")))
}

/// So much of an answer without such a field is marked.
const START: usize = 60;

/// A field is shown within its body, as long as it stands in the kept part.
fn in_body<'s>(body: &'s BodyFact, path: &str, lead: &str) -> Option<Place<'s>> {
    let field: &'s Field = body.field(path)?;
    let mut p = Place::new(lead.to_owned(), &field.line);
    if field.range.end < body.head.bytes().len()
        || field.range.end == body.head.bytes().len() && !field.range.is_empty()
    {
        let around = |i: usize| body.head.bytes().get(i) == Some(&b'"');
        p.quoted = field.sort == Sort::String && around(field.range.start.wrapping_sub(1)) && around(field.range.end);
        p.shown = Some((&body.head, field));
        p.hidden = hidden(body);
        p.hides_value = p.hidden.iter().any(|h| h.start == field.range.start);
        p.body = true;
    } else {
        p.lead = format!("{lead}{} = ", crate::mask::printable(&field.path));
        if field.line.marks.is_empty() && secret_name(field.name()) {
            p.hidden.push(0..field.bytes().len());
        }
    }
    Some(p)
}

fn whole<'s>(body: &'s BodyFact, range: &Range<usize>, lead: &str) -> Place<'s> {
    let mut p = Place::new(lead.to_owned(), &body.head);
    let len = body.head.bytes().len();
    p.within = Some(range.start.min(len)..range.end.min(len));
    p.hidden = hidden(body);
    p.body = true;
    if body.media == Media::Html
        && let Some(title) = title_at(body.head.bytes())
    {
        p.lead.push_str("(HTML page) ");
        p.within = Some(title.clone());
        p.title = Some(title);
    }
    p
}

/// Where `<title>...</title>` stands.
fn title_at(html: &[u8]) -> Option<Range<usize>> {
    let low = html.to_ascii_lowercase();
    let start = memchr::memmem::find(&low, b"<title")?;
    let end = start + memchr::memmem::find(low.get(start..)?, b"</title>")? + 8;
    (end - start < 300).then_some(start..end)
}

/// Fields whose names speak of secrets, but whose values no one registered: they are hidden all the same.
fn hidden(body: &BodyFact) -> Vec<Range<usize>> {
    let len = body.head.bytes().len();
    let unmarked = |f: &&Field| f.line.marks.is_empty() && f.sort == Sort::String && f.bytes().len() >= 6;
    let code = |f: &Field| !matches!(body.media, Media::Html) && secret_name(f.name()) && !worded(f.bytes());
    body.fields
        .iter()
        .filter(unmarked)
        .filter(|f| code(f) && f.range.start < len)
        .map(|f| f.range.start..f.range.end.min(len))
        .collect()
}

/// Words with blanks are a message, not a secret; so are short lower-case words (`bearer`, `invalid_token`) and placeholders.
fn worded(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    let word =
        text.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '-' | ' ' | '.' | ',')) && text.len() < 32;
    text.contains(' ')
        || text.contains("://")
        || word
        || crate::auth::token::is_placeholder(&text).is_some()
        || crate::auth::token::is_mask(&text)
}

/// Whether a name (of a header or a field) speaks of a secret.
fn secret_name(name: &str) -> bool {
    let low = name.to_ascii_lowercase();
    let public = [
        "type",
        "url",
        "uri",
        "endpoint",
        "expires",
        "hint",
        "name",
        "method",
        "algorithm",
        "access-control",
        "csrf_param",
    ];
    let secret = [
        "token",
        "secret",
        "passw",
        "apikey",
        "api_key",
        "api-key",
        "private_key",
        "privatekey",
        "credential",
        "cookie",
        "signature",
        "assertion",
        "otp",
    ];
    secret.iter().any(|s| low.contains(s)) && !public.iter().any(|p| low.contains(p))
}

/// A query or fragment parameter, and where its value stands in the URL.
pub(crate) fn parameter<'s>(d: &'s Detail, name: &str) -> Option<(&'s Field, Range<usize>)> {
    let text = d.url.text();
    let parsed = crate::auth::url::parse_url(&text);
    let named = |list: &'s [Field]| list.iter().find(|f| f.path.trim_start_matches('?') == name);
    let shift = |f: &'s Field, at: Option<Range<usize>>| {
        let start = at?.start;
        Some((f, f.range.start + start..f.range.end + start))
    };
    if let Some(f) = named(&d.query) {
        return shift(f, parsed.query_at());
    }
    shift(named(&d.fragment)?, parsed.fragment_at())
}

/// Rows with the same name are one row.
pub(crate) fn source_name(part: &Part) -> String {
    match part {
        Part::Line | Part::Query(_) => "line".to_owned(),
        Part::ReqField(_) | Part::ReqBody(_) => "request.body".to_owned(),
        Part::ResField(_) | Part::ResBody(_) => "response.body".to_owned(),
        Part::Req(n, i) => format!("request.headers.{n}.{i}"),
        Part::Res(n, i) => format!("response.headers.{n}.{i}"),
        Part::Typed(n) => format!("typed.{n}"),
        Part::ReqOdd(n) => format!("odd.{n}"),
        _ => String::new(),
    }
}

/// The name of a part for machines.
pub(crate) fn part_name(part: &Part) -> String {
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
