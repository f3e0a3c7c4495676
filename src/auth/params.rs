//! `name=value, name="value"` lists, as Digest, AWS Signature and Hawk write them behind their scheme.

use std::ops::Range;

/// A parameter and the place of its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param {
    /// The name, lower case.
    pub name: String,
    /// The value, quotes and backslashes undone.
    pub value: String,
    /// Where the value stands, quotes left out.
    pub at: Range<usize>,
    /// It stood in quotes.
    pub quoted: bool,
}

/// Reads a list from `from` on. Commas or blanks separate; a piece without `=` is passed over.
pub fn parse_params(bytes: &[u8], from: usize) -> Vec<Param> {
    let mut out = Vec::new();
    let mut at = from;
    let is = |i: usize, set: &[u8]| bytes.get(i).is_some_and(|b| set.contains(b));
    while at < bytes.len() && out.len() < 64 {
        while is(at, b" ,\t") {
            at += 1;
        }
        let start = at;
        while at < bytes.len() && !is(at, b"=, \t") {
            at += 1;
        }
        let name = String::from_utf8_lossy(bytes.get(start..at).unwrap_or_default()).to_ascii_lowercase();
        if !is(at, b"=") {
            at = at.max(start + 1);
            continue;
        }
        at += 1;
        let (param, next) = if is(at, b"\"") { quoted(bytes, at + 1, name) } else { bare(bytes, at, name) };
        out.push(param);
        at = next;
    }
    out
}

fn quoted(bytes: &[u8], start: usize, name: String) -> (Param, usize) {
    let mut value = Vec::new();
    let mut at = start;
    while let Some(b) = bytes.get(at).copied().filter(|b| *b != b'"') {
        let escaped = b == b'\\' && at + 1 < bytes.len();
        at += usize::from(escaped);
        value.extend(bytes.get(at));
        at += 1;
    }
    let end = at.min(bytes.len());
    let value = String::from_utf8_lossy(&value).into_owned();
    (Param { name, value, at: start..end, quoted: true }, end + 1)
}

fn bare(bytes: &[u8], start: usize, name: String) -> (Param, usize) {
    let len = bytes.get(start..).unwrap_or_default().iter().take_while(|b| !b", \t".contains(b)).count();
    let at = start..start + len;
    let value = String::from_utf8_lossy(bytes.get(at.clone()).unwrap_or_default()).into_owned();
    (Param { name, value, at, quoted: false }, start + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_blanks_and_commas() {
        let text = br#"Digest username="Mufasa", qop=auth,nc=00000001, realm="a \"b\", c" odd"#;
        let all = parse_params(text, 6);
        let got: Vec<_> = all.iter().map(|p| (p.name.as_str(), p.value.as_str())).collect();
        assert_eq!(got, [("username", "Mufasa"), ("qop", "auth"), ("nc", "00000001"), ("realm", r#"a "b", c"#)]);
        assert_eq!(&text[all[0].at.clone()], b"Mufasa");
        assert!(parse_params(b"=\"", 0).len() < 2 && parse_params(b"a=\"open", 0)[0].value == "open");
    }
}
