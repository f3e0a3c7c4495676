//! Lines without a mark: bodies, copies of heads, prompts and commands, prose.

use std::borrow::Cow;
use std::sync::Arc;

use super::body::Fit;
use super::command::{self, Command, Outcome};
use super::line::{self, Mark};
use super::segment::{Flow, Line, Segment};
use super::transfer::{Conn, Transfer};
use crate::format::transcript;
use crate::http::Text;

impl<'w> Segment<'w> {
    /// A text line: a body, a copy of a head, a command, prose.
    pub(super) fn unmarked(&mut self, line: Line<'w>) -> Flow {
        if let Some(cut) = self.carriage_return(&line) {
            return self.split_line(line, cut);
        }
        if self.sent_body(&line) {
            self.pos = line.next;
            return Flow::Next;
        }
        if (self.receiving.is_some() || self.sending.is_some())
            && let Some(flow) = self.in_head(&line)
        {
            return flow;
        }
        if self.carry.copy {
            self.carry.copy = !line.bytes.is_empty() && memchr::memchr(b':', &line.bytes).is_some();
            if self.carry.copy || line.bytes.is_empty() {
                self.pos = line.next;
                return Flow::Next;
            }
        }
        let refused = std::mem::take(&mut self.carry.refused);
        let answer = self.carry.awaited && !self.occupied();
        if !refused && answer && line::status_line(line.bytes.trim_ascii_start()).is_some() {
            return self.guest(&line);
        }
        if line.bytes.starts_with(b"HTTP/") && line::status_line(&line.bytes).is_some() {
            return self.bare_status(line);
        }
        if line.bytes.starts_with(b"curl: (") {
            self.curl_error(&line);
            self.pos = line.next;
            return Flow::Next;
        }
        match self.body_fits(line.content, false) {
            Fit::Taken => return Flow::Next,
            Fit::More => return Flow::More,
            Fit::No => {}
        }
        if !refused && transcript::begins(line.bytes.trim_ascii_start()) && !self.in_page() {
            return self.guest(&line);
        }
        if let Some(flow) = self.shell(&line) {
            return flow;
        }
        self.text(line)
    }

    /// `| {"a":1}`: Insomnia shows what is sent behind a bar.
    fn sent_body(&mut self, line: &Line<'w>) -> bool {
        if !line.bytes.starts_with(b"| ") {
            return false;
        }
        let sends = |t: &&mut Transfer<'_>| t.method.is_some() && t.answer.is_none() && t.request.ended && !t.dump;
        let Some(t) = self.transfers.last_mut().filter(sends) else { return false };
        if !t.sent.is_empty() {
            t.sent.push(Text::made(&b"\n"[..], line.span()));
        }
        t.end = line.span().end;
        t.sent.push(line.part(2, line.bytes.len()));
        true
    }

    /// What another client printed begins here.
    fn guest(&mut self, line: &Line<'w>) -> Flow {
        self.pos = line.start;
        self.carry.inside = false;
        self.carry.guest = !self.occupied();
        Flow::Ends
    }

    /// Whether a page is being received: it may quote what clients print.
    fn in_page(&self) -> bool {
        let page = |t: &Text<'_>| t.raw().trim_ascii_start().starts_with(b"<");
        self.transfers.iter().any(|t| t.awaits() && t.body.first().is_some_and(page))
    }

    fn carriage_return(&self, line: &Line<'w>) -> Option<usize> {
        let at = memchr::memchr(b'\r', &line.bytes)?;
        let rest = line.bytes.get(at + 1..)?;
        let parts = line::parse(rest);
        (matches!(line.bytes, Cow::Borrowed(_)) && parts.mark != Mark::None).then_some(at)
    }

    /// A line that a meter or a mark was written into.
    fn split_line(&mut self, line: Line<'w>, cut: usize) -> Flow {
        let end = line.content + cut;
        if cut > 0 {
            self.append(line.content, end, None);
        }
        self.pos = end + 1;
        self.carry.inside = true;
        Flow::Next
    }

    /// A prompt or a command.
    fn shell(&mut self, line: &Line<'w>) -> Option<Flow> {
        if let Some(found) = command::find(&line.bytes) {
            if self.occupied() || found.shown && self.behind_others(line) {
                self.pos = line.start;
                self.carry.inside = false;
                return Some(Flow::Ends);
            }
            let mut paste = self.carry.paste.clone();
            match command::read(self.window, line.content, self.base, self.last, &mut paste, found) {
                Outcome::More => return Some(Flow::More),
                Outcome::Nothing if !found.shown => return None,
                Outcome::Nothing => self.new_command(None, line.next),
                Outcome::Found(c, end) => self.new_command(Some(Arc::new(c)), end),
            }
            return Some(Flow::Next);
        }
        let busy = self.occupied() || self.carry.command.is_some();
        if !busy
            || line.bytes.starts_with(b"# ")
            || line.bytes.starts_with(b"% ")
            || command::prompt(&line.bytes).is_none()
        {
            return None;
        }
        if self.occupied() {
            self.pos = line.start;
            return Some(Flow::Ends);
        }
        self.new_command(None, line.next);
        Some(Flow::Next)
    }

    /// Whether whole lines of this segment stand before a line.
    fn behind_others(&self, line: &Line<'_>) -> bool {
        line.start > self.start && self.window.get(line.start - 1) == Some(&b'\n')
    }

    fn new_command(&mut self, command: Option<Arc<Command>>, end: usize) {
        self.carry.command = command;
        self.carry.seen = 0;
        self.carry.tunnels = 0;
        self.carry.recent = [0; 8];
        self.carry.url = None;
        // Another process numbers its own connections.
        self.carry.conn = Conn::default();
        self.carry.conns.clear();
        self.before = None;
        self.pos = end;
    }
}
