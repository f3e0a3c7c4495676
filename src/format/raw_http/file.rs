//! `.http` files (VS Code REST client, JetBrains), and the typed commands of HTTPie.

use rustc_hash::FxHashMap;

use crate::format::lines::head_lines;
use crate::format::transcript::draft::Draft;
use crate::http::{Text, Why};

/// A longer URL takes no further line.
const LONGEST_URL: usize = 64 << 10;
/// So many bytes are put into the URLs of a file: a long variable may stand in every one.
const FILLED: usize = 16 << 20;

/// What a `.http` file said before a request.
#[derive(Debug)]
pub(super) struct Variables {
    /// `@name = value`
    values: FxHashMap<Vec<u8>, Vec<u8>>,
    /// A separator or a variable was seen: lines such as `GET https://a/b` are requests.
    active: bool,
    /// Bytes that may still be put into URLs.
    room: usize,
}

impl Default for Variables {
    fn default() -> Self {
        Self { values: FxHashMap::default(), active: false, room: FILLED }
    }
}

/// Whether the first lines are those of a `.http` file.
pub(super) fn sniff(head: &[u8]) -> bool {
    let mut variables = Variables::default();
    let mut requests = 0;
    for line in head_lines(head, 200) {
        variables.notice(line.bytes);
        requests += u32::from(request(line.bytes).is_some());
    }
    variables.active && requests > 0
}

impl Variables {
    /// Whether a line belongs to such a file outside of its requests.
    pub(super) fn opens(&self, line: &[u8]) -> bool {
        self.separator(line) || variable(line).is_some() || self.active && request(line).is_some()
    }

    /// `### name`
    pub(super) fn separator(&self, line: &[u8]) -> bool {
        line.starts_with(b"###")
    }

    fn notice(&mut self, line: &[u8]) {
        self.active |= self.separator(line);
        if let Some((name, value)) = variable(line) {
            self.active = true;
            if self.values.len() < 1000 {
                self.values.insert(name.to_vec(), value.to_vec());
            }
        }
    }

    /// Notices a line; where its method ends and its URL begins, if it is a request.
    pub(super) fn line(&mut self, line: &[u8]) -> Option<(usize, usize)> {
        self.notice(line);
        if self.active { request(line) } else { None }
    }

    /// Takes a line that only such files have in a head: comments, the rest of a URL, a header with a variable.
    pub(super) fn inside(&self, line: &[u8], draft: &mut Draft) -> bool {
        let text = line.trim_ascii_start();
        if text.starts_with(b"#") || text.starts_with(b"//") {
            return true;
        }
        if matches!(text.first(), Some(b'?' | b'&')) && draft.request.list.is_empty() {
            if draft.target.raw().len() > LONGEST_URL {
                return true;
            }
            let url = [draft.target.raw(), text.trim_ascii_end()].concat();
            draft.target = Text::made(url, draft.target.at());
            return true;
        }
        // What is sent is known only to who runs the file.
        let open = memchr::memmem::find(line, b"{{").is_some();
        if open {
            draft.request.unseen = Some(Why::NotRecorded);
        }
        open
    }

