//! What is told: JSON structs that have passed the mask, and one file a renderer.

pub mod baseline;
mod batch;
pub mod build;
mod cut;
mod fold;
pub mod github;
pub mod gitlab;
pub(crate) mod healthy;
pub mod html;
pub mod junit;
pub mod markdown;
pub mod model;
pub mod ndjson;
mod overview;
mod place;
pub mod reply;
pub mod rows;
pub mod sarif;
pub mod sequence;
pub mod sink;
mod snapshot;
pub mod text;
pub mod trace;
mod words;

pub use build::Block;
pub use model::Report;
pub use overview::render;
pub use snapshot::to_snapshot;
#[cfg(feature = "cli")]
pub(crate) use words::group_line as listed_rules;
pub use words::{count as words_of, thousands};

/// The JSON Schema (2020-12) of the report, version 1.
#[cfg(feature = "cli")]
pub fn schema() -> String {
    serde_json::to_string_pretty(&schemars::schema_for!(Report)).unwrap_or_default()
}

/// The report as one line of JSON.
///
/// # Errors
/// None in practice: every key is a text.
pub fn to_json(report: &Report) -> Result<String, serde_json::Error> {
    serde_json::to_string(report)
}
