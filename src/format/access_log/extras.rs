//! The fields behind a known part of a line: named by a key, or recognised by their shape.

use super::entry::Entry;
use super::keys::{Meaning, meaning};
use super::squid::dump;
use super::token::Token;
use super::values::{Shape, shape};
use crate::format::lines::Line;
use crate::http::Coding;

/// Takes one more token of a line.
pub(crate) fn extra<'l>(entry: &mut Entry<'l>, line: Line<'l>, token: Token<'l>) {
    match token {
        Token::Pair(key, value, quoted) => {
            let coding = if quoted { Coding::Log } else { Coding::Plain };
            let text = line.text(value).with_coding(coding);
            match meaning(key) {
                Meaning::RequestLine if entry.has_request => {}
                Meaning::RequestLine => entry.put_request(value, |part| line.text(part).with_coding(coding)),
                known => entry.put(known, text),
            }
        }
        Token::Quoted(value) => unnamed(entry, line, value),
        Token::Bracketed(inside) => {
            dump(entry, line, inside);
        }
        Token::Word(_) => {}
    }
}

fn unnamed<'l>(entry: &mut Entry<'l>, line: Line<'l>, value: &'l [u8]) {
    let text = line.text(value).with_coding(Coding::Log);
    let lacks = |names: &[std::borrow::Cow<'static, str>], name: &str| !names.iter().any(|n| n == name);
    match shape(value) {
        Shape::Credential if lacks(&entry.request.names, "authorization") => {
            entry.request.add("authorization".into(), text);
        }
        Shape::Challenge if lacks(&entry.response.names, "www-authenticate") => {
            entry.response.add("www-authenticate".into(), text);
        }
        Shape::Addresses if lacks(&entry.request.names, "x-forwarded-for") => {
            entry.request.add("x-forwarded-for".into(), text);
        }
        _ => {}
    }
}
