//! Credentials in a request: every place that can carry one.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Facts;
use super::detail::Field;
use super::names;
use super::record::{Line, Mark, Place, Use, Uses};
use super::strings::{Kind, StrId, ValueId};
use crate::auth::{authorization, cookie, jwt, token};

/// Reads a request header: the line with its secrets marked, and the credentials it carries.
pub(crate) fn header(facts: &mut Facts, line: &mut Line, lower: &str, uses: &mut Uses) {
    match lower {
        "authorization" | "proxy-authorization" => authorization_line(facts, line, uses),
        "cookie" => cookie_line(facts, line, uses),
        _ => {
            if let Some(kind) = names::credential_header(lower) {
                key_line(facts, line, kind, uses);
            } else if lower == "x-amz-security-token" {
                let end = line.bytes().len();
                mark(facts, line, 0..end, Kind::Signature);
            } else if lower == "referer" || lower == "location" || lower == "content-location" {
                link_line(facts, line);
            }
        }
    }
}

/// Marks a stretch of a line as secret.
pub(crate) fn mark(facts: &mut Facts, line: &mut Line, range: std::ops::Range<usize>, kind: Kind) -> Option<ValueId> {
    let bytes = line.bytes().get(range.clone())?;
    let text = String::from_utf8_lossy(bytes);
    if bytes.is_empty() || token::is_placeholder(&text).is_some() || token::is_mask(&text) {
        return None;
    }
    let value = facts.values.id(bytes, kind);
    line.marks.push(Mark { range, value, kind });
    Some(value)
}

fn authorization_line(facts: &mut Facts, line: &mut Line, uses: &mut Uses) {
    let parsed = authorization::parse_authorization(line.bytes());
    let mut range = parsed.rest.clone();
    if range.is_empty() {
        return;
    }
    let lower = parsed.scheme.to_ascii_lowercase();
    let kind = kind_of_scheme(&lower);
    // A token that stands behind a second scheme word, or in quotes, is itself the secret.
    if let authorization::Form::DoubledScheme { second } = &parsed.form {
        range.start = second.end.min(range.end);
        while line.bytes().get(range.start).is_some_and(u8::is_ascii_whitespace) {
            range.start += 1;
        }
    }
    let scheme = facts.strings.id(&parsed.scheme);
    let place = Place::Header(line.name);
    let regular = matches!(parsed.form, authorization::Form::SchemeAndToken | authorization::Form::Params);
    let odd = !regular || parsed.wrapped || parsed.gap != authorization::Gap::Blank;
    let value = match lower.as_str() {
        s if signed_scheme(s) => signed_params(facts, line, range),
        _ if parsed.form == authorization::Form::Params => token_param(facts, line, range, kind),
        _ => mark(facts, line, range, kind),
    };
    if let Some(value) = value {
        uses.push(Use { value, kind, place, scheme, odd });
    }
}

/// What stands behind a scheme (lower case).
pub(crate) fn kind_of_scheme(lower: &str) -> Kind {
    match lower {
        "basic" => Kind::Basic,
        s if s.starts_with("aws4-") => Kind::Signature,
        "digest" | "hawk" | "sharedkey" | "negotiate" | "ntlm" | "mac" => Kind::Signature,
        "apikey" | "api-key" | "api_key" | "ssws" | "key" | "geniekey" => Kind::ApiKey,
        _ => Kind::Token,
    }
}

/// Whether the parameters of a signature stand behind a scheme (lower case).
pub(crate) fn signed_scheme(lower: &str) -> bool {
    lower == "digest" || lower.starts_with("aws4-")
}

