//! `dpop-nonce-missing`: the server's nonce was not used.

use rustc_hash::FxHashMap;

use crate::facts::Id;
use crate::rule::{Chapter, Confidence, Cx, Evidence, Finding, Findings, Kind, Need, Part, Rule, Severity};
use crate::trace::Ex;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "dpop-nonce-missing",
    chapter: Chapter::Dpop,
    severity: Severity::Error,
    tier: Some((3, 250)),
    confidence: Confidence::Certain,
    needs: &[&[Need::Qh], &[Need::Sh]],
    summary: "the server's nonce was not used",
    explain: include_str!("dpop_nonce_missing.md"),
    kind: Kind::Rule(check),
};

fn check(cx: &Cx<'_>, out: &mut Findings) {
    // The refused repetition of each refused request.
    let next: FxHashMap<Id, Id> = cx.denied().filter_map(|ex| Some((ex.node().retry_of?, ex.id()))).collect();
    for first in cx.denied() {
        let Some(nonce) = first.wants_nonce() else { continue };
        let before = first.node().retry_of.map(|id| cx.trace.ex(id)).filter(|b| b.denied());
        if before.and_then(Ex::wants_nonce).is_some_and(|n| !carries(first, &n)) {
            continue; // it belongs to the story of the request that it repeats
        }
        let mut chain = vec![first];
        let mut last = first;
        while let Some(after) = next.get(&last.id()).map(|id| cx.trace.ex(*id)).filter(|_| chain.len() < 100) {
            if carries(after, &last.wants_nonce().unwrap_or_else(|| nonce.clone())) {
                break;
            }
            chain.push(after);
            last = after;
        }
        out.push(story(first, &chain));
    }
}

/// The proof holds this nonce, or cannot be read.
fn carries(ex: Ex<'_>, nonce: &str) -> bool {
    ex.proof().map_or(ex.proof_value().is_some(), |p| p.nonce.as_deref() == Some(nonce))
}

fn story(first: Ex<'_>, chain: &[Ex<'_>]) -> Finding {
    let retry = chain.get(1).copied();
    let at = retry.unwrap_or(first);
    let old = at.proof().is_some_and(|p| p.nonce.is_some());
    let message = match (retry.is_some(), old) {
        (true, true) => "the retry has another nonce than the one that was asked for",
        (true, false) => "the retry lacks the nonce that the server asked for",
        (false, true) => "the proof has an old nonce, and no retry with the new one came",
        (false, false) => "the server asked for its nonce, and no retry with it came",
    };
    let mut f = Finding::new(&RULE, at.id(), message)
        .field("dpop")
        .see(Evidence::row(first.id(), Part::Line))
        .see(Evidence::related(first.id(), Part::Res("dpop-nonce".to_owned(), 0), "the nonce for the next proof"));
    f = f.see(Evidence::primary(at.id(), Part::Req("dpop".to_owned(), 0), "this proof does not have it"));
    let cut = retry.is_none() && first.after().next().is_none();
    let (sure, because) = match cut {
        true => (Confidence::Strong, "the capture ends here"),
        false => (Confidence::Certain, "the nonce asked for against the proof sent"),
    };
    f.explains(chain.iter().map(|e| e.id()).filter(|id| *id != at.id()))
        .fix("repeat once with a new proof whose claim nonce is the value of DPoP-Nonce, and keep it for later proofs")
        .paste("payload.nonce = response.headers.get('DPoP-Nonce')")
        .sure(sure, because)
}
