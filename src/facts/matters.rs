//! Whether more of an exchange than its row is worth keeping.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::record::{Fact, Media, Outcome};
use super::{Facts, body, names};
use crate::http::{Body, Coding, Exchange};

/// Plain accepted calls that begin behind this byte keep no typed command: it says what their row says.
const TYPED: u64 = 1 << 20;

/// Whether more than the row is worth keeping.
pub(super) fn matters(facts: &Facts, x: &Exchange<'_>, fact: &Fact, path: &str, query: &[super::Field]) -> bool {
    let code = fact.outcome.code();
    if code >= 400 || fact.outcome == Outcome::None || fact.outcome == Outcome::Unknown || fact.flags.preflight {
        return true;
    }
    let typed = x.request.typed.is_some() && x.at.start < TYPED;
    if (300..400).contains(&code) && code != 304 || typed || !x.request.headers.odd.is_empty() {
        return true;
    }
    if fact.flags.secret_referer || fact.flags.unreadable || names::auth_path(path) {
        return true;
    }
    if query.iter().any(|f| !f.line.marks.is_empty() || names::flow_parameter(&f.path)) {
        return true;
    }
    if fact.uses.iter().any(|u| matches!(u.place, super::Place::Query(_) | super::Place::Userinfo | super::Place::Path))
    {
        return true;
    }
    // The count of a Digest nonce is held against its last use.
    let digest =
        |u: &super::Use| u.kind == super::Kind::Signature && facts.strings.get(u.scheme).eq_ignore_ascii_case("digest");
    if fact.uses.iter().any(digest) {
        return true;
    }
    let answer = |r: &crate::http::Response<'_>| fact.media != Media::Binary && body_hints(&r.body, &ANSWER);
    body_hints(&x.request.body, &REQUEST) || x.response.as_ref().is_some_and(answer)
}

const REQUEST_HINTS: &[&[u8]] = &[
    b"grant_type",
    b"client_secret",
    b"password",
    b"uthorization",
    b"refresh",
    b"assertion",
    b"access_token",
    b"\"token",
    b"api_key",
    b"passwd",
    b"\"auth\"",
    b"\\\"auth\\\"",
];

const ANSWER_HINTS: &[&[u8]] = &[
    b"access_token",
    b"accessToken",
    b"AccessToken",
    b"access-token",
    b"id_token",
    b"idToken",
    b"refresh",
    b"token\"",
    b"token\\\"",
    b"Token\"",
    b"Token\\\"",
    b"jwt",
    b"JWT",
    b"session",
    b"api_key",
    b"apiKey",
    b"\"error",
    b"\\\"error",
    b"\"errcode",
    b"\"err_code",
    b"\"errors",
    b"\"Error",
    b"\\\"Error",
    b"\"err",
    b"\\\"err",
    b"faultcode",
    b"faultCode",
    b":Fault>",
    b"<err",
    b"<Err",
    b"success\":false",
    b"success\": false",
    b"success\\\":false",
    b"success\\\": false",
    b"nvalid",
    b"xpired",
    b"UNAUTHENTICATED",
    b"FORBIDDEN",
    b"\":401",
    b"\": 401",
    b"type=\"password",
    b"type=\\\"password",
];

static REQUEST: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(REQUEST_HINTS).ok());

static ANSWER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(ANSWER_HINTS).ok());

fn body_hints(body: &Body<'_>, hints: &LazyLock<Option<AhoCorasick>>) -> bool {
    match body {
        Body::Text { text, .. } => {
            if text.coding() == Coding::JsonBase64 {
                return text.raw().len() < 8 * 1024;
            }
            let head = text.raw().get(..body::LONGEST).unwrap_or(text.raw());
            hints.as_ref().is_none_or(|h| h.is_match(head))
        }
        Body::Pairs(_) => true,
        Body::Absent | Body::NotObserved(_) => false,
    }
}
