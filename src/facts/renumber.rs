//! Gives the rows of a stretch the numbers of the whole capture. Texts become ours only if a row that is kept has them.

use super::{Detail, Fact, Line, Place, StrId, Strings, ValueId, Values};

/// Rewrites the numbers of a stretch.
pub(super) struct Renumber<'m> {
    texts: &'m Strings,
    secrets: &'m Values,
    /// Our numbers of their texts and values, as far as they were asked for.
    strings: Vec<Option<StrId>>,
    values: Vec<Option<ValueId>>,
}

/// Our tables.
pub(super) struct Ours<'o> {
    pub(super) strings: &'o mut Strings,
    pub(super) values: &'o mut Values,
}

impl<'m> Renumber<'m> {
    pub(super) fn new(texts: &'m Strings, secrets: &'m Values) -> Self {
        Self { strings: vec![None; texts.len()], values: vec![None; secrets.len()], texts, secrets }
    }

    /// Takes all of their values, in their order: short captures number them as they come.
    pub(super) fn all_values(&mut self, ours: &mut Values) {
        for (id, bytes, kind) in self.secrets.iter() {
            if let Some(slot) = self.values.get_mut(id.0 as usize) {
                *slot = Some(ours.id(bytes, kind));
            }
        }
    }

    pub(super) fn string(&mut self, id: &mut StrId, ours: &mut Strings) {
        *id = self.our(*id, ours);
    }

    /// Our number of a text of theirs.
    pub(super) fn our(&mut self, id: StrId, ours: &mut Strings) -> StrId {
        let Some(known) = self.strings.get_mut(id.0 as usize) else { return id };
        *known.get_or_insert_with(|| ours.id(self.texts.get(id)))
    }

    fn value(&mut self, id: &mut ValueId, ours: &mut Values) {
        let Some(known) = self.values.get_mut(id.0 as usize) else { return };
        *id = *known.get_or_insert_with(|| ours.id(self.secrets.get(*id), self.secrets.kind(*id)));
    }

    /// The row, in our numbers.
    pub(super) fn row(&mut self, fact: &mut Fact, ours: &mut Ours<'_>) {
        if let Some(d) = &mut fact.detail {
            for id in &mut d.secrets {
                self.value(id, ours.values);
            }
        }
        self.string(&mut fact.path, ours.strings);
        for id in [&mut fact.method, &mut fact.origin, &mut fact.route, &mut fact.actor, &mut fact.server] {
            self.string(id, ours.strings);
        }
        for u in &mut fact.uses {
            self.value(&mut u.value, ours.values);
            self.string(&mut u.scheme, ours.strings);
            match &mut u.place {
                Place::Header(s) | Place::Query(s) | Place::Cookie(s) | Place::Field(s) => self.string(s, ours.strings),
                Place::Userinfo | Place::Path => {}
            }
        }
        if let Some(d) = &mut fact.detail {
            self.detail(d, ours);
        }
    }

    fn detail(&mut self, d: &mut Detail, ours: &mut Ours<'_>) {
        let typed = d.typed.iter_mut().flat_map(|t| &mut t.headers);
        let bodies = d.body.iter_mut().chain(&mut d.answer);
        let mut lines: Vec<&mut Line> = vec![&mut d.url];
        for body in bodies {
            lines.push(&mut body.head);
            lines.extend(body.fields.iter_mut().map(|f| &mut f.line));
        }
        lines.extend(d.query.iter_mut().chain(&mut d.fragment).map(|f| &mut f.line));
        lines.extend(d.request.iter_mut().chain(&mut d.odd).chain(&mut d.response).chain(typed));
        lines.extend(d.failure.as_deref_mut());
        for line in lines {
            self.string(&mut line.name, ours.strings);
            for m in &mut line.marks {
                self.value(&mut m.value, ours.values);
            }
        }
        for i in &mut d.issues {
            self.value(&mut i.value, ours.values);
        }
    }
}
