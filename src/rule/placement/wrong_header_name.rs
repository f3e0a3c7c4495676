//! `wrong-header-name`: the right value in the wrong header.

use crate::auth::named_header;
use crate::facts::{Kind as Value, Place, Use};
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "wrong-header-name",
    chapter: Chapter::Placement,
    severity: Severity::Error,
    tier: Some((3, 150)),
    confidence: Confidence::Likely,
    needs: &[&[Need::Qh]],
    summary: "the right value in the wrong header",
    explain: include_str!("wrong_header_name.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied_calls().filter(|e| e.class() == Class::Call && !e.masked()) {
        for used in ex.uses() {
            let Place::Header(n) = used.place else { continue };
            if let Some(f) = judge(cx, ex, used, cx.text(n)) {
                out.push(f);
                break;
            }
        }
    }
}

fn judge(cx: &Cx<'_>, ex: Ex<'_>, used: &Use, found: &str) -> Option<Finding> {
    if matches!(used.kind, Value::Csrf | Value::Signature | Value::Cookie) && found != "authorization" {
        return None;
    }
    let (expected, sure, because) = match by_prefix(cx, ex, used, found) {
        Some(named) => named,
        None if ex.profile().takes_at(&format!("header:{found}")) => {
            unseen(ex, found).or_else(|| taken_elsewhere(cx, ex, used, found))?
        }
        None => expected(cx, ex, used, found)?,
    };
    if expected == found || ex.reqs_named(&expected).is_some() {
        return None;
    }
    let shown = title(&expected);
    let line = ex.reqs_named(found)?;
    let both = format!("the token stands in {}, the server reads {shown}", line.spelled);
    let words = if both.len() <= 68 { both } else { format!("the server reads {shown}, another header was sent") };
    let mut f = Finding::new(&RULE, ex.id(), words)
        .field(found)
        .see(Evidence::primary(ex.id(), Part::Req(found.to_owned(), 0), format!("{shown} is read here")))
        .see(Evidence::row(ex.id(), Part::ReqAbsent(expected.clone())));
    f = if expected == "authorization" {
        f.fix("send it in the Authorization header").paste(recipe::header(ex, &recipe::scheme(ex)))
    } else {
        f.fix(format!("send it in the header {shown}")).paste(format!("-H \"{shown}: $KEY\""))
    };
    if sure <= Confidence::Likely {
        f = f.or("unknown-token", "the header that the API's documentation names");
    }
    Some(f.sure(sure, because))
}

/// The provider takes credentials here, too, but says that it saw none: the one it goes by first is what it misses.
fn unseen(ex: Ex<'_>, found: &str) -> Option<(String, Confidence, String)> {
    let first = ex.profile().auth.place.as_deref()?.strip_prefix("header:")?;
    let missed = ex.said() == Some(Says::Missing) && first != found && ex.req(first).lacking();
    let because = format!("the server saw no key, and profile \"{}\" names the header", ex.profile().id);
    missed.then(|| (first.to_owned(), Confidence::Strong, because))
}

/// The first characters tell the kind of the value, and the profile the headers that this kind is read in.
fn by_prefix(cx: &Cx<'_>, ex: Ex<'_>, used: &Use, found: &str) -> Option<(String, Confidence, String)> {
    let prefix = ex.profile().prefix_of(std::str::from_utf8(cx.bytes(used.value)).ok()?)?;
    // What is taken nowhere is of the wrong kind, wherever it stands.
    let name = prefix.places.first().filter(|_| prefix.kind != "wrong")?.strip_prefix("header:")?;
    let here = prefix.places.iter().any(|p| p.strip_prefix("header:") == Some(found));
    let because = format!("profile \"{}\": values that begin with \"{}\"", ex.profile().id, prefix.starts);
    (!here).then(|| (name.to_owned(), Confidence::Certain, because))
}

