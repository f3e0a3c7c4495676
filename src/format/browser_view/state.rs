//! The state of reading: the section that is open.

use super::line::{General, Section, field, general, title};
use crate::format::Sink;
use crate::format::transcript::draft::{Answer, Draft};
use crate::format::transcript::head::Head;
use crate::format::transcript::line::Line;
use crate::format::transcript::{Dialect, Taken};
use crate::http::{Text, Why};

/// What the value on the next line belongs to.
#[derive(Clone, Debug)]
enum Awaited {
    General(General),
    Field(Text<'static>),
}

/// Reads such a text.
#[derive(Debug, Default)]
pub(in crate::format) struct BrowserView {
    draft: Option<Draft>,
    section: Section,
    /// Values stand below their names.
    below: bool,
    awaited: Option<Awaited>,
    /// Titles were left out: the request's fields begin with one of theirs.
    untitled: bool,
    form: String,
}

impl Dialect for BrowserView {
    fn opens(&self, line: &[u8]) -> bool {
        super::begins(line) || self.draft.is_some() && title(line).is_some()
    }

    fn line(&mut self, line: &Line<'_>, sink: &mut dyn Sink) -> Taken {
        let text = &line.text;
        if let Some(awaited) = self.awaited.take() {
            let next = title(text).is_some() || text.ends_with(b":") && field(text).is_some_and(|(_, v)| !v);
            if !next && !line.blank() {
                self.value(line, awaited);
                return Taken::Whole;
            }
            // An empty value.
            if let Awaited::Field(name) = awaited {
                self.push_field(name, line.part(0, 0));
            }
        }
        if let Some((what, value)) = general(text) {
            self.general(line, what, value, sink);
            return Taken::Whole;
        }
        if self.draft.is_none() {
            return Taken::No;
        }
        if let Some(section) = title(text) {
            self.open(section);
            return self.took(line);
        }
        if line.blank() {
            return self.took(line);
        }
        match self.section {
            Section::Body | Section::Payload => self.body(line),
            Section::Form => self.form(line),
            Section::Other => self.took(line),
            Section::General | Section::Response | Section::Request => self.field(line),
        }
    }

    fn end(&mut self, _last: bool, sink: &mut dyn Sink) {
        if let Some(Awaited::Field(name)) = self.awaited.take() {
            let at = name.at().end;
            self.push_field(name, Text::plain(b"", at).into_owned());
        }
        let Some(mut draft) = self.draft.take() else { return };
        let form = std::mem::take(&mut self.form);
        if !form.is_empty() {
            draft.sent.push_made(form.as_bytes(), draft.at);
        }
        draft.push(sink);
        self.section = Section::General;
    }
}

impl BrowserView {
    fn took(&mut self, line: &Line<'_>) -> Taken {
        if let Some(draft) = self.draft.as_mut().filter(|_| !line.blank()) {
            draft.reach(line.end());
        }
        Taken::Whole
    }

    fn general(&mut self, line: &Line<'_>, what: General, value: Option<usize>, sink: &mut dyn Sink) {
        if what == General::Url {
            self.end(false, sink);
            self.draft = Some(Draft { request: Head::unseen(), view: true, ..Draft::at(line.span()) });
            self.below = value.is_none();
            self.untitled = true;
        }
        self.section = Section::General;
        self.took(line);
        match value {
            Some(at) => self.told(line, what, at),
            None => self.awaited = Some(Awaited::General(what)),
        }
    }

    fn value(&mut self, line: &Line<'_>, awaited: Awaited) {
        self.took(line);
        let from = line.text.len() - line.text.trim_ascii_start().len();
        match awaited {
            Awaited::General(what) => self.told(line, what, from),
            Awaited::Field(name) => self.push_field(name, line.rest(from)),
        }
    }

