//! `wrong-scheme`: the scheme is not one that the server takes.

use super::common;
use crate::auth::authorization::Form;
use crate::provider::{Accepts, Class as Says};
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, recipe};
use crate::trace::{Class, Ex};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "wrong-scheme",
    chapter: Chapter::Value,
    severity: Severity::Error,
    tier: Some((3, 160)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh]],
    summary: "the scheme is not one that the server takes",
    explain: include_str!("wrong_scheme.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for (ex, _, a) in common::refused(cx) {
        let fits = matches!(a.form, Form::SchemeAndToken | Form::Params);
        if !fits || a.scheme.is_empty() || ex.class().issues() || ex.status() == 403 && ex.said().is_none() {
            continue;
        }
        let profile = ex.profile();
        // A client proves itself to revocation, introspection and registration in its own way.
        let known = match ex.class() {
            Class::Call => profile.accepts_scheme(&a.scheme),
            _ => Accepts::Unknown,
        };
        let challenges = ex.challenges();
        let named = challenges.iter().any(|c| !c.scheme.is_empty());
        let offered = challenges.iter().any(|c| c.is(&a.scheme));
        let equal = |x: &str| x.eq_ignore_ascii_case("dpop") && a.scheme.eq_ignore_ascii_case("bearer");
        let contradicted =
            named && !offered && !profile.auth.challenge_unreliable && !challenges.iter().any(|c| equal(&c.scheme));
        let own = own_schemes(cx, ex, &a.scheme);
        // A server that takes several schemes shows by the same value which of them fits.
        let other = accepted_with(cx, ex);
        let taken = match known {
            Accepts::Yes => other.is_none(),
            Accepts::OtherCase => true,
            _ => false,
        };
        if common::scheme_accepted(cx, ex, &a.scheme) || own.is_none() && taken {
            continue;
        }
        // Words about the scheme beside the one scheme they ask for.
        let worded = challenges.is_empty() && ex.says(Says::Scheme) && !a.scheme.eq_ignore_ascii_case("bearer");
        // Where passwords are refused, the kind of the credential is wrong, not the scheme.
        let password = ex.answer().is_some_and(|b| b.head.text().to_ascii_lowercase().contains("password"));
        let worded = worded && !(a.scheme.eq_ignore_ascii_case("basic") && password);
        let (sure, because) = match known {
            _ if other.is_some() => (Confidence::Strong, "the same value was accepted with another scheme".to_owned()),
            _ if own.is_some() => {
                (Confidence::Certain, format!("profile \"{}\" tells how keys of this kind are sent", profile.id))
            }
            Accepts::No => (Confidence::Certain, format!("profile \"{}\" lists its schemes", profile.id)),
            _ if contradicted => {
                (Confidence::Strong, "the challenge does not offer the scheme that was sent".to_owned())
            }
            _ if worded => (Confidence::Strong, "the server says that it takes another scheme".to_owned()),
            _ if overlooked(cx, ex, &a.scheme) => {
                (Confidence::Likely, "the server saw no credential, and a JWT is sent as Bearer".to_owned())
            }
            _ => continue,
        };
        let mut taken = other.map(|o| vec![o]).or(own).unwrap_or_else(|| common::taken(ex));
        if taken.is_empty() {
            taken.push("Bearer".to_owned());
        }
        let bare = taken.first().is_some_and(String::is_empty);
        let message = match bare {
            true => format!("\"{}\" was sent, the server takes this key without a scheme", a.scheme),
            false => format!("\"{}\" was sent, the server takes {}", a.scheme, common::quoted(&taken)),
        };
        let mut f = Finding::new(&RULE, ex.id(), message).field("authorization").see(
            Evidence::primary(ex.id(), Part::Req("authorization".to_owned(), 0), "this scheme is not offered")
                .at(a.scheme_at.clone()),
        );
        if named {
            f = f.see(Evidence::related(ex.id(), Part::Res("www-authenticate".to_owned(), 0), "what the server takes"));
        }
        let first = taken.first().cloned().unwrap_or_else(|| "Bearer".to_owned());
        let paste = if first.eq_ignore_ascii_case("basic") { recipe::basic(ex) } else { recipe::header(ex, &first) };
        let fix = match bare {
            true => "send the key alone, without a word before it".to_owned(),
            false => format!("send a credential for the scheme {first}"),
        };
        out.push(f.fix(fix).paste(paste).sure(sure, because));
    }
}

/// Many servers do not see a credential whose scheme they do not know (rules.md section 3), and ask for one.
fn overlooked(cx: &Cx<'_>, ex: Ex<'_>, scheme: &str) -> bool {
    let other = ["token", "jwt", "oauth", "basic", "apikey", "api-key"].iter().any(|s| scheme.eq_ignore_ascii_case(s));
    let jwt = ex.bearer().and_then(|u| cx.life(u.value)).is_some_and(|l| l.jwt.is_some());
    other && jwt && ex.said() == Some(Says::Missing) && ex.challenges().is_empty()
}

/// The scheme with which this server accepted the same value, if it is another one.
fn accepted_with(cx: &Cx<'_>, ex: Ex<'_>) -> Option<String> {
    let used = ex.bearer()?;
    let same = |s: &str| s.eq_ignore_ascii_case(cx.text(used.scheme));
    let uses = cx.life(used.value)?.uses.iter().take(200);
    let taken =
        uses.filter(|u| u.place == used.place && cx.trace.ex(u.by).accepted() && cx.trace.ex(u.by).same_audience(ex));
    taken.map(|u| cx.text(u.scheme)).find(|s| !s.is_empty() && !same(s)).map(str::to_owned)
}

/// The schemes that a key of this kind is sent with, if the profile tells, and the one that was sent is none of them.
fn own_schemes(cx: &Cx<'_>, ex: Ex<'_>, sent: &str) -> Option<Vec<String>> {
    let used = ex.bearer().filter(|_| ex.class() == Class::Call)?;
    let prefix = ex.profile().prefix_of(std::str::from_utf8(cx.bytes(used.value)).ok()?)?;
    let fits = prefix.schemes.iter().any(|s| s.eq_ignore_ascii_case(sent));
    (!prefix.schemes.is_empty() && !fits).then(|| prefix.schemes.clone())
}
