//! What curl notes between the lines of heads and bodies: connections, tunnels, failures.

use super::info::{self, Info};
use super::segment::{Line, Segment};
use super::transfer::{Conn, Transfer, Want};

impl<'w> Segment<'w> {
    /// A `* ` line.
    pub(super) fn info(&mut self, line: &Line<'w>) {
        self.pos = line.next;
        let text = line.text();
        match info::read(text) {
            Info::Trying => self.carry.conn = Conn::default(),
            Info::Connected(host, port, number) => {
                let conn = &mut self.carry.conn;
                conn.host = host.into();
                conn.port = port;
                if let Some(n) = number {
                    self.remember(n);
                }
            }
            Info::Tls => self.carry.conn.tls = true,
            Info::Certificate => {
                self.carry.conn.tls = true;
                self.carry.conn.certificate = true;
            }
            Info::Reuse(number, tls) => self.reuse(number, tls),
            Info::Left(number) => self.left(number, line),
            Info::Url(url) => self.carry.url = Some(url.to_vec()),
            Info::Tunnel => {
                self.carry.conn.tunnel = true;
                self.carry.conn.tls = false;
            }
            Info::Ignored => self.hide_body(),
            Info::Open => self.bracket = true,
            Info::Died => self.died(line),
            Info::Other if self.pending_command() => self.noted = Some(line.part(line.parts.skip, line.bytes.len())),
            Info::Other => {}
        }
    }

    /// Keeps what is known of the current connection under its number.
    pub(super) fn remember(&mut self, number: u32) {
        let conn = self.carry.conn.clone();
        match self.carry.conns.iter_mut().find(|(n, _)| *n == number) {
            Some((_, old)) => *old = conn,
            None => {
                if self.carry.conns.len() >= 64 {
                    self.carry.conns.remove(0);
                }
                self.carry.conns.push((number, conn));
            }
        }
    }

    fn reuse(&mut self, number: Option<u32>, tls: Option<bool>) {
        if let Some((_, conn)) = number.and_then(|n| self.carry.conns.iter().find(|(k, _)| *k == n)) {
            self.carry.conn = conn.clone();
        }
        if let Some(tls) = tls {
            self.carry.conn.tls = tls;
        }
    }

    /// `Ignoring the response-body`: of the response whose head was read last.
    pub(super) fn hide_body(&mut self) {
        let Some(index) = self.receiving.or_else(|| self.transfers.iter().rposition(|t| t.answer.is_some())) else {
            return;
        };
        let Some(t) = self.transfers.get_mut(index) else { return };
        let ended = t.answer.as_ref().is_some_and(|a| a.head.ended);
        if t.want == Want::Nothing || !t.body.is_empty() {
            return;
        }
        t.want = Want::Hidden;
        if ended {
            self.complete(index);
        }
    }

    /// No answer will come for the request that was sent last.
    pub(super) fn died(&mut self, line: &Line<'w>) {
        let text = line.part(line.parts.skip, line.bytes.len());
        let waiting: Vec<usize> =
            (0..self.transfers.len()).filter(|i| self.transfers.get(*i).is_some_and(Transfer::unanswered)).collect();
        match waiting.as_slice() {
            [one] => {
                if let Some(t) = self.transfers.get_mut(*one) {
                    t.failure.get_or_insert(text);
                }
            }
            [] if self.pending_command() => self.noted = Some(text),
            _ => {}
        }
    }

    /// A connection was left or closed.
    pub(super) fn left(&mut self, number: Option<u32>, line: &Line<'w>) {
        if let Some(i) = self.receiving
            && self.transfers.get(i).is_some_and(|t| !t.bare)
        {
            self.end_answer(i);
        }
        if let Some(n) = number {
            self.remember(n);
        }
        let closing = !line.text().starts_with(b"Connection #");
        let waiting = self.transfers.iter().filter(|t| t.unanswered()).count();
        for i in 0..self.transfers.len() {
            let Some(t) = self.transfers.get(i) else { continue };
            let dumped = t.dump && t.answer.as_ref().is_some_and(|a| a.head.ended && a.status >= 200);
            // A request whose connection closes gets no answer any more: what follows is the next try.
            let lost = closing && waiting == 1 && t.unanswered() && t.answer.is_none() && t.failure.is_some();
            if dumped || lost {
                self.complete(i);
            }
        }
        if closing && self.pending_command() {
            self.fallback = self.noted.take();
        }
    }

    /// `curl: (7) Failed to connect ...`
    pub(super) fn curl_error(&mut self, line: &Line<'w>) {
        let text = line.part(0, line.bytes.len());
        if self.pending_command() {
            self.failure = Some(text);
            return;
        }
        self.end_heads();
        let index = self.transfers.iter().position(|t| t.answer.is_none() && !t.complete);
        let Some(t) = index.and_then(|i| self.transfers.get_mut(i)) else {
            self.close_bodies();
            return;
        };
        t.failure = Some(text);
        t.end = line.span().end;
        if let Some(i) = index {
            self.complete(i);
        }
    }
}