    fn told(&mut self, line: &Line<'_>, what: General, at: usize) {
        let Some(draft) = &mut self.draft else { return };
        let end = line.text.trim_ascii_end().len().max(at);
        match what {
            General::Url => draft.target = line.part(at, end),
            General::Method => draft.method = line.part(at, end),
            General::Status => {
                let rest = line.text.get(at..end).unwrap_or_default();
                // A mark in colour may stand before it.
                let digits = |w: &[u8]| w.iter().all(u8::is_ascii_digit) && matches!(w.first(), Some(b'1'..=b'5'));
                let code = rest.windows(3).position(digits).map(|n| at + n);
                match code {
                    Some(code) => {
                        let reason = line.part((code + 4).min(end), end);
                        draft.answer = Some(Answer { reason, ..Answer::told(line, code, code + 3) });
                    }
                    None => draft.failure = Some(line.part(at, end)),
                }
            }
            General::Other => {}
        }
    }

    fn open(&mut self, section: Section) {
        self.section = section;
        self.untitled = false;
        let Some(draft) = &mut self.draft else { return };
        match section {
            Section::Request => draft.request.unseen = None,
            Section::Response => {
                if let Some(answer) = &mut draft.answer {
                    answer.head.unseen = None;
                }
            }
            _ => {}
        }
    }

    /// A field, or something else that stands among them.
    fn field(&mut self, line: &Line<'_>) -> Taken {
        let text = &line.text;
        let blanks = text.len() - text.trim_ascii_start().len();
        let Some((colon, value)) = text.get(blanks..).and_then(field) else { return self.stray(line) };
        let name = line.part(blanks, blanks + colon);
        if self.untitled {
            const ASKED: [&[u8]; 6] = [b":authority", b":method", b":path", b":scheme", b"host", b"accept"];
            let asked = self.section == Section::Request || ASKED.iter().any(|n| name.raw().eq_ignore_ascii_case(n));
            self.open(if asked { Section::Request } else { Section::Response });
            self.untitled = true;
        }
        self.took(line);
        match value {
            true => {
                let from = blanks + colon + 1;
                let skip = text.get(from..).unwrap_or_default().iter().take_while(|b| b.is_ascii_whitespace()).count();
                self.push_field(name, line.rest(from + skip));
            }
            false if self.below => self.awaited = Some(Awaited::Field(name)),
            false => self.push_field(name, line.rest(text.len())),
        }
        Taken::Whole
    }

    fn stray(&mut self, line: &Line<'_>) -> Taken {
        let text = line.text.trim_ascii();
        let Some(draft) = &mut self.draft else { return Taken::No };
        // The view's source begins with the first line of the message; blocked requests have made-up headers.
        if text.starts_with(b"Provisional headers are shown") {
            draft.request.unseen = Some(Why::NotRecorded);
            self.section = Section::Other;
        } else if matches!(text.first(), Some(b'{' | b'[')) {
            self.section = Section::Body;
            return self.body(line);
        } else if text.split(|b| *b == b' ').count() > 8 {
            return Taken::No;
        }
        self.took(line)
    }

    fn push_field(&mut self, name: Text<'static>, value: Text<'static>) {
        let Some(draft) = &mut self.draft else { return };
        if name.raw().starts_with(b":") {
            return;
        }
        match self.section {
            Section::Request => draft.request.push(name, value),
            _ => {
                if let Some(answer) = &mut draft.answer {
                    answer.head.push(name, value);
                }
            }
        }
    }

    fn body(&mut self, line: &Line<'_>) -> Taken {
        let payload = self.section == Section::Payload;
        let Some(draft) = &mut self.draft else { return Taken::No };
        draft.reach(line.end());
        match &mut draft.answer {
            _ if payload => draft.sent.line(line),
            Some(answer) => answer.body.line(line),
            None => return Taken::No,
        }
        Taken::Whole
    }

    /// `grant_type: password`
    fn form(&mut self, line: &Line<'_>) -> Taken {
        let text = line.text.trim_ascii();
        let pair = field(text).map(|(colon, _)| {
            let value = text.get(colon + 1..).unwrap_or_default().trim_ascii();
            (text.get(..colon).unwrap_or_default(), value)
        });
        let Some((name, value)) = pair else { return Taken::No };
        let encode = |part| percent_encoding::percent_encode(part, percent_encoding::NON_ALPHANUMERIC).to_string();
        if !self.form.is_empty() {
            self.form.push('&');
        }
        self.form.extend([&encode(name), "=", &encode(value)]);
        self.took(line)
    }
}
