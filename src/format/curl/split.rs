//! Guesses where a command begins in the middle of a transcript, for readers that begin there.

use memchr::{memchr, memmem, memrchr};

use super::command;

/// Offset of the first line with a prompt and a call of curl, the first line left aside: it may have begun earlier.
///
/// The prompt of another process ends what was open before it. That it stands in a body after all shows when the reader
/// before it does not stop there.
pub(super) fn next(bytes: &[u8]) -> Option<usize> {
    let finder = memmem::Finder::new(b"curl");
    let mut from = 0;
    loop {
        let at = from + finder.find(bytes.get(from..)?)?;
        let end = at + memchr(b'\n', bytes.get(at..)?)?;
        from = end;
        let Some(before) = memrchr(b'\n', bytes.get(..at)?) else { continue };
        let line = bytes.get(before + 1..end)?;
        if command::find(line).is_some_and(|p| p.shown) {
            return Some(before + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_with_curl_is_a_start() {
        let text = b"$ curl a\n> User-Agent: curl/8\nno curl\nada@lab:~/w$ curl -v x\n$ curl b\n";
        let at = memmem::find(text, b"ada").unwrap();
        assert_eq!(next(text), Some(at));
        assert_eq!(next(&text[..at + 20]), None, "the line is not whole");
        assert_eq!(next(b"x\ncurl -v https://a\n"), None, "a command without a prompt may be prose");
    }
}
