//! The request that curl makes of a typed command (curl(1)), for commands whose trace was not recorded.

use base64::Engine;

use super::command::Command;
use super::options::{Kind, Operation};
use crate::http::{Body, Coding, Header, Headers, Origin, Request, Span, Text, TypedCommand, Why};

/// What `--data-urlencode` leaves as it is (RFC 3986 2.3).
const UNRESERVED: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The command as typed.
pub(super) fn command(cmd: &Command, op: &Operation) -> TypedCommand<'static> {
    TypedCommand {
        at: cmd.at,
        program: Text::made(&b"curl"[..], Span::at(cmd.at.start, 4)),
        headers: op.headers.clone(),
        data: op.data.iter().map(|(_, d)| d.clone()).collect(),
        user: op.user.clone(),
        flags: op.flags.clone(),
        lost: op.lost.clone(),
    }
}

/// The whole request.
pub(super) fn request(cmd: &Command, op: &Operation, url: &Text<'static>) -> Request<'static> {
    Request {
        method: method(op, cmd.at),
        url: absolute(op, url),
        headers: headers(op, url),
        body: body(op),
        typed: Some(command(cmd, op)),
        ..Request::default()
    }
}

/// The method by curl's rules.
pub(super) fn method(op: &Operation, at: Span) -> Text<'static> {
    if let Some(m) = &op.method {
        return m.clone();
    }
    let name: &[u8] = match op {
        _ if op.head => b"HEAD",
        _ if op.upload => b"PUT",
        _ if op.get || op.data.is_empty() => b"GET",
        _ => b"POST",
    };
    Text::made(name, at)
}

/// The URL with its scheme, and with the data that `-G` moves into it.
pub(super) fn absolute(op: &Operation, url: &Text<'static>) -> Text<'static> {
    let query = if op.get { joined(op) } else { None };
    let has_scheme = scheme_len(url.raw()).is_some();
    if has_scheme && query.is_none() {
        return url.clone();
    }
    let mut out = Vec::new();
    if !has_scheme {
        out.extend_from_slice(b"http://");
    }
    out.extend_from_slice(url.raw());
    if let Some(query) = query {
        out.push(if memchr::memchr(b'?', url.raw()).is_some() { b'&' } else { b'?' });
        out.extend_from_slice(query.raw());
    }
    Text::made(out, url.at())
}

/// The body that the data options make; `NotObserved` if it comes from a file.
pub(super) fn body(op: &Operation) -> Body<'static> {
    if op.upload {
        return Body::NotObserved(Why::NotRecorded);
    }
    if op.data.is_empty() || op.get || op.head {
        return Body::Absent;
    }
    if op.data.iter().any(|(k, _)| *k == Kind::Form) {
        return form(op);
    }
    match joined(op) {
        Some(text) => Body::Text { text, source: Origin::Typed },
        None => Body::NotObserved(Why::NotRecorded),
    }
}

fn form(op: &Operation) -> Body<'static> {
    let mut pairs = Vec::new();
    for (_, text) in &op.data {
        let Some(at) = memchr::memchr(b'=', text.raw()) else { return Body::NotObserved(Why::NotRecorded) };
        if matches!(text.raw().get(at + 1), Some(b'@' | b'<')) {
            return Body::NotObserved(Why::NotRecorded);
        }
        pairs.push((part(text, 0, at), part(text, at + 1, text.raw().len())));
    }
    Body::Pairs(pairs)
}

/// The data joined as curl does: with `&`, or without anything for `--json`.
fn joined(op: &Operation) -> Option<Text<'static>> {
    let mut out = Vec::new();
    let mut span: Option<Span> = None;
    for (i, (kind, text)) in op.data.iter().enumerate() {
        if i > 0 && *kind != Kind::Json {
            out.push(b'&');
        }
        match kind {
            Kind::Raw => out.extend_from_slice(text.raw()),
            Kind::Urlencode => encode(text.raw(), &mut out)?,
            _ if text.raw().first() == Some(&b'@') => return None,
            _ => out.extend_from_slice(text.raw()),
        }
        span = Some(span.map_or(text.at(), |s| s.join(text.at())));
    }
    match op.data.as_slice() {
        [] => None,
        [(_, text)] if text.raw() == out.as_slice() => Some(text.clone()),
        _ => Some(Text::made(out, span.unwrap_or_default())),
    }
}

/// `name=value`, `=value` or `value` of `--data-urlencode`; `None` for a file.
fn encode(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let value = match memchr::memchr2(b'=', b'@', text) {
        Some(at) if text.get(at) == Some(&b'=') => {
            let (name, value) = text.split_at_checked(at + 1)?;
            out.extend_from_slice(name.strip_prefix(b"=").unwrap_or(name));
            value
        }
        Some(_) => return None,
        None => text,
    };
    out.extend(percent_encoding::percent_encode(value, UNRESERVED).flat_map(str::bytes));
    Some(())
}

