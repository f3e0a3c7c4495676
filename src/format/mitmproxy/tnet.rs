//! Tnetstrings: `LENGTH:payload` and a byte for the type: `,` bytes, `;` text, `#` integer, `^` float, `!` boolean,
//! `~` null, `]` list, `}` dictionary.

use memchr::memchr;

/// The length before a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// The payload begins at `at` and has `len` bytes; its type follows.
    Of { at: usize, len: usize },
    /// The bytes end before the colon.
    Cut,
    /// No length stands here.
    Bad,
}

/// The length at the begin of `bytes`.
pub(super) fn length(bytes: &[u8]) -> Length {
    let head = bytes.get(..13).unwrap_or(bytes);
    let Some(colon) = memchr(b':', head) else {
        let digits = head.iter().all(u8::is_ascii_digit);
        return if digits && head.len() < 13 { Length::Cut } else { Length::Bad };
    };
    let digits = head.get(..colon).unwrap_or_default();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Length::Bad;
    }
    let len = digits.iter().fold(0_usize, |n, d| n * 10 + usize::from(d - b'0'));
    Length::Of { at: colon + 1, len }
}

/// Whether a dictionary with a key of a flow begins here; `None` if the bytes end before that can be told.
pub(super) fn begins_flow(bytes: &[u8]) -> Option<bool> {
    const KEYS: [&[u8]; 14] = [
        b"websocket",
        b"response",
        b"request",
        b"error",
        b"type",
        b"id",
        b"version",
        b"mode",
        b"client_conn",
        b"server_conn",
        b"intercepted",
        b"metadata",
        b"marked",
        b"backup",
    ];
    let Length::Of { at, len } = length(bytes) else {
        return if bytes.len() < 13 && length(bytes) == Length::Cut { None } else { Some(false) };
    };
    let Some(key) = bytes.get(at..).filter(|k| k.len() > 18) else {
        return if len > 18 { None } else { Some(false) };
    };
    let Some(item) = next(&mut &*key) else { return Some(false) };
    Some(len > 18 && matches!(item.kind, b',' | b';') && KEYS.contains(&item.payload))
}

/// A value: its payload, and its type; 0 if the bytes end inside the payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Item<'a> {
    pub(super) payload: &'a [u8],
    pub(super) kind: u8,
}

/// Takes the next value; one that is cut is given as far as it stands.
pub(super) fn next<'a>(rest: &mut &'a [u8]) -> Option<Item<'a>> {
    let Length::Of { at, len } = length(rest) else { return None };
    let behind = rest.get(at..)?;
    match (behind.get(..len), behind.get(len)) {
        (Some(payload), Some(kind)) => {
            *rest = behind.get(len + 1..).unwrap_or_default();
            Some(Item { payload, kind: *kind })
        }
        _ => {
            *rest = &[];
            Some(Item { payload: behind.get(..len).unwrap_or(behind), kind: 0 })
        }
    }
}

impl<'a> Item<'a> {
    /// Bytes or text that are whole.
    pub(super) fn bytes(self) -> Option<&'a [u8]> {
        matches!(self.kind, b',' | b';').then_some(self.payload)
    }

    /// A number.
    pub(super) fn number(self) -> Option<f64> {
        let text = matches!(self.kind, b'#' | b'^').then_some(self.payload)?;
        std::str::from_utf8(text).ok()?.parse().ok().filter(|n: &f64| n.is_finite())
    }

    /// The members of a list.
    pub(super) fn list(self) -> Vec<Item<'a>> {
        if !matches!(self.kind, b']' | 0) {
            return Vec::new();
        }
        let mut rest = self.payload;
        std::iter::from_fn(|| next(&mut rest)).collect()
    }

    /// The pairs of a dictionary.
    pub(super) fn dict(self) -> Dict<'a> {
        if !matches!(self.kind, b'}' | 0) {
            return Dict::default();
        }
        Dict::of(self.payload)
    }

    pub(super) fn is_null(self) -> bool {
        self.kind == b'~'
    }
}

/// The pairs of a dictionary, in file order.
#[derive(Clone, Debug, Default)]
pub(super) struct Dict<'a>(Vec<(&'a [u8], Item<'a>)>);

impl<'a> Dict<'a> {
    /// Reads the pairs of a payload.
    pub(super) fn of(payload: &'a [u8]) -> Self {
        let mut rest = payload;
        let mut pairs = Vec::with_capacity(16);
        while let Some(key) = next(&mut rest) {
            let Some(value) = next(&mut rest) else { break };
            pairs.push((key.payload, value));
        }
        Self(pairs)
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<Item<'a>> {
        self.0.iter().find(|(k, _)| *k == key.as_bytes()).map(|(_, v)| *v)
    }

    /// Bytes or text.
    pub(super) fn bytes(&self, key: &str) -> Option<&'a [u8]> {
        self.get(key)?.bytes()
    }

    /// A time in seconds since 1970, in microseconds.
    pub(super) fn micros(&self, key: &str) -> Option<i64> {
        self.get(key)?.number().filter(|n| *n > 0.0).map(|n| (n * 1e6) as i64)
    }

    /// A dictionary.
    pub(super) fn dict(&self, key: &str) -> Option<Dict<'a>> {
        self.get(key).filter(|i| matches!(i.kind, b'}' | 0)).map(Item::dict)
    }
}
