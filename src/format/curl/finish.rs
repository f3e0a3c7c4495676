//! Makes exchanges of the transfers of a segment.

use std::sync::Arc;

use super::command::Command;
use super::options::Operation;
use super::segment::Segment;
use super::snippet;
use super::transfer::{Transfer, Want};
use super::typed;
use super::url::{proxy, url};
use crate::format::{Problem, Sink};
use crate::http::{Body, Exchange, Headers, Origin, Request, Response, Seen, Span, Text, Why};

impl<'w> Segment<'w> {
    /// Pushes what the segment holds; `broken`: the input ends in it.
    pub(super) fn push(mut self, broken: bool, sink: &mut dyn Sink) -> super::segment::Carry {
        self.end_dump();
        if broken {
            self.mark_break();
        } else {
            self.end_heads();
        }
        for problem in std::mem::take(&mut self.problems) {
            sink.problem(problem);
        }
        // That the text is a page's source is known only after its first mark.
        if self.carry.paste.html
            && let Some(command) = &mut self.carry.command
        {
            let operations = &mut Arc::make_mut(command).operations;
            operations.iter_mut().for_each(Operation::decode_entities);
        }
        let command = self.carry.command.clone();
        if self.pending_command() {
            if let Some(command) = &command {
                self.push_typed(command, sink);
            }
            if !broken {
                // Answered or failed: what follows needs no more of it.
                self.carry.command = None;
            }
            return self.carry;
        }
        let mut nth = self.carry.seen.saturating_sub(self.transfers.len()).saturating_sub(self.carry.tunnels);
        let (window, base) = (self.window, self.base);
        let mut before = None;
        for transfer in std::mem::take(&mut self.transfers) {
            let tunnel = transfer.is_tunnel();
            let times = transfer.times(&mut self.carry.zone);
            let typed = command.as_deref().filter(|c| nth < repeats(c));
            let mut x = exchange(transfer, typed, nth, before.take(), window, base);
            (x.request.started, x.request.duration) = times;
            if tunnel {
                self.carry.tunnels += 1;
            } else {
                nth += 1;
                before = next_url(&x);
            }
            sink.exchange(x);
        }
        self.carry
    }

    /// The input ends inside a head.
    fn mark_break(&mut self) {
        let end = self.base + self.window.len() as u64;
        let open = self.receiving.take().map(|i| (i, true)).or(self.sending.take().map(|i| (i, false)));
        let Some((index, answer)) = open else { return };
        let Some(t) = self.transfers.get_mut(index) else { return };
        match &mut t.answer {
            Some(a) if answer => a.head.cut = true,
            _ => t.request.cut = true,
        }
        self.problems.push(Problem::new(
            Span { start: t.start, end },
            "the end of a head",
            "the exchange was kept as far as it goes",
        ));
    }

    /// The transfers of a command of which nothing was recorded but, perhaps, the answers.
    fn push_typed(&mut self, command: &Command, sink: &mut dyn Sink) {
        let mut answers = std::mem::take(&mut self.answers).into_iter();
        let mut codes = std::mem::take(&mut self.codes).into_iter();
        let mut room = repeats(command);
        for op in &command.operations {
            for url in &op.urls {
                if room == 0 {
                    return;
                }
                room -= 1;
                let failure = self.failure.take().or_else(|| self.fallback.take());
                let answer = answers.next();
                let mut at = command.at;
                if let Some(body) = &answer {
                    at = at.join(body.at());
                }
                let code = codes.next();
                if let Some((_, place)) = code {
                    at = at.join(place);
                }
                let response = (answer.is_some() || code.is_some()).then(|| Response {
                    status: code.map(|(status, _)| status),
                    status_at: code.map_or_else(Span::default, |(_, place)| place),
                    headers: Headers::not_observed(Why::NotRecorded),
                    body: answer
                        .map_or(Body::NotObserved(Why::NotRecorded), |text| Body::Text { text, source: Origin::Wire }),
                    ..Response::default()
                });
                sink.exchange(Exchange {
                    at,
                    request: typed::request(command, op, url),
                    response,
                    status_seen: failure.is_some() || code.is_some(),
                    failure,
                    origin: Origin::Typed,
                    ..Exchange::default()
                });
            }
        }
    }
}

/// The bytes that the requests of one command may repeat of it.
const REPEATED: u64 = 64 << 20;

/// How many requests tell the whole command that they come from.
fn repeats(command: &Command) -> usize {
    let bytes = command.at.end.saturating_sub(command.at.start).max(1);
    usize::try_from(REPEATED / bytes).unwrap_or(usize::MAX).max(1)
}

