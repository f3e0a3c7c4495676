//! Steps over one string, object or array piece by piece: three words of state, whatever its size.

use memchr::memchr2;

/// How far a value was scanned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Skip {
    depth: u64,
    in_string: bool,
    escaped: bool,
}

impl Skip {
    /// Goes on with the next bytes (the first ones begin with `"`, `{` or `[`); how many belong to the value once
    /// its end is among them.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        loop {
            if self.in_string {
                at = self.string(bytes, at)?;
            } else {
                match bytes.get(at)? {
                    b'"' => self.in_string = true,
                    b'{' | b'[' => self.depth += 1,
                    b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                    _ => {}
                }
                at += 1;
            }
            if self.depth == 0 && !self.in_string {
                return Some(at);
            }
        }
    }

    /// Goes on inside a string; the place behind its closing quote.
    fn string(&mut self, bytes: &[u8], mut at: usize) -> Option<usize> {
        loop {
            if self.escaped {
                bytes.get(at)?;
                self.escaped = false;
                at += 1;
            }
            at += memchr2(b'"', b'\\', bytes.get(at..)?)? + 1;
            if bytes.get(at - 1) == Some(&b'"') {
                self.in_string = false;
                return Some(at);
            }
            self.escaped = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_cut_gives_the_same_end() {
        let value = br#"{"a":["x\"]\\",{"b":"\u005d"},[[]]],"c":"}"}"#;
        let input = [&value[..], b",1]"].concat();
        for cut in 1..input.len() {
            let mut skip = Skip::default();
            let first = skip.feed(&input[..cut]);
            let end = first.or_else(|| skip.feed(&input[cut..]).map(|n| n + cut));
            assert_eq!(end, Some(value.len()), "cut {cut}");
        }
        assert_eq!(Skip::default().feed(br#""a\"b","#), Some(6));
    }
}
