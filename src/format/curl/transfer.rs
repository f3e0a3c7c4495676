//! One request and its response while a transcript is read.

use super::line::Ids;
use crate::format::wall::{self, Shown, Zone};
use crate::http::{Header, Headers, Seen, Text, Time, Why, has_room};

/// What is known of a connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Conn {
    pub(super) host: std::sync::Arc<[u8]>,
    pub(super) port: u16,
    pub(super) tls: bool,
    /// The client showed a certificate.
    pub(super) certificate: bool,
    /// A tunnel through a proxy: host and port are the proxy's.
    pub(super) tunnel: bool,
}

/// What is known about the body of a response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Want {
    /// The head has not ended.
    #[default]
    Unknown,
    /// There is none.
    Nothing,
    /// It is not shown.
    Hidden,
    /// So many bytes are still to come.
    Length(u64),
    /// Its length is not known.
    Open,
}

/// A longer value takes no further line.
const LONGEST: usize = 64 << 10;

/// A head as its lines come.
#[derive(Clone, Debug, Default)]
pub(super) struct Head<'w> {
    pub(super) list: Vec<Header<'w>>,
    pub(super) odd: Vec<Text<'w>>,
    /// Its empty line was seen, or what follows a head.
    pub(super) ended: bool,
    /// Its lines have no marks.
    pub(super) unmarked: bool,
    /// Lines are missing.
    pub(super) cut: bool,
    /// Length of its last line, to tell a wrapped line from a body.
    pub(super) width: usize,
    /// The last line went to `odd`.
    pub(super) last_odd: bool,
}

impl<'w> Head<'w> {
    /// Takes `name: value`, or keeps the whole line if it is none.
    pub(super) fn push(&mut self, line: &Text<'w>, part: impl Fn(usize, usize) -> Text<'w>) {
        if self.list.is_empty() {
            self.list.reserve(16);
        }
        let raw = line.raw();
        self.width = raw.len() + 2;
        let colon = memchr::memchr(b':', raw).filter(|c| *c > 0);
        let colon = colon.filter(|c| raw.get(..*c).is_some_and(|n| !n.iter().any(|b| matches!(b, b' ' | b'\t'))));
        let Some(colon) = colon else {
            self.odd(line.clone());
            self.last_odd = true;
            return;
        };
        let blank = usize::from(raw.get(colon + 1) == Some(&b' '));
        if has_room(&self.list) {
            self.list.push(Header { name: part(0, colon), value: part(colon + 1 + blank, raw.len()) });
        }
        self.last_odd = false;
    }

    /// Takes a line that is no header.
    pub(super) fn odd(&mut self, line: Text<'w>) {
        if has_room(&self.odd) {
            self.odd.push(line);
        }
    }

    /// Appends a wrapped line to the last value.
    pub(super) fn append(&mut self, more: &Text<'w>) {
        self.width = more.raw().len();
        // A terminal wraps no value that is longer than servers accept.
        let room = |value: &&mut Text<'w>| value.raw().len() < LONGEST;
        let last = if self.last_odd { self.odd.last_mut() } else { self.list.last_mut().map(|h| &mut h.value) };
        if let Some(value) = last.filter(room) {
            let joined = [value.raw(), more.raw()].concat();
            *value = Text::made(joined, value.at().join(more.at()));
        }
    }

    /// The value of the first field of this name.
    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        let same = |h: &&Header<'_>| h.name.raw().eq_ignore_ascii_case(name.as_bytes());
        self.list.iter().find(same).map(|h| h.value.raw())
    }

    /// The fields; a head with missing lines proves no absence.
    pub(super) fn headers(self) -> Headers<'w> {
        let seen = if self.cut { Seen::None(Why::Truncated) } else { Seen::All };
        Headers { list: self.list, odd: self.odd, seen }
    }
}

/// A status line and its head.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer<'w> {
    pub(super) status: u16,
    pub(super) code: Text<'w>,
    pub(super) reason: Text<'w>,
    pub(super) head: Head<'w>,
}

