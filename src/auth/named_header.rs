//! The header that a server names for the credential it misses: in a challenge, or in a sentence of its answer.

use super::challenge::Challenge;

/// A challenge may carry it as a parameter: `AzureApiManagementKey realm="...", name="...", type="header"`.
pub fn in_challenges(challenges: &[Challenge]) -> Option<String> {
    challenges.iter().find_map(|c| {
        let name = c.get("name").or_else(|| c.get("header"))?.to_ascii_lowercase();
        (c.get("type").or_else(|| c.get("in")).is_none_or(|t| t == "header") && of_credential(&name)).then_some(name)
    })
}

/// `x-api-key header is required`, `No X-Auth-Token header`, `Pass it in X-Acme-Key`; in lower case.
pub fn in_words(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase();
    let lacks = ["required", "missing", "must", "not found", "no ", "absent", "expected", "provide", "not set", "need"];
    if !lacks.iter().any(|w| text.contains(w)) {
        return None;
    }
    let words: Vec<&str> =
        text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')).filter(|w| !w.is_empty()).collect();
    let near_header = words.iter().position(|w| matches!(*w, "header" | "headers")).and_then(|at| {
        let before = words.get(at.saturating_sub(3)..at).unwrap_or_default().iter().rev();
        let mut near = before.chain(words.get(at + 1..).unwrap_or_default().iter().take(3));
        near.find(|w| of_credential(w))
    });
    // Such a name is a header's, with or without the word.
    let by_form = || words.iter().find(|w| w.starts_with("x-") && of_credential(w));
    near_header.or_else(by_form).map(|w| (*w).to_owned())
}

/// Names of headers for keys and tokens; names without a dash are words of the sentence, but for `apikey`.
fn of_credential(name: &str) -> bool {
    if name == "authorization" {
        return true;
    }
    let compound = name.trim_matches(['-', '_']).contains('-') || name == "apikey";
    let other = ["csrf", "xsrf", "idempotency", "refresh", "client-id", "request", "verification"];
    compound
        && ["key", "token", "auth", "secret"].iter().any(|w| name.contains(w))
        && !other.iter().any(|w| name.contains(w))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::challenge::parse_challenges;

    #[test]
    fn sentences_and_challenges() {
        for (text, name) in [
            ("The x-api-key header is required", Some("x-api-key")),
            ("No X-Auth-Token header", Some("x-auth-token")),
            ("Pass it in X-Acme-Key; it must not be empty", Some("x-acme-key")),
            ("header X-Request-Token is missing", None),
            ("the key is missing", None),
            ("x-api-key is fine", None),
        ] {
            assert_eq!(in_words(text).as_deref(), name, "{text}");
        }
        let asked = parse_challenges(&[br#"Keys realm="r", name="Acme-Subscription-Key", type="header""#]);
        assert_eq!(in_challenges(&asked).as_deref(), Some("acme-subscription-key"));
        let query = parse_challenges(&[br#"Keys name="acme-key", type="query""#]);
        assert_eq!(in_challenges(&query), None);
    }
}
