//! The exchange that an object tells of.

use std::fmt::Write as _;
use std::ops::Range;

use super::inspect::{Value, decode};
use super::state::Block;
use crate::format::curl::line::request_line;
use crate::format::transcript::draft::{Answer, Draft};
use crate::format::transcript::head::{Head, name};
use crate::http::{Origin, Text, Why};

/// An object of axios.
pub(super) struct Found<'b> {
    block: &'b Block,
    root: &'b Value,
}

impl<'b> Found<'b> {
    pub(super) fn new(block: &'b Block, root: &'b Value) -> Self {
        Self { block, root }
    }

    /// A value behind one of several paths.
    fn any(&self, paths: &[&[&str]]) -> Option<&'b Value> {
        paths.iter().find_map(|path| self.root.path(&self.block.text, path))
    }

    fn text(&self, value: &Value) -> Option<Text<'static>> {
        match value {
            Value::Text(pieces) => Some(self.joined(pieces)),
            Value::Word(range) => Some(self.block.part(range.clone())),
            _ => None,
        }
    }

    fn joined(&self, pieces: &[Range<usize>]) -> Text<'static> {
        let raw = |r: &Range<usize>| self.block.text.get(r.clone()).unwrap_or_default();
        if let [piece] = pieces
            && !raw(piece).contains(&b'\\')
        {
            return self.block.part(piece.clone());
        }
        let bytes: Vec<u8> = pieces.iter().flat_map(|p| decode(raw(p))).collect();
        let parts = pieces.iter().map(|p| self.block.part(p.clone()).at());
        Text::made(bytes, parts.reduce(|a, b| a.join(b)).unwrap_or(self.block.at))
    }

    /// The exchange; nothing if the object is no request of axios.
    pub(super) fn draft(&self) -> Option<Draft> {
        let wire = self.any(&[
            &["request", "_header"],
            &["response", "request", "_header"],
            &["config", "request", "_header"],
        ]);
        let url = self.url();
        if wire.is_none() && url.is_none() {
            return None;
        }
        let mut draft = Draft { view: true, ..Draft::at(self.block.at) };
        draft.request = self.given();
        if let Some(method) = self.any(&[&["config", "method"], &["response", "config", "method"]]) {
            let method = self.text(method)?;
            draft.method = Text::made(method.raw().to_ascii_uppercase(), method.at());
        }
        draft.target = url.unwrap_or_default();
        if let Some(Value::Text(pieces)) = wire {
            self.sent(&mut draft, pieces);
        }
        let body = self.any(&[&["config", "data"], &["response", "config", "data"]]);
        if let Some(Value::Text(pieces)) = body {
            let text = self.joined(pieces);
            draft.sent.push_made(text.raw(), text.at());
        }
        draft.sent_seen = draft.request.unseen.is_none();
        draft.answer = self.answer();
        if draft.answer.is_none() {
            let code = self.any(&[&["code"]]).and_then(|c| self.text(c));
            draft.failure = code.filter(|c| !c.raw().starts_with(b"ERR_BAD_"));
        }
        Some(draft)
    }

    /// The URL as axios was given it: with its base, without its parameters.
    fn url(&self) -> Option<Text<'static>> {
        let url = self.any(&[&["config", "url"], &["response", "config", "url"]]).and_then(|u| self.text(u))?;
        let base = self.any(&[&["config", "baseURL"], &["response", "config", "baseURL"]]).and_then(|u| self.text(u));
        let absolute = memchr::memmem::find(url.raw(), b"://").is_some();
        Some(match base.filter(|b| !absolute && matches!(b.raw().first(), Some(b'h' | b'/'))) {
            Some(base) => {
                let base_bytes = base.raw().strip_suffix(b"/").unwrap_or(base.raw());
                let path = url.raw().strip_prefix(b"/").unwrap_or(url.raw());
                Text::made([base_bytes, b"/", path].concat(), url.at())
            }
            None => url,
        })
    }

    /// The headers that axios was given: without what the browser or `auth` adds.
    fn given(&self) -> Head {
        let shown = self.any(&[&["config", "headers"], &["response", "config", "headers"]]);
        let mut head = shown.map_or_else(Head::unseen, |h| self.fields(h));
        head.unseen = Some(Why::NotRecorded);
        head
    }

    fn fields(&self, headers: &Value) -> Head {
        let Value::Object(members) = headers else { return Head::unseen() };
        let mut head = Head::default();
        for (key, value) in members {
            let values = match value {
                Value::List(items) => items.as_slice(),
                one => std::slice::from_ref(one),
            };
            for text in values.iter().filter_map(|v| self.text(v)).filter(|t| t.raw() != b"undefined") {
                head.push(self.block.part(key.clone()), text);
            }
        }
        head
    }

    /// `'GET /x HTTP/1.1\r\n' +` and the lines behind it: what Node sent.
    fn sent(&self, draft: &mut Draft, pieces: &[Range<usize>]) {
        let raw = |r: &Range<usize>| self.block.text.get(r.clone()).unwrap_or_default();
        let mut head = Head::default();
        let mut first = true;
        for piece in pieces {
            let mut start = piece.start;
            // A short head stands in one string.
            while let Some(length) = memchr::memmem::find(raw(&(start..piece.end)), b"\\r\\n") {
                let line = start..start + length;
                start = line.end + 4;
                if !std::mem::take(&mut first) {
                    self.field(&mut head, line);
                } else if !self.first_line(draft, line) {
                    return;
                }
            }
        }
        draft.request = head;
        draft.origin = Origin::Wire;
    }

    /// The request line of a head.
    fn first_line(&self, draft: &mut Draft, line: Range<usize>) -> bool {
        let text = self.block.text.get(line.clone()).unwrap_or_default();
        let Some((method, target)) = request_line(text) else { return false };
        let path = line.start + method + 1;
        draft.method = self.block.part(line.start..line.start + method);
        draft.version = self.block.part(path + target + 1..line.end);
        let scheme = memchr::memmem::find(draft.target.raw(), b"://");
        draft.scheme = scheme.and_then(|at| draft.target.raw().get(..at)).map(<[u8]>::to_vec);
        draft.target = self.block.part(path..path + target);
        true
    }

    fn field(&self, head: &mut Head, line: Range<usize>) {
        let text = self.block.text.get(line.clone()).unwrap_or_default();
        let Some(colon) = name(text).map(|n| line.start + n) else { return };
        let blank = usize::from(self.block.text.get(colon + 1) == Some(&b' '));
        head.push(
            self.block.part(line.start..colon),
            self.joined(std::slice::from_ref(&(colon + 1 + blank..line.end))),
        );
    }

    fn answer(&self) -> Option<Answer> {
        let nested = self.root.member(&self.block.text, "response");
        let found = match nested {
            Some(Value::Object(_)) => nested?,
            _ => self.root,
        };
        let member = |name| found.member(&self.block.text, name);
        let status = member("status").or_else(|| self.any(&[&["status"]])).and_then(|s| self.text(s))?;
        let number = std::str::from_utf8(status.raw()).ok()?.parse::<u16>().ok().filter(|n| (100..600).contains(n))?;
        let mut answer = Answer { status: number, code: status.at(), ..Answer::default() };
        answer.reason = member("statusText").and_then(|t| self.text(t)).unwrap_or_default();
        answer.head =
            member("headers").filter(|h| matches!(h, Value::Object(_))).map_or_else(Head::unseen, |h| self.fields(h));
        match member("data") {
            Some(Value::Text(pieces)) => {
                let text = self.joined(pieces);
                answer.body.push_made(text.raw(), text.at());
            }
            Some(value @ (Value::Object(_) | Value::List(_))) => {
                let mut json = String::new();
                self.json(value, &mut json);
                answer.body.push_made(json.as_bytes(), self.place(value));
            }
            _ => {}
        }
        Some(answer)
    }

    /// Where a value stands.
    fn place(&self, value: &Value) -> crate::http::Span {
        match value {
            Value::Text(pieces) => self.joined(pieces).at(),
            Value::Word(range) => self.block.part(range.clone()).at(),
            Value::Object(members) => {
                let all = members.iter().map(|(k, v)| self.block.part(k.clone()).at().join(self.place(v)));
                all.reduce(|a, b| a.join(b)).unwrap_or(self.block.at)
            }
            Value::List(items) => items.iter().map(|v| self.place(v)).reduce(|a, b| a.join(b)).unwrap_or(self.block.at),
        }
    }

    /// The JSON that the answer was parsed from, as far as it is shown.
    fn json(&self, value: &Value, out: &mut String) {
        match value {
            Value::Text(pieces) => quote(&self.joined(pieces).lossy(), out),
            Value::Word(range) => {
                let word = self.block.part(range.clone());
                let word = word.lossy();
                let plain =
                    matches!(word.as_ref(), "true" | "false" | "null") || word.parse::<f64>().is_ok_and(f64::is_finite);
                if plain { out.push_str(&word) } else { quote(&word, out) }
            }
            Value::Object(members) => {
                out.push('{');
                for (n, (key, value)) in members.iter().enumerate() {
                    out.push_str(if n > 0 { "," } else { "" });
                    quote(&self.block.part(key.clone()).lossy(), out);
                    out.push(':');
                    self.json(value, out);
                }
                out.push('}');
            }
            Value::List(items) => {
                out.push('[');
                for (n, value) in items.iter().enumerate() {
                    out.push_str(if n > 0 { "," } else { "" });
                    self.json(value, out);
                }
                out.push(']');
            }
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
