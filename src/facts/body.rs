//! Bodies: what they are made of, their fields, and the secrets in them.

use std::borrow::Cow;

use super::Facts;
use super::detail::{BodyFact, Field, Sort};
use super::flat::flatten;
use super::names;
use super::record::{Line, Mark, Media};
use super::strings::Kind;
use super::written;
use crate::auth::form;
use crate::http::{Body, Coding, Origin, Text};

/// Bodies are looked at up to this length.
pub(crate) const LONGEST: usize = 64 * 1024;
/// This much of a body is kept for quoting.
const KEPT: usize = 8 * 1024;

/// Reads a body; `None` if there is none to read.
pub(crate) fn read(facts: &mut Facts, body: &Body<'_>, declared: Option<&str>, answer: bool) -> Option<BodyFact> {
    match body {
        Body::Text { .. } if hidden(body) => None,
        Body::Text { text, source } => Some(from_text(facts, text, declared, *source == Origin::Typed, answer)),
        Body::Pairs(pairs) => Some(from_pairs(facts, pairs, declared)),
        Body::Absent | Body::NotObserved(_) => None,
    }
}

/// A body that was replaced by a mask as a whole (`[REDACTED]`): there was one, and nothing of it can be read.
pub(crate) fn hidden(body: &Body<'_>) -> bool {
    let Body::Text { text, .. } = body else { return false };
    let raw = text.raw();
    raw.len() < 64 && crate::auth::token::is_mask(String::from_utf8_lossy(raw).trim_matches(['"', ' ', '\n', '\r']))
}

fn from_text(facts: &mut Facts, text: &Text<'_>, declared: Option<&str>, typed: bool, answer: bool) -> BodyFact {
    let all = inflate_chunks(text.decoded());
    let whole = all.get(..LONGEST).unwrap_or(&all);
    let media = media_of(whole, declared);
    let exact = text.coding() == Coding::Plain;
    let kept = whole.get(..KEPT).unwrap_or(whole);
    let mut out = BodyFact {
        media,
        declared: declared.map(Into::into),
        len: all.len() as u64,
        head: Line::new(facts.strings.id(""), "", kept, text.at(), exact),
        typed,
        ..BodyFact::default()
    };
    match media {
        Media::Json => out.fields = json_fields(facts, whole, text),
        Media::Text if answer => out.fields = bare_string(facts, whole, text, declared),
        Media::Form => out.fields = form_fields(facts, whole, text),
        Media::Html => {
            out.title = title(whole);
            out.login_page = has_password_field(whole);
        }
        Media::Xml => out.fields = xml_fields(facts, whole, text),
        Media::Multipart => {
            out.fields = multipart_fields(facts, whole, text);
            written::multipart(facts, kept);
        }
        _ => {}
    }
    mark_fields(facts, &mut out, answer);
    written::text(facts, kept);
    out
}

/// Some recorders keep a body as a JSON array of base64 or hex chunks.
fn inflate_chunks(text: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    if !text.starts_with(b"[\"") || text.len() > LONGEST {
        return text;
    }
    let Ok(chunks) = serde_json::from_slice::<Vec<String>>(&text) else { return text };
    let decode = |c: &String| {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.decode(c).ok()
    };
    let Some(parts) = chunks.iter().map(decode).collect::<Option<Vec<_>>>() else { return text };
    let joined: Vec<u8> = parts.concat();
    match joined.first() {
        Some(b'{' | b'[' | b'<') => Cow::Owned(joined),
        _ => text,
    }
}

/// Some servers put a byte order mark before their JSON.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

fn media_of(body: &[u8], declared: Option<&str>) -> Media {
    let start = body.strip_prefix(BOM).unwrap_or(body).trim_ascii_start();
    let declared = declared.unwrap_or_default();
    match start.first() {
        Some(b'{') => return Media::Json,
        Some(b'[') if !declared.contains("html") && serde_like_array(start) => return Media::Json,
        Some(b'<') => {
            let low = start.get(..256).unwrap_or(start).to_ascii_lowercase();
            let html = memchr::memmem::find(&low, b"<html").is_some() || low.starts_with(b"<!doctype html");
            return if html || declared.contains("html") { Media::Html } else { Media::Xml };
        }
        _ => {}
    }
    if declared.contains("x-www-form-urlencoded") || form_like(start) {
        return Media::Form;
    }
    if declared.contains("multipart/") {
        return Media::Multipart;
    }
    if body.iter().take(512).any(|b| *b < 9) { Media::Binary } else { Media::Text }
}

fn serde_like_array(start: &[u8]) -> bool {
    start
        .get(1..)
        .is_some_and(|r| matches!(r.trim_ascii_start().first(), Some(b'{' | b'[' | b'"' | b']' | b'0'..=b'9' | b'-')))
}

