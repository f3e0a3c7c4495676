//! What curl says about itself in its `* ` lines, and what of it tells scheme, host and end of a transfer.

use super::line::number;

/// How the texts of info lines begin (curl 7.20 to 8.23): what else has a `* ` may be a body.
const KNOWN: &[&[u8]] = &[
    b"(304) (",
    b"ALPN",
    b"Added cookie",
    b"Adding handle",
    b"Authentication problem",
    b"Basic authentication",
    b"CONNECT phase",
    b"CONNECT tunnel",
    b"CONNECT:",
    b"Can not multiplex",
    b"Closing connection",
    b"Connected to ",
    b"Connection #",
    b"Connection died",
    b"Connection state",
    b"Could not resolve",
    b"Curl_",
    b"Empty reply",
    b"Established connection",
    b"Establish HTTP",
    b"Establishing HTTP",
    b"Excess found",
    b"Expire in",
    b"Failed to connect",
    b"Found bundle",
    b"Found pending",
    b"HTTP error",
    b"HTTP 1.0",
    b"Host ",
    b"Hostname ",
    b"IPv4: ",
    b"IPv6: ",
    b"Ignore ",
    b"Ignoring ",
    b"Issue another request",
    b"Leftovers",
    b"Mark bundle",
    b"Maxi",
    b"NTLM",
    b"OpenSSL",
    b"Operation timed out",
    b"Please rewind",
    b"Preparing request to ",
    b"Proxy auth using",
    b"Proxy replied",
    b"Re-using existing",
    b"Rebuilt URL",
    b"Received HTTP",
    b"Recv failure",
    b"Replaced cookie",
    b"Request completely sent",
    b"Resolving timed out",
    b"Reusing existing",
    b"SSL ",
    b"SSL: ",
    b"Send failure",
    b"Server auth using",
    b"Server certificate",
    b"Switch",
    b"TCP_NODELAY",
    b"TLSv1",
    b"TLS connect error",
    b"Trying ",
    b"Unable to",
    b"Uses proxy",
    b"Using HTTP2",
    b"Using Stream",
    b"WARNING: ",
    b"Waiting on",
    b"We are completely",
    b"[CONN",
    b"[HTTP",
    b"[SETUP",
    b"[SSL",
    b"[DNS",
    b"[MULTI",
    b"[READ",
    b"[WRITE",
    b"[TCP",
    b"[TIMER",
    b"[THREADS",
    b"[H1-PROXY",
    b"[H2-PROXY",
    b"[SOCKS",
    b"[HAPPY",
    b"[QUIC",
    b"[PGRS",
    b"aws_sigv4: ",
    b"abort upload",
    b"allocate connect",
    b"closing connection",
    b"connect to ",
    b"error setting",
    b"gss_",
    b"h2 [",
    b"h2h3 [",
    b"old SSL session",
    b"schannel: ",
    b"setting size while",
    b"shutting down connection",
    b"successfully set",
    b"The requested URL",
    b"transfer closed",
    b"upload completely",
    b"using HTTP/",
    b"we are completely",
];

/// Texts that a body without a final newline may be glued to.
const GLUED: &[&[u8]] = &[
    b"Closing connection",
    b"Connected to ",
    b"Connection #",
    b"Found bundle",
    b"Host ",
    b"Hostname ",
    b"Issue another request",
    b"Re-using existing",
    b"Reusing existing",
    b"closing connection",
    b"shutting down connection",
    b"  Trying ",
];

/// Whether curl writes an info line that begins so.
pub(super) fn known(text: &[u8]) -> bool {
    let inner = text.trim_ascii_start();
    let Some(first) = inner.first() else { return false };
    if inner.len() < text.len() {
        return inner.starts_with(b"Trying ")
            || [
                &b"CAfile"[..],
                b"CApath",
                b"subject",
                b"issuer",
                b"start date",
                b"expire date",
                b"Certificate level",
                b"SSL ",
            ]
            .iter()
            .any(|k| inner.starts_with(k));
    }
    KNOWN.iter().any(|k| k.first() == Some(first) && text.starts_with(k))
}

