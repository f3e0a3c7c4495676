//! Session archives of Fiddler (`.saz`), as the one stream that `source` makes of them: for each session a line
//! `#saz NUMBER LENGTH LENGTH LENGTH`, then its request (`N_c.txt`), its answer (`N_s.txt`) and its times and flags
//! (`N_m.xml`), each followed by a line feed. Places of evidence count through this stream.

mod times;

use super::message::{self, Raw};
use super::{Options, Problem, Reader, Sink, Window};
use crate::http::{Exchange, Span, Text};

/// How sure `head` is an unpacked session archive.
pub fn sniff(head: &[u8]) -> u8 {
    if head.starts_with(MARK) { 99 } else { 0 }
}

/// A reader for a whole archive.
pub fn open(_options: &Options) -> Box<dyn Reader + Send> {
    Box::new(Fiddler::default())
}

const MARK: &[u8] = b"#saz ";

/// Reads the sessions.
#[derive(Debug, Default)]
struct Fiddler {
    named: bool,
}

impl Reader for Fiddler {
    fn read(&mut self, window: Window<'_>, sink: &mut dyn Sink) -> usize {
        let mut pos = 0;
        loop {
            let rest = window.bytes.get(pos..).unwrap_or_default();
            let start = window.offset + pos as u64;
            if rest.is_empty() {
                break;
            }
            let Some(session) = Session::cut(rest, start, window.last) else {
                if window.last {
                    let done = "the session was left out";
                    sink.problem(Problem::new(Span::at(start, rest.len()), "a whole session", done));
                }
                break;
            };
            if !std::mem::replace(&mut self.named, true) {
                sink.recorder("Fiddler", "");
            }
            pos += session.len;
            session.emit(sink);
        }
        if window.last { window.bytes.len() } else { pos }
    }
}

struct Session<'a> {
    request: Raw<'a>,
    response: Raw<'a>,
    meta: &'a [u8],
    at: Span,
    len: usize,
}

impl<'a> Session<'a> {
    fn cut(bytes: &'a [u8], start: u64, last: bool) -> Option<Self> {
        let (line, _) = bytes.split_at_checked(memchr::memchr(b'\n', bytes)?)?;
        let mut words = line.strip_prefix(MARK)?.split(|b| *b == b' ').skip(1);
        let mut number = || std::str::from_utf8(words.next()?).ok()?.parse::<usize>().ok();
        let (c, s, m) = (number()?, number()?, number()?);
        let mut at = line.len() + 1;
        let mut part = |len: usize| {
            let piece = bytes.get(at..at.checked_add(len)?)?;
            let from = start + at as u64;
            at += len + 1;
            Some((piece, from))
        };
        let (request, response, meta) = (part(c)?, part(s)?, part(m)?);
        let len = at.min(bytes.len());
        (bytes.len() >= at || last && bytes.len() + 1 == at).then_some(Self {
            request: Raw::plain(request.0, request.1),
            response: Raw::plain(response.0, response.1),
            meta: meta.0,
            at: Span::at(start, len),
            len,
        })
    }

    fn emit(self, sink: &mut dyn Sink) {
        let times = times::read(self.meta);
        let Some(mut request) = message::request(self.request, None) else {
            let done = "the session was left out";
            sink.problem(Problem::new(self.request.at(), "a request line", done));
            return;
        };
        request.started = times.began;
        request.duration = times.ended.zip(times.began).map(|(e, b)| (e - b).max(0));
        let origin = message::origin(request.version.raw());
        sink.exchange(Exchange {
            at: self.at,
            request,
            response: message::response(self.response),
            status_seen: true,
            origin,
            actor: times.client.map_or_else(Text::default, |c| Text::made(c, Span::at(self.at.start, 0))),
            ..Exchange::default()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing::{damage, listing, same_for_every_block};

    const C: &str = "GET https://a.test/user HTTP/1.1\r\nHost: a.test\r\nAuthorization: Bearer \r\n\r\n";
    const S: &str = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}";
    const M: &str = "<Session SID=\"1\"><SessionTimers ClientBeginRequest=\"2020-09-01T13:57:52.211861-06:00\" ClientDoneResponse=\"2020-09-01T13:57:52.506117-06:00\" /></Session>";

    fn stream(parts: &[(&str, &str, &str)]) -> Vec<u8> {
        let mut out = String::new();
        for (n, (c, s, m)) in parts.iter().enumerate() {
            out += &format!("#saz {n} {} {} {}\n{c}\n{s}\n{m}\n", c.len(), s.len(), m.len());
        }
        out.into_bytes()
    }

    #[test]
    fn sessions_in_order() {
        let input = stream(&[(C, S, M), (C, "", ""), ("nonsense", "", ""), (C, S, "")]);
        let got = listing(open, &input, 50);
        assert_eq!(got.lines.len(), 3, "{:?}", got.problems);
        assert_eq!(got.lines[0], "GET https://a.test/user 401 req=2 res=1+body time");
        assert_eq!(got.lines[1], "GET https://a.test/user - req=2");
        assert_eq!(got.problems.len(), 1);
        same_for_every_block(open, &input, &[1, 13, 100]);
        damage(open, &input, 200);
    }
}
