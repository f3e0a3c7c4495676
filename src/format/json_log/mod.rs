//! Access logs of one JSON object a line: Caddy, Traefik, Envoy, nginx `escape=json`, cloud load balancers, and what
//! applications write. Fields are found by name, whatever the nesting; see [`super::access_log`] for the names.

pub mod list;
mod scan;

use memchr::{memchr, memmem};

use self::scan::{Value, object};
use super::access_log::entry::Entry;
use super::access_log::keys::{Meaning, known_meaning, meaning};
use super::lines::{Line, head_lines};
use crate::http::{Coding, Span, Text, Time};

/// How sure `head` is a log of JSON lines.
pub fn sniff(head: &[u8]) -> u8 {
    let json = |line: &Line<'_>| line.bytes.trim_ascii_end().ends_with(b"}") && begin(line.bytes).is_some();
    if !head_lines(head, 200).any(|l| json(&l)) {
        return 0;
    }
    // One better than the plain log, which reads these lines too.
    let entry = |line: Line<'_>| parse(line, &mut Known::default()).is_some() || super::access_log::wraps(line);
    match super::access_log::score(head, |line| json(&line) && entry(line)) {
        0 => 0,
        n => n + 1,
    }
}

/// A line that holds an object with a request and a status, behind any prefix (syslog, container runtime, console).
pub(super) fn parse<'l>(line: Line<'l>, known: &mut Known) -> Option<Entry<'l>> {
    let start = begin(line.bytes)?;
    known.next = 0;
    let mut state = State::new(line, known);
    let rest = object(start, &mut Vec::with_capacity(8), &mut |path, value| state.field(path, value))?;
    let tail = rest.iter().all(|b| b.is_ascii_whitespace() || matches!(b, b',' | b']'));
    let mut entry = state.entry;
    entry.request.all = state.request_all;
    entry.response.all = state.response_all;
    (tail && !state.foreign && entry.complete()).then_some(entry)
}

/// The text of the first member, at any depth, that has one of these names.
pub(super) fn text_member<'l>(line: Line<'l>, names: &[&[u8]]) -> Option<Text<'l>> {
    let mut found = None;
    object(begin(line.bytes)?, &mut Vec::new(), &mut |path, value| {
        if let (Some(last), Value::Text(raw), None) = (path.last(), value, &found)
            && names.contains(last)
        {
            found = Some(Text::json(raw, line.offset(raw)));
        }
    })?;
    found
}

/// From the first brace that a key follows.
fn begin(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes;
    for _ in 0..4 {
        let at = memchr(b'{', rest)?;
        rest = rest.get(at..)?;
        if rest.get(1..)?.trim_ascii_start().starts_with(b"\"") {
            return Some(rest);
        }
        rest = rest.get(1..)?;
    }
    None
}

/// The names of a member and of what it stands in.
type Path = Box<[Box<[u8]>]>;

/// What the lines before have taught: most name the same members in the same order, and many have the same time.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Members by their path, and what each means.
    members: Vec<(Path, Meaning)>,
    /// The one that is expected next.
    next: usize,
    time: (Vec<u8>, Option<Time>),
}

/// So many members are remembered.
const MEMBERS: usize = 256;
/// So many of them may be missing before one.
const MISSING: usize = 16;

impl Known {
    fn meaning(&mut self, path: &[&[u8]]) -> Meaning {
        let same = |(known, _): &(Path, Meaning)| {
            known.len() == path.len() && known.iter().rev().zip(path.iter().rev()).all(|(a, b)| **a == **b)
        };
        let ahead = self.members.get(self.next..).unwrap_or_default().iter().take(MISSING);
        if let Some((skipped, (_, meaning))) = ahead.enumerate().find(|(_, m)| same(m)) {
            self.next += skipped + 1;
            return meaning.clone();
        }
        let meaning = path.split_last().map_or(Meaning::Nothing, |(last, parents)| known(last, parents));
        if self.members.len() < MEMBERS {
            let path = path.iter().map(|p| Box::from(*p)).collect();
            self.members.insert(self.next.min(self.members.len()), (path, meaning.clone()));
            self.next += 1;
        }
        meaning
    }

    fn time(&mut self, text: &[u8]) -> Option<Time> {
        if self.time.0 != text {
            self.time.1 = super::access_log::values::any_time(text);
            self.time.0.clear();
            self.time.0.extend_from_slice(text);
        }
        self.time.1
    }
}

struct State<'l, 'k> {
    line: Line<'l>,
    known: &'k mut Known,
    entry: Entry<'l>,
    /// An object of another format: a HAR entry, a packet.
    foreign: bool,
    /// A map of headers looks like all that were sent, not a chosen few.
    request_all: bool,
    response_all: bool,
}

impl<'l, 'k> State<'l, 'k> {
    fn new(line: Line<'l>, known: &'k mut Known) -> Self {
        let entry = Entry { at: line.span(), line: line.bytes, ..Entry::default() };
        Self { line, known, entry, foreign: false, request_all: false, response_all: false }
    }

