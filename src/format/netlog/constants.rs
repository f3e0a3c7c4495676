//! The table at the begin of a log: numbers of event types, and what ticks are counted from.

use crate::format::json::cursor::{Cursor, Read};
use crate::http::Time;

/// The events that are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Alive,
    CorsRequest,
    CorsError,
    Job,
    Send,
    Answer,
    Bytes,
}

/// What the numbers of a log mean.
#[derive(Clone, Debug, Default)]
pub(super) struct Constants {
    kinds: Vec<(u32, Kind)>,
    errors: Vec<(i64, String)>,
    /// Milliseconds since 1970 of tick 0.
    offset: i64,
    client: String,
    version: String,
}

impl Constants {
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut constants = Self::default();
        let mut cur = Cursor::new(bytes, 0, 0);
        // What was read before a fault counts.
        let _ = constants.members(&mut cur);
        constants
    }

    fn members(&mut self, cur: &mut Cursor<'_>) -> Read<()> {
        cur.bump();
        while let Some(key) = cur.key()? {
            match key {
                b"logEventTypes" if cur.enter(b'{')? => self.types(cur)?,
                b"netError" if cur.enter(b'{')? => {
                    while let Some(name) = cur.key()? {
                        let name = String::from_utf8_lossy(name).into_owned();
                        if let Some((n, _)) = cur.number()? {
                            self.errors.push((n as i64, name));
                        }
                    }
                }
                b"timeTickOffset" => self.offset = cur.number()?.map_or(0, |n| n.0 as i64),
                b"clientInfo" if cur.enter(b'{')? => {
                    while let Some(name) = cur.key()? {
                        match name {
                            b"name" => self.client = cur.text()?.map(|t| t.lossy().into_owned()).unwrap_or_default(),
                            b"version" => {
                                self.version = cur.text()?.map(|t| t.lossy().into_owned()).unwrap_or_default()
                            }
                            _ => cur.skip()?,
                        }
                    }
                }
                _ => cur.skip()?,
            }
        }
        Ok(())
    }

    fn types(&mut self, cur: &mut Cursor<'_>) -> Read<()> {
        while let Some(name) = cur.key()? {
            let kind = match name {
                b"REQUEST_ALIVE" => Some(Kind::Alive),
                b"CORS_REQUEST" => Some(Kind::CorsRequest),
                b"CORS_PREFLIGHT_ERROR" => Some(Kind::CorsError),
                b"URL_REQUEST_START_JOB" => Some(Kind::Job),
                b"HTTP_TRANSACTION_SEND_REQUEST_HEADERS"
                | b"HTTP_TRANSACTION_HTTP2_SEND_REQUEST_HEADERS"
                | b"HTTP_TRANSACTION_QUIC_SEND_REQUEST_HEADERS"
                | b"HTTP_TRANSACTION_SPDY_SEND_REQUEST_HEADERS" => Some(Kind::Send),
                b"HTTP_TRANSACTION_READ_RESPONSE_HEADERS" => Some(Kind::Answer),
                b"URL_REQUEST_JOB_FILTERED_BYTES_READ" => Some(Kind::Bytes),
                _ => None,
            };
            let number = cur.number()?;
            if let (Some(kind), Some((n, _))) = (kind, number) {
                self.kinds.push((n as u32, kind));
            }
        }
        Ok(())
    }

    pub(super) fn kind(&self, number: u32) -> Option<Kind> {
        self.kinds.iter().find(|(n, _)| *n == number).map(|(_, k)| *k)
    }

    /// Whether the log says when a request is done with.
    pub(super) fn tells_end(&self) -> bool {
        self.kinds.iter().any(|(_, k)| *k == Kind::Alive)
    }

    /// `net::ERR_FAILED` of -2.
    pub(super) fn error(&self, number: i64) -> String {
        match self.errors.iter().find(|(n, _)| *n == number) {
            Some((_, name)) if name.starts_with("ERR_") => format!("net::{name}"),
            Some((_, name)) => format!("net::ERR_{name}"),
            None => format!("net error {number}"),
        }
    }

    pub(super) fn time(&self, ticks: i64) -> Time {
        Time(self.offset.saturating_add(ticks).saturating_mul(1000))
    }

    pub(super) fn program(&self) -> (String, String) {
        let name = if self.client.is_empty() { "Chrome NetLog" } else { &self.client };
        (name.to_owned(), self.version.clone())
    }
}
