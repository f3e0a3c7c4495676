//! The words of a log line: bare, quoted, bracketed, and `key=value`.

use memchr::{memchr, memchr2, memchr3, memmem};
use nom::{IResult, Parser, bytes::complete::tag, error::ErrorKind};

/// Everything up to `stop`, which stays: `take_till` by [`memchr`], as fast as splitting by hand.
pub(crate) fn until(stop: u8) -> impl Fn(&[u8]) -> IResult<&[u8], &[u8]> {
    move |input: &[u8]| {
        let found = memchr(stop, input).and_then(|at| input.split_at_checked(at));
        let (taken, rest) = found.ok_or_else(|| fail(input))?;
        Ok((rest, taken))
    }
}

/// A recoverable failure at `input`.
pub(crate) fn fail(input: &[u8]) -> nom::Err<nom::error::Error<&[u8]>> {
    nom::Err::Error(nom::error::Error::new(input, ErrorKind::Fail))
}

/// The inside of a quoted string. Its end is an unescaped quote that a separator or the line's end follows: with
/// nginx' `escape=none` a value may hold bare quotes. An unclosed string takes the rest of the line.
pub(crate) fn quoted(input: &[u8]) -> IResult<&[u8], &[u8]> {
    let (body, _) = tag(&b"\""[..]).parse(input)?;
    let mut from = 0;
    while let Some(at) = body.get(from..).and_then(|b| memchr2(b'"', b'\\', b)).map(|at| from + at) {
        if body.get(at) == Some(&b'\\') {
            from = at + 2;
            continue;
        }
        let after = body.get(at + 1..).unwrap_or_default();
        if after.first().is_none_or(|b| matches!(b, b' ' | b'\t' | b',' | b';' | b']' | b')' | b'}' | b'|' | b'\x1b')) {
            return Ok((after, body.get(..at).unwrap_or_default()));
        }
        from = at + 1;
    }
    Ok((body.get(body.len()..).unwrap_or_default(), body))
}

/// A bare word: up to the next blank or tab.
pub(crate) fn word(input: &[u8]) -> IResult<&[u8], &[u8]> {
    let end = memchr2(b' ', b'\t', input).unwrap_or(input.len());
    match input.split_at_checked(end) {
        Some((w, rest)) if !w.is_empty() => Ok((rest, w)),
        _ => Err(fail(input)),
    }
}

/// The inside of `[...]`; a dump of a header ends with `\r\n]`, since its values may hold brackets.
pub(crate) fn bracketed(input: &[u8]) -> IResult<&[u8], &[u8]> {
    let (body, _) = tag(&b"["[..]).parse(input)?;
    let mut end = memchr(b']', body).ok_or_else(|| fail(input))?;
    if begins_dump(body) {
        end = memmem::find(body, br"\r\n]").map_or(end, |at| at + 4);
    }
    let (inside, rest) = body.split_at_checked(end).ok_or_else(|| fail(input))?;
    Ok((rest.get(1..).unwrap_or_default(), inside))
}

/// Whether a header dump begins here: `Name: ` or `HTTP/`.
fn begins_dump(body: &[u8]) -> bool {
    let name = body.iter().position(|b| !b.is_ascii_alphanumeric() && *b != b'-').unwrap_or(0);
    body.starts_with(b"HTTP/") || (name > 0 && body.get(name..).is_some_and(|rest| rest.starts_with(b": ")))
}

/// A word of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'l> {
    Word(&'l [u8]),
    Quoted(&'l [u8]),
    Bracketed(&'l [u8]),
    /// `key=value` or `key="value"`; the last tells whether it was quoted.
    Pair(&'l [u8], &'l [u8], bool),
}

/// Stands for a value whose end is missing: half a credential must not be taken for a whole one.
const CUT: Token<'_> = Token::Word(b"");

/// Whether a quoted string between `from` and `rest` has its closing quote.
fn closed(from: &[u8], rest: &[u8], inside: &[u8]) -> bool {
    from.len() - rest.len() == inside.len() + 2
}

/// The next token and what follows it; `None` at the end.
pub(crate) fn token(input: &[u8]) -> Option<(&[u8], Token<'_>)> {
    let input = blanks(input);
    match input.first()? {
        b'"' => {
            let (rest, inside) = quoted(input).ok()?;
            Some((rest, if closed(input, rest, inside) { Token::Quoted(inside) } else { CUT }))
        }
        b'[' => match bracketed(input) {
            Ok((rest, t)) => Some((rest, Token::Bracketed(t))),
            Err(_) => word(input).ok().map(|(rest, t)| (rest, Token::Word(t))),
        },
        _ => pair(input).or_else(|| word(input).ok().map(|(rest, w)| (rest, Token::Word(w)))),
    }
}

/// All tokens of a line.
pub(crate) fn tokens(mut input: &[u8]) -> impl Iterator<Item = Token<'_>> {
    std::iter::from_fn(move || {
        let (rest, token) = token(input)?;
        input = rest;
        Some(token)
    })
}

/// Behind blanks, separators of lists and terminal escapes.
fn blanks(mut input: &[u8]) -> &[u8] {
    loop {
        match input {
            [b' ' | b'\t' | b',' | b';', rest @ ..] => input = rest,
            [0x1b, b'[', rest @ ..] => {
                let end = rest.iter().position(u8::is_ascii_alphabetic).map_or(rest.len(), |at| at + 1);
                input = rest.get(end..).unwrap_or_default();
            }
            _ => return input,
        }
    }
}

fn pair(input: &[u8]) -> Option<(&[u8], Token<'_>)> {
    let at = memchr3(b'=', b' ', b'"', input)?;
    let (key, value) = input.split_at_checked(at)?;
    // `key=value`, `key="value"`, `key:"value"`.
    let (key, value) = match value.strip_prefix(b"=") {
        Some(value) => (key, value),
        None => (key.strip_suffix(b":")?, value),
    };
    let named = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'$' | b'@');
    if key.is_empty() || key.len() > 64 || !key.iter().all(named) {
        return None;
    }
    if value.first() == Some(&b'"') {
        let (rest, inside) = quoted(value).ok()?;
        let whole = closed(value, rest, inside);
        return Some((rest, if whole { Token::Pair(key, inside, true) } else { CUT }));
    }
    if let Some((inside, rest)) = apostrophes(value) {
        return Some((rest, Token::Pair(key, inside, false)));
    }
    let (bare, rest) = value.split_at_checked(bare_end(value))?;
    let bare = bare.strip_suffix(b",").or(bare.strip_suffix(b";")).unwrap_or(bare);
    Some((rest, Token::Pair(key, bare, false)))
}

