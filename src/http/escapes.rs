//! Backslash escapes, as far as the notations that write them agree.

/// Decodes them. `one` gets what stands behind a backslash, appends what it stands for, and answers what follows.
pub(crate) fn unescaped(raw: &[u8], one: impl for<'r> Fn(&'r [u8], &mut Vec<u8>) -> &'r [u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(stop) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(rest.get(..stop).unwrap_or_default());
        rest = one(rest.get(stop + 1..).unwrap_or_default(), &mut out);
    }
    out.extend_from_slice(rest);
    out
}

/// What `n`, `r` and `t` stand for behind a backslash, everywhere.
pub(crate) fn control(kind: u8) -> Option<u8> {
    match kind {
        b'n' => Some(b'\n'),
        b'r' => Some(b'\r'),
        b't' => Some(b'\t'),
        _ => None,
    }
}

/// The byte that two hexadecimal digits name, and what follows.
pub(crate) fn byte(digits: &[u8]) -> Option<(u8, &[u8])> {
    let [high, low, rest @ ..] = digits else { return None };
    let digit = |d: u8| Some(char::from(d).to_digit(16)? as u8);
    Some((digit(*high)? * 16 + digit(*low)?, rest))
}

/// Appends the character behind `\u`: four digits, or a pair of surrogates; a lone one becomes U+FFFD. Anything else stays.
pub(crate) fn unicode<'r>(tail: &'r [u8], out: &mut Vec<u8>) -> &'r [u8] {
    let Some((high, rest)) = hex4(tail) else {
        out.extend_from_slice(b"\\u");
        return tail;
    };
    let low = rest.strip_prefix(b"\\u").and_then(hex4);
    let (code, rest) = match (high, low) {
        (0xd800..=0xdbff, Some((l @ 0xdc00..=0xdfff, after))) => {
            (0x10000 + ((high - 0xd800) << 10) + (l - 0xdc00), after)
        }
        _ => (high, rest),
    };
    let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    rest
}

fn hex4(digits: &[u8]) -> Option<(u32, &[u8])> {
    let (high, rest) = byte(digits)?;
    let (low, rest) = byte(rest)?;
    Some((u32::from(high) << 8 | u32::from(low), rest))
}
