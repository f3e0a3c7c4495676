//! What is told: JSON structs that have passed the mask, and one file a renderer.

pub mod build;
pub mod model;
pub mod rows;
pub mod text;

pub use build::Block;
pub use model::Report;

/// The report as one line of JSON.
///
/// # Errors
/// None in practice: every key is a text.
pub fn to_json(report: &Report) -> Result<String, serde_json::Error> {
    serde_json::to_string(report)
}
