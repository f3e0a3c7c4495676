//! Lines of urllib3's log: what it connects to, and one line an answer.

use crate::format::curl::line::number;

/// `https://a.example:443 "GET /x HTTP/1.1" 401 98`: places in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::format) struct Answered {
    /// Where the URL of the host begins and ends.
    pub(in crate::format) origin: (usize, usize),
    pub(in crate::format) method: (usize, usize),
    pub(in crate::format) target: (usize, usize),
    pub(in crate::format) status: u16,
    pub(in crate::format) code: usize,
}

/// Finds such a text in a line, whatever the logger wrote before it.
pub(in crate::format) fn answered(text: &[u8]) -> Option<Answered> {
    let quote = memchr::memmem::find(text, b" \"")?;
    let before = text.get(..quote)?;
    let start = memchr::memmem::rfind(before, b"http://").or_else(|| memchr::memmem::rfind(before, b"https://"))?;
    if text.get(start..quote)?.iter().any(|b| !b.is_ascii_graphic()) {
        return None;
    }
    let inside = quote + 2;
    let end = inside + memchr::memchr(b'"', text.get(inside..)?)?;
    let request = text.get(inside..end)?;
    let space = memchr::memchr(b' ', request)?;
    let version = memchr::memrchr(b' ', request)?;
    if version <= space || !request.get(version + 1..)?.starts_with(b"HTTP/") {
        return None;
    }
    let code = end + 2;
    let digits = text.get(code..code + 3).filter(|d| d.iter().all(u8::is_ascii_digit))?;
    let tail = text.get(code + 3..)?;
    if !(tail.is_empty() || tail.starts_with(b" ")) {
        return None;
    }
    Some(Answered {
        origin: (start, quote),
        method: (inside, inside + space),
        target: (inside + space + 1, inside + version),
        status: number(digits) as u16,
        code,
    })
}

/// `Starting new HTTPS connection (1): a.example:443`: the scheme, and host with port.
pub(in crate::format) fn connecting(text: &[u8]) -> Option<(&'static [u8], &[u8])> {
    let at = memchr::memmem::find(text, b"Starting new HTTP")?;
    let rest = text.get(at + 17..)?;
    let (scheme, rest): (&'static [u8], _) = match rest.strip_prefix(b"S") {
        Some(r) => (b"https", r),
        None => (b"http", rest),
    };
    let rest = rest.strip_prefix(b" connection (")?;
    let host = rest.get(memchr::memmem::find(rest, b"): ")? + 3..)?;
    Some((scheme, host.split(|b| *b == b' ').next()?))
}

/// `host:443` without the port that the scheme implies.
pub(in crate::format) fn without_default<'h>(scheme: &[u8], host: &'h [u8]) -> &'h [u8] {
    let port: &[u8] = if scheme == b"https" { b":443" } else { b":80" };
    host.strip_suffix(port).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_pool() {
        let line = b"DEBUG:urllib3.connectionpool:https://a.example:443 \"GET /x?y=1 HTTP/1.1\" 401 98";
        let a = answered(line).unwrap();
        assert_eq!(&line[a.origin.0..a.origin.1], b"https://a.example:443");
        assert_eq!(&line[a.target.0..a.target.1], b"/x?y=1");
        assert_eq!((a.status, &line[a.code..a.code + 3]), (401, &b"401"[..]));
        assert_eq!(answered(b"10.0.0.1 - - [x] \"GET /x HTTP/1.1\" 401 98"), None);
        let line = b"2026 DEBUG Starting new HTTPS connection (1): a.example:443";
        assert_eq!(connecting(line), Some((&b"https"[..], &b"a.example:443"[..])));
        assert_eq!(without_default(b"https", b"a.example:443"), b"a.example");
    }
}
