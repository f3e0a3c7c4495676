//! What pasting does to a transcript: quoting, indents, timestamps, colours, entities. Line by line, so that
//! it may begin and end anywhere, and every span still points at the raw bytes.

use std::borrow::Cow;

use super::line;

/// The prefix that the lines of the current stretch carry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::format) enum Prefix {
    #[default]
    None,
    /// So many blanks or tabs.
    Indent(usize),
    /// `> `, so many times.
    Quote(usize),
    /// A timestamp, whose digits change.
    Stamp,
    /// A timestamp, and what a logger writes behind it (`[DEBUG] provider.x: `).
    Logged(Box<[u8]>),
    /// The same text on every line (`api-1  | `).
    Fixed(Box<[u8]>),
}

/// Paste damage that holds for the lines that follow.
#[derive(Clone, Debug, Default)]
pub(in crate::format) struct Paste {
    pub(in crate::format) prefix: Prefix,
    pub(in crate::format) html: bool,
}

impl Paste {
    /// Bytes of the prefix of this line; notices where a prefix begins and ends.
    pub(super) fn strip(&mut self, line: &[u8]) -> usize {
        self.strip_where(line, &strong)
    }

    /// The same for text in which `strong` tells the lines that stand in nothing else.
    pub(in crate::format) fn strip_where(&mut self, line: &[u8], strong: &dyn Fn(&[u8]) -> bool) -> usize {
        if let Some(n) = self.known(line) {
            return n;
        }
        self.prefix = Prefix::None;
        let Some(found) = find(line, strong) else { return 0 };
        self.prefix = found;
        self.known(line).unwrap_or(0)
    }

    /// Bytes of the prefix that is in force, if the line has it.
    pub(in crate::format) fn known(&self, line: &[u8]) -> Option<usize> {
        match &self.prefix {
            Prefix::None => None,
            _ if line.trim_ascii().is_empty() => Some(0),
            Prefix::Indent(n) => (indent(line) >= *n).then_some(*n),
            Prefix::Quote(depth) => unquote(line, *depth),
            Prefix::Stamp => stamp(line),
            Prefix::Logged(text) => logged(line, text),
            Prefix::Fixed(text) => line.starts_with(text).then_some(text.len()),
        }
    }

    /// Decodes entities once a transcript was seen to have them in its marks.
    pub(in crate::format) fn entities<'w>(&mut self, line: Cow<'w, [u8]>) -> Cow<'w, [u8]> {
        if !self.html && line.trim_ascii_start().first() == Some(&b'&') {
            let decoded = decode_entities(&line);
            self.html = strong(&decoded) || find(&decoded, &strong).is_some();
        }
        self.decoded(line)
    }

    /// The same for text in which `strong` tells the lines that stand in nothing else: one of them with an entity that
    /// stands for markup shows the source of a page.
    pub(in crate::format) fn entities_where<'w>(
        &mut self,
        line: Cow<'w, [u8]>,
        strong: &dyn Fn(&[u8]) -> bool,
    ) -> Cow<'w, [u8]> {
        let markup = |l: &[u8]| [&b"&lt;"[..], b"&gt;", b"&quot;"].iter().any(|e| memchr::memmem::find(l, e).is_some());
        if !self.html && memchr::memchr(b'&', &line).is_some() && markup(&line) {
            let decoded = decode_entities(&line);
            self.html = strong(&decoded) || find(&decoded, strong).is_some();
        }
        self.decoded(line)
    }

    fn decoded<'w>(&self, line: Cow<'w, [u8]>) -> Cow<'w, [u8]> {
        if !self.html || memchr::memchr(b'&', &line).is_none() {
            return line;
        }
        Cow::Owned(decode_entities(&line))
    }
}

fn find(line: &[u8], strong: &dyn Fn(&[u8]) -> bool) -> Option<Prefix> {
    match line.first()? {
        b' ' | b'\t' => {
            let n = indent(line);
            strong(line.get(n..)?).then_some(Prefix::Indent(n))
        }
        b'>' => (1..4).find(|d| quoted(line, *d, strong)).map(Prefix::Quote),
        b'0'..=b'9' | b'[' => {
            let rest = line.get(stamp(line)?..)?;
            if strong(rest) {
                return Some(Prefix::Stamp);
            }
            let ends = |at: &usize| matches!(rest.get(at - 2..*at), Some(b": " | b"] "));
            let at = (2..rest.len().min(160)).filter(ends).find(|at| rest.get(*at..).is_some_and(strong))?;
            Some(Prefix::Logged(rest.get(..at)?.into()))
        }
        b'a'..=b'z' | b'A'..=b'Z' => {
            let head = line.get(..48).unwrap_or(line);
            let bar = memchr::memchr(b'|', head)?;
            if bar == 0 || head.get(bar - 1..bar + 2) != Some(b" | ".as_slice()) {
                return None;
            }
            let bar = bar + 2;
            let (text, rest) = line.split_at_checked(bar)?;
            strong(rest).then(|| Prefix::Fixed(text.into()))
        }
        _ => None,
    }
}

fn quoted(line: &[u8], depth: usize, strong: &dyn Fn(&[u8]) -> bool) -> bool {
    unquote(line, depth).and_then(|n| line.get(n..)).is_some_and(strong)
}

/// The same text behind a timestamp; of an empty line the last blank may be lost.
fn logged(line: &[u8], text: &[u8]) -> Option<usize> {
    let at = stamp(line)?;
    let rest = line.get(at..)?;
    if rest.starts_with(text) {
        return Some(at + text.len());
    }
    (rest == text.trim_ascii_end()).then_some(line.len())
}