/// The inside of `'...'`, if a separator follows it.
fn apostrophes(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let body = value.strip_prefix(b"'")?;
    let (inside, rest) = body.split_at_checked(memchr(b'\'', body)?)?;
    let rest = rest.get(1..)?;
    rest.first().is_none_or(|b| matches!(b, b' ' | b'\t' | b',' | b';')).then_some((inside, rest))
}

/// Where an unquoted value ends: at a blank, but a credential behind its scheme belongs to it.
fn bare_end(value: &[u8]) -> usize {
    const SCHEMES: [&[u8]; 8] = [b"bearer", b"basic", b"token", b"digest", b"negotiate", b"apikey", b"dpop", b"ntlm"];
    let end = memchr2(b' ', b'\t', value).unwrap_or(value.len());
    let scheme = value.get(..end).unwrap_or_default();
    if !SCHEMES.iter().any(|s| scheme.eq_ignore_ascii_case(s)) {
        return end;
    }
    let rest = value.get(end + 1..).unwrap_or_default();
    let next = rest.get(..memchr2(b' ', b'\t', rest).unwrap_or(rest.len())).unwrap_or_default();
    let padded = next.trim_ascii_end();
    let body = padded.strip_suffix(b"=").map_or(padded, |p| p.strip_suffix(b"=").unwrap_or(p));
    let another = memchr3(b'=', b'"', b'[', body).is_some();
    if body.is_empty() || another { end } else { end + 1 + next.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_a_line() {
        let line = br#"a [b c] "d \" e" k="v \x22 w" n=1, x/y?z=1 "q"r" ""#;
        let got: Vec<_> = tokens(line).collect();
        let want = [
            Token::Word(b"a"),
            Token::Bracketed(b"b c"),
            Token::Quoted(br#"d \" e"#),
            Token::Pair(b"k", br"v \x22 w", true),
            Token::Pair(b"n", b"1", false),
            Token::Word(b"x/y?z=1"),
            Token::Quoted(br#"q"r"#),
            CUT,
        ];
        assert_eq!(got, want);
    }

    #[test]
    fn pairs_as_people_write_them() {
        let line = br#"auth=Bearer abc== rt=1 a='b c' x:"y z" auth=Bearer n=1 auth=Basic"#;
        let got: Vec<_> = tokens(line).collect();
        let want = [
            Token::Pair(b"auth", b"Bearer abc==", false),
            Token::Pair(b"rt", b"1", false),
            Token::Pair(b"a", b"b c", false),
            Token::Pair(b"x", b"y z", true),
            Token::Pair(b"auth", b"Bearer", false),
            Token::Pair(b"n", b"1", false),
            Token::Pair(b"auth", b"Basic", false),
        ];
        assert_eq!(got, want);
    }

    #[test]
    fn a_cut_value_is_no_value() {
        assert_eq!(tokens(br#"a="b" c="Bearer ab"#).last(), Some(CUT));
        assert_eq!(tokens(br#"a="b" "Bearer ab"#).last(), Some(CUT));
        assert_eq!(tokens(br#"a="b" c="""#).last(), Some(Token::Pair(b"c", b"", true)));
    }

    #[test]
    fn dumps_and_open_quotes() {
        assert_eq!(bracketed(br"[A: b]c\r\nD: e\r\n] x"), Ok((&b" x"[..], &br"A: b]c\r\nD: e\r\n"[..])));
        assert_eq!(quoted(br#""open \"#), Ok((&b""[..], &br"open \"[..])));
        assert_eq!(tokens(b"\x1b[31m401\x1b[0m x").next(), Some(Token::Word(b"401\x1b[0m")));
    }
}
