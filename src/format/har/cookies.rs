//! Cookies that stand in `request.cookies` only: some exporters leave the header out and keep the list.

use super::cursor::{Cursor, Read};
use super::headers::Fields;
use crate::http::{Header, Text};

/// More cookies than browsers send to one site are no cookies.
const MOST: usize = 300;

/// Reads a list of `{name, value}` as `Cookie` lines, if no such line is among the fields.
pub(super) fn unless_sent<'w>(mut list: Cursor<'w>, fields: &Fields<'w>) -> Read<Vec<Header<'w>>> {
    let mut out = Vec::new();
    if fields.get("cookie").is_some() || !list.enter(b'[')? {
        return Ok(out);
    }
    while list.element()? {
        match cookie(&mut list)? {
            Some(line) if out.len() < MOST => out.push(line),
            _ => {}
        }
    }
    Ok(out)
}

fn cookie<'w>(cur: &mut Cursor<'w>) -> Read<Option<Header<'w>>> {
    if !cur.enter(b'{')? {
        cur.skip()?;
        return Ok(None);
    }
    let (mut name, mut value) = (Text::default(), Text::default());
    while let Some(key) = cur.key()? {
        match key {
            b"name" => name = cur.text()?.unwrap_or_default(),
            b"value" => value = cur.text()?.unwrap_or_default(),
            _ => cur.skip()?,
        }
    }
    let pair = [name.raw(), b"=", value.raw()].concat();
    let line = Text::made(pair, value.at()).with_coding(value.coding());
    let cookie = Text::made(&b"Cookie"[..], value.at());
    Ok((!name.raw().is_empty() && !value.raw().is_empty()).then_some(Header { name: cookie, value: line }))
}
