//! Says what an input is that is no capture, and what to give instead.

use super::lines::head_lines;

/// In words: what was found, and what would be right; `None` if nothing is known about it.
pub fn hint(head: &[u8]) -> Option<&'static str> {
    binary(head).or_else(|| text(head))
}

fn binary(head: &[u8]) -> Option<&'static str> {
    const PCAP: &str = "a packet capture; print it with tshark -r FILE -Y http -T json";
    Some(match head {
        [0xd4, 0xc3, 0xb2, 0xa1, ..] | [0xa1, 0xb2, 0xc3, 0xd4, ..] | [0x4d, 0x3c, 0xb2, 0xa1, ..] => PCAP,
        [0x0a, 0x0d, 0x0d, 0x0a, ..] => PCAP,
        // A Java serialisation.
        [0xac, 0xed, 0, 5, ..] => "a binary session of Charles; export it as JSON session file or HAR",
        [b'S', b'Q', b'L', b'i', b't', b'e', ..] => "a database; export its traffic as HAR",
        [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] => "a picture; give the text or the HAR itself",
        [b'%', b'P', b'D', b'F', ..] => "a PDF; give the text or the HAR itself",
        _ => return None,
    })
}

fn text(head: &[u8]) -> Option<&'static str> {
    let has = |mark: &str| memchr::memmem::find(head, mark.as_bytes()).is_some();
    let (mut lines, mut json, mut dated, mut errors) = (0_u32, 0_u32, 0_u32, 0_u32);
    for line in head_lines(head, 50) {
        lines += 1;
        json += u32::from(line.bytes.starts_with(b"{\"") && line.bytes.trim_ascii_end().ends_with(b"}"));
        dated += u32::from(dates(line.bytes));
        errors += u32::from(is_error(line.bytes));
    }
    if lines == 0 {
        return None;
    }
    if head.starts_with(b"<Event") && has("schemas.microsoft.com/win") {
        return Some("a Windows event log; give the log of the web server itself (W3C)");
    }
    let arrows = has(" \u{2192} ") && has(" TCP ");
    if arrows {
        return Some("a list of packets; print them with tshark -r FILE -Y http -T json");
    }
    if has("VERBOSE: ") && has("-byte payload") {
        return Some("PowerShell's -Verbose, which shows neither headers nor status; use curl.exe -v");
    }
    if has("NODE_DEBUG") && has("createConnection") || head.starts_with(b"HTTP ") && has(": createConnection ") {
        return Some("NODE_DEBUG=http, which shows neither paths nor statuses; use NODE_DEBUG=undici, or record a HAR");
    }
    if errors * 2 > lines {
        return Some("an error log, which shows no requests; give the access log beside it");
    }
    if has("\"eventSource\"") && has("\"eventName\"") {
        return Some("an audit trail of API calls, which shows no HTTP exchanges");
    }
    if has("\"swagger\"") || has("\"openapi\"") || has("schema.getpostman.com") {
        return Some("a description of an API, not traffic; record it as HAR");
    }
    if json * 2 > lines {
        return Some("JSON lines, none of which has a method, a URL and a status; give the access log");
    }
    (dated * 2 > lines).then_some(
        "a log, no line of which has a request and a status; give the access log, or its format with --log-format",
    )
}

/// A date or a time of day within the first words.
fn dates(line: &[u8]) -> bool {
    let start = line.get(..60).unwrap_or(line);
    let clock =
        |w: &[u8]| matches!(w, [a, b':', b, c, b':', d, e] if [a, b, c, d, e].into_iter().all(u8::is_ascii_digit));
    start.windows(7).any(clock)
}

/// `2026/11/21 09:10:16 [info] 25040#25040:` of nginx, `[Sat Nov 21 ...] [core:notice] [pid 3400` of Apache.
fn is_error(line: &[u8]) -> bool {
    let find = |mark: &[u8]| memchr::memmem::find(line.get(..90).unwrap_or(line), mark).is_some();
    let nginx = line.get(4) == Some(&b'/') && find(b"] ") && find(b"#") && find(b": ");
    nginx || line.starts_with(b"[") && find(b"[pid ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_capture_is_named() {
        for (head, want) in [
            (&b"\xd4\xc3\xb2\xa1\x02\x00"[..], "tshark -r"),
            (b"2026/11/21 09:10:16 [info] 25040#25040: *243 client closed\n", "error log"),
            (b"[Sat Nov 21 09:12:05.152347 2026] [mpm_event:notice] [pid 3400:tid 3400] AH00489: x\n", "error log"),
            (b"{\"level\":\"warn\",\"msg\":\"x\"}\n{\"level\":\"warn\"}\n", "JSON lines"),
            (b"[Nest] 7  - 08/02/2023, 7:32:47 PM WARN x\n2022-06-08 22:49:20.774649 [NOTICE] y\n", "a log, no line"),
        ] {
            assert!(hint(head).is_some_and(|h| h.contains(want)), "{}", String::from_utf8_lossy(head));
        }
        assert_eq!(hint(b"hello\nworld\n"), None);
        assert_eq!(hint(b""), None);
    }
}