/// The URL of the leg behind an exchange: where its redirect leads, else the same.
fn next_url<'w>(x: &Exchange<'w>) -> Option<Text<'w>> {
    let url = &x.request.url;
    let response = x.response.as_ref()?;
    let location = response.headers.list.iter().find(|h| h.name.raw().eq_ignore_ascii_case(b"location"));
    let Some(location) = location.filter(|_| matches!(response.status, Some(300..=399))) else {
        return Some(url.clone());
    };
    let target = &location.value;
    if typed::scheme_len(target.raw()).is_some() {
        return Some(target.clone());
    }
    let authority = typed::authority(url.raw());
    let origin = memchr::memmem::find(url.raw(), authority).and_then(|at| url.raw().get(..at + authority.len()))?;
    Some(Text::made([origin, target.raw()].concat(), target.at()))
}

/// The operation and the URL that the `nth` transfer of a command belongs to.
fn operation<'c>(command: &'c Command, nth: usize, target: &[u8]) -> Option<(&'c Operation, &'c Text<'static>)> {
    let all = || command.operations.iter().flat_map(|o| o.urls.iter().map(move |u| (o, u)));
    fn path<'u>(url: &'u Text<'static>) -> &'u [u8] {
        let raw = url.raw();
        let start = typed::scheme_len(raw).map_or(0, |n| n + 3) + typed::authority(raw).len();
        let rest = raw.get(start..).unwrap_or_default();
        let end = memchr::memchr2(b'?', b'#', rest).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }
    let target = target.get(..memchr::memchr(b'?', target).unwrap_or(target.len())).unwrap_or_default();
    let fits = |u: &Text<'static>| {
        let p = path(u);
        p == target || p.is_empty() && target == b"/"
    };
    let at = all().nth(nth).filter(|(_, u)| fits(u));
    at.or_else(|| all().find(|(_, u)| fits(u))).or_else(|| all().nth(nth)).or_else(|| all().last())
}

fn exchange<'w>(
    t: Transfer<'w>,
    command: Option<&Command>,
    nth: usize,
    before: Option<Text<'w>>,
    window: &'w [u8],
    base: u64,
) -> Exchange<'w> {
    let op = command.and_then(|c| operation(c, nth, t.target.raw()).map(|(o, u)| (c, o, u)));
    let unseen = t.method.is_none();
    let mut at = Span { start: t.start, end: t.end };
    if let Some(c) = command.filter(|_| nth == 0) {
        at = at.join(c.at);
    }
    let failure = t.failure.clone();
    let response_body = body(&t, window, base);
    let tunnel = t.is_tunnel();
    let certificate = t.conn.certificate && !tunnel;
    let mut t = t;
    let answer = t.answer.take();
    let request = if unseen && tunnel {
        let url =
            proxy(&t, op.map(|(_, o, u)| (o, u))).map(|p| Text::made([b"http://", p.as_slice(), b"/"].concat(), at));
        Request {
            method: Text::made(&b"CONNECT"[..], at),
            url: url.unwrap_or_default(),
            headers: Headers::not_observed(Why::NotRecorded),
            typed: op.map(|(c, o, _)| typed::command(c, o)),
            ..Request::default()
        }
    } else if unseen {
        unseen_request(&t, op, nth, before)
    } else {
        request(t, op, window, base)
    };
    let head_only = unseen && request.method.raw() == b"HEAD" && matches!(response_body, Body::NotObserved(_));
    let response_body = if head_only { Body::Absent } else { response_body };
    let response = answer.map(|a| Response {
        status: Some(a.status),
        status_at: a.code.at(),
        reason: a.reason,
        headers: a.head.headers(),
        body: response_body,
    });
    Exchange {
        at,
        origin: if unseen && request.typed.is_some() && nth == 0 { Origin::Typed } else { Origin::Wire },
        request,
        response,
        failure,
        status_seen: true,
        certificate,
        ..Exchange::default()
    }
}

type Typed<'c> = Option<(&'c Command, &'c Operation, &'c Text<'static>)>;

/// A request of which only the typed command is known, or nothing.
fn unseen_request<'w>(t: &Transfer<'w>, op: Typed<'_>, nth: usize, before: Option<Text<'w>>) -> Request<'w> {
    let Some((command, op, url)) = op else {
        let url = t.url.clone().map(|u| Text::made(u, Span { start: t.start, end: t.start })).unwrap_or_default();
        return Request { url, headers: Headers::not_observed(Why::NotRecorded), ..Request::default() };
    };
    let mut request: Request<'w> = typed::request(command, op, url);
    if nth > 0 {
        // A later leg: curl made it of the answer before.
        request.headers = Headers::not_observed(Why::NotRecorded);
        request.body = Body::NotObserved(Why::NotRecorded);
        request.url = before.unwrap_or(request.url);
    }
    request
}

