//! What providers do, as data: profiles and the message table. The engine knows no provider's name.

mod choose;
mod messages;
mod needles;
mod pattern;
mod profile;

pub use choose::{OriginEvidence, Profiles};
pub use messages::{Class, Hit, Reply, Where, classes, scan};
pub use pattern::Pattern;
pub use profile::{Accepts, Endpoint, Message, PathSlip, Prefix, Profile, ProfileError, SigningScope, Variant};
pub(crate) use profile::{explain, glob, unknown};
