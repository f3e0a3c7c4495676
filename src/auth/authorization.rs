//! `Authorization: scheme credential` (RFC 9110 11.6.2), and the ways in which it goes wrong.

use std::ops::Range;

/// The shape of an Authorization value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Nothing at all.
    Empty,
    /// A scheme and nothing behind it (quotes around nothing count as nothing).
    SchemeOnly,
    /// A scheme, one or more blanks, one word.
    SchemeAndToken,
    /// One word that is no scheme.
    BareToken,
    /// A scheme with `name=value` parameters.
    Params,
    /// A scheme word that runs into the credential (`BearerT1`).
    Joined,
    /// `:` or `=` at this offset behind the scheme word (`Bearer: T`).
    Punctuated(usize),
    /// The whole value in quotes or brackets.
    Quoted,
    /// Two scheme words; the second stands here.
    DoubledScheme {
        /// The second scheme word.
        second: Range<usize>,
    },
    /// A scheme and several words.
    ManyWords,
    /// Two credentials joined by a comma at this offset (`Bearer a, Basic b`).
    TwoCredentials {
        /// The comma.
        comma: usize,
    },
    /// The header's name is repeated in its value.
    RepeatsName,
}

/// What stands between scheme and credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// Nothing, or there is no credential.
    None,
    /// One blank.
    Blank,
    /// Several blanks.
    Blanks,
    /// A tab.
    Tab,
    /// A no-break space.
    NoBreak,
}

/// A parsed Authorization value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The scheme as written; empty if there is none.
    pub scheme: String,
    /// Where the scheme stands.
    pub scheme_at: Range<usize>,
    /// Where the credential stands, blanks around it left out.
    pub rest: Range<usize>,
    /// What stands between them.
    pub gap: Gap,
    /// The shape.
    pub form: Form,
    /// The credential (not the whole value) stands in quotes or brackets.
    pub wrapped: bool,
}

/// Scheme words that servers and SDKs use, lower case (IANA registry and vendors' documentation).
const SCHEMES: [&str; 30] = [
    "basic",
    "bearer",
    "token",
    "digest",
    "negotiate",
    "ntlm",
    "aws4-hmac-sha256",
    "dpop",
    "jwt",
    "apikey",
    "api-key",
    "api_key",
    "ssws",
    "oauth",
    "hawk",
    "mac",
    "hoba",
    "mutual",
    "geniekey",
    "sharedkey",
    "googlelogin",
    "discogs",
    "splunk",
    "key",
    "private-token",
    "klaviyo-api-key",
    "gnap",
    "vapid",
    "scram-sha-256",
    "concealed",
];

/// Whether a word is a scheme that is known, in any case.
pub fn known_scheme(word: &str) -> bool {
    SCHEMES.iter().any(|s| word.eq_ignore_ascii_case(s))
}

/// Parses a value. Never fails: what it cannot be is its [`Form`].
pub fn parse_authorization(value: &[u8]) -> Authorization {
    let end = value.trim_ascii_end().len();
    let start = value.len() - value.trim_ascii_start().len();
    let body = value.get(start..end).unwrap_or_default();
    let none = |form, rest| Authorization {
        scheme: String::new(),
        scheme_at: start..start,
        rest,
        gap: Gap::None,
        form,
        wrapped: false,
    };
    if body.is_empty() {
        return none(Form::Empty, end..end);
    }
    if let Some(inner) = unwrap(body) {
        let at = start + 1..start + 1 + inner.len();
        return if inner.trim_ascii().is_empty() { none(Form::Empty, end..end) } else { none(Form::Quoted, at) };
    }
    let word_len = body.iter().position(|b| *b == b' ' || *b == b'\t' || *b == 0xc2).unwrap_or(body.len());
    let word = String::from_utf8_lossy(body.get(..word_len).unwrap_or_default()).into_owned();
    if word_len == body.len() {
        return single(&word, start, none(Form::BareToken, start..end));
    }
    if let Some(bad) = punctuation(&word) {
        let form = Form::Punctuated(start + bad);
        return named_twice(&word, Authorization { rest: start + word_len..end, ..none(form, start..end) }, value);
    }
    if !scheme_word(&word) {
        return none(Form::ManyWords, start..end);
    }
    with_scheme(value, &word, start, start + word_len, end)
}