/// `name=value&name=value` without blanks or line breaks.
fn form_like(body: &[u8]) -> bool {
    let head = body.get(..2048).unwrap_or(body).trim_ascii_end();
    let Some(eq) = memchr::memchr(b'=', head) else { return false };
    let name = head.get(..eq).unwrap_or_default();
    !name.is_empty()
        && name.iter().all(|b| b.is_ascii_alphanumeric() || b"_-.[]%~".contains(b))
        && !head.iter().any(|b| b.is_ascii_whitespace() || *b < 32)
}

fn json_fields(facts: &mut Facts, whole: &[u8], text: &Text<'_>) -> Vec<Field> {
    let exact = text.coding() == Coding::Plain;
    let none = facts.strings.id("");
    flatten(whole)
        .into_iter()
        .map(|leaf| {
            let raw = whole.get(leaf.range.clone()).unwrap_or_default();
            let raw = raw.get(..KEPT).unwrap_or(raw);
            let value =
                if leaf.sort == Sort::String { Text::json(raw, 0).decoded().into_owned() } else { raw.to_vec() };
            let value = if leaf.sort == Sort::Container { Vec::new() } else { value };
            let same = exact && value.len() == leaf.range.len();
            let at = text.part(leaf.range.start, leaf.range.end);
            let line = Line::new(none, "", &value, at, same);
            Field { path: leaf.path.into(), line, range: leaf.range, sort: leaf.sort }
        })
        .collect()
}

/// An answer that is one JSON string (vSphere's `/api/session`): a field without a key.
fn bare_string(facts: &mut Facts, whole: &[u8], text: &Text<'_>, declared: Option<&str>) -> Vec<Field> {
    let body = whole.trim_ascii();
    let inner = body.strip_prefix(b"\"").and_then(|b| b.strip_suffix(b"\"")).unwrap_or_default();
    let json = declared.is_some_and(|d| d.contains("json")) && inner.iter().all(|b| b.is_ascii_graphic() && *b != b'"');
    if !json || !(16..=4096).contains(&inner.len()) {
        return Vec::new();
    }
    let from = whole.iter().position(|b| *b == b'"').map_or(0, |i| i + 1);
    let range = from..from + inner.len();
    let at = text.part(range.start, range.end);
    let none = facts.strings.id("");
    let line = Line::new(none, "", inner, at, text.coding() == Coding::Plain);
    vec![Field { path: names::BARE.into(), line, range, sort: Sort::String }]
}

/// The pairs of a form or of a query string.
pub(crate) fn form_fields(facts: &mut Facts, whole: &[u8], text: &Text<'_>) -> Vec<Field> {
    let none = facts.strings.id("");
    form::pairs(whole)
        .into_iter()
        .take(400)
        .map(|p| {
            let at = text.part(p.value_at.start, p.value_at.end);
            let same = text.coding() == Coding::Plain && p.value.len() == p.value_at.len();
            let line = Line::new(none, "", &p.value, at, same);
            Field { path: p.name.as_ref().into(), line, range: p.value_at, sort: Sort::String }
        })
        .collect()
}

/// The parts of `multipart/form-data` that are fields, not files (RFC 7578 4.2).
fn multipart_fields(facts: &mut Facts, whole: &[u8], text: &Text<'_>) -> Vec<Field> {
    let none = facts.strings.id("");
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(found) = whole.get(at..).and_then(|r| memchr::memmem::find(r, b"name=\"")) {
        let start = at + found + 6;
        let rest = whole.get(start..).unwrap_or_default();
        let name = rest.split(|b| *b == b'"').next().unwrap_or_default();
        let Some((gap, len)) = written::blank_line(rest) else { break };
        let file = memchr::memmem::find(rest.get(..gap).unwrap_or_default(), b"filename").is_some();
        at = start + gap + len;
        let inner = whole.get(at..).unwrap_or_default();
        let end = memchr::memmem::find(inner, b"\n--").unwrap_or(inner.len());
        let value = inner.get(..end).unwrap_or_default();
        let value = value.strip_suffix(b"\r").unwrap_or(value);
        if !file && value.len() <= KEPT && out.len() < 200 {
            let range = at..at + value.len();
            let line = Line::new(none, "", value, text.part(range.start, range.end), text.coding() == Coding::Plain);
            out.push(Field { path: String::from_utf8_lossy(name).as_ref().into(), line, range, sort: Sort::String });
        }
        at += end;
    }
    out
}

