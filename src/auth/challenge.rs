//! `WWW-Authenticate` (RFC 9110 11.6.1), tolerant of what servers really send (rules.md 2.8).

/// One challenge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// The scheme as written.
    pub scheme: String,
    /// Its parameters; names in lower case.
    pub params: Vec<(String, String)>,
    /// A token68 behind the scheme (Negotiate, NTLM).
    pub token68: Option<String>,
}

impl Challenge {
    /// A parameter by its lower-case name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Whether it is of this scheme.
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }
}

/// Parses several header lines. Commas separate both challenges and parameters; quotes may be single, mismatched or missing.
pub fn parse_challenges(values: &[&[u8]]) -> Vec<Challenge> {
    let mut out = Vec::new();
    for value in values {
        let text = String::from_utf8_lossy(value);
        line(&text, &mut out);
    }
    out
}

fn line(text: &str, out: &mut Vec<Challenge>) {
    let mut rest = text.trim();
    while !rest.is_empty() && out.len() < 64 {
        rest = rest.trim_start_matches([',', ' ', '\t']);
        let word_end = rest.find([' ', ',', '=', '\t']).unwrap_or(rest.len());
        let (word, tail) = rest.split_at_checked(word_end).unwrap_or((rest, ""));
        let next = tail.trim_start();
        if word.is_empty() {
            // A stray `=` or quote: step over it.
            rest = skip_char(rest);
        } else if next.starts_with('=') && !is_token68(tail) {
            rest = param(word, next, out);
        } else {
            rest = scheme(word, tail, out);
        }
    }
}

fn skip_char(text: &str) -> &str {
    let mut chars = text.chars();
    chars.next();
    chars.as_str()
}

/// `==` or `=` at the end: padding, no parameter.
fn is_token68(tail: &str) -> bool {
    let t = tail.trim_start_matches('=');
    tail.starts_with('=') && (t.is_empty() || t.starts_with(','))
}

fn scheme<'r>(word: &str, tail: &'r str, out: &mut Vec<Challenge>) -> &'r str {
    let next = tail.trim_start();
    // `Token <token>`: what is no token of RFC 9110 5.6.2 cannot name a scheme.
    if !word.bytes().all(is_tchar) {
        return next;
    }
    let mut c = Challenge { scheme: word.to_owned(), ..Challenge::default() };
    let stop = next.find([',', ' ']).unwrap_or(next.len());
    let (candidate, after) = next.split_at_checked(stop).unwrap_or((next, ""));
    let ends = after.trim_start().is_empty() || after.starts_with(',');
    let alone = !candidate.is_empty() && !candidate.trim_end_matches('=').contains('=') && ends;
    let negotiates = c.is("negotiate") || c.is("ntlm") || candidate.len() > 24;
    if alone && tail.starts_with(' ') && negotiates {
        c.token68 = Some(candidate.to_owned());
        out.push(c);
        return after;
    }
    out.push(c);
    next
}

fn param<'r>(name: &str, next: &'r str, out: &mut Vec<Challenge>) -> &'r str {
    let value = next.strip_prefix('=').unwrap_or(next).trim_start();
    let (text, rest) = quoted(value).unwrap_or_else(|| unquoted(value));
    if out.is_empty() {
        out.push(Challenge::default());
    }
    if let Some(c) = out.last_mut() {
        c.params.push((name.to_ascii_lowercase(), text));
    }
    rest
}

fn is_tchar(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)
}

/// A quoted value; the closing quote may be of the other kind.
fn quoted(value: &str) -> Option<(String, &str)> {
    let open = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut text = String::new();
    let mut escaped = false;
    for (i, c) in value.char_indices().skip(1) {
        if escaped {
            text.push(c);
            escaped = false;
        } else if c == '\\' && open == '"' {
            escaped = true;
        } else if c == open || matches!(c, '"' | '\'') && ends_here(value, i) {
            return Some((text, value.get(i + 1..).unwrap_or_default()));
        } else {
            text.push(c);
        }
    }
    Some((text, ""))
}

fn ends_here(value: &str, quote: usize) -> bool {
    let tail = value.get(quote + 1..).unwrap_or_default().trim_start();
    tail.is_empty() || tail.starts_with(',')
}

/// An unquoted value goes to the next comma, or to the next `name=` if blanks stand within it.
fn unquoted(value: &str) -> (String, &str) {
    let comma = value.find(',').unwrap_or(value.len());
    let (text, rest) = value.split_at_checked(comma).unwrap_or((value, ""));
    let mut from = 0;
    while let Some(i) = text.get(from..).and_then(|t| t.find(' ')) {
        let at = from + i;
        let word = text.get(at + 1..).unwrap_or_default();
        let name = word.split([' ', '=']).next().unwrap_or_default();
        if !name.is_empty() && word.get(name.len()..).is_some_and(|t| t.starts_with('=')) {
            return (text.get(..at).unwrap_or_default().to_owned(), value.get(at..).unwrap_or_default());
        }
        from = at + 1;
    }
    (text.trim().to_owned(), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Vec<Challenge> {
        parse_challenges(&[text.as_bytes()])
    }

    #[test]
    fn several_on_one_line() {
        let all = parse(
            r#"Bearer realm="api, v1", error='invalid_token", Basic Realm=My API here charset=UTF-8, Negotiate YIIB=="#,
        );
        assert_eq!(all.iter().map(|c| c.scheme.as_str()).collect::<Vec<_>>(), ["Bearer", "Basic", "Negotiate"]);
        assert_eq!(all[0].get("realm"), Some("api, v1"));
        assert_eq!(all[0].get("error"), Some("invalid_token"));
        assert_eq!(all[1].get("realm"), Some("My API here"));
        assert_eq!(all[1].get("charset"), Some("UTF-8"));
        assert_eq!(all[2].token68.as_deref(), Some("YIIB=="));
    }

    #[test]
    fn bare_schemes_and_missing_commas() {
        assert_eq!(parse("Bearer").len(), 1);
        assert_eq!(parse("Negotiate, NTLM").len(), 2);
        let digest = parse(r#"Digest realm="a" nonce="b", qop="auth", stale=true"#);
        assert_eq!(digest[0].get("nonce"), Some("b"));
        assert_eq!(digest[0].get("stale"), Some("true"));
        assert!(parse("\"=,,==").len() < 4);
    }
}
