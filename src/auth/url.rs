//! URLs as captures show them: absolute, scheme-relative, bare targets, `host:port` of CONNECT. Nothing is rejected.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

/// A URL by its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url<'a> {
    text: &'a str,
    scheme: Cow<'a, str>,
    userinfo: Option<Range<usize>>,
    host: Cow<'a, str>,
    port: Option<u16>,
    path: Range<usize>,
    query: Option<Range<usize>>,
    fragment: Option<Range<usize>>,
}

/// Splits a URL.
pub fn parse_url(text: &str) -> Url<'_> {
    let hash = text.find('#');
    let fragment = hash.map(|h| h + 1..text.len());
    let end = hash.unwrap_or(text.len());
    let head = text.get(..end).unwrap_or_default();
    let question = head.find('?');
    let query = question.map(|q| q + 1..end);
    let end = question.unwrap_or(end);
    let head = text.get(..end).unwrap_or_default();
    let (scheme, authority_at) = match head.find("://") {
        Some(i) if head.get(..i).is_some_and(|s| s.chars().all(|c| c.is_ascii_alphanumeric() || c == '+')) => {
            (head.get(..i).unwrap_or_default(), Some(i + 3))
        }
        _ if head.starts_with("//") => ("", Some(2)),
        // CONNECT: host:port
        _ if !head.starts_with('/')
            && head
                .rsplit_once(':')
                .is_some_and(|(h, p)| !h.is_empty() && !h.contains('/') && p.parse::<u16>().is_ok()) =>
        {
            ("", Some(0))
        }
        _ => ("", None),
    };
    let mut out = Url {
        text,
        scheme: lower(scheme),
        userinfo: None,
        host: Cow::Borrowed(""),
        port: None,
        path: 0..end,
        query,
        fragment,
    };
    if let Some(at) = authority_at {
        let rest = head.get(at..).unwrap_or_default();
        let len = rest.find('/').unwrap_or(rest.len());
        out.path = at + len..end;
        authority(rest.get(..len).unwrap_or_default(), at, &mut out);
    }
    out
}

fn lower(s: &str) -> Cow<'_, str> {
    if s.bytes().any(|b| b.is_ascii_uppercase()) { Cow::Owned(s.to_ascii_lowercase()) } else { Cow::Borrowed(s) }
}

fn authority<'a>(text: &'a str, at: usize, out: &mut Url<'a>) {
    let host_port = match text.rfind('@') {
        Some(i) => {
            out.userinfo = Some(at..at + i);
            text.get(i + 1..).unwrap_or_default()
        }
        None => text,
    };
    let (host, port) = match host_port.rsplit_once(':') {
        Some((h, p)) if !p.contains(']') => (h, p.parse().ok()),
        _ => (host_port, None),
    };
    out.host = lower(host);
    out.port = port;
}

impl Url<'_> {
    /// The scheme in lower case; empty if unknown.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The path; empty if there is none.
    pub fn path(&self) -> &str {
        self.text.get(self.path.clone()).unwrap_or_default()
    }

    /// Where the path stands.
    pub fn path_at(&self) -> Range<usize> {
        self.path.clone()
    }

    /// Where `user:password` stands.
    pub fn userinfo_at(&self) -> Option<Range<usize>> {
        self.userinfo.clone()
    }

    /// Where the query stands.
    pub fn query_at(&self) -> Option<Range<usize>> {
        self.query.clone()
    }

    /// Where the fragment stands.
    pub fn fragment_at(&self) -> Option<Range<usize>> {
        self.fragment.clone()
    }

    /// The port as written.
    pub fn explicit_port(&self) -> Option<u16> {
        self.port
    }

    /// The port, the scheme's default filled in.
    pub fn port(&self) -> Option<u16> {
        self.port.or(match &*self.scheme {
            "https" | "wss" => Some(443),
            "http" | "ws" => Some(80),
            _ => None,
        })
    }

    /// `scheme://host[:port]`, the default port left out; empty if no host is known.
    pub fn origin(&self) -> String {
        let mut out = String::new();
        self.origin_into(&mut out);
        out
    }

    /// Writes [`origin`](Self::origin) into a text that is emptied first.
    pub fn origin_into(&self, out: &mut String) {
        out.clear();
        if self.host.is_empty() {
            return;
        }
        let scheme = match &*self.scheme {
            "wss" => "https",
            "ws" => "http",
            s => s,
        };
        let standard = matches!((scheme, self.port), ("https", Some(443)) | ("http", Some(80)));
        if !scheme.is_empty() {
            out.push_str(scheme);
            out.push(':');
        }
        out.push_str("//");
        out.push_str(&self.host);
        if let Some(port) = self.port.filter(|_| !standard) {
            let _ = write!(out, ":{port}");
        }
    }
}

