//! What is told: JSON structs that have passed the mask, and one file a renderer.

mod batch;
pub mod build;
mod cut;
mod fold;
pub mod model;
mod overview;
mod place;
pub mod rows;
pub mod text;
mod words;

pub use build::Block;
pub use model::Report;
pub use overview::render;
pub use words::thousands;

/// The report as one line of JSON.
///
/// # Errors
/// None in practice: every key is a text.
pub fn to_json(report: &Report) -> Result<String, serde_json::Error> {
    serde_json::to_string(report)
}
