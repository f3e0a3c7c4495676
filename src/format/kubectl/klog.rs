//! Lines of klog: their prefix, and what client-go's round trippers write behind it.

use crate::format::curl::line::number;
use crate::format::wall::{self, Shown};

/// `I1121 09:20:35.036374   16208 round_trippers.go:470] text`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Klog {
    /// Written by the round trippers.
    pub(super) transport: bool,
    /// Month, day and time.
    pub(super) at: Option<Shown>,
    /// Where the text begins.
    pub(super) text: usize,
}

/// Takes a line apart.
pub(super) fn parse(line: &[u8]) -> Option<Klog> {
    let [b'I' | b'W' | b'E' | b'F', a, b, c, d, b' ', ..] = line else { return None };
    if ![a, b, c, d].iter().all(|x| x.is_ascii_digit()) || line.get(8) != Some(&b':') {
        return None;
    }
    let head = line.get(..200).unwrap_or(line);
    let end = memchr::memchr(b']', head)?;
    let place = line.get(..end)?.rsplit(|b| *b == b' ').next()?;
    let (file, row) = place.split_at_checked(memchr::memchr(b':', place)?)?;
    let digits = row.get(1..)?.iter().all(u8::is_ascii_digit);
    let blank = usize::from(line.get(end + 1) == Some(&b' '));
    let (month, day) = (number(&[*a, *b]) as i8, number(&[*c, *d]) as i8);
    let clock = line.get(6..).and_then(wall::clock);
    (file.ends_with(b".go") && digits).then(|| Klog {
        transport: file == b"round_trippers.go",
        at: clock.map(|(micros, _)| Shown::Day(month, day, micros)),
        text: end + 1 + blank,
    })
}

/// What a line says; places in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// `GET https://h/x`, also with ` 401 Unauthorized in 2 milliseconds`.
    Request {
        method: (usize, usize),
        url: (usize, usize),
        status: Option<Status>,
    },
    /// `curl -v -XGET -H "..." 'https://h/x'`
    Curl(usize),
    RequestHeaders,
    ResponseHeaders,
    /// `    Name: value`
    Header(usize),
    /// `Response Status: 401 Unauthorized in 2 milliseconds`
    Status(Status),
    /// `"Request Body" body="..."`, `Request Body: ...`: the text behind.
    RequestBody {
        from: usize,
        quoted: bool,
    },
    ResponseBody {
        from: usize,
        quoted: bool,
    },
    /// `"Request" verb="GET" url="..." headers=<` of newer versions.
    Fields {
        answer: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) code: usize,
    pub(super) status: u16,
    pub(super) reason: (usize, usize),
    pub(super) micros: Option<i64>,
}

/// What a line of klog says, if it tells of a request.
pub(super) fn word(line: &[u8], klog: &Klog) -> Option<Word> {
    let text = line.get(klog.text..)?;
    let at = klog.text;
    for (word, quoted) in [(&b"\"Request Body\" body=\""[..], true), (b"Request Body: ", false)] {
        if text.starts_with(word) {
            return Some(Word::RequestBody { from: at + word.len(), quoted });
        }
    }
    for (word, quoted) in [(&b"\"Response Body\" body=\""[..], true), (b"Response Body: ", false)] {
        if text.starts_with(word) {
            return Some(Word::ResponseBody { from: at + word.len(), quoted });
        }
    }
    if !klog.transport {
        return None;
    }
    if text.starts_with(b"Request Headers:") {
        return Some(Word::RequestHeaders);
    }
    if text.starts_with(b"Response Headers:") {
        return Some(Word::ResponseHeaders);
    }
    if let Some(rest) = text.strip_prefix(b"Response Status: ") {
        return status(line, line.len() - rest.len()).map(Word::Status);
    }
    if text.starts_with(b"    ") {
        return Some(Word::Header(at + 4));
    }
    if text.starts_with(b"curl -v ") {
        return Some(Word::Curl(at));
    }
    if text.starts_with(b"\"Request\" ") || text.starts_with(b"\"Response\" ") {
        return Some(Word::Fields { answer: text.starts_with(b"\"Response\"") });
    }
    request(line, at)
}

fn request(line: &[u8], at: usize) -> Option<Word> {
    let text = line.get(at..)?;
    let method = text.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let rest = text.get(method + 1..).filter(|_| method > 1)?;
    if !(rest.starts_with(b"http://") || rest.starts_with(b"https://")) {
        return None;
    }
    let url = at + method + 1;
    let len = rest.iter().take_while(|b| **b != b' ').count();
    let told = status(line, (url + len + 1).min(line.len()));
    Some(Word::Request { method: (at, at + method), url: (url, url + len), status: told })
}

/// `401 Unauthorized in 2 milliseconds`; nothing before an answer came: ` in 0 milliseconds`.
pub(super) fn status(line: &[u8], at: usize) -> Option<Status> {
    let text = line.get(at..)?;
    let code = text.get(..3).filter(|c| c.iter().all(u8::is_ascii_digit))?;
    let end = memchr::memmem::find(text, b" in ").unwrap_or(text.len());
    let millis = text.get(end..)?.split(|b| *b == b' ').find(|w| !w.is_empty() && w.iter().all(u8::is_ascii_digit));
    let reason = (at + 4).min(at + end);
    Some(Status {
        code: at,
        status: number(code) as u16,
        reason: (reason, (at + end).max(reason)),
        micros: millis.map(|m| number(m) as i64 * 1000),
    })
}

/// The inside of `name="..."`: where it begins and ends.
pub(super) fn field(line: &[u8], name: &str) -> Option<(usize, usize)> {
    let mark = [b" ", name.as_bytes(), b"=\""].concat();
    let from = memchr::memmem::find(line, &mark)? + mark.len();
    Some((from, quoted_end(line, from)?))
}

/// The end of a Go string that began before `from`.
pub(super) fn quoted_end(line: &[u8], from: usize) -> Option<usize> {
    let mut escaped = false;
    let end = line.get(from..)?.iter().position(|b| {
        let end = *b == b'"' && !escaped;
        escaped = *b == b'\\' && !escaped;
        end
    })?;
    Some(from + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_klog() {
        let line = b"I1121 09:20:35.036374   16208 round_trippers.go:470] GET https://h/api 401 Unauthorized in 2 milliseconds";
        let k = parse(line).unwrap();
        assert!(k.transport);
        let Some(Word::Request { url, status: Some(s), .. }) = word(line, &k) else { panic!() };
        assert_eq!(&line[url.0..url.1], b"https://h/api");
        assert_eq!((s.status, &line[s.reason.0..s.reason.1], s.micros), (401, &b"Unauthorized"[..], Some(2000)));
        assert_eq!(parse(b"Info 09: nothing"), None);
        assert_eq!(quoted_end(br#"{\"a\":1}" x"#, 0), Some(9));
    }
}
