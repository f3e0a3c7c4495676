//! Words that the rules about the capture share.

use crate::trace::Ex;

/// `401`, or that the status is not known.
pub(super) fn answered(ex: Ex<'_>) -> String {
    match ex.status() {
        0 => "something that was not recorded".to_owned(),
        s => s.to_string(),
    }
}
