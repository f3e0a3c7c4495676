//! Apache's `mod_log_forensic`: `+id|GET /x HTTP/1.1|Name:value|...` before a request is served, `-id` after it.
//!
//! All request headers are there, in clear; the status is not. An access log that has the id (`%{forensic-id}n`,
//! `%{UNIQUE_ID}e`) tells it: the two are joined by that.

use memchr::memchr;
use percent_encoding::percent_decode;

use super::lines::{Line, Lines, head_lines};
use super::message::request_line;
use super::{Options, Reader, Sink, Window};
use crate::http::{Body, Exchange, Header, Headers, Origin, Request, Seen, Side, Text, Why};

const EXPECTED: &str = "a line of a forensic log (+id|request|Name:value or -id)";

/// How sure `head` is a forensic log.
pub fn sniff(head: &[u8]) -> u8 {
    let (mut begun, mut ended, mut other) = (0_u32, 0_u32, 0_u32);
    for line in head_lines(head, 100) {
        match line.bytes.first() {
            Some(b'+') if parts(line.bytes).is_some() => begun += 1,
            Some(b'-') if is_id(line.bytes.get(1..).unwrap_or_default()) => ended += 1,
            _ => other += 1,
        }
    }
    if begun > 0 && other * 2 <= begun + ended { 96 } else { 0 }
}

/// A reader for a whole log.
pub fn open(_options: &Options) -> Box<dyn Reader + Send> {
    Box::new(Forensic::default())
}

/// Reads a forensic log.
#[derive(Debug, Default)]
struct Forensic {
    lines: Lines,
    named: bool,
}

impl Reader for Forensic {
    fn read(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let Self { lines, named } = self;
        lines.read(window, sink, EXPECTED, &mut |line, sink| {
            if line.bytes.first() == Some(&b'-') && is_id(line.bytes.get(1..).unwrap_or_default()) {
                return true;
            }
            let Some((id, request, fields)) = parts(line.bytes) else { return false };
            if !std::mem::replace(named, true) {
                sink.recorder("Apache mod_log_forensic", "");
            }
            emit(line, id, request, fields, sink);
            true
        })
    }
}

fn is_id(text: &[u8]) -> bool {
    let known = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'@' | b'-' | b'_');
    text.len() >= 8 && text.len() <= 64 && text.trim_ascii_end().iter().all(known)
}

/// Id, request line and fields of a `+` line.
fn parts(line: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let rest = line.strip_prefix(b"+")?;
    let (id, rest) = rest.split_at_checked(memchr(b'|', rest)?)?;
    let rest = rest.get(1..)?;
    let (request, fields) = rest.split_at_checked(memchr(b'|', rest).unwrap_or(rest.len()))?;
    (is_id(id) && request_line(request).is_some()).then_some((id, request, fields))
}

fn emit(line: Line<'_>, id: &[u8], request: &[u8], fields: &[u8], sink: &mut dyn Sink) {
    let Some((method, target, version)) = request_line(request) else { return };
    let mut headers = Headers { list: Vec::new(), odd: Vec::new(), seen: Seen::All };
    for field in fields.split(|b| *b == b'|').filter(|f| !f.is_empty()) {
        let Some((name, value)) = memchr(b':', field).and_then(|at| field.split_at_checked(at)) else {
            headers.odd.push(plain(line, field));
            continue;
        };
        headers.list.push(Header { name: line.text(name), value: plain(line, value.get(1..).unwrap_or_default()) });
    }
    let host = headers.get("host").present().map(|h| h.value.lossy().into_owned()).unwrap_or_default();
    let path = plain(line, target);
    let url = match path.raw().starts_with(b"/") && !host.is_empty() {
        true => Text::made([b"//", host.as_bytes(), path.raw()].concat(), path.at()),
        false => path,
    };
    let length = headers.get("content-length").present().map(|h| h.value.raw() != b"0");
    let actor = [&b"user-agent"[..], b"x-forwarded-for"].map(|n| {
        let found = headers.list.iter().find(|h| h.name.raw().eq_ignore_ascii_case(n));
        found.map(|h| h.value.raw().to_vec()).unwrap_or_default()
    });
    sink.exchange(Exchange {
        at: line.span(),
        request: Request {
            method: line.text(method),
            url,
            version: line.text(version),
            body: if length == Some(true) { Body::NotObserved(Why::NotRecorded) } else { Body::Absent },
            headers,
            ..Request::default()
        },
        // The answer was there, but not here.
        status_seen: false,
        origin: Origin::Wire,
        side: Side::Server,
        actor: Text::made(actor.join(&b' '), line.span()),
        join: Some(line.text(id)),
        ..Exchange::default()
    });
}

/// Colons, bars, percent signs and what cannot be printed are written as `%3a`.
fn plain<'l>(line: Line<'l>, part: &'l [u8]) -> Text<'l> {
    let text = line.text(part);
    if memchr(b'%', part).is_none() {
        return text;
    }
    let at = text.at();
    Text::made(percent_decode(part).collect::<Vec<u8>>(), at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing::{damage, listing, same_for_every_block};

    const LOG: &str = "+awFgZrAq9Zp6pA8I1DjDfwAAAEA|POST /api/4.0/login HTTP/1.1|Host:acme.example.com%3a8081|Content-Length:46\n-awFgZrAq9Zp6pA8I1DjDfwAAAEA\n+yQtJf8CoAB4AAFNXBIEAAAAA:1|GET /u?a=50%2525 HTTP/1.1|Host:a.test|Authorization:Bearer a%7cb%25\nnonsense\n";

    #[test]
    fn requests_with_all_their_headers() {
        assert_eq!(sniff(LOG.as_bytes()), 96);
        assert_eq!(sniff(b"+1 for this\n-1 for that\n"), 0);
        let got = listing(open, LOG.as_bytes(), 40);
        assert_eq!(got.lines, ["POST //acme.example.com:8081/api/4.0/login - req=2+body?", "GET //a.test/u - req=2"]);
        assert_eq!(got.problems.len(), 1);
        same_for_every_block(open, LOG.as_bytes(), &[1, 30, 200]);
        damage(open, LOG.as_bytes(), 200);
    }

    #[test]
    fn the_recorded_log() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/formats/logs/apache-2.4.68-forensic.log");
        let Ok(input) = std::fs::read(path) else { return };
        assert_eq!(sniff(&input), 96);
        let got = listing(open, &input, 100);
        assert_eq!((got.lines.len(), got.problems.len()), (11, 0), "{:?}", got.problems);
    }
}