    /// Puts known variables into a URL.
    pub(super) fn fill(&mut self, url: &Text<'static>) -> Text<'static> {
        let mut out = url.raw().to_vec();
        for _ in 0..8 {
            let Some(start) = memchr::memmem::find(&out, b"{{") else { break };
            let Some(len) = memchr::memmem::find(out.get(start..).unwrap_or_default(), b"}}") else { break };
            let name = out.get(start + 2..start + len).unwrap_or_default().trim_ascii();
            let Some(value) = self.values.get(name).filter(|v| v.len() <= self.room) else { break };
            self.room -= value.len();
            out.splice(start..start + len + 2, value.iter().copied());
        }
        if out == url.raw() { url.clone() } else { Text::made(out, url.at()) }
    }
}

/// `@name = value`
fn variable(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = line.strip_prefix(b"@")?;
    let at = memchr::memchr(b'=', rest)?;
    let (name, value) = rest.split_at_checked(at)?;
    let name = name.trim_ascii();
    let word = !name.is_empty() && name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    word.then(|| (name, value.get(1..).unwrap_or_default().trim_ascii()))
}

/// `GET https://a.example/x`: length of the method, and where the URL begins.
fn request(line: &[u8]) -> Option<(usize, usize)> {
    let method = line.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let known: [&[u8]; 7] = [b"GET", b"POST", b"PUT", b"PATCH", b"DELETE", b"HEAD", b"OPTIONS"];
    let (word, rest) = line.split_at_checked(method)?;
    let url = rest.strip_prefix(b" ")?.trim_ascii();
    let absolute = url.starts_with(b"http://") || url.starts_with(b"https://") || url.starts_with(b"{{");
    let alone = url.iter().all(|b| b.is_ascii_graphic());
    (known.contains(&word) && absolute && alone).then(|| (method, line.len() - rest.trim_ascii_start().len()))
}

/// Scheme and host of `$ http -v POST https://a.example/x`; the host is empty if it is a shorthand for this machine.
pub(super) fn httpie_target(line: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let at = memchr::memmem::find(line, b"$ ")? + 2;
    let mut words = line.get(at..)?.split(|b| *b == b' ').filter(|w| !w.is_empty());
    let program = words.next()?;
    let scheme: &[u8] = if program == b"https" { b"https" } else { b"http" };
    let url = words.find(|w| {
        let word = w.first().is_some_and(u8::is_ascii_uppercase) && w.iter().all(u8::is_ascii_uppercase);
        let place =
            w.starts_with(b":") || memchr::memchr3(b'.', b':', b'/', w).is_some() || w.starts_with(b"localhost");
        !w.starts_with(b"-") && !word && place
    })?;
    let url = url.trim_ascii();
    let url: Vec<u8> = url.iter().copied().filter(|b| !matches!(b, b'\'' | b'"')).collect();
    let (scheme, rest) = match memchr::memmem::find(&url, b"://") {
        Some(at) => (url.get(..at)?.to_vec(), url.get(at + 3..)?),
        None => (scheme.to_vec(), url.as_slice()),
    };
    if rest.starts_with(b":") || rest.starts_with(b"/") {
        return Some((scheme, Vec::new()));
    }
    let end = memchr::memchr2(b'/', b'?', rest).unwrap_or(rest.len());
    Some((scheme, rest.get(..end)?.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_commands() {
        let of =
            |s: &str| httpie_target(s.as_bytes()).map(|(a, b)| format!("{}|{}", a.escape_ascii(), b.escape_ascii()));
        assert_eq!(of("$ http -v POST https://a.example:8443/x a=b").as_deref(), Some("https|a.example:8443"));
        assert_eq!(of("me@lab:~$ https -v -A bearer -a tok a.example/x").as_deref(), Some("https|a.example"));
        assert_eq!(of("$ http :8080/x X-A:b").as_deref(), Some("http|"));
    }

    #[test]
    fn variables_are_put_in() {
        let mut v = Variables::default();
        assert_eq!(v.line(b"GET https://a.example"), None);
        v.line(b"@host = https://a.example");
        assert_eq!(v.line(b"GET {{host}}/x"), Some((3, 4)));
        assert_eq!(v.fill(&Text::plain(b"{{host}}/x", 0).into_owned()).lossy(), "https://a.example/x");
        assert_eq!(v.line(b"GET https://a.example fails with 401"), None);
        // A long one is put in only so often.
        v.line(&[&b"@long = "[..], &[b'a'; 1 << 20]].concat());
        let url = Text::plain(b"{{long}}/x", 0).into_owned();
        assert_eq!((0..40).filter(|_| v.fill(&url).raw() != url.raw()).count(), 15);
    }
}
