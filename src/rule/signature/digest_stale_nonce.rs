//! `digest-stale-nonce`: the fresh nonce was not used.

use crate::auth::challenge::Challenge;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "digest-stale-nonce",
    chapter: Chapter::Signature,
    severity: Severity::Error,
    tier: Some((3, 310)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh], &[Need::Sh]],
    summary: "the fresh nonce was not used",
    explain: include_str!("digest_stale_nonce.md"),
    kind: Kind::Rule(check),
};

/// Exchanges of the actor that are looked back at.
const BACK: usize = 50;

fn check(cx: &Cx<'_>, out: &mut Findings) {
    for ex in cx.denied() {
        let Some((line, d)) = ex.digest() else { continue };
        let Some(nonce) = d.param("nonce") else { continue };
        let fresh = digests(ex).into_iter().find(|c| c.get("nonce").is_some_and(|n| n != nonce.value));
        let stale = digests(ex).iter().any(|c| c.get("stale").is_some_and(|s| s.eq_ignore_ascii_case("true")));
        let before = replaced(ex, &nonce.value);
        if !(stale && fresh.is_some()) && before.is_none() {
            continue;
        }
        let header = ctx_name(cx, line.name);
        let mut f = Finding::new(&RULE, ex.id(), "the old nonce was used, though the server gave a new one")
            .field(header.clone());
        if let Some(b) = before {
            f = f.see(Evidence::related(b.id(), challenge_part(b), "the new nonce"));
        }
        f = f.see(Evidence::primary(ex.id(), Part::Req(header, 0), "the old nonce").at(nonce.at.clone()));
        if stale {
            f = f.see(Evidence::related(ex.id(), challenge_part(ex), "stale=true: all else was right"));
        }
        let sure = if stale { Confidence::Certain } else { Confidence::Strong };
        out.push(
            f.fix("answer a 401 with stale=true at once, with the nonce of that answer")
                .paste("curl --digest -u \"$USER:$PASSWORD\" URL")
                .sure(sure, "the nonce sent against the nonce offered"),
        );
    }
}

fn ctx_name(cx: &Cx<'_>, name: crate::facts::StrId) -> String {
    cx.text(name).to_owned()
}

/// The Digest challenges of an answer, a proxy's too.
pub(super) fn digests(ex: Ex<'_>) -> Vec<Challenge> {
    let header = if ex.status() == 407 { "proxy-authenticate" } else { "www-authenticate" };
    let lines: Vec<&[u8]> = ex.ress(header).map(crate::facts::Line::bytes).collect();
    crate::auth::challenge::parse_challenges(&lines).into_iter().filter(|c| c.is("digest")).collect()
}

/// Where the challenge stands.
pub(super) fn challenge_part(ex: Ex<'_>) -> Part {
    let header = if ex.status() == 407 { "proxy-authenticate" } else { "www-authenticate" };
    Part::Res(header.to_owned(), 0)
}

/// An earlier request with the same nonce, whose refusal named another one.
fn replaced<'t>(ex: Ex<'t>, nonce: &str) -> Option<Ex<'t>> {
    ex.before().take(BACK).filter(|b| b.fact().origin == ex.fact().origin).find(|b| {
        let same = b.digest().is_some_and(|(_, d)| d.get("nonce") == Some(nonce));
        let other = digests(*b).iter().any(|c| c.get("nonce").is_some_and(|n| n != nonce));
        same && other && !digests(*b).iter().any(|c| c.get("nonce") == Some(nonce))
    })
}
