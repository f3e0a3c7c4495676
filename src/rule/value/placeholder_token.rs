//! `placeholder-token`: a template or an unset variable was sent as token.

use super::common;
use crate::auth::token::{Placeholder, is_placeholder};
use crate::facts::{Field, Line};
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "placeholder-token",
    chapter: Chapter::Value,
    severity: Severity::Error,
    tier: Some((3, 70)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Qh, Need::Qb]],
    summary: "a template or an unset variable was sent as token",
    explain: include_str!("placeholder_token.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for (ex, line, a) in common::refused(cx) {
        let rest = a.rest.clone();
        let text = String::from_utf8_lossy(line.bytes().get(rest.clone()).unwrap_or_default()).into_owned();
        let whole = line.text().into_owned();
        let found = is_placeholder(&text)
            .map(|p| (p, text, rest))
            .or_else(|| is_placeholder(&whole).map(|p| (p, whole.clone(), 0..whole.len())));
        if let Some((kind, text, at)) = found.filter(|(_, t, _)| !masked(cx, t)) {
            out.push(finding(
                ex,
                kind,
                &text,
                "authorization",
                Evidence::primary(ex.id(), Part::Req("authorization".to_owned(), 0), words(kind)).at(at),
            ));
        } else if a.scheme.eq_ignore_ascii_case("basic") {
            basic(ex, line, a.rest, out);
        }
    }
    headers(cx, out);
    queries(cx, out);
    fields(cx, out);
}

/// Keys and tokens in the query.
fn queries(cx: &Cx<'_>, out: &mut Findings) {
    const NAMES: [&str; 10] = [
        "apikey",
        "accesstoken",
        "authtoken",
        "apitoken",
        "appid",
        "subscriptionkey",
        "privatetoken",
        "token",
        "key",
        "auth",
    ];
    for ex in cx.denied_calls() {
        let found = ex.detail().and_then(|d| {
            d.query.iter().find_map(|f| {
                let name: String = f.path.chars().filter(char::is_ascii_alphanumeric).collect();
                let named = NAMES.contains(&name.to_ascii_lowercase().as_str());
                Some((f, is_placeholder(&f.text()).filter(|_| named && !masked(cx, &f.text()))?))
            })
        });
        if let Some((f, kind)) = found {
            let seen = Evidence::primary(ex.id(), Part::Query(f.path.to_string()), words(kind));
            out.push(finding(ex, kind, &f.text(), &f.path, seen));
        }
    }
}

/// A file that masks elsewhere may have masked this with `xxxx`.
fn masked(cx: &Cx<'_>, text: &str) -> bool {
    cx.trace.redaction.masks && text.chars().all(|c| c.eq_ignore_ascii_case(&'x'))
}

fn finding(ex: Ex<'_>, kind: Placeholder, text: &str, field: &str, evidence: Evidence) -> Finding {
    let shown: String = text.chars().take(24).collect();
    let shown =
        if kind == Placeholder::Answer { "a whole JSON answer".to_owned() } else { format!("the text \"{shown}\"") };
    Finding::new(&RULE, ex.id(), format!("{shown} was sent in place of a token"))
        .field(field)
        .see(evidence)
        .fix(advice(kind))
        .paste(recipe::check(ex))
        .sure(Confidence::Certain, "the text as sent is no token")
}

fn words(kind: Placeholder) -> &'static str {
    match kind {
        Placeholder::Unset => "a variable without a value",
        Placeholder::Object => "an object, not its text",
        Placeholder::Template => "a template that was not filled in",
        Placeholder::Example => "the example of a document",
        Placeholder::Answer => "the whole answer, not its token",
    }
}

fn advice(kind: Placeholder) -> &'static str {
    match kind {
        Placeholder::Unset => "read the token from the field that the login answers, and stop if it is not there",
        Placeholder::Object => "await the login, and take the token's text from its answer",
        Placeholder::Template => "fill in the variable: set it in the tool, or use double quotes in the shell",
        Placeholder::Example => "put the real token in place of the example",
        Placeholder::Answer => "send only the access_token of the answer",
    }
}

/// `undefined:...` within Basic.
fn basic(ex: Ex<'_>, line: &Line, at: std::ops::Range<usize>, out: &mut Findings) {
    let value = line.bytes().get(at.clone()).unwrap_or_default();
    if crate::auth::basic::parse_basic(value).is_ok_and(|b| b.placeholder) {
        out.push(
            Finding::new(&RULE, ex.id(), "user or password of the Basic value is an unset variable")
                .field("authorization")
                .see(
                    Evidence::primary(ex.id(), Part::Req("authorization".to_owned(), 0), "decodes to a placeholder")
                        .at(at),
                )
                .fix("print the variables before use")
                .paste(recipe::basic(ex))
                .sure(Confidence::Certain, "the decoded value holds a placeholder"),
        );
    }
}

/// API-key headers.
fn headers(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied_calls() {
        for line in ex.detail().map_or(&[][..], |d| &d.request) {
            let name = cx.text(line.name);
            let text = line.text();
            if name == "authorization" || !crate::facts::is_credential_header(name) {
                continue;
            }
            if let Some(kind) = is_placeholder(&text).filter(|_| !masked(cx, &text)) {
                let e = Evidence::primary(ex.id(), Part::Req(name.to_owned(), 0), words(kind));
                out.push(finding(ex, kind, &text, name, e));
            }
        }
    }
}

/// Fields of login and token calls.
fn fields(cx: &Cx<'_>, out: &mut Findings) {
    const NAMES: [&str; 7] =
        ["client_id", "client_secret", "password", "username", "refresh_token", "api_key", "assertion"];
    for ex in cx.denied().filter(|e| e.class().issues()) {
        let typed = ex.body().is_some_and(|b| b.typed);
        let hit = ex.fields().find_map(|f: &Field| {
            let kind = is_placeholder(&f.text())?;
            let shell = typed && kind == Placeholder::Template;
            let word = matches!(kind, Placeholder::Example) && f.name() != "client_id" && f.name() != "client_secret";
            (NAMES.contains(&f.name()) && !shell && !word && !masked(cx, &f.text())).then_some((f, kind))
        });
        let Some((f, kind)) = hit else { continue };
        let in_body = ex.field(&f.path).is_some();
        let part = if in_body { Part::ReqField(f.path.to_string()) } else { Part::Query(f.path.to_string()) };
        out.push(
            Finding::new(
                &RULE,
                ex.id(),
                format!("{} is \"{}\"", f.path, f.text().chars().take(24).collect::<String>()),
            )
            .field(f.path.to_string())
            .see(Evidence::primary(ex.id(), part, words(kind)))
            .fix("print the variable before the login, and stop if it is not set")
            .sure(Confidence::Certain, "the text as sent is a placeholder"),
        );
    }
}
