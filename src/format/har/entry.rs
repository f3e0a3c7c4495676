//! One entry of a HAR, member by member; what it means is settled in `exchange`.

use super::cursor::{Cursor, Read};
use super::headers::{Fields, headers};
use crate::http::{Coding, Header, Span, Text};

/// The members of an entry that are of use. Of duplicate keys the last one wins.
#[derive(Debug, Default)]
pub(super) struct Entry<'w> {
    pub(super) page: Text<'w>,
    pub(super) started: Option<Text<'w>>,
    /// Milliseconds.
    pub(super) time: Option<f64>,
    /// Milliseconds of send, wait and receive: some recorders count the connection twice in `time`.
    pub(super) exchanged: Option<f64>,
    pub(super) resource: Text<'w>,
    pub(super) from_cache: bool,
    /// `_error`, `_failureText`.
    pub(super) failure: Text<'w>,
    pub(super) request: Option<Asked<'w>>,
    pub(super) response: Option<Answered<'w>>,
}

/// `request`.
#[derive(Debug, Default)]
pub(super) struct Asked<'w> {
    pub(super) method: Text<'w>,
    pub(super) url: Text<'w>,
    pub(super) version: Text<'w>,
    pub(super) fields: Fields<'w>,
    pub(super) body_size: Option<f64>,
    pub(super) post: Stored<'w>,
    /// Cookies that no header line shows.
    pub(super) jar: Vec<Header<'w>>,
}

/// `response`.
#[derive(Debug, Default)]
pub(super) struct Answered<'w> {
    pub(super) status: Option<f64>,
    pub(super) status_at: Span,
    pub(super) reason: Text<'w>,
    pub(super) fields: Fields<'w>,
    pub(super) body_size: Option<f64>,
    pub(super) content: Stored<'w>,
    pub(super) from_cache: bool,
    pub(super) failure: Text<'w>,
}

/// `postData` or `content`.
#[derive(Debug, Default)]
pub(super) struct Stored<'w> {
    pub(super) text: Option<Text<'w>>,
    pub(super) pairs: Vec<(Text<'w>, Text<'w>)>,
    /// A parameter is a file whose content was left out.
    pub(super) partial: bool,
    pub(super) size: Option<f64>,
    /// The body is in a file beside the HAR.
    pub(super) elsewhere: bool,
}

/// Reads the entry that begins at this brace.
pub(super) fn entry<'w>(cur: &mut Cursor<'w>) -> Read<Entry<'w>> {
    cur.bump();
    let mut e = Entry::default();
    while let Some(key) = cur.key()? {
        match key {
            b"request" => e.request = request(cur)?,
            b"response" => e.response = response(cur)?,
            b"startedDateTime" => e.started = cur.text()?,
            b"time" => e.time = cur.number()?.map(|(n, _)| n),
            b"timings" => e.exchanged = timings(cur)?,
            b"pageref" => e.page = cur.text()?.unwrap_or_default(),
            b"_resourceType" => e.resource = cur.text()?.unwrap_or_default(),
            b"_fromCache" => e.from_cache |= cur.truthy()?,
            b"_fetchType" => {
                let kind = cur.text()?.unwrap_or_default();
                e.from_cache |= matches!(kind.raw(), b"Memory Cache" | b"Disk Cache");
            }
            b"_error" | b"_failureText" => failure(cur, &mut e.failure)?,
            _ => cur.skip()?,
        }
    }
    Ok(e)
}

/// The sum of `send`, `wait` and `receive`, if all three are known.
fn timings(cur: &mut Cursor<'_>) -> Read<Option<f64>> {
    if !cur.enter(b'{')? {
        cur.skip()?;
        return Ok(None);
    }
    let (mut sum, mut known) = (0.0, 0);
    while let Some(key) = cur.key()? {
        if !matches!(key, b"send" | b"wait" | b"receive") {
            cur.skip()?;
        } else if let Some((ms, _)) = cur.number()?.filter(|(ms, _)| *ms >= 0.0) {
            sum += ms;
            known += 1;
        }
    }
    Ok((known == 3).then_some(sum))
}

