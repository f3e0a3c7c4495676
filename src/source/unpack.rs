//! Packed data: how it is recognised, read and bounded.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};

use super::error::SourceError;
use super::limits::Limits;

/// How bytes are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Zstd,
    Zip,
    /// Known, but not read.
    Other(&'static str),
}

/// By the first bytes (512 are looked at, for tar).
pub(super) fn packing(head: &[u8]) -> Option<Packing> {
    Some(match head {
        [0x1f, 0x8b, 8, ..] => Packing::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Packing::Zstd,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Packing::Zip,
        [b'P', b'K', 7, 8, ..] => Packing::Other("a zip of several volumes"),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Packing::Other("xz"),
        [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', ..] => Packing::Other("bzip2"),
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Packing::Other("7-Zip"),
        [b'R', b'a', b'r', b'!', 0x1a, 7, ..] => Packing::Other("RAR"),
        [0x04, 0x22, 0x4d, 0x18, ..] => Packing::Other("LZ4"),
        _ if head.get(257..262) == Some(b"ustar") => Packing::Other("tar"),
        _ => return None,
    })
}

/// Wraps a stream in what unpacks it; zip and others are no streams.
pub(super) fn decoder<'r>(packing: Packing, packed: impl Read + 'r) -> io::Result<Box<dyn Read + 'r>> {
    let packed = BufReader::with_capacity(64 << 10, packed);
    Ok(match packing {
        Packing::Gzip => Box::new(Gzip { member: Some(flate2::bufread::GzDecoder::new(packed)), ended: None }),
        Packing::Zstd => {
            let mut decoder = zstd::Decoder::with_buffer(packed)?;
            // What the zstd tool accepts without being told otherwise: 128 MiB of memory.
            decoder.window_log_max(27)?;
            Box::new(decoder)
        }
        Packing::Zip | Packing::Other(_) => Box::new(packed),
    })
}

/// Reads gzip members one after the other. Zeros behind the last (block padding) are nothing; anything else is an
/// error, but only once what stands before has been given.
struct Gzip<R> {
    member: Option<flate2::bufread::GzDecoder<R>>,
    ended: Option<R>,
}

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(member) = &mut self.member {
                match member.read(into)? {
                    0 if !into.is_empty() => self.ended = self.member.take().map(|m| m.into_inner()),
                    n => return Ok(n),
                }
            }
            let Some(rest) = &mut self.ended else { return Ok(0) };
            if !another(rest)? {
                return Ok(0);
            }
            self.member = self.ended.take().map(flate2::bufread::GzDecoder::new);
        }
    }
}

/// Goes over padding; whether anything stands behind it.
fn another(rest: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let bytes = rest.fill_buf()?;
        if bytes.is_empty() {
            return Ok(false);
        }
        let zeros = bytes.iter().take_while(|b| **b == 0).count();
        let more = zeros < bytes.len();
        rest.consume(zeros);
        if more {
            return Ok(true);
        }
    }
}

/// Counts the bytes that are read from packed data.
pub(super) struct Counted<'c, R> {
    pub(super) inner: R,
    pub(super) count: &'c Cell<u64>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(into)?;
        self.count.set(self.count.get() + n as u64);
        Ok(n)
    }
}

/// Holds unpacked data to the limits: its own ratio, and the sum over the whole input.
pub(super) struct Limited<'l, R> {
    pub(super) inner: R,
    pub(super) name: &'l str,
    pub(super) limits: &'l Limits,
    /// Bytes of packed data so far.
    pub(super) packed: &'l Cell<u64>,
    /// Bytes that were unpacked here.
    pub(super) unpacked: u64,
    /// Bytes that were unpacked from the input, at any depth.
    pub(super) total: &'l Cell<u64>,
}

impl<R: Read> Read for Limited<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let name = || self.name.to_owned();
        let limit = self.limits.unpacked;
        let left = usize::try_from(limit.saturating_sub(self.total.get())).unwrap_or(usize::MAX);
        // One byte more than is allowed tells a stream that just fits from one that does not.
        let room = left.saturating_add(1).min(into.len());
        let n = self.inner.read(into.get_mut(..room).unwrap_or_default())?;
        if n > left {
            return Err(io::Error::other(SourceError::Unpacked { name: name(), limit }));
        }
        let unpacked = self.unpacked + n as u64;
        let (ratio, packed) = (self.limits.ratio, self.packed.get().max(1));
        if ratio > 0 && unpacked > Limits::RATIO_FROM && unpacked / packed > ratio {
            return Err(io::Error::other(SourceError::Ratio { name: name(), limit: ratio }));
        }
        self.unpacked = unpacked;
        self.total.set(self.total.get() + n as u64);
        Ok(n)
    }
}
