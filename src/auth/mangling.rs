//! How a sent token differs from the one that was issued (rules.md mangled-token).

/// What happened to a token on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mangling {
    /// Quotes, brackets or other wrapping.
    Wrapped(char),
    /// Blanks or line breaks around it.
    Outer,
    /// Blanks or line breaks within.
    Inner,
    /// Percent-encoding.
    Percent,
    /// `+` became a blank, or a blank `+`.
    Plus,
    /// Cut: sent and full length.
    Truncated(usize, usize),
    /// Text was added: sent and full length.
    Appended(usize, usize),
    /// Another case.
    Case,
    /// An invisible or look-alike character of this code point.
    Invisible(u32),
    /// `-` and `_` for `+` and `/`, or padding.
    Alphabet,
    /// Printed with its type around it: `Optional[..]`, `Some("..")`, `b'..'`.
    Printed,
}

impl Mangling {
    /// What happened, in words, without any part of the token.
    pub fn words(self) -> String {
        match self {
            Self::Wrapped(c) => format!("it is wrapped in {c}"),
            Self::Outer => "blanks or a line break stand around it".to_owned(),
            Self::Inner => "a blank or line break stands within".to_owned(),
            Self::Percent => "it is percent-encoded".to_owned(),
            Self::Plus => "its + became a blank".to_owned(),
            Self::Truncated(sent, full) => format!("{sent} of {full} characters were sent"),
            Self::Appended(sent, full) => format!("{sent} characters were sent, {full} issued"),
            Self::Case => "letters changed case".to_owned(),
            Self::Invisible(c) => format!("it holds the character U+{c:04X}"),
            Self::Printed => "a type of the program is printed around it".to_owned(),
            Self::Alphabet => "its base64 alphabet or padding was changed".to_owned(),
        }
    }
}

const WRAPS: [char; 11] = ['"', '\'', '`', '<', '>', '[', ']', '“', '”', '‘', '’'];

fn invisible(c: char) -> bool {
    matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{a0}' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{fffd}')
}

/// How `sent` came from `issued`; `None` if they are equal or not akin.
pub fn compare(sent: &str, issued: &str) -> Option<Mangling> {
    if sent == issued || issued.len() < 8 || sent.is_empty() {
        return None;
    }
    if let Some(m) = by_cleaning(sent, issued) {
        return Some(m);
    }
    if issued.starts_with(sent) && sent.len() >= 8 {
        return Some(Mangling::Truncated(sent.chars().count(), issued.chars().count()));
    }
    if printed(sent).is_some_and(|inner| inner.trim_matches(WRAPS) == issued) {
        return Some(Mangling::Printed);
    }
    if sent.starts_with(issued) || sent.ends_with(issued) {
        return Some(Mangling::Appended(sent.chars().count(), issued.chars().count()));
    }
    if sent.eq_ignore_ascii_case(issued) && issued.chars().any(|c| c.is_ascii_alphabetic()) {
        return Some(Mangling::Case);
    }
    let plain = |s: &str| s.trim_end_matches('=').replace('-', "+").replace('_', "/");
    (plain(sent) == plain(issued)).then_some(Mangling::Alphabet)
}

fn by_cleaning(sent: &str, issued: &str) -> Option<Mangling> {
    let trimmed = sent.trim();
    if trimmed == issued {
        return Some(Mangling::Outer);
    }
    let unwrapped = trimmed.trim_matches(WRAPS).trim();
    if unwrapped == issued {
        return trimmed.chars().next().filter(|c| WRAPS.contains(c)).or(trimmed.chars().last()).map(Mangling::Wrapped);
    }
    if let Some(c) = sent.chars().find(|c| invisible(*c)) {
        let clean: String = unwrapped.chars().filter(|c| !invisible(*c)).collect();
        let dashes: String =
            unwrapped.chars().map(|c| if matches!(c, '\u{2010}'..='\u{2015}') { '-' } else { c }).collect();
        if clean == issued || dashes == issued {
            return Some(Mangling::Invisible(u32::from(c)));
        }
    }
    let decoded = super::form::percent_decode(sent.as_bytes());
    if sent.contains('%') && *decoded == *issued.as_bytes() {
        return Some(Mangling::Percent);
    }
    if sent.replace(' ', "+") == issued || sent.replace('+', " ") == issued {
        return Some(Mangling::Plus);
    }
    let solid: String = sent.chars().filter(|c| !c.is_whitespace()).collect();
    (solid.len() != sent.len() && solid == issued).then_some(Mangling::Inner)
}

/// What stands within the brackets or quotes of a printed value: a short word and one pair around the rest.
pub fn printed(sent: &str) -> Option<&str> {
    const LONGEST_WORD: usize = 40;
    let open = sent.find(['[', '(', '{', '\'', '"'])?;
    let close = match sent.get(open..)?.chars().next()? {
        '[' => ']',
        '(' => ')',
        '{' => '}',
        same => same,
    };
    let word = sent.get(..open)?;
    let named = (1..=LONGEST_WORD).contains(&word.len())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "_.:".contains(c));
    let inner = sent.get(open + 1..)?.trim_end().strip_suffix(close)?;
    // `Token(value=..)`
    let inner =
        inner.rsplit_once('=').filter(|(name, v)| name.len() < LONGEST_WORD && v.len() >= 8).map_or(inner, |(_, v)| v);
    (named && inner.len() >= 8).then_some(inner)
}

/// The start of a token that an index of issued tokens is keyed by: mangled forms share it.
pub fn key(token: &str) -> String {
    let decoded = super::form::percent_decode(token.as_bytes()).into_owned();
    let text = String::from_utf8_lossy(&decoded);
    let solid = text.trim().trim_matches(WRAPS).chars().filter(|c| c.is_ascii_alphanumeric());
    solid.take(8).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        let t = "aB3+cD5/eF7gH9==";
        assert_eq!(compare("\"aB3+cD5/eF7gH9==\"", t), Some(Mangling::Wrapped('"')));
        assert_eq!(compare("aB3+cD5/eF7gH9==\n", t), Some(Mangling::Outer));
        assert_eq!(compare("aB3%2BcD5%2FeF7gH9%3D%3D", t), Some(Mangling::Percent));
        assert_eq!(compare("aB3 cD5/eF7gH9==", t), Some(Mangling::Plus));
        assert_eq!(compare("aB3+cD5/eF", t), Some(Mangling::Truncated(10, 16)));
        assert_eq!(compare("aB3+cD5/eF7gH9==,", t), Some(Mangling::Appended(17, 16)));
        assert_eq!(compare("ab3+cd5/ef7gh9==", t), Some(Mangling::Case));
        assert_eq!(compare("\u{feff}aB3+cD5/eF7gH9==", t), Some(Mangling::Invisible(0xfeff)));
        assert_eq!(compare("aB3-cD5_eF7gH9", t), Some(Mangling::Alphabet));
        assert_eq!(compare("aB3+cD5/ eF7gH9==", t), Some(Mangling::Inner));
        for sent in ["Optional[aB3+cD5/eF7gH9==]", "b'aB3+cD5/eF7gH9=='", "Some(\"aB3+cD5/eF7gH9==\")"] {
            assert_eq!(compare(sent, t), Some(Mangling::Printed), "{sent}");
        }
        assert_eq!(compare(t, t), None);
        assert_eq!(compare("otherTokenOfLength", t), None);
        assert_eq!(key("\"aB3%2BcD5"), key(t).get(..6).unwrap());
    }
}
