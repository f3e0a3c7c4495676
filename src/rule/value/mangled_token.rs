//! `mangled-token`: the token was altered on its way.

use super::common;
use crate::auth::{authorization::Form, jwt, mangling};
use crate::facts::{Kind as Value, ValueId};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::{Ex, Life};
use rustc_hash::FxHashMap;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "mangled-token",
    chapter: Chapter::Value,
    severity: Severity::Error,
    tier: Some((3, 170)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Qh]],
    summary: "the token was altered on its way",
    explain: include_str!("mangled_token.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    let index = known_tokens(cx);
    let encoded = index.values().flatten().any(|v| is_encoded(&String::from_utf8_lossy(cx.bytes(*v))));
    for (ex, line, a) in common::refused(cx) {
        let range = match &a.form {
            Form::SchemeAndToken | Form::BareToken | Form::ManyWords => a.rest.clone(),
            Form::Params
                if assigned(&String::from_utf8_lossy(line.bytes().get(a.rest.clone()).unwrap_or_default())) =>
            {
                a.rest.clone()
            }
            _ => continue,
        };
        if a.scheme.eq_ignore_ascii_case("basic") || a.scheme.eq_ignore_ascii_case("negotiate") {
            continue;
        }
        let sent = String::from_utf8_lossy(line.bytes().get(range.clone()).unwrap_or_default()).into_owned();
        if cx.trace.facts.values.find(sent.as_bytes()).and_then(|v| cx.life(v)).is_some_and(|l| !l.issued.is_empty()) {
            continue;
        }
        let mut f = match akin(cx, &index, &sent) {
            Some(found) => altered(cx, ex, found),
            None => {
                // What is accepted so elsewhere in this capture is written so.
                let Some(words) = shape(&sent, a.wrapped).filter(|w| !encoded || *w != PERCENT) else { continue };
                Finding::new(&RULE, ex.id(), format!("the token has {words}"))
                    .sure(Confidence::Likely, "seen on the value alone")
                    .or("a token that is written so", "the token as the login answered it")
            }
        };
        f = f
            .field("authorization")
            .see(Evidence::primary(ex.id(), Part::Req("authorization".to_owned(), 0), "as sent").at(range))
            .fix(FIX)
            .paste(PASTE[0])
            .paste(PASTE[1]);
        out.push(f);
    }
    elsewhere(cx, &index, out);
    keys(cx, out);
    named(cx, out);
}

const FIX: &str = "copy the token again, without quotes, blanks and line breaks";
const PASTE: [&str; 2] =
    ["TOKEN=$(curl ... | jq -er .access_token)   # -r: no quotes", "TOKEN=$(printf %s \"$TOKEN\" | tr -d '\\r\\n')"];

/// The token of this capture that a sent text was made from, and how.
fn akin(cx: &Cx<'_>, index: &FxHashMap<String, Vec<ValueId>>, sent: &str) -> Option<(ValueId, mangling::Mangling)> {
    let inner = mangling::printed(sent).unwrap_or(sent);
    let near = [mangling::key(sent), mangling::key(inner)];
    near.iter().filter_map(|k| index.get(k)).flatten().find_map(|v| {
        let issued = String::from_utf8_lossy(cx.bytes(*v)).into_owned();
        Some((*v, mangling::compare(sent, &issued)?))
    })
}

fn altered(cx: &Cx<'_>, ex: Ex<'_>, (v, m): (ValueId, mangling::Mangling)) -> Finding {
    let mut f = Finding::new(&RULE, ex.id(), format!("the token was altered: {}", m.words()));
    if let Some(issued) = cx.life(v).and_then(|l| l.issued.first()) {
        let key = Part::ResField(issued.key.to_string());
        f = f.see(Evidence::row(issued.by, Part::Line)).see(Evidence::related(issued.by, key, "as issued"));
    }
    f.sure(Confidence::Certain, "put right, it is the token that this capture issued or accepted")
}

/// Tokens in headers of their own and in the query.
fn elsewhere(cx: &Cx<'_>, index: &FxHashMap<String, Vec<ValueId>>, out: &mut Findings) {
    use crate::facts::Place;
    for ex in cx.denied_calls().filter(|e| !e.masked() && e.reqs("authorization").next().is_none()) {
        let found = ex.uses().iter().find_map(|u| {
            let part = match u.place {
                Place::Header(n) => Part::Req(cx.text(n).to_owned(), 0),
                Place::Query(n) => Part::Query(cx.text(n).to_owned()),
                _ => return None,
            };
            let known = |l: &Life| !l.issued.is_empty() || !l.accepted.is_empty();
            let fits = matches!(u.kind, Value::Token | Value::ApiKey) && !cx.life(u.value).is_some_and(known);
            let sent = String::from_utf8_lossy(cx.bytes(u.value)).into_owned();
            Some((part, akin(cx, index, &sent).filter(|_| fits)?))
        });
        let Some((part, found)) = found else { continue };
        out.push(
            altered(cx, ex, found)
                .see(Evidence::primary(ex.id(), part, "as sent"))
                .fix(FIX)
                .paste(PASTE[0])
                .paste(PASTE[1]),
        );
    }
}

