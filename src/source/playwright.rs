//! A HAR whose bodies are members beside it (Playwright's `attach`): each is put in as text in the place of its `_file`.

use std::io::{self, Read};

use memchr::memmem;

use super::archive::Members;

/// A longer body is left where it is: its begin would be judged, its bytes would be carried.
const LONGEST: u64 = 1 << 20;

/// The HAR with its bodies, as a stream.
pub(super) struct Inlined<'m> {
    har: Vec<u8>,
    members: &'m mut dyn Members,
    /// Read up to here.
    at: usize,
    /// What is handed out next, and how much of it was.
    ready: Vec<u8>,
    given: usize,
}

impl<'m> Inlined<'m> {
    pub(super) fn new(har: Vec<u8>, members: &'m mut dyn Members) -> Self {
        Self { har, members, at: 0, ready: Vec::new(), given: 0 }
    }

    /// Up to and with the next body.
    fn more(&mut self) {
        const KEY: &[u8] = b"\"_file\"";
        let rest = self.har.get(self.at..).unwrap_or_default();
        let found = memmem::find(rest, KEY).and_then(|key| {
            let value = rest.get(key + KEY.len()..)?;
            let open = value.iter().position(|b| !matches!(b, b' ' | b':' | b'\n' | b'\r' | b'\t'))?;
            let name = value.get(open..)?.strip_prefix(b"\"")?;
            let end = memchr::memchr(b'"', name)?;
            let name = std::str::from_utf8(name.get(..end)?).ok()?;
            Some((key, key + KEY.len() + open + 1 + end + 1, name.to_owned()))
        });
        let (key, len, name) = match found {
            Some((key, len, name)) => (key, len, Some(name)),
            // A key without a name: the rest is handed out as it is.
            None => (0, rest.len(), None),
        };
        self.ready = rest.get(..len).unwrap_or_default().to_vec();
        self.given = 0;
        self.at += len;
        let body = name.and_then(|n| self.members.read(&n, LONGEST + 1).ok());
        let Some(body) = body.filter(|b| b.len() as u64 <= LONGEST) else { return };
        if let Some(text) = std::str::from_utf8(&body).ok().and_then(|t| serde_json::to_string(t).ok()) {
            self.ready.truncate(key);
            self.ready.extend_from_slice(b"\"text\":");
            self.ready.extend_from_slice(text.as_bytes());
        }
    }
}

impl Read for Inlined<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.given == self.ready.len() {
            if self.at == self.har.len() || into.is_empty() {
                return Ok(0);
            }
            self.more();
        }
        let left = self.ready.get(self.given..).unwrap_or_default();
        let n = left.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..n), left.get(..n)) {
            to.copy_from_slice(from);
        }
        self.given += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::error::SourceError;

    struct Fake;

    impl Members for Fake {
        fn names(&self) -> Vec<String> {
            Vec::new()
        }

        fn read(&mut self, member: &str, _: u64) -> Result<Vec<u8>, SourceError> {
            match member {
                "a.json" => Ok(b"{\"x\":\n1}".to_vec()),
                "b.png" => Ok(vec![0xff, 0]),
                _ => Err(SourceError::NotFound { name: member.to_owned() }),
            }
        }
    }

    #[test]
    fn text_is_put_in_and_nothing_else() {
        let har = br#"{"a":{"_file":"a.json"},"b":{"_file": "b.png"},"c":{"_file":"no"},"d":"\"_file\":\"a.json\"","_file":3}"#;
        let mut out = String::new();
        Inlined::new(har.to_vec(), &mut Fake).read_to_string(&mut out).unwrap();
        let want = r#"{"a":{"text":"{\"x\":\n1}"},"b":{"_file": "b.png"},"c":{"_file":"no"},"d":"\"_file\":\"a.json\"","_file":3}"#;
        assert_eq!(out, want);
    }
}