impl<'a> Url<'a> {
    /// The host in lower case; empty if unknown. Borrowed from the text where it is in lower case already.
    pub fn host(&self) -> &'a str {
        match &self.host {
            Cow::Borrowed(h) => h,
            Cow::Owned(_) => self.raw_host(),
        }
    }

    fn raw_host(&self) -> &'a str {
        let start = self.path.start.saturating_sub(self.host.len() + self.port.map_or(0, |p| p.to_string().len() + 1));
        self.text.get(start..start + self.host.len()).unwrap_or_default()
    }
}

/// Resolves a `Location` against the URL that answered with it (RFC 3986 5.2, as far as redirects need it).
pub fn resolve(base: &str, location: &str) -> String {
    let location = location.trim();
    let b = parse_url(base);
    if parse_url(location).scheme.contains(|c: char| c.is_ascii_alphabetic()) {
        return location.to_owned();
    }
    if location.starts_with("//") {
        return format!("{}:{location}", b.scheme());
    }
    let origin = b.origin();
    if location.starts_with('/') {
        return format!("{origin}{location}");
    }
    if location.starts_with('?') || location.is_empty() {
        return format!("{origin}{}{location}", b.path());
    }
    let folder = b.path().rfind('/').and_then(|i| b.path().get(..=i)).unwrap_or("/");
    join(&origin, folder, location)
}

/// Takes `.` and `..` out of a relative path.
fn join(origin: &str, folder: &str, relative: &str) -> String {
    let (path, tail) =
        relative.split_at_checked(relative.find(['?', '#']).unwrap_or(relative.len())).unwrap_or((relative, ""));
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            p => parts.push(p),
        }
    }
    format!("{origin}/{}{tail}", parts.join("/"))
}

/// A path with its ids taken out: numbers, UUIDs, hex and long opaque segments become `{}`.
pub fn path_shape(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    path_shape_into(path, &mut out);
    out
}

/// Appends [`path_shape`] to a text.
pub fn path_shape_into(path: &str, out: &mut String) {
    for (i, part) in path.split('/').enumerate() {
        if i > 0 {
            out.push('/');
        }
        out.push_str(if is_id(part) { "{}" } else { part });
    }
}

/// Whether a segment of a path is an id and not a name.
pub(crate) fn is_id(part: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    if part.is_empty() || digits == 0 {
        return false;
    }
    let hex = part.len() >= 8 && part.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let opaque = part.len() >= 16 && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_=".contains(&b));
    digits == part.len() || hex || opaque
}

/// The registrable domain of a host (public suffix list): `example.co.uk` of `a.example.co.uk`.
pub fn registrable_domain(host: &str) -> Option<&str> {
    std::str::from_utf8(psl::domain(host.as_bytes())?.as_bytes()).ok()
}

/// Loopback names and addresses.
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Private and link-local addresses, and names without a dot.
pub fn is_private(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(ip)) => ip.is_private() || ip.is_link_local(),
        Ok(std::net::IpAddr::V6(ip)) => (ip.segments().first().copied().unwrap_or(0) & 0xfe00) == 0xfc00,
        Err(_) => !host.contains('.') || host.ends_with(".local") || host.ends_with(".internal"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let u = parse_url("HTTPS://u:p@Api.Example.test:443/a/b?x=1#f");
        assert_eq!(
            (u.scheme(), u.path(), u.port(), u.origin().as_str()),
            ("https", "/a/b", Some(443), "https://api.example.test")
        );
        assert_eq!(u.userinfo_at(), Some(8..11));
        assert_eq!(u.query_at().and_then(|r| "HTTPS://u:p@Api.Example.test:443/a/b?x=1#f".get(r)), Some("x=1"));
        assert_eq!(parse_url("/x?y").path(), "/x");
        assert_eq!(parse_url("//h/x").origin(), "//h");
        assert_eq!(parse_url("h.test:443").origin(), "//h.test:443");
        assert_eq!(parse_url("http://h:8080").origin(), "http://h:8080");
        assert_eq!(parse_url("https://[::1]:99/").host(), "[::1]");
        assert_eq!(parse_url("").origin(), "");
    }

    #[test]
    fn resolving() {
        assert_eq!(resolve("https://h/a/b?q", "/c"), "https://h/c");
        assert_eq!(resolve("https://h/a/b", "c?x"), "https://h/a/c?x");
        assert_eq!(resolve("https://h/a/b", "../c"), "https://h/c");
        assert_eq!(resolve("http://h/a", "https://i/x"), "https://i/x");
        assert_eq!(resolve("https://h/a", "//i/x"), "https://i/x");
    }

    #[test]
    fn shapes() {
        assert_eq!(path_shape("/api/4.0/looks/12/run/json"), "/api/4.0/looks/{}/run/json");
        assert_eq!(path_shape("/v1/3fa85f64-5717-4562-b3fc-2c963f66afa6"), "/v1/{}");
        assert!(is_private("10.0.0.1") && is_loopback("127.0.0.1") && !is_private("example.test"));
        assert_eq!(registrable_domain("a.example.co.uk"), Some("example.co.uk"));
    }
}
