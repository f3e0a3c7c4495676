//! The line grammar of curl's traces: stamps, ids and marks, request and status lines, dump blocks.

use nom::bytes::complete::{tag, take_until, take_while, take_while_m_n, take_while1};
use nom::character::complete::{char, digit1, hex_digit1};
use nom::combinator::{opt, recognize, value};
use nom::sequence::{delimited, preceded, terminated};
use nom::{IResult, Parser, branch::alt};

use crate::format::wall;

type In<'a> = &'a [u8];

/// What stands before the text of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// `> `: a line of the request head.
    Sent,
    /// `< `: a line of the response head.
    Received,
    /// `* ` or `== Info: `.
    Info,
    /// `{ [n bytes data]`, `} [n bytes data]`, or a finished progress meter.
    Noise,
    /// `=> Send header, 12 bytes (0xc)` and its kin.
    Dump(Block),
    /// No mark: a body, a prompt, prose.
    None,
}

/// What a dump of `--trace` or `--trace-ascii` holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    SentHead,
    SentData,
    ReceivedHead,
    ReceivedData,
    /// Bytes below HTTP (TLS records).
    Other,
}

/// Transfer and connection of `--trace-ids`: `[1-0]`, `[1-x]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ids {
    pub(super) transfer: u32,
    pub(super) connection: Option<u32>,
}

/// A line taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) mark: Mark,
    pub(super) ids: Option<Ids>,
    /// The time of `--trace-time`: microseconds since midnight.
    pub(super) clock: Option<i64>,
    /// Bytes before the text.
    pub(super) skip: usize,
    /// Length of a dump as its heading says.
    pub(super) size: u64,
}

impl Parts {
    fn new(mark: Mark, skip: usize) -> Self {
        Self { mark, ids: None, clock: None, skip, size: 0 }
    }
}

/// Takes a line (without its end) apart.
pub(super) fn parse(line: &[u8]) -> Parts {
    match line {
        [b'>', b' ', ..] => Parts::new(Mark::Sent, 2),
        [b'<', b' ', ..] => Parts::new(Mark::Received, 2),
        [b'*', b' ', ..] => Parts::new(Mark::Info, 2),
        [b'>'] => Parts::new(Mark::Sent, 1),
        [b'<'] => Parts::new(Mark::Received, 1),
        [b'{' | b'}', b' ', b'[', ..] if data_note(line).is_ok() => Parts::new(Mark::Noise, line.len()),
        [b'=', b'=' | b'>', b' ', ..] | [b'<', b'=', b' ', ..] => trace(line),
        [b'0'..=b'9', _, b':', ..] | [b'[', b'0'..=b'9', ..] => stamped(line),
        [b' ' | b'0'..=b'9' | b'\r', ..] => meter(line),
        _ => Parts::new(Mark::None, 0),
    }
}

fn trace(line: &[u8]) -> Parts {
    if line.starts_with(b"== Info: ") {
        return Parts::new(Mark::Info, 9);
    }
    // Git's GIT_TRACE_CURL marks each line of a head instead of dumping it.
    for (mark, word) in [
        (Mark::Sent, &b"=> Send header: "[..]),
        (Mark::Received, b"<= Recv header: "),
        (Mark::Sent, b"=> Send header:"),
        (Mark::Received, b"<= Recv header:"),
        (Mark::Noise, b"=> Send data: "),
        (Mark::Noise, b"<= Recv data: "),
    ] {
        if line.starts_with(word) {
            let skip = if mark == Mark::Noise { line.len() } else { word.len() };
            return Parts::new(mark, skip);
        }
    }
    match dump_heading(line) {
        Ok((_, (block, size))) => Parts { size, ..Parts::new(Mark::Dump(block), line.len()) },
        Err(_) => Parts::new(Mark::None, 0),
    }
}

/// A line with the time or the ids before its mark.
fn stamped(line: &[u8]) -> Parts {
    let Ok((rest, (clock, ids))) = prefix(line) else { return meter(line) };
    let (rest, git) = git_place(rest).map_or((rest, false), |r| (r, true));
    let before = line.len() - rest.len();
    let inner = match rest.first() {
        Some(b'0'..=b'9' | b'[' | b' ') | None => Parts::new(Mark::None, 0),
        _ => parse(rest),
    };
    if inner.mark == Mark::None {
        return Parts::new(Mark::None, 0);
    }
    // The headings of Git have no dump below them.
    if git && matches!(inner.mark, Mark::Dump(_)) {
        return Parts::new(Mark::Noise, line.len());
    }
    Parts { ids, clock, skip: before + inner.skip, ..inner }
}

