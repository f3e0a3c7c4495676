//! curl's options: which take a value, and what they make of the request (curl(1)).

use super::prefix::decode_entities;
use super::shell::Word;
use crate::http::Text;

/// Long options that take a value, without the data options.
const WITH_VALUE: &[&str] = &[
    "abstract-unix-socket",
    "alt-svc",
    "aws-sigv4",
    "cacert",
    "capath",
    "cert",
    "cert-type",
    "ciphers",
    "config",
    "connect-timeout",
    "connect-to",
    "continue-at",
    "cookie",
    "cookie-jar",
    "create-file-mode",
    "crlfile",
    "curves",
    "delegation",
    "dns-interface",
    "dns-ipv4-addr",
    "dns-ipv6-addr",
    "dns-servers",
    "doh-url",
    "dump-header",
    "ech",
    "egd-file",
    "engine",
    "etag-compare",
    "etag-save",
    "expect100-timeout",
    "form",
    "form-string",
    "ftp-account",
    "ftp-alternative-to-user",
    "ftp-method",
    "ftp-port",
    "ftp-ssl-ccc-mode",
    "happy-eyeballs-timeout-ms",
    "haproxy-clientip",
    "header",
    "hostpubmd5",
    "hostpubsha256",
    "hsts",
    "interface",
    "ip-tos",
    "ipfs-gateway",
    "keepalive-cnt",
    "keepalive-time",
    "key",
    "key-type",
    "krb",
    "libcurl",
    "limit-rate",
    "local-port",
    "login-options",
    "mail-auth",
    "mail-from",
    "mail-rcpt",
    "max-filesize",
    "max-redirs",
    "max-time",
    "netrc-file",
    "noproxy",
    "oauth2-bearer",
    "output",
    "output-dir",
    "parallel-max",
    "parallel-max-host",
    "pass",
    "pinnedpubkey",
    "postquote",
    "preproxy",
    "prequote",
    "proto",
    "proto-default",
    "proto-redir",
    "proxy",
    "proxy-cacert",
    "proxy-capath",
    "proxy-cert",
    "proxy-cert-type",
    "proxy-ciphers",
    "proxy-crlfile",
    "proxy-header",
    "proxy-key",
    "proxy-key-type",
    "proxy-pass",
    "proxy-pinnedpubkey",
    "proxy-service-name",
    "proxy-tls13-ciphers",
    "proxy-tlsauthtype",
    "proxy-tlspassword",
    "proxy-tlsuser",
    "proxy-user",
    "proxy1.0",
    "pubkey",
    "quote",
    "random-file",
    "range",
    "rate",
    "referer",
    "request",
    "request-target",
    "resolve",
    "retry",
    "retry-delay",
    "retry-max-time",
    "sasl-authzid",
    "service-name",
    "sigalgs",
    "socks4",
    "socks4a",
    "socks5",
    "socks5-gssapi-service",
    "socks5-hostname",
    "speed-limit",
    "speed-time",
    "stderr",
    "telnet-option",
    "tftp-blksize",
    "time-cond",
    "tls-max",
    "tls13-ciphers",
    "tlsauthtype",
    "tlspassword",
    "tlsuser",
    "trace",
    "trace-ascii",
    "trace-config",
    "unix-socket",
    "upload-file",
    "upload-flags",
    "url",
    "url-query",
    "user",
    "user-agent",
    "variable",
    "vlan-priority",
    "write-out",
];

/// How a piece of data is written on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `-d`, `--data-ascii`, `--data-binary`: `@` names a file.
    Data,
    /// `--data-raw`: as it stands.
    Raw,
    Urlencode,
    Json,
    Form,
}

