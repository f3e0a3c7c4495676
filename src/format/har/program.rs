//! The program that wrote a HAR: `creator`, or `browser` where there is no creator. Both may follow the entries.

use super::cursor::{Cursor, Fault, Read};
use super::outside::{Member, SHORT};
use super::{Har, Step};
use crate::format::{Sink, Window};
use crate::http::Text;

impl Har {
    /// `creator` or `browser`: the latter tells the recorder only if there is no creator.
    pub(super) fn program(
        &mut self,
        window: Window<'_>,
        mut cur: Cursor<'_>,
        member: Member,
        sink: &mut dyn Sink,
    ) -> Step {
        let start = cur.pos();
        let read = name_and_version(&mut cur);
        let end = if read == Err(Fault::More) { window.bytes.len() } else { cur.pos() };
        match read {
            Err(Fault::More) if end - start <= SHORT && !window.last => return Step::More(start),
            Ok((name, version)) if end - start <= SHORT => {
                if member == Member::Creator {
                    self.browser = None;
                    self.named = true;
                    sink.recorder(&name, &version);
                } else {
                    self.browser = Some((name, version));
                }
                return self.between(end);
            }
            Err(_) if end - start <= SHORT => return self.broken(window, start, "a whole object", sink),
            _ => {}
        }
        self.pass(b'{');
        Step::Go(start)
    }

    /// Tells the browser if no creator was told.
    pub(super) fn name_browser(&mut self, sink: &mut dyn Sink) {
        match self.browser.take() {
            Some((name, version)) if !self.named => sink.recorder(&name, &version),
            _ => {}
        }
    }
}

fn name_and_version(cur: &mut Cursor<'_>) -> Read<(String, String)> {
    let (mut name, mut version) = (Text::default(), Text::default());
    cur.bump();
    while let Some(key) = cur.key()? {
        match key {
            b"name" => name = cur.text()?.unwrap_or_default(),
            b"version" => version = cur.text()?.unwrap_or_default(),
            _ => cur.skip()?,
        }
    }
    Ok((name.lossy().into_owned(), version.lossy().into_owned()))
}