/// Skips the numbers of a progress meter, which the next line of the trace is glued to.
fn meter(line: &[u8]) -> Parts {
    let numbers = line
        .iter()
        .take_while(|b| matches!(b, b' ' | b'0'..=b'9' | b'.' | b':' | b'-' | b'k' | b'M' | b'G' | b'T' | b'P'))
        .count();
    let (head, rest) = line.split_at_checked(numbers).unwrap_or((line, b""));
    let words = head.split(|b| *b == b' ').filter(|w| !w.is_empty()).count();
    if rest.is_empty() && words >= 8 {
        return Parts::new(Mark::Noise, line.len());
    }
    if words >= 8 && matches!(rest, [b'*' | b'>' | b'<' | b'{' | b'}', b' ', ..]) {
        let inner = parse(rest);
        return Parts { skip: numbers + inner.skip, ..inner };
    }
    let heading =
        line.starts_with(b"  % Total") || (line.starts_with(b"          ") && line.trim_ascii().starts_with(b"Dload "));
    if heading {
        return Parts::new(Mark::Noise, line.len());
    }
    Parts::new(Mark::None, 0)
}

fn digits(count: usize) -> impl Fn(In<'_>) -> IResult<In<'_>, In<'_>> {
    move |i| take_while_m_n(count, count, |b: u8| b.is_ascii_digit())(i)
}