/// Where in a line of a body an info line of curl begins.
pub(super) fn glued(line: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'*', line).filter(|at| line.get(at + 1) == Some(&b' ')).find(|at| {
        let text = line.get(at + 2..).unwrap_or_default();
        GLUED.iter().any(|k| text.starts_with(k))
    })
}

/// What an info line tells the reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Info<'a> {
    /// A new connection is tried.
    Trying,
    /// `Connected to HOST (IP) port N`.
    Connected(&'a [u8], u16, Option<u32>),
    /// TLS is spoken on the current connection.
    Tls,
    /// The client showed a certificate on it.
    Certificate,
    /// A connection is used again: its number, its scheme if said.
    Reuse(Option<u32>, Option<bool>),
    /// A connection ended or was left: its number.
    Left(Option<u32>),
    /// The URL of the request that follows.
    Url(&'a [u8]),
    /// The proxy opened a tunnel: what follows is spoken with the origin.
    Tunnel,
    /// The body of the current response is not shown.
    Ignored,
    /// Text in brackets begins that may go over several lines.
    Open,
    /// No answer will come.
    Died,
    Other,
}

/// Reads an info line.
pub(super) fn read(text: &[u8]) -> Info<'_> {
    match text.first() {
        Some(b' ') if text.trim_ascii_start().starts_with(b"Trying ") => Info::Trying,
        Some(b'T') => of_t(text),
        Some(b'C') => of_c(text),
        Some(b'S') if text.starts_with(b"SSL connection using") => Info::Tls,
        Some(b'A') if text.starts_with(b"ALPN") => Info::Tls,
        Some(b'(') if text.starts_with(b"(304) (") => Info::Tls,
        Some(b's') if text.starts_with(b"schannel: ") => Info::Tls,
        Some(b'N') if text.starts_with(b"NSS: client certificate from file") => Info::Certificate,
        Some(b's') if text.starts_with(b"shutting down connection") => Info::Left(after_hash(text)),
        Some(b'c') if text.starts_with(b"closing connection") => Info::Left(after_hash(text)),
        Some(b'h') if text.starts_with(b"h2h3 [:scheme: https]") => Info::Tls,
        Some(b'E') if text.starts_with(b"Established connection to ") => connected(text, b"Established connection to "),
        Some(b'E') if text.starts_with(b"Empty reply") => Info::Died,
        Some(b'R') => of_r(text),
        Some(b'P') if text.starts_with(b"Proxy replied 200") => Info::Tunnel,
        Some(b'P') if text.starts_with(b"Preparing request to http") => prepared(text),
        Some(b'I') if text.starts_with(b"Ignoring the response-body") || text.starts_with(b"Ignore ") => Info::Ignored,
        Some(b'I') => quoted_url(text),
        Some(b'[') => opened(text),
        Some(b'a') if text.starts_with(b"aws_sigv4: ") && !text.trim_ascii_end().ends_with(b"]") => {
            match memchr::memchr(b'[', text.get(10..).unwrap_or_default()) {
                Some(_) if memchr::memmem::find(text, b" - [").is_some() => Info::Open,
                _ => Info::Other,
            }
        }
        _ => Info::Other,
    }
}

fn of_t(text: &[u8]) -> Info<'_> {
    if text.starts_with(b"TLSv1") {
        // A client without a certificate sends an empty `Certificate`; only who has one proves that it holds the key.
        let proof = memchr::memmem::find(text, b"(OUT), TLS handshake, CERT verify").is_some();
        return if proof { Info::Certificate } else { Info::Tls };
    }
    if text.starts_with(b"The requested URL returned error") {
        return Info::Ignored;
    }
    if text.starts_with(b"Trying ") { Info::Trying } else { Info::Other }
}

fn of_c(text: &[u8]) -> Info<'_> {
    if text.starts_with(b"Connected to ") {
        return connected(text, b"Connected to ");
    }
    if text.starts_with(b"Connection #") {
        return Info::Left(after_hash(text));
    }
    if text.starts_with(b"Connection died") {
        return Info::Died;
    }
    if let Some(rest) = text.strip_prefix(b"Closing connection") {
        let rest = rest.trim_ascii();
        return Info::Left(
            after_hash(text).or_else(|| rest.first().is_some_and(u8::is_ascii_digit).then(|| number(rest) as u32)),
        );
    }
    if text.starts_with(b"CONNECT tunnel established") { Info::Tunnel } else { Info::Other }
}

