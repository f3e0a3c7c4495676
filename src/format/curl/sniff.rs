//! Whether a text is a curl transcript: by the kinds of lines that stand in its first 64 KiB.

use super::command;
use super::info;
use super::line::{self, Mark};
use super::prefix::{self, Paste};

/// Scores the head of an input.
pub(in crate::format) fn sniff(head: &[u8]) -> u8 {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let head = head.get(..64 << 10).unwrap_or(head);
    let start = head.trim_ascii_start();
    let stamped = matches!(start, [b'[', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'-', ..]);
    // `[root@lab ~]# curl ...` begins like JSON, too.
    let prompted = start.split(|b| *b == b'\n').next().is_some_and(|l| command::find(l).is_some());
    if matches!(start.first(), Some(b'{' | b'[')) && !stamped && !prompted && !has_trace(head) {
        return 0;
    }
    let mut paste = Paste::default();
    let (mut request, mut response, mut infos, mut dumps, mut typed, mut bare) = (0, 0, 0, 0, 0, 0);
    // An answer behind the mark of what is sent: a message that somebody quoted.
    let mut quoted = 0;
    for (number, raw) in head.split(|b| *b == b'\n').enumerate() {
        let raw = raw.trim_ascii_end();
        let raw = raw.get(memchr::memrchr(b'\r', raw).map_or(0, |at| at + 1)..).unwrap_or_default();
        let clean = paste.entities(prefix::without_colours(raw));
        let cut = paste.strip(&clean);
        let text = clean.get(cut..).unwrap_or_default();
        let parts = line::parse(text);
        let inner = text.get(parts.skip..).unwrap_or_default();
        match parts.mark {
            Mark::Sent => {
                request += u32::from(line::request_line(inner).is_some());
                quoted += u32::from(line::status_line(inner).is_some());
            }
            Mark::Received => response += u32::from(line::status_line(inner).is_some()),
            Mark::Info => infos += u32::from(info::known(inner)),
            Mark::Dump(_) => dumps += 1,
            Mark::Noise => {}
            Mark::None if command::find(text).is_some() => {
                typed += u32::from(memchr::memmem::find(text, b"curl").is_some())
            }
            Mark::None => bare += u32::from(number == 0 && line::status_line(text).is_some()),
        }
    }
    if quoted > 0 && response + infos + dumps == 0 {
        return 0;
    }
    let kinds = [request, response, infos, dumps].iter().filter(|n| **n > 0).count();
    match kinds {
        _ if dumps > 0 => 95,
        2.. => 95,
        1 if typed > 0 => 90,
        1 if request + response > 0 => 75,
        1 => 50,
        _ if typed > 0 => 60,
        _ if bare > 0 => 30,
        _ => 0,
    }
}

/// A body that was written before the transcript may be JSON.
fn has_trace(head: &[u8]) -> bool {
    let mut lines = head.split(|b| *b == b'\n').skip(1);
    lines.any(|l| l.first() != Some(&b' ') && prefix::strong(l.trim_ascii_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores() {
        assert_eq!(sniff(b"* Connected to a (1.1.1.1) port 80\n> GET / HTTP/1.1\n"), 95);
        assert_eq!(sniff(b"$ curl https://a.example/\n{}\n"), 60);
        assert_eq!(sniff(b"[root@lab ~]# curl -i https://a.example/\nHTTP/1.1 401 Unauthorized\n"), 60);
        assert_eq!(sniff(b"{\"log\":{\"entries\":[]}}"), 0);
        assert_eq!(sniff(b"GET / HTTP/1.1\nHost: a\n\n"), 0);
        assert_eq!(sniff(b"Dear all,\n\nnothing here\n"), 0);
    }
}
