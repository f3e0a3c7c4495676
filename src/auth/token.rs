//! The shape of token texts: placeholders, masks, what could be a token at all.

/// A template or an unset variable that was sent as a token (rules.md placeholder-token).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// `undefined`, `null`, `None`, ...: a variable without a value.
    Unset,
    /// `[object Object]`, `[object Promise]`, `function ...`: a missing `await` or the wrong field.
    Object,
    /// `{{token}}`, `${TOKEN}`, `$TOKEN`, `%TOKEN%`, `<token>`: a template that nobody filled in.
    Template,
    /// `YOUR_TOKEN`, `xxxx`, `changeme`: the example of a document.
    Example,
    /// A whole JSON login answer.
    Answer,
}

/// Whether a text stands where a token should.
pub fn is_placeholder(text: &str) -> Option<Placeholder> {
    let t = text.trim();
    let low = t.to_ascii_lowercase();
    match low.as_str() {
        "undefined" | "null" | "none" | "nil" | "nan" | "false" | "true" | "(null)" | "<nil>" | "nullptr" => {
            return Some(Placeholder::Unset);
        }
        "access_token" | "token" | "changeme" | "change_me" | "accesstoken" | "your_token" | "api_key" | "apikey"
        | "mytoken" | "secret" | "password" | "bearer_token" | "jwt" | "access-token" | "api-key" | "bearer-token"
        | "client_id" | "client-id" | "client_secret" | "client-secret" | "authorization_code"
        | "authorization-code" | "refresh_token" | "refresh-token" => {
            // Only as written in documents: `token` itself, not a password that happens to read so in a login.
            return Some(Placeholder::Example);
        }
        _ => {}
    }
    if t.starts_with("[object ")
        || t.starts_with("function") && t.contains('(')
        || t.starts_with("<function")
        || t.starts_with("<coroutine")
    {
        return Some(Placeholder::Object);
    }
    if t.starts_with("{\"") && t.contains("token") {
        return Some(Placeholder::Answer);
    }
    if template(t) {
        return Some(Placeholder::Template);
    }
    example(t, &low).then_some(Placeholder::Example)
}

fn template(t: &str) -> bool {
    let between =
        |open: &str, close: &str| t.len() > open.len() + close.len() && t.starts_with(open) && t.ends_with(close);
    let name = |s: &str| !s.is_empty() && s.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    let wordy = |s: &str| s.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | '/'));
    let inner = |n: usize, m: usize| t.get(n..t.len() - m).unwrap_or_default();
    between("{{", "}}")
        || between("${", "}")
        || between("#{", "}")
        || between("<", ">") && wordy(inner(1, 1)) && !masks(inner(1, 1))
        || between("{", "}") && name(inner(1, 1))
        || between("[", "]") && name(inner(1, 1)) && !masks(inner(1, 1)) && inner(1, 1).len() <= 24
        || between("%", "%") && name(inner(1, 1))
        || t.strip_prefix('$')
            .is_some_and(|n| name(n) && n.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && n.len() <= 40)
        || t.strip_prefix("$(").is_some()
        || t.starts_with("process.env.")
        || t.starts_with("os.environ")
}

fn example(t: &str, low: &str) -> bool {
    let exes = t.len() >= 4 && t.chars().all(|c| c == 'X');
    let yours = [
        "your_",
        "your-",
        "<your",
        "insert_",
        "insert-",
        "replace_",
        "replace-",
        "my_access",
        "put_your",
        "enter_your",
        "paste_",
    ];
    // `YourAccessToken`, `yourApiKeyHere`: words of documents. With digits it could be somebody's secret.
    let words = t.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_'));
    let nouns = ["token", "key", "api", "access", "secret", "jwt", "bearer", "auth", "password", "client"];
    let named = words && low.strip_prefix("your").is_some_and(|rest| nouns.iter().any(|n| rest.starts_with(n)));
    let dotted = t.starts_with("eyJ") && t.ends_with("...") && t.len() < 40;
    exes || dotted
        || named
        || yours.iter().any(|y| low.starts_with(y))
        || low.ends_with("_here")
        || low.ends_with("-here")
}

