//! Dictionaries as Python prints them: `{'Name': b'value', 'n': 1}`.

use crate::format::http_client::literal::{Literal, literal};

/// An entry: its key, and where its value begins.
pub(super) type Entry = (Literal, usize);

/// The entries of the dictionary whose `{` stands at `open`.
pub(super) fn entries(text: &[u8], open: usize) -> Vec<Entry> {
    let mut out = Vec::new();
    let mut at = open + 1;
    while let Some(key) = literal(text, blanks(text, at)) {
        if text.get(key.end + 1) != Some(&b':') {
            break;
        }
        let value = blanks(text, key.end + 2);
        out.push((key, value));
        let Some(end) = end(text, value) else { break };
        at = end + usize::from(text.get(end) == Some(&b','));
    }
    out
}

fn blanks(text: &[u8], from: usize) -> usize {
    from + text.get(from..).unwrap_or_default().iter().take_while(|b| **b == b' ').count()
}

/// Where the value that begins at `from` ends: at the comma or the bracket behind it.
fn end(text: &[u8], from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = from;
    while let Some(b) = text.get(at) {
        match b {
            b'\'' | b'"' => at = literal(text, at)?.end,
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' if depth == 0 => return Some(at),
            b'}' | b']' | b')' => depth -= 1,
            b',' if depth == 0 => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_a_dictionary() {
        let text = br#"x {'a': b'1, 2', 'b': {'c': [1, '}']}, "d'": None, 'e': 'z'} y"#;
        let all = entries(text, 2);
        let keys: Vec<&[u8]> = all.iter().map(|(k, _)| &text[k.start..k.end]).collect();
        assert_eq!(keys, [&b"a"[..], b"b", b"d'", b"e"]);
        let value = literal(text, all[3].1).unwrap();
        assert_eq!(&text[value.start..value.end], b"z");
        assert!(entries(b"{}", 0).is_empty());
        assert_eq!(entries(b"{'a': b'cut", 0).len(), 1);
        assert!(entries(b"", 7).is_empty());
    }
}