/// The parameters of a signature: what is signed stays readable, who signed and the signature are secret.
fn signed_params(facts: &mut Facts, line: &mut Line, range: std::ops::Range<usize>) -> Option<ValueId> {
    let params = crate::auth::params::parse_params(line.bytes(), range.start);
    let (mut signature, mut other) = (None, None);
    for p in params {
        match p.name.as_str() {
            "signature" | "response" => signature = mark(facts, line, p.at, Kind::Signature),
            "credential" => {
                let end = p.value.find('/').map_or(p.at.end, |n| (p.at.start + n).min(p.at.end));
                other = mark(facts, line, p.at.start..end, Kind::ApiKey).or(other);
            }
            "username" | "username*" => other = mark(facts, line, p.at, Kind::ClientId).or(other),
            "nonce" | "cnonce" => {
                mark(facts, line, p.at, Kind::State);
            }
            _ => {}
        }
    }
    signature.or(other).or_else(|| mark(facts, line, range, Kind::Signature))
}

/// `Token token="T"`: the parameter is the credential, so that it is the same one behind another scheme.
fn token_param(facts: &mut Facts, line: &mut Line, range: std::ops::Range<usize>, kind: Kind) -> Option<ValueId> {
    let params = crate::auth::params::parse_params(line.bytes(), range.start);
    let named = |n: &str| matches!(n, "token" | "access_token" | "api_key" | "apikey" | "key");
    if kind == Kind::Signature || params.iter().filter(|p| named(&p.name)).count() != 1 {
        return mark(facts, line, range, kind);
    }
    let mut token = None;
    for p in params {
        if named(&p.name) {
            token = mark(facts, line, p.at, kind);
        } else {
            mark(facts, line, p.at, Kind::State);
        }
    }
    token.or_else(|| mark(facts, line, range, kind))
}

fn cookie_line(facts: &mut Facts, line: &mut Line, uses: &mut Uses) {
    let pairs: Vec<_> = cookie::parse_cookies(line.bytes())
        .into_iter()
        .take(200)
        .map(|c| (String::from_utf8_lossy(line.bytes().get(c.name).unwrap_or_default()).into_owned(), c.value))
        .collect();
    for (name, range) in pairs {
        let Some(value) = mark(facts, line, range, Kind::Cookie) else { continue };
        let place = Place::Cookie(facts.strings.id(&name));
        uses.push(Use { value, kind: Kind::Cookie, place, scheme: StrId::default(), odd: false });
    }
}

pub(super) fn key_line(facts: &mut Facts, line: &mut Line, kind: Kind, uses: &mut Uses) {
    // `X-Auth-Token: Bearer T` carries a scheme too.
    let parsed = authorization::parse_authorization(line.bytes());
    let schemed = matches!(parsed.form, authorization::Form::SchemeAndToken);
    let range = if schemed { parsed.rest } else { trimmed(line.bytes()) };
    let scheme = if schemed { facts.strings.id(&parsed.scheme) } else { StrId::default() };
    let place = Place::Header(line.name);
    if let Some(value) = mark(facts, line, range, kind) {
        uses.push(Use { value, kind, place, scheme, odd: false });
    }
}

fn trimmed(bytes: &[u8]) -> std::ops::Range<usize> {
    let start = bytes.len() - bytes.trim_ascii_start().len();
    start..(start + bytes.trim_ascii().len())
}

/// Takes back what headers with the name of a session carry, unless an answer handed it out: it is for statistics then.
pub(super) fn sessions(facts: &mut Facts) {
    let mut named: FxHashMap<StrId, bool> = FxHashMap::default();
    let strings = &facts.strings;
    let mut by_name = |u: &Use| match u.place {
        Place::Header(name) => *named.entry(name).or_insert_with(|| {
            let name = strings.get(name);
            names::session_header(name) && names::credential_header(name).is_none()
        }),
        _ => false,
    };
    if !facts.list.iter().flat_map(|f| &f.uses).fold(false, |any, u| any | by_name(u)) {
        return;
    }
    let issues = facts.list.iter().filter_map(|f| f.detail.as_ref()).flat_map(|d| &d.issues);
    let issued: FxHashSet<ValueId> = issues.map(|i| i.value).collect();
    for f in &mut facts.list {
        f.uses.retain(|u| issued.contains(&u.value) || !by_name(u));
    }
}