/// The header that the server is shown to read: by an accepted request, by the profile, by its challenge.
fn expected(cx: &Cx<'_>, ex: Ex<'_>, used: &Use, found: &str) -> Option<(String, Confidence, String)> {
    let origin = cx.trace.origin(ex.fact().origin)?;
    let life = cx.life(used.value)?;
    if life.uses.iter().take(200).any(|u| cx.trace.ex(u.by).accepted() && cx.trace.ex(u.by).same_audience(ex)) {
        return taken_elsewhere(cx, ex, used, found);
    }
    if let Some(name) = asked_for(ex).filter(|n| ex.reqs_named(n).is_none()) {
        return Some((name, Confidence::Strong, "the answer names the header that it misses".to_owned()));
    }
    let basic = used.kind == Value::Basic && ex.profile().takes_at("basic");
    let named = ex.profile().auth.place.as_deref().and_then(|p| p.strip_prefix("header:"));
    if found == "authorization" && (basic || named.is_none()) {
        return None;
    }
    if let Some(name) = named {
        return Some((
            name.to_owned(),
            Confidence::Certain,
            format!("profile \"{}\" names the header", ex.profile().id),
        ));
    }
    let known = !life.issued.is_empty();
    if ex.challenges().iter().any(|c| c.is("bearer") && c.get("error").is_none()) {
        let sure = if known { Confidence::Strong } else { Confidence::Likely };
        return Some(("authorization".to_owned(), sure, "the challenge asks for Authorization: Bearer".to_owned()));
    }
    let seen = origin.accepted_places.iter().find_map(|(p, ..)| match p {
        Place::Header(n) => Some(cx.text(*n).to_owned()),
        _ => None,
    });
    if let Some(name) = seen.filter(|n| n != found) {
        return Some((
            name.clone(),
            Confidence::Likely,
            format!("this server accepted a credential in {}", title(&name)),
        ));
    }
    let slip = strsim::damerau_levenshtein(found, "authorization") <= 2
        || found.contains('_')
        || matches!(found, "authentication" | "x-authorization" | "auth" | "bearer" | "token");
    let missing = ex.said() == Some(Says::Missing) || known;
    // The server says that there is no key, and one stands under a near miss of the name that most APIs read.
    let key = matches!(found, "api-key" | "apikey" | "api_key" | "x-apikey" | "x_api_key" | "x-key" | "key");
    if key && ex.says(Says::Missing) {
        return Some((
            "x-api-key".to_owned(),
            Confidence::Possible,
            "the server saw no key under this name".to_owned(),
        ));
    }
    (slip && missing)
        .then(|| ("authorization".to_owned(), Confidence::Likely, "the server saw no credential".to_owned()))
}

/// The header in which the same value was accepted, if it was not in this one.
fn taken_elsewhere(cx: &Cx<'_>, ex: Ex<'_>, used: &Use, found: &str) -> Option<(String, Confidence, String)> {
    let good = |by| cx.trace.ex(by).accepted() && cx.trace.ex(by).same_audience(ex);
    let place = |p: &Place| match p {
        Place::Header(n) => Some(cx.text(*n).to_owned()),
        _ => None,
    };
    let uses = &cx.life(used.value)?.uses;
    let mut taken = uses.iter().take(200).filter(|u| good(u.by)).filter_map(|u| place(&u.place));
    let name = taken.next()?;
    let here = name == found || taken.any(|n| n == found) || ex.says(Says::Permission);
    let because = format!("the same value was accepted in {} in this capture", title(&name));
    (!here).then_some((name, Confidence::Strong, because))
}

/// The header for a credential that the answer says is missing.
fn asked_for(ex: Ex<'_>) -> Option<String> {
    named_header::in_challenges(&ex.challenges()).or_else(|| named_header::in_words(&ex.answer()?.head.text()))
}

fn title(name: &str) -> String {
    name.split('-')
        .map(|w| w.get(..1).map(str::to_ascii_uppercase).unwrap_or_default() + w.get(1..).unwrap_or_default())
        .collect::<Vec<_>>()
        .join("-")
}
