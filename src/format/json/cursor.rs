//! A lenient cursor over JSON: it yields raw slices with their place, decodes nothing and never recurses.
//!
//! Tolerated: missing and trailing commas, a missing value, any bare word as a value (`NaN`), raw control
//! characters and bad UTF-8 in strings, any depth. What it reads depends only on the bytes before the place where
//! it stops, never on where the window ends.

use memchr::memchr2;

use crate::format::lines::offset_in;
use crate::http::{Span, Text};

/// Why the cursor stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The bytes end inside the value.
    More,
    /// This byte (counted from the begin of the bytes) cannot stand here.
    Bad(usize),
}

/// What reading gives.
pub(crate) type Read<T> = Result<T, Fault>;

/// A place in JSON bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'w> {
    bytes: &'w [u8],
    pos: usize,
    base: u64,
}

impl<'w> Cursor<'w> {
    /// A cursor at `pos` of `bytes`, whose first byte stands at `base` of the input.
    pub(crate) fn new(bytes: &'w [u8], pos: usize, base: u64) -> Self {
        Self { bytes, pos, base }
    }

    /// Bytes passed since the begin of the bytes.
    pub(crate) fn pos(&self) -> usize {
        self.pos
    }

    /// Where it stands in the input.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.pos as u64
    }

    /// Where a slice that this cursor gave stands in the input.
    pub(crate) fn place_of(&self, part: &[u8]) -> u64 {
        self.base + offset_in(self.bytes, part) as u64
    }

    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    /// Steps over one byte that was peeked at.
    pub(crate) fn bump(&mut self) {
        self.pos += 1;
    }

    fn bad<T>(&self) -> Read<T> {
        Err(Fault::Bad(self.pos))
    }

    /// The next byte that is no blank; the cursor stands on it.
    #[inline]
    pub(crate) fn peek(&mut self) -> Read<u8> {
        while let Some(b) = self.byte() {
            if !matches!(b, b' ' | b'\n' | b'\r' | b'\t') {
                return Ok(b);
            }
            self.pos += 1;
        }
        Err(Fault::More)
    }

    /// Steps into a container if one of this kind begins here.
    pub(crate) fn enter(&mut self, open: u8) -> Read<bool> {
        let inside = self.peek()? == open;
        self.pos += usize::from(inside);
        Ok(inside)
    }

    /// Inside an object: the next key, standing before its value; `None` behind the object.
    #[inline]
    pub(crate) fn key(&mut self) -> Read<Option<&'w [u8]>> {
        loop {
            match self.peek()? {
                b',' => self.pos += 1,
                b'"' => break,
                b'}' => {
                    self.pos += 1;
                    return Ok(None);
                }
                _ => return self.bad(),
            }
        }
        let key = self.string()?;
        if self.peek()? != b':' {
            return self.bad();
        }
        self.pos += 1;
        Ok(Some(key))
    }

    /// Inside an array: whether another element begins here; `false` behind the array.
    pub(crate) fn element(&mut self) -> Read<bool> {
        loop {
            match self.peek()? {
                b',' => self.pos += 1,
                b']' => {
                    self.pos += 1;
                    return Ok(false);
                }
                b'}' | b':' => return self.bad(),
                _ => return Ok(true),
            }
        }
    }

    /// The inside of the string that begins at this quote.
    #[inline]
    pub(crate) fn string(&mut self) -> Read<&'w [u8]> {
        let start = self.pos + 1;
        let mut from = start;
        loop {
            let at = stop_in_string(self.bytes, from).ok_or(Fault::More)?;
            if self.bytes.get(at) == Some(&b'"') {
                self.pos = at + 1;
                // Where a quote was lost, words stand where only a separator can: the sign that tells it soonest.
                if self.byte().is_some_and(|b| !separates(b)) {
                    return self.bad();
                }
                return self.bytes.get(start..at).ok_or(Fault::More);
            }
            from = at + 2;
        }
    }

    /// Steps over one value.
    pub(crate) fn skip(&mut self) -> Read<()> {
        match self.peek()? {
            b'"' => self.string().map(drop),
            b'{' | b'[' => self.nested(),
            // No value at all stands for null.
            b',' | b'}' | b']' => Ok(()),
            _ => self.scalar().map(drop),
        }
    }

    /// Brackets must fit as long as they are at most 64 deep; deeper ones are counted: no stack, so none is too deep.
    fn nested(&mut self) -> Read<()> {
        let (mut depth, mut objects, mut fit) = (0_usize, 0_u64, true);
        loop {
            let b = self.byte().ok_or(Fault::More)?;
            match b {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => {
                    depth += 1;
                    fit &= depth <= 64;
                    objects = objects << 1 | u64::from(b == b'{');
                }
                b':' if fit && objects & 1 == 0 => return self.bad(),
                b'}' | b']' => {
                    if fit && (objects & 1 == 1) != (b == b'}') {
                        return self.bad();
                    }
                    depth -= 1;
                    objects >>= 1;
                }
                _ => {}
            }
            self.pos += 1;
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// A number, a name or any other bare word.
    fn scalar(&mut self) -> Read<&'w [u8]> {
        let start = self.pos;
        while !ends_scalar(self.byte().ok_or(Fault::More)?) {
            self.pos += 1;
        }
        if self.pos == start {
            return self.bad();
        }
        self.bytes.get(start..self.pos).ok_or(Fault::More)
    }

    /// A string, number or name as text; `None` for null, nothing and containers, which are stepped over.
    #[inline]
    pub(crate) fn text(&mut self) -> Read<Option<Text<'w>>> {
        match self.peek()? {
            b'"' => {
                let start = self.offset() + 1;
                Ok(Some(Text::json(self.string()?, start)))
            }
            b'{' | b'[' => self.nested().map(|()| None),
            b',' | b'}' | b']' => Ok(None),
            _ => {
                let start = self.offset();
                let word = self.scalar()?;
                Ok((word != b"null").then(|| Text::plain(word, start)))
            }
        }
    }

    /// The string that begins with the last byte of this text, if the text stands here.
    pub(crate) fn text_behind(&mut self, before: &[u8]) -> Option<Text<'w>> {
        if !self.bytes.get(self.pos..)?.starts_with(before) {
            return None;
        }
        self.pos += before.len() - 1;
        self.text().ok()?
    }

    /// Steps over this byte, if it stands here.
    pub(crate) fn step(&mut self, byte: u8) -> Option<()> {
        let here = self.byte() == Some(byte);
        self.pos += usize::from(here);
        here.then_some(())
    }

    /// A number, also one in quotes, and where it stands.
    pub(crate) fn number(&mut self) -> Read<Option<(f64, Span)>> {
        let Some(text) = self.text()? else { return Ok(None) };
        Ok(number(text.raw()).map(|n| (n, text.at())))
    }

    /// A value that is set: anything but null, `false`, 0 and empty text.
    pub(crate) fn truthy(&mut self) -> Read<bool> {
        let text = self.text()?;
        Ok(text.is_some_and(|t| !matches!(t.raw(), b"" | b"false" | b"0")))
    }
}

