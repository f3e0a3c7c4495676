//! Header fields of a HAR, in the shapes that exporters and scripts write them.

use super::cursor::{Cursor, Read};
use crate::http::{Header, Headers, Seen, Text, Why, has_room};

/// Reads `headers`: a list of `{name, value}`, of `[name, value]` or of `"name: value"`, or an object.
pub(super) fn headers<'w>(cur: &mut Cursor<'w>) -> Read<Fields<'w>> {
    let mut fields = Fields::default();
    match cur.peek()? {
        b'[' => {
            cur.bump();
            fields.list.reserve(USUAL);
            while cur.element()? {
                field(cur, &mut fields)?;
            }
        }
        b'{' => object(cur, &mut fields)?,
        _ => cur.skip()?,
    }
    Ok(fields)
}

/// Room for so many fields is made at once.
const USUAL: usize = 10;

/// The fields of one message.
#[derive(Debug, Default)]
pub(super) struct Fields<'w> {
    /// Those that are header fields.
    pub(super) list: Vec<Header<'w>>,
    /// HTTP/2 pseudo fields (`:method`) stood among them.
    pub(super) pseudo: bool,
}

impl<'w> Fields<'w> {
    fn push(&mut self, name: Text<'w>, value: Text<'w>) {
        match name.raw().first() {
            None => {}
            Some(b':') => self.pseudo = true,
            Some(_) if has_room(&self.list) => self.list.push(Header { name, value }),
            Some(_) => {}
        }
    }

    /// The first value of this name (lower case).
    pub(super) fn get(&self, name: &str) -> Option<&Text<'w>> {
        let same = |h: &&Header<'w>| h.name.raw().eq_ignore_ascii_case(name.as_bytes());
        self.list.iter().find(same).map(|h| &h.value)
    }

    /// As headers: without any field nothing was recorded (every message has some).
    pub(super) fn into_headers(self) -> Headers<'w> {
        if self.list.is_empty() && !self.pseudo {
            return Headers::not_observed(Why::NotRecorded);
        }
        Headers { list: self.list, odd: Vec::new(), seen: Seen::All }
    }

    /// Whether these are the fields that a page asked for, not those that went out: what Chromium knows before the
    /// network adds `Host`, `Accept-Encoding`, cookies and so on ("provisional headers").
    pub(super) fn provisional(&self, unanswered: bool) -> bool {
        if self.pseudo {
            return false;
        }
        let mut chromium = false;
        for h in &self.list {
            let name = h.name.raw();
            if SENT.iter().any(|s| name.eq_ignore_ascii_case(s)) || starts(name, b"sec-fetch-") {
                return false;
            }
            chromium |= starts(name, b"sec-ch-ua");
            chromium |= unanswered && name.eq_ignore_ascii_case(b"user-agent") && starts(h.value.raw(), b"mozilla/5.0");
        }
        chromium
    }
}

/// Fields that a browser's network layer adds to every request.
const SENT: [&[u8]; 4] = [b"host", b"accept-encoding", b"connection", b"cookie"];

fn starts(text: &[u8], prefix: &[u8]) -> bool {
    text.get(..prefix.len()).is_some_and(|t| t.eq_ignore_ascii_case(prefix))
}

fn field<'w>(cur: &mut Cursor<'w>, fields: &mut Fields<'w>) -> Read<()> {
    match cur.peek()? {
        b'{' => named(cur, fields),
        b'[' => {
            cur.bump();
            pair(cur, fields)
        }
        b'"' => {
            let text = cur.text()?.unwrap_or_default();
            line(&text, fields);
            Ok(())
        }
        _ => cur.skip(),
    }
}

/// `{"name": ..., "value": ...}`; a field without a value (null) was not sent.
fn named<'w>(cur: &mut Cursor<'w>, fields: &mut Fields<'w>) -> Read<()> {
    if let Some((name, value)) = compact(cur) {
        fields.push(name, value);
        return Ok(());
    }
    cur.bump();
    let (mut name, mut value) = (Text::default(), None);
    // Set if the value is a list: read again once the name is known.
    let mut list = None;
    while let Some(key) = cur.key()? {
        match key {
            b"name" => name = cur.text()?.unwrap_or_default(),
            b"value" => {
                list = (cur.peek()? == b'[').then_some(*cur);
                value = cur.text()?;
            }
            _ => cur.skip()?,
        }
    }
    if let Some(mut list) = list {
        return values(&mut list, &name, fields);
    }
    if let Some(value) = value {
        fields.push(name, value);
    }
    Ok(())
}

/// Both, if they stand as most recorders write them.
fn compact<'w>(cur: &mut Cursor<'w>) -> Option<(Text<'w>, Text<'w>)> {
    let mut ahead = *cur;
    let name = ahead.text_behind(b"{\"name\":\"")?;
    let value = ahead.text_behind(b",\"value\":\"")?;
    ahead.step(b'}')?;
    *cur = ahead;
    Some((name, value))
}

/// `["name", "value"]`.
fn pair<'w>(cur: &mut Cursor<'w>, fields: &mut Fields<'w>) -> Read<()> {
    if !cur.element()? {
        return Ok(());
    }
    let name = cur.text()?.unwrap_or_default();
    while cur.element()? {
        values(cur, &name, fields)?;
    }
    Ok(())
}

/// `"name: value"`.
fn line<'w>(text: &Text<'w>, fields: &mut Fields<'w>) {
    let raw = text.raw().to_vec();
    let Some(colon) = raw.iter().skip(1).position(|b| *b == b':').map(|n| n + 1) else { return };
    let (name, value) = raw.split_at(colon);
    let value = value.get(1..).unwrap_or_default().trim_ascii();
    let value = Text::made(value.to_vec(), text.at()).with_coding(text.coding());
    fields.push(Text::made(name.to_vec(), text.at()).with_coding(text.coding()), value);
}

/// `{"name": "value", "name": ["value", "value"]}`.
fn object<'w>(cur: &mut Cursor<'w>, fields: &mut Fields<'w>) -> Read<()> {
    cur.bump();
    loop {
        let Some(key) = cur.key()? else { return Ok(()) };
        let name = Text::json(key, cur.place_of(key));
        values(cur, &name, fields)?;
    }
}

/// One value, or a list of values of the same name.
fn values<'w>(cur: &mut Cursor<'w>, name: &Text<'w>, fields: &mut Fields<'w>) -> Read<()> {
    if !cur.enter(b'[')? {
        if let Some(value) = cur.text()? {
            fields.push(name.clone(), value);
        }
        return Ok(());
    }
    while cur.element()? {
        if let Some(value) = cur.text()? {
            fields.push(name.clone(), value);
        }
    }
    Ok(())
}
