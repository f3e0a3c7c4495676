//! A user's own rules: a matcher over the fields of an exchange (rules.md 7.1). Its cost is bounded by its size.

mod field;
mod matcher;

pub use field::{Claim, Count, Counts, Field, Got, Of, UrlPart, Value};
pub use matcher::{Answer, Matcher, Test};

use super::{Confidence, Cx, Evidence, Finding, Findings, Part, Rule};

/// At most this many origins get a finding for requests that were accepted.
const ORIGINS: usize = 100;

/// What a custom rule has beyond the facts of every rule.
#[derive(Debug)]
pub struct Custom {
    /// What must hold of an exchange.
    pub when: Matcher,
    /// The message of its findings.
    pub message: String,
    /// The sentence of its fix.
    pub fix: String,
    /// Rules whose findings on the same exchange only follow from this one.
    pub suppresses: Vec<String>,
}

impl Custom {
    /// Judges a capture: one finding a refused request; what was accepted gives one finding an origin.
    pub fn check(&self, rule: &'static Rule, cx: &Cx<'_>, out: &mut Findings) {
        let counts = Counts::of(cx, &self.when);
        let mut accepted: Vec<(crate::facts::StrId, Finding, usize)> = Vec::new();
        for ex in cx.all().filter(|ex| !ex.fact().flags.preflight) {
            if self.when.answer(cx, ex, &counts) != Answer::Yes {
                continue;
            }
            let finding = Finding::new(rule, ex.id(), self.message.clone())
                .see(Evidence::primary(ex.id(), Part::Line, String::new()))
                .fix(self.fix.clone())
                .sure(rule.confidence, "the rule of the configuration holds here");
            if ex.denied() && rule.tier.is_some() {
                out.push(finding);
                continue;
            }
            let origin = ex.fact().origin;
            if let Some((.., more)) = accepted.iter_mut().find(|(o, ..)| *o == origin) {
                *more += 1;
            } else if accepted.len() < ORIGINS {
                accepted.push((origin, finding.hygiene(), 0));
            }
        }
        out.extend(accepted.into_iter().map(|(_, mut f, more)| {
            if more > 0 {
                f.because = format!("it holds here and in {more} more requests to this server");
            }
            f
        }));
    }

    /// At how many refused requests the rule could not look, since a field was not recorded.
    pub fn not_checked(&self, cx: &Cx<'_>) -> usize {
        let counts = Counts::of(cx, &self.when);
        cx.denied().filter(|ex| self.when.answer(cx, *ex, &counts) == Answer::Unknown).count()
    }

    /// Whether the rule cannot look at a request, since a field was not recorded.
    pub(crate) fn blind(&self, cx: &Cx<'_>, ex: crate::trace::Ex<'_>) -> bool {
        self.when.answer(cx, ex, &Counts::of(cx, &self.when)) == Answer::Unknown
    }

    /// The confidence that its configuration named, or the default of custom rules.
    pub fn default_confidence() -> Confidence {
        Confidence::Likely
    }
}
