//! `dpop-proof-invalid`: the proof does not fit the request.

use rustc_hash::FxHashMap;

use crate::auth::dpop::{self, Proof};
use crate::facts::{Id, Place};
use crate::http::Time;
use crate::provider::Class as Says;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity, words};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "dpop-proof-invalid",
    chapter: Chapter::Dpop,
    severity: Severity::Error,
    tier: Some((3, 260)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Qh]],
    summary: "the proof does not fit the request",
    explain: include_str!("dpop_proof_invalid.md"),
    kind: Kind::Rule(check),
};

/// Seconds that `iat` may differ from the server's clock.
const TOLERANCE: i64 = 300;

/// What is wrong, and the rows that show it.
type Fault = (String, Vec<Evidence>);

fn check(cx: &Cx<'_>, out: &mut Findings) {
    let first = first_uses(cx);
    for ex in cx.denied().filter(|e| !matches!(e.said(), Some(Says::Permission | Says::Scope | Says::Rate))) {
        if ex.reqs("dpop").next().is_none() {
            continue;
        }
        // Beside a masked token the proof can still be read, only its hash of the token cannot be checked.
        let hidden = ex.masked();
        let fault = match ex.proof() {
            Some(p) => form(ex, &p)
                .or_else(|| request(ex, &p))
                .or_else(|| if hidden { None } else { token(cx, ex, &p) })
                .or_else(|| again(ex, &p, &first))
                .or_else(|| time(ex, &p)),
            None if hidden => None,
            None => unreadable(ex),
        };
        let Some((message, rows)) = fault else { continue };
        let mut f = Finding::new(&RULE, ex.id(), message).field("dpop").see(Evidence::row(ex.id(), Part::Line));
        f = f.see(Evidence::primary(ex.id(), Part::Req("dpop".to_owned(), 0), "the proof"));
        for row in rows {
            f = f.see(row);
        }
        out.push(
            f.fix("make a fresh proof for every request: its method, its URL, its token, a new jti, the time now")
                .paste("await dpop.proof({htm: method, htu: url, ath: sha256url(token)})")
                .sure(Confidence::Certain, "the proof, decoded, against the request"),
        );
    }
}

/// The first exchange of every `jti`.
fn first_uses(cx: &Cx<'_>) -> FxHashMap<String, Id> {
    let mut out = FxHashMap::default();
    for ex in cx.all().filter(|e| e.uses().iter().any(|u| matches!(u.place, Place::Header(n) if cx.text(n) == "dpop")))
    {
        if let Some(jti) = ex.proof().and_then(|p| p.jti) {
            out.entry(jti).or_insert(ex.id());
        }
    }
    out
}

fn say(ex: Ex<'_>, sent: String, wanted: String) -> Vec<Evidence> {
    let row = |text: String| Evidence::row(ex.id(), Part::Say(text));
    vec![row(format!("in the proof: {sent}")), row(format!("would be right: {wanted}"))]
}

fn unreadable(ex: Ex<'_>) -> Option<Fault> {
    let value = ex.trace().facts.values.get(ex.proof_value()?);
    let cut = crate::auth::token::is_mask(&String::from_utf8_lossy(value)) || value.ends_with(b"...");
    (!cut).then(|| ("the value of DPoP is no signed JWT".to_owned(), Vec::new()))
}

