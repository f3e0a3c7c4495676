//! The one door to the page: text is escaped here, and nowhere is a tag made from captured text.

use std::fmt::Write as _;

/// Escapes text for element content and quoted attribute values.
pub(super) fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

/// The same as a new text.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    escape(&mut out, text);
    out
}

/// Escaped text that may break behind `/ , ? &`.
pub(super) fn breakable(out: &mut String, text: &str) {
    for part in text.split_inclusive(['/', ',', '?', '&']) {
        escape(out, part);
        if part.ends_with(['/', ',', '?', '&']) {
            out.push_str("<wbr>");
        }
    }
}

/// Escaped text in which `#7` leads to the row of exchange 7, if there is one.
pub(super) fn linked(out: &mut String, text: &str, has: &dyn Fn(u32) -> bool) {
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('#') {
        escape(out, before);
        let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = behind.split_at_checked(digits).unwrap_or(("", behind));
        match number.parse::<u32>().ok().filter(|n| has(*n)) {
            Some(n) => {
                let _ = write!(out, "<a href=\"#x{n}\">#{n}</a>");
            }
            None => {
                out.push('#');
                out.push_str(number);
            }
        }
        rest = after;
    }
    escape(out, rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(escaped("<a href='x' b=\"y\">&"), "&lt;a href=&#39;x&#39; b=&quot;y&quot;&gt;&amp;");
        let mut out = String::new();
        linked(&mut out, "#1 to #20 <#>", &|n| n == 1);
        assert_eq!(out, "<a href=\"#x1\">#1</a> to #20 &lt;#&gt;");
    }
}