fn of_r(text: &[u8]) -> Info<'_> {
    if text.starts_with(b"Re-using existing") || text.starts_with(b"Reusing existing") {
        let has = |what: &[u8]| memchr::memmem::find(text, what).is_some();
        let tls = if has(b"https: ") { Some(true) } else { has(b"http: ").then_some(false) };
        return Info::Reuse(after_hash(text), tls);
    }
    if text.starts_with(b"Recv failure") { Info::Died } else { Info::Other }
}

fn after_hash(text: &[u8]) -> Option<u32> {
    let at = memchr::memchr(b'#', text)?;
    let rest = text.get(at + 1..)?;
    let digits = rest.get(..rest.iter().take_while(|b| b.is_ascii_digit()).count())?;
    (!digits.is_empty()).then(|| number(digits) as u32)
}

fn connected<'a>(text: &'a [u8], head: &[u8]) -> Info<'a> {
    let rest = text.get(head.len()..).unwrap_or_default();
    let host = rest.get(..memchr::memchr(b' ', rest).unwrap_or(rest.len())).unwrap_or_default();
    let port = memchr::memmem::find(rest, b" port ").and_then(|at| rest.get(at + 6..)).unwrap_or_default();
    let port = port.get(..port.iter().take_while(|b| b.is_ascii_digit()).count()).unwrap_or_default();
    Info::Connected(host, number(port).min(65535) as u16, after_hash(text))
}

fn quoted_url(text: &[u8]) -> Info<'_> {
    let url = text.strip_prefix(b"Issue another request to this URL: ");
    match url.map(<[u8]>::trim_ascii) {
        Some([b'\'' | b'"', url @ .., _]) => Info::Url(url),
        _ => Info::Other,
    }
}

/// Insomnia, whose timeline is curl's, says what it is about to do.
fn prepared(text: &[u8]) -> Info<'_> {
    let url = text.strip_prefix(b"Preparing request to ").unwrap_or_default().trim_ascii();
    Info::Url(url)
}

fn opened(text: &[u8]) -> Info<'_> {
    if !text.starts_with(b"[HTTP/") {
        return Info::Other;
    }
    match memchr::memmem::find(text, b"] OPENED stream for ") {
        Some(at) => Info::Url(text.get(at + 20..).unwrap_or_default().trim_ascii()),
        None => Info::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lines_tell() {
        assert_eq!(
            read(b"Connected to a.example (127.0.0.1) port 8080 (#2)"),
            Info::Connected(b"a.example", 8080, Some(2))
        );
        assert_eq!(
            read(b"Established connection to a (127.0.0.1 port 80) from 127.0.0.1 port 39000 "),
            Info::Connected(b"a", 80, None)
        );
        assert_eq!(read(b"Issue another request to this URL: 'https://a/b'"), Info::Url(b"https://a/b"));
        assert_eq!(read(b"[HTTP/2] [1] OPENED stream for https://a/b"), Info::Url(b"https://a/b"));
        assert_eq!(read(b"Re-using existing connection! (#0) with host a"), Info::Reuse(Some(0), None));
        assert_eq!(read(b"Reusing existing https: connection with host a"), Info::Reuse(None, Some(true)));
        assert_eq!(read(b"Closing connection 3"), Info::Left(Some(3)));
        assert_eq!(read(b"aws_sigv4: Canonical request (enclosed in []) - [GET"), Info::Open);
        assert_eq!(glued(b"{\"id\":12}* Found bundle for"), Some(9));
        assert!(!known(b"not a curl line"));
        assert_eq!(read(b"TLSv1.3 (OUT), TLS handshake, Certificate (11):"), Info::Tls);
        assert_eq!(read(b"TLSv1.3 (IN), TLS handshake, CERT verify (15):"), Info::Tls);
        assert_eq!(read(b"TLSv1.3 (OUT), TLS handshake, CERT verify (15):"), Info::Certificate);
    }
}