/// Keeps the first text that says something.
fn failure<'w>(cur: &mut Cursor<'w>, into: &mut Text<'w>) -> Read<()> {
    let text = cur.text()?.unwrap_or_default();
    if into.is_empty() {
        *into = text;
    }
    Ok(())
}

fn request<'w>(cur: &mut Cursor<'w>) -> Read<Option<Asked<'w>>> {
    if !cur.enter(b'{')? {
        cur.skip()?;
        return Ok(None);
    }
    let mut r = Asked::default();
    let mut jar = None;
    while let Some(key) = cur.key()? {
        match key {
            b"method" => r.method = cur.text()?.unwrap_or_default(),
            b"url" => r.url = cur.text()?.unwrap_or_default(),
            b"httpVersion" => r.version = cur.text()?.unwrap_or_default(),
            b"headers" => r.fields = headers(cur)?,
            b"bodySize" => r.body_size = cur.number()?.map(|(n, _)| n),
            b"postData" => r.post = stored(cur)?,
            b"cookies" => {
                jar = Some(*cur);
                cur.skip()?;
            }
            _ => cur.skip()?,
        }
    }
    if let Some(list) = jar {
        r.jar = super::cookies::unless_sent(list, &r.fields)?;
    }
    Ok(Some(r))
}

fn response<'w>(cur: &mut Cursor<'w>) -> Read<Option<Answered<'w>>> {
    if !cur.enter(b'{')? {
        cur.skip()?;
        return Ok(None);
    }
    let mut r = Answered::default();
    while let Some(key) = cur.key()? {
        match key {
            b"status" => {
                let status = cur.number()?;
                r.status = status.map(|(n, _)| n);
                r.status_at = status.map(|(_, at)| at).unwrap_or_default();
            }
            b"statusText" => r.reason = cur.text()?.unwrap_or_default(),
            b"headers" => r.fields = headers(cur)?,
            b"content" => r.content = stored(cur)?,
            b"bodySize" => r.body_size = cur.number()?.map(|(n, _)| n),
            b"fromDiskCache" => r.from_cache |= cur.truthy()?,
            b"_error" | b"_failureText" => failure(cur, &mut r.failure)?,
            _ => cur.skip()?,
        }
    }
    Ok(Some(r))
}

fn stored<'w>(cur: &mut Cursor<'w>) -> Read<Stored<'w>> {
    let mut s = Stored::default();
    if !cur.enter(b'{')? {
        // Some scripts write the body itself.
        s.text = cur.text()?;
        return Ok(s);
    }
    let mut base64 = false;
    while let Some(key) = cur.key()? {
        match key {
            b"text" => s.text = cur.text()?,
            b"size" => s.size = cur.number()?.map(|(n, _)| n),
            b"encoding" => {
                let encoding = cur.text()?.unwrap_or_default();
                base64 = encoding.raw().eq_ignore_ascii_case(b"base64");
            }
            b"params" => params(cur, &mut s)?,
            b"_file" => s.elsewhere = cur.truthy()?,
            _ => cur.skip()?,
        }
    }
    if base64 {
        s.text = s.text.map(|t| t.with_coding(Coding::JsonBase64));
    }
    Ok(s)
}

/// `params`: a list of `{name, value}` (or `fileName`), or an object.
fn params<'w>(cur: &mut Cursor<'w>, s: &mut Stored<'w>) -> Read<()> {
    s.pairs.clear();
    if cur.enter(b'{')? {
        while let Some(key) = cur.key()? {
            let name = Text::json(key, cur.place_of(key));
            s.pairs.push((name, cur.text()?.unwrap_or_default()));
        }
        return Ok(());
    }
    if !cur.enter(b'[')? {
        return cur.skip();
    }
    while cur.element()? {
        if !cur.enter(b'{')? {
            cur.skip()?;
            continue;
        }
        let (mut name, mut value) = (None, None);
        while let Some(key) = cur.key()? {
            match key {
                b"name" => name = cur.text()?,
                b"value" => value = cur.text()?,
                b"fileName" => s.partial |= cur.truthy()?,
                _ => cur.skip()?,
            }
        }
        if let Some(name) = name {
            s.pairs.push((name, value.unwrap_or_default()));
        }
    }
    Ok(())
}