/// One transfer or more with the same options: what stands between two `--next`.
#[derive(Clone, Debug, Default)]
pub(super) struct Operation {
    pub(super) urls: Vec<Text<'static>>,
    pub(super) method: Option<Text<'static>>,
    pub(super) head: bool,
    pub(super) get: bool,
    pub(super) upload: bool,
    pub(super) headers: Vec<Text<'static>>,
    pub(super) data: Vec<(Kind, Text<'static>)>,
    pub(super) user: Option<Text<'static>>,
    /// `--digest`, `--ntlm`, `--negotiate`, `--anyauth`, `--aws-sigv4`: `-u` is not sent as Basic at once.
    pub(super) other_auth: bool,
    pub(super) bearer: Option<Text<'static>>,
    pub(super) cookie: Option<Text<'static>>,
    pub(super) agent: Option<Text<'static>>,
    pub(super) referer: Option<Text<'static>>,
    pub(super) proxy: Option<Text<'static>>,
    /// `-w`, which may print the status.
    pub(super) write_out: Option<Text<'static>>,
    pub(super) flags: Vec<Text<'static>>,
    /// What the shell took away: see [`super::shell::Simple`].
    pub(super) lost: Option<Text<'static>>,
}

/// Reads the arguments; `shown`: a prompt stands before the command, so that it is no prose.
pub(super) fn read(words: &[Word], shown: bool) -> Vec<Operation> {
    let mut all = Vec::new();
    let mut op = Operation::default();
    let mut bare = Vec::new();
    let mut rest = words;
    while let Some((word, tail)) = rest.split_first() {
        rest = tail;
        match word.bytes.as_slice() {
            b"--next" | b"-:" => {
                push(std::mem::take(&mut op), std::mem::take(&mut bare), shown, &mut all);
            }
            [b'-', b'-', name @ ..] if !name.is_empty() => rest = long(&mut op, word, name, rest),
            [b'-', _, ..] => rest = short(&mut op, word, rest),
            _ => bare.push(word),
        }
    }
    push(op, bare, shown, &mut all);
    all
}

/// So many transfers of one operation are told.
const MOST_URLS: usize = 256;

/// Bare words are URLs; where quoting went wrong only those that look like one.
fn push(mut op: Operation, bare: Vec<&Word>, shown: bool, all: &mut Vec<Operation>) {
    let scheme = |w: &&&Word| memchr::memmem::find(&w.bytes, b"://").is_some() || w.bytes.first() == Some(&b'$');
    let likely = |w: &&&Word| {
        memchr::memchr3(b'.', b'/', b'$', &w.bytes).is_some()
            || w.bytes.starts_with(b"localhost")
            || memchr::memchr(b':', &w.bytes).is_some()
    };
    let some = if bare.iter().any(|w| scheme(&w)) {
        bare.iter().filter(scheme).collect()
    } else if shown && bare.len() == 1 {
        bare.iter().collect()
    } else {
        bare.iter().filter(likely).collect::<Vec<_>>()
    };
    op.urls.extend(some.into_iter().map(|w| without_smart_quotes(w)));
    op.urls.truncate(MOST_URLS);
    if !op.urls.is_empty() {
        all.push(op);
    }
}

/// A URL without the typographic quotes that an editor put around it: they cannot be part of one.
fn without_smart_quotes(word: &Word) -> Text<'static> {
    let smart = |b: &[u8]| matches!(b, [0xe2, 0x80, 0x98..=0x9f]);
    let bytes = word.bytes.as_slice();
    let from = if bytes.get(..3).is_some_and(smart) { 3 } else { 0 };
    let to = bytes.len().saturating_sub(3);
    let to = if to > from && bytes.get(to..).is_some_and(smart) { to } else { bytes.len() };
    word.part(from, to)
}

impl Operation {
    /// Decodes the entities of a page that the command was copied from.
    pub(super) fn decode_entities(&mut self) {
        let lists = self.urls.iter_mut().chain(&mut self.headers).chain(self.data.iter_mut().map(|(_, d)| d));
        let options = [&mut self.user, &mut self.bearer, &mut self.cookie, &mut self.agent, &mut self.referer];
        for text in lists.chain(options.into_iter().flatten()) {
            if memchr::memchr(b'&', text.raw()).is_some() {
                let decoded = decode_entities(text.raw());
                if decoded != text.raw() {
                    *text = Text::made(decoded, text.at());
                }
            }
        }
    }
}

fn long<'w>(op: &mut Operation, word: &Word, name: &[u8], rest: &'w [Word]) -> &'w [Word] {
    let name = std::str::from_utf8(name).unwrap_or_default();
    let kind = match name {
        "data" | "data-ascii" | "data-binary" => Some(Kind::Data),
        "data-raw" => Some(Kind::Raw),
        "data-urlencode" => Some(Kind::Urlencode),
        "json" => Some(Kind::Json),
        "form" | "form-string" => Some(Kind::Form),
        _ => None,
    };
    if kind.is_none() && !WITH_VALUE.contains(&name) {
        switch(op, name);
        op.flags.push(word.text());
        return rest;
    }
    let Some((value, tail)) = rest.split_first() else { return rest };
    if let Some(kind) = kind {
        op.data.push((kind, value.text()));
        return tail;
    }
    if !set(op, name, value.text()) {
        op.flags.push(word.text());
    }
    tail
}

