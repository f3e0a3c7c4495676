//! `wrong-credential-type`: a valid credential of another kind.

use super::common;
use crate::auth::basic::basic_parts;
use crate::facts::{Kind as Value, Place, Use, ValueId};
use crate::provider::{Class as Says, Prefix, Profile};
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
    let calls = cx.denied().filter(|e| !e.masked() && e.class() == Class::Call);
    for (ex, used, at) in calls.filter_map(|ex| header_use(ex)) {
        let raw = String::from_utf8_lossy(cx.bytes(used.value)).into_owned();
        let basic = used.kind == Value::Basic;
        let text = if basic { basic_parts(raw.as_bytes()).map_or_else(String::new, |p| p.0) } else { raw };
        let place = match used.place {
            Place::Header(n) => cx.text(n).to_owned(),
            _ => continue,
        };
        let taken = |p: &&Prefix| p.places.iter().any(|x| x.strip_prefix("header:") == Some(place.as_str()));
        let wrong = |p: &&Prefix| matches!(p.kind.as_str(), "wrong" | "public") && !taken(p);
        let prefix = ex.profile().prefix_of(&text).filter(wrong);
        let foreign = if prefix.is_none() && !basic { of_another(cx, ex, &text) } else { None };
        let own = if basic { None } else { seen_as(cx, used.value).or_else(|| basic_part(cx, ex, &text)) };
        let (words, sure, because) = match (own, prefix) {
            (None, None) if foreign.is_some() => {
                let Some((name, p)) = foreign else { continue };
                (
                    format!("a {} of {name} was sent to another provider", p.is),
                    Confidence::Strong,
                    format!("values that begin with \"{}\" are of {name}", p.starts),
                )
            }
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
            _ if basic && ex.says(Says::Scheme) && names_password(ex) => (
                "a password was sent; this API takes a token in its place".to_owned(),
                Confidence::Strong,
                "the server says that it takes no passwords".to_owned(),
            ),
            _ => continue,
        };
        let mut seen = Evidence::primary(ex.id(), Part::Req(place.clone(), 0), "a credential of another kind");
        if let Some(at) = at {
            seen = seen.at(at);
        }
        let fix = if basic || prefix.is_some() || foreign.is_some() {
            "make a credential of the kind that this API takes, and send that"
        } else {
            "log in with it, and send the access_token of the answer"
        };
        out.push(Finding::new(&RULE, ex.id(), words).field(place).see(seen).fix(fix).sure(sure, because));
    }
    named(cx, out);
    paths(cx, out);
}

/// The path names the key where it must name the account, as the profile knows.
fn paths(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied_calls().filter(|e| e.class() == Class::Call) {
        let Some(slip) = ex.profile().path_slips.iter().find(|s| s.path.is_match(ex.path())) else { continue };
        out.push(
            Finding::new(&RULE, ex.id(), format!("the path holds {}, not {}", slip.is, slip.wants))
                .see(Evidence::primary(ex.id(), Part::Line, slip.is.clone()))
                .fix(format!("put {} into the path, and leave the key in the credential", slip.wants))
                .sure(Confidence::Strong, format!("profile \"{}\" tells both apart", ex.profile().id)),
        );
    }
}

/// The provider whose values alone begin so, where this host is known to be of another.
fn of_another<'t>(cx: &Cx<'t>, ex: Ex<'t>, text: &str) -> Option<(&'t str, &'t Prefix)> {
    let here = ex.profile();
    // Where it is not known what is taken, anything may be.
    if here.auth.place.is_none()
        || here.id == Profile::generic().id
        || here.prefix_of(text).is_some()
        || ex.status() == 403
    {
        return None;
    }
    cx.trace.providers.owner_of(text).map(|(owner, prefix)| (owner.name.as_str(), prefix))
}

/// The value is masked here, but the server says that it takes no passwords.
fn named(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied_calls().filter(|e| e.masked() && e.says(Says::Scheme)) {
        if names_password(ex) {
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

/// The credential that a call carries in a header, with its place in the value.
fn header_use(ex: Ex<'_>) -> Option<(Ex<'_>, &Use, Option<std::ops::Range<usize>>)> {
    if let Some(used) = ex.bearer() {
        let (_, a) = common::header(ex)?;
        return Some((ex, used, Some(a.rest)));
    }
    let key = |u: &&Use| matches!(u.place, Place::Header(_)) && matches!(u.kind, Value::Token | Value::ApiKey);
    Some((ex, ex.uses().iter().find(key)?, None))
}

/// The answer speaks of passwords.
fn names_password(ex: Ex<'_>) -> bool {
    ex.answer().is_some_and(|a| a.head.text().to_ascii_lowercase().contains("password"))
}

/// What the same value was in a login or token call.
fn seen_as(cx: &Cx<'_>, value: ValueId) -> Option<&'static str> {
    let kind = cx.trace.facts.values.kind(value);
    let word = match kind {
        Value::Password => "client secret or password",
        Value::Code => "authorization code",
        Value::ClientId => "client id",
        _ => return None,
    };
    Some(word)
}

/// The value is the password or user of a Basic credential of this capture.
fn basic_part(cx: &Cx<'_>, ex: Ex<'_>, text: &str) -> Option<&'static str> {
    let near = ex.before().take(100).chain(ex.after().take(100));
    for used in near.flat_map(|o| o.uses().iter().filter(|u| u.kind == Value::Basic)).take(20) {
        let Some((user, password)) = basic_parts(cx.bytes(used.value)) else { continue };
        if text.len() >= 6 && password == text {
            return Some("client secret or password");
        }
        if text.len() >= 6 && user == text {
            return Some("client id");
        }
    }
    None
}
