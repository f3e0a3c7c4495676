//! Looks up the suppression table.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::suppress::{GROUPS, ROWS};
use crate::rule::RULES;

/// Where two findings must stand for one to be the other's cause (rules.md 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// On one exchange.
    SameExchange,
    /// On one exchange and one header or field.
    SameHeader,
    /// The cause is an earlier step: issuing login, redirect hop, preflight, grant.
    Chain,
    /// A later exchange of the same actor and audience, before the call succeeded, within 5 minutes.
    LaterOfActor,
    /// A later use of a code or token of the cause's grant.
    LaterOfGrant,
    /// A repetition of the cause's exchange.
    Retry,
}

impl Scope {
    /// The name of rules.md.
    pub fn name(self) -> &'static str {
        match self {
            Self::SameExchange => "same-exchange",
            Self::SameHeader => "same-header",
            Self::Chain => "chain",
            Self::LaterOfActor => "later-of-actor",
            Self::LaterOfGrant => "later-of-grant",
            Self::Retry => "retry",
        }
    }
}

type Table = FxHashMap<(&'static str, &'static str), Vec<Scope>>;

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut out = Table::default();
        for (roots, scope, targets) in ROWS {
            for a in expand(roots) {
                for b in expand(targets) {
                    if a != b {
                        let list = out.entry((a, b)).or_default();
                        if !list.contains(scope) {
                            list.push(*scope);
                        }
                    }
                }
            }
        }
        out
    })
}

fn expand(words: &'static [&'static str]) -> Vec<&'static str> {
    let group = |w: &'static str| -> Vec<&'static str> {
        if w == "*" {
            return RULES
                .iter()
                .filter(|r| {
                    r.tier.is_some() && !matches!(r.kind, crate::rule::Kind::Fallback(_) | crate::rule::Kind::Link)
                })
                .map(|r| r.name)
                .collect();
        }
        GROUPS.iter().find(|(name, _)| *name == w).map_or_else(|| vec![w], |(_, list)| list.to_vec())
    };
    words.iter().flat_map(|w| group(w)).collect()
}

/// The scopes in which a finding of rule `a` makes one of rule `b` its consequence.
pub fn edges(a: &str, b: &str) -> &'static [Scope] {
    // Names come from the list of rules, so they live as long as the table.
    let (a, b) = (crate::rule::by_name(a), crate::rule::by_name(b));
    let (Some(a), Some(b)) = (a, b) else { return &[] };
    table().get(&(a.name, b.name)).map_or(&[], Vec::as_slice)
}

/// All edges, sorted: for the test against the catalogue.
pub fn all() -> Vec<(&'static str, Scope, &'static str)> {
    let mut out: Vec<_> = table().iter().flat_map(|((a, b), scopes)| scopes.iter().map(|s| (*a, *s, *b))).collect();
    out.sort();
    out
}

/// Whether a finding of `a` can be the cause of one on a later exchange.
pub(super) fn reaches_forward(a: &str) -> bool {
    static CAUSES: OnceLock<rustc_hash::FxHashSet<&'static str>> = OnceLock::new();
    let causes = CAUSES.get_or_init(|| {
        let forward = |s: &Scope| !matches!(s, Scope::SameExchange | Scope::SameHeader);
        all().into_iter().filter(|(_, s, _)| forward(s)).map(|(a, _, _)| a).collect()
    });
    causes.contains(a)
}

/// The rules that can make a finding of `b` their consequence from an earlier exchange.
pub(super) fn forward_causes(b: &str) -> &'static [(&'static str, Scope)] {
    type Causes = FxHashMap<&'static str, Vec<(&'static str, Scope)>>;
    static CAUSES: OnceLock<Causes> = OnceLock::new();
    let causes = CAUSES.get_or_init(|| {
        let mut out = Causes::default();
        for (a, scope, b) in all() {
            if !matches!(scope, Scope::SameExchange | Scope::SameHeader) {
                out.entry(b).or_default().push((a, scope));
            }
        }
        out
    });
    causes.get(b).map_or(&[], Vec::as_slice)
}
