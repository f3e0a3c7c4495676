//! `wrong-credential-type`: a valid credential of another kind.

use super::common;
use crate::facts::{Kind as Value, ValueId};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "wrong-credential-type",
    chapter: Chapter::Value,
    severity: Severity::Error,
    tier: Some((3, 130)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh, Need::Qb]],
    summary: "a valid credential of another kind",
    explain: include_str!("wrong_credential_type.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for (ex, _, a) in common::refused(cx).filter(|(e, _, _)| e.class() == Class::Call) {
        let Some(used) = ex.bearer() else { continue };
        let text = String::from_utf8_lossy(cx.bytes(used.value)).into_owned();
        let prefix = ex.profile().prefix_of(&text).filter(|p| p.kind == "wrong" || p.kind == "public");
        let own = seen_as(cx, used.value, ex).or_else(|| basic_part(cx, ex, &text));
        let (words, sure, because) = match (own, prefix) {
            (Some(what), _) => (
                format!("a {what} was sent as access token"),
                Confidence::Certain,
                format!("this capture shows the same value as {what}"),
            ),
            (None, Some(p)) => (
                format!("a {} was sent; it is not taken here", p.is),
                Confidence::Strong,
                format!("values that begin with \"{}\" are of this kind", p.starts),
            ),
            _ => continue,
        };
        out.push(
            Finding::new(&RULE, ex.id(), words)
                .field("authorization")
                .see(
                    Evidence::primary(
                        ex.id(),
                        Part::Req("authorization".to_owned(), 0),
                        "a credential of another kind",
                    )
                    .at(a.rest.clone()),
                )
                .fix("log in with it, and send the access_token of the answer")
                .sure(sure, because),
        );
    }
    named(cx, out);
}

/// The value is masked here, but the server says that it takes no passwords.
fn named(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied_calls().filter(|e| e.masked() && e.says(Says::Scheme)) {
        let words = ex.answer().map(|a| a.head.text().to_ascii_lowercase()).unwrap_or_default();
        if words.contains("password") {
            out.push(
                Finding::new(&RULE, ex.id(), "the server takes no passwords here, but a token")
                    .field("authorization")
                    .see(Evidence::row(ex.id(), Part::Line))
                    .see(Evidence::primary(ex.id(), Part::ResBody(0..0), "the server's words"))
                    .fix("make an API token for this user, and send it instead of the password")
                    .sure(Confidence::Likely, "the server's words; the value is masked here")
                    .or("wrong-scheme", "the scheme as it was sent")
                    .not_seen("the credential"),
            );
        }
    }
}

/// What the same value was in a login or token call.
fn seen_as(cx: &Cx<'_>, value: ValueId, ex: Ex<'_>) -> Option<&'static str> {
    let kind = cx.trace.facts.values.kind(value);
    let word = match kind {
        Value::Password => "client secret or password",
        Value::Code => "authorization code",
        Value::ClientId => "client id",
        _ => return None,
    };
    let _ = ex;
    Some(word)
}

/// The value is the password or user of a Basic credential of this capture.
fn basic_part(cx: &Cx<'_>, ex: Ex<'_>, text: &str) -> Option<&'static str> {
    use base64::Engine;
    let near = ex.before().take(100).chain(ex.after().take(100));
    for used in near.flat_map(|o| o.uses().iter().filter(|u| u.kind == Value::Basic)).take(20) {
        let decoded = base64::engine::general_purpose::STANDARD.decode(cx.bytes(used.value)).unwrap_or_default();
        let decoded = String::from_utf8_lossy(&decoded).into_owned();
        let Some((user, password)) = decoded.split_once(':') else { continue };
        if text.len() >= 6 && password == text {
            return Some("client secret or password");
        }
        if text.len() >= 6 && user == text {
            return Some("client id");
        }
    }
    None
}
