//! Numbers, lists and wrapped lines as the report prints them.

use unicode_width::UnicodeWidthStr;

use crate::facts::Id;

/// Wraps at blanks; a word longer than the line stays whole.
pub(crate) fn wrapped(out: &mut String, first: &str, next: &str, text: &str, width: usize) {
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split(' ') {
        let room = line.width() + usize::from(!empty) + word.width();
        if room > width && !empty {
            out.push_str(line.trim_end());
            out.push('\n');
            line = next.to_owned();
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

/// `n thing` or `n things`.
pub fn count(n: u64, one: &str) -> String {
    let many = if one.ends_with('y') { format!("{}ies", one.trim_end_matches('y')) } else { format!("{one}s") };
    format!("{} {}", thousands(n), if n == 1 { one.to_owned() } else { many })
}

/// `91,204`.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// At most this many exchanges or runs of them are named.
const NAMED: usize = 5;

/// `#1`, `#1 and #2`, `#1 to #5`, `#1, #3 to #6 and #9`, `#1, #3 and 7 more`; `more` are those without a number.
pub(crate) fn ranges(ids: &[Id], more: u64) -> String {
    let mut runs: Vec<(Id, Id)> = Vec::new();
    for id in ids {
        match runs.last_mut() {
            Some((_, end)) if end.checked_add(1) == Some(*id) => *end = *id,
            _ => runs.push((*id, *id)),
        }
    }
    // Two neighbours are named one by one.
    let runs: Vec<(Id, Id)> =
        runs.into_iter().flat_map(|(a, b)| if b == a + 1 { vec![(a, a), (b, b)] } else { vec![(a, b)] }).collect();
    let shown = if runs.len() > NAMED { NAMED - 1 } else { runs.len() };
    let mut parts: Vec<String> =
        runs.iter().take(shown).map(|(a, b)| if a == b { format!("#{a}") } else { format!("#{a} to #{b}") }).collect();
    let rest: u64 = runs.iter().skip(shown).map(|(a, b)| u64::from(b - a) + 1).sum::<u64>() + more;
    if rest > 0 {
        parts.push(format!("{} more", thousands(rest)));
    }
    listed(&parts)
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

/// `  key: a, b, c`, wrapped.
#[cfg(feature = "cli")]
pub(crate) fn group_line(out: &mut String, key: &str, names: &[&str]) {
    wrapped(out, &format!("  {key}: "), "      ", &names.join(", "), 100);
}

/// Text for XML: escaped, without the characters that XML 1.0 forbids.
pub(crate) fn xml(text: &str) -> String {
    let legal = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    let clean: String = text.chars().filter(|c| legal(*c)).collect();
    quick_xml::escape::escape(clean).into_owned()
}

/// A digest of some texts, 24 hex digits.
pub(crate) fn digest(parts: &[&str]) -> String {
    use sha2::{Digest, Sha256};
    let sum = Sha256::digest(parts.join("\n").as_bytes());
    sum.iter().take(12).map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exchanges_are_named_in_runs() {
        assert_eq!(ranges(&[3], 0), "#3");
        assert_eq!(ranges(&[3, 4], 0), "#3 and #4");
        assert_eq!(ranges(&[3, 5, 6, 8, 9], 0), "#3, #5, #6, #8 and #9");
        assert_eq!(ranges(&[1, 2, 3, 4, 5], 0), "#1 to #5");
        assert_eq!(ranges(&[1, 3, 5, 7, 9, 11, 12, 13], 0), "#1, #3, #5, #7 and 4 more");
    }

    #[test]
    fn numbers_have_commas() {
        assert_eq!(count(91_204, "exchange"), "91,204 exchanges");
        assert_eq!(count(1, "entry"), "1 entry");
    }
}
