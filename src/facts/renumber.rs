//! Gives the rows of a stretch the numbers of the whole capture. Texts become ours only if a row that is kept has them.

use super::{Detail, Fact, Line, Place, StrId, Strings, ValueId};

/// Rewrites the numbers of a stretch.
pub(super) struct Renumber<'m> {
    theirs: &'m Strings,
    ours: &'m mut Strings,
    /// Our numbers of their texts, as far as they were asked for.
    known: Vec<Option<StrId>>,
    values: Vec<ValueId>,
}

impl<'m> Renumber<'m> {
    pub(super) fn new(theirs: &'m Strings, ours: &'m mut Strings, values: Vec<ValueId>) -> Self {
        Self { known: vec![None; theirs.len()], theirs, ours, values }
    }

    pub(super) fn string(&mut self, id: &mut StrId) {
        let Some(known) = self.known.get_mut(id.0 as usize) else { return };
        *id = *known.get_or_insert_with(|| self.ours.id(self.theirs.get(*id)));
    }

    fn value(&self, id: &mut ValueId) {
        if let Some(new) = self.values.get(id.0 as usize) {
            *id = *new;
        }
    }

    /// What tells whether a row is kept: everything but its path.
    pub(super) fn head(&mut self, fact: &mut Fact) {
        for id in [&mut fact.method, &mut fact.origin, &mut fact.route, &mut fact.actor, &mut fact.server] {
            self.string(id);
        }
        for u in &mut fact.uses {
            self.value(&mut u.value);
            self.string(&mut u.scheme);
            match &mut u.place {
                Place::Header(s) | Place::Query(s) | Place::Cookie(s) | Place::Field(s) => self.string(s),
                Place::Userinfo | Place::Path => {}
            }
        }
        if let Some(d) = &mut fact.detail {
            self.detail(d);
        }
    }

    fn detail(&mut self, d: &mut Detail) {
        let typed = d.typed.iter_mut().flat_map(|t| &mut t.headers);
        let bodies = d.body.iter_mut().chain(&mut d.answer);
        let mut lines: Vec<&mut Line> = vec![&mut d.url];
        for body in bodies {
            lines.push(&mut body.head);
            lines.extend(body.fields.iter_mut().map(|f| &mut f.line));
        }
        lines.extend(d.query.iter_mut().chain(&mut d.fragment).map(|f| &mut f.line));
        lines.extend(d.request.iter_mut().chain(&mut d.odd).chain(&mut d.response).chain(&mut d.failure).chain(typed));
        for line in lines {
            self.string(&mut line.name);
            for m in &mut line.marks {
                self.value(&mut m.value);
            }
        }
        for i in &mut d.issues {
            self.value(&mut i.value);
        }
    }
}
