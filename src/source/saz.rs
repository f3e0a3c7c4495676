//! A session archive of Fiddler as one stream: for each session a line with its number and three lengths, its request,
//! its answer, its description. Members are unpacked one session at a time.

use std::io::{self, Cursor, Read};

use super::archive::Members;
use super::error::SourceError;

/// A longer member is cut.
const LONGEST: u64 = 64 << 20;

/// The sessions of an archive, in the order of their numbers.
pub(super) struct Sessions<'m> {
    members: &'m mut dyn Members,
    /// What is left, last first: the number as it is written in the names.
    left: Vec<String>,
    now: Cursor<Vec<u8>>,
}

impl<'m> Sessions<'m> {
    pub(super) fn new(members: &'m mut dyn Members) -> Self {
        let number = |name: &String| Some(name.strip_prefix("raw/")?.strip_suffix("_c.txt")?.to_owned());
        let mut left: Vec<String> = members.names().iter().filter_map(number).collect();
        left.retain(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
        // By value: numbers have as many zeros before them as the longest needs, but other programs leave them out.
        left.sort_by_key(|n| {
            std::cmp::Reverse((n.trim_start_matches('0').len(), n.trim_start_matches('0').to_owned()))
        });
        Self { members, left, now: Cursor::new(Vec::new()) }
    }

    fn session(&mut self, number: &str) -> Result<Vec<u8>, SourceError> {
        let mut part = |kind: &str| match self.members.read(&format!("raw/{number}_{kind}"), LONGEST) {
            Err(SourceError::NotFound { .. }) => Ok(Vec::new()),
            read => read,
        };
        let (c, s, m) = (part("c.txt")?, part("s.txt")?, part("m.xml")?);
        let line = format!("#saz {number} {} {} {}\n", c.len(), s.len(), m.len());
        Ok([line.as_bytes(), &c, b"\n", &s, b"\n", &m, b"\n"].concat())
    }
}

impl Read for Sessions<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.now.read(into)? {
                0 if !into.is_empty() => {}
                n => return Ok(n),
            }
            let Some(number) = self.left.pop() else { return Ok(0) };
            self.now = Cursor::new(self.session(&number).map_err(io::Error::other)?);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fake;

    impl Members for Fake {
        fn names(&self) -> Vec<String> {
            ["raw/10_c.txt", "raw/9_s.txt", "raw/9_c.txt", "raw/x_c.txt", "a.har"].map(str::to_owned).to_vec()
        }

        fn read(&mut self, member: &str, _: u64) -> Result<Vec<u8>, SourceError> {
            match member {
                "raw/9_c.txt" => Ok(b"GET / HTTP/1.1".to_vec()),
                "raw/9_s.txt" => Ok(b"HTTP/1.1 200 OK".to_vec()),
                "raw/10_c.txt" => Ok(b"PUT".to_vec()),
                _ => Err(SourceError::NotFound { name: member.to_owned() }),
            }
        }
    }

    #[test]
    fn sessions_by_number() {
        let mut all = String::new();
        Sessions::new(&mut Fake).read_to_string(&mut all).unwrap();
        assert_eq!(all, "#saz 9 14 15 0\nGET / HTTP/1.1\nHTTP/1.1 200 OK\n\n#saz 10 3 0 0\nPUT\n\n\n");
    }
}