/// A finite number; what follows it in a quoted text (`200 OK`) is ignored.
fn number(raw: &[u8]) -> Option<f64> {
    let word = raw.split(u8::is_ascii_whitespace).find(|w| !w.is_empty())?;
    if word.len() < 10 && word.iter().all(u8::is_ascii_digit) {
        return Some(f64::from(word.iter().fold(0_u32, |n, d| n * 10 + u32::from(d - b'0'))));
    }
    if let Some(n) = decimal(word) {
        return Some(n);
    }
    let n: f64 = std::str::from_utf8(word).ok()?.parse().ok()?;
    n.is_finite().then_some(n)
}

/// `12.345` with at most 15 digits: both parts are exact, so that one division rounds as reading the text does.
fn decimal(word: &[u8]) -> Option<f64> {
    let (mut n, mut scale) = (0_u64, None);
    if word.len() > 16 {
        return None;
    }
    for b in word {
        match (b, scale) {
            (b'0'..=b'9', _) => {
                n = n * 10 + u64::from(b - b'0');
                scale = scale.map(|s| s * 10.0);
            }
            (b'.', None) => scale = Some(1.0),
            _ => return None,
        }
    }
    scale.filter(|s| *s > 1.0 && n < 1_000_000_000_000_000).map(|s| n as f64 / s)
}

/// Whether a bare word ends before this byte.
pub(crate) fn ends_scalar(b: u8) -> bool {
    matches!(b, b',' | b'}' | b']' | b'{' | b'[' | b'"' | b':' | b' ' | b'\n' | b'\r' | b'\t')
}

/// Whether this byte can stand behind a string.
fn separates(b: u8) -> bool {
    matches!(b, b',' | b':' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t')
}

/// Where the next quote or backslash stands: eight bytes at a time while the string is short.
#[inline]
fn stop_in_string(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    for _ in 0..4 {
        let Some(chunk) = bytes.get(at..at + 8).and_then(|c| c.first_chunk::<8>()) else { break };
        let word = u64::from_le_bytes(*chunk);
        let hits = zeros(word ^ (ONES * b'"' as u64)) | zeros(word ^ (ONES * b'\\' as u64));
        if hits != 0 {
            return Some(at + (hits.trailing_zeros() / 8) as usize);
        }
        at += 8;
    }
    memchr2(b'"', b'\\', bytes.get(at..)?).map(|n| at + n)
}

const ONES: u64 = 0x0101_0101_0101_0101;

/// Marks the zero bytes; the lowest mark is exact.
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & (ONES << 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_decimals_are_read_as_any_number_is() {
        for text in
            ["0.1", "12.345", "0.000000000001", "99999999999999.9", "1.5", ".5", "123456789.123456", "0.30000000000001"]
        {
            assert_eq!(decimal(text.as_bytes()).map(f64::to_bits), text.parse().ok().map(f64::to_bits), "{text}");
        }
        for other in ["", "1", "1.", ".", "-1.5", "1.2.3", "1e5", "9999999999999999.5", "0.1234567890123456"] {
            assert_eq!(decimal(other.as_bytes()), None, "{other}");
        }
        assert_eq!(number(b" 3.25 ms"), Some(3.25));
    }
}