fn switch(op: &mut Operation, name: &str) {
    match name {
        "head" => op.head = true,
        "get" => op.get = true,
        "digest" | "ntlm" | "negotiate" | "anyauth" => op.other_auth = true,
        _ => {}
    }
}

/// Sets an option with a value; `false` if it is to be listed among the flags.
fn set(op: &mut Operation, name: &str, value: Text<'static>) -> bool {
    match name {
        "header" => op.headers.push(value),
        "request" => op.method = Some(value),
        "user" => op.user = Some(value),
        "oauth2-bearer" => op.bearer = Some(value),
        "cookie" => op.cookie = Some(value),
        "user-agent" => op.agent = Some(value),
        "referer" => op.referer = Some(value),
        "proxy" => op.proxy = Some(value),
        "write-out" => op.write_out = Some(value),
        "url" => op.urls.push(value),
        "upload-file" => op.upload = true,
        "aws-sigv4" => op.other_auth = true,
        _ => {}
    }
    matches!(name, "header" | "user" | "url")
}

/// A bundle of short options: `-sSvd`, `-XPOST`.
fn short<'w>(op: &mut Operation, word: &Word, rest: &'w [Word]) -> &'w [Word] {
    for (i, c) in word.bytes.iter().enumerate().skip(1) {
        let name = match c {
            b'H' => "header",
            b'X' => "request",
            b'u' => "user",
            b'b' => "cookie",
            b'A' => "user-agent",
            b'e' => "referer",
            b'x' => "proxy",
            b'T' => "upload-file",
            b'w' => "write-out",
            b'd' => "data",
            b'F' => "form",
            b'c' | b'C' | b'D' | b'E' | b'K' | b'm' | b'o' | b'P' | b'Q' | b'r' | b't' | b'U' | b'y' | b'Y' | b'z' => {
                "other"
            }
            b'I' => {
                op.head = true;
                continue;
            }
            b'G' => {
                op.get = true;
                continue;
            }
            _ => continue,
        };
        let glued = i + 1 < word.bytes.len();
        let (value, tail) = match rest.split_first() {
            _ if glued => (word.part(i + 1, word.bytes.len()), rest),
            Some((value, tail)) => (value.text(), tail),
            None => return rest,
        };
        let told = match name {
            "data" => {
                op.data.push((Kind::Data, value));
                true
            }
            "form" => {
                op.data.push((Kind::Form, value));
                true
            }
            _ => set(op, name, value),
        };
        if i > 1 || !told {
            op.flags.push(word.part(0, i + usize::from(!told)));
        }
        return tail;
    }
    op.flags.push(word.text());
    rest
}

#[cfg(test)]
mod tests {
    use super::super::shell::{Dialect, Lexer};
    use super::*;

    fn ops(line: &str) -> Vec<Operation> {
        let mut lexer = Lexer::new(Dialect::Sh);
        lexer.line(line.as_bytes(), 0, true);
        read(&lexer.finish().remove(0).words, true)
    }

    #[test]
    fn bundles_and_values() {
        let all = ops("-sSvd a=1 -XPUT --data-urlencode 'b=c d' -u me:pw -o /dev/null --next -H 'A: b' http://x/y z");
        assert!(all.is_empty() || all.len() == 1);
        let all = ops("-sSvd a=1 -XPUT -u me:pw -o /dev/null http://q --next -H 'A: b' http://x/y z");
        assert_eq!(all.len(), 2);
        let first = &all[0];
        assert_eq!(first.data.len(), 1);
        assert_eq!(first.method.as_ref().map(Text::raw), Some(&b"PUT"[..]));
        assert_eq!(first.flags.iter().map(|f| f.lossy().into_owned()).collect::<Vec<_>>(), ["-sSv", "-X", "-o"]);
        assert_eq!(all[1].urls.len(), 1);
        assert_eq!(all[1].headers[0].raw(), b"A: b");
    }
}