/// Marks the secrets in the query and fragment of a link.
pub(crate) fn link_line(facts: &mut Facts, line: &mut Line) {
    let text = String::from_utf8_lossy(line.bytes()).into_owned();
    let Some(from) = text.find(['?', '#']) else { return };
    let tail = line.bytes().get(from + 1..).unwrap_or_default().to_vec();
    for p in crate::auth::form::pairs(&tail).into_iter().take(100) {
        if let Some(kind) = names::secret_query(&p.name, &p.value) {
            let range = from + 1 + p.value_at.start..from + 1 + p.value_at.end;
            mark(facts, line, range, kind);
        }
    }
}

/// Credentials among query pairs: marks them in the fields and in the URL.
pub(crate) fn query(facts: &mut Facts, fields: &mut [Field], url: &mut Line, shift: usize, uses: &mut Uses) {
    for field in fields {
        let Some(kind) = names::secret_query(&field.path, field.bytes()) else {
            nested_link(facts, field, url, shift);
            continue;
        };
        let range = 0..field.bytes().len();
        let path = field.path.clone();
        let Some(value) = mark(facts, &mut field.line, range, kind) else { continue };
        url.marks.push(Mark { range: field.range.start + shift..field.range.end + shift, value, kind });
        if matches!(kind, Kind::State | Kind::Code | Kind::ClientId | Kind::Verifier) {
            continue;
        }
        let place = Place::Query(facts.strings.id(&path));
        uses.push(Use { value, kind, place, scheme: StrId::default(), odd: false });
    }
}

/// A credential that is a segment of the path.
pub(crate) fn path(facts: &mut Facts, at: std::ops::Range<usize>, url: &mut Line, uses: &mut Uses) {
    if let Some(value) = mark(facts, url, at, Kind::Token) {
        uses.push(Use { value, kind: Kind::Token, place: Place::Path, scheme: StrId::default(), odd: false });
    }
}

/// Whether a value of this kind lets its finder in.
pub(crate) fn passes_for_login(kind: Kind) -> bool {
    matches!(kind, Kind::Token | Kind::IdToken | Kind::Refresh | Kind::Password | Kind::Code)
}

/// A parameter that holds a whole URL (a page's address in a beacon) holds the secrets of its query and fragment, too.
fn nested_link(facts: &mut Facts, field: &mut Field, url: &mut Line, shift: usize) {
    let bytes = field.bytes();
    let Some(from) = bytes.iter().position(|b| matches!(b, b'?' | b'#')) else { return };
    let link = bytes.starts_with(b"http") || bytes.starts_with(b"/");
    let tail = bytes.get(from + 1..).unwrap_or_default().to_vec();
    if !link || memchr::memchr(b'=', &tail).is_none() {
        return;
    }
    let mut first = None;
    for p in crate::auth::form::pairs(&tail).into_iter().take(50) {
        let name = p.name.trim_start_matches(['?', '#']);
        let Some(kind) = names::secret_query(name, &p.value).filter(|k| passes_for_login(*k)) else { continue };
        let range = from + 1 + p.value_at.start..from + 1 + p.value_at.end;
        if let Some(value) = mark(facts, &mut field.line, range, kind) {
            first.get_or_insert((value, kind));
        }
    }
    // In the URL the link is escaped, so it is hidden as a whole.
    if let Some((value, kind)) = first {
        url.marks.push(Mark { range: field.range.start + shift..field.range.end + shift, value, kind });
    }
}

/// Tokens among the fields of a request body.
pub(crate) fn fields(facts: &mut Facts, fields: &[Field], uses: &mut Uses) {
    for field in fields {
        for m in &field.line.marks {
            if matches!(m.kind, Kind::Token | Kind::ApiKey | Kind::IdToken | Kind::Refresh) {
                let place = Place::Field(facts.strings.id(&field.path));
                uses.push(Use { value: m.value, kind: m.kind, place, scheme: StrId::default(), odd: false });
            }
        }
    }
}

/// Whether a header value is a mask, or empty behind its scheme.
pub(crate) fn masked(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    let last = text.trim().rsplit(' ').next().unwrap_or_default();
    token::is_mask(text.trim()) || token::is_mask(last) && !jwt::looks_like_jwt(last)
}
