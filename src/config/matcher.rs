//! A matcher as written in TOML, checked: one tree, bounded in size and depth, every name known.

use regex::bytes::RegexBuilder;
use serde::Deserialize;
use toml::Spanned;

use super::ConfigError;
use super::schema::At;
use crate::rule::custom::{Claim, Count, Field, Matcher, Of, Test, UrlPart, Value};

/// Tests in one rule.
pub(super) const TESTS: usize = 200;
/// Levels of `all`, `any`, `not`.
const DEPTH: usize = 20;
/// Characters of a regular expression.
const REGEX: usize = 1000;

/// A node as written: one of `all`, `any`, `not`, or `field` with exactly one test.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    all: Option<Vec<Spanned<Raw>>>,
    any: Option<Vec<Spanned<Raw>>>,
    not: Option<Box<Spanned<Raw>>>,
    field: Option<Spanned<String>>,
    eq: Option<toml::Value>,
    #[serde(rename = "in")]
    one_of: Option<Vec<toml::Value>>,
    prefix: Option<String>,
    suffix: Option<String>,
    contains: Option<String>,
    regex: Option<Spanned<String>>,
    gt: Option<f64>,
    lt: Option<f64>,
    present: Option<bool>,
    absent: Option<bool>,
    blank: Option<bool>,
}

/// Checks a tree.
pub(super) fn build(raw: &Spanned<Raw>, at: &At<'_>) -> Result<Matcher, ConfigError> {
    let mut left = TESTS;
    node(raw, at, DEPTH, &mut left)
}

fn node(raw: &Spanned<Raw>, at: &At<'_>, depth: usize, left: &mut usize) -> Result<Matcher, ConfigError> {
    let (r, start) = (raw.as_ref(), raw.span().start);
    let Some(depth) = depth.checked_sub(1) else {
        return Err(at.error(start, &format!("deeper than {DEPTH} levels of all, any and not")));
    };
    *left = left.checked_sub(1).ok_or_else(|| at.error(start, &format!("more than {TESTS} tests in one rule")))?;
    let kinds = [r.all.is_some(), r.any.is_some(), r.not.is_some(), r.field.is_some()];
    if kinds.iter().filter(|k| **k).count() != 1 {
        return Err(
            at.error(start, "a node is one of all = [..], any = [..], not = {..} or field = \"..\" with a test")
        );
    }
    let mut list =
        |nodes: &[Spanned<Raw>]| nodes.iter().map(|n| node(n, at, depth, left)).collect::<Result<Vec<_>, _>>();
    if let Some(all) = &r.all {
        return Ok(Matcher::All(list(all)?));
    }
    if let Some(any) = &r.any {
        return Ok(Matcher::Any(list(any)?));
    }
    if let Some(not) = &r.not {
        return Ok(Matcher::Not(Box::new(node(not, at, depth, left)?)));
    }
    let Some(name) = &r.field else { return Err(at.error(start, "a field is needed")) };
    let field = field(name.as_ref())
        .ok_or_else(|| at.unknown(name.span().start, "field", name.as_ref(), NAMES.iter().copied()))?;
    Ok(Matcher::Field(field, test(r, at, start)?))
}

fn test(r: &Raw, at: &At<'_>, start: usize) -> Result<Test, ConfigError> {
    let mut tests: Vec<Test> = Vec::new();
    if let Some(v) = &r.eq {
        tests.push(Test::In(vec![value(v, at, start)?]));
    }
    if let Some(list) = &r.one_of {
        tests.push(Test::In(list.iter().map(|v| value(v, at, start)).collect::<Result<_, _>>()?));
    }
    tests.extend(r.prefix.clone().map(Test::Prefix));
    tests.extend(r.suffix.clone().map(Test::Suffix));
    tests.extend(r.contains.clone().map(Test::Contains));
    tests.extend(r.gt.map(Test::Greater));
    tests.extend(r.lt.map(Test::Less));
    tests.extend(r.present.map(Test::Present));
    tests.extend(r.absent.map(|a| Test::Present(!a)));
    tests.extend(r.blank.map(Test::Blank));
    if let Some(e) = &r.regex {
        tests.push(regex(e, at)?);
    }
    match tests.len() {
        1 => tests.pop().ok_or_else(|| at.error(start, "a test is needed")),
        _ => Err(at.error(
            start,
            "a field has exactly one test: eq, in, prefix, suffix, contains, regex, gt, lt, present, absent or blank",
        )),
    }
}

fn regex(e: &Spanned<String>, at: &At<'_>) -> Result<Test, ConfigError> {
    pattern(e.as_ref()).map_err(|what| at.error(e.span().start, &what))
}