fn unwrap(body: &[u8]) -> Option<&[u8]> {
    let pairs: [(&[u8], &[u8]); 6] =
        [(b"\"", b"\""), (b"'", b"'"), (b"[", b"]"), (b"{", b"}"), (b"<", b">"), (b"`", b"`")];
    let inside =
        |open: &[u8], close: &[u8]| if body.len() >= 2 { body.strip_prefix(open)?.strip_suffix(close) } else { None };
    pairs.iter().find_map(|(open, close)| inside(open, close))
}

fn scheme_word(word: &str) -> bool {
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    known_scheme(word)
        || word.len() <= 24 && word.starts_with(|c: char| c.is_ascii_alphabetic()) && word.chars().all(letters)
}

/// `Bearer:` or `Bearer=` at the end of the first word.
fn punctuation(word: &str) -> Option<usize> {
    let cut = word.strip_suffix([':', '='])?;
    (known_scheme(cut) || cut.eq_ignore_ascii_case("authorization")).then_some(cut.len())
}

fn named_twice(word: &str, mut out: Authorization, value: &[u8]) -> Authorization {
    if word.trim_end_matches([':', '=']).eq_ignore_ascii_case("authorization") {
        out.form = Form::RepeatsName;
    }
    let rest = value.get(out.rest.clone()).unwrap_or_default();
    let last = rest.iter().rposition(|b| b.is_ascii_whitespace()).map_or(0, |p| p + 1);
    out.rest = out.rest.start + last..out.rest.end;
    out
}

/// A value of one word.
fn single(word: &str, start: usize, mut out: Authorization) -> Authorization {
    let end = out.rest.end;
    if known_scheme(word) {
        out.scheme = word.to_owned();
        out.scheme_at = start..end;
        out.rest = end..end;
        out.form = Form::SchemeOnly;
        return out;
    }
    for scheme in ["bearer", "token", "basic"] {
        let Some((head, tail)) = word.split_at_checked(scheme.len()) else { continue };
        if !head.eq_ignore_ascii_case(scheme) || tail.is_empty() {
            continue;
        }
        let at = start + scheme.len();
        out.scheme = head.to_owned();
        out.scheme_at = start..at;
        out.rest = at..end;
        if tail.starts_with([':', '=']) {
            out.rest = at + 1..end;
            out.form = if tail.len() == 1 { Form::SchemeOnly } else { Form::Punctuated(at) };
            return out;
        }
        // `BearerT1`, but not an opaque token that only begins like a word.
        if tail.len() >= 8 && (head.starts_with(|c: char| c.is_ascii_uppercase()) || tail.starts_with("eyJ")) {
            out.form = Form::Joined;
            return out;
        }
        out.scheme = String::new();
        out.scheme_at = start..start;
        out.rest = start..end;
    }
    out
}

fn with_scheme(value: &[u8], word: &str, start: usize, word_end: usize, end: usize) -> Authorization {
    let tail = value.get(word_end..end).unwrap_or_default();
    let nbsp = tail.starts_with(&[0xc2, 0xa0]);
    let blanks = if nbsp { 2 } else { tail.iter().take_while(|b| b.is_ascii_whitespace()).count() };
    let gap = match (nbsp, blanks) {
        (true, _) => Gap::NoBreak,
        (_, 0) => Gap::None,
        _ if tail.get(..blanks).is_some_and(|g| g.contains(&b'\t')) => Gap::Tab,
        (_, 1) => Gap::Blank,
        _ => Gap::Blanks,
    };
    let rest = word_end + blanks..end;
    let body = value.get(rest.clone()).unwrap_or_default();
    let scheme = word.to_owned();
    let mut out =
        Authorization { scheme, scheme_at: start..word_end, rest, gap, form: Form::SchemeAndToken, wrapped: false };
    out.form = form_of(body, &out, word);
    if let Some(inner) = unwrap(body).filter(|_| out.form == Form::SchemeAndToken) {
        if inner.trim_ascii().is_empty() {
            out.form = Form::SchemeOnly;
            out.rest = end..end;
        } else {
            out.wrapped = true;
        }
    }
    out
}

