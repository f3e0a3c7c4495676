//! One event: its kind, its source, and what its parameters tell.

use super::constants::{Constants, Kind};
use crate::format::json::cursor::{Cursor, Read};
use crate::http::{Header, Span, Text};

/// An event that is used.
#[derive(Debug)]
pub(super) struct Event<'a> {
    pub(super) kind: Kind,
    /// 1 begins, 2 ends, 0 is a point.
    pub(super) phase: u8,
    pub(super) source: u64,
    pub(super) ticks: i64,
    pub(super) at: Span,
    pub(super) params: Params<'a>,
}

/// Parameters, as far as they are used.
#[derive(Debug, Default)]
pub(super) struct Params<'a> {
    pub(super) url: Text<'a>,
    pub(super) method: Text<'a>,
    /// `GET /path HTTP/1.1`
    pub(super) line: Text<'a>,
    /// `Name: value`, each as one text; a status line may be the first.
    pub(super) headers: Option<Vec<Text<'a>>>,
    pub(super) error: Option<i64>,
    pub(super) cors_error: Option<i64>,
    pub(super) failed: Text<'a>,
    pub(super) bytes: Text<'a>,
    pub(super) request_type: Text<'a>,
}

impl<'a> Event<'a> {
    /// Reads an event; `None` for one that is not used.
    pub(super) fn read(bytes: &'a [u8], start: u64, constants: &Constants) -> Option<Self> {
        let mut found = Members::default();
        let mut cur = Cursor::new(bytes, 0, start);
        found.read(&mut cur).ok()?;
        let kind = constants.kind(found.kind?)?;
        let mut params = Params::default();
        if let Some(mut at) = found.params {
            params.read(&mut at, 0).ok()?;
        }
        let (phase, source, ticks) = (found.phase, found.source?, found.ticks.unwrap_or(0));
        Some(Self { kind, phase, source, ticks, at: Span::at(start, bytes.len()), params })
    }
}

#[derive(Default)]
struct Members<'a> {
    kind: Option<u32>,
    phase: u8,
    source: Option<u64>,
    ticks: Option<i64>,
    params: Option<Cursor<'a>>,
}

impl<'a> Members<'a> {
    fn read(&mut self, cur: &mut Cursor<'a>) -> Read<()> {
        cur.bump();
        while let Some(key) = cur.key()? {
            match key {
                b"type" => self.kind = cur.number()?.map(|n| n.0 as u32),
                b"phase" => self.phase = cur.number()?.map_or(0, |n| n.0 as u8),
                b"time" => self.ticks = cur.number()?.map(|n| n.0 as i64),
                b"source" if cur.enter(b'{')? => {
                    while let Some(key) = cur.key()? {
                        match key {
                            b"id" => self.source = cur.number()?.map(|n| n.0 as u64),
                            _ => cur.skip()?,
                        }
                    }
                }
                b"params" => {
                    self.params = Some(*cur);
                    cur.skip()?;
                }
                _ => cur.skip()?,
            }
        }
        Ok(())
    }
}

impl<'a> Params<'a> {
    fn read(&mut self, cur: &mut Cursor<'a>, depth: u8) -> Read<()> {
        if !cur.enter(b'{')? {
            return cur.skip();
        }
        while let Some(key) = cur.key()? {
            match key {
                b"url" => self.url = cur.text()?.unwrap_or_default(),
                b"method" => self.method = cur.text()?.unwrap_or_default(),
                b"line" => self.line = cur.text()?.unwrap_or_default(),
                b"headers" => self.list(cur)?,
                b"request_headers" if depth == 0 => self.read(cur, 1)?,
                b"net_error" => self.error = cur.number()?.map(|n| n.0 as i64),
                b"cors-error" => self.cors_error = cur.number()?.map(|n| n.0 as i64),
                b"failed-parameter" => self.failed = cur.text()?.unwrap_or_default(),
                b"bytes" => self.bytes = cur.text()?.unwrap_or_default(),
                b"request_type" => self.request_type = cur.text()?.unwrap_or_default(),
                _ => cur.skip()?,
            }
        }
        Ok(())
    }

    fn list(&mut self, cur: &mut Cursor<'a>) -> Read<()> {
        if !cur.enter(b'[')? {
            return cur.skip();
        }
        let mut list = Vec::new();
        while cur.element()? {
            list.extend(cur.text()?);
        }
        self.headers = Some(list);
        Ok(())
    }
}

/// Cuts `Name: value`; the pseudo fields of HTTP/2 are none.
pub(super) fn header(line: &Text<'_>) -> Option<Header<'static>> {
    let bytes = line.decoded();
    let colon = bytes.iter().skip(1).position(|b| *b == b':')? + 1;
    let (name, value) = bytes.split_at_checked(colon)?;
    if name.starts_with(b":") {
        return None;
    }
    let value = value.get(1..)?;
    let value = value.strip_prefix(b" ").unwrap_or(value);
    // Exact where nothing was escaped: spans then say where the value stands.
    let from = bytes.len() - value.len();
    let (name_at, value_at) = (line.part(0, colon), line.part(from, bytes.len()));
    Some(Header { name: Text::made(name.to_vec(), name_at), value: Text::made(value.to_vec(), value_at) })
}