/// A regular expression, bounded, or what is wrong with it.
pub(super) fn pattern(text: &str) -> Result<Test, String> {
    if text.chars().count() > REGEX {
        return Err(format!("a regular expression has at most {REGEX} characters"));
    }
    let built = RegexBuilder::new(text).size_limit(1 << 20).build();
    built.map(|r| Test::Regex(Box::new(r))).map_err(|e| format!("no regular expression: {e}"))
}

fn value(v: &toml::Value, at: &At<'_>, start: usize) -> Result<Value<'static>, ConfigError> {
    match v {
        toml::Value::String(s) => Ok(Value::Text(s.clone().into())),
        toml::Value::Integer(n) => Ok(Value::Number(*n as f64)),
        toml::Value::Float(n) => Ok(Value::Number(*n)),
        toml::Value::Boolean(b) => Ok(Value::Bool(*b)),
        _ => Err(at.error(start, "a value is a text, a number, true or false")),
    }
}

/// Every field, for messages and documentation; capitals stand for a name of the user's.
pub(crate) const NAMES: &[&str] = &[
    "denied",
    "status",
    "method",
    "url.scheme",
    "url.host",
    "url.port",
    "url.path",
    "url.query.NAME",
    "req.header.NAME",
    "res.header.NAME",
    "req.body",
    "res.body",
    "req.json./POINTER",
    "res.json./POINTER",
    "class",
    "credential.kind",
    "credential.place",
    "credential.scheme",
    "credential.issuer_host",
    "credential.age_s",
    "credential.lifetime_s",
    "credential.seen_before",
    "credential.jwt.iss",
    "credential.jwt.aud",
    "credential.jwt.exp",
    "credential.jwt.scp",
    "actor.logins_before",
    "actor.refreshes_before",
    "actor.logouts_before",
];

/// The field of a name.
pub(super) fn field(name: &str) -> Option<Field> {
    let known = match name {
        "denied" => Field::Denied,
        "status" => Field::Status,
        "method" => Field::Method,
        "url.scheme" => Field::Url(UrlPart::Scheme),
        "url.host" => Field::Url(UrlPart::Host),
        "url.port" => Field::Url(UrlPart::Port),
        "url.path" => Field::Url(UrlPart::Path),
        "req.body" => Field::ReqBody,
        "res.body" => Field::ResBody,
        "class" => Field::Class,
        "credential.kind" => Field::Credential(Of::Kind),
        "credential.place" => Field::Credential(Of::Place),
        "credential.scheme" => Field::Credential(Of::Scheme),
        "credential.issuer_host" => Field::Credential(Of::IssuerHost),
        "credential.age_s" => Field::Credential(Of::Age),
        "credential.lifetime_s" => Field::Credential(Of::Lifetime),
        "credential.seen_before" => Field::Credential(Of::SeenBefore),
        "credential.jwt.iss" => Field::Jwt(Claim::Iss),
        "credential.jwt.aud" => Field::Jwt(Claim::Aud),
        "credential.jwt.exp" => Field::Jwt(Claim::Exp),
        "credential.jwt.scp" => Field::Jwt(Claim::Scp),
        "actor.logins_before" => Field::Before(Count::Logins),
        "actor.refreshes_before" => Field::Before(Count::Refreshes),
        "actor.logouts_before" => Field::Before(Count::Logouts),
        _ => return named(name),
    };
    Some(known)
}

/// A field whose last part is the user's.
fn named(name: &str) -> Option<Field> {
    let lower = |n: &str| Some(n.to_ascii_lowercase()).filter(|n| !n.is_empty());
    if let Some(n) = name.strip_prefix("url.query.") {
        return Some(n.to_owned()).filter(|n| !n.is_empty()).map(Field::Query);
    }
    if let Some(n) = name.strip_prefix("req.header.") {
        return lower(n).map(Field::ReqHeader);
    }
    if let Some(n) = name.strip_prefix("res.header.") {
        return lower(n).map(Field::ResHeader);
    }
    if let Some(p) = name.strip_prefix("req.json./") {
        return Some(Field::ReqJson(path(p)));
    }
    name.strip_prefix("res.json./").map(|p| Field::ResJson(path(p)))
}

/// A JSON pointer (RFC 6901) as the dotted path under which fields are kept.
fn path(pointer: &str) -> String {
    let parts: Vec<String> = pointer.split('/').map(|p| p.replace("~1", "/").replace("~0", "~")).collect();
    parts.join(".")
}
