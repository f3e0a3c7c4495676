//! Walks one JSON object and shows every scalar with its path, as written: places stay exact, and what is missing
//! (`"us":,` from an unquoted empty variable) is read as nothing.

use memchr::memchr2;

/// Objects deeper than this are passed over.
const DEEPEST: usize = 8;

/// A value without members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'l> {
    /// Between the quotes, with its escapes.
    Text(&'l [u8]),
    /// A number, `true`, `null`, or nothing.
    Bare(&'l [u8]),
    /// A text in a list: a header's own value, where a text alone is a field of a template.
    Item(&'l [u8]),
    /// `[]`.
    EmptyList,
}

/// Calls `found` with the path and value of every scalar of the object at the start of `input`, also of those in lists
/// of scalars; lists of objects are passed over. Returns what follows the object, `None` if it is none or not whole.
pub(crate) fn object<'l>(
    input: &'l [u8],
    path: &mut Vec<&'l [u8]>,
    found: &mut dyn FnMut(&[&'l [u8]], Value<'l>),
) -> Option<&'l [u8]> {
    let mut rest = blank(input.strip_prefix(b"{")?);
    if let Some(after) = rest.strip_prefix(b"}") {
        return Some(after);
    }
    loop {
        let (key, after) = string(blank(rest))?;
        let after = blank(blank(after).strip_prefix(b":")?);
        path.push(key);
        let after = value(after, path, found)?;
        path.pop();
        rest = blank(after);
        match rest.split_first()? {
            (b',', after) => rest = after,
            (b'}', after) => return Some(after),
            _ => return None,
        }
    }
}

fn value<'l>(
    input: &'l [u8],
    path: &mut Vec<&'l [u8]>,
    found: &mut dyn FnMut(&[&'l [u8]], Value<'l>),
) -> Option<&'l [u8]> {
    match input.first()? {
        b'"' => {
            let (text, rest) = string(input)?;
            found(path, Value::Text(text));
            Some(rest)
        }
        b'{' if path.len() < DEEPEST => object(input, path, found),
        b'{' => skip(input),
        b'[' => list(input, path, found),
        _ => {
            let (bare, rest) = bare(input)?;
            found(path, Value::Bare(bare));
            Some(rest)
        }
    }
}

fn list<'l>(input: &'l [u8], path: &[&'l [u8]], found: &mut dyn FnMut(&[&'l [u8]], Value<'l>)) -> Option<&'l [u8]> {
    let mut rest = blank(input.strip_prefix(b"[")?);
    if let Some(after) = rest.strip_prefix(b"]") {
        found(path, Value::EmptyList);
        return Some(after);
    }
    loop {
        rest = blank(rest);
        rest = match rest.first()? {
            b'"' => {
                let (text, after) = string(rest)?;
                found(path, Value::Item(text));
                after
            }
            b'{' | b'[' => skip(rest)?,
            _ => bare(rest)?.1,
        };
        rest = blank(rest);
        match rest.split_first()? {
            (b',', after) => rest = after,
            (b']', after) => return Some(after),
            _ => return None,
        }
    }
}

/// Behind a whole list or object, without looking into it.
fn skip(input: &[u8]) -> Option<&[u8]> {
    let (mut rest, mut depth) = (input, 0_usize);
    loop {
        match rest.first()? {
            b'"' => {
                rest = string(rest)?.1;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        rest = rest.get(1..)?;
        if depth == 0 {
            return Some(rest);
        }
    }
}

fn string(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let body = input.strip_prefix(b"\"")?;
    let mut from = 0;
    loop {
        let at = from + memchr2(b'"', b'\\', body.get(from..)?)?;
        if body.get(at) == Some(&b'"') {
            return Some((body.get(..at)?, body.get(at + 1..)?));
        }
        from = at + 2;
    }
}

fn bare(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = input.iter().position(|b| matches!(b, b',' | b'}' | b']')).unwrap_or(input.len());
    let (text, rest) = input.split_at_checked(end)?;
    let text = text.trim_ascii_end();
    let known = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.' | b'_');
    text.iter().all(known).then_some((text, rest))
}

fn blank(input: &[u8]) -> &[u8] {
    input.trim_ascii_start()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(input: &str) -> Option<(Vec<String>, String)> {
        let mut seen = Vec::new();
        let rest = object(input.as_bytes(), &mut Vec::new(), &mut |path, value| {
            let path: Vec<_> = path.iter().map(|p| String::from_utf8_lossy(p)).collect();
            let value = match value {
                Value::Text(t) | Value::Item(t) => format!("'{}'", String::from_utf8_lossy(t)),
                Value::Bare(b) => String::from_utf8_lossy(b).into_owned(),
                Value::EmptyList => "[]".to_owned(),
            };
            seen.push(format!("{}={value}", path.join(".")));
        })?;
        Some((seen, String::from_utf8_lossy(rest).into_owned()))
    }

    #[test]
    fn scalars_with_paths() {
        let (seen, rest) =
            all(r#"{"a":1,"u":,"b":{"c":["x\"}","y"],"d":[]},"e":[{"f":[2]}], "g" : null } z"#).unwrap_or_default();
        assert_eq!(seen, ["a=1", "u=", r#"b.c='x\"}'"#, "b.c='y'", "b.d=[]", "g=null"]);
        assert_eq!(rest, " z");
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        for bad in ["", "{", "{\"a\"", "{\"a\":1", "{\"a\":\"x", "{\"a\":[1", "{\"a\":{}", "[1]", "{a:1}"] {
            assert!(all(bad).is_none(), "{bad}");
        }
        let deep = format!("{}1{}", "{\"a\":".repeat(50_000), "}".repeat(50_000));
        assert!(all(&deep).is_some());
        let lists = format!("{{\"a\":{}{}}}", "[".repeat(50_000), "]".repeat(50_000));
        assert!(all(&lists).is_some());
    }
}
