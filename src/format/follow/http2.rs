//! A stream of HTTP/2 as Wireshark follows it: pairs of header names and values, each behind its length in four bytes,
//! and frames of the body behind their heads of nine.

use memchr::memmem;

/// A message in the form of HTTP/1.
#[derive(Debug, Default)]
pub(super) struct Stream {
    pub(super) message: Vec<u8>,
    pub(super) scheme: Option<String>,
}

type Pair<'b> = (&'b [u8], &'b [u8]);

/// Reads what one side sent, of which every byte is known.
pub(super) fn exact(bytes: &[u8]) -> Stream {
    let mut stream = Stream::default();
    let mut rest = bytes;
    while !rest.is_empty() {
        let mut pairs = Vec::new();
        while let Some((pair, after)) = pair(rest) {
            pairs.push(pair);
            rest = after;
        }
        if !pairs.is_empty() {
            stream.head(&pairs);
            continue;
        }
        let Some((head, after)) = rest.split_at_checked(9) else { break };
        let [a, b, c, kind, ..] = head else { break };
        let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
        let body = after.get(..length.min(after.len())).unwrap_or_default();
        if *kind == 0 {
            stream.message.extend_from_slice(body);
        }
        rest = after.get(body.len()..).unwrap_or_default();
    }
    stream
}

/// `00 00 00 07 :method 00 00 00 03 GET`
fn pair(bytes: &[u8]) -> Option<(Pair<'_>, &[u8])> {
    let (name, rest) = piece(bytes)?;
    let known = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$%&'*+-.^_`|~:".contains(b);
    if name.is_empty() || !name.iter().all(known) {
        return None;
    }
    let (value, rest) = piece(rest)?;
    Some(((name, value), rest))
}

fn piece(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let ([a, b, c, d], rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_be_bytes([*a, *b, *c, *d]) as usize)
}

/// Reads what one side sent, of which bytes that cannot be printed are points: lengths are not known.
pub(super) fn printed(bytes: &[u8], cuts: &[usize]) -> Stream {
    let mut stream = Stream::default();
    for (n, from) in cuts.iter().enumerate() {
        let to = cuts.get(n + 1).copied().unwrap_or(bytes.len());
        let block = bytes.get(*from..to).unwrap_or_default();
        // In the head of a frame, flags stand where the first name does.
        if block.starts_with(b"..") && block.get(4).is_some_and(|b| b.is_ascii_lowercase() || *b == b':') {
            stream.head(&printed_pairs(block));
        } else {
            stream.message.extend_from_slice(block.get(9..).unwrap_or_default());
        }
    }
    stream
}

/// `....:method....GET....:path..../x`
fn printed_pairs(block: &[u8]) -> Vec<Pair<'_>> {
    let mut pairs = Vec::new();
    let mut at = 4;
    while let Some(rest) = block.get(at..) {
        let Some(name) = memmem::find(rest, b"..") else { break };
        let from = name + 4;
        let value = rest.get(from..).unwrap_or_default();
        let end = next_name(value).unwrap_or(value.len());
        pairs.push((rest.get(..name).unwrap_or_default(), value.get(..end).unwrap_or_default()));
        at += from + end + 4;
    }
    pairs
}

/// Where the length of the next name stands: three points, any byte, a name.
fn next_name(value: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + memmem::find(value.get(from..)?, b"...")?;
        if value.get(at + 4).is_some_and(|b| b.is_ascii_lowercase() || *b == b':') {
            return Some(at);
        }
        from = at + 1;
    }
}

impl Stream {
    /// The fields of a head; those that follow a body are none.
    fn head(&mut self, pairs: &[Pair<'_>]) {
        let value = |name: &[u8]| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
        let first = match (value(b":method"), value(b":status")) {
            (Some(method), _) => [method, b" ", value(b":path").unwrap_or(b"/"), b" HTTP/2"].concat(),
            (_, Some(status)) => [b"HTTP/2 ", status].concat(),
            _ => return,
        };
        self.scheme = value(b":scheme").map(|s| String::from_utf8_lossy(s).into_owned());
        self.message.extend_from_slice(&first);
        let host = value(b":authority").filter(|_| value(b"host").is_none()).map(|v| (&b"host"[..], v));
        let fields = pairs.iter().copied().filter(|(n, _)| !n.starts_with(b":"));
        for (name, value) in host.into_iter().chain(fields) {
            self.message.extend([b"\r\n", name, b": ", value].concat());
        }
        self.message.extend_from_slice(b"\r\n\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_and_frames() {
        let head = b"\0\0\0\x07:status\0\0\0\x03401\0\0\0\x01a\0\0\0\x04x..y";
        let whole = [&head[..], b"\0\0\x02\0\x01\0\0\0\x01{}"].concat();
        assert_eq!(exact(&whole).message, b"HTTP/2 401\r\na: x..y\r\n\r\n{}");
        assert_eq!(exact(b"\0\0").message, b"");
        let shown =
            b"....:method....GET....:path..../x..y....:authority....a.example....:scheme....https.....\n..........{}";
        let stream = printed(shown, &[0, shown.len() - 11]);
        assert_eq!(stream.message, b"GET /x..y HTTP/2\r\nhost: a.example\r\n\r\n{}");
        for end in 0..shown.len() {
            printed(&shown[..end], &[0]);
            exact(&shown[..end]);
        }
    }
}