/// `<Name>value</Name>` elements without children.
fn xml_fields(facts: &mut Facts, whole: &[u8], text: &Text<'_>) -> Vec<Field> {
    let none = facts.strings.id("");
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(open) = whole.get(at..).and_then(|r| memchr::memchr(b'<', r)).map(|i| i + at) {
        let rest = whole.get(open + 1..).unwrap_or_default();
        let Some(close) = memchr::memchr(b'>', rest) else { break };
        at = open + 1 + close + 1;
        let tag = rest.get(..close).unwrap_or_default();
        let name: Vec<u8> =
            tag.iter().copied().take_while(|b| b.is_ascii_alphanumeric() || b"_-:.".contains(b)).collect();
        let inner = whole.get(at..).unwrap_or_default();
        // `<authPassed><![CDATA[0]]></authPassed>`
        let data = inner.strip_prefix(b"<![CDATA[").and_then(|i| Some((i, memchr::memmem::find(i, b"]]>")?)));
        if let Some((cdata, len)) = data.filter(|(t, len)| t.get(*len + 3..).is_some_and(|r| r.starts_with(b"</"))) {
            at += "<![CDATA[".len();
            let value = cdata.get(..len).unwrap_or_default();
            if !name.is_empty() && !value.trim_ascii().is_empty() && out.len() < 200 {
                out.push(element(none, &name, value, at, text));
            }
            continue;
        }
        let Some(end) = memchr::memchr(b'<', inner) else { break };
        let value = inner.get(..end).unwrap_or_default();
        let closes = inner.get(end..).is_some_and(|r| r.starts_with(b"</"));
        if name.is_empty() || !closes || value.trim_ascii().is_empty() || out.len() >= 200 {
            continue;
        }
        out.push(element(none, &name, value, at, text));
    }
    out
}

/// The field of an element, under its name without a prefix.
fn element(none: super::StrId, name: &[u8], value: &[u8], at: usize, text: &Text<'_>) -> Field {
    let name = String::from_utf8_lossy(name);
    let name = name.rsplit(':').next().unwrap_or_default();
    let end = at + value.len();
    let line = Line::new(none, "", value, text.part(at, end), text.coding() == Coding::Plain);
    Field { path: name.into(), line, range: at..end, sort: Sort::String }
}

fn from_pairs(facts: &mut Facts, pairs: &[(Text<'_>, Text<'_>)], declared: Option<&str>) -> BodyFact {
    let none = facts.strings.id("");
    let mut out = BodyFact { media: Media::Form, declared: declared.map(Into::into), ..BodyFact::default() };
    let mut shown: Vec<u8> = Vec::new();
    for (name, value) in pairs.iter().take(400) {
        let decoded = value.decoded();
        if !shown.is_empty() {
            shown.push(b'&');
        }
        shown.extend_from_slice(&name.decoded());
        shown.push(b'=');
        let start = shown.len();
        shown.extend_from_slice(&decoded);
        let line = Line::new(none, "", &decoded, value.at(), value.coding() == Coding::Plain);
        let path = name.lossy().as_ref().into();
        out.fields.push(Field { path, line, range: start..shown.len(), sort: Sort::String });
    }
    let at = pairs.iter().map(|(n, v)| n.at().join(v.at())).reduce(|a, b| a.join(b)).unwrap_or_default();
    out.len = shown.len() as u64;
    out.head = Line::new(none, "", shown.get(..KEPT).unwrap_or(&shown), at, false);
    mark_fields(facts, &mut out, false);
    out
}

/// Registers the secrets among the fields, in the fields and in the kept text.
fn mark_fields(facts: &mut Facts, body: &mut BodyFact, answer: bool) {
    for field in &mut body.fields {
        let Some(kind) = secret_kind(field, answer) else { continue };
        let bytes = field.line.bytes();
        let (skip, len) = secret_part(bytes);
        let secret = bytes.get(skip..skip + len).unwrap_or_default();
        if secret.is_empty() || crate::auth::token::is_placeholder(&String::from_utf8_lossy(secret)).is_some() {
            continue;
        }
        let value = facts.values.id(secret, kind);
        field.line.marks.push(Mark { range: skip..skip + len, value, kind });
        // Where nothing is escaped, the scheme word stays readable in the body, too.
        let same = field.range.len() == field.line.bytes().len();
        let from = field.range.start;
        let range = if same { from + skip..from + skip + len } else { field.range.clone() };
        body.head.marks.push(Mark { range, value, kind });
    }
}

/// A scheme word before a token stays readable.
fn secret_part(bytes: &[u8]) -> (usize, usize) {
    let skip = bytes.iter().position(|b| *b == b' ').map_or(0, |p| p + 1);
    let scheme = bytes
        .get(..skip)
        .is_some_and(|s| s.len() < 26 && s.trim_ascii_end().iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-'));
    if scheme && skip > 0 { (skip, bytes.len() - skip) } else { (0, bytes.len()) }
}

fn secret_kind(field: &Field, answer: bool) -> Option<Kind> {
    if field.sort != Sort::String || field.is_blank() {
        return None;
    }
    names::secret_field(field.name(), &field.path, field.bytes(), answer)
}

fn title(html: &[u8]) -> Option<Box<str>> {
    let low = html.to_ascii_lowercase();
    let open = memchr::memmem::find(&low, b"<title")?;
    let start = open + memchr::memchr(b'>', low.get(open..)?)? + 1;
    let len = memchr::memchr(b'<', low.get(start..)?)?;
    let text = String::from_utf8_lossy(html.get(start..start + len)?).trim().chars().take(200).collect::<String>();
    Some(text.into())
}

fn has_password_field(html: &[u8]) -> bool {
    let low = html.to_ascii_lowercase();
    [&b"type=\"password\""[..], b"type='password'", b"type=password"]
        .iter()
        .any(|n| memchr::memmem::find(&low, n).is_some())
}
