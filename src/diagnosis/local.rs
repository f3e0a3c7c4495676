//! What the profile of a finding's host changes of it: off, another severity, advice (rules.md 6.1).

use crate::rule::{Finding, Severity};
use crate::trace::Trace;

/// The finding as the host's profile wants it; `None` if its rule is off there.
pub(super) fn settle(trace: &Trace<'_>, mut f: Finding) -> Option<Finding> {
    let profile = trace.ex(f.subject).profile();
    let name = f.rule.name;
    // The last resorts always speak: a refusal has a diagnosis.
    if profile.off.iter().any(|r| r == name) && !f.rule.is_fallback() {
        return None;
    }
    if let Some(wanted) = profile.severity.get(name).and_then(|w| Severity::from_word(w)) {
        f.severity = wanted;
    }
    // A rule may have woven it in already.
    let advice = profile.advice.get(name).map(|a| a.trim_end_matches('.'));
    if let Some(text) = advice.filter(|a| !f.fix.text.contains(a)) {
        text.clone_into(&mut f.fix.text);
    }
    Some(f)
}
