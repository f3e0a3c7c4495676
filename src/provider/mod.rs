//! What providers do, as data: profiles and the message table. The engine knows no provider's name.

mod check;
mod choose;
mod class;
mod messages;
mod needles;
mod pattern;
mod profile;
mod reply;
mod schema;

pub(crate) use check::{explain, unknown};
pub use choose::{OriginEvidence, Profiles};
pub use class::Class;
pub use messages::{Hit, Where, of_trade, scan};
pub use pattern::Pattern;
pub(crate) use profile::glob;
pub use profile::{Accepts, Profile, ProfileError};
pub use reply::{Reply, classes};
pub use schema::{Endpoint, Message, PathSlip, Prefix, SigningScope, Variant};
