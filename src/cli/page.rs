//! A rule's page as `why401 explain RULE` prints it: the same text that its tests run, without their marks.

use std::fmt::Write as _;

use crate::diagnosis::all_edges;
use crate::rule::Rule;

/// Name and summary, how bad and how sure, the page's sections, what the rule must see, what it explains away.
pub(crate) fn render(rule: &Rule) -> String {
    let mut out = format!("{}: {}\n", rule.name, rule.summary);
    let kind = match rule.tier {
        None => "; works all the same, so never the cause of a refusal",
        Some(_) if rule.is_fallback() => "; said only when no other rule explains the refusal",
        Some(_) => "",
    };
    let _ = writeln!(out, "{}, usually {}{kind}", rule.severity.word(), rule.confidence.word());
    body(&mut out, rule.explain);
    let needs: Vec<String> =
        rule.needs.iter().map(|any| any.iter().map(|n| n.words()).collect::<Vec<_>>().join(" or ")).collect();
    if !needs.is_empty() {
        let _ = writeln!(out, "\nNeeds: {}", needs.join(", "));
    }
    let mut hides: Vec<&str> = all_edges().into_iter().filter(|e| e.0 == rule.name).map(|e| e.2).collect();
    hides.sort_unstable();
    hides.dedup();
    if !hides.is_empty() && hides.len() < 30 {
        let _ = writeln!(out, "Makes a consequence of: {}", hides.join(", "));
    }
    out
}

/// The page without its title and summary; captures are indented.
fn body(out: &mut String, page: &str) {
    let sections = page.find("\n## ").and_then(|at| page.get(at..)).unwrap_or(page);
    let mut inside = false;
    for line in sections.trim_end().lines() {
        if line.starts_with("```") {
            inside = !inside;
        } else if inside {
            let _ = writeln!(out, "    {line}");
        } else {
            out.push_str(line.strip_prefix("## ").unwrap_or(line));
            out.push('\n');
        }
    }
}
