//! Messages that ZAP exported as text: `==== N ==========`, a request, an empty line, the answer.

use memchr::memmem;

use super::message::{self, Raw, line};
use super::{Options, Reader, Sink, Window};
use crate::format::problems::Problems;
use crate::http::{Exchange, Span};

/// How sure `head` is an export of messages.
pub fn sniff(head: &[u8]) -> u8 {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let (first, rest) = line(text);
    let request = message::request_line(line(rest).0).is_some_and(|(_, _, v)| v.starts_with(b"HTTP/"));
    if separator(first) && request { 97 } else { 0 }
}

/// A reader for a whole export.
pub fn open(_options: &Options) -> Box<dyn Reader + Send> {
    Box::new(Zap::default())
}

/// A longer message is passed over.
const LONGEST: usize = 64 << 20;

/// Reads the messages.
#[derive(Debug, Default)]
struct Zap {
    named: bool,
    /// Inside a message that is passed over.
    skipping: bool,
    problems: Problems,
}

/// `==== 12 ==========`
fn separator(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"==== ") else { return false };
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let tail = rest.get(digits..).unwrap_or_default().trim_ascii_end();
    digits > 0 && digits < 12 && tail.starts_with(b" ====") && tail.iter().skip(1).all(|b| *b == b'=')
}

/// Where the next separator begins, and where it ends; `Err` if the bytes end before that can be told.
fn find(bytes: &[u8], last: bool) -> Result<Option<(usize, usize)>, usize> {
    let mut from = 0;
    loop {
        let rest = bytes.get(from..).unwrap_or_default();
        let Some(at) = memmem::find(rest, b"==== ").map(|n| from + n) else {
            return if last { Ok(None) } else { Err(bytes.len().saturating_sub(5).max(from)) };
        };
        let own = bytes.get(at..).unwrap_or_default();
        let head = own.get(..64).unwrap_or(own);
        if !last && head.len() < 64 && memchr::memchr(b'\n', head).is_none() {
            return Err(at);
        }
        let (text, _) = line(head);
        let begins = at == 0 || bytes.get(at - 1) == Some(&b'\n');
        if begins && separator(text) {
            let end = memchr::memchr(b'\n', own).map_or(own.len(), |n| n + 1);
            return Ok(Some((at, at + end)));
        }
        from = at + 4;
    }
}

impl Reader for Zap {
    fn read(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let mut pos = 0;
        loop {
            let rest = window.bytes.get(pos..).unwrap_or_default();
            let start = window.offset + pos as u64;
            // The message begins behind its separator.
            let body = if separator(line(rest).0) { line(rest).1 } else { rest };
            let from = rest.len() - body.len();
            match find(body, window.last) {
                Ok(next) => {
                    let len = next.map_or(body.len(), |(at, _)| at);
                    self.message(body.get(..len).unwrap_or_default(), start + from as u64, sink);
                    if next.is_none() {
                        self.problems.close(sink);
                        return window.bytes.len();
                    }
                    pos += from + len;
                }
                Err(_) if rest.len() > LONGEST => {
                    if !std::mem::replace(&mut self.skipping, true) {
                        self.problems.add(
                            sink,
                            Span::at(start, LONGEST),
                            "a message of at most 64 MiB",
                            "the message was left out",
                        );
                    }
                    let keep = memchr::memrchr(b'\n', window.bytes).unwrap_or(window.bytes.len());
                    return keep.max(pos);
                }
                Err(_) => return pos,
            }
        }
    }
}

impl Zap {
    fn message(&mut self, bytes: &[u8], start: u64, sink: &mut dyn Sink) {
        let lead = bytes.len() - bytes.trim_ascii_start().len();
        let bytes = bytes.get(lead..).unwrap_or_default();
        let start = start + lead as u64;
        if std::mem::take(&mut self.skipping) || bytes.is_empty() {
            return;
        }
        let (request, response) = halves(bytes);
        let at = Span::at(start, bytes.trim_ascii_end().len());
        let Some(parsed) = message::request(Raw::plain(request, start), None) else {
            return self.problems.add(sink, at, "a request behind the separator", "the message was left out");
        };
        if !std::mem::replace(&mut self.named, true) {
            sink.recorder("ZAP", "");
        }
        let from = start + (bytes.len() - response.len()) as u64;
        let answer = Raw::plain(without_end(response), from);
        let origin = message::origin(parsed.version.raw());
        sink.exchange(Exchange {
            at,
            request: parsed,
            response: message::response(answer),
            status_seen: true,
            origin,
            ..Exchange::default()
        });
    }
}

/// An answer without the line ends that stand between its body and the next message.
fn without_end(answer: &[u8]) -> &[u8] {
    let head = answer.len() - message::split(Raw::plain(answer, 0)).body.bytes.len();
    let body = answer.get(head..).unwrap_or_default();
    let ends = body.iter().rev().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    answer.get(..answer.len() - ends).unwrap_or(answer)
}

/// The request without the blank lines behind it, and the answer without those.
fn halves(bytes: &[u8]) -> (&[u8], &[u8]) {
    let head = message::split(Raw::plain(bytes, 0));
    let mut from = bytes.len() - head.body.bytes.len();
    let head_end = from;
    let request = |end: usize| {
        let body = bytes.get(head_end..end).unwrap_or_default().trim_ascii_end();
        bytes.get(..head_end + body.len()).unwrap_or_default()
    };
    // The status line stands at the begin of a line, behind the head; a body may come before it.
    loop {
        let rest = bytes.get(from..).unwrap_or_default();
        let begins = from == 0 || bytes.get(from - 1) == Some(&b'\n');
        if begins && message::status_line(line(rest).0).is_some() {
            return (request(from), rest);
        }
        match memmem::find(rest.get(1..).unwrap_or_default(), b"HTTP/") {
            Some(n) => from += n + 1,
            None => return (request(bytes.len()), &[]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing::{damage, listing, same_for_every_block};

    const INPUT: &str = "==== 1 ==========\r\nPOST http://a.test/login HTTP/1.1\r\nHost: a.test\r\n\r\nHTTP/1.1=x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\":1}\r\n==== 2 ==========\r\nGET http://a.test/user HTTP/1.1\r\nAuthorization: Bearer x\r\n\r\n\r\nHTTP/1.1 401 Unauthorized\r\nA: b\r\n\r\n\r\n==== 3 ==========\r\nGET http://a.test/gone HTTP/1.1\r\nHost: a.test\r\n\r\n";

    #[test]
    fn messages() {
        assert_eq!(sniff(INPUT.as_bytes()), 97);
        assert_eq!(sniff(b"==== heading ====\n"), 0);
        let got = listing(open, INPUT.as_bytes(), 64);
        assert_eq!(
            got.lines,
            [
                "POST http://a.test/login 200 req=1+body res=1+body",
                "GET http://a.test/user 401 req=1 res=1",
                "GET http://a.test/gone - req=1"
            ]
        );
        assert!(got.problems.is_empty(), "{:?}", got.problems);
        same_for_every_block(open, INPUT.as_bytes(), &[1, 2, 17, 64, 200]);
        damage(open, INPUT.as_bytes(), 300);
    }
}