/// Whether a value was masked by a recorder or a person (rules.md 1.2).
pub fn is_mask(text: &str) -> bool {
    let t = text.trim();
    if t.is_empty() {
        return false;
    }
    let bare = t.trim_matches(['[', ']', '<', '>', '(', ')', '{', '}', '"', '\'', '*']).trim();
    if masks(bare) || t.ends_with("bytes were stripped]") || bare.ends_with(" redacted") {
        return true;
    }
    let run = |c: char| matches!(c, '*' | 'x' | '•' | '█' | '●');
    t.chars().count() >= 3 && (t.chars().all(run) || t.chars().all(|c| c == 'X') && !t.is_empty() && t.len() >= 3)
        || t.contains("****")
        || t.contains("••••")
        || t.contains("████")
        || t.chars().all(|c| c == '█') && t.chars().count() >= 2
}

fn masks(word: &str) -> bool {
    let w = word.to_ascii_lowercase();
    matches!(
        w.as_str(),
        "redacted"
            | "removed"
            | "filtered"
            | "hidden"
            | "masked"
            | "scrubbed"
            | "sanitized"
            | "sanitised"
            | "omitted"
            | "obfuscated"
            | "secret_hidden"
            | "stripped"
    ) || w.starts_with("redacted")
        || w.ends_with("redacted")
        || w.starts_with("masked_")
}

/// Characters of tokens: base64, base64url, hex, dots, and what vendors use between.
fn token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '+' | '/' | '=' | '!' | ':' | '|' | '%')
}

/// Whether a text could be a token: one word of 16 characters or more, or a vendor's prefix.
pub fn looks_like_token(text: &str) -> bool {
    let t = text.trim();
    if is_placeholder(t).is_some() || is_mask(t) || t.contains("://") {
        return false;
    }
    let word = !t.is_empty() && t.chars().all(token_char);
    let mixed = t.chars().any(|c| c.is_ascii_digit()) && t.chars().any(|c| c.is_ascii_alphabetic()) || t.len() >= 32;
    word && t.len() >= 16 && mixed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders() {
        for t in [
            "undefined",
            "null",
            "None",
            "{{token}}",
            "${TOKEN}",
            "$TOKEN",
            "%TOKEN%",
            "<token>",
            "[object Object]",
            "YOUR_API_KEY",
            "XXXXXXXXXX",
            "eyJ...",
            "{\"access_token\":\"a\"}",
            "[token]",
            "YourAccessToken",
            "authorization-code",
        ] {
            assert!(is_placeholder(t).is_some(), "{t}");
        }
        for t in [
            "nullified8ZkAbCdEf",
            "4QDkCyCtZzYgj4C2p2cj3csJH7zqS5RzKs2kTnG4",
            "abc",
            "[redacted]",
            "$2y$10$abc",
            "YourToken8ZkQ2m",
        ] {
            assert!(is_placeholder(t).is_none(), "{t}");
        }
    }

    #[test]
    fn masks_of_all_kinds() {
        for t in [
            "[REDACTED]",
            "<redacted>",
            "REDACTED",
            "***",
            "xxxxxxxx",
            "•••",
            "[46 bytes were stripped]",
            "██",
            "sk_live_****abcd",
            "obfuscated",
            "<masked>",
            "[filtered]",
        ] {
            assert!(is_mask(t), "{t}");
        }
        for t in ["", "ab", "Bearer", "4QDk", "undefined"] {
            assert!(!is_mask(t), "{t}");
        }
    }

    #[test]
    fn shapes() {
        assert!(looks_like_token("4QDkCyCtZzYgj4C2p2cj3csJH7zqS5RzKs2kTnG4"));
        assert!(
            !looks_like_token("two words of some length")
                && !looks_like_token("short1")
                && !looks_like_token("internationalization")
        );
    }
}
