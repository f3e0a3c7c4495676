//! `when_cel`: an expression of the Common Expression Language, as another way to write the tree of `[rule.when]`.
//!
//! The crate `cel` only parses, within bounds; what was read becomes a [`Matcher`], and that is what runs. So an
//! expression costs what its size allows, like any other matcher, and whatever loops or computes is refused at load.

#[cfg(test)]
mod tests;

use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr, LiteralValue, operators as op};
use cel::parser::PrattParser;
use toml::Spanned;

use super::ConfigError;
use super::matcher::{self, NAMES, TESTS, field};
use super::schema::At;
use crate::rule::custom::{Field, Matcher, Test, Value};

/// Characters of an expression.
const LENGTH: usize = 1000;
/// Brackets within brackets, signs before signs.
const DEPTH: usize = 20;
/// Parts that the parser may make of one expression.
const NODES: usize = 1000;

/// Reads an expression.
pub(super) fn build(source: &Spanned<String>, at: &At<'_>) -> Result<Matcher, ConfigError> {
    let p = Place::new(source, at);
    if p.text.chars().count() > LENGTH {
        return Err(p.error("", &format!("an expression has at most {LENGTH} characters")));
    }
    if let Some(byte) = too_deep(p.text) {
        return Err(p.at(byte, &format!("deeper than {DEPTH} levels")));
    }
    let parser = PrattParser::new()
        .max_recursion_depth(2 * DEPTH as u16)
        .max_expression_node_count(NODES)
        .error_recovery_limit(4)
        .error_reporting_limit(4);
    let parsed = parser.parse(p.text).map_err(|e| p.syntax(&e))?;
    let mut left = TESTS;
    lower(&parsed, false, &p, &mut left)
}

/// Where an expression stands in the file, for messages.
struct Place<'a> {
    at: &'a At<'a>,
    /// The byte of the file at which the text begins, and whether its bytes stand there as they are.
    start: usize,
    plain: bool,
    text: &'a str,
}

impl<'a> Place<'a> {
    fn new(source: &'a Spanned<String>, at: &'a At<'a>) -> Self {
        let text = source.as_ref().as_str();
        let within = at.text.get(source.span()).and_then(|raw| raw.find(text)).filter(|_| !text.is_empty());
        Self { at, start: source.span().start + within.unwrap_or(0), plain: within.is_some(), text }
    }

    /// An error at a byte of the expression.
    fn at(&self, byte: usize, what: &str) -> ConfigError {
        let line = if self.plain { self.start + byte } else { self.start };
        let column = self.text.get(..byte).unwrap_or(self.text).chars().count() + 1;
        self.at.error(line, &format!("when_cel, character {column}: {what}"))
    }

    /// An error at a part of the expression; the first such part, if it occurs more often.
    fn error(&self, part: &str, what: &str) -> ConfigError {
        self.at(self.text.find(part).unwrap_or(0), what)
    }

    /// The parser's first complaint; it counts lines from 1 and characters from 1, or has no place.
    fn syntax(&self, e: &cel::ParseErrors) -> ConfigError {
        let Some(first) = e.errors.first() else { return self.error("", "no expression") };
        let (line, column) = (usize::try_from(first.pos.0).unwrap_or(0), usize::try_from(first.pos.1).unwrap_or(0));
        let before: usize = self.text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let rest = self.text.get(before..).unwrap_or_default();
        let within: usize = rest.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum();
        let what = first.msg.lines().next().unwrap_or_default();
        self.at((before + within).min(self.text.len()), what)
    }
}

/// The byte at which brackets, or signs before one value, stand too deep; texts in quotes count for nothing.
fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut signs, mut quote, mut escaped) = (0_usize, 0_usize, None, false);
    for (at, c) in text.char_indices() {
        if let Some(q) = quote {
            if !escaped && c == q {
                quote = None;
            }
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' | '\'' => quote = Some(c),
            '(' | '[' | '{' | '?' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        signs = if matches!(c, '!' | '-') { signs + 1 } else { 0 };
        if depth > DEPTH || signs > DEPTH {
            return Some(at);
        }
    }
    None
}

