//! Basic credentials (RFC 7617): decoded to see whether they can be right; the texts are never kept.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A Basic value that decodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Basic {
    /// The user part is empty.
    pub empty_user: bool,
    /// The password part is empty.
    pub empty_password: bool,
    /// The user part is a placeholder (`undefined`).
    pub placeholder: bool,
}

/// Why a Basic value cannot be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BasicFault {
    /// No base64.
    NotBase64,
    /// `user:password` in the clear.
    Raw,
    /// No colon within.
    NoColon,
    /// A line break at the end or blanks around (`echo` without `-n`).
    Whitespace,
    /// Base64 of base64.
    Twice,
    /// No UTF-8.
    NotUtf8,
}

impl BasicFault {
    /// What is wrong, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotBase64 => "is no base64",
            Self::Raw => "is user:password in the clear, not base64",
            Self::NoColon => "decodes to a text without a colon",
            Self::Whitespace => "holds a line break or a blank",
            Self::Twice => "was encoded twice",
            Self::NotUtf8 => "decodes to bytes that are no UTF-8",
        }
    }
}

/// Reads the credential part of a Basic value.
///
/// # Errors
/// [`BasicFault`] says what is wrong with it.
pub fn parse_basic(value: &[u8]) -> Result<Basic, BasicFault> {
    if value.iter().any(u8::is_ascii_whitespace) {
        return Err(BasicFault::Whitespace);
    }
    let Some(bytes) = decode(value) else {
        return Err(if value.contains(&b':') { BasicFault::Raw } else { BasicFault::NotBase64 });
    };
    let Some(colon) = memchr::memchr(b':', &bytes) else {
        let again = decode(&bytes).is_some_and(|b| b.contains(&b':') && b.is_ascii());
        return Err(if again { BasicFault::Twice } else { BasicFault::NoColon });
    };
    let (user, password) = bytes.split_at_checked(colon).unwrap_or((&bytes, b""));
    let password = password.get(1..).unwrap_or_default();
    let Ok(text) = std::str::from_utf8(&bytes) else { return Err(BasicFault::NotUtf8) };
    if bytes.ends_with(b"\n") || user.trim_ascii() != user {
        return Err(BasicFault::Whitespace);
    }
    let placeholder = text.split(':').take(2).any(unset);
    Ok(Basic { empty_user: user.is_empty(), empty_password: password.is_empty(), placeholder })
}

/// User and password, for comparing them with what else a capture shows; both are secrets.
pub fn basic_parts(value: &[u8]) -> Option<(String, String)> {
    let decoded = String::from_utf8_lossy(&decode(value)?).into_owned();
    let (user, password) = decoded.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

fn decode(value: &[u8]) -> Option<Vec<u8>> {
    let unpadded = value.iter().rposition(|b| *b != b'=').map_or(&b""[..], |e| value.get(..=e).unwrap_or_default());
    base64::engine::general_purpose::STANDARD_NO_PAD
        .decode(unpadded)
        .or_else(|_| STANDARD.decode(value))
        .ok()
        .filter(|b| !b.is_empty())
}

/// A part that nobody filled in. `secret` and `changeme` are words of documents, but passwords, too.
fn unset(part: &str) -> bool {
    let word = part.bytes().all(|b| b.is_ascii_alphanumeric());
    super::token::is_placeholder(part).is_some_and(|kind| kind != super::token::Placeholder::Example || !word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_and_bad() {
        let enc = |s: &str| STANDARD.encode(s);
        assert!(parse_basic(enc("alice:pw").as_bytes()).is_ok());
        assert!(parse_basic(b"c2tfdGVzdDo=").unwrap().empty_password);
        assert_eq!(parse_basic(b"alice:pw"), Err(BasicFault::Raw));
        assert_eq!(parse_basic(enc("alice").as_bytes()), Err(BasicFault::NoColon));
        assert_eq!(parse_basic(enc("alice:pw\n").as_bytes()), Err(BasicFault::Whitespace));
        assert_eq!(parse_basic(enc(&enc("alice:pw")).as_bytes()), Err(BasicFault::Twice));
        assert_eq!(parse_basic(b"!!!"), Err(BasicFault::NotBase64));
    }
}