/// A request and what came of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Transfer<'w> {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) ids: Option<Ids>,
    /// Times of `--trace-time` at its request line, and at the last line of its answer's head.
    pub(super) began: Option<i64>,
    pub(super) came: Option<i64>,
    /// `None` if no request line was shown.
    pub(super) method: Option<Text<'w>>,
    pub(super) target: Text<'w>,
    pub(super) version: Text<'w>,
    pub(super) request: Head<'w>,
    pub(super) sent: Vec<Text<'w>>,
    pub(super) answer: Option<Answer<'w>>,
    pub(super) want: Want,
    pub(super) body: Vec<Text<'w>>,
    /// The body was cut by its length, not by what follows.
    pub(super) exact: bool,
    pub(super) failure: Option<Text<'w>>,
    pub(super) conn: Conn,
    /// The whole URL, if curl told it.
    pub(super) url: Option<Vec<u8>>,
    /// Read from a dump: bodies stand in it.
    pub(super) dump: bool,
    /// A dump shows `.` for bytes that are no ASCII.
    pub(super) view: bool,
    /// Its head had no marks (`-i`).
    pub(super) bare: bool,
    /// Nothing more can come.
    pub(super) complete: bool,
}

impl Transfer<'_> {
    /// Whether its response head has ended and text that follows may be its body.
    pub(super) fn awaits(&self) -> bool {
        !self.complete && !self.dump && matches!(self.want, Want::Length(_) | Want::Open)
    }

    /// Whether this is the hop to a proxy.
    pub(super) fn is_tunnel(&self) -> bool {
        match &self.method {
            Some(m) => m.raw() == b"CONNECT",
            None => self
                .answer
                .as_ref()
                .is_some_and(|a| a.status == 200 && a.reason.raw().eq_ignore_ascii_case(b"Connection established")),
        }
    }

    /// Whether no final status was seen.
    pub(super) fn unanswered(&self) -> bool {
        !self.complete && self.answer.as_ref().is_none_or(|a| a.status < 200 && a.head.ended)
    }

    /// When it began, and microseconds from then until its answer came.
    pub(super) fn times(&self, zone: &mut Zone) -> (Option<Time>, Option<i64>) {
        let Some(began) = self.began.map(Shown::Clock) else { return (None, None) };
        let came = self.came.map(Shown::Clock);
        let head = self.answer.as_ref().map(|a| &a.head);
        let answered = came.zip(head.and_then(|h| wall::written(h.get("date"), h.get("age"))));
        (zone.place(began, answered), came.and_then(|c| c.since(began)).filter(|d| *d >= 0))
    }

    /// Settles what body is to come, once the head has ended.
    pub(super) fn settle(&mut self) {
        let Some(answer) = &self.answer else { return };
        let length = answer.head.get("content-length").map(<[u8]>::trim_ascii);
        let length = length.filter(|l| !l.is_empty() && l.iter().all(u8::is_ascii_digit)).map(super::line::number);
        let method = self.method.as_ref().map(|m| m.raw().to_vec()).unwrap_or_default();
        let none = matches!(answer.status, 204 | 304) || method == b"HEAD" || self.is_tunnel() && answer.status < 300;
        self.want = match length {
            _ if self.want == Want::Hidden => Want::Hidden,
            _ if none => Want::Nothing,
            Some(0) => Want::Nothing,
            Some(n) => Want::Length(n),
            None => Want::Open,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a terminal wrapped is put together up to a length that servers accept: each line copies the value.
    #[test]
    fn wrapped_values_end() {
        let mut head = Head::default();
        let line = Text::plain(b"x-a: bc", 0);
        head.push(&line, |a, b| Text::plain(line.raw().get(a..b).unwrap_or_default(), 0).into_owned());
        for _ in 0..5000 {
            head.append(&Text::plain(&[b'd'; 78], 0));
        }
        assert_eq!(head.list.len(), 1);
        let len = head.list[0].value.raw().len();
        assert!((LONGEST..LONGEST + 78).contains(&len), "{len}");
    }
}