/// A header of a key that holds a scheme, too: `x-api-key: Bearer ...`.
fn keys(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied_calls().filter(|e| !e.masked()) {
        let found = ex.uses().iter().find_map(|u| {
            let crate::facts::Place::Header(n) = u.place else { return None };
            let name = cx.text(n);
            let text =
                ex.reqs_named(name).filter(|_| u.kind == Value::ApiKey && name != "authorization")?.text().into_owned();
            let (scheme, rest) = text.split_once(' ')?;
            let known = ["bearer", "basic", "token", "apikey", "key"].iter().any(|s| scheme.eq_ignore_ascii_case(s));
            (known && rest.trim().len() >= 8).then(|| (name.to_owned(), scheme.len()))
        });
        let Some((name, end)) = found else { continue };
        out.push(
            Finding::new(&RULE, ex.id(), "a scheme stands in front of the key; this header takes the key alone")
                .field(name.clone())
                .see(Evidence::primary(ex.id(), Part::Req(name.clone(), 0), "no scheme here").at(0..end))
                .fix("send the key alone in this header, without the scheme")
                .paste(format!("-H \"{name}: $KEY\""))
                .sure(Confidence::Strong, "headers of keys take no scheme")
                .or("an API that reads a scheme here, too", "an accepted request of this API"),
        );
    }
}

/// The value is masked here, but the server says that it cannot read the token.
fn named(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied_calls().filter(|e| e.masked() && e.said() == Some(Says::Malformed)) {
        let words = ex.answer().map(|a| a.head.text().to_ascii_lowercase()).unwrap_or_default();
        let token = ["token", "jwt", "segments"].iter().any(|w| words.contains(w)) && !words.contains("header");
        if token {
            out.push(
                Finding::new(&RULE, ex.id(), "the server cannot read the token as one of its own form")
                    .field("authorization")
                    .see(Evidence::row(ex.id(), Part::Line))
                    .see(Evidence::primary(ex.id(), Part::ResBody(0..0), "the server's words"))
                    .fix("print the token before use: a token of this server, whole, without quotes and blanks")
                    .sure(Confidence::Possible, "the server's words; the value is masked here")
                    .or("wrong-credential-type", "the first characters of the value that was sent")
                    .not_seen("the token"),
            );
        }
    }
}

/// Tokens that were issued or accepted, by the start that mangled forms share.
fn known_tokens(cx: &Cx<'_>) -> FxHashMap<String, Vec<ValueId>> {
    let mut out: FxHashMap<String, Vec<ValueId>> = FxHashMap::default();
    for (id, bytes, _) in cx.trace.facts.values.iter() {
        let Some(life) = cx.life(id).filter(|l| matches!(l.kind, Value::Token | Value::ApiKey) && bytes.len() >= 8)
        else {
            continue;
        };
        let good = !life.issued.is_empty() || !life.accepted.is_empty();
        let Some(text) = std::str::from_utf8(bytes).ok().filter(|_| good) else { continue };
        let list = out.entry(mangling::key(text)).or_default();
        if list.len() < 16 {
            list.push(id);
        }
    }
    out
}

const PERCENT: &str = "percent-encoding in it";

fn is_encoded(sent: &str) -> bool {
    ["%2B", "%2F", "%3D", "%2b", "%2f", "%3d"].iter().any(|p| sent.contains(p))
}

/// Base64 of a JWT: the text of a Kubernetes secret that nobody decoded.
fn encoded_jwt(sent: &str) -> bool {
    use base64::Engine;
    let decode = |t: &str| base64::engine::general_purpose::STANDARD.decode(t).ok();
    sent.starts_with("ZXlK")
        && decode(sent).is_some_and(|b| std::str::from_utf8(&b).is_ok_and(|t| jwt::looks_like_jwt(t.trim())))
}

/// `API_TOKEN=abc...`: a line of an environment file was pasted whole.
fn assigned(sent: &str) -> bool {
    let Some((name, value)) = sent.split_once('=') else { return false };
    let upper = name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let about = ["TOKEN", "KEY", "SECRET", "PAT", "JWT"].iter().any(|e| name.ends_with(e));
    upper && about && value.trim_matches(['"', '\'']).len() >= 8
}

/// What the value shows by itself.
fn shape(sent: &str, wrapped: bool) -> Option<&'static str> {
    if wrapped {
        return Some("quotes or brackets around it");
    }
    // A whole list of parameters is encoded on purpose (Cosmos DB: `type%3Dmaster%26ver%3D1.0%26sig%3D...`).
    if is_encoded(sent) && !sent.to_ascii_lowercase().contains("%26") {
        return Some(PERCENT);
    }
    if mangling::printed(sent).is_some() {
        return Some("a type of the program around it");
    }
    if encoded_jwt(sent) {
        return Some("base64 around it: what it decodes to is a JWT");
    }
    if assigned(sent) {
        return Some("the name of a variable in front of it");
    }
    let one_word = !sent.contains(char::is_whitespace);
    if !one_word && sent.split_whitespace().count() <= 3 && jwt::looks_like_jwt(&sent.replace(char::is_whitespace, ""))
    {
        return Some("a blank or a line break in it");
    }
    sent.chars()
        .any(|c| matches!(c, '“' | '”' | '‘' | '’' | '\u{feff}' | '\u{200b}' | '\u{a0}' | '…'))
        .then_some("a character that no token has")
}