fn form_of(body: &[u8], out: &Authorization, word: &str) -> Form {
    let text = String::from_utf8_lossy(body);
    let second_len = text.find([' ', '\t']).unwrap_or(text.len());
    let (second, after) = text.split_at_checked(second_len).unwrap_or((&text, ""));
    if second.is_empty() {
        return Form::SchemeOnly;
    }
    if known_scheme(second.trim_end_matches(':')) && !after.trim().is_empty() {
        return Form::DoubledScheme { second: out.rest.start..out.rest.start + second_len };
    }
    if let Some(comma) = two_credentials(&text) {
        return Form::TwoCredentials { comma: out.rest.start + comma };
    }
    if second.contains('=') && param_like(second) {
        return Form::Params;
    }
    if after.trim().is_empty() {
        // `Bearer Bearer`: the token itself is missing behind two scheme words.
        let twice = known_scheme(second) && second.eq_ignore_ascii_case(word);
        return if twice { Form::DoubledScheme { second: out.rest.clone() } } else { Form::SchemeAndToken };
    }
    Form::ManyWords
}

/// `, <scheme> ` behind a credential: only there a comma separates two credentials.
fn two_credentials(text: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(i) = text.get(from..)?.find(',') {
        let comma = from + i;
        let tail = text.get(comma + 1..)?.trim_start();
        let word = tail.split([' ', '\t']).next().unwrap_or_default();
        if known_scheme(word) && tail.len() > word.len() {
            return Some(comma);
        }
        from = comma + 1;
    }
    None
}

/// `name="value"` or `name=value,`: base64 padding is none.
fn param_like(word: &str) -> bool {
    let Some((name, value)) = word.split_once('=') else { return false };
    let named = !name.is_empty()
        && name.len() <= 32
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '*'));
    named && !value.is_empty() && !value.starts_with('=')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(value: &str) -> Form {
        parse_authorization(value.as_bytes()).form
    }

    #[test]
    fn forms() {
        assert_eq!(form("token abcdefgh"), Form::SchemeAndToken);
        assert_eq!(form("Bearer  abcdefgh"), Form::SchemeAndToken);
        assert_eq!(parse_authorization(b"Bearer  abc").gap, Gap::Blanks);
        assert_eq!(form("token "), Form::SchemeOnly);
        assert_eq!(form("Bearer"), Form::SchemeOnly);
        assert_eq!(form("Bearer \"\""), Form::SchemeOnly);
        assert_eq!(form(""), Form::Empty);
        assert_eq!(form("eyJhbGciOi.eyJ.x"), Form::BareToken);
        assert_eq!(form("Bearer: abc"), Form::Punctuated(6));
        assert_eq!(form("Bearer=abcdefgh"), Form::Punctuated(6));
        assert_eq!(form("Bearerabcdefgh12"), Form::Joined);
        assert_eq!(form("\"token T1abcdef\""), Form::Quoted);
        assert_eq!(form("Bearer Bearer T1"), Form::DoubledScheme { second: 7..13 });
        assert_eq!(form("Bearer token T1"), Form::DoubledScheme { second: 7..12 });
        assert_eq!(form("Bearer a, Basic b"), Form::TwoCredentials { comma: 8 });
        assert_eq!(form("Digest username=\"a\", realm=\"b\""), Form::Params);
        assert_eq!(form("Token token=\"abc\""), Form::Params);
        assert_eq!(form("Basic c2tfdGVzdDo="), Form::SchemeAndToken);
        assert_eq!(form("Basic alice:pw"), Form::SchemeAndToken);
        assert_eq!(form("Authorization: Bearer abc"), Form::RepeatsName);
        assert_eq!(
            form("AWS4-HMAC-SHA256 Credential=AKIA/20260505/us-east-1/s3/aws4_request, SignedHeaders=host"),
            Form::Params
        );
        assert_eq!(form("Bearer two words"), Form::ManyWords);
    }

    #[test]
    fn places() {
        let a = parse_authorization(b" token  abc ");
        assert_eq!((a.scheme_at, a.rest), (1..6, 8..11));
        assert!(parse_authorization(b"Bearer \"abc\"").wrapped);
    }
}
