//! An answer to whoever sent a capture, to be pasted: the cause and the fix in sentences, or what to record next.

use std::fmt::Write as _;

use super::model::{Capture, Report};
use super::{Block, words};

/// How to record again with the tool that wrote a capture: words that its name or format holds, and a sentence.
const RECIPES: &[(&[&str], &str)] = &[
    (
        &["firefox"],
        "In Firefox, open the Network panel before you log in, repeat it, and use \"Save All As HAR\" from the menu of the list.",
    ),
    (
        &["webinspector", "chrome", "edge", "devtools", "netlog"],
        "In Chrome or Edge, turn on \"Allow to generate HAR with sensitive data\" in the settings of DevTools under Network, tick \
         \"Preserve log\", log in and repeat it, and export the HAR \"with sensitive data\".",
    ),
    (&["playwright"], "With Playwright, record with recordHar: { content: \"embed\" }, from before the login on."),
    (
        &["mitm"],
        "With mitmproxy, save the flows from before the login on: mitmdump -w session.flow; that file can be sent as it is.",
    ),
    (
        &["nginx", "apache", "access-log", "w3c", "json-log", "json-list", "forensic"],
        "A server's log does not hold what was sent. Please repeat the one request from the client: curl -v ... 2>&1 | tee refused.txt",
    ),
    (&["wget"], "With wget, run the same command with -d and -S added, from the login on."),
    (&["httpie"], "With HTTPie, run the same command with -v added, from the login on."),
    (
        &["curl"],
        "With curl, run the same commands with -v added, from the login on: curl -v ... 2>&1 | tee refused.txt",
    ),
];

const ANY: &str = "Please repeat the login and the refused request with curl: curl -v ... 2>&1 | tee refused.txt";

/// The answer, a paragraph a cause. It holds no secret: all of it has passed the mask.
pub fn render(report: &Report, blocks: &[Block]) -> String {
    let mut out = String::new();
    for (i, c) in report.captures.iter().enumerate() {
        let causes: Vec<&Block> = blocks.iter().filter(|b| b.capture == i && b.finding.root_cause).collect();
        if i > 0 {
            out.push('\n');
        }
        head(&mut out, c, causes.len(), causes.iter().all(|b| b.cannot_say.is_some()));
        for b in &causes {
            out.push('\n');
            cause(&mut out, b);
        }
        if causes.iter().any(|b| cannot_tell(b)) || causes.is_empty() && !c.healthy.not_seen.is_empty() {
            let _ = writeln!(out, "\n{}", again(c));
            out.push_str("A recording holds live tokens and passwords: send it over a channel that is fit for them, and renew them afterwards.\n");
        }
    }
    out
}

fn head(out: &mut String, c: &Capture, causes: usize, unknown: bool) {
    let refused = words::count(c.denied, "refused request");
    let _ = match (&c.format, c.denied, causes) {
        (None, ..) => {
            let why = c.problems.first().map_or("it is no capture", |p| &p.done);
            writeln!(out, "Thank you for {}. It cannot be read: {why}.", c.file)
        }
        (_, 0, 0) if c.healthy.not_seen.is_empty() => {
            writeln!(
                out,
                "Thank you for {}. No request in it was refused; the failure is not in this recording.",
                c.file
            )
        }
        (_, 0, 0) => {
            let lacks = c.healthy.not_seen.join(" and ");
            writeln!(out, "Thank you for {}. No request in it was refused, and it holds no {lacks}.", c.file)
        }
        _ if unknown => writeln!(out, "Thank you for {}. It holds {refused}; why is not in it.", c.file),
        (_, _, 1) => writeln!(out, "Thank you for {}. It holds {refused}, and one cause:", c.file),
        (_, _, n) => writeln!(out, "Thank you for {}. It holds {refused}, and {n} causes:", c.file),
    };
    if c.format.is_some() && !c.problems.is_empty() {
        out.push_str("The file is damaged or cut short; this is about what could be read.\n");
    }
}

fn cannot_tell(b: &Block) -> bool {
    b.cannot_say.is_some() || b.finding.severity == "note"
}

fn cause(out: &mut String, b: &Block) {
    let f = &b.finding;
    let e = &f.exchange;
    let answered = e.status.map_or_else(|| "answered with a refusal".to_owned(), |s| format!("answered {s}"));
    let _ = writeln!(out, "Request {} (counted from 0), {} {}, was {answered}.", e.index, e.method, e.url);
    let message = f.message.trim_start_matches("probably: ").trim_start_matches("possibly: ");
    let _ = match &b.can_say {
        Some(t) => writeln!(out, "What the recording shows: {t}."),
        None => writeln!(out, "{}{message}.", sure(&f.confidence)),
    };
    if let Some(t) = &b.cannot_say {
        let _ = writeln!(out, "What the recording cannot show: {t}{}", if t.ends_with('?') { "" } else { "." });
    }
    if !f.because.is_empty() {
        let _ = writeln!(out, "Why we think so: {}.", f.because);
    }
    for so in &b.so {
        let _ = writeln!(out, "It accounts for more: {so}.");
    }
    if !f.fix.text.is_empty() {
        let _ = writeln!(out, "{}: {}.", if cannot_tell(b) { "What would help" } else { "To mend it" }, f.fix.text);
        for p in &f.fix.paste {
            let _ = writeln!(out, "    {p}");
        }
    }
    for a in b.or.iter().filter(|a| !a.decided_by.is_empty()).take(2) {
        let _ = writeln!(out, "It could also be this: {}. What would decide: {}.", a.rule, a.decided_by);
    }
}

fn sure(confidence: &str) -> &'static str {
    match confidence {
        "certain" => "The cause is certain: ",
        "strong" => "The cause: ",
        "likely" => "The cause is probably this: ",
        _ => "A possible cause: ",
    }
}

/// How to record again, with the sender's own tool.
fn again(c: &Capture) -> &'static str {
    let tool = format!("{} {}", c.recorder.as_deref().unwrap_or_default(), c.format.as_deref().unwrap_or_default());
    let tool = tool.to_ascii_lowercase();
    RECIPES.iter().find(|(names, _)| names.iter().any(|n| tool.contains(n))).map_or(ANY, |(_, how)| how)
}
