//! `digest-malformed`: the answer does not fit the challenge.

use super::digest_stale_nonce::{challenge_part, digests};
use crate::auth::challenge::Challenge;
use crate::auth::digest::{self, Digest};
use crate::auth::url;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "digest-malformed",
    chapter: Chapter::Signature,
    severity: Severity::Error,
    tier: Some((3, 300)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Qh], &[Need::Sh]],
    summary: "the answer does not fit the challenge",
    explain: include_str!("digest_malformed.md"),
    kind: Kind::Rule(check),
};

/// Exchanges of the actor that are looked back at for the challenge.
const BACK: usize = 50;

/// What is wrong: the words, the parameter that is marked, the challenge that tells.
struct Fault<'t> {
    message: String,
    param: &'static str,
    label: String,
    from: Option<Ex<'t>>,
    sure: Confidence,
}

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied() {
        let Some((line, d)) = ex.digest() else { continue };
        let stale = digests(ex).iter().any(|c| c.get("stale").is_some_and(|s| s.eq_ignore_ascii_case("true")));
        if stale || ex.masked() {
            continue;
        }
        let found =
            incomplete(&d).or_else(|| target(ex, &d)).or_else(|| against_challenge(ex, &d)).or_else(|| counted(ex, &d));
        let Some(fault) = found else { continue };
        let header = cx.text(line.name).to_owned();
        let mut f =
            Finding::new(&RULE, ex.id(), fault.message).field(header.clone()).see(Evidence::row(ex.id(), Part::Line));
        if let Some(from) = fault.from {
            f = f.see(Evidence::related(from.id(), challenge_part(from), "the challenge"));
        }
        let mut row = Evidence::primary(ex.id(), Part::Req(header, 0), fault.label);
        if let Some(p) = d.param(fault.param) {
            row = row.at(p.at.clone());
        }
        out.push(
            f.see(row)
                .fix("answer the challenge as it is, for the path and query that are really sent")
                .paste("curl --digest -u \"$USER:$PASSWORD\" URL")
                .sure(fault.sure, "the answer against the challenge and the request line"),
        );
    }
}

/// Parameters that every answer needs (RFC 7616 3.4).
fn incomplete<'t>(d: &Digest) -> Option<Fault<'t>> {
    let certain = |message: String, param, label: &str| {
        Some(Fault { message, param, label: label.to_owned(), from: None, sure: Confidence::Certain })
    };
    let gone = ["realm", "nonce", "uri", "response"].into_iter().find(|n| d.get(n).is_none());
    if let Some(name) = gone {
        return certain(format!("the answer has no {name}"), "", "a parameter is missing");
    }
    if d.get("qop").is_some() {
        if let Some(name) = ["nc", "cnonce"].into_iter().find(|n| d.get(n).is_none()) {
            return certain(format!("the answer has a qop, but no {name}"), "qop", "qop needs nc and cnonce");
        }
        if d.count().is_none() {
            return certain("nc must be eight hexadecimal digits".to_owned(), "nc", "eight digits belong here");
        }
    }
    let len = d.get("response").map_or(0, str::len);
    let want = digest::response_len(d.algorithm())?;
    if len != want {
        let words = format!("the response has {len} digits, {} makes {want}", d.algorithm());
        return certain(words, "response", "not a hash of this algorithm");
    }
    None
}

/// `uri` is the target of the request line.
fn target<'t>(ex: Ex<'t>, d: &Digest) -> Option<Fault<'t>> {
    if ex.method() == "CONNECT" {
        return None;
    }
    let uri = d.get("uri")?;
    let text = ex.full_url();
    let u = url::parse_url(&text);
    let query = u.query_at().and_then(|r| text.get(r)).map(|q| format!("?{q}")).unwrap_or_default();
    let sent = format!("{}{query}", u.path());
    if digest::same_target(uri, &sent) || rewritten(ex) {
        return None;
    }
    let lacks = !query.is_empty() && digest::same_target(uri, u.path());
    let message =
        if lacks { "uri lacks the query of the request" } else { "uri names another target than the request" };
    let label = if lacks { "path and query belong here" } else { "the request asks for another" };
    Some(Fault { message: message.into(), param: "uri", label: label.into(), from: None, sure: Confidence::Certain })
}

/// Such an answer was accepted here: a proxy rewrites the path.
fn rewritten(ex: Ex<'_>) -> bool {
    ex.before()
        .take(BACK)
        .chain(ex.after().take(BACK))
        .filter(|o| o.accepted() && o.same_audience(ex))
        .any(|o| o.digest().is_some_and(|(_, d)| d.get("uri").is_some_and(|u| !o.full_url().ends_with(u))))
}

/// The parameters of the challenge come back unchanged.
fn against_challenge<'t>(ex: Ex<'t>, d: &Digest) -> Option<Fault<'t>> {
    let nonce = d.get("nonce")?;
    let earlier = || ex.before().take(BACK).filter(|b| b.fact().origin == ex.fact().origin);
    let offered = earlier().find(|b| digests(*b).iter().any(|c| c.get("nonce") == Some(nonce)));
    let Some(from) = offered else { return other_nonce(ex, nonce) };
    let all = digests(from);
    let same = |c: &&Challenge| c.get("algorithm").unwrap_or("MD5").eq_ignore_ascii_case(d.algorithm());
    let fault = |param: &'static str, want: &str| {
        let message = format!("{param} is not that of the challenge");
        let label = format!("the challenge says {}", want.chars().take(24).collect::<String>());
        Some(Fault { message, param, label, from: Some(from), sure: Confidence::Certain })
    };
    let Some(c) = all.iter().find(same) else {
        return fault("algorithm", all.first()?.get("algorithm").unwrap_or("MD5"));
    };
    for param in ["realm", "opaque"] {
        let want = c.get(param);
        if let Some(w) = want.filter(|_| d.get(param) != want) {
            return fault(param, w);
        }
    }
    let wants = c.get("qop").unwrap_or_default();
    let qop = d.get("qop").filter(|q| !wants.is_empty() && !wants.split([',', ' ']).any(|w| w.eq_ignore_ascii_case(q)));
    qop.and_then(|_| fault("qop", wants))
}

/// The answer comes right behind a challenge, and has a nonce that no answer offered.
fn other_nonce<'t>(ex: Ex<'t>, nonce: &str) -> Option<Fault<'t>> {
    let last = ex.before().take(3).find(|b| b.fact().path == ex.fact().path && b.fact().origin == ex.fact().origin)?;
    let bare = last.digest().is_none() && !digests(last).is_empty();
    let handed_on = last.res("authentication-info").present().is_some_and(|l| l.text().contains(nonce));
    (bare && !handed_on).then(|| Fault {
        message: "the nonce is not that of the challenge".to_owned(),
        param: "nonce",
        label: "the challenge has another".to_owned(),
        from: Some(last),
        sure: Confidence::Strong,
    })
}

/// The count of a nonce rises with every use.
fn counted<'t>(ex: Ex<'t>, d: &Digest) -> Option<Fault<'t>> {
    let (nonce, own) = (d.get("nonce")?, d.count()?);
    let last = ex.before().take(BACK).find_map(|b| {
        let (_, other) = b.digest().filter(|(_, o)| o.get("nonce") == Some(nonce))?;
        Some((b, other.count()?))
    })?;
    (own <= last.1 && last.0.accepted()).then(|| Fault {
        message: "nc does not rise: this count was used before".to_owned(),
        param: "nc",
        label: format!("the last use had {:08x}", last.1),
        from: None,
        sure: Confidence::Certain,
    })
}
