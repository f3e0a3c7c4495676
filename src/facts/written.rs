//! Secrets in running text: an answer that repeats the header it was sent, a header typed into a body, a form's part.
//! They are only made known, so that the mask finds them wherever the text is quoted.

use super::Facts;
use super::names;
use super::strings::Kind;
use crate::auth::{jwt, token};

/// Shorter words behind a scheme are words.
const SHORTEST: usize = 8;

/// Makes known the tokens that stand behind a scheme word, and JSON Web Tokens.
pub(crate) fn text(facts: &mut Facts, text: &[u8]) {
    let hint = |needle: &[u8]| memchr::memmem::find(text, needle).is_some();
    if ![&b"earer"[..], b"asic ", b"oken ", b"EARER", b"eyJ", b"uthorization", b"pikey ", b"PoP "]
        .iter()
        .any(|n| hint(n))
    {
        return;
    }
    let mut before: &[u8] = b"";
    for word in text.split(|b| b.is_ascii_whitespace() || b"\"'<>(),;&:\\".contains(b)).filter(|w| !w.is_empty()) {
        let word = word.trim_ascii_end();
        let secret = is_scheme(before) && word.len() >= SHORTEST && !is_word(word);
        if secret || word.starts_with(b"eyJ") && jwt::looks_like_jwt(&String::from_utf8_lossy(word)) {
            note(facts, word, if before.eq_ignore_ascii_case(b"basic") { Kind::Basic } else { Kind::Token });
        }
        before = word;
    }
}

/// Makes known the secret parts of a `multipart/form-data` body (RFC 7578).
pub(crate) fn multipart(facts: &mut Facts, body: &[u8]) {
    let mut rest = body;
    while let Some(at) = memchr::memmem::find(rest, b"name=\"") {
        rest = rest.get(at + 6..).unwrap_or_default();
        let name = String::from_utf8_lossy(rest.split(|b| *b == b'"').next().unwrap_or_default()).into_owned();
        let Some((gap, len)) = blank_line(rest) else { return };
        rest = rest.get(gap + len..).unwrap_or_default();
        let value = rest.split(|b| matches!(b, b'\r' | b'\n')).next().unwrap_or_default();
        if let Some(kind) = names::secret_field(&name, &name, value, false) {
            note(facts, value, kind);
        }
    }
}

/// Where the blank line behind a part's head stands, and its length.
pub(super) fn blank_line(text: &[u8]) -> Option<(usize, usize)> {
    let (dos, unix) = (memchr::memmem::find(text, b"\r\n\r\n"), memchr::memmem::find(text, b"\n\n"));
    match (dos, unix) {
        (Some(d), Some(u)) if u < d => Some((u, 2)),
        (Some(d), _) => Some((d, 4)),
        (None, u) => u.map(|u| (u, 2)),
    }
}

fn note(facts: &mut Facts, value: &[u8], kind: Kind) {
    let text = String::from_utf8_lossy(value);
    if !value.is_empty() && token::is_placeholder(&text).is_none() && !token::is_mask(&text) {
        facts.values.id(value, kind);
    }
}

/// Words that stand before a credential in `Authorization`.
pub(crate) fn is_scheme(word: &[u8]) -> bool {
    const SCHEMES: [&[u8]; 7] = [b"bearer", b"basic", b"token", b"dpop", b"apikey", b"authorization", b"jwt"];
    SCHEMES.iter().any(|s| word.eq_ignore_ascii_case(s))
}

/// A word of prose: letters of one case behind the first, as in `Bearer authentication`.
fn is_word(word: &[u8]) -> bool {
    let tail = word.get(1..).unwrap_or_default();
    word.iter().all(|b| b.is_ascii_alphabetic() || b"-_.!?".contains(b))
        && (!tail.iter().any(u8::is_ascii_uppercase) || !word.iter().any(u8::is_ascii_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(of: &[u8]) -> Vec<String> {
        let mut facts = Facts::default();
        text(&mut facts, of);
        facts.values.iter().map(|(_, v, _)| String::from_utf8_lossy(v).into_owned()).collect()
    }

    #[test]
    fn a_repeated_header_is_found() {
        assert_eq!(known(b"no such session: Bearer 9fK2mQ7xLp"), ["9fK2mQ7xLp"]);
        assert_eq!(known(b"Authorization: token 9fK2mQ7xLp\nx: y"), ["9fK2mQ7xLp"]);
        assert_eq!(known(b"{\"m\":\"Basic dXNlcjpwYXNz is wrong\"}"), ["dXNlcjpwYXNz"]);
    }

    #[test]
    fn prose_is_left_alone() {
        for prose in
            ["Bearer authentication required", "the token has expired", "Basic realm=\"a\"", "Token is Invalid."]
        {
            assert!(known(prose.as_bytes()).is_empty(), "{prose}");
        }
    }

    #[test]
    fn parts_of_a_form() {
        let mut facts = Facts::default();
        let body = b"--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nhunter22\r\n--b--\r\n";
        multipart(&mut facts, body);
        assert!(facts.values.find(b"hunter22").is_some());
    }
}
