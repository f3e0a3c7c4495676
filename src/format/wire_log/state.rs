//! The state of reading: the exchanges of each connection, handed on in the order of their requests.

use std::collections::VecDeque;

use super::channel::{Channel, Piece};
use super::mark::{self, Mark, Style};
use crate::format::Sink;
use crate::format::curl::line::{request_line, status_line};
use crate::format::raw_http::first_line;
use crate::format::transcript::head::Head;
use crate::format::transcript::line::Line;
use crate::format::transcript::{Dialect, Taken};
use crate::format::wall::{self, Zone};

/// So many exchanges may be open at once.
const MOST: usize = 256;

/// Reads such a log.
#[derive(Debug, Default)]
pub(in crate::format) struct WireLog {
    open: VecDeque<Channel>,
    /// Scheme and host that were connected to last.
    route: Option<(Vec<u8>, Vec<u8>)>,
    zone: Zone,
}

impl Dialect for WireLog {
    fn opens(&self, line: &[u8]) -> bool {
        match mark::mark(line) {
            Some(mark) => {
                !self.open.is_empty() && mark.style != Style::Escapes || mark::begins(line) || self.goes_on(&mark)
            }
            None => route(line).is_some() || !self.open.is_empty() && is_word(line),
        }
    }

    fn line(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        let Some(mark) = mark::mark(&line.text) else {
            if let Some((tls, host)) = route(&line.text) {
                let scheme: &[u8] = if tls { b"https" } else { b"http" };
                self.route = Some((scheme.to_vec(), host.to_vec()));
            } else if !is_word(&line.text) || self.open.is_empty() {
                return Taken::No;
            }
            return Taken::Whole;
        };
        for (from, to, ended) in mark::pieces(&line.text, &mark) {
            let piece = Piece { line, from, to, ended, style: mark.style };
            self.piece(&mark, &piece, sink);
        }
        self.flush(false, sink);
        Taken::Whole
    }

    fn end(&mut self, _last: bool, sink: &mut dyn Sink) {
        self.flush(true, sink);
    }
}

impl WireLog {
    fn goes_on(&self, mark: &Mark) -> bool {
        self.open.iter().any(|c| c.id == mark.id && !c.done)
    }

    fn piece(&mut self, mark: &Mark, piece: &Piece<'_, '_>, sink: &mut dyn Sink) {
        let raw = piece.line.text.get(piece.from..piece.to).unwrap_or_default();
        let last = self.open.iter_mut().rfind(|c| c.id == mark.id && !c.done);
        let begins =
            if mark.sent { first_line(raw) && request_line(raw).is_some() } else { status_line(raw).is_some() };
        let open = match last {
            // A request line where nothing more is to be sent.
            Some(c) if mark.sent && begins && !c.is_again(piece) && c.sends_no_more(raw) => {
                c.done = true;
                false
            }
            other => other.is_some(),
        };
        if !open && begins {
            self.begin(mark, piece, sink);
        }
        let Some(channel) = self.open.iter_mut().rfind(|c| c.id == mark.id && !c.done) else { return };
        let now = wall::stamp(piece.line);
        if mark.sent {
            channel.began = channel.began.or(now);
            channel.sent(piece);
        } else {
            channel.came = channel.came.or(now);
            channel.received(piece);
        }
    }

    fn begin(&mut self, mark: &Mark, piece: &Piece<'_, '_>, sink: &mut dyn Sink) {
        if self.open.len() >= MOST
            && let Some(oldest) = self.open.pop_front()
        {
            self.push(oldest, sink);
        }
        let mut channel = Channel::new(mark.id, piece);
        if !mark.sent {
            channel.draft.request = Head::unseen();
        }
        self.open.push_back(channel);
    }

    /// Hands on what is done, in the order of requests.
    fn flush(&mut self, all: bool, sink: &mut dyn Sink) {
        while self.open.front().is_some_and(|c| all || c.done)
            && let Some(first) = self.open.pop_front()
        {
            self.push(first, sink);
        }
    }

    fn push(&mut self, mut channel: Channel, sink: &mut dyn Sink) {
        channel.decode();
        let mut draft = channel.draft;
        if let Some(began) = channel.began {
            draft.place(&mut self.zone, began, channel.came);
        }
        let host = draft.request.get("host").unwrap_or_default();
        if let Some((scheme, at)) = &self.route
            && (at.is_empty() || without_port(at) == without_port(host))
        {
            draft.scheme = Some(scheme.clone());
        }
        draft.push(sink);
    }
}

fn without_port(host: &[u8]) -> &[u8] {
    host.split(|b| *b == b':').next().unwrap_or_default()
}

/// `Opening connection {s}->https://h:443`, `opening connection to h:443...`, `starting SSL for h:443...`.
fn route(text: &[u8]) -> Option<(bool, &[u8])> {
    let find = |mark: &[u8]| memchr::memmem::find(text, mark).and_then(|at| text.get(at + mark.len()..));
    if let Some(rest) = find(b"pening connection {") {
        let at = memchr::memmem::find(rest, b"://")?;
        let tls = rest.get(..at)?.ends_with(b"https");
        return Some((tls, rest.get(at + 3..)?));
    }
    if let Some(host) = text.strip_prefix(b"opening connection to ") {
        return Some((false, host.strip_suffix(b"...").unwrap_or(host)));
    }
    let host = text.strip_prefix(b"starting SSL for ")?;
    Some((true, host.strip_suffix(b"...").unwrap_or(host)))
}

/// What Ruby writes between.
fn is_word(text: &[u8]) -> bool {
    const WORDS: [&[u8]; 6] = [b"reading ", b"read ", b"Conn ", b"opened", b"SSL established", b"opening connection"];
    WORDS.iter().any(|w| text.starts_with(w))
}
