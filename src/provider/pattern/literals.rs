//! The literals that a text must hold for an expression to match: looked for before it is compiled.

/// A shorter literal tells too little.
const TELLING: usize = 3;

/// What the matches of one choice of an expression hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Way {
    /// In this order, in lower case: one of each list. None: nothing is known.
    pub(super) literals: Vec<Vec<String>>,
    /// The first of them stands at the text's first byte.
    pub(super) front: bool,
}

impl Way {
    /// Whether an ASCII text holds them.
    pub(super) fn may_match(&self, text: &str) -> bool {
        let mut rest = text.as_bytes();
        for (n, choice) in self.literals.iter().enumerate() {
            let front = n == 0 && self.front;
            // The choice that ends first leaves most for what follows.
            let ends = choice.iter().filter_map(|l| Some(find(rest, l.as_bytes(), front)? + l.len()));
            let Some(end) = ends.min() else { return false };
            rest = rest.get(end..).unwrap_or_default();
        }
        true
    }
}

/// Where a literal in lower case begins, compared without case; `front`: only at the first byte.
fn find(text: &[u8], literal: &[u8], front: bool) -> Option<usize> {
    let here = |at: usize| text.get(at..at + literal.len()).is_some_and(|t| t.eq_ignore_ascii_case(literal));
    if front {
        return here(0).then_some(0);
    }
    let initial = literal.first()?;
    memchr::memchr2_iter(*initial, initial.to_ascii_uppercase(), text).find(|at| here(*at))
}

/// What the matches of a pattern hold, for each choice outside of its groups.
pub(super) fn ways(pattern: &str) -> Vec<Way> {
    let rest = ["(?i)", "(?is)"].iter().find_map(|f| pattern.strip_prefix(f)).unwrap_or(pattern);
    if rest.split("(?").skip(1).any(|g| !g.starts_with([':', 'P', '<'])) {
        return vec![Way::default()];
    }
    choices(rest).into_iter().map(|c| telling(c).unwrap_or_default()).collect()
}

/// The literals that every match of one choice holds one behind the other (one of each list), in lower case, and whether
/// the first must stand in front; `None` if it has what is not understood here.
fn telling(choice: &str) -> Option<Way> {
    let mut found = Found { first: choice.starts_with('^'), ..Found::default() };
    let mut chars = choice.strip_prefix('^').unwrap_or(choice).chars().peekable();
    while let Some(c) = chars.next() {
        match part(c, &mut chars)? {
            Part::Literal(c) => found.run.push(c.to_ascii_lowercase()),
            Part::Repeat => {
                // What stands before it may be missing.
                found.run.pop();
                found.close();
            }
            Part::Group(inside) => {
                found.close();
                if !matches!(chars.peek(), Some('?' | '*' | '{')) {
                    found.way.literals.extend(words(&inside));
                }
            }
            Part::Other => found.close(),
        }
    }
    found.close();
    Some(found.way)
}

/// What was found in a choice so far.
#[derive(Default)]
struct Found {
    way: Way,
    /// Literal characters one behind the other.
    run: String,
    /// Nothing but the anchor stood before the run.
    first: bool,
}

impl Found {
    /// The run ends here.
    fn close(&mut self) {
        if self.run.len() >= TELLING {
            self.way.front |= self.first;
            self.way.literals.push(vec![std::mem::take(&mut self.run)]);
        }
        self.run.clear();
        self.first = false;
    }
}

/// A part of an expression.
enum Part {
    Literal(char),
    /// `?`, `*`, `{..}`
    Repeat,
    /// What stands in its brackets.
    Group(String),
    /// A class, an anchor, `+`, `.`
    Other,
}

/// The part that begins with a character; `None` if it is not understood here.
fn part(c: char, chars: &mut impl Iterator<Item = char>) -> Option<Part> {
    Some(match c {
        '\\' => match chars.next() {
            Some('x') => Part::Literal(byte(chars)?),
            Some(c) if c.is_ascii_punctuation() && !matches!(c, '<' | '>') => Part::Literal(c),
            Some('b' | 'B' | 'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'n' | 'r' | 't') => Part::Other,
            _ => return None,
        },
        '(' => Part::Group(skip(chars, '(', ')')),
        '[' => {
            skip(chars, '[', ']');
            Part::Other
        }
        '{' => {
            skip(chars, '{', '}');
            Part::Repeat
        }
        '?' | '*' => Part::Repeat,
        '^' | '$' | '.' | '|' | '+' | ')' | ']' | '}' => Part::Other,
        c => Part::Literal(c),
    })
}

/// `\x27`: an ASCII character by its number.
fn byte(chars: &mut impl Iterator<Item = char>) -> Option<char> {
    let number = chars.next()?.to_digit(16)? * 16 + chars.next()?.to_digit(16)?;
    char::from_u32(number).filter(char::is_ascii)
}

/// A word of each choice of a group, if each has one that tells something.
fn words(group: &str) -> Option<Vec<String>> {
    let group = group.strip_prefix("?:").unwrap_or(group);
    if group.is_empty() || group.starts_with('?') {
        return None;
    }
    let word = |c: &str| telling(c)?.literals.into_iter().find_map(|l| <[String; 1]>::try_from(l).ok()).map(|[w]| w);
    choices(group).into_iter().map(word).collect()
}

/// Passes over a group, a class or a count behind its first bracket; what stood in it.
fn skip(chars: &mut impl Iterator<Item = char>, open: char, close: char) -> String {
    let (mut depth, mut inside) = (1, String::new());
    let mut class = Class { since: (open == '[').then_some(0) };
    while let Some(c) = chars.next() {
        if c == '\\' {
            inside.extend([c].into_iter().chain(chars.next()));
            class.escape();
            continue;
        }
        inside.push(c);
        let plain = !class.holds(c);
        depth += i32::from(plain && c == open) - i32::from(plain && c == close);
        if depth == 0 || open == '[' && class.since.is_none() {
            break;
        }
    }
    inside.pop();
    inside
}

/// Whether a character stands in a class.
#[derive(Default)]
struct Class {
    /// Characters since its bracket; a bracket right behind that, or behind `^`, is one of its own.
    since: Option<usize>,
}

impl Class {
    fn holds(&mut self, c: char) -> bool {
        match (self.since, c) {
            (None, '[') => self.since = Some(0),
            (None, _) => return false,
            (Some(0), '^') => {}
            (Some(1..), ']') => self.since = None,
            (Some(n), _) => self.since = Some(n + 1),
        }
        true
    }

    fn escape(&mut self) {
        self.since = self.since.map(|n| n + 1);
    }
}

/// The choices of an expression outside of its groups.
fn choices(expression: &str) -> Vec<&str> {
    let (mut depth, mut escaped, mut from, mut class) = (0_i32, false, 0, Class::default());
    let mut all = Vec::new();
    for (at, c) in expression.char_indices() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        if c == '\\' {
            escaped = true;
            class.escape();
            continue;
        }
        if class.holds(c) {
            continue;
        }
        depth += i32::from(c == '(') - i32::from(c == ')');
        if c == '|' && depth == 0 {
            all.push(expression.get(from..at).unwrap_or_default());
            from = at + 1;
        }
    }
    all.push(expression.get(from..).unwrap_or_default());
    all
}
