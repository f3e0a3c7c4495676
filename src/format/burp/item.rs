//! One `<item>`: its elements, decoded, and the exchange that it becomes.

use base64::Engine;
use memchr::memmem;

use crate::format::Sink;
use crate::format::lines::offset_in;
use crate::format::message::{self, Raw};
use crate::http::{Exchange, Span, Text, Time};

/// The text of an element.
struct Element<'a> {
    /// As written, without `<![CDATA[ ]]>`.
    inner: &'a [u8],
    /// It stood in CDATA: nothing is escaped.
    data: bool,
    base64: bool,
}

/// Pushes the exchange of an item; `false` if it shows none.
pub(super) fn read(item: &[u8], start: u64, sink: &mut dyn Sink) -> bool {
    let Some(request) = element(item, "request") else { return false };
    let place = |e: &Element<'_>| Span::at(start + offset_in(item, e.inner) as u64, e.inner.len());
    let request_bytes = request.bytes();
    let at = place(&request);
    let raw = if request.data && !request.base64 {
        Raw::plain(request.inner, at.start)
    } else {
        Raw::made(&request_bytes, at)
    };
    let Some(mut parsed) = message::request(raw, None) else { return false };
    if let Some(url) = element(item, "url").filter(|u| !u.inner.is_empty()) {
        // The request line has no scheme and no host.
        parsed.url = Text::made(url.bytes(), place(&url));
    }
    parsed.started = element(item, "time").and_then(|t| time(&t.bytes()));
    let response = element(item, "response").filter(|r| !r.inner.is_empty());
    let response_bytes = response.as_ref().map(Element::bytes).unwrap_or_default();
    let answer = response.as_ref().and_then(|r| match r.data && !r.base64 {
        true => message::response(Raw::plain(r.inner, place(r).start)),
        false => message::response(Raw::made(&response_bytes, place(r))),
    });
    let origin = message::origin(parsed.version.raw());
    sink.exchange(Exchange {
        at: Span::at(start, item.len()),
        request: parsed,
        response: answer,
        status_seen: true,
        origin,
        ..Exchange::default()
    });
    true
}

impl Element<'_> {
    fn bytes(&self) -> Vec<u8> {
        if self.base64 {
            let clean: Vec<u8> = self.inner.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
            return base64::engine::general_purpose::STANDARD.decode(&clean).unwrap_or_default();
        }
        if self.data { self.inner.to_vec() } else { unescaped(self.inner) }
    }
}

/// The first element of this name.
fn element<'a>(item: &'a [u8], name: &str) -> Option<Element<'a>> {
    let (at, head) = opening(item, name)?;
    let inside = item.get(at..)?;
    let base64 = memmem::find(head, b"base64=\"true\"").is_some();
    if let Some(data) = inside.strip_prefix(b"<![CDATA[") {
        let end = memmem::find(data, b"]]>")?;
        return Some(Element { inner: data.get(..end)?, data: true, base64 });
    }
    let end = memmem::find(inside, format!("</{name}>").as_bytes())?;
    Some(Element { inner: inside.get(..end)?, data: false, base64 })
}

/// Behind the opening tag of this name, outside of CDATA, and its attributes.
fn opening<'a>(item: &'a [u8], name: &str) -> Option<(usize, &'a [u8])> {
    let mut at = 0;
    loop {
        let rest = item.get(at..)?;
        let open = memchr::memchr(b'<', rest)?;
        let tag = rest.get(open + 1..)?;
        if tag.starts_with(b"![CDATA[") {
            at += open + memmem::find(tag, b"]]>")? + 4;
            continue;
        }
        let end = memchr::memchr(b'>', tag)?;
        let (inside, _) = tag.split_at_checked(end)?;
        let behind = at + open + 1 + end + 1;
        match inside.strip_prefix(name.as_bytes()) {
            Some(head) if head.is_empty() || head.starts_with(b" ") => return Some((behind, head)),
            _ => at = behind,
        }
    }
}

fn unescaped(text: &[u8]) -> Vec<u8> {
    if memchr::memchr(b'&', text).is_none() {
        return text.to_vec();
    }
    let text = String::from_utf8_lossy(text);
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#13;", "\r");
    plain.replace("&apos;", "'").replace("&amp;", "&").into_bytes()
}

/// `Sat Nov 21 09:06:27 UTC 2026`, as Java prints a date. Of the zones, those that mean one thing are read.
fn time(text: &[u8]) -> Option<Time> {
    let text = std::str::from_utf8(text).ok()?.trim();
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let [_, month, day, clock, zone, year] = words[..] else { return None };
    let offset = match zone {
        "UTC" | "GMT" | "Z" | "WET" => "+0000",
        "CET" | "BST" | "WEST" => "+0100",
        "CEST" | "EET" => "+0200",
        "EEST" | "MSK" => "+0300",
        "EST" => "-0500",
        "EDT" => "-0400",
        "CDT" => "-0500",
        "MST" => "-0700",
        "MDT" => "-0600",
        "PST" => "-0800",
        "PDT" => "-0700",
        "JST" => "+0900",
        zone => zone.strip_prefix("GMT").unwrap_or(zone),
    };
    crate::http::parse_clf(&format!("{day:0>2}/{month}/{year}:{clock} {}", offset.replace(':', "")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_java() {
        assert_eq!(time(b"Sat Nov 21 09:06:27 UTC 2026"), Some(Time::from_secs(1_795_251_987)));
        assert_eq!(time(b"Sat Nov 21 10:06:27 CET 2026"), time(b"Sat Nov 21 09:06:27 UTC 2026"));
        assert_eq!(time(b"Sat Nov 21 10:06:27 GMT+01:00 2026"), time(b"Sat Nov 21 09:06:27 GMT 2026"));
        assert_eq!(time(b"Sat Nov 21 10:06:27 IST 2026"), None, "Ireland, Israel or India");
        assert_eq!(time(b"yesterday"), None);
    }
}
