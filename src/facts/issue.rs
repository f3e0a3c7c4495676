//! What an answer hands out: tokens in bodies, headers, cookies and redirects (rules.md 2.4).

use super::detail::{BodyFact, Issue, IssuePlace};
use super::names;
use super::record::{Line, Mark};
use super::strings::{Kind, ValueId};
use super::{Facts, uses};
use crate::auth::{cookie, form, jwt, token};

/// Tokens in the fields of an answer.
pub(crate) fn body(facts: &mut Facts, body: &mut BodyFact, out: &mut Vec<Issue>) {
    // Nothing but an id: the session that a login made, if it is sent later (Metabase).
    let bare = body.fields.len() == 1;
    let rpc = body.fields.iter().any(|f| &*f.path == "jsonrpc");
    for field in &mut body.fields {
        // The result of a remote procedure that is nothing but a text (Zabbix: `user.login`).
        let result = rpc && &*field.path == "result";
        let id = (bare && &*field.path == "id" || result) && token::looks_like_token(&field.text());
        let key = names::issued_key(field.name()).or(id.then_some((Kind::Token, true)));
        let Some((kind, weak)) = key else { continue };
        if field.path.matches('.').count() > 5 || field.sort != super::Sort::String || field.is_blank() {
            continue;
        }
        let bytes = field.line.bytes().to_vec();
        let text = String::from_utf8_lossy(&bytes);
        let short = weak && bytes.len() < 16 || bytes.len() < 4;
        if short || token::is_placeholder(&text).is_some() || token::is_mask(&text) {
            continue;
        }
        let value = facts.values.id(&bytes, kind);
        if field.line.marks.is_empty() {
            field.line.marks.push(Mark { range: 0..bytes.len(), value, kind });
            body.head.marks.push(Mark { range: field.range.clone(), value, kind });
        }
        out.push(Issue { value, kind, key: field.path.clone(), from: IssuePlace::Body, weak });
    }
}

/// An answer that is nothing but the token: a JSON string (Magento, ASP.NET) or plain text. It counts like a key `token`.
pub(crate) fn whole(facts: &mut Facts, body: &mut BodyFact, out: &mut Vec<Issue>) {
    const LONGEST: u64 = 8192;
    if body.media != super::Media::Text || body.len > LONGEST || !body.head.marks.is_empty() {
        return;
    }
    let bytes = body.head.bytes();
    let outer = bytes.trim_ascii();
    let inner = outer.strip_prefix(b"\"").and_then(|b| b.strip_suffix(b"\"")).unwrap_or(outer);
    if !token::looks_like_token(&String::from_utf8_lossy(inner)) {
        return;
    }
    let start = bytes.len() - bytes.trim_ascii_start().len() + (outer.len() - inner.len()) / 2;
    let (range, kind) = (start..start + inner.len(), Kind::Token);
    let value = facts.values.id(inner, kind);
    body.head.marks.push(Mark { range, value, kind });
    out.push(Issue { value, kind, key: "".into(), from: IssuePlace::Body, weak: true });
}

/// Tokens in response headers; also marks the secrets there.
pub(crate) fn header(facts: &mut Facts, line: &mut Line, lower: &str, out: &mut Vec<Issue>) {
    match lower {
        "set-cookie" => set_cookie(facts, line, out),
        "location" => location(facts, line, out),
        "authorization" | "x-auth-token" | "x-subject-token" | "x-access-token" | "access-token" => {
            let parsed = crate::auth::authorization::parse_authorization(line.bytes());
            let range = if parsed.rest.is_empty() { 0..line.bytes().len() } else { parsed.rest };
            if let Some(value) = uses::mark(facts, line, range, Kind::Token) {
                out.push(Issue { value, kind: Kind::Token, key: lower.into(), from: IssuePlace::Header, weak: false });
            }
        }
        "x-csrf-token" | "x-xsrf-token" => {
            let range = 0..line.bytes().len();
            if let Some(value) = uses::mark(facts, line, range, Kind::Csrf) {
                out.push(Issue { value, kind: Kind::Csrf, key: lower.into(), from: IssuePlace::Header, weak: false });
            }
        }
        _ => {}
    }
}

fn set_cookie(facts: &mut Facts, line: &mut Line, out: &mut Vec<Issue>) {
    let Some(parsed) = cookie::parse_set_cookie(line.bytes()) else { return };
    let range = parsed.value_at.clone();
    let Some(value) = uses::mark(facts, line, range, Kind::Cookie) else { return };
    let text = String::from_utf8_lossy(line.bytes().get(parsed.value_at.clone()).unwrap_or_default()).into_owned();
    let session = cookie::session_like(&parsed.name) || jwt::looks_like_jwt(&text);
    if !parsed.deletes {
        out.push(Issue {
            value,
            kind: Kind::Cookie,
            key: parsed.name.as_str().into(),
            from: IssuePlace::Cookie,
            weak: !session,
        });
    }
}

fn location(facts: &mut Facts, line: &mut Line, out: &mut Vec<Issue>) {
    uses::link_line(facts, line);
    let bytes = line.bytes().to_vec();
    let Some(from) = bytes.iter().position(|b| matches!(b, b'?' | b'#')) else { return };
    for pair in form::pairs(bytes.get(from + 1..).unwrap_or_default()).into_iter().take(50) {
        let kind = match pair.name.trim_start_matches(['?', '#']) {
            "code" => Kind::Code,
            "access_token" => Kind::Token,
            "id_token" => Kind::IdToken,
            _ => continue,
        };
        if pair.value.is_empty() {
            continue;
        }
        let value: ValueId = facts.values.id(&pair.value, kind);
        out.push(Issue { value, kind, key: pair.name.as_ref().into(), from: IssuePlace::Location, weak: false });
    }
}
