//! `application/x-www-form-urlencoded`, and query strings: order, duplicates and empty pairs kept.

use std::borrow::Cow;
use std::ops::Range;

/// One pair, decoded, with the place of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair<'a> {
    /// The name, decoded.
    pub name: Cow<'a, str>,
    /// The value, decoded.
    pub value: Cow<'a, [u8]>,
    /// Where the value stands, as written.
    pub value_at: Range<usize>,
}

/// Splits at `&` and decodes. Empty pieces (`?&code=x`) are left out, pieces without `=` have an empty value.
pub fn pairs(bytes: &[u8]) -> Vec<Pair<'_>> {
    let mut out = Vec::new();
    let mut start = 0;
    for piece in bytes.split(|b| *b == b'&') {
        let at = start;
        start += piece.len() + 1;
        if piece.is_empty() || out.len() >= 1000 {
            continue;
        }
        let eq = memchr::memchr(b'=', piece).unwrap_or(piece.len());
        let name = match decode(piece.get(..eq).unwrap_or_default()) {
            Cow::Borrowed(b) => String::from_utf8_lossy(b),
            Cow::Owned(v) => Cow::Owned(String::from_utf8_lossy(&v).into_owned()),
        };
        let end = at + piece.len();
        let value_at = (at + eq + 1).min(end)..end;
        out.push(Pair { name, value: decode(piece.get(eq + 1..).unwrap_or_default()), value_at });
    }
    out
}

/// Undoes percent-encoding and `+` for a blank.
pub fn decode(bytes: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr2(b'%', b'+', bytes).is_none() {
        return Cow::Borrowed(bytes);
    }
    let blanks: Vec<u8> = bytes.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
    Cow::Owned(percent_encoding::percent_decode(&blanks).collect())
}

/// Undoes percent-encoding only.
pub fn percent_decode(bytes: &[u8]) -> Cow<'_, [u8]> {
    percent_encoding::percent_decode(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerant_pairs() {
        let all = pairs(b"&code=a%2Fb&empty=&flag&x=1+2");
        let got: Vec<_> =
            all.iter().map(|p| (p.name.as_ref(), String::from_utf8_lossy(&p.value).into_owned())).collect();
        assert_eq!(
            got,
            [("code", "a/b".into()), ("empty", String::new()), ("flag", String::new()), ("x", "1 2".into())]
        );
        assert_eq!(all[0].value_at, 6..11);
    }
}