fn request<'w>(mut t: Transfer<'w>, op: Typed<'_>, window: &'w [u8], base: u64) -> Request<'w> {
    let url = url(&t, op.map(|(_, o, u)| (o, u)));
    let sent = std::mem::take(&mut t.sent);
    let head = std::mem::take(&mut t.request);
    let cut = head.cut;
    let length = head.get("content-length").map(|l| super::line::number(l.trim_ascii()));
    let chunked = head.get("transfer-encoding").is_some();
    let body = match joined(&sent, window, base) {
        Some(text) => Body::Text { text, source: if t.view { Origin::Parsed } else { Origin::Wire } },
        None if !cut && !chunked && length.unwrap_or(0) == 0 => Body::Absent,
        None => op.map_or(Body::NotObserved(Why::NotRecorded), |(_, o, _)| match typed::body(o) {
            Body::Absent => Body::NotObserved(Why::NotRecorded),
            body => body,
        }),
    };
    let mut headers = head.headers();
    if cut {
        headers.seen = Seen::None(Why::Truncated);
    }
    Request {
        method: t.method.unwrap_or_default(),
        url,
        version: t.version,
        headers,
        body,
        typed: op.map(|(c, o, _)| typed::command(c, o)),
        ..Request::default()
    }
}

/// The body of the response.
fn body<'w>(t: &Transfer<'w>, window: &'w [u8], base: u64) -> Body<'w> {
    let Some(text) = joined(&t.body, window, base) else {
        return if t.want == Want::Nothing { Body::Absent } else { Body::NotObserved(Why::NotRecorded) };
    };
    let source = if t.dump && t.view { Origin::Parsed } else { Origin::Wire };
    if t.exact {
        return Body::Text { text, source };
    }
    if let Some(text) = unwrapped(t, &text) {
        return Body::Text { text, source };
    }
    let end = snippet::cut(text.raw());
    let cut = text.raw().get(..end).unwrap_or_default();
    if cut.is_empty() {
        return Body::NotObserved(Why::NotRecorded);
    }
    let text = match text.coding() {
        crate::http::Coding::Plain => slice(Span::at(text.at().start, end), window, base),
        _ => Text::made(cut.to_vec(), text.at()),
    };
    Body::Text { text, source }
}

/// A body that a terminal wrapped, or whose line ends were changed, if its length then fits.
fn unwrapped<'w>(t: &Transfer<'w>, text: &Text<'w>) -> Option<Text<'w>> {
    let length = t.answer.as_ref()?.head.get("content-length")?;
    let length = usize::try_from(super::line::number(length.trim_ascii())).ok()?;
    let raw = text.raw();
    let without = |drop: fn(&u8) -> bool| raw.iter().filter(|b| !drop(b)).count();
    let drop: fn(&u8) -> bool = if without(|b| *b == b'\r') == length && length < raw.len() {
        |b| *b == b'\r'
    } else if without(|b| matches!(b, b'\r' | b'\n')) == length {
        |b| matches!(b, b'\r' | b'\n')
    } else {
        return None;
    };
    let bytes: Vec<u8> = raw.iter().copied().filter(|b| !drop(b)).collect();
    if !bytes.iter().any(|b| !b.is_ascii_whitespace()) || raw.trim_ascii_end() == bytes {
        return None;
    }
    Some(Text::made(bytes, text.at()))
}

fn slice(at: Span, window: &[u8], base: u64) -> Text<'_> {
    let place = |x: u64| usize::try_from(x.saturating_sub(base)).unwrap_or(usize::MAX);
    Text::plain(window.get(place(at.start)..place(at.end)).unwrap_or_default(), at.start)
}

/// The pieces of a body as one text: borrowed if they stand side by side.
fn joined<'w>(pieces: &[Text<'w>], window: &'w [u8], base: u64) -> Option<Text<'w>> {
    let (first, rest) = pieces.split_first()?;
    if rest.is_empty() {
        return Some(first.clone());
    }
    let span = pieces.iter().fold(first.at(), |s, p| s.join(p.at()));
    let plain = pieces.iter().all(|p| p.coding() == crate::http::Coding::Plain);
    let touching = pieces.windows(2).all(|w| matches!(w, [a, b] if a.at().end == b.at().start));
    if plain && touching {
        return Some(slice(span, window, base));
    }
    let bytes: Vec<u8> = pieces.iter().flat_map(|p| p.raw().iter().copied()).collect();
    Some(Text::made(bytes, span))
}