/// `09:07:42.613764 `
fn clock(i: In<'_>) -> IResult<In<'_>, Option<i64>> {
    let shape = (digits(2), char(':'), digits(2), char(':'), digits(2), char('.'), digits(6), char(' '));
    let (rest, text) = recognize(shape).parse(i)?;
    Ok((rest, wall::clock(text).map(|(micros, _)| micros)))
}

/// `[0-0] `, `[0-x] `
fn ids(i: In<'_>) -> IResult<In<'_>, Ids> {
    let connection = alt((digit1.map(Some), value(None, tag("x"))));
    let mut whole = delimited(char('['), (terminated(digit1, char('-')), connection), tag("] "));
    let (rest, (transfer, connection)) = whole.parse(i)?;
    Ok((rest, Ids { transfer: number(transfer) as u32, connection: connection.map(|c| number(c) as u32) }))
}

fn prefix(i: In<'_>) -> IResult<In<'_>, (Option<i64>, Option<Ids>)> {
    alt(((clock, opt(ids)), ids.map(|ids| (None, Some(ids))))).parse(i)
}

/// What stands behind `http.c:913              `, the place in Git's source.
fn git_place(i: In<'_>) -> Option<In<'_>> {
    fn whole(i: In<'_>) -> IResult<In<'_>, ()> {
        value((), (tag("http.c:"), digit1, take_while1(|b: u8| b == b' '))).parse(i)
    }
    whole(i).ok().map(|(rest, ())| rest)
}

/// Whether the time of `--trace-time` stands here.
pub(super) fn is_clock(i: &[u8]) -> bool {
    clock(i).is_ok()
}

fn data_note(i: In<'_>) -> IResult<In<'_>, In<'_>> {
    preceded((alt((char('{'), char('}'))), tag(" [")), terminated(digit1, tag(" bytes data]"))).parse(i)
}

fn dump_heading(i: In<'_>) -> IResult<In<'_>, (Block, u64)> {
    let way = alt((value(true, tag("=> Send ")), value(false, tag("<= Recv "))));
    let what = terminated(take_until(", "), tag(", "));
    let (rest, (sent, what, size, _, _, _)) = (way, what, digit1, tag(" bytes (0x"), hex_digit1, char(')')).parse(i)?;
    let block = match (sent, what) {
        (true, b"header") => Block::SentHead,
        (true, b"data") => Block::SentData,
        (false, b"header") => Block::ReceivedHead,
        (false, b"data") => Block::ReceivedData,
        _ => Block::Other,
    };
    Ok((rest, (block, number(size))))
}

fn offset(i: In<'_>) -> IResult<In<'_>, In<'_>> {
    terminated(take_while_m_n(4, 8, |b: u8| b.is_ascii_hexdigit()), char(':')).parse(i)
}

fn version(i: In<'_>) -> IResult<In<'_>, In<'_>> {
    let number = take_while(|b: u8| b.is_ascii_digit() || b == b'.');
    delimited(tag("HTTP/"), number, char(' ')).parse(i)
}

/// One line of a dump: its offset and what stands behind `0040: `.
pub(super) fn dump_line(i: &[u8]) -> Option<(u64, &[u8])> {
    let (rest, offset) = offset(i).ok()?;
    let offset = u64::from_str_radix(std::str::from_utf8(offset).ok()?, 16).ok()?;
    Some((offset, rest.strip_prefix(b" ").unwrap_or(rest)))
}

/// A request line: lengths of the method and of the target, which stands one blank behind it.
pub(in crate::format) fn request_line(i: &[u8]) -> Option<(usize, usize)> {
    let (rest, method) = method(i).ok()?;
    let rest = rest.strip_prefix(b" ")?;
    let end = memchr::memrchr(b' ', rest.trim_ascii_end())?;
    if !rest.get(end + 1..)?.starts_with(b"HTTP/") {
        return None;
    }
    (end > 0).then_some((method.len(), end))
}

fn method(i: In<'_>) -> IResult<In<'_>, In<'_>> {
    take_while1(|b: u8| b.is_ascii_uppercase() || b == b'-' || b == b'_').parse(i)
}

/// A status line: the version, the code, and where the code and the reason stand.
pub(in crate::format) fn status_line(i: &[u8]) -> Option<(usize, u16, usize)> {
    let (rest, _) = version(i).ok()?;
    let (after, code) = digits(3)(rest).ok()?;
    if !matches!(after.first(), None | Some(b' ' | b'\r')) {
        return None;
    }
    let at = i.len() - rest.len();
    let reason = i.len() - after.len() + usize::from(after.first() == Some(&b' '));
    Some((at, number(code) as u16, reason))
}

/// The value of ASCII digits; saturates.
pub(in crate::format) fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0_u64, |n, d| n.saturating_mul(10).saturating_add(u64::from(d.wrapping_sub(b'0'))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks() {
        let of = |s: &str| {
            let p = parse(s.as_bytes());
            (p.mark, p.skip)
        };
        assert_eq!(of("> GET / HTTP/1.1"), (Mark::Sent, 2));
        assert_eq!(of("<html>"), (Mark::None, 0));
        assert_eq!(of("{ [98 bytes data]"), (Mark::Noise, 17));
        assert_eq!(of("{ [98 bytes]"), (Mark::None, 0));
        assert_eq!(of("09:07:42.613764 [0-0] * Host x"), (Mark::Info, 24));
        assert_eq!(of("[0-x] == Info: y"), (Mark::Info, 15));
        assert_eq!(
            of("  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0> GET"),
            (Mark::Sent, 80)
        );
        assert_eq!(of("100 98"), (Mark::None, 0));
        assert_eq!(of("19:30:02.215666 http.c:872              => Send header: Host: a"), (Mark::Sent, 56));
        assert_eq!(of("19:30:02.257958 http.c:872              <= Recv header:"), (Mark::Received, 55));
        assert_eq!(of("19:30:01.998814 http.c:913              == Info: Trying"), (Mark::Info, 49));
        assert_eq!(
            parse(b"19:30:02.214262 http.c:860       => Send header, 0000000216 bytes (0x000000d8)").mark,
            Mark::Noise
        );
        assert_eq!(parse(b"=> Send data, 38 bytes (0x26)").mark, Mark::Dump(Block::SentData));
        assert_eq!(parse(b"09:10:16.356202 [0-0] => Send SSL data, 5 bytes (0x5)").mark, Mark::Dump(Block::Other));
    }

    #[test]
    fn first_lines() {
        assert_eq!(request_line(b"GET /a b HTTP/1.1"), Some((3, 4)));
        assert_eq!(request_line(b"GET HTTP/1.1"), None);
        assert_eq!(status_line(b"HTTP/1.1 401 Unauthorized"), Some((9, 401, 13)));
        assert_eq!(status_line(b"HTTP/2 401"), Some((7, 401, 10)));
        assert_eq!(status_line(b"HTTP/2 4011"), None);
        assert_eq!(dump_line(b"001e: Host: x"), Some((30, b"Host: x".as_slice())));
    }
}
