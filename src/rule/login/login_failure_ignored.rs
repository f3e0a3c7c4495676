//! `login-failure-ignored`: the client went on after a failed login.

use crate::rule::{Chapter, Confidence, Kind, Need, Rule, Severity};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "login-failure-ignored",
    chapter: Chapter::Login,
    severity: Severity::Error,
    tier: Some((2, 230)),
    confidence: Confidence::Strong,
    needs: &[&[Need::Qh]],
    summary: "the client went on after a failed login",
    explain: include_str!("login_failure_ignored.md"),
    kind: Kind::Link,
};