fn indent(line: &[u8]) -> usize {
    line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count()
}

fn unquote(line: &[u8], depth: usize) -> Option<usize> {
    let mut rest = line;
    for _ in 0..depth {
        rest = rest.strip_prefix(b">")?;
        rest = rest.strip_prefix(b" ").unwrap_or(rest);
    }
    Some(line.len() - rest.len())
}

/// `2026-11-21T09:06:27.123Z `, in brackets or not, then `stderr F ` of a container runtime.
fn stamp(line: &[u8]) -> Option<usize> {
    let body = line.strip_prefix(b"[").unwrap_or(line);
    let date = body.get(..10)?;
    // Go writes `2026/11/25`.
    let shape = |(i, b): (usize, &u8)| if i == 4 || i == 7 { matches!(b, b'-' | b'/') } else { b.is_ascii_digit() };
    if !date.iter().enumerate().all(shape) || !matches!(body.get(10), Some(b'T' | b' ')) {
        return None;
    }
    let rest = body.get(11..)?;
    let time = rest.iter().take_while(|b| matches!(b, b'0'..=b'9' | b':' | b'.' | b',' | b'Z' | b'+' | b'-')).count();
    let mut rest = rest.get(time..).filter(|_| time >= 8)?;
    rest = rest.strip_prefix(b"]").unwrap_or(rest);
    rest = rest.strip_prefix(b" ").or_else(|| rest.is_empty().then_some(rest))?;
    for stream in [b"stderr F ", b"stdout F ", b"stderr P ", b"stdout P "] {
        rest = rest.strip_prefix(stream).unwrap_or(rest);
    }
    Some(line.len() - rest.len())
}

/// A line that hardly stands in anything but a curl transcript.
pub(super) fn strong(line: &[u8]) -> bool {
    match line {
        [b'>', b' ', rest @ ..] => line::request_line(rest).is_some(),
        [b'<', b' ', rest @ ..] => line::status_line(rest).is_some(),
        [b'*', b' ', rest @ ..] => super::info::known(rest),
        [b'=', ..] | [b'<', b'=', ..] => !matches!(line::parse(line).mark, line::Mark::None),
        _ => super::command::find(line).is_some_and(|p| p.shown),
    }
}

pub(super) fn decode_entities(line: &[u8]) -> Vec<u8> {
    let table: [(&[u8], u8); 7] = [
        (b"&gt;", b'>'),
        (b"&lt;", b'<'),
        (b"&amp;", b'&'),
        (b"&quot;", b'"'),
        (b"&#39;", b'\''),
        (b"&#x27;", b'\''),
        (b"&apos;", b'\''),
    ];
    let mut out = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some((&b, tail)) = rest.split_first() {
        if let Some((name, c)) = table.iter().find(|(name, _)| b == b'&' && rest.starts_with(name)) {
            out.push(*c);
            rest = rest.get(name.len()..).unwrap_or_default();
            continue;
        }
        out.push(b);
        rest = tail;
    }
    out
}

/// How many bytes of a line stand for the first `decoded` of its text.
pub(super) fn encoded_len(line: &[u8], decoded: usize) -> usize {
    let mut at = 0;
    for _ in 0..decoded {
        let rest = line.get(at..).unwrap_or_default();
        let entity = rest.first() == Some(&b'&');
        let end = memchr::memchr(b';', rest.get(..8).unwrap_or(rest)).filter(|_| entity);
        at += end.map_or(1, |e| e + 1);
    }
    at.min(line.len())
}

/// Removes `ESC [ ... letter`.
pub(in crate::format) fn without_colours(line: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(0x1b, line).is_none() {
        return Cow::Borrowed(line);
    }
    let mut out = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some((&b, tail)) = rest.split_first() {
        if b == 0x1b && tail.first() == Some(&b'[') {
            let end = tail.iter().skip(1).position(|c| (0x40..0x7f).contains(c));
            rest = end.and_then(|e| tail.get(e + 2..)).unwrap_or_default();
            continue;
        }
        out.push(b);
        rest = tail;
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_begin_and_end() {
        let mut p = Paste::default();
        assert_eq!(p.strip(b"    *   Trying 127.0.0.1:8080..."), 4);
        assert_eq!(p.strip(b"    > GET /x HTTP/1.1"), 4);
        assert_eq!(p.strip(b"prose"), 0);
        assert_eq!(p.strip(b"    {"), 0);
        assert_eq!(p.strip(b"> > GET /x HTTP/1.1"), 2);
        assert_eq!(p.strip(b"> >"), 2);
        assert_eq!(p.strip(b"2026-11-21T09:06:27.123Z stderr F < HTTP/1.1 401 No"), 34);
        assert_eq!(p.strip(b"2026-11-21T09:06:27.124Z stderr F {}"), 34);
    }

    #[test]
    fn colours_and_entities() {
        assert_eq!(&*without_colours(b"\x1b[36m> \x1b[0mGET"), b"> GET");
        let mut p = Paste::default();
        assert_eq!(&*p.entities(Cow::Borrowed(b"&gt; GET /a&amp;b HTTP/1.1")), b"> GET /a&b HTTP/1.1");
        assert_eq!(&*Paste::default().entities(Cow::Borrowed(b"&gt; x")), b"&gt; x");
    }
}
