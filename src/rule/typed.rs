//! What the command as a person typed it adds to a finding.

use super::{Evidence, Finding, Part};
use crate::trace::Ex;

/// The shell cut the typed command at an `&` outside of quotes: that is said, and what to type instead.
pub(super) fn unquoted(f: Finding, ex: Ex<'_>) -> Finding {
    let Some(name) = ex.detail().and_then(|d| d.typed.as_ref()).and_then(|t| t.lost.as_deref()) else { return f };
    let name: String = name.chars().take(40).collect();
    let mut f = f
        .see(Evidence::row(
            ex.id(),
            Part::Say(format!("typed: the shell cut the command before \"&{name}\", so the rest was not sent")),
        ))
        .fix("put the URL and the data in quotes, else the shell ends the command at &");
    f.fix.paste = vec![format!("curl ... '...&{name}=...'")];
    f
}
