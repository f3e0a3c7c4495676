//! Words that sound like a refusal of the caller, but are about something else: a form's own code, a parser's token, what
//! another server answered.

use super::{Class, Ex};
use crate::facts::{Field, Kind, Place, Use};
use crate::provider::{self, Class as Says};

/// Whether the words of a client error are about something else than what the caller logs in with.
pub(super) fn about_another(ex: &Ex<'_>, said: Says) -> bool {
    about_syntax(ex, said) || about_its_field(ex, said)
}

/// The words are about something else: a parser's token, what another server answered.
fn about_syntax(ex: &Ex<'_>, said: Says) -> bool {
    const PARSER: [&str; 11] = [
        "syntax error",
        "syntaxerror",
        " at line ",
        " at position ",
        "unexpected token",
        "parse error",
        " near ",
        " returned 40",
        "responded with",
        "upstream",
        "remote server",
    ];
    let words = ex.answer().map(|a| a.head.text().to_ascii_lowercase()).unwrap_or_default();
    // `Scope is required`: a form's field, unless the words tell what the token lacks.
    let field = said == Says::Scope
        && !["insufficient", "token", "grant", "permission", "authori"].iter().any(|w| words.contains(w));
    let parser = matches!(said, Says::Invalid | Says::Malformed) && PARSER.iter().any(|w| words.contains(w));
    field || parser || of_another(&words, said)
}

/// `Reset token has expired`, `Upload session expired`: tokens and sessions of the application's own trade.
fn of_another(words: &str, said: Says) -> bool {
    let of_tokens = matches!(said, Says::Expired | Says::AmbiguousExpired | Says::Invalid | Says::Revoked);
    let before = |noun: &str| {
        words.match_indices(noun).any(|(at, _)| {
            let head = words.get(..at).unwrap_or_default().trim_end_matches([' ', '_', '-']);
            let word = head.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            provider::of_trade(word)
        })
    };
    of_tokens && ["token", "session", "certificate", "key"].iter().any(|noun| before(noun))
}

/// A form's own code or token was refused (a voucher, an invitation, a password's reset), not what the caller logs in with:
/// the words are about a field of the body, beside a session or key, or about a token where only a session was sent.
fn about_its_field(ex: &Ex<'_>, said: Says) -> bool {
    let token = matches!(said, Says::Invalid | Says::Revoked | Says::Code | Says::Malformed);
    let words = token || matches!(said, Says::Expired | Says::AmbiguousExpired);
    let field = |f: &Field| {
        let name = f.name().to_ascii_lowercase();
        let own = ["token", "code", "otp", "pin", "coupon", "voucher"].iter().any(|e| name.ends_with(e));
        own && !name.contains("access") && !name.contains("auth") && !name.contains("refresh") && !f.is_blank()
    };
    let grant = ["redirect_uri", "code_verifier", "grant_type", "client_id"].iter().any(|n| ex.param(n).is_some());
    if !words || grant || ex.class() != Class::Call {
        return false;
    }
    let outside = |u: &Use| !matches!(u.place, Place::Field(_));
    let code = said == Says::Code || ex.credentials().any(outside);
    if code && ex.body().is_some_and(|b| b.fields.iter().any(field)) {
        return true;
    }
    // A session is no token, unless it is one.
    let mut sent = ex.credentials().peekable();
    let session =
        sent.peek().is_some() && sent.all(|u| u.kind == Kind::Cookie && ex.life(u).is_none_or(|l| l.jwt.is_none()));
    let speech = ex.answer().map(|a| a.head.text().to_ascii_lowercase()).unwrap_or_default();
    let of_session = ["session", "log in", "login", "sign in", "cookie"].iter().any(|w| speech.contains(w));
    session && !of_session
}
