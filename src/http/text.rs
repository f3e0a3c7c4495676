//! A piece of the input with its place and its spelling.

use std::borrow::Cow;

use base64::Engine;

use super::escapes;

/// A range of bytes of the input, as it was read (unpacked and transcoded, if it had to be).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u64,
    /// Offset behind the last byte.
    pub end: u64,
}

impl Span {
    /// A span of `len` bytes at `start`.
    pub fn at(start: u64, len: usize) -> Self {
        Self { start, end: start + len as u64 }
    }

    /// The smallest span that holds both.
    pub fn join(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Length in bytes.
    pub fn len(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Whether the span holds nothing.
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }
}

/// How a value is written in the input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Coding {
    /// The bytes are the value.
    #[default]
    Plain,
    /// Between the quotes of a JSON string, with its escapes.
    Json,
    /// Base64 between the quotes of a JSON string (HAR `content.encoding`).
    JsonBase64,
    /// Base64 text.
    Base64,
    /// Between the quotes of an access log: `\xHH`, `\"`, `\\`, `\t`, `\n`.
    Log,
    /// Made by the reader from several places: the span says where from, not byte for byte.
    Made,
}

/// A value of the input: raw bytes, place and coding; decoded when someone asks.
#[derive(Clone, Debug, Default)]
pub struct Text<'a> {
    raw: Cow<'a, [u8]>,
    at: Span,
    coding: Coding,
}

impl<'a> Text<'a> {
    /// A value whose bytes stand as they are at `start`.
    pub fn plain(raw: &'a [u8], start: u64) -> Self {
        Self::coded(raw, start, Coding::Plain)
    }

    /// The inside of a JSON string literal that begins (behind its quote) at `start`.
    pub fn json(raw: &'a [u8], start: u64) -> Self {
        Self::coded(raw, start, Coding::Json)
    }

    /// A value in any coding.
    pub fn coded(raw: &'a [u8], start: u64, coding: Coding) -> Self {
        Self { at: Span::at(start, raw.len()), raw: Cow::Borrowed(raw), coding }
    }

    /// A value that the reader put together; `at` covers the bytes it came from.
    pub fn made(raw: impl Into<Cow<'a, [u8]>>, at: Span) -> Self {
        Self { raw: raw.into(), at, coding: Coding::Made }
    }

    /// The same value, read in another coding.
    #[must_use]
    pub fn with_coding(mut self, coding: Coding) -> Self {
        self.coding = coding;
        self
    }

    /// The same value, kept beyond its window.
    pub fn into_owned(self) -> Text<'static> {
        Text { raw: Cow::Owned(self.raw.into_owned()), at: self.at, coding: self.coding }
    }

    /// Where the value stands in the input.
    pub fn at(&self) -> Span {
        self.at
    }

    /// How it is written there.
    pub fn coding(&self) -> Coding {
        self.coding
    }

    /// The bytes as written.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Whether nothing stands there.
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// The value: borrowed where nothing had to be decoded. What cannot be decoded stays as written.
    pub fn decoded(&self) -> Cow<'_, [u8]> {
        match self.coding {
            Coding::Plain | Coding::Made => Cow::Borrowed(&self.raw),
            Coding::Json => unescape_json(&self.raw),
            Coding::JsonBase64 => from_base64(&unescape_json(&self.raw)),
            Coding::Base64 => from_base64(&self.raw),
            Coding::Log => unescape_log(&self.raw),
        }
    }

    /// The value as text; invalid UTF-8 becomes U+FFFD.
    pub fn lossy(&self) -> Cow<'_, str> {
        match self.decoded() {
            Cow::Borrowed(b) => lossy(b),
            Cow::Owned(v) => Cow::Owned(String::from_utf8(v).unwrap_or_else(|e| lossy(e.as_bytes()).into_owned())),
        }
    }

    /// The span of `start..end` of the decoded value: exact where decoding changed nothing, else the whole value.
    pub fn part(&self, start: usize, end: usize) -> Span {
        let exact = match self.coding {
            Coding::Plain => true,
            Coding::Json | Coding::Log => memchr::memchr(b'\\', &self.raw).is_none(),
            _ => false,
        };
        if !exact {
            return self.at;
        }
        Span { start: self.at.start + start as u64, end: (self.at.start + end as u64).min(self.at.end) }
    }
}

/// Bytes as text; invalid UTF-8 becomes U+FFFD. Most are valid, and checking costs a fraction of looking for damage.
pub(crate) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

fn from_base64(raw: &[u8]) -> Cow<'static, [u8]> {
    let clean: Vec<u8> = raw.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    let engine = base64::engine::general_purpose::STANDARD;
    Cow::Owned(engine.decode(&clean).unwrap_or(clean))
}

/// Decodes JSON escapes; lone surrogates become U+FFFD, unknown escapes stay.
fn unescape_json(raw: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', raw).is_none() {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(escapes::unescaped(raw, |rest, out| {
        let Some((&kind, tail)) = rest.split_first() else {
            out.push(b'\\');
            return rest;
        };
        match kind {
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'"' | b'\\' | b'/' => out.push(kind),
            b'u' => return escapes::unicode(tail, out),
            _ => match escapes::control(kind) {
                Some(byte) => out.push(byte),
                None => out.extend_from_slice(&[b'\\', kind]),
            },
        }
        tail
    }))
}

/// Decodes the escapes of nginx and Apache logs; unknown ones stay.
fn unescape_log(raw: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', raw).is_none() {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(escapes::unescaped(raw, |rest, out| {
        let told = rest.split_first().and_then(|(kind, tail)| match kind {
            b'x' => escapes::byte(tail),
            b'"' | b'\\' => Some((*kind, tail)),
            _ => Some((escapes::control(*kind)?, tail)),
        });
        let (byte, after) = told.unwrap_or((b'\\', rest));
        out.push(byte);
        after
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_escapes_and_lone_surrogates() {
        let t = Text::json(br#"a\n\u00e9\ud83d\ude00\ud800x\q\"#, 7);
        assert_eq!(t.lossy(), "a\né😀\u{fffd}x\\q\\");
        assert_eq!(t.part(0, 1), t.at());
        assert_eq!(Text::json(b"Token x", 7).part(0, 5), Span { start: 7, end: 12 });
    }

    #[test]
    fn log_escapes() {
        let t = Text::coded(br#"Bearer realm=\x22api\x22 \"q\" \\ \t"#, 0, Coding::Log);
        assert_eq!(t.lossy(), "Bearer realm=\"api\" \"q\" \\ \t");
    }

    #[test]
    fn what_is_no_base64_stays() {
        assert_eq!(Text::coded(b"aGk=", 0, Coding::JsonBase64).lossy(), "hi");
        assert_eq!(Text::coded(b"no!", 0, Coding::Base64).lossy(), "no!");
    }
}
