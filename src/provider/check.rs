//! What is wrong with a profile, in words that point at the place.

use super::profile::Profile;

/// The first value that is none of the words its key takes.
pub(super) fn wrong_word(profile: &Profile) -> Option<String> {
    const KINDS: [&str; 10] =
        ["login", "logout", "authorize", "token", "refresh", "revoke", "introspect", "register", "whoami", "csrf"];
    const PREFIXES: [&str; 6] = ["refresh", "id", "access", "key", "public", "wrong"];
    let (auth, oauth) = (&profile.auth, &profile.oauth);
    let one = |what, value: &Option<String>, known: &[&'static str]| {
        value.as_deref().filter(|v| !known.contains(v)).map(|v| unknown(what, v, known.iter().copied()))
    };
    let kind = profile.endpoints.iter().find(|e| !KINDS.contains(&e.kind.as_str()));
    let prefix = profile.prefixes.iter().find(|p| !PREFIXES.contains(&p.kind.as_str()));
    let at_most = profile.messages.iter().find_map(|m| one("at_most", &m.at_most, &["certain", "strong", "likely"]));
    let place = |p: &&String| {
        let fits = ["header:", "query:", "body:", "json:", "cookie:"].iter().any(|s| p.starts_with(s))
            || p.as_str() == "basic";
        !fits
    };
    let place = auth.place.iter().chain(&auth.places).find(place);
    kind.map(|e| unknown("endpoint kind", &e.kind, KINDS.into_iter()))
        .or_else(|| prefix.map(|p| unknown("prefix kind", &p.kind, PREFIXES.into_iter())))
        .or_else(|| {
            place.map(|p| {
                format!(
                    "unknown place \"{p}\"; write header:NAME, query:NAME, body:NAME, json:NAME, cookie:NAME or basic"
                )
            })
        })
        .or(at_most)
        .or_else(|| one("scheme_match", &auth.scheme_match, &["exact"]))
        .or_else(|| one("challenge", &auth.challenge, &["absent"]))
        .or_else(|| one("tenant", &profile.tenancy.tenant, &["label"]))
        .or_else(|| one("pkce", &oauth.pkce, &["required"]))
        .or_else(|| one("https", &oauth.https, &["required"]))
}

/// TOML's message with the file and line, and the nearest known key.
pub(crate) fn explain(e: &toml::de::Error, text: &str, file: &str) -> String {
    let line = e.span().map_or(1, |s| text.get(..s.start).unwrap_or_default().matches('\n').count() + 1);
    let message = e.message().to_owned();
    let mut quoted = message.split('`').skip(1).step_by(2);
    let nearest = quoted.next().filter(|_| message.starts_with("unknown field")).and_then(|bad| {
        let known: Vec<&str> = quoted.collect();
        let best =
            known.into_iter().max_by(|a, b| strsim::jaro_winkler(a, bad).total_cmp(&strsim::jaro_winkler(b, bad)))?;
        Some(format!("unknown key `{bad}`; did you mean `{best}`?"))
    });
    format!("{file}:{line}: {}", nearest.unwrap_or(message))
}

/// `unknown field "x"; did you mean "y"?`: the nearest known name, if one is near.
pub(crate) fn unknown<'n>(what: &str, name: &str, known: impl Iterator<Item = &'n str>) -> String {
    let shown = crate::mask::printable(name);
    let near = |k: &'n str| (strsim::jaro_winkler(k, name), k);
    let best = known.map(near).filter(|n| n.0 > 0.75).max_by(|a, b| a.0.total_cmp(&b.0));
    match best {
        Some((_, near)) => format!("unknown {what} \"{shown}\"; did you mean \"{near}\"?"),
        None => format!("unknown {what} \"{shown}\""),
    }
}