/// Turns a part that is true or false into a tree. Under a negation each test is turned over by itself, and a field that
/// is not there makes it false either way: what is an error of evaluation in CEL never makes a rule speak.
fn lower(e: &IdedExpr, negated: bool, p: &Place<'_>, left: &mut usize) -> Result<Matcher, ConfigError> {
    // What joins others is no test.
    let joins = matches!(&e.expr, Expr::Call(c) if matches!(c.func_name.as_str(), op::LOGICAL_AND | op::LOGICAL_OR));
    let Some(rest) = left.checked_sub(usize::from(!joins)) else {
        return Err(p.error("", &format!("more than {TESTS} tests in one rule")));
    };
    *left = rest;
    match &e.expr {
        Expr::Literal(LiteralValue::Boolean(b)) => {
            let holds = *b.inner() != negated;
            Ok(if holds { Matcher::All(Vec::new()) } else { Matcher::Any(Vec::new()) })
        }
        Expr::Select(s) if s.test => {
            let name = path(&s.operand).map(|n| format!("{n}.{}", s.field));
            let field = known(name.as_deref(), &s.field, p)?;
            Ok(Matcher::Field(field, Test::Present(!negated)))
        }
        Expr::Call(c) => call(e, c, negated, p, left),
        Expr::Comprehension(_) => Err(p.error("", "nothing that loops: no all, exists, exists_one, map or filter")),
        _ => Ok(Matcher::Field(named(e, p)?, Test::In(vec![Value::Bool(!negated)]))),
    }
}

fn call(e: &IdedExpr, c: &CallExpr, negated: bool, p: &Place<'_>, left: &mut usize) -> Result<Matcher, ConfigError> {
    let mut list = |args: &[IdedExpr]| args.iter().map(|a| lower(a, negated, p, left)).collect::<Result<Vec<_>, _>>();
    match (c.func_name.as_str(), &c.target, c.args.as_slice()) {
        (op::LOGICAL_AND, _, args) => Ok(joined(list(args)?, !negated)),
        (op::LOGICAL_OR, _, args) => Ok(joined(list(args)?, negated)),
        (op::LOGICAL_NOT, _, [one]) => lower(one, !negated, p, left),
        (op::INDEX, ..) => Ok(Matcher::Field(named(e, p)?, Test::In(vec![Value::Bool(!negated)]))),
        (op::IN, _, [what, whole]) => among(what, whole, negated, p),
        (
            name @ (op::EQUALS | op::NOT_EQUALS | op::GREATER | op::GREATER_EQUALS | op::LESS | op::LESS_EQUALS),
            _,
            [a, b],
        ) => compared(name, a, b, negated, p),
        (name @ ("startsWith" | "endsWith" | "contains" | "matches"), Some(field), [arg]) => {
            let text = text(arg).ok_or_else(|| p.error(name, &format!("{name} takes one text in quotes")))?;
            let test = match name {
                "startsWith" => Test::Prefix(text),
                "endsWith" => Test::Suffix(text),
                "contains" => Test::Contains(text),
                _ => matcher::pattern(&text).map_err(|what| p.error(&text, &what))?,
            };
            Ok(turned(named(field, p)?, test, negated))
        }
        (name, ..) => {
            let shown = name.trim_matches(|c| matches!(c, '_' | '@'));
            Err(p.error(shown, &format!("\"{shown}\" is not known here: only tests of fields, joined by && || !")))
        }
    }
}

/// Parts of which all must hold, or any; `a && b && c` is one list, not a list within a list.
fn joined(parts: Vec<Matcher>, all: bool) -> Matcher {
    let flat = parts.into_iter().flat_map(|m| match m {
        Matcher::All(list) if all && !list.is_empty() => list,
        Matcher::Any(list) if !all && !list.is_empty() => list,
        other => vec![other],
    });
    if all { Matcher::All(flat.collect()) } else { Matcher::Any(flat.collect()) }
}

/// A test, or its contrary where the field is there.
fn turned(field: Field, test: Test, negated: bool) -> Matcher {
    let plain = Matcher::Field(field.clone(), test);
    if !negated {
        return plain;
    }
    Matcher::All(vec![Matcher::Field(field, Test::Present(true)), Matcher::Not(Box::new(plain))])
}

/// `field in [..]`, or `"name" in req.header`.
fn among(what: &IdedExpr, whole: &IdedExpr, negated: bool, p: &Place<'_>) -> Result<Matcher, ConfigError> {
    if let Expr::List(list) = &whole.expr {
        let values: Option<Vec<Value<'static>>> = list.elements.iter().map(literal).collect();
        let values = values.ok_or_else(|| p.error("[", "a list holds texts, numbers, true or false"))?;
        return Ok(turned(named(what, p)?, Test::In(values), negated));
    }
    let key = text(what).ok_or_else(|| p.error(" in ", "in takes a list, or a text and req.header, url.query, ..."))?;
    let name = path(whole).map(|n| format!("{n}.{key}"));
    Ok(Matcher::Field(known(name.as_deref(), &key, p)?, Test::Present(!negated)))
}

