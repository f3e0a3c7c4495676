//! Lines of the view: what stands above the headers, and the titles of its sections.

use crate::format::transcript::head::name;

/// A line of the first section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum General {
    Url,
    Method,
    Status,
    /// Tells nothing that is needed.
    Other,
}

/// A section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Section {
    #[default]
    General,
    Response,
    Request,
    /// `Query String Parameters`, and what else there is.
    Other,
    /// `Form Data`: pairs.
    Form,
    /// `Request Payload`
    Payload,
    /// The answer's body.
    Body,
}

/// A line above the headers: what it tells, and where its value begins, if it stands there.
pub(super) fn general(text: &[u8]) -> Option<(General, Option<usize>)> {
    const NAMES: [(&[u8], General); 7] = [
        (b"request url:", General::Url),
        (b"request method:", General::Method),
        (b"status code:", General::Status),
        (b"remote address:", General::Other),
        (b"referrer policy:", General::Other),
        (b"referrer-policy:", General::Other),
        (b"http version:", General::Other),
    ];
    let (_, general) = *NAMES.iter().find(|(n, _)| text.get(..n.len()).is_some_and(|t| t.eq_ignore_ascii_case(n)))?;
    // `referrer-policy` is a header, too.
    if general == General::Other && text.first().is_some_and(u8::is_ascii_lowercase) {
        return None;
    }
    let colon = memchr::memchr(b':', text)?;
    let rest = text.get(colon + 1..)?;
    let value = rest.iter().position(|b| !b.is_ascii_whitespace()).map(|at| colon + 1 + at);
    Some((general, value))
}

/// A title: `Request Headers`, `Response Headers (12)`, `Request Headers:view source`.
pub(super) fn title(text: &[u8]) -> Option<Section> {
    const TITLES: [(&[u8], Section); 12] = [
        (b"general", Section::General),
        (b"response headers", Section::Response),
        (b"request headers", Section::Request),
        (b"query string parameters", Section::Other),
        (b"form data", Section::Form),
        (b"request payload", Section::Payload),
        (b"request body", Section::Payload),
        (b"payload", Section::Payload),
        (b"response body", Section::Body),
        (b"response", Section::Body),
        (b"preview", Section::Body),
        (b"body", Section::Body),
    ];
    let text = text.trim_ascii().trim_ascii_start();
    let text = text.strip_prefix("▼".as_bytes()).unwrap_or(text).trim_ascii();
    let whole = |n: &[u8]| {
        let Some((head, rest)) = text.split_at_checked(n.len()) else { return false };
        let rest = rest.strip_prefix(b":").unwrap_or(rest).trim_ascii();
        let more = rest.is_empty()
            || matches!(
                rest,
                b"view source" | b"view parsed" | b"Raw" | b"raw" | b"view URL encoded" | b"view decoded"
            )
            || rest.starts_with(b"(") && rest.ends_with(b")");
        head.eq_ignore_ascii_case(n) && more
    };
    TITLES.iter().find(|(n, _)| whole(n)).map(|(_, s)| *s)
}

/// `name:` alone, or `name: value`: where the colon stands, and whether a value follows.
pub(super) fn field(text: &[u8]) -> Option<(usize, bool)> {
    let colon = name(text)?;
    let rest = text.get(colon + 1..)?;
    let value = !rest.trim_ascii().is_empty();
    // `https://...` is a value.
    (!value || rest.starts_with(b" ") || rest.starts_with(b"\t")).then_some((colon, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        assert_eq!(general(b"Request URL: https://a"), Some((General::Url, Some(13))));
        assert_eq!(general(b"Status Code:"), Some((General::Status, None)));
        assert_eq!(general(b"referrer-policy: x"), None);
        assert_eq!(title(b"Response Headers:"), Some(Section::Response));
        assert_eq!(title(b"Request Headers (9)"), Some(Section::Request));
        assert_eq!(title("▼ Request Headersview source".as_bytes()), Some(Section::Request));
        assert_eq!(title(b"Response to your mail"), None);
        assert_eq!(field(b"https://a.example/"), None);
        assert_eq!(field(b":authority:"), Some((10, false)));
        assert_eq!(field(b"accept: */*"), Some((6, true)));
    }
}
