//! JSON of any size, read piece by piece: a lenient cursor, a skipper, and a walk over the objects of lists.

pub(crate) mod cursor;
pub(crate) mod elements;
pub(crate) mod skip;
