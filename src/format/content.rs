//! Content codings: bodies as they were on the wire become what the sender meant. Bounded: only the begin is judged.

use std::borrow::Cow;
use std::io::Read;

use memchr::memmem;

/// So many bytes are decoded; what is judged is far less.
const MOST: u64 = 256 << 10;

/// Undoes `Content-Encoding` codings (RFC 9110 8.4), the last one first. What cannot be undone although it is text
/// was decoded by the recorder; `None` for bytes that stay unreadable.
pub(crate) fn decode<'b>(body: &'b [u8], codings: &str) -> Option<Cow<'b, [u8]>> {
    let mut now = Cow::Borrowed(body);
    for coding in codings.rsplit(',').map(str::trim).filter(|c| !c.is_empty()) {
        now = match undo(&now, &coding.to_ascii_lowercase()) {
            Some(plain) => Cow::Owned(plain),
            None if textual(&now) => now,
            None => return None,
        };
    }
    Some(now)
}

fn undo(body: &[u8], coding: &str) -> Option<Vec<u8>> {
    match coding {
        "gzip" | "x-gzip" => start_of(flate2::read::MultiGzDecoder::new(body)),
        // Some servers leave the zlib frame out.
        "deflate" => start_of(flate2::read::ZlibDecoder::new(body))
            .or_else(|| start_of(flate2::read::DeflateDecoder::new(body)).filter(|plain| textual(plain))),
        "br" => start_of(brotli_decompressor::Decompressor::new(body, 4096)),
        #[cfg(feature = "cli")]
        "zstd" => start_of(zstd::Decoder::new(body).ok()?),
        "identity" | "none" => Some(body.to_vec()),
        _ => None,
    }
}

/// What can be read before the end, the bound or a fault.
fn start_of(mut from: impl Read) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let mut block = [0; 8192];
    while (plain.len() as u64) < MOST {
        match from.read(&mut block) {
            Ok(0) => return Some(plain),
            Ok(n) => plain.extend_from_slice(block.get(..n).unwrap_or_default()),
            Err(_) => break,
        }
    }
    (!plain.is_empty()).then_some(plain)
}

fn textual(bytes: &[u8]) -> bool {
    let head = bytes.get(..512).unwrap_or(bytes);
    !head.iter().any(|b| *b < 9 || (14..27).contains(b))
        && match std::str::from_utf8(head) {
            Ok(_) => true,
            // A character may be cut at the end.
            Err(e) => e.error_len().is_none(),
        }
}

/// Undoes `Transfer-Encoding: chunked` (RFC 9112 7.1); what does not begin with a chunk was put together already.
pub(crate) fn dechunk(body: &[u8]) -> Cow<'_, [u8]> {
    let mut plain = Vec::new();
    let mut rest = body;
    while let Some((size, after)) = chunk_size(rest) {
        if size == 0 {
            return Cow::Owned(plain);
        }
        let whole = after.len() >= size;
        plain.extend_from_slice(after.get(..size).unwrap_or(after));
        if !whole || plain.len() as u64 > MOST {
            return Cow::Owned(plain);
        }
        rest = after.get(size..).unwrap_or_default();
        rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
    }
    if plain.is_empty() { Cow::Borrowed(body) } else { Cow::Owned(plain) }
}

fn chunk_size(rest: &[u8]) -> Option<(usize, &[u8])> {
    let end = memmem::find(rest.get(..64).unwrap_or(rest), b"\n")?;
    let line = rest.get(..end)?;
    let hex = line.split(|b| matches!(b, b';' | b'\r')).next()?.trim_ascii();
    if hex.is_empty() || hex.len() > 8 {
        return None;
    }
    let size = usize::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?;
    Some((size, rest.get(end + 1..)?))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn codings_are_undone_in_their_order() {
        let mut e = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        e.write_all(b"{\"a\":1}").unwrap();
        let packed = e.finish().unwrap();
        assert_eq!(decode(&packed, "gzip").as_deref(), Some(&b"{\"a\":1}"[..]));
        assert_eq!(decode(&packed, "identity, gzip").as_deref(), Some(&b"{\"a\":1}"[..]));
        assert_eq!(decode(b"{\"a\":1}", "gzip").as_deref(), Some(&b"{\"a\":1}"[..]), "decoded by the recorder");
        assert_eq!(decode(&packed, "rot13"), None);
        assert_eq!(decode(b"\x00\x01\x02", "br"), None);
        // The brotli form of "hello" (uncompressed meta-block).
        assert_eq!(decode(b"\x0b\x02\x80hello\x03", "br").as_deref(), Some(&b"hello"[..]));
        assert_eq!(decode(packed.get(..packed.len() - 4).unwrap(), "gzip").as_deref(), Some(&b"{\"a\":1}"[..]));
    }

    #[test]
    fn chunks() {
        assert_eq!(&*dechunk(b"5\r\nhello\r\n4;x=y\r\n you\r\n0\r\n\r\n"), b"hello you");
        assert_eq!(&*dechunk(b"{\"a\":1}"), b"{\"a\":1}");
        assert_eq!(&*dechunk(b"ff\r\ncut"), b"cut");
        assert_eq!(&*dechunk(b""), b"");
    }
}