    fn field(&mut self, path: &[&'l [u8]], value: Value<'l>) {
        let Some((last, parents)) = path.split_last() else { return };
        self.program(last, parents, value);
        if matches!(*last, b"startedDateTime") || parents.first() == Some(&&b"layers"[..]) {
            self.foreign = true;
        }
        // Caddy: the connection was encrypted.
        if parents == [&b"request"[..], b"tls"] {
            self.entry.scheme.get_or_insert("https");
            return;
        }
        if let Some(response) = header_map(parents) {
            self.header(response, last, value);
            return;
        }
        let text = match value {
            Value::Text(raw) | Value::Item(raw) => Text::json(raw, self.line.offset(raw)),
            Value::Bare(raw) => self.line.text(raw),
            Value::EmptyList => return,
        };
        let known = self.known.meaning(path);
        match known {
            Meaning::Nothing => {}
            Meaning::RequestLine => self.request_line(value),
            Meaning::Request(_) | Meaning::Response(_) | Meaning::Auth | Meaning::Body => self.entry.put(known, text),
            Meaning::Time => self.time(last, &text),
            _ => self.entry.put(known, plain(text)),
        }
    }

    /// Which program writes an entry, by the fields that only it has.
    fn program(&mut self, last: &[u8], parents: &[&[u8]], value: Value<'l>) {
        let access = matches!(value, Value::Text(v) if v.starts_with(b"http.log.access"));
        self.entry.by = match last {
            b"logger" if access => "Caddy",
            b"DownstreamStatus" => "Traefik",
            b"response_flags" => "Envoy",
            b"requestUrl" if parents.last() == Some(&&b"httpRequest"[..]) => "GCP load balancer",
            b"sslEnabled" => {
                self.entry.scheme = Some(if matches!(value, Value::Text(b"on")) { "https" } else { "http" });
                return;
            }
            b"httpStatus" if parents.last() == Some(&&b"properties"[..]) => "Azure Application Gateway",
            b"resourcePath" | b"routeKey" => "AWS API Gateway",
            _ => return,
        };
    }

    fn request_line(&mut self, value: Value<'l>) {
        let Value::Text(raw) = value else { return };
        if !self.entry.has_request && memchr(b' ', raw).is_some() {
            let line = self.line;
            self.entry.put_request(raw, |part| line.text(part).with_coding(Coding::Json));
        }
    }

    /// The start of a request is better than the time of the log line, milliseconds are better than seconds.
    fn time(&mut self, key: &[u8], text: &Text<'l>) {
        let starts = key.get(..5).is_some_and(|k| k.eq_ignore_ascii_case(b"start"));
        let Some(time) = self.known.time(&text.decoded()) else { return };
        if self.entry.time.is_none() || starts || key == b"msec" {
            self.entry.time = Some(time);
            self.entry.time_is_end = !starts;
        }
    }

    fn header(&mut self, response: bool, name: &[u8], value: Value<'l>) {
        let text = match value {
            Value::Text(raw) | Value::Item(raw) => Text::json(raw, self.line.offset(raw)),
            Value::Bare(b"null") => return,
            Value::Bare(raw) => self.line.text(raw),
            // Older servers write an empty list for a credential: it was there, but is not shown.
            Value::EmptyList => Text::made(&b"REDACTED"[..], Span::at(self.line.offset(name), name.len())),
        };
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        let usual = |names: [&str; 4]| names.contains(&name.as_str());
        // A template writes an empty text where no header came.
        let template = matches!(value, Value::Text(b"" | b"-"));
        if response {
            self.response_all |= usual(["date", "server", "content-type", "content-length"]);
            if !template {
                self.entry.response.show(name.clone().into(), text);
            }
            self.entry.response.names.push(name.into());
        } else {
            self.request_all |= usual(["user-agent", "accept", "host", "accept-encoding"]);
            if !template {
                self.entry.request.show(name.clone().into(), text);
            }
            self.entry.request.names.push(name.into());
        }
    }
}

/// Without JSON escapes, for values that are compared as they stand (`\/path`).
fn plain(text: Text<'_>) -> Text<'_> {
    if text.coding() == Coding::Json && memchr(b'\\', text.raw()).is_some() {
        let at = text.at();
        return Text::made(text.decoded().into_owned(), at);
    }
    text
}

/// Whether the parents are a map of headers; `true` for the response's.
fn header_map(parents: &[&[u8]]) -> Option<bool> {
    let last = parents.last()?.to_ascii_lowercase();
    if !(last.ends_with(b"headers") || last == b"header") {
        return None;
    }
    let answers = |p: &[u8]| p.get(..3).is_some_and(|p| p.eq_ignore_ascii_case(b"res"));
    Some(parents.iter().any(|p| answers(p)) || memmem::find(&last, b"response").is_some())
}

/// What a member means: by its own name where its parents are about the request, else by `parent_name`.
fn known(last: &[u8], parents: &[&[u8]]) -> Meaning {
    // Flat keys with points: `http.request.method`.
    if let Some(at) = memchr::memrchr(b'.', last) {
        let split: Vec<&[u8]> = last.split(|b| *b == b'.').collect();
        let own = last.get(at + 1..).unwrap_or_default();
        let parents = split.get(..split.len() - 1).unwrap_or_default();
        return known(own, parents);
    }
    let Some(parent) = parents.last() else { return meaning(last) };
    let joined = [parent, &b"_"[..], last].concat();
    let by_both = known_meaning(&joined);
    if by_both != Meaning::Nothing {
        return by_both;
    }
    if !parents.iter().all(|p| about_request(p)) {
        return Meaning::Nothing;
    }
    match meaning(last) {
        Meaning::Body if parent.starts_with(b"res") => Meaning::Nothing,
        own => own,
    }
}

fn about_request(parent: &[u8]) -> bool {
    const NAMES: [&[u8]; 17] = [
        b"request",
        b"req",
        b"response",
        b"res",
        b"resp",
        b"http",
        b"httprequest",
        b"http_request",
        b"properties",
        b"jsonpayload",
        b"json",
        b"log",
        b"access",
        b"access_log",
        b"fields",
        b"attributes",
        b"downstream",
    ];
    NAMES.iter().any(|n| parent.eq_ignore_ascii_case(n))
}

#[cfg(test)]
mod tests;