/// The header fields in curl's order; `User-Agent` is left out, since the version is not known.
fn headers(op: &Operation, url: &Text<'static>) -> Headers<'static> {
    let mut list = Vec::new();
    let own = |name: &str| op.headers.iter().any(|h| names(h.raw(), name));
    if !own("host") {
        let authority = authority(url.raw());
        let host = authority.rsplit(|b| *b == b'@').next().unwrap_or_default();
        list.push(made("Host", Text::made(host.to_vec(), url.at())));
    }
    if !own("authorization") {
        list.extend(authorization(op, url));
    }
    if let Some(agent) = op.agent.as_ref().filter(|a| !a.is_empty() && !own("user-agent")) {
        list.push(made("User-Agent", agent.clone()));
    }
    let json = op.data.iter().any(|(k, _)| *k == Kind::Json);
    if !own("accept") {
        list.push(made("Accept", Text::made(if json { &b"application/json"[..] } else { b"*/*" }, url.at())));
    }
    if let Some(cookie) = op.cookie.as_ref().filter(|c| memchr::memchr(b'=', c.raw()).is_some()) {
        list.push(made("Cookie", cookie.clone()));
    }
    if let Some(referer) = &op.referer {
        list.push(made("Referer", referer.clone()));
    }
    list.extend(op.headers.iter().filter_map(sent));
    let form = op.data.iter().any(|(k, _)| *k == Kind::Form);
    if let Some((_, first)) = op.data.first().filter(|_| !op.get && !form && !own("content-type")) {
        let kind: &[u8] = if json { b"application/json" } else { b"application/x-www-form-urlencoded" };
        list.push(made("Content-Type", Text::made(kind, first.at())));
    }
    Headers { list, ..Headers::default() }
}

fn made(name: &'static str, value: Text<'static>) -> Header<'static> {
    Header { name: Text::made(name.as_bytes(), value.at()), value }
}

fn names(line: &[u8], name: &str) -> bool {
    let end = memchr::memchr2(b':', b';', line).unwrap_or(line.len());
    line.get(..end).is_some_and(|n| n.eq_ignore_ascii_case(name.as_bytes()))
}

/// The line that a `-H` argument adds: none without a colon, or without a value.
fn sent(text: &Text<'static>) -> Option<Header<'static>> {
    let raw = text.raw();
    let Some(colon) = memchr::memchr(b':', raw) else {
        let name = raw.strip_suffix(b";")?;
        return Some(Header { name: part(text, 0, name.len()), value: part(text, name.len(), name.len()) });
    };
    let after = raw.get(colon + 1..)?;
    if after.trim_ascii().is_empty() {
        return None;
    }
    let blank = usize::from(after.first() == Some(&b' '));
    Some(Header { name: part(text, 0, colon), value: part(text, colon + 1 + blank, raw.len()) })
}

/// `-u`, `--oauth2-bearer`, or the credentials in the URL.
fn authorization(op: &Operation, url: &Text<'static>) -> Option<Header<'static>> {
    if let Some(token) = &op.bearer {
        return Some(made("Authorization", Text::made([b"Bearer ", token.raw()].concat(), token.at())));
    }
    if op.other_auth {
        return None;
    }
    let (pair, at) = match &op.user {
        Some(user) => (user.raw().to_vec(), user.at()),
        None => {
            let authority = authority(url.raw());
            let end = memchr::memrchr(b'@', authority)?;
            (percent_encoding::percent_decode(authority.get(..end)?).collect(), url.at())
        }
    };
    let value = base64::engine::general_purpose::STANDARD.encode(pair);
    Some(made("Authorization", Text::made(format!("Basic {value}").into_bytes(), at)))
}

/// Length of the scheme of an absolute URL.
pub(super) fn scheme_len(url: &[u8]) -> Option<usize> {
    let at = memchr::memchr(b':', url)?;
    url.get(at + 1..)?.starts_with(b"//").then_some(at)
}

/// Userinfo, host and port of a URL, with or without scheme.
pub(super) fn authority(url: &[u8]) -> &[u8] {
    let rest = match scheme_len(url) {
        Some(at) => url.get(at + 3..).unwrap_or_default(),
        None => url,
    };
    let end = memchr::memchr3(b'/', b'?', b'#', rest).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

/// Bytes `from..to` of a value, with their place if they stand in the input as they are.
fn part(text: &Text<'static>, from: usize, to: usize) -> Text<'static> {
    let bytes = text.raw().get(from..to).unwrap_or_default();
    match text.coding() {
        Coding::Plain => Text::plain(bytes, text.at().start + from as u64).into_owned(),
        _ => Text::made(bytes.to_vec(), text.at()),
    }
}
