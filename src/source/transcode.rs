//! UTF-16 to UTF-8, all at once or while it is read. Needs no files.
//!
//! PowerShell 5 writes UTF-16LE when a transcript is redirected to a file. UTF-8 stays as it is, with its byte order
//! mark: readers skip that themselves, and spans stay those of the file. For what was transcoded, spans are those of
//! the UTF-8 text.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, UTF_16BE, UTF_16LE};

/// How a text is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 or anything that holds ASCII: read as it is.
    #[default]
    Utf8,
    /// UTF-16, little endian.
    Utf16Le,
    /// UTF-16, big endian.
    Utf16Be,
}

impl Encoding {
    /// By the byte order mark, else by where zeros stand in the first bytes (4 KiB are looked at).
    pub fn of(head: &[u8]) -> Self {
        match head {
            [0xff, 0xfe, 0, 0, ..] => return Self::Utf8, // UTF-32, or no text
            [0xff, 0xfe, ..] => return Self::Utf16Le,
            [0xfe, 0xff, ..] => return Self::Utf16Be,
            _ => {}
        }
        let pairs = head.get(..4096).unwrap_or(head).chunks_exact(2);
        let (mut all, mut high, mut low) = (0_usize, 0_usize, 0_usize);
        for pair in pairs {
            all += 1;
            high += usize::from(pair.first() == Some(&0));
            low += usize::from(pair.last() == Some(&0));
        }
        // Captures are mostly ASCII: nearly every pair has its zero on the same side.
        let most = |zeros: usize, others: usize| all >= 4 && zeros * 10 >= all * 7 && others * 20 <= all;
        match () {
            () if most(low, high) => Self::Utf16Le,
            () if most(high, low) => Self::Utf16Be,
            () => Self::Utf8,
        }
    }

    fn decoder(self) -> Option<Decoder> {
        match self {
            Self::Utf8 => None,
            Self::Utf16Le => Some(UTF_16LE.new_decoder_with_bom_removal()),
            Self::Utf16Be => Some(UTF_16BE.new_decoder_with_bom_removal()),
        }
    }
}

/// The bytes as UTF-8, if they are not to be read as they are. What is no UTF-16 becomes U+FFFD.
pub fn to_utf8(bytes: &[u8]) -> Option<Vec<u8>> {
    let decoder = Encoding::of(bytes).decoder()?;
    let mut out = Vec::new();
    let mut reader = Transcoded::with(bytes, decoder);
    reader.read_to_end(&mut out).ok()?;
    Some(out)
}

/// So many bytes are transcoded at once.
const STEP: usize = 64 << 10;

/// Reads UTF-16 as UTF-8.
pub struct Transcoded<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    text: Vec<u8>,
    /// What of `text` was not handed out yet.
    ready: std::ops::Range<usize>,
    done: bool,
}

impl<R> std::fmt::Debug for Transcoded<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transcoded").field("done", &self.done).finish_non_exhaustive()
    }
}

impl<R: Read> Transcoded<R> {
    /// `None` for [`Encoding::Utf8`], which needs none.
    pub fn new(inner: R, encoding: Encoding) -> Option<Self> {
        Some(Self::with(inner, encoding.decoder()?))
    }

    fn with(inner: R, decoder: Decoder) -> Self {
        Self { inner, decoder, raw: vec![0; STEP], text: vec![0; STEP * 2 + 16], ready: 0..0, done: false }
    }

    /// Reads and transcodes a step. One code unit becomes at most three bytes, so a step always has room.
    fn step(&mut self) -> io::Result<()> {
        let got = loop {
            match self.inner.read(&mut self.raw) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.done = got == 0;
        let raw = self.raw.get(..got).unwrap_or_default();
        let (result, _, written, _) = self.decoder.decode_to_utf8(raw, &mut self.text, self.done);
        debug_assert_eq!(result, CoderResult::InputEmpty);
        self.ready = 0..written;
        Ok(())
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.ready.is_empty() && !self.done {
            self.step()?;
        }
        let mut rest = self.text.get(self.ready.clone()).unwrap_or_default();
        let n = rest.read(into)?;
        self.ready.start += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    }

    /// Reads a few bytes at a time, as a pipe does.
    struct Drip<'d>(&'d [u8], usize);
    impl Read for Drip<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let n = self.1.min(into.len());
            self.0.read(&mut into[..n])
        }
    }

    const TEXT: &str = "> GET /é HTTP/1.1\r\n< HTTP/1.1 401\r\n# 😀 \u{20ac}\r\n";

    #[test]
    fn both_orders_with_and_without_a_mark() {
        for big in [false, true] {
            for mark in ["", "\u{feff}"] {
                let raw = utf16(&format!("{mark}{TEXT}"), big);
                assert_eq!(
                    to_utf8(&raw).map(|v| String::from_utf8(v).unwrap()).as_deref(),
                    Some(TEXT),
                    "{big} {mark:?}"
                );
            }
        }
    }

    #[test]
    fn pieces_of_any_size_give_the_same() {
        let raw = utf16(&format!("\u{feff}{}", TEXT.repeat(50)), false);
        for step in [1, 2, 3, 7, 1000] {
            let mut out = String::new();
            Transcoded::new(Drip(&raw, step), Encoding::Utf16Le).unwrap().read_to_string(&mut out).unwrap();
            assert_eq!(out, TEXT.repeat(50), "step {step}");
        }
    }

    #[test]
    fn dense_text_fits_into_a_step() {
        let text = "\u{20ac}".repeat(STEP * 2);
        let raw = utf16(&format!("\u{feff}{text}"), true);
        assert_eq!(to_utf8(&raw).map(|v| v.len()), Some(text.len()));
    }

    #[test]
    fn utf8_and_other_bytes_stay() {
        let plain: [&[u8]; 6] =
            [b"", b"a", b"\xef\xbb\xbf{}", b"{\"log\":{}}", b"\0\0\0\0\0\0\0\0", b"\xff\xfe\0\0a\0\0\0"];
        for bytes in plain {
            assert_eq!(to_utf8(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn a_lone_surrogate_and_an_odd_end_are_replaced() {
        let mut raw = utf16("\u{feff}abc", false);
        raw.extend([0x00, 0xd8, b'x', 0, 7]);
        assert_eq!(String::from_utf8(to_utf8(&raw).unwrap()).unwrap(), "abc\u{fffd}x\u{fffd}");
    }
}
