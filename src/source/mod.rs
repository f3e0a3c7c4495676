//! Where bytes come from: paths to inputs, inputs to captures, captures to windows.
//!
//! [`walk`](fn@walk) makes a list of [`Input`]s from what the user named. [`open`](fn@open) unpacks one input and hands
//! each capture in it to a [`Visitor`]. [`feed`] gives a stream to a reader window by window, [`feed_parallel`] gives
//! a big file to several. Only [`transcode`] and [`Limits`] exist without the feature `cli`: they need no files.

#[cfg(feature = "cli")]
mod archive;
#[cfg(feature = "cli")]
mod blocks;
#[cfg(feature = "cli")]
mod buffer;
#[cfg(feature = "cli")]
mod bytes;
#[cfg(feature = "cli")]
mod error;
mod limits;
#[cfg(feature = "cli")]
mod open;
#[cfg(feature = "cli")]
mod parallel;
#[cfg(feature = "cli")]
mod patterns;
#[cfg(feature = "cli")]
mod playwright;
#[cfg(feature = "cli")]
mod saz;
pub mod transcode;
#[cfg(feature = "cli")]
mod unpack;
#[cfg(feature = "cli")]
mod walk;

pub use limits::{Limits, parse_size};

#[cfg(feature = "cli")]
pub use self::{
    blocks::{WindowSink, feed},
    bytes::Stretch,
    error::SourceError,
    open::{Body, Piece, Visitor, open, open_stream},
    parallel::{Parallel, feed_parallel},
    walk::{Input, Kind, Origin, Walked, walk},
};

#[cfg(all(test, feature = "cli"))]
mod testing;