fn compared(name: &str, a: &IdedExpr, b: &IdedExpr, negated: bool, p: &Place<'_>) -> Result<Matcher, ConfigError> {
    let sign = name.trim_matches('_');
    let (side, value, flipped) = match (literal(a), literal(b)) {
        (None, Some(v)) => (a, v, false),
        (Some(v), None) => (b, v, true),
        _ => return Err(p.error(sign, "a comparison has a field on one side and a value on the other")),
    };
    let field = named(side, p)?;
    let number = || match &value {
        Value::Number(n) => Ok(*n),
        _ => Err(p.error(sign, &format!("{sign} compares numbers"))),
    };
    // `!(a < b)` is `a >= b`, and `5 < a` is `a > 5`.
    let name = match (name, negated) {
        (op::EQUALS, true) => op::NOT_EQUALS,
        (op::NOT_EQUALS, true) => op::EQUALS,
        (op::GREATER, true) => op::LESS_EQUALS,
        (op::GREATER_EQUALS, true) => op::LESS,
        (op::LESS, true) => op::GREATER_EQUALS,
        (op::LESS_EQUALS, true) => op::GREATER,
        (other, _) => other,
    };
    let name = match (name, flipped) {
        (op::GREATER, true) => op::LESS,
        (op::GREATER_EQUALS, true) => op::LESS_EQUALS,
        (op::LESS, true) => op::GREATER,
        (op::LESS_EQUALS, true) => op::GREATER_EQUALS,
        (other, _) => other,
    };
    let equal = || Test::In(vec![value.clone()]);
    let either =
        |test: Test| Matcher::Any(vec![Matcher::Field(field.clone(), test), Matcher::Field(field.clone(), equal())]);
    Ok(match name {
        op::EQUALS => Matcher::Field(field.clone(), equal()),
        op::NOT_EQUALS => turned(field.clone(), equal(), true),
        op::GREATER => Matcher::Field(field.clone(), Test::Greater(number()?)),
        op::LESS => Matcher::Field(field.clone(), Test::Less(number()?)),
        op::GREATER_EQUALS => either(Test::Greater(number()?)),
        _ => either(Test::Less(number()?)),
    })
}

/// The field that a part names.
fn named(e: &IdedExpr, p: &Place<'_>) -> Result<Field, ConfigError> {
    let name = path(e);
    let called = match &e.expr {
        Expr::Call(c) => c.func_name.trim_matches('_'),
        _ => "",
    };
    let part = name.as_deref().and_then(|n| n.rsplit('.').next()).unwrap_or(called);
    known(name.as_deref(), part, p)
}

fn known(name: Option<&str>, part: &str, p: &Place<'_>) -> Result<Field, ConfigError> {
    let Some(name) = name else {
        return Err(p.error(part, "every test is one of a field: no arithmetic, no calls but startsWith and its kin"));
    };
    field(name).ok_or_else(|| p.error(part, &crate::provider::unknown("field", name, NAMES.iter().copied())))
}

/// `a.b["c"]` as `a.b.c`.
fn path(e: &IdedExpr) -> Option<String> {
    match &e.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(s) if !s.test => Some(format!("{}.{}", path(&s.operand)?, s.field)),
        Expr::Call(c) if c.func_name == op::INDEX => match c.args.as_slice() {
            [of, key] => Some(format!("{}.{}", path(of)?, text(key)?)),
            _ => None,
        },
        _ => None,
    }
}

fn text(e: &IdedExpr) -> Option<String> {
    match &e.expr {
        Expr::Literal(LiteralValue::String(s)) => Some(s.inner().to_owned()),
        _ => None,
    }
}

fn literal(e: &IdedExpr) -> Option<Value<'static>> {
    match &e.expr {
        Expr::Literal(LiteralValue::String(s)) => Some(Value::Text(s.inner().to_owned().into())),
        Expr::Literal(LiteralValue::Int(n)) => Some(Value::Number(*n.inner() as f64)),
        Expr::Literal(LiteralValue::UInt(n)) => Some(Value::Number(*n.inner() as f64)),
        Expr::Literal(LiteralValue::Double(n)) => Some(Value::Number(*n.inner())),
        Expr::Literal(LiteralValue::Boolean(b)) => Some(Value::Bool(*b.inner())),
        Expr::Call(c) if c.func_name == op::NEGATE => match c.args.first().and_then(literal)? {
            Value::Number(n) => Some(Value::Number(-n)),
            _ => None,
        },
        _ => None,
    }
}