/// Header of the proof, and how many there are (RFC 9449 4.3, 1 to 7).
fn form(ex: Ex<'_>, p: &Proof) -> Option<Fault> {
    if ex.reqs("dpop").count() > 1 {
        return Some(("several proofs were sent, one belongs here".to_owned(), Vec::new()));
    }
    if !p.typ.as_deref().is_some_and(|t| t.eq_ignore_ascii_case("dpop+jwt")) {
        let sent = format!("typ {}", p.typ.as_deref().unwrap_or("absent"));
        return Some(("typ of the proof must be dpop+jwt".to_owned(), say(ex, sent, "typ dpop+jwt".to_owned())));
    }
    if p.alg.eq_ignore_ascii_case("none") || p.alg.starts_with("HS") {
        return Some((format!("a proof cannot be signed with {}", p.alg), Vec::new()));
    }
    if p.private_key {
        return Some(("the proof gives away its private key".to_owned(), Vec::new()));
    }
    let lacks =
        [("htm", p.htm.is_none()), ("htu", p.htu.is_none()), ("iat", p.iat.is_none()), ("jti", p.jti.is_none())];
    let name = lacks.into_iter().find_map(|(n, gone)| gone.then_some(n));
    let name = name.or_else(|| p.jkt.is_none().then_some("jwk"))?;
    Some((format!("the proof has no {name}"), Vec::new()))
}

/// Method and URL.
fn request(ex: Ex<'_>, p: &Proof) -> Option<Fault> {
    let (htm, htu) = (p.htm.clone()?, p.htu.clone()?);
    if htm != ex.method() {
        let rows = say(ex, format!("htm {htm}"), format!("htm {}", ex.method()));
        return Some(("htm is not the method of the request".to_owned(), rows));
    }
    let sent = format!("{}{}", ex.origin(), ex.path());
    if !ex.origin().is_empty() && !dpop::same_target(&htu, &sent) {
        let rows = say(ex, format!("htu {}", htu.split('?').next().unwrap_or_default()), format!("htu {sent}"));
        return Some(("htu is not the URL of the request".to_owned(), rows));
    }
    None
}

/// The hash of the access token, and the key that it is bound to.
fn token(cx: &Cx<'_>, ex: Ex<'_>, p: &Proof) -> Option<Fault> {
    let used = ex.bearer().filter(|_| !ex.class().issues())?;
    let value = cx.bytes(used.value);
    match &p.ath {
        None => return Some(("the proof lacks ath, the hash of the access token".to_owned(), Vec::new())),
        Some(a) if *a != dpop::ath(value) => {
            return Some(("ath is not the hash of the access token that was sent".to_owned(), Vec::new()));
        }
        Some(_) => {}
    }
    let life = cx.life(used.value)?;
    let key = p.jkt.as_deref()?;
    if let Some(bound) = life.jwt.as_ref().and_then(|j| j.cnf_jkt.as_deref()) {
        let words = "the proof is signed with another key than the token is bound to";
        return (bound != key).then(|| (words.to_owned(), say(ex, format!("jkt {key}"), format!("jkt {bound}"))));
    }
    let issued = life.issued.iter().rev().map(|i| cx.trace.ex(i.by)).find(|i| i.precedes(ex))?;
    let bound = issued.proof()?.jkt?;
    let words = "the proof is signed with another key than at the token call";
    let mut rows = say(ex, format!("jkt {key}"), format!("jkt {bound}"));
    rows.push(Evidence::related(issued.id(), Part::Req("dpop".to_owned(), 0), "the key that the token is bound to"));
    (bound != key).then(|| (words.to_owned(), rows))
}

/// A `jti` is used once.
fn again(ex: Ex<'_>, p: &Proof, first: &FxHashMap<String, Id>) -> Option<Fault> {
    let before = first.get(p.jti.as_deref()?).copied().filter(|id| *id != ex.id())?;
    let row = Evidence::related(before, Part::Req("dpop".to_owned(), 0), "the same jti, used here first");
    Some(("jti was used before: a proof serves one request".to_owned(), vec![Evidence::row(before, Part::Line), row]))
}

/// `iat` is of now.
fn time(ex: Ex<'_>, p: &Proof) -> Option<Fault> {
    let (at, now) = (Time::from_secs_f64(p.iat?), ex.server_now()?);
    let off = (now - at) / 1_000_000;
    let direction = if off > 0 { "before" } else { "after" };
    let message = format!("the proof was made {} {direction} the server's time", words::span(off));
    (off.abs() > TOLERANCE).then(|| (message, say(ex, format!("iat {}", at.utc()), format!("iat {}", now.utc()))))
}
